"""`openrum export`: the rows of a monitor as Parquet, a folder a date, each with its raw form as it was sent.

Readable by DuckDB, ClickHouse, Spark and pandas alike: ids are texts, times are timestamps in UTC, custom attributes and
details JSON texts. Reads; changes nothing. Works part by part, so that a day of any size takes little memory.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openrum.days import DAY_MS
from openrum.readback import EventPosition, ReadBack
from openrum.store import DuckDBStore, Reads

PART_EVENTS = 50_000
_PATIENCE_S = 600.0
_DAYS_MAX = 100_000
_POSITION = 'day, block, record, "index"'
_CHOSEN = (
    'monitor = $monitor::UUID AND "time" >= $from_ms AND "time" < $to_ms'
    " AND (day < $as_of_day OR (day = $as_of_day AND block <= $as_of_block))"
)
_ALL = (1 << 30, 0)
Place = tuple[int, int]
"""Day and block of the journal."""


@dataclass(frozen=True, slots=True)
class Date:
    """How many events a date (of the events' time, UTC) has."""

    day: int  # days since 1970
    events: int


class Exporter:
    """Exports from one store, with the raw forms of its journal."""

    part_events = PART_EVENTS

    def __init__(self, store: DuckDBStore, readback: ReadBack) -> None:
        self._store = store
        self._readback = readback

    def as_of(self) -> Place:
        """How far the journal is in the store by now: what comes later is in no part that is asked for as of this."""
        return self._store.position() or (0, 0)

    def dates(self, monitor: str, from_ms: int, to_ms: int, as_of: Place | None = None) -> list[Date]:
        """The dates that the range touches, with all the events they have."""
        from_ms, to_ms = from_ms // DAY_MS * DAY_MS, -(-to_ms // DAY_MS) * DAY_MS
        answer = self._store.run(
            f'SELECT "time" // {DAY_MS}, count(*) FROM event_rows WHERE {_CHOSEN} GROUP BY 1 ORDER BY 1',
            _chosen(monitor, from_ms, to_ms, as_of),
            timeout_s=_PATIENCE_S,
            rows_max=_DAYS_MAX,
            reads=Reads(frozenset(("monitor", "time", "day", "block")), from_ms, to_ms),
        )
        return [Date(day, events) for day, events in answer.rows]

    @contextmanager
    def part(self, monitor: str, monitor_name: str, day: int, part: int, as_of: Place | None = None) -> Iterator[Path]:
        """A Parquet file of the `part`-th 50,000 events of a date, in the order of time. It is gone afterwards."""
        positions = self._positions(monitor, day, part, as_of)
        name = f"export-{uuid.uuid4()}"
        with self._store.workshop(f"{name}.ndjson", f"{name}.parquet") as (lines, parquet):
            with lines.open("wb") as file:
                for text in self._readback.lines(sorted(positions), monitor_name):
                    file.write(text)
            self._store.copy_to_parquet(monitor, day * DAY_MS, (day + 1) * DAY_MS, lines, parquet)
            yield parquet

    def _positions(self, monitor: str, day: int, part: int, as_of: Place | None) -> list[EventPosition]:
        from_ms, to_ms = day * DAY_MS, (day + 1) * DAY_MS
        answer = self._store.run(
            f"SELECT {_POSITION} FROM event_rows WHERE {_CHOSEN}"
            f' ORDER BY "time", {_POSITION} LIMIT {PART_EVENTS} OFFSET {part * PART_EVENTS}',
            _chosen(monitor, from_ms, to_ms, as_of),
            timeout_s=_PATIENCE_S,
            rows_max=PART_EVENTS,
            reads=Reads(frozenset(("monitor", "time", "day", "block", "record", "index")), from_ms, to_ms),
        )
        return [EventPosition(*row) for row in answer.rows]


def _chosen(monitor: str, from_ms: int, to_ms: int, as_of: Place | None) -> dict[str, Any]:
    day, block = as_of or _ALL
    return {"monitor": monitor, "from_ms": from_ms, "to_ms": to_ms, "as_of_day": day, "as_of_block": block}
