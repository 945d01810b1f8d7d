"""What holds on every view: the address is the state, values filter, keys and switches, panels in every condition."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OVERVIEW = "demo/overview?range=7d"


# ── The address ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_front_leads_to_the_overview_of_the_only_monitor(console):
    console.page.goto(console.url)
    console.wait_for_path("demo/overview")
    console.settled()
    assert console.page.title() == "Overview · demo · OpenRUM"
    assert "LCP" in console.panel("vitals").inner_text()


def test_every_step_is_in_the_address_and_the_back_button_undoes_the_last(console):
    console.open(OVERVIEW)
    console.panel("places").get_by_role("button", name="Country is Germany").click()
    console.wait_for_state(f="country.is.DE")
    console.page.get_by_role("radio", name="Mobile").click()
    console.wait_for_state(device="mobile")
    console.button("Sessions").first.click()
    console.wait_for_state(metric="sessions")
    for state in ({"metric": None}, {"device": None}, {"f": None}):
        console.page.go_back()
        console.wait_for_state(**state)
    console.settled()
    assert console.chips() == []
    assert console.page.get_by_role("radio", name="All devices").get_attribute("aria-checked") == "true"


def test_an_address_opens_what_it_says(console):
    console.open("demo/overview?range=14d&compare=previous&f=country.is.DE,FR&f=browser.is_not.Safari&p=90&traffic=all")
    assert console.chips() == ["Country is Germany or France", "Browser is not Safari"]
    assert console.button("Percentile: p90").is_visible()
    assert console.button("Traffic: All traffic").is_visible()
    assert console.page.get_by_text("Last 14 days").is_visible()
    assert "LCP p90" in console.panel("pages").inner_text()


def test_links_are_links_and_open_in_a_tab_of_their_own(console):
    console.open(OVERVIEW)
    link = console.page.get_by_role("link", name="Errors", exact=True)
    assert link.get_attribute("href") == "/console/demo/errors?range=7d"
    with console.page.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    opened.value.wait_for_url("**/console/demo/errors?range=7d")
    assert console.path == "demo/overview"


def test_a_monitor_or_a_view_that_is_not_there_is_said_to_be_so(console):
    console.expected.append("404")  # of the monitor that is asked about in vain
    console.open("nothing/overview")
    assert console.page.get_by_text("There is no monitor called “nothing”").is_visible()
    console.page.get_by_role("main").get_by_role("link", name="All monitors").click()
    console.wait_for_path("monitors")
    console.open("demo/astrology")
    assert console.page.get_by_text("There is no view called “astrology”").is_visible()


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_click_filters_another_adds_and_alt_click_leaves_out(console):
    console.open(OVERVIEW)
    console.panel("browsers").get_by_role("button", name="Browser is Chrome").click()
    console.settled()
    assert console.chips() == ["Browser is Chrome"]
    console.panel("places").get_by_role("button", name="Country is India").click(modifiers=["Alt"])
    console.settled()
    assert console.chips() == ["Browser is Chrome", "Country is not India"]
    assert console.panel("places").get_by_role("button", name="Country is India").count() == 0


def test_a_chip_is_edited_and_removed_and_escape_clears_all(console):
    console.open(f"{OVERVIEW}&f=country.is.DE&f=browser.is.Chrome&f=device.is.mobile")
    console.button("Edit filter: Country is Germany").click()
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_label("France").check()
    dialog.get_by_role("button", name="Apply").click()
    console.wait_for_state(f="country.is.DE,FR browser.is.Chrome device.is.mobile")
    console.button("Remove filter: Browser is Chrome").click()
    console.wait_for_state(f="country.is.DE,FR device.is.mobile")
    console.keys("Escape")
    console.wait_for_state(f=None)


def test_a_filter_is_made_in_the_dialog_of_any_kind(console):
    console.open(OVERVIEW)
    console.keys("/")
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_label("What").select_option("page")
    dialog.get_by_label("How").select_option("matches")
    dialog.get_by_label("Values").fill("/products/*")
    console.keys("Enter")
    console.wait_for_state(f="page.matches./products/*")
    console.settled()
    pages = console.panel("pages").inner_text()
    assert "/products/:slug" in pages
    assert "/categories" not in pages


def test_values_in_the_filter_dialog_are_sought_and_a_country_by_its_name(console):
    console.open(OVERVIEW)
    console.button("Filter").first.click()
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_label("What").select_option("country")
    dialog.get_by_label("Values", exact=True).fill("germ")
    dialog.get_by_label("Germany").check()
    assert dialog.get_by_label("France").count() == 0
    dialog.get_by_role("button", name="Add filter").click()
    console.wait_for_state(f="country.is.DE")


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        ("w", {"range": "7d"}),
        ("f", {"range": "28d"}),
        ("d", {"range": "today"}),
        ("x", {"compare": "previous"}),
        ("5", {"p": "50"}),
        ("9", {"p": "90"}),
        ("99", {"p": "95"}),
        ("97", {"p": None}),
        ("xx", {"compare": None}),
    ],
)
def test_a_key_changes_the_state(console, keys, state):
    console.open("demo/overview")
    console.keys(*keys)
    console.wait_for_state(**state)


def test_arrows_step_through_time_and_not_into_the_future(console):
    console.open(OVERVIEW)
    console.keys("ArrowLeft")
    console.page.wait_for_function("() => new URLSearchParams(location.search).get('range').includes('..')")
    console.keys("ArrowRight")
    console.wait_for_state(range="7d")
    assert console.button("Period after").is_disabled()


def test_g_and_a_letter_go_to_a_view(console):
    console.open(OVERVIEW)
    console.keys("g", "e")
    console.wait_for_path("demo/errors")
    assert console.state == {"range": ["7d"]}
    console.keys("g", "a")
    console.wait_for_path("monitors")


def test_a_question_mark_lists_the_keys_and_escape_closes_that_alone(console):
    console.open(f"{OVERVIEW}&f=country.is.DE")
    console.keys("?")
    dialog = console.page.get_by_role("dialog", name="Keyboard shortcuts")
    for words in ("Command palette", "Last 7 days", "Compare on or off", "Alt-click"):
        assert dialog.get_by_text(words).first.is_visible()
    console.keys("Escape")
    dialog.wait_for(state="detached")
    assert console.chips() == ["Country is Germany"]


def test_keys_are_letters_where_somebody_writes(console):
    console.open(OVERVIEW)
    console.keys("/")
    console.page.get_by_role("dialog").get_by_label("Values", exact=True).press_sequentially("x?5")
    assert console.page.get_by_role("dialog").count() == 1
    assert "compare" not in console.state
    assert "p" not in console.state


def test_the_palette_goes_changes_and_finds_pages(console):
    console.open(OVERVIEW)
    console.keys("Control+k")
    field = console.page.locator("dialog[open] [role=combobox]")
    field.fill("journey")
    console.keys("Enter")
    console.wait_for_path("demo/journey")
    console.keys("Control+k")
    field.fill("compare previous")
    console.keys("Enter")
    console.wait_for_state(compare="previous")
    console.keys("Control+k")
    field.fill("/check")
    console.page.locator("dialog[open]").get_by_role("option", name="/checkout").wait_for()
    console.keys("Enter")
    console.wait_for_state(f="page_group.is./checkout")
    console.keys("Control+k", "Escape")
    field.wait_for(state="detached")
    assert len(console.chips()) == 1


# ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_range_of_ones_own_is_typed(console):
    console.open(OVERVIEW)
    console.keys("c")
    dialog = console.page.get_by_role("dialog", name="Range of time")
    dialog.get_by_label("From").fill("2026-01-02T10:00")
    dialog.get_by_label("To").fill("2026-01-02T09:00")
    assert dialog.get_by_role("button", name="Apply").is_disabled()
    dialog.get_by_label("To").fill("2026-01-02T12:30")
    console.keys("Enter")
    console.wait_for_state(range="2026-01-02T09:00Z..2026-01-02T11:30Z")  # Berlin is an hour ahead
    assert console.page.get_by_text(re.compile(r"2 Jan, 10:00 . 12:30")).is_visible()


def test_a_drag_over_a_chart_zooms_and_back_undoes_it(console):
    console.open(OVERVIEW)
    box = console.panel("trend").get_by_role("group", name="over time").bounding_box()
    middle = box["y"] + box["height"] / 2
    console.page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    console.page.mouse.down()
    console.page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    console.page.mouse.up()
    console.page.wait_for_function("() => new URLSearchParams(location.search).get('range').includes('..')")
    console.settled()
    console.page.go_back()
    console.wait_for_state(range="7d")


def test_a_chart_tells_its_values_with_utc_to_the_pointer_and_to_the_keyboard(console):
    console.open(f"{OVERVIEW}&compare=previous&metric=lcp")
    chart = console.panel("trend").get_by_role("group", name="over time")
    chart.hover(position={"x": 500, "y": 100})
    told = console.panel("trend").locator(".box").inner_text()
    assert "UTC" in told
    assert "Period before" in told
    assert "samples" in told
    chart.focus()
    console.keys("ArrowRight", "ArrowRight")
    spoken = console.panel("trend").locator("[aria-live]").inner_text()
    assert re.search(r"LCP p75 \S", spoken)


def test_comparing_shows_a_change_on_every_row_and_names_what_is_compared(console):
    console.open(f"{OVERVIEW}&compare=week")
    assert console.panel("trend").get_by_text("Week before").is_visible()
    assert console.panel("pages").locator(".delta").count() >= 5
    console.button("vs. week before").click()
    console.page.get_by_role("menuitemradio", name="1.4.1").click()
    console.wait_for_state(compare="release:1.4.1")
    console.settled()
    assert console.panel("trend").get_by_text("Release 1.4.1").is_visible()


# ── Panels ────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_breakdown(dimension):
    """Whether a request asks for the panel of a dimension."""
    return lambda request: f'"by":["{dimension}"]' in (request.post_data or "")


def test_an_error_stays_in_its_panel_and_is_tried_again(console):
    console.expected.append("500")
    broken = of_breakdown("browser")
    error = {"error": {"type": "internal", "message": "the store is on fire", "field": None}}

    def answer(route):
        route.fulfill(status=500, json=error) if broken(route.request) else route.continue_()

    console.page.route("**/api/v1/query", answer)
    console.open(OVERVIEW)
    browsers = console.panel("browsers")
    assert browsers.get_by_text("the store is on fire").is_visible()
    assert "United States" in console.panel("places").inner_text()
    console.page.unroute("**/api/v1/query")
    browsers.get_by_role("button", name="Try again").click()
    browsers.get_by_role("button", name="Browser is Chrome").wait_for()


def test_the_old_answer_is_dimmed_until_the_new_one_is_there_and_a_slow_one_can_be_cancelled(console):
    console.open(OVERVIEW)
    devices = console.panel("devices")
    with console.held(of_breakdown("device")):
        console.keys("5")
        devices.locator(".stale").wait_for()
        assert "Desktop" in devices.inner_text()
    devices.locator(".stale").wait_for(state="detached")
    with console.held(of_breakdown("device")) as waiting:
        console.keys("9")
        devices.get_by_role("button", name="Cancel").click()
        assert devices.get_attribute("aria-busy") == "false"
        waiting.clear()  # nobody waits for it any more


def test_panels_are_as_high_before_their_answer_as_after_it(console):
    height = "() => [...document.querySelectorAll('[data-panel]')].map(panel => panel.getBoundingClientRect().height)"
    with console.held(lambda request: re.search("query|errors", request.url)):
        console.open(OVERVIEW, settled=False)
        console.panel("releases").wait_for()
        before = console.page.evaluate(height)
    console.settled()
    assert console.page.evaluate(height) == pytest.approx(before, abs=1)


def test_a_value_on_too_few_samples_is_grey_and_says_why(console):
    console.open("demo/overview?range=28d&f=country.is.NG&f=browser.is.Firefox")
    value = console.panel("vitals").locator(".few").first
    value.hover()
    tip = console.page.get_by_role("tooltip")
    tip.wait_for()
    assert re.search(r"\d+ samples?\nToo few to rely on: this needs 40 samples", tip.inner_text())


def test_nothing_found_names_the_filter_that_took_everything(console):
    console.open(f"{OVERVIEW}&f=country.is.DE&f=page_group.is./nowhere")
    pages = console.panel("pages")
    without = pages.get_by_role("button", name="Without “Page group is /nowhere”")
    expect(without.locator("xpath=..")).to_contain_text(re.compile(r"[1-9][\d,]* events"))
    without.click()
    console.wait_for_state(f="country.is.DE")
    console.settled()
    assert "/products/:slug" in pages.inner_text()


def test_the_menu_of_a_panel_has_its_sql_its_data_a_file_and_a_link(console):
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.open(OVERVIEW)
    menu = console.panel("pages").get_by_role("button", name="Menu of Pages")
    menu.click()
    console.page.get_by_role("menuitem", name="Show SQL").click()
    assert "SELECT" in console.page.get_by_role("dialog").inner_text()
    console.wait_for_state(open="pages.sql")
    console.page.go_back()
    console.page.get_by_role("dialog").wait_for(state="detached")
    menu.click()
    with console.page.expect_download() as download:
        console.page.get_by_role("menuitem", name="Download CSV").click()
    assert download.value.suggested_filename == "pages.csv"
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("page_group,page_views,")
    assert lines[1].startswith("/products/:slug,")
    menu.click()
    console.page.get_by_role("menuitem", name="Copy link").click()
    console.page.get_by_text("Link copied").wait_for()
    assert console.page.evaluate("() => navigator.clipboard.readText()").endswith("open=pages.data")


def test_a_panel_is_copied_for_prometheus_and_as_an_alert(console):
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.open(f"{OVERVIEW}&f=browser.is.Chrome")
    copied = {}
    for item, told in (("Copy as Prometheus job", "Scrape job copied"), ("Copy as PromQL alert", "Alert copied")):
        console.panel("pages").get_by_role("button", name="Menu of Pages").click()
        console.page.get_by_role("menuitem", name=item).click()
        console.page.get_by_text(told).wait_for()
        copied[item] = console.page.evaluate("() => navigator.clipboard.readText()")
    job, alert = copied.values()
    [name] = re.findall(r"job_name: '(.*)'", job)
    assert "browser is Chrome" in name
    assert f'openrum_lcp_p75{{job="{name}"}} > 4000' in alert
    # What Prometheus would ask, by the job's own parameters.
    parameters = dict(re.findall(r"^      (\w+): \['(.*)'\]$", job, re.MULTILINE))
    assert json.loads(parameters["where"])[0]["values"] == ["Chrome"]
    answer = console.page.request.get(f"{console.url}/api/v1/prometheus", params={**parameters, "from": "-7d"})
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'openrum_page_views{monitor="demo",page_group="/products/:slug"}' in answer.text()


def test_a_menu_is_walked_by_keys_and_gives_the_focus_back(console):
    console.open(OVERVIEW)
    menu = console.panel("pages").get_by_role("button", name="Menu of Pages")
    menu.focus()
    console.keys("Enter")
    console.page.wait_for_function("() => document.activeElement.textContent.trim() === 'Show data'")
    console.keys("ArrowDown", "ArrowDown", "ArrowUp")
    assert console.page.evaluate("() => document.activeElement.textContent.trim()") == "Show SQL"
    console.keys("Escape")
    console.page.wait_for_function("() => document.activeElement.getAttribute('aria-label') === 'Menu of Pages'")
    assert console.page.get_by_role("menu").count() == 0


def test_the_whole_list_is_sought_and_sorted(console):
    console.open(f"{OVERVIEW}&open=places")
    dialog = console.page.get_by_role("dialog", name="Places")
    dialog.get_by_text("United States").wait_for()
    dialog.get_by_role("searchbox").fill("neth")
    dialog.get_by_role("row").nth(2).wait_for(state="detached")
    assert dialog.get_by_role("row").nth(1).inner_text().startswith("Netherlands")
    dialog.get_by_role("searchbox").fill("")
    dialog.get_by_role("button", name="LCP p75").click()
    dialog.get_by_role("columnheader", name="LCP p75").and_(console.page.locator("[aria-sort=descending]")).wait_for()
    console.keys("Escape")
    console.wait_for_state(open=None)


# ── Looks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def background(console):
    return console.page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")


def test_the_theme_is_the_systems_until_one_is_chosen_and_is_kept(console):
    console.page.emulate_media(color_scheme="dark")
    console.open(OVERVIEW)
    dark = background(console)
    console.page.emulate_media(color_scheme="light")
    light = background(console)
    assert dark != light
    console.button("Theme").click()
    console.page.get_by_role("menuitemradio", name="Dark").click()
    console.wait_for_state(theme="dark")
    assert background(console) == dark
    console.open("monitors")
    assert background(console) == dark
    console.open("monitors?theme=light")
    assert background(console) == light


@pytest.mark.parametrize("width", [1200, 1000, 768])
def test_the_switches_are_in_sight_however_narrow_the_window_is(console, width):
    console.page.set_viewport_size({"width": width, "height": 800})
    console.open(f"{OVERVIEW}&compare=previous")
    last = console.button("Percentile: p75").bounding_box()
    assert last["x"] + last["width"] <= width
    assert console.page.evaluate("() => document.scrollingElement.scrollWidth") <= width


def test_what_does_not_bear_on_a_view_is_greyed_or_not_there(console):
    console.open("demo/errors?range=7d")
    assert console.button("Percentile: p75").is_disabled()
    console.open("demo/ingest?f=browser.is.Chrome")
    assert console.button("Period before").is_visible()
    assert console.button("Percentile: p75").count() == 0
    assert console.page.get_by_role("radio", name="Mobile").count() == 0
    assert console.chips() == []
    console.open("demo/sql")
    assert console.button("Period before").count() == 0


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_navigation_opens(phone):
    for place in (OVERVIEW, "monitors?range=7d"):
        phone.open(place)
        phone.fits()
    phone.open(OVERVIEW)
    assert not phone.page.get_by_role("link", name="Sessions", exact=True).is_visible()
    phone.button("Open the navigation").click()
    phone.page.get_by_role("link", name="Sessions", exact=True).click()
    phone.wait_for_path("demo/sessions")


FRAME = {"header": ".first-bar", "header .search": ".first-search", ".opening": ".first-view"}


@pytest.mark.parametrize("screen", ["console", "phone"])
def test_the_frame_that_is_painted_before_any_script_is_where_the_shell_will_be(screen, request):
    console = request.getfixturevalue(screen)
    boxes = "names => names.map(name => document.querySelector(name).getBoundingClientRect().toJSON())"
    console.expected.append("ERR_FAILED")  # of the script that does not come
    console.page.route("**/assets/index-*.js", lambda route: route.abort())
    console.open(OVERVIEW, settled=False)
    frame = console.page.evaluate(boxes, list(FRAME.values()))
    console.page.unroute("**/assets/index-*.js")
    with console.held(lambda _: True):
        console.open(OVERVIEW, settled=False)
        console.page.locator(".opening").wait_for()
        assert console.page.evaluate(boxes, list(FRAME)) == frame
        assert console.page.locator(".first-frame").count() == 0
    console.settled()


def test_nothing_jumps_while_the_overview_loads(console):
    console.page.add_init_script("""
      window.shifted = 0;
      new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifted += entry.value }))
        .observe({type: 'layout-shift', buffered: true});
    """)
    console.open(OVERVIEW)
    assert console.page.evaluate("() => window.shifted") <= 0.02
