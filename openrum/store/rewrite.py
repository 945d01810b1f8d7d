"""A day's file written once more: without what leaves, and in the last order of its rows.

What leaves is out of the raw file, not only out of the answers. The ledger keeps the count: stored becomes dropped, with
the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from openrum.outcomes import Outcome, Reason
from openrum.store import folding
from openrum.store.day_files import DayFile
from openrum.store.schema import ABOUT, EVENT_COLUMNS, ORDER, REPLAY_COLUMNS, quoted
from openrum.store.store import HOUR_MS
from openrum.store.transaction import transaction


@dataclass(frozen=True, slots=True)
class Leaving:
    """Which rows leave, and why: those of `monitors` that are of one of the users or sessions, where any are named; all of
    them else. `everything` is all rows of all monitors. Replays leave with their rows, and those of `replays_of` alone.
    """

    reason: Reason = Reason.NONE
    monitors: Sequence[str] = ()
    users: Sequence[str] = ()
    sessions: Sequence[str] = ()
    everything: bool = False
    replays_of: Sequence[str] = ()

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Of a row or a replay that leaves."""
        if self.everything:
            return "true", {}
        if not self.monitors:
            return "false", {}
        condition = "monitor IN (SELECT unnest($monitors::UUID[]))"
        parameters: dict[str, Any] = {"monitors": list(self.monitors)}
        if self.users or self.sessions:
            condition += (
                ' AND (coalesce("user" IN (SELECT unnest($users::UUID[])), false)'
                ' OR coalesce("session" IN (SELECT unnest($sessions::UUID[])), false))'
            )
            parameters |= {"users": list(self.users), "sessions": list(self.sessions)}
        return condition, parameters

    def touches(self, cursor: duckdb.DuckDBPyConnection, file: DayFile) -> bool:
        """Whether any of it is in the file."""
        condition, parameters = self.condition()
        found = cursor.execute(
            f"SELECT EXISTS (FROM {file.catalog}.event_rows WHERE {condition})", parameters
        ).fetchone()
        if found and found[0]:
            return True
        replays = cursor.execute(
            f"SELECT EXISTS (FROM {file.catalog}.replay_chunks WHERE monitor IN (SELECT unnest(?::UUID[])))",
            [list(self.replays_of)],
        ).fetchone()
        return bool(replays and replays[0])


NOTHING = Leaving()


def rewrite(cursor: duckdb.DuckDBPyConnection, old: DayFile, new: DayFile, leaving: Leaving, *, settled: bool) -> int:
    """Fill `new` from `old`. Returns the rows that left."""
    condition, parameters = leaving.condition()
    names = quoted(name for name in EVENT_COLUMNS if name in old.columns)
    with transaction(cursor):
        left = cursor.execute(
            f"SELECT monitor::VARCHAR, received // {HOUR_MS} * {HOUR_MS}, count(*) FROM {old.catalog}.event_rows"
            f" WHERE {condition} GROUP BY ALL",
            parameters,
        ).fetchall()
        cursor.execute(
            f"INSERT INTO {new.catalog}.event_rows ({names}) SELECT {names} FROM {old.catalog}.event_rows"
            f" WHERE NOT ({condition}) ORDER BY {ORDER}",
            parameters,
        )
        cursor.execute(
            f"INSERT INTO {new.catalog}.replay_chunks SELECT {quoted(REPLAY_COLUMNS)} FROM {old.catalog}.replay_chunks"
            f" WHERE NOT ({condition}) AND monitor NOT IN (SELECT unnest($replays_of::UUID[]))"
            ' ORDER BY monitor, "session", "time"',
            {**parameters, "replays_of": list(leaving.replays_of)},
        )
        _move_in_ledger(cursor, old, new, left, leaving.reason)
        cursor.execute(
            f"UPDATE {new.catalog}.about SET version = old.version, block = old.block, settled = ?"
            f" FROM ({ABOUT.format(catalog=old.catalog)}) AS old",  # of an older form it is still one to be made anew
            [settled],
        )
    if settled:
        with transaction(cursor):
            for statement in folding.tables(new.catalog):
                cursor.execute(statement)
            folding.fold(cursor, new.catalog, -1, old.block or 0)
    return sum(count for _, _, count in left)


def _move_in_ledger(
    cursor: duckdb.DuckDBPyConnection, old: DayFile, new: DayFile, left: Sequence[tuple[str, int, int]], reason: Reason
) -> None:
    """The same ledger, with what left counted as dropped."""
    moved = [(monitor, hour, Outcome.STORED, "", -count) for monitor, hour, count in left]
    moved += [(monitor, hour, Outcome.DROPPED, str(reason), count) for monitor, hour, count in left]
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE moved (monitor VARCHAR, hour BIGINT, outcome VARCHAR, reason VARCHAR, count BIGINT)"
    )
    if moved:
        cursor.executemany("INSERT INTO moved VALUES (?, ?, ?, ?, ?)", moved)
    cursor.execute(
        f"INSERT INTO {new.catalog}.ledger"
        " SELECT monitor, hour, outcome, reason, sum(count)::BIGINT AS count, any_value(sample) FROM ("
        f"SELECT monitor, hour, outcome, reason, count, sample FROM {old.catalog}.ledger"
        " UNION ALL SELECT *, NULL FROM moved) GROUP BY ALL HAVING sum(count) > 0"
    )
