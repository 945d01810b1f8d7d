"""Browsers and devices: who uses what, how it fares, and what stands out where it goes wrong."""

import re

import pytest

from tests.console.walks import raw_error_of_a_listed_session, raw_event_of_a_listed_session

pytestmark = [pytest.mark.slow, pytest.mark.browser]

VIEW = "demo/browsers?range=7d"


def rows(console, panel="usage"):
    return console.panel(panel).locator("tbody tr")


def cells(console, at, panel="usage"):
    """The texts of a column."""
    return rows(console, panel).locator(f"td:nth-child({at})").all_inner_texts()


def test_shares_add_up_and_the_most_used_stands_first(console):
    console.open(VIEW)
    shares = [float(text.strip().removesuffix("%")) for text in cells(console, 2)]
    assert sum(shares) == pytest.approx(100, abs=1.5)
    assert shares == sorted(shares, reverse=True)
    assert cells(console, 1)[0] == "Chrome"
    assert console.panel("shares").get_by_role("group", name="Browsers over time").is_visible()


def test_keys_lead_from_browsers_to_systems_and_devices(console):
    console.open(VIEW)
    console.keys("2")
    console.wait_for_state(tab="os")
    console.settled()
    assert {"Windows", "Android", "iOS", "macOS"} <= set(cells(console, 1))
    console.keys("3")
    console.wait_for_state(tab="device")
    console.page.go_back()
    console.page.go_back()
    console.wait_for_state(tab=None)
    console.settled()
    assert "Safari" in cells(console, 1)


def test_a_browser_opens_by_version_by_click_and_by_key_and_closes(console):
    console.open(VIEW)
    console.keys("j", "j", "Enter")
    console.wait_for_state(of="Safari")
    console.panel("inner").wait_for()
    console.settled()
    assert sum(int(text.replace(",", "")) for text in cells(console, 3, "inner")) == int(cells(console, 3)[1])
    rows(console).first.locator("td").nth(1).click()
    console.wait_for_state(of="Chrome")
    console.button("Close Chrome by version").click()
    console.panel("inner").wait_for(state="detached")


def test_a_value_filters_and_with_alt_is_left_out(console):
    console.open(VIEW)
    console.panel("usage").get_by_role("button", name="Filter: Browser is Safari").click()
    console.wait_for_state(f="browser.is.Safari")
    console.settled()
    assert cells(console, 1) == ["Safari"]
    console.page.go_back()
    console.wait_for_state(f=None)
    console.settled()
    console.panel("usage").get_by_role("button", name="Filter: Browser is Chrome").click(modifiers=["Alt"])
    console.wait_for_state(f="browser.is_not.Chrome")
    console.settled()
    assert "Chrome" not in cells(console, 1)


def test_what_stands_out_is_where_the_demo_is_slow_and_where_it_breaks(console):
    console.open("demo/browsers?range=14d")
    odd = console.panel("odd")
    assert odd.get_by_role("button", name="Filter: Country is India").is_visible()
    assert odd.get_by_role("button", name="Filter: Operating system is Android").is_visible()
    odd.get_by_role("radio", name="Errors").click()
    console.wait_for_state(odd="errors")
    console.settled()
    odd.get_by_role("listitem").filter(has_text="/checkout").get_by_role("link").click()
    assert '"event_type": "com.amazon.rum.js_error_event"' in raw_error_of_a_listed_session(console)


def test_from_a_number_of_sessions_to_the_raw_event_are_three_clicks(console):
    console.open(VIEW)
    rows(console).filter(has_text="Firefox").locator("td:nth-child(3) a").click()
    console.wait_for_state(range="7d", f="browser.is.Firefox")
    assert "Firefox" in raw_event_of_a_listed_session(console)


def test_nothing_found_names_the_filter_and_nothing_stands_out(console):
    console.open(f"{VIEW}&f=country.is.ZZ")
    assert console.panel("odd").get_by_text("Nothing stands out").is_visible()
    console.panel("usage").get_by_role("button", name=re.compile("Without “Country is")).click()
    console.wait_for_state(f=None)


def test_on_a_phone_nothing_is_wider_than_the_screen(phone):
    for place in (f"{VIEW}&of=Chrome", f"{VIEW}&tab=language&compare=week"):
        phone.open(place)
        phone.fits()
