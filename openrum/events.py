"""The vocabulary that rooms share: where a request stands, and the three forms of an event. Types only, no work.

    Batch     the wire form: what PutRumEvents' body says, structure checked, contents still text
    Event     what the enrichment works on: contents read, merged, judged
    Row       what a store keeps and answers from: typed columns

Two conversions lead from one to the next and never back: `enrich/pipeline.py` (Batch → Event) and `enrich/row.py`
(Event → Row). The raw form of an event is read back from the journal through its position, never from a row.
"""

from enum import IntFlag
from typing import Any, NamedTuple

from msgspec import UNSET, Raw, Struct, UnsetType, field

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


class Forgotten(Struct, frozen=True, array_like=True, tag="f"):
    """What stands in the place of a request that was forgotten: how many events it held, and nothing of them."""

    monitor: str
    received_ms: int
    events: int
    reason: Reason  # forgotten, or past its monitor's retention


class Refusals(Struct, frozen=True, array_like=True, tag="x"):
    """What the door refused since the last such record: batches never acknowledged, counted for the ledger."""

    counted_ms: int
    counts: list[tuple[str, Reason, int]]  # monitor ("" where unknown), reason, requests


JournalRecord = Received | Refusals | Forgotten


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
    page_group: str | None = None
    page_tags: list[str] | UnsetType = UNSET
    title: str | None = None
    interaction: int | None = None
    parent_page: str | None = None
    release: str | None = None
    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None
    language: str | None = None
    client_version: str | None = None
    country: str | None = None
    subdivision: str | None = None
    domain: str | None = None
    bot: str | None = None


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
    bot: str | None = None  # why the behaviour in this batch is not a person's
    metadata_by_text: dict[str | None, Metadata] = field(default_factory=dict)  # what the events' metadata were read as
    rows_by_metadata: dict[str | None, "Row"] = field(default_factory=dict)  # what events of that text have in common


class Event(Struct):
    """One event on its way through the enrichment. A step fills what it knows; a `reason` ends the way."""

    envelope: Envelope
    index: int  # in RumEvents
    sent: RumEvent
    details: Struct | dict[str, Any] = field(default_factory=dict)  # the struct of its type; what has none, as it is
    metadata: Metadata = NO_METADATA
    time_ms: int = 0
    flags: Flag = Flag(0)
    reason: Reason = Reason.NONE


# ── Row ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Row(Struct, omit_defaults=True, gc=False):
    """One event as a store takes it. `outcome` is the drain's judgement; the store alone finds duplicates.

    Field names are column names. Times are epoch milliseconds, UTC; spans are milliseconds, sizes bytes. A row whose
    outcome is not STORED carries what the ledger needs (monitor, id, times, position) and no content. What has no
    column here is not lost: the raw form of an event is read back from the journal through its position.
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

    # where, by whom, with what
    page: str | None = None
    page_group: str | None = None  # the route: ids, hashes, dates and numbers of the page replaced by placeholders
    page_tags: list[str] | UnsetType = UNSET
    title: str | None = None
    interaction: int | None = None  # the how manieth view of its session
    release: str | None = None
    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None
    language: str | None = None
    client_version: str | None = None  # of the web client
    country: str | None = None
    subdivision: str | None = None
    domain: str | None = None
    bot: str | None = None  # why it is held to be one
    attributes: dict[str, str | int | float | bool] | UnsetType = UNSET
    payload_size: int | None = None  # of `details` and `metadata` as they were sent

    # of several types of event
    value: float | None = None  # of a web vital
    duration: float | None = None  # of a navigation, a resource, a trace
    transfer_size: float | None = None
    start_time: float | None = None
    initiator_type: str | None = None
    target: str | None = None  # the element: of LCP, INP, CLS, FID, a DOM event
    load_state: str | None = None
    url: str | None = None  # the route of a resource, a request, the LCP's picture: without host, query and ids
    url_host: str | None = None
    first_party: bool | None = None
    time_to_first_byte: float | None = None
    dns: float | None = None
    connect: float | None = None
    trace_id: str | None = None
    segment_id: str | None = None

    # page views
    parent_page: str | None = None
    referrer: str | None = None
    referrer_domain: str | None = None
    time_on_parent_page: float | None = None

    # navigations
    navigation_type: str | None = None
    next_hop_protocol: str | None = None
    redirect_time: float | None = None
    worker_time: float | None = None
    fetch_start: float | None = None
    tls_time: float | None = None
    response_start: float | None = None
    response_time: float | None = None
    dom_interactive: float | None = None
    dom_content_loaded: float | None = None  # when its event began
    dom_complete: float | None = None
    dom_processing_time: float | None = None
    load_event_time: float | None = None
    header_size: float | None = None

    # resources
    file_type: str | None = None

    # web vitals: their parts
    resource_load_delay: float | None = None
    resource_load_time: float | None = None
    element_render_delay: float | None = None
    first_byte_to_fcp: float | None = None
    waiting_duration: float | None = None
    cache_duration: float | None = None
    request_duration: float | None = None
    interaction_type: str | None = None
    interaction_time: float | None = None
    input_delay: float | None = None
    processing_duration: float | None = None
    presentation_delay: float | None = None
    largest_shift_value: float | None = None

    # errors, and what a failed request says
    error: str | None = None  # the fingerprint of its group
    error_title: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    error_file: str | None = None
    error_line: int | None = None
    error_column: int | None = None
    error_stack: str | None = None

    # requests
    http_method: str | None = None
    http_status: int | None = None

    # DOM events, replays, and types that only the site's own code knows
    dom_event: str | None = None
    replay_events: int | None = None
    details: Raw | UnsetType = UNSET


class ReplayChunk(Struct, gc=False):
    """The recording of a stretch of a session, compressed, apart from the rows so that it slows no question."""

    monitor: str
    id: str  # of its event
    time: int
    session: str | None
    user: str | None
    day: int
    block: int
    record: int
    index: int
    events: int | None  # how many records of rrweb the client says it holds
    data: bytes  # zstd of the JSON array as it was sent; base64 on its way into the store
