"""The overview asks little: panels that are about the same share an answer, and each shows of it what it has room for."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OVERVIEW = "demo/overview?range=7d"
QUESTIONS_MAX = 12
ROWS = {"pages": 9, "slow": 9, "places": 11, "browsers": 6}


@pytest.fixture
def asked(console):
    """The bodies of the questions asked so far."""
    bodies = []
    of_questions = re.compile(r"/api/v1/(query|errors)$")
    console.page.on("request", lambda made: bodies.append(made.post_data) if of_questions.search(made.url) else None)
    return bodies


def on_the_map(console):
    return console.panel("map").locator("[data-country]").count()


def test_a_load_asks_few_questions_and_none_twice(console, asked):
    console.open(OVERVIEW)
    assert 1 <= len(asked) <= QUESTIONS_MAX
    assert len(set(asked)) == len(asked)


def test_a_panel_shows_no_more_of_a_shared_answer_than_it_has_room_for(console):
    console.open(OVERVIEW)
    for name, most in ROWS.items():
        assert 1 <= console.panel(name).get_by_role("row").count() - 1 <= most, name


def test_changes_are_shown_on_rows_only_where_the_viewer_compares(console, asked):
    console.open(OVERVIEW)
    deltas = console.page.locator(":is([data-panel=pages], [data-panel=places], [data-panel=slow]) .delta")
    assert deltas.count() == 0
    asked.clear()
    console.keys("x")
    console.wait_for_state(compare="previous")
    expect(deltas).not_to_have_count(0)
    console.settled()
    assert not [body for body in asked if '"by":["country"]' in body]  # it had them already


def test_a_chosen_country_leaves_the_others_on_the_map_and_them_alone(console, asked):
    console.open(OVERVIEW)
    everywhere = on_the_map(console)
    assert everywhere > ROWS["places"]
    asked.clear()
    console.panel("places").get_by_role("button", name="Country is Germany").click()
    console.wait_for_state(f="country.is.DE")
    console.settled()
    assert len(asked) <= QUESTIONS_MAX
    assert on_the_map(console) == everywhere
    assert console.panel("places").get_by_role("row").count() == 2  # the head, and Germany
    console.open(f"{OVERVIEW}&f=country.is.DE")
    assert on_the_map(console) == everywhere


def test_a_tab_or_a_vital_of_its_own_is_asked_for_alone(console, asked):
    console.open(OVERVIEW)
    asked.clear()
    console.panel("slow").get_by_role("radio", name="INP").click()
    console.wait_for_state(slow="inp")
    console.settled()
    assert len(asked) == 1
    assert "INP p75" in console.panel("slow").inner_text()
