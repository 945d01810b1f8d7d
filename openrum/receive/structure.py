"""The body of PutRumEvents, held against every constraint of the API model. Knows no HTTP, keeps nothing.

Structure refuses the whole batch; contents (`details`, `metadata`) are not even unescaped here, they are judged later,
one event at a time. Nearly every body is sound and as short as JSON.stringify makes it, so that is proved fast for a
batch as a whole, and only a body that fails the proof is walked member by member, to name the culprit and the rule it
breaks.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from openrum import strict_json
from openrum.errors import ClientError, SerializationError, ValidationError
from openrum.events import AppMonitorDetails, Batch, UserDetails
from openrum.limits import Limits

_UUID_CHARS = 36
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_ONE_UUID = re.compile(_UUID)
_UUIDS = re.compile(rf"{_UUID}(?:\n{_UUID})*")
_ALIAS_CHARS = 255


class Outline(NamedTuple):
    """What the door needs to know of a sound batch."""

    events: int
    alias: str | None


def outline_of(body: bytes, limits: Limits) -> Outline:
    """Check `body`. Raises SerializationError (not JSON, wrong types) or ValidationError (broken rules).

    Unknown members are ignored and null counts as absent. Two readers of an accepted body see the same batch: no key
    stands twice in one object.
    """
    batch: _Shortest | Batch | None = _read_shortest(body)
    try:
        if batch is None:
            batch = strict_json.decode(body, _BATCH_DECODER)
            strict_json.check_keys(body, limits.json_depth)
    except msgspec.ValidationError as error:
        raise _first_fault(body, limits) or SerializationError(str(error)) from None
    except (strict_json.NotJson, strict_json.TooDeep, strict_json.DuplicateKey) as error:
        raise _unreadable(error) from None
    if not _keeps_the_rules(batch, limits):
        raise _first_fault(body, limits) or ValidationError("the batch breaks a rule of the API model")
    return Outline(len(batch.RumEvents), batch.Alias)


def is_uuid(text: str) -> bool:
    """Whether `text` is what the API model takes for an id: 8-4-4-4-12 hexadecimal digits, any case and version."""
    return _ONE_UUID.fullmatch(text) is not None


# ── The fast proof ────────────────────────────────────────────────────────────────────────────────────────────────


class _ShortestEvent(Struct, frozen=True, omit_defaults=True, gc=False):
    """A RumEvent whose contents stay as they stand in the body, quotes and escapes and all."""

    id: str
    timestamp: int  # a fraction may be written in many ways, so a batch that has one is read the slow way
    type: str
    details: Raw
    metadata: Raw = Raw(b'""')


class _Shortest(Struct, frozen=True, omit_defaults=True):
    """A Batch of such events."""

    BatchId: str
    AppMonitorDetails: AppMonitorDetails
    UserDetails: UserDetails
    RumEvents: list[_ShortestEvent]
    Alias: str | None = None
    SessionMetadata: str | None = None


_SHORTEST_DECODER = msgspec.json.Decoder(_Shortest)
_BATCH_DECODER = msgspec.json.Decoder(Batch)
_ENCODER = msgspec.json.Encoder()
_QUOTE = ord('"')


def _read_shortest(body: bytes) -> _Shortest | None:
    """The batch, if `body` holds it and not a byte more; None leaves the judgement to the slow walk.

    The encoder writes the shortest JSON there is for a batch, so a body of the same length has no room for a key that
    stands twice, an unknown member, or anything that the decoder skipped unread. The decoder has checked the contents
    as JSON values, but neither that they are texts nor their UTF-8.
    """
    try:
        batch = _SHORTEST_DECODER.decode(body)
        if len(_ENCODER.encode(batch)) != len(body):
            return None
        if not body.isascii():
            body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    for event in batch.RumEvents:
        if memoryview(event.details)[0] != _QUOTE or memoryview(event.metadata)[0] != _QUOTE:
            return None
    return batch


def _keeps_the_rules(batch: _Shortest | Batch, limits: Limits) -> bool:
    user, alias, events = batch.UserDetails, batch.Alias, batch.RumEvents
    ids = [event.id for event in events]
    ids.append(batch.BatchId)
    if user.userId is not None:
        ids.append(user.userId)
    if user.sessionId is not None:
        ids.append(user.sessionId)
    lines = "\n".join(ids)
    return (
        len(events) <= limits.events_per_request
        and len(lines) == (_UUID_CHARS + 1) * len(ids) - 1  # else one id could hold a line break and count as two
        and _UUIDS.fullmatch(lines) is not None
        and (alias is None or 1 <= len(alias) <= _ALIAS_CHARS)
    )


# ── The slow walk, which names the culprit ────────────────────────────────────────────────────────────────────────


_Check = Callable[[Any, str, Limits], Iterator[ClientError]]
_Members = tuple[tuple[str, bool, _Check], ...]  # name, required, rule


def _first_fault(body: bytes, limits: Limits) -> ClientError | None:
    """What is wrong with a body that failed the proof. A wrong type goes before a broken rule, as in Smithy."""
    try:
        strict_json.check_keys(body, limits.json_depth)
        value = strict_json.loads(body.decode(), limits.json_depth)
    except (strict_json.NotJson, strict_json.TooDeep, strict_json.DuplicateKey) as error:
        return _unreadable(error)
    faults = list(_structure(_BATCH)(value, "", limits))
    return next((fault for fault in faults if isinstance(fault, SerializationError)), None) or next(iter(faults), None)


def _unreadable(error: ValueError) -> SerializationError:
    return SerializationError(f"the body cannot be read: {error}")


def _structure(members: _Members) -> _Check:
    def check(value: Any, path: str, limits: Limits) -> Iterator[ClientError]:
        if not isinstance(value, dict):
            yield SerializationError(f"{path or 'the body'}: must be an object")
            return
        for name, required, check_member in members:
            here = f"{path}.{name}" if path else name
            member = value.get(name)
            if member is not None:
                yield from check_member(member, here, limits)
            elif required:
                yield ValidationError(f"{here}: is required")

    return check


def _text(value: Any, path: str, _limits: Limits) -> Iterator[ClientError]:
    if not isinstance(value, str):
        yield SerializationError(f"{path}: must be a string")


def _uuid(value: Any, path: str, limits: Limits) -> Iterator[ClientError]:
    yield from _text(value, path, limits)
    if isinstance(value, str) and not is_uuid(value):
        yield ValidationError(f"{path}: must be a UUID (8-4-4-4-12 hexadecimal digits)")


def _alias(value: Any, path: str, limits: Limits) -> Iterator[ClientError]:
    yield from _text(value, path, limits)
    if isinstance(value, str) and not 1 <= len(value) <= _ALIAS_CHARS:
        yield ValidationError(f"{path}: must be 1 to {_ALIAS_CHARS} characters long")


def _timestamp(value: Any, path: str, _limits: Limits) -> Iterator[ClientError]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield SerializationError(f"{path}: must be a number, the seconds since 1970")
    elif isinstance(value, float) and math.isinf(value):
        yield ValidationError(f"{path}: must be a number that a double can hold")


def _events(value: Any, path: str, limits: Limits) -> Iterator[ClientError]:
    if not isinstance(value, list):
        yield SerializationError(f"{path}: must be a list")
        return
    if len(value) > limits.events_per_request:
        yield ValidationError(f"{path}: must hold at most {limits.events_per_request} events, not {len(value)}")
    check_event = _structure(_EVENT)
    for index, event in enumerate(value):
        yield from check_event(event, f"{path}[{index}]", limits)


_EVENT: _Members = (
    ("id", True, _uuid),
    ("timestamp", True, _timestamp),
    ("type", True, _text),
    ("details", True, _text),
    ("metadata", False, _text),
)
_APP_MONITOR: _Members = (("id", False, _text), ("name", False, _text), ("version", False, _text))
_USER: _Members = (("userId", False, _uuid), ("sessionId", False, _uuid))
_BATCH: _Members = (
    ("BatchId", True, _uuid),
    ("AppMonitorDetails", True, _structure(_APP_MONITOR)),
    ("UserDetails", True, _structure(_USER)),
    ("RumEvents", True, _events),
    ("Alias", False, _alias),
    ("SessionMetadata", False, _text),
)
