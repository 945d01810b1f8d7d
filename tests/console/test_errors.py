"""Errors: from a count to the group, its events, their stacks, what came before, and the event as it was sent."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LIST = "demo/errors?range=14d"
BASKET = "ReferenceError: basket is not defined in addToBasket"
DECLINED = "Error: Payment * was declined in pay"


def rows(console):
    return console.panel("groups").locator("tbody tr")


def open_group(console, title):
    console.open(LIST)
    console.panel("groups").get_by_role("link", name=title).click()
    console.panel("sample").wait_for()
    console.settled()


def raw_event(console):
    return json.loads(console.panel("sample").get_by_role("region", name="The event as it was sent").inner_text())


def numbers(console, group):
    """The numbers of a group of cards, by their label."""
    found = {}
    for card in console.page.get_by_role("group", name=group).get_by_role("button").all():
        label, value = card.inner_text().split("\n")[:2]
        found[label] = value
    return found


def test_the_count_of_errors_is_that_of_their_groups_and_what_is_new_says_so(console):
    console.open(LIST.replace("14d", "7d"))
    counts = console.panel("groups").locator("tbody td:nth-child(3)").all_inner_texts()
    assert len(counts) >= 4
    assert numbers(console, "Numbers of errors")["Errors"] == str(sum(map(int, counts)))
    new = console.panel("groups").get_by_role("row", name="RangeError: invalid date in formatDelivery")
    assert new.get_by_text("New in 1.5.0").is_visible()
    assert console.panel("groups").get_by_role("row", name=BASKET).get_by_text("New in").count() == 0


def test_it_is_three_clicks_from_the_overview_to_the_raw_event(console):
    console.open("demo/overview?range=14d")
    console.page.get_by_role("link", name="Errors", exact=True).click()
    console.panel("groups").get_by_role("row", name=DECLINED).locator("td").nth(2).get_by_role("link").click()
    console.panel("sample").get_by_role("radio", name="Raw JSON").click()
    event = raw_event(console)
    assert event["event_type"] == "com.amazon.rum.js_error_event"
    assert re.fullmatch(r"Payment \d+ was declined", event["event_details"]["message"])


def test_groups_are_walked_by_keys_and_the_back_button_returns(console):
    console.open(LIST)
    titles = rows(console).locator("a.title").all_inner_texts()
    console.keys("j", "j", "Enter")
    heading = console.page.locator(".page h2").first
    expect(heading).to_have_text(titles[1])
    console.keys("]")
    expect(heading).to_have_text(titles[2])
    console.keys("[", "[")
    expect(heading).to_have_text(titles[0])
    for title in (titles[1], titles[2], titles[1]):
        console.page.go_back()
        expect(heading).to_have_text(title)
    console.page.go_back()
    console.wait_for_path("demo/errors")


def test_the_list_is_sorted_in_the_address_and_sought_as_one_writes(console):
    console.open(LIST)
    console.panel("groups").get_by_role("button", name="Error", exact=True).click()
    console.wait_for_state(sort="title.up")
    titles = rows(console).locator("a.title").all_inner_texts()
    assert len(titles) > 1
    assert titles == sorted(titles, key=str.lower)
    console.keys("/")
    console.page.keyboard.type("BASKET")
    expect(rows(console)).to_have_count(1)
    assert BASKET in rows(console).inner_text()
    console.page.keyboard.type("zzz")
    assert console.page.get_by_text("No error has “BASKETzzz” in its title").is_visible()


def test_the_sites_own_calls_stand_out_and_those_of_libraries_are_folded(console):
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_group(console, BASKET)
    stack = console.panel("sample").get_by_role("list", name="Stack, innermost call first")
    assert stack.locator(".own .function").all_inner_texts() == ["addToBasket", "onclick"]
    assert stack.get_by_text("vendor").count() == 0
    stack.get_by_role("button", name="2 calls of libraries and the browser").click()
    assert stack.get_by_text("vendor.77aa01.js").count() == 2
    console.button("Copy stack").click()
    console.page.get_by_text("Stack copied").wait_for()
    copied = console.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("ReferenceError: basket is not defined\n    at addToBasket (")


def test_events_of_a_group_are_turned_by_keys(console):
    open_group(console, BASKET)
    sample = console.panel("sample")
    sample.get_by_role("radio", name="Raw JSON").click()
    newest = raw_event(console)
    console.keys("j")
    expect(sample.get_by_text(re.compile(r"^2 of "))).to_be_visible()
    older = raw_event(console)
    assert older["event_timestamp"] < newest["event_timestamp"]
    console.wait_for_state(event=older["event_id"], tab="raw")
    console.page.reload()
    console.settled()
    assert raw_event(console) == older
    console.keys("k")
    expect(sample.get_by_text(re.compile(r"^1 of "))).to_be_visible()


def test_what_came_before_leads_into_the_session(console):
    open_group(console, BASKET)
    console.panel("sample").get_by_role("radio", name="What came before").click()
    trail = console.panel("sample").get_by_role("list", name="What came before").get_by_role("listitem")
    expect(trail.filter(has_text="Page view").first).to_be_visible()
    assert trail.filter(has_text="Resource").count() == 0
    console.panel("sample").get_by_role("radio", name="Everything").click()
    resource = trail.filter(has_text="Resource").first
    expect(resource).to_be_visible()
    resource.get_by_role("link").click()
    console.page.wait_for_url(re.compile(r"/console/demo/sessions/[0-9a-f-]{36}\?.*event=[0-9a-f-]{36}"))


def test_a_value_beside_the_group_filters_it_and_its_number_leads_to_the_sessions(console):
    open_group(console, DECLINED)
    item = console.path
    browsers = console.panel("browsers")
    browsers.get_by_role("button", name="Browser is Chrome").click()
    console.wait_for_state(f="browser.is.Chrome")
    console.settled()
    assert console.path == item
    assert browsers.locator("button.value").all_inner_texts() == ["Chrome"]
    browsers.get_by_role("row", name="Chrome").get_by_role("link").click()
    console.wait_for_path("demo/sessions")
    assert console.chips() == ["Browser is Chrome", f"Error group is {item.rpartition('/')[2]}"]


def test_every_number_becomes_the_chart_and_fewer_errors_are_for_the_better(console):
    console.open(f"{LIST}&compare=previous")
    for label, title in (
        ("Sessions affected", "Sessions with errors"),
        ("Error-free sessions", "Error-free sessions"),
        ("Users affected", "Users affected"),
    ):
        console.page.get_by_role("group", name="Numbers of errors").get_by_role("button", name=label).click()
        console.settled()
        assert console.panel("trend").locator("h2").inner_text() == f"{title} over time"
    shares = numbers(console, "Numbers of errors")
    assert re.fullmatch(r"9\d(\.\d)?%", shares["Error-free sessions"])


def test_a_group_that_did_not_happen_says_what_to_do(console):
    console.open("demo/errors/0123456789abcdef?range=24h")
    assert console.page.get_by_text("This error did not happen in this time").is_visible()
    console.button("Look at 28 days").click()
    console.wait_for_state(range="28d")
    console.open("demo/errors?range=7d&f=browser.is.Netscape")
    console.panel("groups").get_by_role("button", name="Without “Browser is Netscape”").click()
    console.wait_for_state(f=None)


def test_on_a_phone_neither_the_list_nor_a_group_is_wider_than_the_screen(phone):
    phone.open(LIST)
    wide = "() => document.scrollingElement.scrollWidth"
    assert phone.page.evaluate(wide) <= 390
    phone.panel("groups").get_by_role("link", name=BASKET).click()
    phone.panel("sample").wait_for()
    phone.settled()
    assert phone.page.evaluate(wide) <= 390
    assert phone.panel("sample").get_by_text("addToBasket").first.is_visible()
