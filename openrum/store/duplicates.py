"""Which rows of a group were stored before: the same id in the same monitor, the first one wins.

A look-up over all of the retention would read every id there is. A re-sent event carries its own timestamp again, so the
look-up reads the rows of that time, in the days that have any; and the newest rows whatever their time, which finds an id
that comes again soon with another timestamp; and the flagged rows for the flagged, whose time is that of receipt. See
docs/decisions/0002.
"""

from collections.abc import Iterator, Sequence

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


def mark_duplicates(connection: duckdb.DuckDBPyConnection, into: DayFile, beside: Sequence[DayFile]) -> None:
    """Set the outcome of every duplicate in `incoming`. An id that was quarantined or dropped was not stored before."""
    ids = connection.execute("SELECT count(*), count(DISTINCT (monitor, id)) FROM incoming").fetchone()
    assert ids is not None
    again = set()
    if ids[0] != ids[1]:
        again |= {row[0] for row in connection.execute(_AGAIN_IN_GROUP).fetchall()}
    for file, rows, parameters in _ranges(connection, into, beside):
        found = connection.execute(_STORED_BEFORE.format(catalog=file.catalog, rows=rows), parameters).fetchall()
        again |= {row[0] for row in found}
    if again:
        connection.execute(
            "UPDATE incoming SET outcome = 'duplicate', reason = '' WHERE ordinal IN (SELECT unnest(?))", [list(again)]
        )


def _ranges(
    connection: duckdb.DuckDBPyConnection, into: DayFile, beside: Sequence[DayFile]
) -> Iterator[tuple[DayFile, str, list[int]]]:
    """The parts of the files to look in, as conditions that zone maps can serve."""
    clusters = _clusters(connection)
    flagged = connection.execute(f"SELECT count(*) FROM incoming WHERE flags & {_REPLACED} != 0").fetchone()
    first_new, more = 0, NEWEST_ROWS
    for file in (into, *sorted((each for each in beside if each.day < into.day), key=lambda each: -each.day)):
        if more > 0 and file.first_ms is not None:
            last = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {file.catalog}.event_rows").fetchone()
            assert last is not None
            first_new = max(0, last[0] - more)
            more -= last[0] + 1 - first_new
            yield file, "e.rowid >= ?", [first_new]
            if first_new > 0:
                yield from _old(file, clusters, first_new, flagged=bool(flagged and flagged[0]))
        else:
            yield from _old(file, clusters, None, flagged=bool(flagged and flagged[0]))
    for file in beside:
        if file.day > into.day:  # while a day is made anew
            yield from _old(file, clusters, None, flagged=bool(flagged and flagged[0]))


def _old(
    file: DayFile, clusters: list[tuple[int, int]], first_new: int | None, *, flagged: bool
) -> Iterator[tuple[DayFile, str, list[int]]]:
    """The rows of a file that are not among the newest."""
    older, bound = ("", []) if first_new is None else (" AND e.rowid < ?", [first_new])
    for low, high in clusters:
        if file.touches(low, high + 1):
            yield file, f'e."time" BETWEEN ? AND ?{older}', [low, high, *bound]
    if flagged and file.flagged:
        yield file, f"e.client_time IS NOT NULL{older}", bound
        yield file, f"e.flags & ? != 0{older}", [_REPLACED, *bound]


def _clusters(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """The group's times as a few ranges: one stray event a month old must not make the look-up read the month."""
    hours = connection.execute(
        f'SELECT min("time"), max("time") FROM incoming GROUP BY "time" // {_CLUSTER_MS} ORDER BY 1'
    ).fetchall()
    clusters: list[tuple[int, int]] = []
    for low, high in hours:
        if clusters and (low - clusters[-1][1] < _CLUSTER_MS or len(clusters) >= _CLUSTERS_MAX):
            clusters[-1] = (clusters[-1][0], high)
        else:
            clusters.append((low, high))
    return clusters
