"""What browsers do at the door: preflights, beacons, gzip, and pages that read the answer. Bodies as the clients send them."""

import gzip
import json
import uuid

import pytest

from tests.wire.door import MONITOR, ORIGIN, PUBLIC, Caller, Door, Memory, batch, encoded, event, served

UA = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
FETCH = {"Origin": ORIGIN, "Content-Type": "application/json", "User-Agent": UA, "Referer": f"{ORIGIN}/cart"}
BEACON = {**FETCH, "Content-Type": "text/plain;charset=UTF-8", "Cookie": "cwr_u=1"}


@pytest.fixture(scope="module")
def running():
    door = Door(monitors=Memory(PUBLIC))
    with served(door) as caller:
        yield door, caller


@pytest.fixture
def door(running):
    running[0].journal.payloads.clear()
    running[0].refused.clear()
    return running[0]


@pytest.fixture
def caller(running) -> Caller:
    return running[1]


def client_1_25():
    """aws-rum-web 1.25: all metadata in every event, no SessionMetadata."""
    metadata = {"version": "1.0.0", "browserLanguage": "en-US", "browserName": "Chrome", "browserVersion": "130.0.0.0",
                "osName": "Linux", "osVersion": "unknown", "deviceType": "desktop", "platformType": "web",
                "aws:client": "arw-module", "aws:clientVersion": "1.25.0", "domain": "shop.example",
                "pageId": "/cart"}  # fmt: skip
    details = {"version": "1.0.0", "pageId": "/cart"}
    return batch(event(details=encoded(details).decode(), metadata=encoded(metadata).decode()))


def client_3_2():
    """aws-rum-web 3.2: what a session shares stands once in SessionMetadata; a vital as the page hides."""
    session = {"version": "1.0.0", "browserLanguage": "en-US", "aws:userAgent": UA, "platformType": "web",
               "domain": "shop.example", "aws:client": "arw-script", "aws:clientVersion": "3.2.1"}  # fmt: skip
    cls = event(
        type="com.amazon.rum.cumulative_layout_shift_event",
        details='{"version":"1.0.0","value":0.0123,"attribution":{}}',
        metadata='{"pageId":"/cart"}',
    )
    return batch(cls, SessionMetadata=encoded(session).decode(), Alias="shop")


CLIENTS = pytest.mark.parametrize("sent", [client_1_25(), client_3_2()], ids=["1.25", "3.2"])
PATHS = pytest.mark.parametrize(
    "path",
    [f"/appmonitors/{MONITOR}", f"/appmonitors/{MONITOR}/", f"/appmonitors/{MONITOR.upper()}"],
    ids=["client", "SDK", "upper"],
)


@CLIENTS
@PATHS
def test_a_fetch_is_journalled_as_it_came_with_what_only_the_door_knows(door, caller, sent, path):
    body = encoded(sent)
    before = door.now_ms()
    answer = caller.send(path=path, body=body, headers=FETCH)
    assert (answer.status, answer.body) == (200, b"")
    [received] = door.journal.received
    assert received.body == body
    assert (received.monitor, received.events) == (MONITOR, len(sent["RumEvents"]))
    assert (received.country, received.subdivision, received.user_agent) == ("DE", "DE-BE", UA)
    assert before <= received.received_ms <= door.now_ms()


def test_the_address_is_in_no_payload(door, caller):
    caller.send(body=encoded(batch()), headers=FETCH)
    assert b"127.0.0.1" not in door.journal.payloads[0]


@CLIENTS
def test_a_beacon_is_taken_without_a_preflight(door, caller, sent):
    assert caller.send(body=encoded(sent), headers=BEACON).status == 200
    assert json.loads(door.journal.received[0].body) == sent


@CLIENTS
def test_gzip_is_journalled_unpacked(door, caller, sent):
    body = encoded(sent)
    answer = caller.send(body=gzip.compress(body), headers={**FETCH, "Content-Encoding": "gzip"})
    assert answer.status == 200
    assert door.journal.received[0].body == body


def test_gzip_of_several_members_is_one_body(door, caller):
    body = encoded(batch())
    packed = gzip.compress(body[:100]) + gzip.compress(body[100:])
    assert caller.send(body=packed, headers={**FETCH, "Content-Encoding": "gzip"}).status == 200
    assert door.journal.received[0].body == body


@pytest.mark.parametrize("packed", [True, False])
def test_a_chunked_body_is_one_body(door, caller, packed):
    body = encoded(batch(*[event() for _ in range(50)]))
    wire = gzip.compress(body) if packed else body
    headers = {**FETCH, **({"Content-Encoding": "gzip"} if packed else {})}
    chunks = (wire[at : at + 1_000] for at in range(0, len(wire), 1_000))
    assert caller.send(body=chunks, headers=headers, encode_chunked=True).status == 200
    assert door.journal.received[0].body == body


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8", "text/plain", None],
)
def test_json_and_plain_text_and_nothing_said_are_read(caller, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    assert caller.send(body=encoded(batch()), headers=headers).status == 200


def test_an_answer_to_a_page_can_be_read_by_that_page_alone(caller):
    headers = caller.send(body=encoded(batch()), headers=FETCH).headers
    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in headers


def test_an_answer_to_an_sdk_says_nothing_of_origins(caller):
    headers = caller.send(body=encoded(batch())).headers
    assert not [name for name in headers if name.startswith("access-control-")]
    assert headers["vary"] == "Origin"


PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-encoding,content-type,x-amz-content-sha256,x-amz-date,"
    "x-amz-security-token,x-tenant",
}


def test_a_preflight_allows_what_the_client_and_its_operator_send(door, caller):
    answer = caller.send("OPTIONS", headers=PREFLIGHT)
    assert (answer.status, answer.body) == (200, b"")
    allowed = set(answer.headers["access-control-allow-headers"].split(", "))
    assert set(PREFLIGHT["Access-Control-Request-Headers"].split(",")) <= allowed
    assert "*" not in allowed  # it would not cover Authorization
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert not door.refused


def test_a_preflight_does_not_tell_which_monitors_exist(caller):
    known = caller.send("OPTIONS", headers=PREFLIGHT)
    unknown = caller.send("OPTIONS", f"/appmonitors/{uuid.uuid4()}", headers=PREFLIGHT)
    foreign = caller.send("OPTIONS", headers={**PREFLIGHT, "Origin": "https://evil.example"})
    del known.headers["x-amzn-requestid"], unknown.headers["x-amzn-requestid"]
    del known.headers["date"], unknown.headers["date"]
    assert unknown == known
    assert foreign.status == known.status


def test_one_connection_serves_refused_and_sound_requests_in_turn(door, caller):
    for _ in range(20):
        assert caller.send(body=b"{", headers=FETCH).status == 400
        assert caller.send(body=encoded(batch()), headers=FETCH).status == 200
    assert len(door.journal.payloads) == 20
    assert door.refused == {(MONITOR, "malformed"): 20}


def test_request_ids_differ(caller):
    assert len({caller.send(body=b"{").headers["x-amzn-requestid"] for _ in range(50)}) == 50
