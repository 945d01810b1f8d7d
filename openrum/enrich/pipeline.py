"""Batch → Events: the literal list of steps. Each takes an event, fills in what it knows, and may end the event's way
by giving a reason; the first reason wins, and the steps behind it are not taken.
"""

from collections.abc import Callable

import msgspec

from openrum import strict_json
from openrum.enrich.bots import too_fast
from openrum.enrich.contents import read_details, read_session_metadata
from openrum.enrich.metadata import read_metadata
from openrum.enrich.owners_wish import drop_unwanted
from openrum.enrich.rules import Rules
from openrum.enrich.times import milliseconds, settle_time
from openrum.events import BUILT_IN_TYPE_PREFIX, Batch, Envelope, Event, Flag, Position, Received
from openrum.limits import Limits
from openrum.outcomes import Reason

Step = Callable[[Event, Rules], None]

STEPS: tuple[Step, ...] = (
    settle_time,  # first of all: a quarantined event has its place in time, too
    drop_unwanted,
    read_details,  # typed
    read_metadata,  # with the session's merged in, and custom attributes apart
)

_VIEW = BUILT_IN_TYPE_PREFIX + "page_view_event"
_VIEWS_MIN = 5  # page views of one batch below which its pace says nothing
_INTERACTIONS = frozenset(
    BUILT_IN_TYPE_PREFIX + name for name in ("interaction_to_next_paint_event", "first_input_delay_event", "dom_event")
)
_BATCH = msgspec.json.Decoder(Batch)


def enrich(received: Received, position: Position, rules: Rules) -> list[Event]:
    """All events of one acknowledged request, each judged by itself.

    Raises nothing for what a stranger sent: the door has read the body with the same parser. For a body that it never
    let in, strict_json.NotJson or msgspec.ValidationError.
    """
    envelope, batch = open_batch(received, position, rules.limits)
    return [
        _judge(Event(envelope, index, sent, flags=envelope.flags), rules) for index, sent in enumerate(batch.RumEvents)
    ]


def open_batch(received: Received, position: Position, limits: Limits) -> tuple[Envelope, Batch]:
    """Read the body again, as the door did, and gather what its events share."""
    batch = strict_json.decode(received.body, _BATCH)
    session_metadata = read_session_metadata(batch.SessionMetadata, limits)
    claimed = batch.AppMonitorDetails.id
    flags = Flag(0)
    if claimed is not None and claimed.lower() != received.monitor:
        flags |= Flag.MONITOR_DIFFERS
    if session_metadata is None:
        flags |= Flag.SESSION_METADATA_IGNORED
    return Envelope(
        monitor=received.monitor,
        position=position,
        received_ms=received.received_ms,
        country=received.country,
        subdivision=received.subdivision,
        user_agent=received.user_agent,
        session_id=batch.UserDetails.sessionId,
        user_id=batch.UserDetails.userId,
        app_monitor=batch.AppMonitorDetails,
        batch_id=batch.BatchId,
        alias=batch.Alias,
        session_metadata=session_metadata or {},
        flags=flags,
        bot=_behaviour(batch),
    ), batch


def _behaviour(batch: Batch) -> str | None:
    """What the batch as a whole says of who sent it."""
    events = batch.RumEvents
    if len(events) < _VIEWS_MIN:
        return None
    views = [event.timestamp for event in events if event.type == _VIEW]
    if len(views) < _VIEWS_MIN:
        return None
    interactions = sum(event.type in _INTERACTIONS for event in events)
    return too_fast([milliseconds(view) or 0 for view in views], interactions)


def _judge(event: Event, rules: Rules) -> Event:
    try:
        for step in STEPS:
            step(event, rules)
            if event.reason:
                break
    except Exception:  # noqa: BLE001 - a defect of ours must cost this event alone, and be counted
        event.reason = Reason.POISON
    return event
