"""Which folded rows are alone over all days: those whose session was folded in one go, and in one day only.

Such a row stands for all of its page load, or of its session, and is counted without grouping. That a row is alone must hold
for all that is folded, so it is taken back before others of its session are: a row that is said not to be alone, and is, costs
time and no answer. The same goes for the one row that is first on its page of its session. What is not folded yet, a question
looks for itself. Each file is changed in a transaction of its own.
"""

from collections.abc import Sequence

import duckdb

from openrum.store.day_files import DayFile
from openrum.store.folding import FIRST_ON_PAGE, SESSIONS_TABLE, TABLE
from openrum.store.gathered import Gathered, sessions_of
from openrum.store.transaction import transaction

_COMING = "coming_sessions"
_MET = "met_sessions"


def take_back(
    cursor: duckdb.DuckDBPyConnection, days: Sequence[DayFile], gathered: Gathered, file: DayFile, after: int, to: int
) -> str | None:
    """Before rows of a file are folded, those of the blocks behind `after` up to `to`: none of their sessions is alone in what
    was folded before, in any of the days. Returns the table of the sessions that are met there, if any; it is the cursor's own.
    """
    cursor.execute(
        f'CREATE OR REPLACE TEMP TABLE {_COMING} AS SELECT DISTINCT "session" FROM {file.catalog}.event_rows'
        f' WHERE block > {after:d} AND block <= {to:d} AND "session" IS NOT NULL'
    )
    met = _meet(cursor, [each for each in days if each.folded is not None], gathered, _COMING)
    cursor.execute(f"DROP TABLE {_COMING}")
    return met


def tell_apart(cursor: duckdb.DuckDBPyConnection, made: DayFile, beside: Sequence[DayFile], gathered: Gathered) -> None:
    """Before a day that was settled is put in its place: no session is alone in it that is in another day's folds, nor there."""
    folded = [each for each in beside if each.folded is not None]
    _meet(cursor, folded, gathered, f"{made.catalog}.{SESSIONS_TABLE}", made)


def not_first(cursor: duckdb.DuckDBPyConnection, file: DayFile, monitor: str, groups: Sequence[str]) -> None:
    """After pages were given these groups: two rows that were first on one page each may be on the same one now."""
    cursor.execute(
        f"UPDATE {file.catalog}.{TABLE} SET {FIRST_ON_PAGE} = NULL"
        " WHERE monitor = $monitor::UUID AND page_group IN (SELECT unnest($groups::VARCHAR[]))",
        {"monitor": monitor, "groups": groups},
    )


def _meet(
    cursor: duckdb.DuckDBPyConnection,
    days: Sequence[DayFile],
    gathered: Gathered,
    sessions: str,
    made: DayFile | None = None,
) -> str | None:
    """None of these sessions is alone in the days where it is met; nor in the one that was made, where any of them has it.
    Returns the table of those that are met, if any.

    Few are met, if any: they are looked for in all days at once.
    """
    if not days:
        return None
    cursor.execute(
        f'CREATE OR REPLACE TEMP TABLE {_MET} AS SELECT DISTINCT day, "session" FROM ({sessions_of(days, gathered)})'
        f' WHERE "session" IN (SELECT "session" FROM {sessions} WHERE "session" IS NOT NULL)'
    )
    found = {day for (day,) in cursor.execute(f"SELECT DISTINCT day FROM {_MET}").fetchall()}
    where = [each for each in days if each.day in found]
    for each in where:
        _say(cursor, each.catalog, f'SELECT "session" FROM {_MET} WHERE day = {each.day}')
    if any(gathered.has(each) for each in where):
        _say(cursor, gathered.catalog, f'SELECT "session" FROM {_MET}')
    if made is not None and where:
        _say(cursor, made.catalog, f'SELECT "session" FROM {_MET}')
    return _MET if where else None


def _say(cursor: duckdb.DuckDBPyConnection, catalog: str, sessions: str) -> None:
    with transaction(cursor):
        cursor.execute(
            f"UPDATE {catalog}.{TABLE} SET alone = false, {FIRST_ON_PAGE} = NULL"
            f' WHERE (alone OR {FIRST_ON_PAGE} IS NOT NULL) AND "session" IN ({sessions})'
        )
        cursor.execute(f'UPDATE {catalog}.{SESSIONS_TABLE} SET alone = false WHERE alone AND "session" IN ({sessions})')
