"""Robots are known by what they say, people are never taken for one, and pace alone tells only what no person can do."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich.bots import declared, too_fast
from tests.enrich.agents import PEOPLE, ROBOTS, TOOLS


def test_the_lists_are_long_enough_to_mean_something():
    assert len(PEOPLE) >= 100
    assert len(ROBOTS) >= 60


@pytest.mark.parametrize("text", ROBOTS)
def test_a_robot_that_says_so_is_one_and_by_name(text):
    assert declared(text) == ROBOTS[text]


@pytest.mark.parametrize("text", PEOPLE)
def test_nobody_with_a_browser_is_taken_for_a_robot(text):
    assert declared(text) is None


@pytest.mark.parametrize("text", TOOLS)
def test_a_sites_own_servers_are_no_robots(text):
    assert declared(text) is None


@pytest.mark.parametrize("name", sorted({browser for browser, _, _ in PEOPLE.values()}))
def test_no_browsers_name_is_a_robots(name):
    assert declared(name) is None


@pytest.mark.parametrize(
    "word", ["Robotics 2.0", "Abbott", "botany", "Spiderman", "CUBOT NOTE 50", "Talbots", "Botswana"]
)
def test_a_word_with_bot_inside_means_nothing(word):
    assert (
        declared(f"Mozilla/5.0 (Linux; Android 13; {word}) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36")
        is None
    )


def test_letters_that_only_look_like_a_name_are_none():
    assert declared("\u017felenium PhantomJS") == "headless: PhantomJS"  # a long s, which is an s where case is ignored
    assert declared("\u017felenium") is None


def test_who_says_nothing_is_no_robot():
    assert declared(None) is declared("") is None


@given(st.text(alphabet=st.characters(), max_size=2_000))
def test_no_text_is_too_strange(text):
    reason = declared(text)
    assert reason is None or len(reason) <= 60


@given(st.sampled_from(["bot", "bot/", "+http", "compatible; ", "a.bot@", "Mozilla/", "\ud800"]), st.integers(1, 5_000))
def test_no_text_is_too_long(piece, times):
    declared(piece * times)


def views(*gaps, start=1_700_000_000_000):
    return list(accumulate(gaps, initial=start))


def test_page_after_page_without_a_touch_is_a_robots_pace():
    assert too_fast(views(*[120] * 20), 0) == "pace: page views without interaction"
    assert too_fast(views(*[120] * 20)[::-1], 0) == "pace: page views without interaction"


def test_one_touch_is_enough_for_a_person():
    assert too_fast(views(*[120] * 20), 1) is None


@pytest.mark.parametrize(
    "times",
    [
        [],
        views(),
        views(*[120] * 6),  # a sign-in by way of seven addresses of a single-page application
        views(*[5] * 40),  # a guard that sends from route to route, or a router in a circle
        views(*[33] * 200),  # the key for the next picture, held down
        views(*[400] * 20),
        views(20_000, *[100] * 4, 45_000, *[100] * 3, 8_000, 4_000, 3_000, 9_000, 6_000, 7_000, 2_000),
        [0] * 50,  # no times at all
    ],
    ids=["nothing", "one view", "sign-in", "redirects", "held key", "quick", "visit with sign-ins", "no times"],
)
def test_what_people_and_applications_do_is_not_a_robots_pace(times):
    assert too_fast(times, 0) is None


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(), max_size=50), st.integers(0, 3))
def test_times_may_be_any(times, interactions):
    assert too_fast(times, interactions) in (None, "pace: page views without interaction")
