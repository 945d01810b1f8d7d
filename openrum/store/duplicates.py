"""Which rows of a group were stored before: the same id in the same monitor, the first one wins.

A look-up over all of the retention would read every id there is. A re-sent event carries its own timestamp again, so the
look-up reads the rows of that time, in the days that have any; and the newest rows whatever their time, which finds an id
that comes again soon with another timestamp; and the flagged rows for the flagged, whose time is that of receipt. See
docs/decisions/0002.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb

from openrum.events import Flag
from openrum.store.day_files import DayFile

NEWEST_ROWS = 200_000
_CLUSTER_MS = 3_600_000
_CLUSTERS_MAX = 64
_REPLACED = int(Flag.TIME_REPLACED)

# Rows of the group that are to be stored, and are not the first of their id in it.
_AGAIN_IN_GROUP = """
SELECT ordinal FROM (
    SELECT ordinal, min(ordinal) FILTER (outcome = 'stored') OVER (PARTITION BY monitor, id) AS first FROM incoming
) WHERE ordinal > first
"""

_STORED_BEFORE = """
SELECT DISTINCT i.ordinal FROM {catalog}.event_rows AS e JOIN incoming AS i ON e.id = i.id AND e.monitor = i.monitor
WHERE {rows}
"""

_LOOK = f"""
SELECT count(*) > count(DISTINCT (monitor, id)), coalesce(bool_or(flags & {_REPLACED} != 0), false),
       list(DISTINCT "time" // {_CLUSTER_MS})
FROM incoming
"""

_SPAN = """
SELECT min("time"), max("time") FROM incoming WHERE outcome = 'stored'
"""


class Judged(NamedTuple):
    """What became of a group: of the rows that stay the first time and the last, and whether some row's time was replaced."""

    duplicates: bool
    first_ms: int | None
    last_ms: int | None
    flagged: bool


NONE_JUDGED = Judged(False, None, None, False)


def judge(connection: duckdb.DuckDBPyConnection, into: DayFile, beside: Sequence[DayFile]) -> Judged:
    """Set the outcome of every duplicate in `incoming`. An id that was quarantined or dropped was not stored before."""
    twice, flagged, hours = connection.execute(_LOOK).fetchone() or (False, False, [])
    again = {row[0] for row in connection.execute(_AGAIN_IN_GROUP).fetchall()} if twice else set()
    for file, rows, parameters in _ranges(connection, into, beside, _clusters(hours), flagged=flagged):
        found = connection.execute(_STORED_BEFORE.format(catalog=file.catalog, rows=rows), parameters).fetchall()
        again |= {row[0] for row in found}
    if again:
        connection.execute(
            "UPDATE incoming SET outcome = 'duplicate', reason = '' WHERE ordinal IN (SELECT unnest(?))", [list(again)]
        )
    first_ms, last_ms = connection.execute(_SPAN).fetchone() or (None, None)
    return Judged(bool(again), first_ms, last_ms, flagged)


def _ranges(
    connection: duckdb.DuckDBPyConnection,
    into: DayFile,
    beside: Sequence[DayFile],
    clusters: Sequence[tuple[int, int]],
    *,
    flagged: bool,
) -> Iterator[tuple[DayFile, str, list[int]]]:
    """The parts of the files to look in, as conditions that zone maps can serve."""
    first_new, more = 0, NEWEST_ROWS
    for file in (into, *sorted((each for each in beside if each.day < into.day), key=lambda each: -each.day)):
        if more > 0 and file.first_ms is not None:
            last = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {file.catalog}.event_rows").fetchone()
            assert last is not None
            first_new = max(0, last[0] - more)
            more -= last[0] + 1 - first_new
            yield file, "e.rowid >= ?", [first_new]
            if first_new > 0:
                yield from _old(file, clusters, first_new, flagged=flagged)
        else:
            yield from _old(file, clusters, None, flagged=flagged)
    for file in beside:
        if file.day > into.day:  # while a day is made anew
            yield from _old(file, clusters, None, flagged=flagged)


def _old(
    file: DayFile, clusters: Sequence[tuple[int, int]], first_new: int | None, *, flagged: bool
) -> Iterator[tuple[DayFile, str, list[int]]]:
    """The rows of a file that are not among the newest."""
    older, bound = ("", []) if first_new is None else (" AND e.rowid < ?", [first_new])
    for low, high in clusters:
        if file.touches(low, high + 1):
            yield file, f'e."time" BETWEEN ? AND ?{older}', [low, high, *bound]
    if flagged and file.flagged:
        yield file, f"e.client_time IS NOT NULL{older}", bound
        yield file, f"e.flags & ? != 0{older}", [_REPLACED, *bound]


def _clusters(hours: Sequence[int]) -> list[tuple[int, int]]:
    """A group's hours as a few ranges of time: one stray event a month old must not make the look-up read the month."""
    clusters: list[tuple[int, int]] = []
    for hour in sorted(hours):
        low, high = hour * _CLUSTER_MS, (hour + 1) * _CLUSTER_MS - 1
        if clusters and (low - clusters[-1][1] == 1 or len(clusters) >= _CLUSTERS_MAX):
            clusters[-1] = (clusters[-1][0], high)
        else:
            clusters.append((low, high))
    return clusters
