"""Hostile JSON and hostile text at the door. Structure is refused with 400, text is kept to the byte, and nothing is a 500."""

import asyncio
import json

import msgspec
import pytest

from openrum.events import Batch
from tests.wire import suites
from tests.wire.door import MONITOR, ORIGIN, PUBLIC, Door, Memory, ask, batch, encoded, event, served

JSON = {"Content-Type": "application/json", "Origin": ORIGIN}
SOUND = encoded(batch())


@pytest.fixture(scope="module")
def running():
    door = Door(monitors=Memory(PUBLIC))
    with served(door) as caller:
        yield door, caller


@pytest.fixture
def door(running):
    running[0].journal.payloads.clear()
    return running[0]


@pytest.fixture
def send(running):
    def send(body):
        return running[1].send(body=body if isinstance(body, bytes) else encoded(body), headers=JSON)

    return send


def kept(door) -> Batch:
    """The one batch in the journal, as the drain reads it."""
    [received] = door.journal.received
    return msgspec.json.decode(received.body, type=Batch)


def details_of(text: bytes) -> bytes:
    """A sound batch whose first event has `text`, bytes as they are, for its details."""
    quoted = json.dumps(text.decode("latin-1"), ensure_ascii=False).encode("latin-1")
    return SOUND.replace(rb'"{\"version\":\"1.0.0\",\"pageId\":\"/\"}"', quoted)


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


CASES = suites.json_cases()
AS_FILES = pytest.mark.parametrize("text", CASES.values(), ids=CASES)


@suites.needed
@pytest.mark.parametrize("name", CASES)
def test_a_body_that_is_no_batch_is_a_400_whatever_else_it_is(door, send, name):
    """What is no JSON is malformed. What is, and is no batch, breaks a type or a rule."""
    status, code, message = send(CASES[name]).error
    codes = {"SerializationException"} if name.startswith("n_") else {"SerializationException", "ValidationException"}
    assert status == 400
    assert code in codes
    assert message
    assert not door.journal.payloads


@suites.needed
@AS_FILES
def test_details_are_taken_whatever_they_say_if_the_string_is_utf_8(door, send, text):
    answer = send(details_of(text))
    if is_utf8(text):
        assert answer.status == 200
        assert kept(door).RumEvents[0].details == text.decode()
    else:
        assert answer.error[:2] == (400, "SerializationException")
        assert not door.journal.payloads


NAUGHTY = suites.naughty_strings()
ID_FIELDS = {
    "BatchId": lambda text: batch(BatchId=text),
    "UserDetails.userId": lambda text: batch(UserDetails={"userId": text}),
    "UserDetails.sessionId": lambda text: batch(UserDetails={"sessionId": text}),
    "RumEvents[0].id": lambda text: batch(event(id=text)),
}
TEXT_FIELDS = {
    "AppMonitorDetails.id": (
        lambda text: batch(AppMonitorDetails={"id": text}),
        lambda batch: batch.AppMonitorDetails.id,
    ),
    "AppMonitorDetails.name": (
        lambda text: batch(AppMonitorDetails={"name": text}),
        lambda batch: batch.AppMonitorDetails.name,
    ),
    "AppMonitorDetails.version": (
        lambda text: batch(AppMonitorDetails={"version": text}),
        lambda batch: batch.AppMonitorDetails.version,
    ),
    "SessionMetadata": (lambda text: batch(SessionMetadata=text), lambda batch: batch.SessionMetadata),
    "type": (lambda text: batch(event(type=text)), lambda batch: batch.RumEvents[0].type),
    "details": (lambda text: batch(event(details=text)), lambda batch: batch.RumEvents[0].details),
    "metadata": (lambda text: batch(event(metadata=text)), lambda batch: batch.RumEvents[0].metadata),
    "Alias": (lambda text: batch(Alias=text), lambda batch: batch.Alias),
}


@suites.needed
@pytest.mark.parametrize("field", ID_FIELDS)
def test_no_naughty_string_is_an_id(door, send, field):
    for text in NAUGHTY:
        answer = send(ID_FIELDS[field](text))
        rule = f"{field}: must be a UUID (8-4-4-4-12 hexadecimal digits)"
        assert answer.error == (400, "ValidationException", rule), text
    assert not door.journal.payloads


@suites.needed
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_every_naughty_string_is_kept_to_the_byte(door, send, field, ascii_only):
    write, read = TEXT_FIELDS[field]
    for text in NAUGHTY:
        body = json.dumps(write(text), ensure_ascii=ascii_only).encode()
        door.journal.payloads.clear()
        answer = send(body)
        if field == "Alias" and not 1 <= len(text) <= 255:
            assert answer.error == (400, "ValidationException", "Alias: must be 1 to 255 characters long")
            continue
        assert answer.status == 200, text
        assert door.journal.received[0].body == body
        assert read(kept(door)) == text


@suites.needed
def test_naughty_strings_in_the_path_and_the_headers_are_no_500():
    door = Door(monitors=Memory(PUBLIC))
    names = (
        b"origin",
        b"content-type",
        b"content-encoding",
        b"authorization",
        b"user-agent",
        b"referer",
        b"x-amz-date",
    )

    async def send_all():
        for text in NAUGHTY:
            raw = text.encode()
            assert (await ask(door.app, "POST", b"/appmonitors/" + raw, body=SOUND)).status == 400
            assert (await ask(door.app, "OPTIONS", b"/", headers=[(b"origin", raw)])).status == 200
            for name in names:
                answer = await ask(door.app, "POST", f"/appmonitors/{MONITOR}".encode(), raw, [(name, raw)], SOUND)
                assert answer.status in (200, 403, 415), (name, text)

    asyncio.run(send_all())
    assert (MONITOR, "unavailable") not in door.refused


DUPLICATES = {
    "at the top": SOUND.replace(b'{"BatchId"', b'{"Alias":"a","Alias":"b","BatchId"'),
    "at the top, other order": SOUND.replace(b'{"BatchId"', b'{"Alias":"b","Alias":"a","BatchId"'),
    "in an event": SOUND.replace(b'"type":', b'"type":"","type":'),
    "in UserDetails": SOUND.replace(b'"UserDetails":{', b'"UserDetails":{"userId":null,'),
    "in an unknown member": SOUND.replace(b'{"BatchId"', b'{"x":[{"y":1,"y":1}],"BatchId"'),
}


@pytest.mark.parametrize("body", DUPLICATES.values(), ids=DUPLICATES)
def test_a_key_that_stands_twice_is_refused(door, send, body):
    status, code, message = send(body).error
    assert (status, code) == (400, "SerializationException")
    assert "stands twice in one object" in message
    assert not door.journal.payloads


def test_a_lone_surrogate_is_taken_and_journalled_as_it_came(door, send):
    body = details_of(b"").replace(b'"details":""', b'"details":"\\ud800","Alias":"\\udfff"')
    assert send(body).status == 200
    assert door.journal.received[0].body == body


NUMBERS = {
    "0": 200,
    "-0": 200,
    "-1": 200,
    "0.1": 200,
    "1767323045.678": 200,
    "1767323045678": 200,
    "1e9": 200,
    "1E+9": 200,
    "2147483648": 200,
    "9007199254740993": 200,
    "9223372036854775808": 200,
    "18446744073709551616": 200,
    "-9223372036854775809": 200,
    "253402300799": 200,
    "1" + "0" * 309: 200,
    "1e-999": 200,
    "1" + "0" * 5_000: 400,
    "1e999": 400,
    "-1e999": 400,
    "NaN": 400,
    "Infinity": 400,
    "-Infinity": 400,
    "01": 400,
    "+1": 400,
    "1.": 400,
    ".5": 400,
    "0x10": 400,
    "1_000": 400,
    "true": 400,
    "[]": 400,
    "{}": 400,
    "null": 400,
    '"1767323045"': 400,
    '"2026-01-02T03:04:05Z"': 400,
}


@pytest.mark.parametrize("number", NUMBERS, ids=[text[:24] for text in NUMBERS])
def test_a_time_is_any_number_of_json_and_journalled_digit_for_digit(door, send, number):
    body = SOUND.replace(b"1767323045", number.encode())
    answer = send(body)
    assert answer.status == NUMBERS[number]
    assert [received.body for received in door.journal.received] == ([body] if answer.status == 200 else [])


@pytest.mark.parametrize("number", ["1e999", "1" + "0" * 5_000, "-1E400"])
def test_a_number_that_no_machine_holds_may_stand_where_nobody_reads_it(send, number):
    assert send(SOUND.replace(b'{"BatchId"', b'{"x":' + number.encode() + b',"BatchId"')).status == 200


@pytest.mark.parametrize(("depth", "status"), [(63, 200), (64, 400), (500, 400), (100_000, 400)])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
def test_a_body_may_nest_64_deep(send, depth, status, opening, closing):
    nested = opening * depth + b"0" + closing * depth
    assert send(SOUND.replace(b'{"BatchId"', b'{"x":' + nested + b',"BatchId"')).status == status


def test_details_may_nest_as_they_like_at_the_door(send):
    assert send(details_of(b"[" * 100_000)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + SOUND,
        SOUND.decode().encode("utf-16"),
        SOUND.decode().encode("utf-32"),
        details_of(b"\xc0\x80"),
    ],
    ids=["byte order mark", "UTF-16", "UTF-32", "overlong NUL"],
)
def test_utf_8_without_a_mark_is_the_only_encoding(send, body):
    assert send(body).error[:2] == (400, "SerializationException")
