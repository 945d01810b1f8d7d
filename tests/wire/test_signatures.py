"""Signed requests at the door, as botocore and the web client make them, and every single bit of them turned."""

import asyncio
import gzip
import re
import time
from dataclasses import replace

import pytest

from tests.wire.door import (
    MONITOR,
    ORIGIN,
    SECRET,
    Door,
    FakeKey,
    FakeMonitor,
    Memory,
    MemoryJournal,
    ask,
    batch,
    encoded,
    event,
    policy,
    served,
    signed,
    signed_beacon,
)

INGEST, ADMIN, VIEWER = FakeKey("AKIAINGEST", "ingest"), FakeKey("AKIAADMIN", "admin"), FakeKey("AKIAVIEWER", "viewer")
BODY = encoded(batch())
PATH = f"/appmonitors/{MONITOR}/"


@pytest.fixture(scope="module")
def caller():
    with served(Door()) as caller:
        yield caller


@pytest.fixture
def door(caller):
    door = Door(keys=Memory(INGEST, ADMIN, VIEWER))
    caller.app = door.app
    return door


@pytest.fixture
def url(caller):
    return caller.url + PATH


def now_s():
    return int(time.time())


# ── What is taken ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [INGEST, ADMIN], ids=["ingest", "admin"])
@pytest.mark.parametrize("token", [None, "a session/token+="])
@pytest.mark.parametrize("presigned", [False, True], ids=["headers", "query"])
def test_a_signature_of_an_sdk_is_taken(caller, door, url, key, token, presigned):
    path, headers = signed(url, BODY, key.id, token=token, presigned=presigned)
    assert caller.send(path=path, body=BODY, headers=headers).status == 200
    assert [received.body for received in door.journal.received] == [BODY]


def test_a_fetch_of_the_web_client_is_taken_gzipped_with_an_operator_s_header(caller, door, url):
    wire = gzip.compress(BODY)
    wanted = {"Content-Type": "application/json", "Content-Encoding": "gzip", "X-Tenant": "a  b"}
    path, headers = signed(url.removesuffix("/"), wire, headers=wanted, token="t")
    answer = caller.send(path=path, body=wire, headers={**headers, "Origin": ORIGIN})
    assert answer.status == 200
    assert door.journal.received[0].body == BODY


def test_a_beacon_of_the_web_client_is_taken(caller, door, url):
    path, headers = signed_beacon(url.removesuffix("/"), BODY, now_s())
    assert caller.send(path=path, body=BODY, headers={**headers, "Origin": ORIGIN}).status == 200
    assert door.journal.received[0].body == BODY


def test_a_policy_that_does_not_speak_of_the_signer_changes_nothing(caller, door, url):
    door.monitors[MONITOR] = FakeMonitor(policy=policy({"Condition": {"StringEquals": {"rum:alias": "x"}}}))
    path, headers = signed(url, BODY)
    assert caller.send(path=path, body=BODY, headers=headers).status == 200


def test_a_key_that_another_process_just_made_is_looked_up(caller, door, url):
    door.keys.late["AKIANEW"] = FakeKey("AKIANEW", "ingest")
    path, headers = signed(url, BODY, "AKIANEW")
    assert caller.send(path=path, body=BODY, headers=headers).status == 200


def test_a_monitor_that_another_process_just_made_is_looked_up(caller, door, url):
    door.monitors.late[MONITOR] = door.monitors.pop(MONITOR)
    path, headers = signed(url, BODY)
    assert caller.send(path=path, body=BODY, headers=headers).status == 200


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_may_be_off_by_a_quarter_of_an_hour(caller, door, url, minutes):
    door.now_ms = lambda: (now_s() + minutes * 60) * 1000
    caller.app = door.app
    path, headers = signed(url, BODY)
    assert caller.send(path=path, body=BODY, headers=headers).status == 200


def test_without_auth_everything_is_taken(caller):
    door = Door(auth=False)
    caller.app = door.app
    for headers in ({}, {"Authorization": "AWS4-HMAC-SHA256 nonsense"}):
        assert caller.send(body=BODY, headers=headers).status == 200


# ── What is refused ───────────────────────────────────────────────────────────────────────────────────────────────

NO_MATCH = "The signature does not match. Check the secret access key, and that no proxy changes path, Host or body."
UNKNOWN = "The access key in the request is not known here."
NO_ROLE = "this access key may not send events; that takes the role admin or ingest"
REFUSED = {
    "wrong secret": ({"secret": "x" * 40}, "InvalidSignatureException", NO_MATCH),
    "unknown key": ({"key": "AKIANOBODY"}, "UnrecognizedClientException", UNKNOWN),
    "viewer": ({"key": "AKIAVIEWER"}, "AccessDeniedException", NO_ROLE),
}


@pytest.mark.parametrize("presigned", [False, True], ids=["headers", "query"])
@pytest.mark.parametrize(("how", "code", "message"), REFUSED.values(), ids=REFUSED)
def test_who_may_not_send_is_told_so(caller, door, url, how, code, message, presigned):
    path, headers = signed(url, BODY, presigned=presigned, **how)
    assert caller.send(path=path, body=BODY, headers=headers).error == (403, code, message)
    assert not door.journal.payloads
    assert door.refused == {(MONITOR, "access denied"): 1}


@pytest.mark.parametrize("presigned", [False, True], ids=["headers", "query"])
@pytest.mark.parametrize(
    "change",
    [
        lambda path, headers, body: (path, headers, encoded(batch())),
        lambda path, headers, body: (path, {**headers, "Host": "other.example"}, body),
        lambda path, headers, body: (path.replace(f"{MONITOR}/", MONITOR), headers, body),
        lambda path, headers, body: (path.replace(MONITOR, MONITOR.upper()), headers, body),
        lambda path, headers, body: (path + ("&" if "?" in path else "?") + "x=1", headers, body),
    ],
    ids=["body", "host", "slash", "case", "query"],
)
def test_what_is_signed_cannot_be_changed(caller, door, url, change, presigned):
    path, headers, body = change(*signed(url, BODY, presigned=presigned), BODY)
    assert caller.send(path=path, body=body, headers=headers).error == (403, "InvalidSignatureException", NO_MATCH)
    assert not door.journal.payloads


def test_a_signature_for_one_monitor_is_none_for_another(caller, door, url):
    other = MONITOR.replace("1", "3")
    door.monitors[other] = replace(FakeMonitor(), id=other)
    path, headers = signed(url, BODY)
    assert caller.send(path=path.replace(MONITOR, other), body=BODY, headers=headers).status == 403


@pytest.mark.parametrize("payload_hash", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])
def test_the_payload_must_be_signed(caller, door, url, payload_hash):
    message = "The payload must be signed; UNSIGNED-PAYLOAD is refused."
    path, headers = signed_beacon(url, BODY, now_s(), payload_hash=payload_hash)
    assert caller.send(path=path, body=BODY, headers=headers).error == (403, "InvalidSignatureException", message)


@pytest.mark.parametrize(("presigned", "minutes"), [(False, 16), (False, -16), (True, 61), (True, -16)])
def test_an_old_signature_is_refused_and_so_is_one_to_come(caller, door, url, presigned, minutes):
    door.now_ms = lambda: (now_s() + minutes * 60) * 1000
    caller.app = door.app
    path, headers = signed(url, BODY, presigned=presigned)
    status, code, message = caller.send(path=path, body=BODY, headers=headers).error
    assert (status, code) == (403, "InvalidSignatureException")
    assert re.fullmatch(r"The signature (has expired: it )?is of \d{8}T\d{6}Z, .* Check the clocks\.", message)


def test_a_beacon_s_signature_ends_after_its_minute(caller, door, url):
    path, headers = signed_beacon(url, BODY, now_s() - 61)
    assert caller.send(path=path, body=BODY, headers=headers).status == 403


def test_a_region_is_asked_for_where_one_is_set(caller, url):
    door = Door(keys=Memory(INGEST), region="eu-central-1")
    caller.app = door.app
    path, headers = signed(url, BODY)
    message = "The signature is for 'us-east-1'; sign for 'eu-central-1'."
    assert caller.send(path=path, body=BODY, headers=headers).error == (403, "InvalidSignatureException", message)
    path, headers = signed(url, BODY, region="eu-central-1")
    assert caller.send(path=path, body=BODY, headers=headers).status == 200


def test_a_deny_of_the_policy_refuses_the_signed_too(caller, door, url):
    door.monitors[MONITOR] = FakeMonitor(policy=policy({}, {"Effect": "Deny"}))
    path, headers = signed(url, BODY)
    message = "the resource policy of this app monitor denies the request"
    assert caller.send(path=path, body=BODY, headers=headers).error == (403, "AccessDeniedException", message)


def test_keys_that_cannot_be_known_are_our_trouble_and_not_the_sender_s(caller, door, url):
    door.keys.away = True
    path, headers = signed(url, BODY, "AKIANOBODY")
    answer = caller.send(path=path, body=BODY, headers=headers)
    assert answer.error == (503, "ServiceUnavailableException", "the control database is away")
    assert door.refused == {(MONITOR, "unavailable"): 1}


def test_a_foreign_origin_is_refused_signed_or_not(caller, door, url):
    path, headers = signed(url, BODY)
    answer = caller.send(path=path, body=BODY, headers={**headers, "Origin": "https://evil.example"})
    assert answer.status == 403
    assert door.refused == {(MONITOR, "foreign origin"): 1}


# ── Every bit ─────────────────────────────────────────────────────────────────────────────────────────────────────


def requests():
    """Signed requests in the parts that a server sees, everything in them signed."""
    url = f"http://rum.example:8080{PATH}"
    small = encoded(batch(event(details="{}", metadata=None), UserDetails={}, AppMonitorDetails={}))
    wire = gzip.compress(small, mtime=0)
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    yield "headers", *signed(url, small), small
    yield "headers and gzip", *signed(url, wire, headers=packed, token="token"), wire
    yield "presigned", *signed(url, small, presigned=True), small
    yield "beacon", *signed_beacon(url, small, now_s()), small


def mutations(request):
    """The same request with one bit turned, for each of its bits."""
    for index, part in enumerate(request):
        for at in range(len(part)):
            for bit in range(8):
                turned = bytearray(part)
                turned[at] ^= 1 << bit
                yield (*request[:index], bytes(turned), *request[index + 1 :])


async def put(app, request):
    method, path, query, body, *fields = request
    pairs = [(name.lower(), value) for name, value in zip(fields[::2], fields[1::2], strict=True)]
    return await ask(app, method.decode("latin-1"), path, query, pairs, body)


async def turn_every_bit(door, request):
    """How many mutations there are, and those that the door took."""
    app, taken, count = door.app, [], 0
    for mutation in mutations(request):
        count += 1
        answer = await put(app, mutation)
        assert answer.status in (200, 400, 403, 404, 405, 413, 415), mutation
        if answer.status == 200 and mutation[0] == b"POST":
            taken.append(mutation)
    return count, taken


@pytest.mark.parametrize("form", ["headers", "headers and gzip", "presigned", "beacon"])
def test_no_turned_bit_makes_the_door_keep_anything_else_in_the_signer_s_name(form):
    """The monitor has no policy, so whatever is kept is kept in the name of the one key there is.

    The door's clock stands still at the time of signing: thousands of mutations may outlast a signature.
    """
    signed_ms = now_s() * 1000
    door = Door(keys=Memory(FakeKey("AKIAINGEST", "ingest", SECRET)), now_ms=lambda: signed_ms)
    target, headers, body = {name: parts for name, *parts in requests()}[form]
    path, _, query = target.encode().partition(b"?")
    fields = [part.encode() for pair in headers.items() for part in pair]
    request = (b"POST", path, query, body, *fields)
    assert asyncio.run(put(door.app, request)).status == 200
    [original] = door.journal.received

    door.journal = MemoryJournal()
    count, taken = asyncio.run(turn_every_bit(door, request))

    assert count > 4_000  # of this request; more than 16,000 of the four
    assert len(taken) < 150  # names of fields in the other case, digits of a %2F in the other case, a blank for a blank
    assert len(taken) == len(door.journal.payloads)
    for received in door.journal.received:
        assert (received.monitor, received.body) == (original.monitor, original.body)
