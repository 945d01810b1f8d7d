"""Which rows of a group were stored before: the same id in the same monitor, the first one wins.

A look-up over all of the retention would read every id there is. A re-sent event carries its own timestamp again, so the
look-up reads the rows of that time; and the newest rows whatever their time, which finds an id that comes again soon with
another timestamp; and the flagged rows for the flagged, whose time is that of receipt. See docs/decisions/0002.
"""

import duckdb

from openrum.events import Flag

NEWEST_ROWS = 200_000
_CLUSTER_MS = 3_600_000
_CLUSTERS_MAX = 64

# Rows of the group that are to be stored, and are not the first of their id in it.
_AGAIN_IN_GROUP = """
SELECT ordinal FROM (
    SELECT ordinal, min(ordinal) FILTER (outcome = 'stored') OVER (PARTITION BY monitor, id) AS first FROM incoming
) WHERE ordinal > first
"""

_STORED_BEFORE = """
SELECT DISTINCT i.ordinal FROM event_rows AS e JOIN incoming AS i ON e.id = i.id AND e.monitor = i.monitor WHERE {rows}
"""


def mark_duplicates(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the outcome of every duplicate in `incoming`. An id that was quarantined or dropped was not stored before."""
    ids = connection.execute("SELECT count(*), count(DISTINCT (monitor, id)) FROM incoming").fetchone()
    assert ids is not None
    again = set()
    if ids[0] != ids[1]:
        again |= {row[0] for row in connection.execute(_AGAIN_IN_GROUP).fetchall()}
    for rows, parameters in _ranges(connection):
        found = connection.execute(_STORED_BEFORE.format(rows=rows), parameters).fetchall()
        again |= {row[0] for row in found}
    if again:
        connection.execute(
            "UPDATE incoming SET outcome = 'duplicate', reason = '' WHERE ordinal IN (SELECT unnest(?))", [list(again)]
        )


def _ranges(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, list[int]]]:
    """The parts of the table to look in, as conditions that zone maps can serve."""
    newest = connection.execute("SELECT coalesce(max(rowid), 0) FROM event_rows").fetchone()
    assert newest is not None
    first_new = max(0, newest[0] - NEWEST_ROWS)
    ranges: list[tuple[str, list[int]]] = [("e.rowid >= ?", [first_new])]
    if first_new == 0:
        return ranges
    for low, high in _clusters(connection):
        ranges.append(('e."time" BETWEEN ? AND ? AND e.rowid < ?', [low, high, first_new]))
    flagged = connection.execute(
        "SELECT count(*) FROM incoming WHERE flags & ? != 0", [int(Flag.TIME_REPLACED)]
    ).fetchone()
    if flagged and flagged[0]:
        ranges.append(("e.client_time IS NOT NULL AND e.rowid < ?", [first_new]))
        ranges.append(("e.flags & ? != 0 AND e.rowid < ?", [int(Flag.TIME_REPLACED), first_new]))
    return ranges


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
