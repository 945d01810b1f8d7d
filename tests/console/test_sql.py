"""The SQL view: write, be helped, run, see, keep, take along; and from every panel into it."""

import json
import re

import duckdb
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def editor(console):
    return console.page.get_by_label("SQL", exact=True)


def run(console, sql):
    """Write a text and run it as people do; the caret stays at its end."""
    editor(console).fill(sql)
    console.keys("Control+Enter")
    console.wait_for_state(q=sql)
    console.settled()


def rows(console):
    table = console.panel("result").get_by_role("table", name="Result")
    return [
        [cell.inner_text() for cell in row.get_by_role("cell").all()[1:]]
        for row in table.locator("tbody tr[data-place]").all()
    ]


def downloaded(console, item):
    console.button("Menu of the result").click()
    with console.page.expect_download() as waiting:
        console.page.get_by_role("menuitem", name=item).click()
    return waiting.value


def test_a_sample_is_run_drawn_and_leads_to_the_raw_event_in_four_clicks(console):
    console.open("demo/sql")
    expect(editor(console)).to_have_value(re.compile("^SELECT"))
    console.button("Sessions that met trouble").click()
    tenth = console.panel("result").locator("tbody tr[data-place='9']")
    tenth.wait_for()
    tenth.locator("a[href*='/sessions/']").click()
    console.page.wait_for_url("**/demo/sessions/**")
    console.page.go_back()
    tenth.wait_for()


def test_every_sample_finds_something(console):
    console.open("demo/sql")
    samples = console.page.locator(".side button.line")
    expect(samples).to_have_count(9)
    for at in range(9):
        with console.page.expect_response("**/api/v1/sql") as answered:
            samples.nth(at).click()
        assert answered.value.json()["rows"], at


def test_the_address_is_the_query_and_the_back_button_undoes_the_last_run(console):
    console.open("demo/sql?q=SELECT 1 AS one")
    assert rows(console) == [["1"]]
    run(console, "SELECT 2 AS two, 'x' AS word, NULL AS nothing")
    assert rows(console) == [["2", "x", "null"]]
    console.page.go_back()
    console.settled()
    expect(editor(console)).to_have_value("SELECT 1 AS one")
    assert rows(console) == [["1"]]


def test_an_error_is_told_at_its_place_and_a_click_leads_there(console):
    console.expected.append("400")
    console.open("demo/sql")
    run(console, "SELECT page,\n  foo\nFROM page_views")
    alert = console.page.get_by_role("alert")
    expect(alert).to_contain_text("Line 2, column 3")
    expect(alert).to_contain_text("foo")
    assert console.page.locator("pre span.wrong").inner_text() == "foo"
    alert.get_by_role("button").click()
    assert editor(console).evaluate("area => area.selectionStart") == len("SELECT page,\n  ")
    console.keys("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    console.page.keyboard.type("title")
    console.keys("Escape", "Control+Enter")
    console.settled()
    assert alert.count() == 0
    assert rows(console)


def test_columns_are_proposed_taken_by_tab_and_escape_then_tab_leaves(console):
    console.open("demo/sql")
    console.page.wait_for_function("() => document.querySelector('main textarea').value !== ''")
    editor(console).fill("SELECT  FROM web_vitals")
    editor(console).evaluate("area => area.setSelectionRange(7, 7)")
    console.page.keyboard.type("vit")
    option = console.page.get_by_role("option", name=re.compile("^vital"))
    option.wait_for()
    console.keys("Tab")
    expect(editor(console)).to_have_value("SELECT vital FROM web_vitals")
    console.keys("Tab")
    expect(editor(console)).to_have_value("SELECT vital   FROM web_vitals")
    console.keys("Escape", "Tab")
    expect(editor(console)).not_to_be_focused()
    expect(editor(console)).to_have_value("SELECT vital   FROM web_vitals")


def test_of_several_statements_the_one_at_the_caret_runs(console):
    console.open("demo/sql")
    run(console, "SELECT 1 AS a;\nSELECT ';' AS b")
    assert rows(console) == [[";"]]
    assert console.state["n"] == ["2"]
    console.keys("Control+Home", "Control+Enter")
    console.wait_for_state(n=None)
    console.settled()
    assert rows(console) == [["1"]]


def test_ten_thousand_rows_scroll_sort_and_say_that_there_are_more(console):
    console.open("demo/sql")
    run(console, "SELECT i, 'row ' || i AS name FROM range(20000) AS t(i)")
    result = console.panel("result")
    expect(result).to_contain_text("10,000 rows")
    expect(result).to_contain_text("The first 10,000 alone")
    assert len(rows(console)) < 60
    result.get_by_role("button", name=re.compile("^i ")).click()
    assert rows(console)[0] == ["9999", "row 9999"]
    result.get_by_role("region", name="Rows").evaluate("area => area.scrollTop = area.scrollHeight")
    expect(result.get_by_text("row 0", exact=True)).to_be_visible()
    result.get_by_text("row 0", exact=True).click()
    expect(console.page.get_by_role("complementary", name="Row 1")).to_contain_text("row 0")
    console.keys("j")
    expect(console.page.get_by_role("complementary", name="Row 2")).to_contain_text("row 1")
    console.keys("Escape")
    console.wait_for_state(open=None)


def test_times_are_drawn_as_lines_and_names_as_bars(console):
    console.open("demo/sql?as=chart")
    sql = "SELECT time_bucket(INTERVAL 1 DAY, time) AS day, count(*) AS n FROM events GROUP BY day ORDER BY day"
    run(console, sql)
    console.panel("result").get_by_role("group", name=re.compile("Result over time")).wait_for()
    run(console, "SELECT browser, count(*) AS n FROM events GROUP BY browser ORDER BY n DESC")
    expect(console.panel("result").get_by_role("table", name="Result")).to_contain_text("Chrome")


def test_a_result_is_taken_along_as_csv_json_and_parquet(console, tmp_path):
    console.open("demo/sql")
    run(console, "SELECT '=1+1' AS text, 1.5 AS number, TIMESTAMP '2026-01-02 03:04:05' AS at")
    assert downloaded(console, "Download CSV").path().read_bytes() == (
        b"text,number,at\r\n'=1+1,1.5,2026-01-02T03:04:05\r\n"
    )
    [record] = json.loads(downloaded(console, "Download JSON").path().read_text())
    assert record == {"text": "=1+1", "number": 1.5, "at": "2026-01-02T03:04:05"}
    downloaded(console, "Download Parquet").save_as(tmp_path / "result.parquet")
    with duckdb.connect() as reader:
        [(text, number, at)] = reader.execute(f"FROM '{tmp_path / 'result.parquet'}'").fetchall()
    assert (text, number, at.isoformat()) == ("=1+1", 1.5, "2026-01-02T03:04:05")


def test_a_query_is_saved_loaded_and_removed(console):
    console.open("demo/sql?tab=saved&q=SELECT 3 AS three")
    console.keys("e", "Control+s")
    dialog = console.page.get_by_role("dialog", name="Save query")
    dialog.get_by_label("Name").fill("<b>Three</b> & more")
    console.keys("Enter")
    dialog.wait_for(state="detached")
    saved = console.button("<b>Three</b> & more SELECT 3 AS three")
    saved.wait_for()
    run(console, "SELECT 4 AS four")
    saved.click()
    console.wait_for_state(q="SELECT 3 AS three")
    console.settled()
    assert rows(console) == [["3"]]
    console.button("Remove <b>Three</b> & more").click()
    console.page.get_by_text("Nothing saved yet").wait_for()


def test_a_slow_query_is_cancelled(console):
    console.open("demo/sql")
    with console.held(lambda request: request.url.endswith("/sql")):
        editor(console).fill("SELECT 1")
        console.keys("Control+Enter")
        console.button("Cancel").click()
        expect(console.panel("result")).to_contain_text("Stopped")
    console.button("Run again").click()
    console.settled()
    assert rows(console) == [["1"]]


def test_the_sql_of_a_panel_opens_here_and_answers_the_same(console):
    console.open("demo/overview?range=7d&open=browsers.sql")
    console.page.get_by_role("dialog").get_by_role("button", name="Open in SQL").click()
    console.page.wait_for_url("**/demo/sql?**")
    console.settled()
    answered = {row[0]: row[1] for row in rows(console)}
    assert {"Chrome", "Safari"} <= set(answered)
    console.open("demo/overview?range=7d&open=browsers.data")
    shown = console.page.get_by_role("dialog").get_by_role("row", name=re.compile("^Chrome")).inner_text().split()
    assert shown[1].replace(",", "") == answered["Chrome"]


def test_a_panel_gives_its_data_as_parquet(console, tmp_path):
    console.open("demo/overview?range=7d")
    console.panel("browsers").get_by_role("button", name="Menu of Browsers").click()
    with console.page.expect_download() as waiting:
        console.page.get_by_role("menuitem", name="Download Parquet").click()
    assert waiting.value.suggested_filename == "browsers.parquet"
    waiting.value.save_as(tmp_path / "browsers.parquet")
    with duckdb.connect() as reader:
        [(chrome,)] = reader.execute(
            f"SELECT sessions FROM '{tmp_path / 'browsers.parquet'}' WHERE browser = 'Chrome'"
        ).fetchall()
    assert chrome > 10


def test_on_a_phone_nothing_is_wider_than_the_screen(phone):
    phone.open("demo/sql?q=SELECT * FROM sessions LIMIT 5")
    assert len(rows(phone)) == 5
    phone.fits()
