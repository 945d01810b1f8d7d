"""User journey: paths forward and back, entry and exit pages, funnels and who left them, and who comes back."""

import re

import pytest

from tests.console.walks import raw_event_of_a_listed_session, raw_event_of_the_session

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATHS = "demo/journey?range=7d"
FUNNEL = "demo/journey?range=7d&tab=funnel"
CART = "page_group.is./cart;page_group.is./checkout"


def stops(console, head=""):
    """The nodes of a column: name and number of sessions."""
    names = [
        stop.get_attribute("aria-label")
        for stop in console.panel("paths").get_by_role("group", name="Paths of").get_by_role("button").all()
    ]
    found = [re.fullmatch(r"(.*?): (.*), ([\d,.]+k?) · .*", name).groups() for name in names]
    return {name: int(count.replace(",", "")) for at, name, count in found if at.startswith(head)}


# ── Paths ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_as_many_leave_a_column_as_enter_it_and_the_table_says_the_same(console):
    console.open(PATHS)
    entry, second = stops(console, "Entry"), stops(console, "Step 2")
    assert sum(entry.values()) == sum(second.values()) > 100
    assert {"Other pages", "Left the site"} <= set(second)
    console.button("Show all of Paths").click()
    table = console.page.get_by_role("dialog").get_by_role("table")
    table.wait_for()
    left = [row.inner_text().split("\t") for row in table.get_by_role("row").all()[1:]]
    assert (
        sum(int(count) for step, _, to, count in left if step == "1" and to == "Left the site")
        == second["Left the site"]
    )


def test_steps_are_added_by_key_and_by_button_and_the_back_button_undoes_them(console):
    console.open(PATHS)
    console.keys("+")
    console.wait_for_state(steps="4")
    console.settled()
    assert stops(console, "Step 5")
    console.button("Add step").click()
    console.wait_for_state(steps="5")
    console.page.go_back()
    console.page.go_back()
    console.wait_for_state(steps=None)
    console.settled()
    assert stops(console, "Step 4")
    assert not stops(console, "Step 5")


def test_a_page_is_chosen_and_becomes_the_beginning_or_the_goal(console):
    console.open(PATHS)
    console.panel("paths").locator("[aria-label^='Step 2: /products/:slug,']").click()
    facts = console.page.get_by_role("region", name="Chosen step")
    assert "Came from" in facts.inner_text()
    facts.get_by_role("button", name="Begin here").click()
    console.wait_for_state(start="/products/:slug", at=None)
    console.settled()
    assert list(stops(console, "From here")) == ["/products/:slug"]
    console.keys("b")
    console.wait_for_state(dir="backward", start="/products/:slug")
    console.settled()
    assert "Came to the site" in stops(console, "Step \u22121")


def test_arrows_walk_the_flow_and_enter_chooses(console):
    console.open(PATHS)
    console.panel("paths").locator("[aria-label^='Entry: /,']").focus()
    console.keys("ArrowDown", "ArrowRight")
    name = console.page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert name.startswith("Step 2: ")
    console.keys("Enter")
    page = re.match(r"Step 2: (.*?),", name)[1]
    console.page.get_by_role("region", name="Chosen step").get_by_text(page).first.wait_for()


def test_filters_of_pages_tear_no_holes_into_paths_and_offer_to_begin_there(console):
    console.open(PATHS)
    whole = stops(console)
    console.open(f"{PATHS}&f=page_group.is./cart")
    assert stops(console) == whole
    console.button("Begin at /cart").click()
    console.wait_for_state(start="/cart", f="page_group.is./cart")


def test_from_an_exit_page_to_the_raw_event_are_three_clicks(console):
    console.open(PATHS)
    exits = console.panel("exits")
    assert exits.get_by_role("row").count() > 4
    exits.get_by_role("row").filter(has_text="/cart").get_by_role("link").click()
    assert '"event_type": "com.amazon.rum.' in raw_event_of_a_listed_session(console)


# ── Funnels ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_funnel_is_suggested_edited_and_kept_in_the_address(console):
    console.open(FUNNEL)
    console.button("Try / → /thanks").click()
    console.panel("conversion").wait_for()
    console.settled()
    assert console.state["funnel"][0].endswith("page_group.is./checkout;page_group.is./thanks")
    counts = [
        int(text.replace(",", "")) for text in console.panel("conversion").locator(".numbers a").all_inner_texts()
    ]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 5
    console.button("Take step 2 away").click()
    console.page.wait_for_function("() => document.querySelectorAll('li.step').length === 4")
    console.page.go_back()
    console.page.wait_for_function("() => document.querySelectorAll('li.step').length === 5")


def test_a_funnel_of_ones_own_is_typed(console):
    console.open(FUNNEL)
    console.button("First step").click()
    console.page.get_by_label("Step 1", exact=True).fill("/cart")
    console.keys("Enter")
    console.wait_for_state(funnel="page_group.is./cart")
    console.page.get_by_label("Kind of step 2").select_option(label="Event type")
    console.page.get_by_label("Step 2", exact=True).fill("shop.*")
    console.keys("Enter")
    console.wait_for_state(funnel="page_group.is./cart;type.matches.shop.*")
    console.panel("conversion").wait_for()
    console.settled()
    assert re.search(r"[1-9]\d* sessions left", console.panel("conversion").inner_text())
    console.button("Time: at any time").click()
    console.page.get_by_role("menuitemradio", name="within 1 minute").click()
    console.wait_for_state(within="60000")


def test_from_a_drop_off_to_the_raw_event_are_three_clicks(console):
    console.open(f"{FUNNEL}&funnel={CART}")
    link = console.panel("conversion").get_by_role("link", name=re.compile("left"))
    lost = int(re.match(r"\d+", link.inner_text())[0])
    link.click()
    dialog = console.page.get_by_role("dialog", name="Left after step 1")
    dialog.get_by_role("link").first.wait_for()
    assert dialog.get_by_role("link").count() == min(lost, 50)
    dialog.get_by_role("link").first.click()
    assert '"event_type": "com.amazon.rum.' in raw_event_of_the_session(console)
    pages = page_groups_of(console, console.path.rpartition("/")[2])
    assert "/cart" in pages
    assert "/checkout" not in pages


def page_groups_of(console, session):
    """Which pages a session saw, as the API has it."""
    asked = {
        "monitor": "demo",
        "from": "-8d",
        "measures": ["page_views"],
        "by": ["page_group"],
        "where": [{"dimension": "session", "values": [session]}],
    }
    answer = console.page.request.post(f"{console.url}/api/v1/query", data=asked)
    return [page for page, _ in answer.json()["rows"]]


# ── Returning, and what holds everywhere ──────────────────────────────────────────────────────────────────────────


def test_every_user_is_in_the_row_of_their_first_day(console):
    console.open(f"{PATHS}&tab=returning")
    rows = console.panel("returning").locator("tbody tr")
    assert rows.count() == 7
    users = sum(int(text) for text in rows.locator(".users").all_inner_texts())
    console.open("demo/overview?range=7d")
    said = console.page.get_by_role("group", name="Numbers of traffic").get_by_role("button", name=re.compile("^Users"))
    assert int(re.search(r"[\d,]+", said.inner_text())[0].replace(",", "")) == users


def test_nothing_found_names_the_filter_and_a_funnel_without_steps_teaches(console):
    console.open(f"{PATHS}&f=country.is.ZZ")
    console.panel("paths").get_by_role("button", name="Without “Country is").click()
    console.wait_for_state(f=None)
    console.keys("2")
    console.wait_for_state(tab="funnel")
    assert console.page.get_by_text("How many get from one step to the next?").is_visible()


def test_on_a_phone_no_journey_is_wider_than_the_screen(phone):
    for place in (PATHS, f"{FUNNEL}&funnel={CART}", f"{PATHS}&tab=returning"):
        phone.open(place)
        phone.fits()
