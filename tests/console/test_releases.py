"""Releases: the list, two of them or two periods side by side, the verdict, and what changed on the overview."""

import re

import pytest

from tests.console.walks import raw_event_of_a_listed_session

pytestmark = [pytest.mark.slow, pytest.mark.browser]

VIEW = "demo/releases?range=14d"


def rows(console):
    return console.panel("releases").locator("tbody tr")


def chosen(console):
    """What is compared: the baseline and the candidate."""
    return tuple(console.page.get_by_label(name, exact=True).input_value() for name in ("Baseline", "Candidate"))


def figures(console):
    """The verdict's figures by name, in ms."""
    texts = console.panel("verdict").locator("dl").get_by_role("img").all()
    found = [
        re.match(r"(.*?): ([+\u2212]?)([\d.]+) (ms|s)", text.get_attribute("aria-label")).groups() for text in texts
    ]
    return {
        name: (-1 if sign == "\u2212" else 1) * float(number) * (1000 if unit == "s" else 1)
        for name, sign, number, unit in found
    }


def test_the_newest_release_stands_first_and_is_compared_with_the_one_before(console):
    console.open(VIEW)
    assert rows(console).locator("td:nth-child(2)").all_inner_texts() == ["1.5.0", "1.4.1", "1.4.0", "1.3.0"]
    assert chosen(console) == ("1.4.1", "1.5.0")
    heads = console.panel("sides").locator("thead th").all_inner_texts()
    assert heads == ["Measure", "1.4.1", "1.5.0", "Change"]


def test_both_sides_are_chosen_swapped_by_key_and_the_back_button_undoes_it(console):
    console.open(VIEW)
    console.button("Baseline: 1.3.0").click()
    console.wait_for_state(a="1.3.0")
    console.button("Candidate: 1.4.0").click()
    console.wait_for_state(a="1.3.0", b="1.4.0")
    console.keys("v")
    console.wait_for_state(a="1.4.0", b="1.3.0")
    console.settled()
    assert chosen(console) == ("1.4.0", "1.3.0")
    for state in ({"a": "1.3.0", "b": "1.4.0"}, {"a": "1.3.0", "b": None}, {"a": None}):
        console.page.go_back()
        console.wait_for_state(**state)
    console.button("Candidate: 1.4.1").click()  # the baseline: both change places
    console.wait_for_state(a="1.5.0", b="1.4.1")


def test_the_verdict_says_what_the_mix_explains_and_what_remains(console):
    console.open(VIEW)
    verdict = console.panel("verdict")
    assert re.match(r"(Better|Worse|Not proven)$", verdict.locator(".word").inner_text())
    assert "The mix of traffic explains" in verdict.inner_text()
    told = figures(console)
    assert told["Difference"] == pytest.approx(told["The mix of traffic"] + told["What remains"], abs=2)
    assert verdict.get_by_role("table", name="The verdict part by part").get_by_role("row").count() > 3
    verdict.get_by_role("radio", name="INP").click()
    console.wait_for_state(timing="inp")
    console.settled()
    assert "INP p75 went from" in verdict.inner_text()
    console.keys("9")
    console.settled()
    assert "INP p9" in verdict.inner_text()


def test_two_periods_are_compared_like_two_releases(console):
    console.open("demo/releases?range=7d")
    console.page.get_by_role("radio", name="Two periods").click()
    console.wait_for_state(by="periods")
    console.settled()
    assert console.panel("sides").locator("thead th").all_inner_texts()[1:3] == ["Before", "This period"]
    assert console.panel("verdict").locator("dl").count() == 1
    before = (
        console.panel("sides").get_by_role("row").filter(has_text=re.compile("^Sessions")).get_by_role("link").first
    )
    count = before.inner_text()
    before.click()
    console.page.wait_for_function("() => new URLSearchParams(location.search).get('range').includes('..')")
    console.open("demo/overview" + console.page.evaluate("() => location.search"))
    numbers = console.page.get_by_role("group", name="Numbers of traffic")
    assert count in numbers.get_by_role("button", name=re.compile("^Sessions")).inner_text()


def test_errors_of_the_sides_lead_to_their_groups_in_that_release(console):
    console.open(VIEW)
    link = console.panel("errors").get_by_role("listitem").first.get_by_role("link")
    assert link.get_attribute("href").startswith("/console/demo/errors/")
    link.click()
    console.page.wait_for_function("() => location.pathname.startsWith('/console/demo/errors/')")
    assert console.state["f"] == ["release.is.1.5.0"]


def test_from_a_number_of_sessions_to_the_raw_event_are_three_clicks(console):
    console.open(VIEW)
    rows(console).filter(has_text="1.4.0").get_by_role("link").first.click()
    console.wait_for_state(f="release.is.1.4.0", range="14d")
    assert '"1.4.0"' in raw_event_of_a_listed_session(console)


def test_one_release_alone_says_what_to_do_instead(console):
    console.open("demo/releases?range=24h")
    if rows(console).count() < 2:
        assert console.page.get_by_text("One release has nothing to be compared with").is_visible()
    console.open("demo/releases?range=24h&f=country.is.ZZ")
    assert console.page.get_by_text("No release was seen").is_visible()


def test_the_overview_tells_a_new_release_and_leads_to_its_comparison(console):
    console.open("demo/overview?range=7d")
    console.panel("changes").get_by_role("link", name=re.compile("Release 1.5.0")).click()
    console.wait_for_path("demo/releases")
    console.wait_for_state(b="1.5.0", range="7d")
    console.settled()
    assert chosen(console) == ("1.4.1", "1.5.0")


def test_on_a_phone_nothing_is_wider_than_the_screen(phone):
    for place in (VIEW, "demo/releases?range=7d&by=periods"):
        phone.open(place)
        phone.fits()
