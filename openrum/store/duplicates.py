"""Which rows of a group were stored before: the same id in the same monitor, the first one wins.

A look-up over all of the retention would read every id there is. A re-sent event carries its own timestamp again, so the
look-up reads the rows of that time, in the days that have any; and the newest rows whatever their time, which finds an id
that comes again soon with another timestamp; and the flagged rows for the flagged, whose time is that of receipt. See
docs/decisions/0002 and 0019.
"""

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from openrum.events import Flag
from openrum.store.day_files import DayFile
from openrum.store.incoming import Incoming, Key
from openrum.store.statements import Statements

NEWEST_ROWS = 200_000
_CLUSTERS_MAX = 64
_REPLACED = int(Flag.TIME_REPLACED)

# One text in place of as many values: the engine takes it apart off the interpreter lock.
_STORED_BEFORE = """
WITH sought AS MATERIALIZED (SELECT unnest(string_split(?, ','))::UUID AS id)
SELECT DISTINCT monitor::VARCHAR, id::VARCHAR FROM ({rows})
"""
_ROWS = "SELECT monitor, id FROM {catalog}.event_rows AS e WHERE {rows} AND id IN (FROM sought)"


def stored_before(
    connection: duckdb.DuckDBPyConnection,
    statements: Statements,
    incoming: Incoming,
    into: DayFile,
    beside: Sequence[DayFile],
) -> set[Key]:
    """Those of a group that are in the store. An id that was quarantined or dropped was not stored before."""
    looks: list[str] = []
    parameters: list[str | int] = [",".join(row.id for row in incoming.rows)]
    for file, rows, values in _ranges(connection, into, beside, incoming):
        looks.append(_ROWS.format(catalog=file.catalog, rows=rows))
        parameters += values
    if not looks:
        return set()
    question = _STORED_BEFORE.format(rows=" UNION ALL ".join(looks))
    return set(connection.execute(statements.read(connection, question), parameters).fetchall())


def _ranges(
    connection: duckdb.DuckDBPyConnection, into: DayFile, beside: Sequence[DayFile], incoming: Incoming
) -> Iterator[tuple[DayFile, str, list[int]]]:
    """The parts of the files to look in, as conditions that zone maps can serve."""
    clusters, flagged = _clusters(incoming.spans), incoming.flagged
    first_new, more = 0, NEWEST_ROWS
    for file in (into, *sorted((each for each in beside if each.day < into.day), key=lambda each: -each.day)):
        if more > 0 and file.first_ms is not None:
            there = connection.execute(f"SELECT count(*) FROM {file.catalog}.event_rows").fetchone()
            assert there is not None
            first_new = max(0, there[0] - more)
            more -= there[0] - first_new
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


def _clusters(spans: Mapping[int, tuple[int, int]]) -> list[tuple[int, int]]:
    """A group's times as a few ranges: one stray event a month old must not make the look-up read the month."""
    clusters: list[tuple[int, int]] = []
    for _, (first, last) in sorted(spans.items()):
        if len(clusters) < _CLUSTERS_MAX:
            clusters.append((first, last))
        else:
            clusters[-1] = (clusters[-1][0], last)
    return clusters
