"""Sessions: the list, one session on its timeline, and the way from a number down to an event as it was sent."""

import re
import uuid

import pytest

from tests.console.conftest import tab
from tests.console.sent import batch, event, send
from tests.crash.load import public_monitor

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LIST = "demo/sessions?range=7d"
LONG = 1_200


def rows(console):
    return console.panel("sessions").locator("tbody tr")


def column(console, name):
    """The texts of a column, from top to bottom."""
    heads = [head.inner_text().strip() for head in console.panel("sessions").locator("thead th").all()]
    return rows(console).locator(f"td:nth-child({heads.index(name) + 1})").all_inner_texts()


def open_first(console, place=LIST):
    console.open(place)
    rows(console).first.locator("td").first.click()
    console.panel("timeline").wait_for()
    console.settled()


def lines(console):
    return console.panel("timeline").locator("[data-row] button.line")


def aside(console):
    return console.page.locator("aside")


def raw_json(console):
    code = aside(console).get_by_role("region", name="Raw JSON of the event")
    code.wait_for()
    return code.inner_text()


# ── The list ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_is_put_in_order_by_a_head_and_the_back_button_undoes_it(console):
    console.open(LIST)
    newest = column(console, "Began")
    console.panel("sessions").get_by_role("button", name="Errors").click()
    console.wait_for_state(order="js_errors")
    console.settled()
    errors = [int(text) for text in column(console, "Errors")]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0
    console.page.go_back()
    console.wait_for_state(order=None)
    console.settled()
    assert column(console, "Began") == newest


def test_the_list_is_limited_to_those_that_went_wrong(console):
    console.open(LIST)
    limits = console.page.get_by_role("radiogroup", name="Which sessions")
    limits.get_by_role("radio", name="With errors").click()
    console.wait_for_state(only="errors")
    console.settled()
    assert all(int(text) > 0 for text in column(console, "Errors"))
    limits.get_by_role("radio", name="Bounced").click()
    console.wait_for_state(only="bounced")
    console.settled()
    assert set(column(console, "Pages")) == {"1"}
    limits.get_by_role("radio", name="Recorded").click()
    console.wait_for_state(only="recorded")
    console.settled()
    assert rows(console).get_by_text("Has a replay").count() == rows(console).count() > 5


def test_a_value_in_the_list_filters_it_and_more_can_be_shown(console):
    console.open(LIST)
    assert rows(console).count() == 50
    console.panel("sessions").get_by_role("button", name="Show more").click()
    console.wait_for_state(rows="100")
    console.settled()
    assert rows(console).count() == 100
    rows(console).first.get_by_role("button", name=re.compile("Filter: Country")).click()
    console.settled()
    [chip] = console.chips()
    assert set(column(console, "Country")) == {chip.removeprefix("Country is ")}


# ── One session ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_a_number_of_sessions_to_the_raw_event_are_four_clicks(console):
    console.open("demo/overview?range=7d")
    console.panel("errors").locator("a[href*='/sessions']").first.click()
    console.wait_for_path("demo/sessions")
    console.settled()
    rows(console).first.locator("td").nth(6).click()
    console.panel("timeline").wait_for()
    console.settled()
    # Of a long timeline only what is in sight is drawn.
    console.panel("timeline").get_by_role("button", name=re.compile("^Errors")).click()
    console.wait_for_state(kinds="error")
    # What ResizeObserver says has no stack; a session may have it beside the error that led here.
    lines(console).filter(has_text="Error", has_not_text="ResizeObserver").first.click()
    assert '"event_type": "com.amazon.rum.js_error_event"' in raw_json(console)
    assert aside(console).get_by_role("list", name="Stack, innermost call first").is_visible()


def test_a_session_tells_its_pages_its_kinds_of_events_and_each_event(console):
    open_first(console, f"{LIST}&only=failures")
    facts = console.panel("session").inner_text()
    for word in ("Began", "Duration", "Failed requests", "Worst LCP", "Browser"):
        assert word in facts
    requests = console.panel("timeline").get_by_role("button", name=re.compile("^Requests"))
    requests.click()
    console.wait_for_state(kinds="request")
    assert all("Request" in text or "Trace" in text for text in lines(console).all_inner_texts())
    failed = lines(console).and_(console.page.locator(".bad")).first
    status = re.search(r"\d{3}|no answer", failed.inner_text())[0]
    failed.click()
    assert "http_event" in raw_json(console)
    assert status in aside(console).inner_text()
    console.page.go_back()
    aside(console).wait_for(state="detached")
    console.page.go_back()
    console.wait_for_state(kinds=None)


def test_keys_walk_events_and_sessions_and_lead_back(console):
    open_first(console)
    first = console.path
    seen = []
    for key in ("j", "j", "k"):
        console.keys(key)
        console.page.wait_for_function(
            "seen => new URLSearchParams(location.search).get('event') !== seen", arg=(seen or [None])[-1]
        )
        seen.append(console.state["event"][0])
    assert seen[0] == seen[2] != seen[1]
    assert seen[0] in raw_json(console)
    console.keys("Escape")
    aside(console).wait_for(state="detached")
    console.keys("]")
    console.page.wait_for_function("first => !location.pathname.endsWith(first)", arg=first)
    console.settled()
    console.keys("[")
    console.wait_for_path(first)
    console.keys("Escape")
    console.wait_for_path("demo/sessions")


def test_a_click_on_a_value_of_a_session_leads_to_all_that_share_it(console):
    open_first(console)
    console.panel("session").get_by_role("button", name=re.compile("Filter: Browser")).click()
    console.wait_for_path("demo/sessions")
    assert len(console.chips()) == 1


def test_of_a_long_session_only_what_is_in_sight_is_drawn_and_a_link_leads_far_down(bare, chromium):
    monitor = public_monitor(bare, "long")
    session = str(uuid.uuid4())
    sent = [event("http_event", {"request": {"method": "GET", "url": f"https://x.example/{n}"}}) for n in range(LONG)]
    for at in range(0, LONG, 100):
        send(bare, monitor, batch(sent[at : at + 100], session))
    bare.wait_until_drained()
    with tab(chromium, bare.url) as console:
        console.open(f"long/sessions/{session}?range=1h&event={sent[-1]['id']}")
        assert f"{LONG:,} events" in console.panel("timeline").inner_text()
        assert sent[-1]["id"] in raw_json(console)
        opened = console.panel("timeline").locator("button.opened")
        opened.wait_for()
        assert 0 < opened.bounding_box()["y"] < 900
        assert lines(console).count() < 120


def test_a_session_that_is_not_in_the_range_says_where_it_may_be(console):
    console.open(f"demo/sessions/{uuid.uuid4()}?range=1h")
    assert console.panel("session").get_by_text("Nothing of this session in this time").is_visible()
    console.panel("session").get_by_role("button", name="Look at the last 14 days").click()
    console.wait_for_state(range="14d")


def test_on_a_phone_no_session_is_wider_than_the_screen(phone):
    open_first(phone)
    lines(phone).first.click()
    raw_json(phone)
    phone.fits()


def test_on_a_phone_the_tab_that_was_chosen_is_in_sight(phone):
    phone.open(f"{LIST}&only=recorded")
    tabs = phone.page.get_by_role("radiogroup", name="Which sessions")
    row, chosen = tabs.bounding_box(), tabs.get_by_role("radio", name="Recorded").bounding_box()
    assert row["x"] <= chosen["x"]
    assert chosen["x"] + chosen["width"] <= row["x"] + row["width"] + 1
    phone.fits()
