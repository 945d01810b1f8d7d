"""What CloudWatch RUM exported comes out as bodies that the door takes, whatever form it lies in; the rest is counted."""

import io
import json
import random
import uuid

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openrum import cloudwatch_logs
from openrum.cloudwatch_logs import (
    BAD_ID,
    BROKEN_OFF,
    MOBILE,
    NO_EVENT,
    NOT_JSON,
    TO_COME,
    TOO_LARGE,
    Bodies,
)
from openrum.limits import Limits
from openrum.receive.structure import outline_of

NOW_MS = 1_767_323_045_678
DAY_MS = 86_400_000
TOO_OLD = "older than the retention of 90 days"
SESSION, USER = "0f3a2c10-1111-4222-8333-444455556666", "00000000-0000-0000-0000-000000000000"
# In the form of the samples that are documented: times without milliseconds, an hour as the log stream.
SAMPLE = (
    '{"event_timestamp":1767323040000,"event_type":"com.amazon.rum.page_view_event",'
    '"event_id":"b60f1a37-9f9c-4a3a-9f0c-8a2f4f9f0001","event_version":"1.0.0","log_stream":"2026-01-01T19",'
    '"application_id":"c1a7a4b2-0000-4000-8000-000000000001","application_version":"1.2.3",'
    '"metadata":{"version":"1.0.0","domain":"shop.example","countryCode":"DE","n":1.50,"e":[]},'
    '"user_details":{"sessionId":"0f3a2c10-1111-4222-8333-444455556666","userId":"00000000-0000-0000-0000-000000000000"},'
    '"event_details":{"version":"1.0.0","pageId":"/caf\\u00e9","big":12345678901234567890123,"x":null}}'
)


def row(**members):
    """A row as a dict, with an id of its own unless given."""
    return {**json.loads(SAMPLE), "event_id": str(uuid.uuid4()), **members}


def lines(*rows):
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in rows).encode()


def bodies_of(content, *, limits=None, name="file"):
    """The bodies that content makes, and what made them."""
    made = Bodies(now_ms=lambda: NOW_MS, retention_days=90, limits=limits or Limits())
    return [*made.add(name, io.BytesIO(content)), *made.finish()], made


def events_of(content, **options):
    """The batches, read back, and why what is not in them was left out, with the first place of each reason."""
    bodies, made = bodies_of(content, **options)
    batches = [json.loads(body.content) for body in bodies]
    assert [body.events for body in bodies] == [len(batch["RumEvents"]) for batch in batches]
    return batches, {why: (each.count, each.first) for why, each in made.left_out.items()}


def ids_of(content):
    """The ids of all events in a content of which nothing is left out."""
    batches, left_out = events_of(content)
    assert left_out == {}
    return [event["id"] for batch in batches for event in batch["RumEvents"]]


# ── One event ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_keeps_its_id_time_and_type_and_its_contents_to_the_letter():
    [batch], left_out = events_of(SAMPLE.encode())
    assert left_out == {}
    assert batch["AppMonitorDetails"] == {"version": "1.2.3"}
    assert batch["UserDetails"] == {"sessionId": SESSION, "userId": USER}
    assert batch["RumEvents"] == [
        {
            "id": "b60f1a37-9f9c-4a3a-9f0c-8a2f4f9f0001",
            "timestamp": 1_767_323_040,
            "type": "com.amazon.rum.page_view_event",
            "details": '{"version":"1.0.0","pageId":"/caf\\u00e9","big":12345678901234567890123,"x":null}',
            "metadata": '{"version":"1.0.0","domain":"shop.example","countryCode":"DE","n":1.50,"e":[]}',
        }
    ]


@pytest.mark.parametrize(
    ("ms", "seconds"), [(NOW_MS, 1_767_323_045.678), (NOW_MS + 0.0, 1_767_323_045.678), (1_767_323_040_000.0, 1_767_323_040)]
)  # fmt: skip
def test_milliseconds_become_seconds_and_lose_nothing(ms, seconds):
    [batch], _ = events_of(lines(row(event_timestamp=ms)))
    assert batch["RumEvents"][0]["timestamp"] == seconds


@pytest.mark.parametrize(
    "members",
    [
        {"application_version": ""},
        {"application_version": None},
        {"user_details": None},
        {"user_details": {"sessionId": "", "userId": None}},
        {"metadata": None},
        {"event_type": "my.own.type"},
        {"event_id": "B60F1A37-9F9C-4A3A-9F0C-8A2F4F9F0001"},
        {"event_details": "no object: the drain will say so"},
        {"something": {"new": 1}},
    ],
    ids=str,
)
def test_what_may_be_missing_or_odd_is_no_obstacle(members):
    [body], made = bodies_of(lines(row(**members)))
    assert outline_of(body.content, Limits()).events == 1
    assert made.left_out == {}
    assert made.custom == (members.get("event_type") == "my.own.type")


def test_a_lone_surrogate_is_replaced_as_at_the_door():
    [batch], _ = events_of(SAMPLE.replace("/caf\\u00e9", "\\ud800").encode())
    assert json.loads(batch["RumEvents"][0]["details"])["pageId"] == "\ufffd"


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────────────────────────


ROWS = [json.dumps(row(), indent=None if n % 2 else 1).replace("\n", "") for n in range(5)]
IDS = [json.loads(each)["event_id"] for each in ROWS]
LOG_EVENTS = [
    {"logStreamName": "2026-01-01T19", "timestamp": 1, "message": each, "ingestionTime": 2, "eventId": "3"}
    for each in ROWS
]
FIELDS = [
    [{"field": "@timestamp", "value": "2026-01-01 19:00:00.000"}, {"field": "@message", "value": each}, {"field": "@ptr", "value": "x"}]
    for each in ROWS
]  # fmt: skip
PRETTY = {"indent": 4}
FORMS = {
    "lines": lines(*ROWS),
    "lines with Windows' ends, empty ones and a byte order mark": b"\xef\xbb\xbf"
    + b"\r\n\r\n".join(each.encode() for each in ROWS)
    + b"\r\n",
    "an export to S3": lines(*(f"2026-01-01T19:00:00.000Z {each}" for each in ROWS)),
    "aws logs tail": lines(*(f"2026-01-01T19:00:00.000000+00:00 2026-01-01T19 {each}" for each in ROWS)),
    "filter-log-events": json.dumps({"events": LOG_EVENTS, "searchedLogStreams": []}, **PRETTY).encode(),
    "filter-log-events without space": json.dumps({"events": LOG_EVENTS}, separators=(",", ":")).encode(),
    "get-log-events, token first": json.dumps({"nextForwardToken": "f/1", "events": LOG_EVENTS, "nextBackwardToken": "b"}).encode(),
    "pages one after the other": json.dumps({"events": LOG_EVENTS[:2]}, **PRETTY).encode()
    + b"\n"
    + json.dumps({"events": LOG_EVENTS[2:], "nextToken": None}).encode(),
    "log events by line": lines(*LOG_EVENTS),
    "get-query-results": json.dumps(
        {"queryLanguage": "CWLI", "results": FIELDS, "statistics": {"recordsMatched": 5.0}, "status": "Complete"}, **PRETTY
    ).encode(),
    "saved by Logs Insights": json.dumps([{"@timestamp": "x", "@message": json.loads(each)} for each in ROWS]).encode(),
    "saved by Logs Insights as text": json.dumps([{"@message": each} for each in ROWS], **PRETTY).encode(),
    "a list of rows": json.dumps([json.loads(each) for each in ROWS]).encode(),
    "rows over several lines": "\n".join(json.dumps(json.loads(each), **PRETTY) for each in ROWS).encode(),
    "get-app-monitor-data": json.dumps({"Events": ROWS, "NextToken": "x"}, **PRETTY).encode(),
}  # fmt: skip


@pytest.mark.parametrize("chunk", [1 << 18, 61], ids=["at once", "in small pieces"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_events(form, chunk, monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "_CHUNK_BYTES", max(chunk, 61))
    assert ids_of(FORMS[form]) == IDS


def test_contents_are_the_same_to_the_letter_inside_a_log_event():
    [plain], _ = events_of(lines(SAMPLE))
    for wrapped in ({"events": [{"message": SAMPLE}]}, {"Events": [SAMPLE]}):
        [batch], _ = events_of(json.dumps(wrapped).encode())
        assert batch == plain


# ── What is left out ──────────────────────────────────────────────────────────────────────────────────────────────


LEFT_OUT = {
    "text": ("Permission Check Successful", NOT_JSON),
    "cut off": (SAMPLE[:-20], NOT_JSON),
    "NaN": (SAMPLE.replace("1.50", "NaN"), NOT_JSON),
    "nested without end": ("[" * 5_000, NOT_JSON),
    "a number": ("17", NO_EVENT),
    "no details": ({key: value for key, value in row().items() if key != "event_details"}, NO_EVENT),
    "a time as text": (row(event_timestamp="2026-01-01T19:00:00Z"), NO_EVENT),
    "a time beyond numbers": (SAMPLE.replace("1767323040000", "1e999"), NO_EVENT),
    "a log event of another service": ({"message": "REPORT RequestId: 1"}, NOT_JSON),
    "a log event of another JSON": ({"message": '{"level":"info"}'}, NO_EVENT),
    "a message that is no text": ({"message": 5}, NO_EVENT),
    "a query's answer without a message": ([{"field": "count", "value": "3"}], NO_EVENT),
    "a mobile span": ({"resource": {}, "scope": {"name": "NSURLSession"}, "durationNano": 5}, MOBILE),
    "a mobile log event": ({"message": '{"resource":{},"eventName":"session.start","attributes":{}}'}, MOBILE),
    "an event id": (row(event_id="1"), BAD_ID),
    "an id of two lines": (row(event_id=f"{SESSION}\n{SESSION}"), BAD_ID),
    "a session id": (row(user_details={"sessionId": "me", "userId": USER}), BAD_ID),
    "a user id": (row(user_details={"sessionId": SESSION, "userId": "me"}), BAD_ID),
    "an old one": (row(event_timestamp=NOW_MS - 90 * DAY_MS), TOO_OLD),
    "a year before all": (row(event_timestamp=-(10**400)), TOO_OLD),
    "one to come": (row(event_timestamp=NOW_MS + DAY_MS + 1), TO_COME),
    "one of far ahead": (row(event_timestamp=10**400), TO_COME),
}


@pytest.mark.parametrize(("line", "why"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_no_event_is_counted_with_its_reason_and_costs_nothing_beside_it(line, why):
    before, after = row(), row()
    batches, left_out = events_of(lines(before, line, after, line), name="folder/file.gz")
    assert [event["id"] for batch in batches for event in batch["RumEvents"]] == [
        before["event_id"],
        after["event_id"],
    ]
    assert left_out == {why: (2, "folder/file.gz:2")}


def test_bytes_that_are_no_text_are_counted_in_every_form():
    bad = SAMPLE.encode().replace(b"shop.example", b"\xff\xfe")
    assert events_of(bad + b"\n" + lines(row()))[1] == {NOT_JSON: (1, "file:1")}
    assert events_of(b"[" + bad + b"," + json.dumps(row()).encode() + b"]")[1] == {NOT_JSON: (1, "file:1")}


def test_a_value_that_a_piece_of_the_file_ends_in_is_one_value(monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "_CHUNK_BYTES", 5)
    _, left_out = events_of(b"[1234567890, 1234567890]")
    assert left_out == {NO_EVENT: (2, "file:1")}


@pytest.mark.parametrize("form", ["filter-log-events", "get-query-results", "a list of rows", "get-app-monitor-data"])
def test_a_document_that_breaks_off_gives_what_stands_before(form):
    whole = FORMS[form]
    cut = whole[: whole.index(IDS[3].encode())]
    batches, left_out = events_of(cut)
    assert [event["id"] for batch in batches for event in batch["RumEvents"]] == IDS[:3]
    assert left_out == {BROKEN_OFF: (1, "file:4")}


def test_a_file_that_cannot_be_read_to_its_end_gives_what_stands_before():
    class Damaged(io.BytesIO):
        def read(self, size=-1):
            return super().read(size) or self.fail()

        def fail(self):
            raise EOFError

    made = Bodies(now_ms=lambda: NOW_MS, retention_days=90, limits=Limits())
    assert [body.events for body in [*made.add("a.gz", Damaged(lines(*ROWS) + b"\n")), *made.finish()]] == [5]
    assert {why: (each.count, each.first) for why, each in made.left_out.items()} == {BROKEN_OFF: (1, "a.gz:6")}


@pytest.mark.parametrize("last", [False, True], ids=["in the middle", "at the end"])
def test_a_line_that_is_too_long_is_not_held(last, monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "_CHUNK_BYTES", 4_096)
    limits = Limits(body_unpacked_bytes=1 << 22, body_wire_bytes=1 << 20)
    long = row(event_details={"x": "y" * (1 << 23)})
    good = row()
    batches, left_out = events_of(lines(good, long) if last else lines(good, long, good), limits=limits)
    assert sum(len(batch["RumEvents"]) for batch in batches) == (1 if last else 2)
    assert left_out == {TOO_LARGE: (1, "file:2")}


def test_an_event_that_no_body_can_hold_is_left_out():
    limits = Limits(body_unpacked_bytes=1 << 22, body_wire_bytes=1 << 20)
    batches, left_out = events_of(lines(row(event_details={"x": '"' * (3 << 19)}), row()), limits=limits)
    assert [len(batch["RumEvents"]) for batch in batches] == [1]
    assert left_out == {TOO_LARGE: (1, "file:1")}


def test_the_monitors_that_rows_are_of_are_told():
    assert bodies_of(lines(row(), row(application_id="other")))[1].monitors == {
        "c1a7a4b2-0000-4000-8000-000000000001",
        "other",
    }


# ── Batches ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_of_one_session_one_user_and_one_version():
    one, other = (str(uuid.uuid4()) for _ in range(2))
    rows = [
        row(user_details={"sessionId": session, "userId": user}, application_version=version)
        for _ in range(3)
        for session in (one, other)
        for user in (one, USER)
        for version in ("1", "2")
    ]
    batches, _ = events_of(lines(*rows))
    assert [len(batch["RumEvents"]) for batch in batches] == [3] * 8
    whose = {
        each["event_id"]: (each["user_details"], {"version": each["application_version"]}) for each in rows
    }  # fmt: skip
    for batch in batches:
        for event in batch["RumEvents"]:
            assert whose[event["id"]] == (batch["UserDetails"], batch["AppMonitorDetails"])


def test_a_batch_has_a_hundred_events_at_most_and_the_order_of_the_file():
    rows = [row() for _ in range(250)]
    batches, _ = events_of(lines(*rows))
    assert [len(batch["RumEvents"]) for batch in batches] == [100, 100, 50]
    assert [event["id"] for batch in batches for event in batch["RumEvents"]] == [each["event_id"] for each in rows]


def test_a_batch_stays_within_what_the_door_takes():
    bodies, _ = bodies_of(lines(*(row(event_details={"x": "y" * 400_000}) for _ in range(7))))
    assert [body.events for body in bodies] == [2, 2, 2, 1]
    assert max(len(body.content) for body in bodies) < Limits().body_wire_bytes


def test_the_same_rows_make_the_same_bodies():
    content = lines(*ROWS)
    assert bodies_of(content)[0] == bodies_of(content)[0]


def test_what_waits_for_its_batch_is_bounded(monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "_WAITING_EVENTS", 50)
    made = Bodies(now_ms=lambda: NOW_MS, retention_days=90, limits=Limits())
    rng = random.Random(1)
    sessions = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(200)]
    rows = [row(user_details={"sessionId": rng.choice(sessions), "userId": USER}) for _ in range(1_000)]
    sent = 0
    for number, each in enumerate(rows, 1):
        sent += sum(body.events for body in made.add("file", io.BytesIO(lines(each))))
        assert number - sent <= 50
    assert sent + sum(body.events for body in made.finish()) == 1_000


# ── Any rows ──────────────────────────────────────────────────────────────────────────────────────────────────────


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_UUIDS = st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper())
_ROWS = st.fixed_dictionaries(
    {
        "event_timestamp": st.integers(NOW_MS - 80 * DAY_MS, NOW_MS + DAY_MS)
        | st.floats(NOW_MS - 80.0 * DAY_MS, NOW_MS),
        "event_type": st.text(max_size=20),
        "event_id": _UUIDS,
        "event_details": st.dictionaries(st.text(max_size=8), _JSON, max_size=4) | _JSON,
    },
    optional={
        "metadata": st.dictionaries(st.text(max_size=8), _JSON, max_size=4),
        "user_details": st.fixed_dictionaries({}, optional={"sessionId": _UUIDS, "userId": _UUIDS}),
        "application_version": st.none() | st.text(max_size=10),
        "application_id": st.text(max_size=10),
    },
)


@given(st.lists(_ROWS, min_size=1, max_size=8), st.booleans(), st.data())
def test_bodies_of_any_rows_pass_the_door_s_check_and_say_what_the_rows_say(rows, ascii_alone, data):
    texts = [json.dumps(each, ensure_ascii=ascii_alone) for each in rows]
    as_document = data.draw(st.booleans())
    content = json.dumps({"events": [{"message": text} for text in texts]}).encode() if as_document else lines(*texts)
    bodies, made = bodies_of(content)
    assert made.left_out == {}
    found = []
    for body in bodies:
        assert outline_of(body.content, Limits()).events == body.events
        batch = json.loads(body.content)
        for event in batch["RumEvents"]:
            found.append(
                (event["id"], event["type"], event["details"], event.get("metadata"), batch["UserDetails"])
            )  # fmt: skip
    wanted = [
        (
            each["event_id"],
            each["event_type"],
            json.dumps(each["event_details"], ensure_ascii=ascii_alone),
            json.dumps(each["metadata"], ensure_ascii=ascii_alone) if "metadata" in each else None,
            {name: value for name, value in each.get("user_details", {}).items() if value},
        )
        for each in rows
    ]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.integers(0, 400))
@example(b'{"events":[', 0)
@example(b'{"events":[{"message":"{}"}', 0)
@example(b'{"events" ', 0)
@example(b'[[{"field":"@message","value":"{}"}]]', 0)
@example(b"[1,2", 0)
@example(b'{\n"a"', 0)
@example(b'"\\"x\\""', 0)
def test_no_bytes_are_an_error(noise, at):
    sample = SAMPLE.encode()
    for content in (noise, sample[:at] + noise, sample[:at] + noise + sample[at:], b"[" + sample + noise):
        bodies, made = bodies_of(content)
        for body in bodies:
            assert outline_of(body.content, Limits()).events == body.events
        assert sum(body.events for body in bodies) <= made.read
        assert msgspec.json.encode(made.left_out)
