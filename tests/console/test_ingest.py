"""Ingest health: everything is accounted for or a banner says what is not; each reason leads to its meaning and a sample."""

import json
import re
import time
import uuid

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE, tab
from tests.crash.load import public_monitor
from tests.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

GOOD, UNREADABLE, FOREIGN = 30, 3, 12
STRANGE = "</pre><script>document.title='ran'</script>"


def batch(*events):
    session = str(uuid.uuid4())
    return json.dumps({
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": "x", "version": "1.0.0"},
        "UserDetails": {"userId": session, "sessionId": session},
        "RumEvents": list(events),
    }).encode()  # fmt: skip


def event(details='{"version": "1.0.0", "pageId": "/"}', event_id=None):
    return {
        "id": event_id or str(uuid.uuid4()),
        "timestamp": int(time.time()),
        "type": "com.amazon.rum.page_view_event",
        "details": details,
        "metadata": json.dumps({"version": "1.0.0", "domain": "localhost", "pageId": "/"}),
    }


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """A monitor whose events end in every way that a sender can bring about."""
    with Server(tmp_path_factory.mktemp("troubled") / "data", ("--auth", "off")) as server:
        monitor = public_monitor(server, "shop")
        public_monitor(server, "silent")

        def send(body, **headers):
            return server.request(
                "POST", f"/appmonitors/{monitor}/", body, {"content-type": "application/json", **headers}
            )[0]

        twice = str(uuid.uuid4())
        assert send(batch(*(event() for _ in range(GOOD)), event(event_id=twice), event(event_id=twice))) == 200
        assert send(batch(*(event(STRANGE) for _ in range(UNREADABLE)))) == 200
        assert [send(batch(event()), origin="https://evil.example") for _ in range(FOREIGN)] == [403] * FOREIGN
        assert send(b"{") == 400
        server.wait_until_drained()
        yield server


@pytest.fixture
def console(troubled, chromium):
    with tab(chromium, troubled.url) as console:
        yield console


def counts(console):
    """The numbers of the account, by name."""
    parts = console.page.get_by_role("region", name="Accounting").get_by_role("button").all()
    return {lines[0].strip(): lines[1] for lines in (part.inner_text().split("\n") for part in parts)}


def opened(console, place="shop/ingest"):
    console.open(place)
    console.page.get_by_text("Refused", exact=True).first.wait_for()
    return console


def test_what_was_received_is_what_became_of_it(console):
    opened(console)
    expect(console.page.get_by_role("table", name="Outcomes and reasons")).to_be_visible()
    received = GOOD + 2 + UNREADABLE
    assert counts(console) == {
        "Received": str(received),
        "Stored": str(GOOD + 1),
        "Duplicate": "1",
        "Quarantined": str(UNREADABLE),
        "Dropped": "0",
        "Refused": str(FOREIGN + 1),
    }


def test_a_banner_says_what_is_refused_and_why_and_leads_to_what_to_do(console):
    opened(console)
    banner = console.page.get_by_role("alert")
    expect(banner).to_contain_text("refused, most of it as “foreign origin”")
    banner.get_by_role("button", name="Look at it").click()
    panel = console.page.get_by_role("complementary", name="Refused: foreign origin")
    expect(panel).to_contain_text("12 requests")
    expect(panel).to_contain_text("Add the domain to the monitor's list of domains.")
    console.keys("Escape")
    console.wait_for_state(open=None)


def test_an_alarming_number_leads_to_the_raw_event_in_two_clicks(console):
    opened(console)
    console.button("Quarantined").click()
    console.wait_for_state(outcome="quarantined")
    console.page.get_by_role("cell", name="details not JSON").click()
    panel = console.page.get_by_role("complementary", name="Quarantined: details not JSON")
    raw = json.loads(panel.get_by_role("region", name="Raw event").inner_text())
    assert raw["details"] == STRANGE
    assert console.page.title() != "ran"
    console.page.go_back()
    console.wait_for_state(open=None, outcome="quarantined")
    console.page.go_back()
    console.wait_for_state(outcome=None)


def test_rows_are_walked_by_keys_beside_the_open_one(console):
    opened(console)
    console.page.get_by_role("table", name="Outcomes and reasons").get_by_role("row").nth(1).click()
    panel = console.page.get_by_role("complementary")
    expect(panel).to_contain_text("Stored")
    console.keys("j")
    expect(panel).to_contain_text("Refused: foreign origin")
    console.keys("k")
    expect(panel.get_by_role("link", name=re.compile("All events"))).to_be_visible()


def test_the_trend_shows_one_outcome_or_only_troubles(console):
    opened(console)
    trend = console.panel("trend")
    expect(trend).to_contain_text("Stored")
    trend.get_by_role("radio", name="Troubles").click()
    console.wait_for_state(show="troubles")
    expect(trend.get_by_role("listitem").filter(has_text="Stored")).to_have_count(0)
    expect(trend.get_by_role("listitem").filter(has_text="Refused")).to_have_count(1)


def test_it_tells_how_openrum_itself_is(console):
    opened(console)
    system = console.panel("system")
    for words in ("Lag", "Canary", "Last event", "Disk", "Kept", "90 days", "every day can be read"):
        expect(system).to_contain_text(words)
    system.get_by_role("link").first.click()
    console.page.wait_for_url("**/shop/sessions/**")


def test_what_arrives_while_one_looks_is_there_by_itself(console, troubled):
    console.page.clock.install()
    opened(console)
    expect(console.page.get_by_role("alert")).to_be_visible()
    before = int(counts(console)["Refused"])
    troubled.request("POST", f"/appmonitors/{uuid.uuid4()}/", batch(event()), {"content-type": "application/json"})
    monitor = json.loads(troubled.request("GET", "/api/v1/monitors")[1])["monitors"]
    shop = next(each["id"] for each in monitor if each["name"] == "shop")
    headers = {"content-type": "application/json", "origin": "https://evil.example"}
    assert troubled.request("POST", f"/appmonitors/{shop}/", batch(event()), headers)[0] == 403
    _wait_for_refused(troubled, before + 1)
    console.page.clock.fast_forward(11_000)
    expect(console.page.get_by_role("region", name="Accounting").get_by_role("button", name="Refused")).to_contain_text(
        str(before + 1)
    )


def _wait_for_refused(server, wanted):
    """Refusals are written once a second."""
    deadline = time.monotonic() + 20
    while json.loads(server.request("GET", "/api/v1/ledger?monitor=shop")[1])["totals"]["refused"] < wanted:
        assert time.monotonic() < deadline


def test_a_monitor_that_nothing_was_sent_to_is_told_so(console):
    console.open("silent/ingest")
    expect(console.page.get_by_text("Nothing was received in this time").first).to_be_visible()


def test_on_a_phone_nothing_is_wider_than_the_screen(troubled, chromium):
    with tab(chromium, troubled.url, viewport=PHONE, has_touch=True, is_mobile=True) as phone:
        opened(phone)
        phone.fits()


def test_where_openrum_itself_is_in_trouble_the_banner_says_so_beside_the_account(console):
    def short_of_disk(route):
        answer = route.fetch()
        told = {**answer.json(), "status": "degraded", "problems": ["the disk is nearly full"]}
        route.fulfill(response=answer, json=told)

    console.page.route(re.compile(r"/api/v1/health"), short_of_disk)
    console.open("silent/ingest?range=7d")
    banner = console.page.get_by_role("alert")
    expect(banner).to_contain_text("Nothing was received in this time, but OpenRUM itself needs attention")
    expect(banner).to_contain_text("The disk is nearly full.")
