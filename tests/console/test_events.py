"""Events: facets that narrow them down, one by one to the JSON, and live as they come in."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.console.conftest import tab
from tests.console.sent import batch, event, send
from tests.crash.load import public_monitor

pytestmark = [pytest.mark.slow, pytest.mark.browser]

EVENTS = "demo/events?range=7d"
SEEN_WITHIN_S = 4  # two where nothing else runs; many tests share the machine


def facet(console, dimension):
    return console.page.locator(f"[data-facet={dimension}]")


def value(console, dimension, text):
    return facet(console, dimension).get_by_role("button", name=re.compile(f"^{dimension_name(dimension)} {text} "))


def dimension_name(dimension):
    return {"type": "Event type", "browser": "Browser", "error_title": "Error"}[dimension]


def lines(console):
    return console.panel("events").locator("[data-row] .line")


def raw_json(console):
    code = console.page.get_by_role("region", name="Raw JSON of the event")
    code.wait_for()
    return code.inner_text()


def test_a_facet_takes_values_in_and_out_and_leaves_out_with_alt(console):
    console.open(EVENTS)
    value(console, "type", "LCP").click()
    console.wait_for_state(f="type.is.largest_contentful_paint_event")
    console.settled()
    assert all("LCP" in text for text in lines(console).all_inner_texts())
    value(console, "type", "INP").click()
    console.wait_for_state(f="type.is.largest_contentful_paint_event,interaction_to_next_paint_event")
    value(console, "type", "LCP").click()
    console.wait_for_state(f="type.is.interaction_to_next_paint_event")
    value(console, "browser", "Chrome").click(modifiers=["Alt"])
    console.settled()
    assert console.chips() == ["Event type is interaction_to_next_paint_event", "Browser is not Chrome"]
    assert "Chrome" not in console.panel("events").inner_text()
    console.page.go_back()
    console.wait_for_state(f="type.is.interaction_to_next_paint_event")


def test_a_facet_is_unfolded_and_its_values_are_sought(console):
    console.open(EVENTS)
    title = facet(console, "country").get_by_role("button", name="More …")
    title.click()
    facet(console, "country").get_by_role("searchbox").fill("neth")
    expect(facet(console, "country").locator("li")).to_have_count(1)
    facet(console, "error_title").get_by_role("button", name="Error", exact=True).click()
    console.wait_for_state(facets="error_title")
    facet(console, "error_title").locator("li").first.wait_for()


def test_an_event_opens_to_its_json_by_click_and_by_keys_and_leads_to_its_session(console):
    console.open(f"{EVENTS}&f=type.is.js_error_event")
    lines(console).first.locator("time").click()
    first = console.state["event"][0]
    assert first in raw_json(console)
    console.keys("j")
    console.page.wait_for_function("first => new URLSearchParams(location.search).get('event') !== first", arg=first)
    second = console.state["event"][0]
    expect(console.page.get_by_role("region", name="Raw JSON of the event")).to_contain_text(second)
    console.page.locator("aside a[href*='/sessions/']:not(.watch)").click()
    console.wait_for_state(event=second)
    assert console.path.startswith("demo/sessions/")
    console.panel("timeline").locator("button.opened").wait_for()


def test_a_link_opens_an_event_that_is_far_down_the_list(console):
    console.open(f"{EVENTS}&f=type.is.js_error_event")
    lines(console).last.locator("time").click()
    wanted = console.state["event"][0]
    console.wait_for_state(event=wanted)
    console.open(f"demo/events?range=7d&event={wanted}&at={console.state['at'][0]}")
    assert wanted in raw_json(console)


def test_a_drag_over_the_histogram_zooms_everything(console):
    console.open(EVENTS)
    chart = console.panel("histogram").get_by_role("group", name=re.compile("^Events over time"))
    box = chart.bounding_box()
    console.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
    console.page.mouse.down()
    console.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    console.page.mouse.up()
    console.page.wait_for_function("() => new URLSearchParams(location.search).get('range').includes('..')")
    console.settled()
    assert console.page.get_by_role("switch", name="Live").is_disabled()


def test_live_an_event_is_seen_within_two_seconds_and_waits_while_somebody_reads(bare, chromium):
    monitor = public_monitor(bare, "live")
    send(bare, monitor, batch([event("session_start_event")]))
    bare.wait_until_drained()
    with tab(chromium, bare.url) as console:
        console.open("live/events?range=1h&live=1")
        console.panel("events").get_by_text("Live: new events appear here").wait_for()
        begun = time.monotonic()
        send(bare, monitor, batch([event("dom_event", {"event": "click"}, {"pageId": "/first"})]))
        lines(console).filter(has_text="/first").wait_for()
        assert time.monotonic() - begun < SEEN_WITHIN_S
        lines(console).first.locator("time").hover()
        send(bare, monitor, batch([event("page_view_event", {"pageId": "/second"}, {"pageId": "/second"})]))
        waiting = console.panel("events").get_by_role("button", name="1 new event")
        waiting.wait_for()
        assert lines(console).count() == 2
        waiting.click()
        lines(console).filter(has_text="/second").wait_for()
        console.page.get_by_role("switch", name="Live").click()
        console.wait_for_state(live=None)


def test_live_what_is_followed_before_the_list_is_there_is_listed_once(bare, chromium):
    monitor = public_monitor(bare, "early")
    send(bare, monitor, batch([event("session_start_event"), event("dom_event", {"event": "click"})]))
    bare.wait_until_drained()
    with tab(chromium, bare.url) as console:
        with console.held(_asks_for_the_list), console.page.expect_response(lambda answer: _follows(answer.request)):
            console.open("early/events?range=1h&live=1", settled=False)
        console.settled()
        assert lines(console).count() == 2


def _follows(request):
    return request.url.endswith("/events") and "received_from" in (request.post_data or "")


def _asks_for_the_list(request):
    return request.url.endswith("/events") and not _follows(request)


def test_nothing_found_names_the_filter_that_took_everything(console):
    console.open(f"{EVENTS}&f=page.is./nowhere")
    button = console.panel("events").get_by_role("button", name="Without “Page is /nowhere”")
    button.click()
    console.wait_for_state(f=None)
    console.settled()
    assert lines(console).count() > 10


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_facets_unfold(phone):
    phone.open(EVENTS)
    assert not facet(phone, "type").is_visible()
    phone.button("Facets").click()
    value(phone, "type", "LCP").click()
    phone.wait_for_state(f="type.is.largest_contentful_paint_event")
    phone.settled()
    lines(phone).first.locator("time").click()
    raw_json(phone)
    phone.fits()
