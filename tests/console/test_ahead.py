"""What a click would ask is asked while the pointer rests on a value; the click then asks nothing twice, and leaving gives it up."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OVERVIEW = "demo/overview?range=7d"
_OF_QUESTIONS = re.compile(r"/api/v1/(query|errors)$")


@pytest.fixture
def made(console):
    """The bodies of questions asked so far, each with whether the address had a filter when it was asked."""
    bodies = []
    page = console.page

    def note(request):
        if _OF_QUESTIONS.search(request.url):
            bodies.append((request.post_data, "f=" in page.url))

    page.on("request", note)
    return bodies


@pytest.fixture
def value(console):
    """A value of the overview that can be clicked."""
    console.open(OVERVIEW)
    return console.panel("places").get_by_role("button", name="Country is Germany")


def of_germany(made):
    return [(body, filtered) for body, filtered in made if '"values":["DE"]' in body]


def test_a_pointer_that_rests_asks_and_the_click_asks_nothing_more(console, made, value):
    made.clear()
    with console.page.expect_request(_OF_QUESTIONS):
        value.hover()
    value.click()
    console.wait_for_state(f="country.is.DE")
    console.settled()
    asked = of_germany(made)
    assert len(asked) > 5
    assert not any(filtered for _, filtered in asked)


def test_a_pointer_that_leaves_gives_up_what_it_asked(console, made, value):
    console.page.route(_OF_QUESTIONS, lambda route: None)  # never answered
    made.clear()
    with console.page.expect_request(_OF_QUESTIONS):
        value.hover()
    with console.page.expect_event("requestfailed") as given_up:
        console.page.mouse.move(5, 5)
    assert given_up.value.post_data in [body for body, _ in made]
    expect(console.panel("places").locator(".stale")).to_have_count(0)
    console.page.unroute(_OF_QUESTIONS)


def test_a_pointer_that_passes_by_asks_nothing(console, made, value):
    made.clear()
    passing = "pointer => value.dispatchEvent(new PointerEvent(pointer, { pointerType: 'mouse' }))"
    value.evaluate(f"value => ['pointerenter', 'pointerleave'].forEach({passing})")
    console.panel("slow").get_by_role("radio", name="INP").click()  # which does ask
    console.wait_for_state(slow="inp")
    console.settled()
    assert of_germany(made) == []
