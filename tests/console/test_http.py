"""HTTP: from the count of failures to the route, a single request, and the event as it was sent."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LIST = "demo/http?range=14d"
PAYMENTS = "demo/http/POST/api.shop.example/v1/payments?range=14d"
RECOMMENDATIONS = "demo/http/GET/api.shop.example/v1/recommendations?range=14d"
STATUS = 1  # among the cells of a request


def card(console, label):
    return console.page.get_by_role("group", name="Numbers of requests").get_by_role("button", name=label, exact=False)


def column(console, head):
    heads = [each.inner_text() for each in console.panel("routes").locator("thead th").all()]
    return console.panel("routes").locator(f"tbody td:nth-child({heads.index(head) + 1})").all_inner_texts()


def outcomes(console):
    """How the requests in the list ended, in a word each."""
    console.settled()
    return [
        text.split()[0]
        for text in console.panel("requests").locator(f"tbody td:nth-child({STATUS + 1})").all_inner_texts()
    ]


def side(console):
    return console.page.locator("aside")


def raw_event(console):
    return json.loads(side(console).get_by_role("region", name="The event as it was sent").inner_text())


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+) (ms|s)", text).groups()
    return float(number) * (1000 if unit == "s" else 1)


def test_the_counts_of_kinds_are_those_of_the_routes(console):
    console.open(LIST)
    for label, head in (("4xx", "4xx"), ("5xx", "5xx"), ("No answer", "No answer")):
        total = sum(int(text) for text in column(console, head))
        assert card(console, label).inner_text().split("\n")[1] == str(total) != "0"
    assert len(column(console, "Route")) == 6


def test_it_is_three_clicks_from_the_count_of_5xx_to_the_raw_event(console):
    console.open(LIST)
    card(console, "5xx").click()
    console.wait_for_state(metric="5xx", sort="http_5xx")
    console.settled()
    counts = [int(text) for text in column(console, "5xx")]
    assert counts == sorted(counts, reverse=True)
    worst = console.panel("routes").locator("tbody tr").first
    worst.locator("td").nth(4).get_by_role("link").click()
    console.panel("requests").locator("tbody tr").first.locator("time").click()
    event = raw_event(console)
    assert event["event_type"] == "com.amazon.rum.http_event"
    assert 500 <= event["event_details"]["response"]["status"] <= 599


def test_requests_of_a_route_are_told_apart_by_how_they_ended(console):
    console.open(PAYMENTS)
    which = console.panel("requests").get_by_role("radiogroup")
    for name, wanted in (("4xx", r"4\d\d"), ("5xx", r"5\d\d"), ("No answer", "No")):
        which.get_by_role("radio", name=name).click()
        found = outcomes(console)
        assert found, name
        assert all(re.fullmatch(wanted, each) for each in found), (name, found)
    which.get_by_role("radio", name="All").click()
    console.wait_for_state(show="newest")
    assert "200" in outcomes(console)


def test_the_slowest_requests_come_slowest_first(console):
    console.open(f"{RECOMMENDATIONS}&show=slowest")
    took = [milliseconds(text) for text in console.panel("requests").locator("tbody td:nth-child(3)").all_inner_texts()]
    assert len(took) == 15
    assert took == sorted(took, reverse=True)
    console.panel("requests").locator("tbody tr").first.locator("time").click()
    assert raw_event(console)["event_type"] == "com.amazon.rum.xray_trace_event"


def test_a_request_opens_beside_the_list_and_keys_go_on_to_the_next(console):
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.open(RECOMMENDATIONS)
    console.panel("requests").locator("tbody tr").first.locator("time").click()
    first = raw_event(console)
    console.keys("j")
    expect(side(console).get_by_role("region", name="The event as it was sent")).not_to_contain_text(first["event_id"])
    console.keys("k")
    expect(side(console).get_by_role("region", name="The event as it was sent")).to_contain_text(first["event_id"])
    side(console).get_by_role("button", name="Copy trace id").click()
    console.page.get_by_text("Trace id copied").wait_for()
    assert console.page.evaluate("() => navigator.clipboard.readText()") == first["event_details"]["trace_id"]
    session = side(console).get_by_role("link", name=first["user_details"]["sessionId"][:8]).get_attribute("href")
    assert f"sessions/{first['user_details']['sessionId']}" in session
    console.keys("Escape")
    side(console).wait_for(state="detached")
    console.page.go_back()
    side(console).wait_for()
    console.page.go_back()
    side(console).wait_for(state="detached")
    assert console.path.endswith("/v1/recommendations")


def test_a_request_has_the_duration_of_its_trace_and_a_route_without_traces_says_why_it_has_none(console):
    console.open(RECOMMENDATIONS)
    console.panel("requests").locator("tbody tr").first.locator("time").click()
    assert re.search(r"\d m?s$", side(console).locator(".outcome").inner_text())
    console.open("demo/http/POST/collect.stats.example/beacon?range=14d")
    assert console.page.get_by_text("no request of this route was traced").is_visible()
    console.panel("requests").get_by_role("radio", name="Slowest").click()
    console.panel("requests").get_by_text("No request of this route was traced").wait_for()


def test_what_failures_said_is_counted(console):
    console.open(RECOMMENDATIONS)
    counts = [int(text) for text in console.panel("messages").locator("[data-number]:nth-child(2)").all_inner_texts()]
    failed = console.page.locator("dt", has_text="Failed").locator("xpath=following-sibling::dd").inner_text()
    assert sum(counts) == int(failed.split()[0])
    assert console.panel("messages").get_by_text("503 Service Unavailable").is_visible()


def test_a_third_party_is_named_its_host_filters_and_a_filter_that_takes_everything_is_named(console):
    console.open(LIST)
    row = console.panel("routes").get_by_role("row", name="/beacon")
    assert row.get_by_text("Third party").is_visible()
    row.get_by_role("button", name="Request host is collect.stats.example").click()
    console.wait_for_state(f="http_host.is.collect.stats.example")
    console.settled()
    assert column(console, "Route") == ["POST /beacon\ncollect.stats.example\nThird party"]
    console.open("demo/http?range=7d&f=browser.is.Netscape")
    console.panel("routes").get_by_role("button", name="Without “Browser is Netscape”").click()
    console.wait_for_state(f=None)


def test_durations_follow_the_percentile_and_the_list_is_sorted_by_them(console):
    console.open(LIST)
    card(console, "Duration p75").click()
    console.wait_for_state(metric="duration", sort="duration_p75")
    console.keys("9")
    card(console, "Duration p90").wait_for()
    console.settled()
    assert console.panel("trend").locator("h2").inner_text() == "Request duration p90 over time"
    console.page.go_back()
    card(console, "Duration p75").wait_for()
    took = [milliseconds(text.split("\n")[0]) for text in column(console, "p75") if re.match(r"\d", text)]
    assert took == sorted(took, reverse=True)


def test_brackets_go_to_the_routes_beside_it_in_the_list(console):
    console.open(LIST)
    routes = [link.get_attribute("href") for link in console.panel("routes").locator("a.title").all()]
    console.panel("routes").locator("a.title").first.click()
    console.panel("requests").wait_for()
    console.settled()
    console.keys("]")
    console.page.wait_for_url(f"**{routes[1]}")
    console.keys("[")
    console.page.wait_for_url(f"**{routes[0]}")
    console.page.get_by_role("link", name="All routes").click()
    console.wait_for_path("demo/http")


def test_on_a_phone_neither_list_nor_route_nor_request_is_wider_than_the_screen(phone):
    wide = "() => document.scrollingElement.scrollWidth"
    phone.open(LIST)
    assert phone.page.evaluate(wide) <= 390
    phone.panel("routes").get_by_role("link", name="/v1/payments").click()
    phone.panel("requests").locator("tbody tr").first.locator("time").click()
    side(phone).wait_for()
    assert phone.page.evaluate(wide) <= 390
    assert side(phone).bounding_box()["width"] <= 390
