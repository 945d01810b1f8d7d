"""The recording of a session: which parts there are of it, and one of them as it was sent. It plays nothing.

Replay chunks stand beside the events, and no other question reads them. A part is looked up by its time, so that only the
files are read in which it can be.
"""

import re
from dataclasses import dataclass
from uuid import UUID

import zstandard

from openrum.limits import Limits
from openrum.query.question import BadQuestion
from openrum.query.scope import Scope
from openrum.query.sequence import IN_ORDER
from openrum.store import Readable, Reads

PARTS_MAX = 2_000
"""Of one list. Who plays more of them asks from the time of the last one on."""

_COLUMNS = frozenset(("monitor", "id", "time", "session", "day", "block", "record", "index", "events", "data"))
_OF_SESSION = 'monitor = $monitor::UUID AND "session" = $session::UUID AND "time" >= $from_ms AND "time" < $to_ms'
_PARTS = (
    f'SELECT id::VARCHAR, "time", events, octet_length(data) FROM replay_chunks WHERE {_OF_SESSION} ORDER BY {IN_ORDER}'
)
_PART = f"SELECT data FROM replay_chunks WHERE {_OF_SESSION} AND id = $part::UUID"
_TIME = re.compile(r"[0-9]{1,15}")


class DamagedPart(Exception):
    """A part that is there, and cannot be unpacked."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a recording."""

    id: str  # of its event
    time: int
    events: int | None  # how many the client said it holds
    bytes: int  # as it is kept


@dataclass(frozen=True, slots=True)
class Recording:
    """The parts of a session, in the order in which they are played."""

    parts: list[Part]
    truncated: bool  # more were there


def recording(session: str, scope: Scope, store: Readable, limits: Limits) -> Recording:
    """What there is of a session in the range of a scope. Raises QueryFailed, QueryTimeout."""
    answer = store.run(
        _PARTS,
        _bound(session, scope),
        timeout_s=limits.query_s,
        rows_max=min(PARTS_MAX, limits.query_rows),
        reads=_reads(scope),
    )
    return Recording([Part(*row) for row in answer.rows], answer.truncated)


def part_as_sent(part: str, session: str, scope: Scope, store: Readable, limits: Limits) -> bytes | None:
    """One part, a JSON array; None where there is none. Raises DamagedPart, QueryFailed, QueryTimeout."""
    bound = {**_bound(session, scope), "part": part}
    rows = store.run(_PART, bound, timeout_s=limits.query_s, rows_max=1, reads=_reads(scope)).rows
    # Nothing larger came in by the door, however large a part might be in those days.
    return _unpacked(rows[0][0], limits.body_unpacked_bytes) if rows else None


def parse_part(part: str, time: str) -> tuple[str, int]:
    """A part's id as it is stored, and its time. Raises BadQuestion."""
    try:
        part = str(UUID(part))
    except ValueError:
        raise BadQuestion("part", "must be the id of a part, a UUID, as the list of the parts has it") from None
    if not _TIME.fullmatch(time):
        raise BadQuestion("time", "must be the time of the part as the list of the parts has it: epoch milliseconds")
    return part, int(time)


def _bound(session: str, scope: Scope) -> dict[str, str | int]:
    return {"monitor": scope.monitor, "session": session, "from_ms": scope.from_ms, "to_ms": scope.to_ms}


def _reads(scope: Scope) -> Reads:
    return Reads(_COLUMNS, scope.from_ms, scope.to_ms, replays=True)


def _unpacked(data: bytes, bytes_max: int) -> bytes:
    try:
        # A frame that says its size is given that much, whatever the most may be: so that is looked at first.
        size = zstandard.frame_content_size(data)
        if size > bytes_max:
            raise DamagedPart(f"it says that it holds {size} bytes")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=bytes_max)
    except zstandard.ZstdError as error:
        raise DamagedPart(str(error)) from None
