"""receive/structure.py: which bodies are a batch, and what is said of those that are not."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.errors import ClientError, SerializationError, ValidationError
from openrum.limits import Limits
from openrum.receive import structure
from openrum.receive.structure import outline_of

LIMITS = Limits()
UUID = "12345678-90ab-cdef-1234-567890ABCDEF"
NIL = "00000000-0000-0000-0000-000000000000"
EVENT = {"id": UUID, "timestamp": 1767323045, "type": "com.amazon.rum.page_view_event", "details": "{}"}
BATCH = {"BatchId": UUID, "AppMonitorDetails": {}, "UserDetails": {}, "RumEvents": [EVENT]}
COMPACT = (",", ":")


def event(**members):
    return {**BATCH, "RumEvents": [{**EVENT, **members}]}


def without(name):
    return {key: value for key, value in BATCH.items() if key != name}


def encoded(value, **options):
    return json.dumps(value, **options).encode()


SOUND = {
    "the least a batch can be": BATCH,
    "no events": {**BATCH, "RumEvents": []},
    "everything": {
        "BatchId": NIL,
        "AppMonitorDetails": {"id": UUID, "name": "shop", "version": "1.0.0"},
        "UserDetails": {"userId": NIL, "sessionId": UUID.lower()},
        "RumEvents": [{**EVENT, "metadata": "{}"}],
        "Alias": "a" * 255,
        "SessionMetadata": "{}",
    },
    "null optional members": {**BATCH, "Alias": None, "SessionMetadata": None, "UserDetails": {"userId": None}},
    "null metadata": event(metadata=None),
    "unknown members at every level": {**BATCH, "Metadata": [1], "UserDetails": {"x": {"y": 1}}},
    "contents that are no JSON": event(details="", metadata="no"),
    "a type of any text": event(type=""),
    "fractional time": event(timestamp=1767323045.678),
    "negative time": event(timestamp=-1),
    "time beyond 64 bits": event(timestamp=10**30),
    "AppMonitorDetails.id of any text": {**BATCH, "AppMonitorDetails": {"id": "shop"}},
    "as many events as may be": {**BATCH, "RumEvents": [EVENT] * 1000},
}


@pytest.mark.parametrize("batch", SOUND.values(), ids=SOUND)
def test_a_sound_batch_is_read_the_same_whatever_its_spelling(batch):
    compact = outline_of(encoded(batch, separators=COMPACT), LIMITS)
    assert compact == outline_of(encoded(batch, indent=2), LIMITS)
    assert compact == (len(batch["RumEvents"]), batch.get("Alias"))


UUID_RULE = "must be a UUID (8-4-4-4-12 hexadecimal digits)"
BROKEN = {
    "no BatchId": (without("BatchId"), ValidationError, "BatchId: is required"),
    "no AppMonitorDetails": (without("AppMonitorDetails"), ValidationError, "AppMonitorDetails: is required"),
    "no UserDetails": (without("UserDetails"), ValidationError, "UserDetails: is required"),
    "no RumEvents": (without("RumEvents"), ValidationError, "RumEvents: is required"),
    "null counts as absent": ({**BATCH, "RumEvents": None}, ValidationError, "RumEvents: is required"),
    "null in an event too": (event(details=None), ValidationError, "RumEvents[0].details: is required"),
    "no id": ({**BATCH, "RumEvents": [EVENT, {}]}, ValidationError, "RumEvents[1].id: is required"),
    "BatchId of 35 digits": ({**BATCH, "BatchId": UUID[1:]}, ValidationError, f"BatchId: {UUID_RULE}"),
    "empty BatchId": ({**BATCH, "BatchId": ""}, ValidationError, f"BatchId: {UUID_RULE}"),
    "id with a line break behind": (event(id=UUID + "\n"), ValidationError, f"RumEvents[0].id: {UUID_RULE}"),
    "two ids in one": (event(id=f"{UUID}\n{UUID}"), ValidationError, f"RumEvents[0].id: {UUID_RULE}"),
    "digits of another script": (event(id="\u0661" * 8 + UUID[8:]), ValidationError, f"RumEvents[0].id: {UUID_RULE}"),
    "id without hyphens": (event(id=UUID.replace("-", "0")), ValidationError, f"RumEvents[0].id: {UUID_RULE}"),
    "userId": ({**BATCH, "UserDetails": {"userId": "me"}}, ValidationError, f"UserDetails.userId: {UUID_RULE}"),
    "sessionId": ({**BATCH, "UserDetails": {"sessionId": ""}}, ValidationError, f"UserDetails.sessionId: {UUID_RULE}"),
    "empty alias": ({**BATCH, "Alias": ""}, ValidationError, "Alias: must be 1 to 255 characters long"),
    "long alias": ({**BATCH, "Alias": "a" * 256}, ValidationError, "Alias: must be 1 to 255 characters long"),
    "1,001 events": (
        {**BATCH, "RumEvents": [EVENT] * 1001},
        ValidationError,
        "RumEvents: must hold at most 1000 events, not 1001",
    ),
    "a list": ([], SerializationError, "the body: must be an object"),
    "a string": ("", SerializationError, "the body: must be an object"),
    "null": (None, SerializationError, "the body: must be an object"),
    "BatchId a number": ({**BATCH, "BatchId": 1}, SerializationError, "BatchId: must be a string"),
    "AppMonitorDetails a list": (
        {**BATCH, "AppMonitorDetails": []},
        SerializationError,
        "AppMonitorDetails: must be an object",
    ),
    "name a number": (
        {**BATCH, "AppMonitorDetails": {"name": 1}},
        SerializationError,
        "AppMonitorDetails.name: must be a string",
    ),
    "UserDetails text": ({**BATCH, "UserDetails": "me"}, SerializationError, "UserDetails: must be an object"),
    "RumEvents an object": ({**BATCH, "RumEvents": {}}, SerializationError, "RumEvents: must be a list"),
    "an event null": ({**BATCH, "RumEvents": [None]}, SerializationError, "RumEvents[0]: must be an object"),
    "details an object": (event(details={}), SerializationError, "RumEvents[0].details: must be a string"),
    "metadata a boolean": (event(metadata=True), SerializationError, "RumEvents[0].metadata: must be a string"),
    "time as text": (
        event(timestamp="1767323045"),
        SerializationError,
        "RumEvents[0].timestamp: must be a number, the seconds since 1970",
    ),
    "time a boolean": (
        event(timestamp=True),
        SerializationError,
        "RumEvents[0].timestamp: must be a number, the seconds since 1970",
    ),
    "SessionMetadata an object": (
        {**BATCH, "SessionMetadata": {}},
        SerializationError,
        "SessionMetadata: must be a string",
    ),
    "a wrong type goes before a broken rule": (
        {**without("BatchId"), "Alias": 1},
        SerializationError,
        "Alias: must be a string",
    ),
}


@pytest.mark.parametrize(("batch", "error", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_batch_is_refused_by_field_and_rule(batch, error, message):
    for separators in (COMPACT, None):
        with pytest.raises(error, match=f"^{re.escape(message)}$") as raised:
            outline_of(encoded(batch, separators=separators), LIMITS)
        assert type(raised.value) is error


SPELLED = encoded(BATCH, separators=COMPACT).decode()
UNREADABLE = {
    "nothing": b"",
    "NaN": SPELLED.replace("1767323045", "NaN").encode(),
    "Infinity": SPELLED.replace("1767323045", "-Infinity").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + SPELLED.encode(),
    "UTF-16": SPELLED.encode("utf-16"),
    "bad UTF-8 in a member": SPELLED.encode().replace(b'"{}"', b'"\xff"'),
    "bad UTF-8 in an unknown member": SPELLED.encode().replace(b"{", b'{"x":"\xc0\x80",', 1),
    "a surrogate as UTF-8": SPELLED.encode().replace(b'"{}"', b'"\xed\xa0\x80"'),
    "a key twice, first": f'{{"Alias":"b",{SPELLED[1:-1]},"Alias":"a"}}'.encode(),
    "a key twice, alike": f'{{"BatchId":"{UUID}",{SPELLED[1:]}'.encode(),
    "a key twice in an event": SPELLED.replace('"id"', f'"id":"{NIL}","id"').encode(),
    "a key twice by escape": SPELLED.replace('"id"', f'"\\u0069d":"{NIL}","id"').encode(),
    "a key twice behind a short float": SPELLED.replace("1767323045", "1e9").replace('"id"', '"id":"","id"').encode(),
    "a key twice in an unknown member": f'{{"x":{{"y":1,"y":2}},{SPELLED[1:]}'.encode(),
    "too deep in an unknown member": f'{{"x":{"[" * 64}{"]" * 64},{SPELLED[1:]}'.encode(),
    "far too deep": b"[" * 100_000,
    "a comma behind": SPELLED.replace('"{}"', '"{}",').encode(),
    "something behind": SPELLED.encode() + b"x",
    "cut off": SPELLED.encode()[:-1],
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_two_readers_could_read_differently_is_refused(body):
    with pytest.raises(SerializationError, match=r"^the body cannot be read: "):
        outline_of(body, LIMITS)


def test_a_depth_at_the_bound_is_read():
    outline_of(f'{{"x":{"[" * 63}{"]" * 63},{SPELLED[1:]}'.encode(), LIMITS)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e400", "9" * 5000])
def test_a_time_that_no_number_holds_breaks_a_rule(number):
    with pytest.raises(ValidationError, match=r"^RumEvents\[0\]\.timestamp: must be a number that a double can hold$"):
        outline_of(SPELLED.replace("1767323045", number).encode(), LIMITS)


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00x", "\\ud83d\\ude00"])
def test_a_lone_surrogate_is_no_reason_to_refuse(escape):
    assert outline_of(SPELLED.replace('"{}"', f'"{escape}"').encode(), LIMITS).events == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
event_values = st.dictionaries(st.sampled_from([*EVENT, "metadata", "x"]), json_values).map(
    lambda odd: {**EVENT, **odd}
)
batch_values = st.dictionaries(
    st.sampled_from([*BATCH, "Alias", "SessionMetadata", "x"]), json_values | st.lists(event_values, max_size=2)
).map(lambda odd: {**BATCH, **odd})


@given(batch_values)
def test_the_fast_proof_and_the_slow_walk_agree(batch):
    body = encoded(batch, separators=COMPACT)
    fault = structure._first_fault(body, LIMITS)
    if fault is None:
        outline_of(body, LIMITS)
    else:
        with pytest.raises(ClientError) as raised:
            outline_of(body, LIMITS)
        assert (type(raised.value), raised.value.message) == (type(fault), fault.message)


@given(batch_values, st.data())
def test_a_key_that_stands_twice_never_passes_the_fast_proof(batch, data):
    body = encoded(batch, separators=COMPACT, ensure_ascii=False).decode("utf-8", "replace").encode()
    places = [match.end() for match in re.finditer(rb"\{", body)]
    at = data.draw(st.sampled_from(places))
    name = data.draw(st.sampled_from([b"id", b"Alias", b"timestamp", b"details", b"x", b""]))
    doubled = (
        body[:at] + b'"' + name + b'":1,"' + name + b'":1' + (b"" if body[at : at + 1] == b"}" else b",") + body[at:]
    )
    with pytest.raises(ClientError):
        outline_of(doubled, LIMITS)
