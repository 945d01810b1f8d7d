"""Every event that the real web client sent, from another origin and by whatever road, is stored once."""

import json
from collections import Counter
from urllib.parse import quote

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROADS = {
    "unsigned": ("public", {"signing": False}),
    "signed": ("signed", {}),
}
VITALS = {"com.amazon.rum.cumulative_layout_shift_event", "com.amazon.rum.interaction_to_next_paint_event"}


def visit(chromium, site, openrum, *, client, monitor, config, credentials=None):
    """One visit to the site: look, press both buttons, leave. Returns what the page noted."""
    shown = json.loads(openrum.command("monitors", "show", monitor, "--json").stdout)
    wanted = {
        "client": client,
        "monitor": shown["Id"],
        "config": {
            "endpoint": openrum.url,
            "sessionSampleRate": 1,
            "telemetries": ["performance", "errors", "http"],
            "allowCookies": True,
            "cookieAttributes": {"secure": False},
            "dispatchInterval": 300,
            **config,
        },
        "credentials": credentials,
    }
    context = chromium.new_context()
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    with page.expect_response(lambda response: "/appmonitors/" in response.url and response.request.method == "POST"):
        page.goto(f"{site}/shop.html?wanted={quote(json.dumps(wanted))}")
        page.wait_for_function("window.rum !== undefined")
    with page.expect_response(lambda response: "/appmonitors/" in response.url and response.request.method == "POST"):
        page.click("#slow")
        page.click("#error")
    page.goto(f"{site}/away.html")  # the page is hidden: what was held back leaves now
    noted = page.evaluate("({...localStorage})")
    context.close()
    sent = [tuple(event) for event in json.loads(noted["sent"])]
    return shown["Id"], sent, noted, [text for text in problems if "the button failed" not in text]


def stored(openrum, monitor):
    openrum.wait_until_drained()
    answer = openrum.api(
        "POST", "/api/v1/sql", {"sql": f"SELECT id::VARCHAR, type FROM events WHERE monitor = '{monitor}'"}
    )
    return Counter(tuple(row) for row in answer["rows"])


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("client", ["rum1", "rum2", "rum3"])
def test_every_event_is_stored_once(chromium, site, openrum, ingest_key, client, road):
    monitor, config = ROADS[road]
    credentials = None
    if road == "signed":
        credentials = {
            "accessKeyId": ingest_key["access_key_id"],
            "secretAccessKey": ingest_key["secret_access_key"],
            "sessionToken": "",
        }
    monitor_id, sent, noted, problems = visit(
        chromium, site, openrum, client=client, monitor=monitor, config=config, credentials=credentials
    )
    found = stored(openrum, monitor_id)
    assert problems == []
    assert {event: found[event] for event in sent} == dict.fromkeys(sent, 1)
    types = {event_type for _, event_type in sent}
    assert {"com.amazon.rum.page_view_event", "com.amazon.rum.js_error_event", "shop.slow"} <= types
    assert types >= VITALS, "they leave when the page is hidden, and only then"
    assert int(noted["beacons"]) >= 1


@pytest.mark.parametrize("client", ["rum2", "rum3"])
def test_packed_batches_are_stored_too(chromium, site, openrum, client):
    config = {"signing": False, "compressionStrategy": {"enabled": True}}
    monitor_id, sent, noted, problems = visit(chromium, site, openrum, client=client, monitor="public", config=config)
    found = stored(openrum, monitor_id)
    assert problems == []
    assert {event: found[event] for event in sent} == dict.fromkeys(sent, 1)
    assert int(noted.get("packed", 0)) >= 1


def test_nothing_else_is_stored_and_everything_is_accounted_for(openrum):
    """After all of the above: the identity holds for both monitors."""
    for name in ("public", "signed"):
        totals = openrum.api("GET", f"/api/v1/ledger?monitor={name}")["totals"]
        ended = totals["stored"] + totals["duplicate"] + totals["quarantined"] + totals["dropped"]
        assert totals["received"] == ended == totals["stored"]
        assert totals["refused"] == 0
