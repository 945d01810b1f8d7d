"""Event → ReplayChunk: the recording of a stretch of a session, compressed, for the table of its own.

before   an event of the type rrweb_event, details Replay(events=Raw('[{"type":2,…}]'), event_count=50)
after    ReplayChunk(session=…, events=50, data=zstd of the array)
"""

import zstandard

from openrum.enrich.event_types import Replay
from openrum.enrich.rules import Rules
from openrum.events import Event, ReplayChunk, Row

_COMPRESSOR = zstandard.ZstdCompressor(level=3)


def to_chunk(event: Event, row: Row, rules: Rules) -> ReplayChunk | None:
    """The chunk of a replay event that is stored; None for any other, and where the replay's own retention is over."""
    replay = event.details
    if not isinstance(replay, Replay) or event.reason or row.received < rules.keep_replays_after_ms:
        return None
    recording = bytes(replay.events)
    if not recording:
        return None
    return ReplayChunk(
        monitor=row.monitor,
        id=row.id,
        time=row.time,
        session=row.session,
        user=row.user,
        day=row.day,
        block=row.block,
        record=row.record,
        index=row.index,
        events=row.replay_events,
        data=_COMPRESSOR.compress(recording),
    )
