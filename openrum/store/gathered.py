"""What is folded of settled days, gathered in memory once more: a question reads one table for all of them.

Each file that a question reads costs it a millisecond and more before anything is read, whatever is in it: a year of a small site
costs more than a week of a large one. So the newest days that are settled are kept here, too, as many as there is room for, and
days so large that this does not matter are not. Derived of their files: before one of them is replaced, or given other groups, all
of it is let go, and gathered anew by whoever keeps the store. What is alone is taken back here as it is there (alone.py).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace

import duckdb

from openrum.store import folding
from openrum.store.day_files import DayFile
from openrum.store.schema import quoted
from openrum.store.transaction import transaction

DAY_ROWS_MAX = 300_000
"""Folded rows of a day from which on it stays by itself: to gather them would hold groups up for more than a second."""
_PACK_ROWS = 200_000
"""Rows take ten times the room until they are packed; to pack after each day takes as long as all the rest."""

_PLACES = {"place": "INTEGER", "day": "INTEGER"}
"""What its tables have before the columns of folds."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is there. Frozen, so that whoever asks sees one state."""

    catalog: str = ""
    days: Mapping[str, int] = field(default_factory=dict)
    """The catalog of a day's file → that day, in the order they came: the first has the place 0 in each table."""

    def has(self, file: DayFile) -> bool:
        """Whether it has the folded rows of this file."""
        return file.catalog in self.days

    def only(self, files: Sequence[DayFile]) -> str:
        """The condition for its rows of these files, which are some of its own. A day that comes meanwhile does not meet it."""
        wanted, known = sorted(file.day for file in files), self.days.values()
        came = f"place < {len(known):d}"
        if len(wanted) == len(known):
            return came
        first, last = wanted[0], wanted[-1]
        if len(wanted) == sum(first <= day <= last for day in known):
            return f"{came} AND day BETWEEN {first:d} AND {last:d}"
        return f"{came} AND day IN ({', '.join(str(day) for day in wanted)})"


NOTHING = Gathered()


def sessions_of(files: Sequence[DayFile], gathered: Gathered) -> str:
    """A SELECT of the sessions that folds of these files know, as `day` and `session`."""
    parts = [
        f'SELECT {file.day:d} AS day, "session" FROM {file.catalog}.{folding.SESSIONS_TABLE}'
        for file in files
        if not gathered.has(file)
    ]
    if together := [file for file in files if gathered.has(file)]:
        parts.append(
            f'SELECT day, "session" FROM {gathered.catalog}.{folding.SESSIONS_TABLE} WHERE {gathered.only(together)}'
        )
    return " UNION ALL ".join(parts)


class Gathering:
    """Gathers, and lets go. Belongs to whoever changes the past; what is there at this moment anybody may see."""

    def __init__(self, rows_max: int) -> None:
        self._rows_max = rows_max
        self._telling = threading.Lock()
        self._number = 0
        self.now = NOTHING

    def gather(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Iterable[DayFile],
        alone: Callable[[], AbstractContextManager[object]],
        ending: Callable[[], bool],
    ) -> None:
        """Gather what is missing of these files, one after the other, unless the server is `ending`. Inside `alone` nothing is folded,
        for a moment. Raises duckdb.Error, and then has what it had.
        """
        cursor = connection.cursor()
        wanted = list(self._wanted(cursor, files))
        if not self.now.days.keys() <= {file.catalog for file, _ in wanted}:
            self.let_go(connection)
        waiting = 0
        for file, rows in reversed(wanted):  # the oldest first, as questions read them
            known = self.now
            if ending():
                return
            if known.has(file):
                continue
            made = known if known.catalog else self._begun(cursor)
            with alone():
                self._tell(known, _with(cursor, made, file))
            waiting += rows
            if waiting >= _PACK_ROWS:
                _pack(cursor, made)
                waiting = 0
        if waiting:
            _pack(cursor, self.now)

    def let_go(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Questions that begin from now on read the files. Those under way go on, or begin again."""
        known = self.forget()
        if known.catalog:
            connection.cursor().execute(f"DETACH {known.catalog}")

    def forget(self) -> Gathered:
        """The engine that had it is no more. Returns what it had."""
        with self._telling:
            known, self.now = self.now, NOTHING
            self._number += 1
        return known

    def _wanted(self, cursor: duckdb.DuckDBPyConnection, files: Iterable[DayFile]) -> Iterator[tuple[DayFile, int]]:
        """The newest of the settled ones that fit in, the newest first, and how many rows each has."""
        room = self._rows_max
        for file in sorted(files, key=lambda file: file.day, reverse=True):
            if not file.settled or not file.wholly_folded or file.outdated:
                continue
            [(rows,)] = cursor.execute(f"SELECT count(*) FROM {file.catalog}.{folding.TABLE}").fetchall()
            if rows > DAY_ROWS_MAX:
                continue
            room -= rows
            if room < 0:
                return
            yield file, rows

    def _begun(self, cursor: duckdb.DuckDBPyConnection) -> Gathered:
        made = Gathered(f"gathered_{self._number}")
        cursor.execute(f"ATTACH OR REPLACE ':memory:' AS {made.catalog} (COMPRESS)")
        for table, columns in folding.FORM.items():
            of = ", ".join(f"{quoted([name])} {kind}" for name, kind in {**_PLACES, **columns}.items())
            cursor.execute(f"CREATE TABLE {made.catalog}.{table} ({of})")
        return made

    def _tell(self, known: Gathered, made: Gathered) -> None:
        """Unless what was known was let go meanwhile."""
        with self._telling:
            if self.now is known:
                self.now = made


def _with(cursor: duckdb.DuckDBPyConnection, known: Gathered, file: DayFile) -> Gathered:
    with transaction(cursor):
        for table in folding.FORM:
            cursor.execute(
                f"INSERT INTO {known.catalog}.{table} SELECT {len(known.days):d}, {file.day:d}, * FROM {file.catalog}.{table}"
            )
    return replace(known, days={**known.days, file.catalog: file.day})


def _pack(cursor: duckdb.DuckDBPyConnection, made: Gathered) -> None:
    """Where something is being taken back at the moment, rows are packed the next time."""
    with suppress(duckdb.TransactionException):
        cursor.execute(f"CHECKPOINT {made.catalog}")
