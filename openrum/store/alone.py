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
from openrum.store.transaction import transaction

_COMING = "coming_sessions"
_MET = "met_sessions"


def take_back(
    cursor: duckdb.DuckDBPyConnection, days: Sequence[DayFile], file: DayFile, after: int, to: int
) -> str | None:
    """Before rows of a file are folded, those of the blocks behind `after` up to `to`: none of their sessions is alone in what
    was folded before, in any of the days. Returns the table of the sessions that are met there, if any; it is the cursor's own.
    """
    cursor.execute(
        f'CREATE OR REPLACE TEMP TABLE {_COMING} AS SELECT DISTINCT "session" FROM {file.catalog}.event_rows'
        f' WHERE block > {after:d} AND block <= {to:d} AND "session" IS NOT NULL'
    )
    met = _meet(cursor, [each for each in days if each.folded is not None], _COMING)
    cursor.execute(f"DROP TABLE {_COMING}")
    return met


def tell_apart(cursor: duckdb.DuckDBPyConnection, made: DayFile, beside: Sequence[DayFile]) -> None:
    """Before a day that was settled is put in its place: no session is alone in it that is in another day's folds, nor there."""
    _meet(cursor, [each for each in beside if each.folded is not None], f"{made.catalog}.{SESSIONS_TABLE}", made)


def not_first(cursor: duckdb.DuckDBPyConnection, file: DayFile, monitor: str, groups: Sequence[str]) -> None:
    """After pages were given these groups: two rows that were first on one page each may be on the same one now."""
    cursor.execute(
        f"UPDATE {file.catalog}.{TABLE} SET {FIRST_ON_PAGE} = NULL"
        " WHERE monitor = $monitor::UUID AND page_group IN (SELECT unnest($groups::VARCHAR[]))",
        {"monitor": monitor, "groups": groups},
    )


def _meet(
    cursor: duckdb.DuckDBPyConnection, days: Sequence[DayFile], sessions: str, made: DayFile | None = None
) -> str | None:
    """None of these sessions is alone in the days where it is met; nor in the one that was made, where any of them has it.
    Returns the table of those that are met, if any.

    Few are met, if any: they are looked for in all days at once.
    """
    if not days:
        return None
    known = " UNION ALL ".join(
        f'SELECT {place} AS place, "session" FROM {each.catalog}.{SESSIONS_TABLE}' for place, each in enumerate(days)
    )
    cursor.execute(
        f'CREATE OR REPLACE TEMP TABLE {_MET} AS SELECT DISTINCT place, "session" FROM ({known})'
        f' WHERE "session" IN (SELECT "session" FROM {sessions} WHERE "session" IS NOT NULL)'
    )
    places = [place for (place,) in cursor.execute(f"SELECT DISTINCT place FROM {_MET}").fetchall()]
    for place in places:
        _say(cursor, days[place], f'SELECT "session" FROM {_MET} WHERE place = {place}')
    if made is not None and places:
        _say(cursor, made, f'SELECT "session" FROM {_MET}')
    return _MET if places else None


def _say(cursor: duckdb.DuckDBPyConnection, file: DayFile, sessions: str) -> None:
    with transaction(cursor):
        cursor.execute(
            f"UPDATE {file.catalog}.{TABLE} SET alone = false, {FIRST_ON_PAGE} = NULL"
            f' WHERE (alone OR {FIRST_ON_PAGE} IS NOT NULL) AND "session" IN ({sessions})'
        )
        cursor.execute(
            f'UPDATE {file.catalog}.{SESSIONS_TABLE} SET alone = false WHERE alone AND "session" IN ({sessions})'
        )
