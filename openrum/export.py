"""`openrum export`: the rows of a monitor as Parquet, a folder a date, each with its raw form as it was sent.

Readable by DuckDB, ClickHouse, Spark and pandas alike: ids are texts, times are timestamps in UTC, custom attributes and
details JSON texts. Reads; changes nothing. Works part by part, so that a day of any size takes little memory.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openrum.days import DAY_MS
from openrum.readback import EventPosition, ReadBack
from openrum.store import DuckDBStore, Reads

PART_EVENTS = 50_000
_PATIENCE_S = 600.0
_DAYS_MAX = 100_000
_POSITION = 'day, block, record, "index"'


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

    def dates(self, monitor: str, from_ms: int, to_ms: int) -> list[Date]:
        """The dates there are, with their events."""
        answer = self._store.run(
            f'SELECT "time" // {DAY_MS}, count(*) FROM event_rows'
            ' WHERE monitor = $monitor::UUID AND "time" >= $from_ms AND "time" < $to_ms GROUP BY 1 ORDER BY 1',
            {"monitor": monitor, "from_ms": from_ms, "to_ms": to_ms},
            timeout_s=_PATIENCE_S,
            rows_max=_DAYS_MAX,
            reads=Reads(frozenset(("monitor", "time")), from_ms, to_ms),
        )
        return [Date(day, events) for day, events in answer.rows]

    @contextmanager
    def part(self, monitor: str, monitor_name: str, day: int, part: int) -> Iterator[Path]:
        """A Parquet file of the `part`-th 50,000 events of a date, in the order of time. It is gone afterwards."""
        positions = self._positions(monitor, day, part)
        name = f"export-{uuid.uuid4()}"
        with self._store.workshop(f"{name}.ndjson", f"{name}.parquet") as (lines, parquet):
            with lines.open("wb") as file:
                for text in self._readback.lines(sorted(positions), monitor_name):
                    file.write(text)
            self._store.copy_to_parquet(monitor, day * DAY_MS, (day + 1) * DAY_MS, lines, parquet)
            yield parquet

    def _positions(self, monitor: str, day: int, part: int) -> list[EventPosition]:
        from_ms, to_ms = day * DAY_MS, (day + 1) * DAY_MS
        answer = self._store.run(
            f"SELECT {_POSITION} FROM event_rows"
            ' WHERE monitor = $monitor::UUID AND "time" >= $from_ms AND "time" < $to_ms'
            f' ORDER BY "time", {_POSITION} LIMIT {PART_EVENTS} OFFSET {part * PART_EVENTS}',
            {"monitor": monitor, "from_ms": from_ms, "to_ms": to_ms},
            timeout_s=_PATIENCE_S,
            rows_max=PART_EVENTS,
            reads=Reads(frozenset(("monitor", "time", "day", "block", "record", "index")), from_ms, to_ms),
        )
        return [EventPosition(*row) for row in answer.rows]
