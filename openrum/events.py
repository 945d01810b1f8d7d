"""The vocabulary that rooms share: where a request stands, and the three forms of an event. Types only, no work.

    Batch     the wire form: what PutRumEvents' body says, structure checked, contents still text
    Event     what the enrichment works on: contents read, merged, judged
    Row       what a store keeps and answers from: typed columns

Two conversions lead from one to the next and never back: `enrich/pipeline.py` (Batch → Event) and `enrich/row.py`
(Event → Row). The raw form of an event is read back from the journal through its position, never from a row.
"""

from enum import IntFlag
from typing import Any, NamedTuple

from msgspec import UNSET, Struct, UnsetType, field

from openrum.outcomes import Outcome, Reason

BUILT_IN_TYPE_PREFIX = "com.amazon.rum."
REPLAY_TYPE = "com.amazon.rum.rrweb_event"
NIL_UUID = "00000000-0000-0000-0000-000000000000"


class Position(NamedTuple):
    """Where a request stands in the journal, for ever: UTC day of receipt (days since 1970), block, record in it."""

    day: int
    block: int
    record: int


# ── Journal records: MessagePack arrays, told apart by their first element ────────────────────────────────────────


class Received(Struct, frozen=True, array_like=True, tag="r", gc=False):
    """One acknowledged PutRumEvents: the body, unpacked, plus what only the door knows. Never the client's address."""

    monitor: str  # UUID in lower case, from the path
    received_ms: int
    events: int  # how many the door counted in the body
    country: str | None  # ISO 3166-1, looked up from the address before that was forgotten
    subdivision: str | None
    user_agent: str | None
    body: bytes


class Refusals(Struct, frozen=True, array_like=True, tag="x"):
    """What the door refused since the last such record: batches never acknowledged, counted for the ledger."""

    counted_ms: int
    counts: list[tuple[str, Reason, int]]  # monitor ("" where unknown), reason, requests


JournalRecord = Received | Refusals


# ── Wire form ─────────────────────────────────────────────────────────────────────────────────────────────────────


class AppMonitorDetails(Struct, frozen=True, omit_defaults=True, gc=False):
    """What the client says of its monitor; the path's id counts, a different one here is kept and flagged."""

    id: str | None = None
    name: str | None = None
    version: str | None = None


class UserDetails(Struct, frozen=True, omit_defaults=True, gc=False):
    """UUIDs; the nil UUID stands for a user without an id."""

    userId: str | None = None
    sessionId: str | None = None


class RumEvent(Struct, frozen=True, omit_defaults=True, gc=False):
    """One event as sent: `timestamp` in epoch seconds, `details` and `metadata` JSON in strings, not yet read."""

    id: str
    timestamp: int | float
    type: str
    details: str
    metadata: str | None = None


class Batch(Struct, frozen=True, omit_defaults=True):
    """The body of PutRumEvents. Members as in the API model; unknown ones are ignored."""

    BatchId: str
    AppMonitorDetails: AppMonitorDetails
    UserDetails: UserDetails
    RumEvents: list[RumEvent]
    Alias: str | None = None
    SessionMetadata: str | None = None


# ── Event ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Flag(IntFlag):
    """What is odd about a stored event; several may hold. Kept in the row, so that each can be counted and found."""

    TIME_REPLACED = 1  # the client's time lies outside [now - retention, now + 1 day]: `time` is the receive time
    MONITOR_DIFFERS = 2  # AppMonitorDetails.id is not the monitor of the path
    SESSION_METADATA_IGNORED = 4  # SessionMetadata was not a JSON object
    ATTRIBUTES_REMOVED = 8  # custom attributes that the service would remove
    FIELD_NULLED = 16  # a field of a known event had the wrong type, or a number no column can hold


class MetadataColumns(Struct, frozen=True, gc=False):
    """The columns of a row that are made of metadata; names of brands are one for each."""

    page: str | None = None
    page_tags: list[str] | UnsetType = UNSET
    release: str | None = None
    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    device: str | None = None
    country: str | None = None
    subdivision: str | None = None
    domain: str | None = None


class Metadata(Struct, frozen=True):
    """Metadata as it was read: the session's merged in, custom attributes apart. Shared by the events that say the same,
    so no step may change it.
    """

    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str | int | float | bool] = field(default_factory=dict)
    columns: MetadataColumns = MetadataColumns()
    flags: Flag = Flag(0)
    reason: Reason = Reason.NONE


NO_METADATA = Metadata()


class Envelope(Struct, frozen=True):
    """What all events of one batch share."""

    monitor: str
    position: Position
    received_ms: int
    country: str | None
    subdivision: str | None
    user_agent: str | None
    session_id: str | None
    user_id: str | None
    app_monitor: AppMonitorDetails
    batch_id: str
    alias: str | None
    session_metadata: dict[str, Any]
    flags: Flag
    metadata_by_text: dict[str | None, Metadata] = field(default_factory=dict)  # what the events' metadata were read as


class Event(Struct):
    """One event on its way through the enrichment. A step fills what it knows; a `reason` ends the way."""

    envelope: Envelope
    index: int  # in RumEvents
    sent: RumEvent
    details: dict[str, Any] = field(default_factory=dict)
    metadata: Metadata = NO_METADATA
    time_ms: int = 0
    flags: Flag = Flag(0)
    reason: Reason = Reason.NONE


# ── Row ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Row(Struct, omit_defaults=True, gc=False):
    """One event as a store takes it. `outcome` is the drain's judgement; the store alone finds duplicates.

    Field names are column names. Times are epoch milliseconds, UTC. A row whose outcome is not STORED carries what the
    ledger needs (monitor, id, times, position) and no content.
    """

    monitor: str
    id: str  # UUID in lower case
    time: int
    received: int
    type: str
    day: int
    block: int
    record: int
    index: int
    outcome: Outcome = Outcome.STORED
    reason: Reason = Reason.NONE
    flags: int = 0
    client_time: int | UnsetType = UNSET  # the client's own time, where `time` is not it and a column can hold it
    session: str | None = None
    user: str | None = None
    page: str | None = None
    page_tags: list[str] | UnsetType = UNSET
    release: str | None = None
    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    device: str | None = None
    country: str | None = None
    subdivision: str | None = None
    domain: str | None = None
    attributes: dict[str, str | int | float | bool] | UnsetType = UNSET
