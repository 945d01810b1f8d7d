"""Performance: one timing at a time from its percentile down to a single page load; what pages fetch; where it is slow."""

import re

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOADS = "demo/performance?range=7d"
PAGE = "demo/performance//products/%3Aslug"


def table_rows(console, panel):
    return console.panel(panel).locator("tbody tr")


def cells(console, panel, head):
    """The texts of a column of a panel's table, from top to bottom."""
    heads = [each.inner_text().strip() for each in console.panel(panel).locator("thead th").all()]
    return console.panel(panel).locator(f"tbody td:nth-child({heads.index(head) + 1})").all_inner_texts()


def milliseconds(text):
    """The first duration in a text, which may begin with the word of its band."""
    number, unit = re.search(r"([\d.]+) (ms|s)\b", text).groups()
    return float(number) * (1000 if unit == "s" else 1)


# ── Page loads ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_chosen_timing_is_what_every_panel_shows(console):
    console.open(LOADS)
    titles = {"trend": "{} over time", "spread": "How {} is spread", "pages-table": "Pages by {}", "who": "{} by"}

    def showing(name):
        console.settled()
        for panel, title in titles.items():
            assert console.panel(panel).locator("h2").inner_text() == title.format(name)

    showing("LCP")
    console.button("INP").click()
    console.wait_for_state(vital="inp")
    showing("INP")
    assert console.panel("inp-parts").get_by_text("button.add-to-basket").is_visible()
    console.keys("v")
    console.wait_for_state(vital="cls")
    showing("CLS")
    console.page.go_back()
    console.page.go_back()
    console.wait_for_state(vital=None)
    showing("LCP")


def test_percentile_and_bands_are_on_the_trend_and_three_lines_are_one_click_away(console):
    console.open(f"{LOADS}&p=95")
    assert console.panel("trend").get_by_role("radio", name="p95", exact=True).is_checked()
    console.panel("trend").get_by_role("radio", name="p50, p75, p95").click()
    console.wait_for_state(lines="all")
    console.settled()
    assert console.panel("trend").get_by_role("group", name="LCP p50, LCP p75, LCP p95 over time").first.is_visible()


def test_the_histogram_is_read_by_keys_and_a_bar_leads_to_page_loads_of_that_size(console):
    console.open(LOADS)
    chart = console.panel("spread").get_by_role("group", name="How LCP is spread")
    chart.focus()
    console.keys(*["ArrowRight"] * 30)
    spoken = console.panel("spread").locator("[aria-live]").inner_text()
    assert re.match(r"2\.90 s . 3\.00 s", spoken)
    assert "Needs improvement" in spoken
    console.keys("Enter")
    console.wait_for_state(at="3000")
    console.settled()
    assert console.panel("samples").locator("h2").inner_text() == "Page loads with LCP at 3.00 s"
    values = [milliseconds(text) for text in cells(console, "samples", "LCP")]
    assert values == sorted(values, reverse=True)
    assert 2_500 < values[-1] <= values[0] <= 3_000


def test_pages_are_put_in_order_by_a_head_and_searched(console):
    console.open(LOADS)
    console.panel("pages-table").get_by_role("button", name="p75", exact=True).click()
    console.wait_for_state(sort="p75.desc")
    console.settled()
    values = [milliseconds(text) for text in cells(console, "pages-table", "p75")]
    assert values == sorted(values, reverse=True)
    console.keys("/")
    console.page.keyboard.type("categ")
    table_rows(console, "pages-table").nth(4).wait_for(state="detached")
    assert all("/categories/" in text for text in cells(console, "pages-table", "Page"))
    console.page.go_back()
    console.wait_for_state(sort=None)


def test_from_the_overviews_lcp_to_the_event_as_it_was_sent_is_three_clicks(console):
    console.open("demo/overview?range=7d")
    console.panel("vitals").locator(".tile", has_text="LCP").get_by_role("link").click()
    console.wait_for_path("demo/performance")
    console.settled()
    table_rows(console, "pages-table").first.get_by_role("link").nth(3).click()
    console.wait_for_path(PAGE)
    console.settled()
    sample = console.panel("samples").locator("tbody a").first
    value = milliseconds(sample.inner_text())
    sample.click()
    raw = console.page.get_by_role("region", name="Raw JSON of the event")
    raw.wait_for()
    assert console.path.startswith("demo/sessions/")
    text = raw.inner_text()
    assert "largest_contentful_paint" in text
    assert float(re.search(r'"value": ([\d.]+)', text)[1]) == pytest.approx(value, abs=6)


def test_what_to_fix_first_leads_to_the_page_and_its_vital(console):
    console.open(LOADS)
    first = console.panel("impact").get_by_role("row").nth(1)
    assert "INP" in first.inner_text()
    first.get_by_role("link").last.click()
    console.wait_for_path(PAGE)
    console.wait_for_state(vital="inp")
    console.settled()
    assert console.panel("trend").locator("h2").inner_text() == "INP over time"


# ── One page ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_shows_where_its_time_goes_and_nothing_of_other_pages(console):
    console.open(LOADS)
    loads = cells(console, "pages-table", "Samples")[0]
    table_rows(console, "pages-table").first.locator("td").nth(2).click()
    console.wait_for_path(PAGE)
    console.settled()
    assert f"{loads} page loads" in console.panel("waterfall").inner_text()
    phases = console.panel("waterfall").get_by_role("row").all_inner_texts()
    assert [name for name in ("DNS", "Request", "Parse") if any(row.startswith(name) for row in phases)] == [
        "DNS", "Request", "Parse",
    ]  # fmt: skip
    assert all(text.startswith("/products/") for text in cells(console, "samples", "Page"))
    assert console.panel("lcp-parts").get_by_text("main>figure>img.hero").is_visible()
    assert console.panel("cls-targets").get_by_text("main>section.offers").is_visible()
    console.panel("who").get_by_role("button", name="Browser is Safari").click()
    console.wait_for_state(f="browser.is.Safari")
    assert console.path == PAGE
    console.keys("Backspace")
    console.wait_for_path("demo/performance")


def test_a_page_that_nobody_saw_says_so_in_every_panel(console):
    console.open("demo/performance/nowhere?range=7d")
    for panel in ("spread", "samples", "waterfall", "lcp-parts", "inp-parts", "cls-targets"):
        assert re.search("No (samples|page loads|layout shifts) here", console.panel(panel).inner_text()), panel


# ── Resources, locations ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_kind_of_resource_filters_the_files(console):
    console.open(LOADS)
    console.page.get_by_role("radio", name="Resources", exact=True).click()
    console.wait_for_state(tab="resources")
    console.settled()
    assert len(set(cells(console, "files", "Type"))) > 1
    console.panel("kinds").get_by_role("button", name="Resource type is font").click()
    console.wait_for_state(f="resource_type.is.font")
    console.settled()
    assert set(cells(console, "files", "Type")) == {"font"}
    assert all("%" in share for share in cells(console, "files", "Of all time"))


def test_a_country_on_the_map_filters_and_the_table_beside_it_has_the_same(console):
    console.open(f"{LOADS}&tab=locations")
    assert {"United States", "Germany", "India"} <= set(cells(console, "places", "Country"))
    india = console.panel("map").locator("[data-country=IN] path").first
    india.hover()
    box = console.panel("map").locator(".box").inner_text()
    row = table_rows(console, "places").filter(has_text="India").inner_text()
    assert box.startswith("India")
    assert re.search(r"[\d.]+ m?s", box)[0] in row
    india.click()
    console.wait_for_state(f="country.is.IN")
    console.page.go_back()
    console.wait_for_state(f=None)
    india.click(modifiers=["Alt"])
    console.wait_for_state(f="country.is_not.IN")
    console.settled()
    assert "India" not in cells(console, "places", "Country")


# ── Everywhere ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_wider_than_a_phone(phone):
    for place in (LOADS, f"{PAGE}?range=7d&vital=inp", f"{LOADS}&tab=resources", f"{LOADS}&tab=locations"):
        phone.open(place)
        phone.fits()


def test_nothing_jumps_while_page_loads_come_in(console):
    console.page.add_init_script("""
      window.shifted = 0;
      new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifted += entry.value }))
        .observe({type: 'layout-shift', buffered: true});
    """)
    for place in (LOADS, f"{LOADS}&tab=locations"):
        console.open(place)
        assert console.page.evaluate("() => window.shifted") <= 0.02, place
