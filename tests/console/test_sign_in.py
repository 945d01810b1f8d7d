"""The way in and out, over a server that asks who is there."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import tab

pytestmark = [pytest.mark.slow, pytest.mark.browser]

DEEP = "shop/errors?range=7d&f=country.is.DE"


@pytest.fixture
def console(guarded, chromium):
    with tab(chromium, guarded.url) as console:
        console.expected.append("401")  # a browser notes each, and there is one before anybody signed in
        yield console


def sign_in(console, password):
    console.page.get_by_label("Name").fill("admin")
    console.page.get_by_label("Password").fill(password)
    console.keys("Enter")


def test_signing_in_leads_to_what_was_asked_for_and_out_again(console, guarded):
    console.open(DEEP)
    assert console.page.get_by_role("heading", name="Sign in to OpenRUM").is_visible()
    sign_in(console, guarded.password)
    console.page.get_by_role("heading", name="Errors", exact=True).wait_for()
    assert console.page.url.endswith(DEEP)
    assert console.chips() == ["Country is Germany"]
    console.button("Account of admin").click()
    console.page.get_by_role("menuitem", name="Sign out").click()
    console.page.get_by_role("heading", name="Sign in to OpenRUM").wait_for()
    console.open("monitors")
    assert console.page.get_by_label("Password").is_visible()


def test_a_wrong_password_is_said_to_be_wrong_and_gone_from_the_field(console):
    console.open("monitors")
    sign_in(console, "not the password")
    console.page.get_by_role("alert").get_by_text("do not belong together").wait_for()
    assert console.page.get_by_label("Password").input_value() == ""


def test_a_session_that_ended_elsewhere_leads_back_to_the_way_in(console, guarded):
    console.open("monitors")
    sign_in(console, guarded.password)
    console.page.get_by_role("rowheader", name="shop").wait_for()
    console.page.context.clear_cookies()
    console.keys("u")
    console.page.get_by_role("heading", name="Sign in again").wait_for()
    assert console.path == "monitors"
    assert console.page.get_by_label("Name").input_value() == "admin"
    console.keys("Escape")
    console.page.get_by_label("Password").fill(guarded.password)
    console.keys("Enter")
    console.page.get_by_role("heading", name="Sign in again").wait_for(state="detached")
    console.settled()
    assert console.page.get_by_role("rowheader", name="shop").is_visible()


def test_what_somebody_was_writing_when_the_session_ended_is_still_there(console, guarded):
    console.open("shop/configuration")
    sign_in(console, guarded.password)
    domain = console.page.get_by_label("Domain 1", exact=True)
    domain.fill("pots.example")
    console.page.context.clear_cookies()
    console.button("Save").click()
    console.page.get_by_label("Password").fill(guarded.password)
    console.keys("Enter")
    console.page.get_by_role("heading", name="Sign in again").wait_for(state="detached")
    expect(domain).to_have_value("pots.example")
    console.button("Save").click()
    console.page.get_by_text("Saved", exact=True).wait_for()
    expect(domain).to_have_value("pots.example")


def test_somebody_else_finds_nothing_of_what_the_one_before_was_writing(console, guarded):
    guarded.command("users", "add", "bob", "--role", "viewer", "--password-stdin", text_in="a password of bob's\n")
    console.open("shop/configuration")
    sign_in(console, guarded.password)
    console.page.get_by_label("Domain 1", exact=True).fill("secret.example")
    console.page.on("dialog", lambda asked: asked.accept())  # the browser asks before what is not saved is left
    console.page.context.clear_cookies()
    console.button("Save").click()
    console.page.get_by_label("Name").fill("bob")
    console.page.get_by_label("Password").fill("a password of bob's")
    console.keys("Enter")
    console.button("Account of bob").wait_for()
    assert console.page.get_by_label("Domain 1", exact=True).input_value() != "secret.example"
