"""What strangers send is shown as the text it is: it runs nowhere, breaks no policy, and sends nobody elsewhere."""

import json
import time
import uuid

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


def test_hostile_words_in_an_address_do_nothing(console):
    console.expected += ["404", "400"]
    console.open(
        "hostile/overview?f=page.is.<script>document.title='ran'</script>&open=<img src=x>&metric=__proto__&theme=javascript:1"
    )
    quiet(console)
    console.open("<img src=x onerror=document.title='ran'>/overview")
    quiet(console)
