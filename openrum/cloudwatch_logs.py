r"""Events that CloudWatch RUM exported to CloudWatch Logs, made into bodies of PutRumEvents. Opens and sends nothing.

    before   {"event_timestamp":1695196227000,"event_type":"com.amazon.rum.page_view_event","event_id":"…",
              "user_details":{"sessionId":"…","userId":"…"},"metadata":{"pageId":"/"},"event_details":{"pageId":"/"},…}
    after    {"BatchId":…,"UserDetails":{…},"RumEvents":[{"id":"…","timestamp":1695196227,
              "type":"com.amazon.rum.page_view_event","details":"{\"pageId\":\"/\"}","metadata":"{\"pageId\":\"/\"}"}]}

An event keeps its id, so that whoever imports twice stores nothing twice, its time, and its contents to the letter. The
forms that such events come in:

    a line an event             as the log group has them; with a time in front, as CloudWatch's export to S3 writes them
    {"events": [{"message":…}]} what `aws logs filter-log-events` and `get-log-events` print
    {"results": [[{"field":…}]]} what `aws logs get-query-results` prints; [{"@message":…}], what Logs Insights saves
    {"Events": ["…"]}           what `aws rum get-app-monitor-data` prints

Read in one pass, whatever the size: what waits for its batch is bounded. What is no event is counted with its reason and
costs nothing beside it.
"""

import re
import uuid
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from openrum import strict_json
from openrum.days import DAY_MS
from openrum.events import BUILT_IN_TYPE_PREFIX, AppMonitorDetails, Batch, RumEvent, UserDetails
from openrum.limits import MIB, Limits
from openrum.receive.structure import is_uuid

NOT_JSON = "not JSON"
NO_EVENT = "no event of CloudWatch RUM"
MOBILE = "an event of a mobile app (OpenTelemetry form): not supported"
BAD_ID = "an id that is not a UUID"
TO_COME = "more than a day in the future"
TOO_LARGE = "larger than the door takes"
BROKEN_OFF = "unreadable from here on"

_EVENTS_PER_BATCH = 100
_BATCH_BYTES = MIB
_WAITING_EVENTS = 20_000
_WAITING_BYTES = 32 * MIB
_EDGE_MS = 3_600_000  # an event as old as the retention must still be younger when the server looks at it
_BATCHES = uuid.UUID("7b1f3f0e-8f0c-5b0a-9b57-3f1d5f6f2a10")
_MONITORS_NAMED = 10


class Stream(Protocol):
    """Bytes, unpacked."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""


# ── A row of the log group ────────────────────────────────────────────────────────────────────────────────────────


class _Users(Struct):
    sessionId: str | None = None
    userId: str | None = None


class _LogRow(Struct):
    """One event as CloudWatch RUM writes it; its contents stay as they stand."""

    event_timestamp: int | float
    event_type: str
    event_id: str
    event_details: Raw
    metadata: Raw = Raw(b"null")
    user_details: _Users | None = None
    application_id: str | None = None
    application_version: str | None = None


class _Wrapped(Struct):
    """What CloudWatch Logs puts around a row: a log event, or a line of a query's answer."""

    message: Raw | UnsetType = UNSET
    at_message: Raw | UnsetType = msgspec.field(default=UNSET, name="@message")


class _Field(Struct):
    field: str
    value: str = ""


_ROW = msgspec.json.Decoder(_LogRow)
_WRAPPED = msgspec.json.Decoder(_Wrapped | list[_Field] | str)
_TEXT = msgspec.json.Decoder(str)
_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_ENCODER = msgspec.json.Encoder()
_IN_FRONT = 256  # characters of a time, and perhaps a log stream, before the JSON of a line


class _Unfit(Exception):
    """No event. The argument is the reason."""


def _read_row(text: bytes) -> _LogRow:
    """The row in a text, unwrapped where something stands around it. Raises _Unfit."""
    try:
        text.decode()
        return _row_of(text)
    except (strict_json.NotJson, UnicodeDecodeError):
        raise _Unfit(NOT_JSON) from None


def _row_of(text: bytes) -> _LogRow:
    if text[:1] not in b'{["':
        begin = text.find(b"{", 0, _IN_FRONT)
        text = text[max(begin, 0) :]
    try:
        return strict_json.decode(text, _ROW)
    except msgspec.ValidationError:
        inner = _unwrapped(text)
    if inner is None:
        raise _Unfit(_why_not(text))
    try:
        return strict_json.decode(inner, _ROW)
    except msgspec.ValidationError:
        raise _Unfit(_why_not(inner)) from None


def _unwrapped(text: bytes) -> bytes | None:
    try:
        found = strict_json.decode(text, _WRAPPED)
    except msgspec.ValidationError:
        return None
    if isinstance(found, str):
        return found.encode()
    if isinstance(found, list):
        return next((each.value.encode() for each in found if each.field == "@message"), None)
    message = found.message if found.at_message is UNSET else found.at_message
    if message is UNSET:
        return None
    inner = bytes(message)
    return strict_json.decode(inner, _TEXT).encode() if inner[:1] == b'"' else inner


def _why_not(text: bytes) -> str:
    try:
        value = strict_json.decode(text, _ANYTHING)
    except msgspec.ValidationError:
        return NO_EVENT
    mobile = isinstance(value, dict) and "event_type" not in value and "resource" in value and len(value) > 1
    return MOBILE if mobile else NO_EVENT


# ── Bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Body(NamedTuple):
    """One PutRumEvents."""

    content: bytes
    events: int


@dataclass
class LeftOut:
    """How many, and where the first one stands: `file:number`, by line, or by event in a JSON document."""

    count: int
    first: str


@dataclass
class _Waiting:
    """Events of one session and version that become a batch."""

    events: list[RumEvent] = field(default_factory=list)
    first: str = ""
    size: int = 0


class Bodies:
    """Makes bodies of streams, and counts. `read`: rows seen; `custom`: those taken of types that are the owner's own;
    `left_out`: by reason; `monitors`: the ids of the app monitors that the rows were of, the first few.
    """

    def __init__(self, *, now_ms: Callable[[], int], retention_days: int, limits: Limits) -> None:
        self._now_ms = now_ms
        self._retention_ms = retention_days * DAY_MS
        self._too_old = f"older than the retention of {retention_days} days"
        self._events_max = min(_EVENTS_PER_BATCH, limits.events_per_request)
        self._body_bytes_max = limits.body_unpacked_bytes
        self._waiting: dict[tuple[str | None, str | None, str | None], _Waiting] = {}
        self._waiting_events = self._waiting_bytes = 0
        self.read = 0
        self.custom = 0
        self.left_out: dict[str, LeftOut] = {}
        self.monitors: set[str] = set()

    def add(self, name: str, stream: Stream) -> Iterator[Body]:
        """The bodies that a stream completes. `name` is what its rows are told by."""
        number = 0
        try:
            for number, text in _texts(stream, self._body_bytes_max):
                place = f"{name}:{number}"
                self.read += 1
                try:
                    yield from self._take(text, place)
                except _Unfit as unfit:
                    self._leave_out(str(unfit), place)
        except (OSError, EOFError, zlib.error, _Broken):
            self._leave_out(BROKEN_OFF, f"{name}:{number + 1}")

    def finish(self) -> Iterator[Body]:
        """The bodies of what still waits."""
        while self._waiting:
            yield from self._close(next(iter(self._waiting)))

    def _take(self, text: bytes | None, place: str) -> Iterator[Body]:
        if text is None:
            raise _Unfit(TOO_LARGE)
        row = _read_row(text)
        users = row.user_details or _Users()
        version = row.application_version or None
        session, user = users.sessionId or None, users.userId or None
        event = self._event_of(row, session, user)
        self.custom += not row.event_type.startswith(BUILT_IN_TYPE_PREFIX)
        if row.application_id and len(self.monitors) < _MONITORS_NAMED:
            self.monitors.add(row.application_id)
        key = (session, user, version)
        waiting = self._waiting.setdefault(key, _Waiting(first=place))
        size = len(event.details) + len(event.metadata or "")
        if waiting.events and waiting.size + size > _BATCH_BYTES:
            yield from self._close(key)
            waiting = self._waiting.setdefault(key, _Waiting(first=place))
        waiting.events.append(event)
        waiting.size += size
        self._waiting_events += 1
        self._waiting_bytes += size
        if len(waiting.events) >= self._events_max:
            yield from self._close(key)
        while self._waiting_events > _WAITING_EVENTS or self._waiting_bytes > _WAITING_BYTES:
            yield from self._close(next(iter(self._waiting)))

    def _event_of(self, row: _LogRow, session: str | None, user: str | None) -> RumEvent:
        if not all(is_uuid(each) for each in (row.event_id, session, user) if each is not None):
            raise _Unfit(BAD_ID)
        now_ms, time_ms = self._now_ms(), row.event_timestamp
        if time_ms < now_ms - self._retention_ms + _EDGE_MS:
            raise _Unfit(self._too_old)
        if time_ms > now_ms + DAY_MS:
            raise _Unfit(TO_COME)
        metadata = bytes(row.metadata)
        return RumEvent(
            id=row.event_id,
            timestamp=int(time_ms) // 1000 if time_ms % 1000 == 0 else time_ms / 1000,
            type=row.event_type,
            details=bytes(row.event_details).decode(),
            metadata=None if metadata == b"null" else metadata.decode(),
        )

    def _close(self, key: tuple[str | None, str | None, str | None]) -> Iterator[Body]:
        waiting = self._waiting.pop(key)
        self._waiting_events -= len(waiting.events)
        self._waiting_bytes -= waiting.size
        session, user, version = key
        batch = Batch(
            BatchId=str(uuid.uuid5(_BATCHES, "".join(event.id for event in waiting.events))),
            AppMonitorDetails=AppMonitorDetails(version=version),
            UserDetails=UserDetails(userId=user, sessionId=session),
            RumEvents=waiting.events,
        )
        content = _ENCODER.encode(batch)
        if len(content) <= self._body_bytes_max:
            yield Body(content, len(waiting.events))
        else:  # one event alone: several are closed long before
            self._leave_out(TOO_LARGE, waiting.first)

    def _leave_out(self, reason: str, place: str) -> None:
        self.left_out.setdefault(reason, LeftOut(0, place)).count += 1


# ── Texts of a stream ─────────────────────────────────────────────────────────────────────────────────────────────


_CHUNK_BYTES = 256 * 1024
_LISTS = frozenset({"events", "results", "Events"})
_CONTAINER = re.compile(
    r'\{\s*"(?:events|results|Events|searchedLogStreams|next(?:Forward|Backward)?Token|NextToken|queryLanguage|statistics|'
    r'status|encryptionKey)"\s*:'
)
_DOCUMENT = re.compile(rf"\s*(?:\[|\{{[ \t]*\r?\n|{_CONTAINER.pattern})")
_SPACE = re.compile(r"[ \t\r\n]*")


class _Broken(Exception):
    """A document that is no JSON from here on."""


def _texts(stream: Stream, bytes_max: int) -> Iterator[tuple[int, bytes | None]]:
    """Each text that may be a row, with its number; None for one that is too long. Raises _Broken."""
    head = stream.read(_CHUNK_BYTES).removeprefix(b"\xef\xbb\xbf")
    if _DOCUMENT.match(head[:4096].decode("utf-8", "replace")):
        document = _Document(stream, head, bytes_max)
        yield from enumerate((value.encode("utf-8", "surrogateescape") for value in document.elements()), 1)
    else:
        yield from _lines(stream, head, bytes_max)


def _lines(stream: Stream, head: bytes, bytes_max: int) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    rest = head
    while rest:
        lines = rest.split(b"\n")
        rest = lines.pop()
        for line in lines:
            number += 1
            text = line.strip()
            if text:
                yield number, text
        if len(rest) > bytes_max:
            number += 1
            yield number, None
            rest = _after_line(stream)
            continue
        more = stream.read(max(_CHUNK_BYTES, len(rest)))
        if not more:
            if rest.strip():
                yield number + 1, rest.strip()
            return
        rest += more


def _after_line(stream: Stream) -> bytes:
    """What follows the end of a line that nobody wants to hold."""
    while chunk := stream.read(_CHUNK_BYTES):
        _, end, rest = chunk.partition(b"\n")
        if end:
            return rest or stream.read(_CHUNK_BYTES)
    return b""


class _Document:
    """JSON values one after the other, and one by one those of the lists that CloudWatch's answers hold. Only one value at a
    time is in memory, with a chunk of what follows.
    """

    def __init__(self, stream: Stream, head: bytes, chars_max: int) -> None:
        self._stream = stream
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")
        self._text = self._decoder.decode(head)
        self._at = 0
        self._chars_max = chars_max
        self._scan = JSONDecoder().raw_decode

    def elements(self) -> Iterator[str]:
        """The text of each value. Raises _Broken."""
        while char := self._next_char():
            if char == "[":
                yield from self._list()
            elif char == "{" and self._begins_container():
                yield from self._container()
            else:
                yield self._value()

    def _container(self) -> Iterator[str]:
        self._at += 1
        while (char := self._next_char()) != "}":
            if char == ",":
                self._at += 1
                continue
            key = self._value()
            if self._next_char() != ":":
                raise _Broken
            self._at += 1
            if self._next_char() == "[" and key[1:-1] in _LISTS:
                yield from self._list()
            else:
                self._value()
        self._at += 1

    def _list(self) -> Iterator[str]:
        self._at += 1
        while (char := self._next_char()) != "]":
            if char == ",":
                self._at += 1
            else:
                yield self._value()
        self._at += 1

    def _begins_container(self) -> bool:
        while len(self._text) - self._at < _IN_FRONT and self._read_on():
            pass
        return _CONTAINER.match(self._text, self._at) is not None

    def _next_char(self) -> str:
        """The next one that is no space, which is not taken; empty at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_on():
                return ""

    def _value(self) -> str:
        while True:
            try:
                _, end = self._scan(self._text, self._at)
            except (JSONDecodeError, RecursionError):
                if len(self._text) - self._at > self._chars_max or not self._read_on():
                    raise _Broken from None
                continue
            if end == len(self._text) and self._read_on():
                continue  # a number might go on
            value = self._text[self._at : end]
            self._at = end
            return value

    def _read_on(self) -> bool:
        """Read as much again as is held, so that a long value costs no more than twice its length."""
        held = len(self._text) - self._at
        chunk = self._stream.read(max(_CHUNK_BYTES, held))
        self._text = self._text[self._at :] + self._decoder.decode(chunk, final=not chunk)
        self._at = 0
        return bool(chunk)
