"""Which folded rows are alone over all days: those whose session is in the folds of one day only.

Such a row stands for all of its page load, or of its session, and is counted without grouping. That a row is alone must hold
for all that is folded, so it is taken back before others of its session are: a row that is said not to be alone, and is, costs
time and no answer. What is not folded yet, a question looks for itself. Each file is changed in a transaction of its own.
"""

from collections.abc import Sequence

import duckdb

from openrum.store.day_files import DayFile
from openrum.store.folding import SESSIONS_TABLE, TABLE
from openrum.store.transaction import transaction

_COMING = "coming_sessions"
_MET = "met_sessions"


def take_back(cursor: duckdb.DuckDBPyConnection, days: Sequence[DayFile], file: DayFile, after: int, to: int) -> None:
    """Before rows of a file are folded, those of the blocks behind `after` up to `to`: none of their sessions is alone in the
    days that are settled, this one among them.
    """
    cursor.execute(
        f'CREATE OR REPLACE TEMP TABLE {_COMING} AS SELECT DISTINCT "session" FROM {file.catalog}.event_rows'
        f' WHERE block > {after:d} AND block <= {to:d} AND "session" IS NOT NULL'
    )
    for each in days:
        if each.settled and each.folded is not None:
            _meet(cursor, each, _COMING)
    cursor.execute(f"DROP TABLE {_COMING}")


def tell_apart(cursor: duckdb.DuckDBPyConnection, made: DayFile, beside: Sequence[DayFile]) -> None:
    """Before a day that was settled is put in its place: no session is alone in it that is in another day's folds, nor there."""
    mine = f"{made.catalog}.{SESSIONS_TABLE}"
    for each in beside:
        if each.folded is None:
            continue
        if each.settled:
            _meet(cursor, each, mine)
        _meet(cursor, made, f"{each.catalog}.{SESSIONS_TABLE if each.sessions else TABLE}")


def _meet(cursor: duckdb.DuckDBPyConnection, file: DayFile, sessions: str) -> None:
    """None of these sessions is alone in the file."""
    known = SESSIONS_TABLE if file.sessions else TABLE  # the fewer rows
    cursor.execute(
        f'CREATE OR REPLACE TEMP TABLE {_MET} AS SELECT DISTINCT "session" FROM {file.catalog}.{known}'
        f' WHERE "session" IN (SELECT "session" FROM {sessions} WHERE "session" IS NOT NULL)'
    )
    if cursor.execute(f"SELECT EXISTS (FROM {_MET})").fetchone() == (True,):
        with transaction(cursor):
            for table in (TABLE, SESSIONS_TABLE):
                cursor.execute(
                    f'UPDATE {file.catalog}.{table} SET alone = false WHERE alone AND "session" IN (FROM {_MET})'
                )
    cursor.execute(f"DROP TABLE {_MET}")
