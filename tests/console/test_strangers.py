"""What strangers send is shown as the text it is: it runs nowhere, breaks no policy, and sends nobody elsewhere."""

import json
import time
import uuid
from urllib.parse import quote

import pytest

from tests.console.conftest import tab
from tests.crash.load import public_monitor
from tests.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = [
    "<script>document.title='ran'</script>",
    "<img src=x onerror=\"document.title='ran'\">",
    "javascript:document.title='ran'",
    "\"><svg onload=document.title='ran'>",
    "{@html '<b>x</b>'} ${document.title='ran'} {{constructor.constructor('x')()}}",
    "../../../../etc/passwd?x=1&y=2#z",
    "\u202etxt.exe \ufdfd Z\u0338\u0300a\u0337 \u7530\u4e2d \U0001f3f3\ufe0f\u200d\U0001f308",
    "a,b\\,c\\ . is . d %00 %E0%A4%A",
    '=HYPERLINK("http://evil.example")',
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A monitor that was sent nothing but hostile strings, wherever one may stand."""
    with Server(tmp_path_factory.mktemp("hostile") / "data", ("--auth", "off")) as server:
        monitor = public_monitor(server, "hostile")
        for text in HOSTILE:
            assert (
                server.request("POST", f"/appmonitors/{monitor}/", batch(text), {"content-type": "application/json"})[0]
                == 200
            )
        server.wait_until_drained()
        yield server


def batch(text):
    metadata = {"version": "1.0.0", "domain": "localhost", "pageId": text, "title": text, "browserName": text, "osName": text, "countryCode": text, "deviceType": "desktop", "aws:releaseId": text}  # fmt: skip

    def event(kind, details):
        return {
            "id": str(uuid.uuid4()),
            "timestamp": int(time.time()),
            "type": f"com.amazon.rum.{kind}",
            "details": json.dumps({"version": "1.0.0", **details}),
            "metadata": json.dumps(metadata),
        }

    events = [
        event("page_view_event", {"pageId": text, "title": text, "referrer": text, "referrerDomain": text}),
        event("js_error_event", {"type": text, "message": text, "filename": text, "stack": text}),
        event("http_event", {"request": {"method": text, "url": text}, "error": {"type": text, "message": text}}),
        event("largest_contentful_paint_event", {"value": 3000.0, "attribution": {"element": text, "url": text}}),
    ]
    session = str(uuid.uuid4())
    body = {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": "x", "version": "1.0.0"},
        "UserDetails": {"userId": session, "sessionId": session},
        "RumEvents": events,
    }
    return json.dumps(body).encode()


@pytest.fixture
def console(hostile, chromium):
    with tab(chromium, hostile.url) as console:
        yield console


def quiet(console):
    assert console.page.title() != "ran"
    assert console.breaches() == []


def test_the_overview_shows_hostile_strings_as_text(console):
    console.open("hostile/overview?range=1h")
    for panel in ("pages", "errors", "browsers", "releases"):
        assert "ran" in console.panel(panel).inner_text(), panel
    assert console.page.locator("main img, main script, main [onload]").count() == 0
    quiet(console)
    console.open("hostile/overview?range=1h&open=pages.data")
    console.page.get_by_role("dialog").get_by_text("<script>").first.wait_for()
    quiet(console)


def test_performance_shows_hostile_strings_as_text_and_leads_to_a_page_of_that_name(console):
    console.open("hostile/performance?range=1h")
    assert "ran" in console.panel("samples").inner_text()
    assert console.page.locator("main img, main script, main [onload]").count() == 0
    row = console.panel("pages-table").locator("tbody tr").filter(has_text="<script>")
    row.locator("td").nth(2).click()
    console.page.get_by_role("link", name="All pages").wait_for()
    console.settled()
    assert HOSTILE[0] in console.page.locator("main h2").first.inner_text()
    assert "<script>" in console.panel("lcp-parts").inner_text()
    quiet(console)


def test_the_configuration_shows_hostile_strings_as_text(console):
    console.open("hostile/configuration?tab=pages")
    console.panel("preview").get_by_role("row").nth(5).wait_for()
    assert "ran" in console.panel("preview").inner_text()
    console.open("hostile/configuration?tab=snippet")
    seen = console.page.get_by_role("list", name="Pages seen")
    seen.get_by_text("<script>").wait_for()
    assert console.page.locator("main img, main script, main [onload]").count() == 0
    quiet(console)


def test_a_hostile_value_becomes_a_filter_and_comes_back_from_the_address(console):
    console.open("hostile/overview?range=1h&pages=page")
    names = [value.get_attribute("aria-label") for value in console.panel("pages").locator("button.value").all()]
    assert len(names) > 5
    for name in names:
        console.panel("pages").get_by_role("button", name=name, exact=True).click()
        console.settled()
        [chip] = console.chips()
        assert f"Filter: {chip}" == name
        console.page.reload()
        console.settled()
        assert console.chips() == [chip]
        assert console.panel("pages").locator("button.value").count() == 1
        console.keys("Escape")
        console.wait_for_state(f=None)
        console.settled()
    quiet(console)


def test_events_and_their_session_show_hostile_strings_as_text(console):
    console.open("hostile/events?range=1h&facets=error_title&f=type.is.js_error_event")
    lines = console.panel("events").locator("[data-row] .line")
    for number in range(lines.count()):
        lines.nth(number).locator("time").click()
        console.page.get_by_role("region", name="Raw JSON of the event").wait_for()
        console.keys("Escape")
        console.page.locator("aside").wait_for(state="detached")
    assert lines.count() == len(HOSTILE)
    quiet(console)
    console.open("hostile/sessions?range=1h")
    console.panel("sessions").locator("tbody a").first.click()
    console.panel("timeline").locator("button.line").first.wait_for()
    console.keys("j")
    console.page.get_by_role("region", name="Raw JSON of the event").wait_for()
    assert console.page.locator("main img, main script, main [onload], aside img, aside script").count() == 0
    quiet(console)


@pytest.mark.parametrize(
    ("place", "panel"),
    [
        ("journey?range=1h&by=page", "paths"),
        ("journey?range=1h&by=page", "entries"),
        ("journey?range=1h&by=page&open=paths", "paths"),
        ("browsers?range=1h", "usage"),
        ("browsers?range=1h&tab=os", "usage"),
        ("releases?range=1h", "releases"),
    ],
)
def test_journeys_browsers_and_releases_show_hostile_strings_as_text(console, place, panel):
    console.open(f"hostile/{place}")
    assert "onload=document.title='ran'" in console.panel(panel).inner_text()
    assert console.page.locator("main img, main script, main [onload], dialog img").count() == 0
    quiet(console)


def test_hostile_steps_of_a_funnel_and_hostile_releases_are_only_values(console):
    steps = quote(
        ";".join(
            f"page.is.{text.replace(chr(92), chr(92) * 2).replace(',', chr(92) + ',').replace(';', chr(92) + ';')}"
            for text in HOSTILE[:2]
        )
    )
    console.open(f"hostile/journey?range=1h&tab=funnel&funnel={steps}")
    assert console.page.locator("li.step").count() == 2
    assert HOSTILE[1] in console.panel("conversion").inner_text()
    quiet(console)
    console.open(f"hostile/releases?range=1h&a={quote(HOSTILE[0])}&b={quote(HOSTILE[1])}")
    assert console.panel("sides").locator("thead").inner_text().count("document.title='ran'") == 2
    quiet(console)


def test_groups_of_errors_and_routes_of_requests_show_hostile_strings_as_text(console):
    for view, panel, inner in (("errors", "groups", "sample"), ("http", "routes", "requests")):
        console.open(f"hostile/{view}?range=1h")
        links = [link.get_attribute("href") for link in console.panel(panel).locator("a.title").all()]
        assert len(links) > 5
        for link in links:
            console.open(link.removeprefix("/console/"))
            console.panel(inner).wait_for()
            if view == "errors":
                console.panel(inner).get_by_role("radio", name="Raw JSON").click()
            else:
                console.panel(inner).locator("tbody time").first.click()
            console.page.get_by_role("region", name="The event as it was sent").wait_for()
            assert console.page.locator("main img, main script, main [onload], aside img, aside script").count() == 0
        quiet(console)


def test_rows_of_sql_and_the_account_show_hostile_strings_as_text(console):
    console.open("hostile/sql?q=SELECT page, title, error_message, details FROM events&open=row.1")
    assert "ran" in console.panel("result").inner_text()
    assert "ran" in console.page.get_by_role("complementary", name="Row 1").inner_text()
    assert console.page.locator("main img, main script, main [onload]").count() == 0
    quiet(console)
    console.open("hostile/ingest?range=1h&outcome=__proto__&open=<img src=x>")
    assert "Everything is accounted for" in console.page.get_by_role("main").inner_text()
    quiet(console)


def test_hostile_words_in_an_address_do_nothing(console):
    console.expected += ["404", "400"]
    console.open(
        "hostile/overview?f=page.is.<script>document.title='ran'</script>&open=<img src=x>&metric=__proto__&theme=javascript:1"
    )
    quiet(console)
    console.open("<img src=x onerror=document.title='ran'>/overview")
    quiet(console)
