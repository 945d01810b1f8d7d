"""The DuckDB store: a file a day, one writer of each, any number of questions beside them.

The files of all days are attached to one engine. `event_rows` is all of them; a question that says what it reads gets a
table of that name made of the days and columns that it needs.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import duckdb
import msgspec
import structlog

from openrum.days import day_name
from openrum.limits import Limits
from openrum.store import alone, folding, parquet, schema, sql_door
from openrum.store.day_files import DAMAGED, DayFile, DayFiles, is_damage, paths_of
from openrum.store.engine import open_engine
from openrum.store.file_counts import FileCounts
from openrum.store.gathered import Gathering
from openrum.store.incoming import Incoming
from openrum.store.load import load, takes, tidy
from openrum.store.packing import Packing
from openrum.store.reading import files_of, read_tables, tells_alone, union, with_tables
from openrum.store.rewrite import NOTHING, Leaving, rewrite
from openrum.store.statements import Statements
from openrum.store.store import (
    HOUR_MS,
    Answer,
    Dialect,
    Group,
    LedgerRow,
    QueryFailed,
    QueryHalted,
    QueryTimeout,
    Reads,
    RowsRefused,
    State,
    StoreUnavailable,
    Summary,
)
from openrum.store.summary import summarise
from openrum.store.tasting import Tasting
from openrum.store.transaction import transaction
from openrum.store.unfolded import Unfolded
from openrum.store.watch import Halt, Watch, Watched

T = TypeVar("T")

FOLDER = "store"
STAGING = "staging"
_log = structlog.get_logger()
_OF_VERSION_1 = "store.duckdb"
_PATIENCE_S = 60
_FOLD_FROM = 50_000
_BULK = 10_000
"""Rows of a group from which on much waits."""
_FOLD_ROWS = 200_000
"""At a time, while groups wait: a third of a second."""
_ALLOCATED = "SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory() WHERE tag = 'ALLOCATOR'"
_HALTED = "the question was stopped: nobody waits for its answer any more"
_TOO_MUCH_MEMORY = (
    "the question takes more memory than there is for it; ask for a shorter range, or for fewer groups and texts"
)


class DuckDBStore:
    """See `Store`. Questions run on cursors of their own and see what is committed."""

    dialect: ClassVar[Dialect] = "duckdb"
    folds: ClassVar[bool] = True

    def __init__(self, folder: Path, limits: Limits, *, threads: int | None = None) -> None:
        """Open or create. Raises StoreVersion, or duckdb.Error where the engine cannot start.

        `threads` are those of the engine, one a core unless said; where nobody asks and other processes work beside it,
        one loads as fast as two and leaves a core to them.
        """
        self._folder = folder
        self._threads = threads
        self._limits = limits
        self.staging = folder / STAGING
        for leftover in self.staging.glob("*"):  # of a killed process: what is forgotten must not lie on there
            if leftover.is_file():
                leftover.unlink()
        self._changing = threading.RLock()  # the list of files, and the views over them: for moments
        self._applying = threading.Lock()  # held by a group that is applied, for no file may leave under it
        self._rewriting = threading.RLock()  # one day at a time
        self._asking = threading.Condition(self._changing)  # told when a question ends
        self._under_way = 0  # questions
        self._reopening = False  # the others wait
        self._days: dict[int, DayFile] = {}
        self._changes = 0  # of rows that stayed in their file
        self._watch = Watch(self._memory_bytes)
        self._tasting = Tasting()
        self._counts = FileCounts()
        self._statements = Statements()
        self._packing = Packing()
        self._unfolded_sessions = Unfolded()
        self._gathering = Gathering(limits.gathered_rows)
        self._unfolded = 0  # rows since the last fold, about
        try:
            self._open()
        except BaseException:
            self._watch.close()
            raise

    def _open(self, *, thoroughly: bool = False) -> None:
        """Where it fails, what was known of the days stays known: from an empty store the drain would begin anew."""
        self.staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in self._folder.parent.glob(f"{_OF_VERSION_1}*"):  # the journal has all that is in it
            leftover.unlink()
        connection = open_engine(self._folder, self.staging, self._limits, self._threads)
        files = DayFiles(self._folder, connection)
        try:
            days = {file.day: file for file in files.open_all(thoroughly=thoroughly)}
            _show(connection, {})
            for name, select in schema.VIEWS.items():
                connection.execute(f"CREATE VIEW memory.{name} AS {select}")
            _show(connection, days)
        except BaseException:
            connection.close()
            raise
        with self._changing:
            self._connection, self._files, self._days = connection, files, days
            self._gathering.forget()
            self._anew = connection.cursor()  # with temporary tables of its own
            self._hidden: dict[int, DayFile] = {}

    # ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────

    def position(self) -> tuple[int, int] | None:
        """How far the journal is applied."""
        applied = [(file.day, file.block) for file in self._days.values() if file.block is not None]
        return max(applied, default=None)

    def apply(self, group: Group) -> None:
        """Apply a group, all or nothing."""
        try:
            with self._applying:
                self._apply(group)
        except (duckdb.DataError, duckdb.ProgrammingError, msgspec.MsgspecError) as error:
            raise RowsRefused(str(error)) from error
        except (duckdb.Error, OSError) as error:
            self._reopen(thoroughly=is_damage(error))
            raise StoreUnavailable(str(error)) from error

    def _apply(self, group: Group) -> None:
        day = group.position[0]
        connection, name = (self._anew, "anew.ndjson") if group.anew else (self._connection, "rows.ndjson")
        into = self._hidden[day] if group.anew else self._days.get(day) or self._begin(day)
        if into.block is not None and group.position[1] <= into.block:
            return  # a commit that the engine reported as failed may have been made
        beside = [file for file in {**self._hidden, **self._days}.values() if file.day != day]
        incoming = Incoming.of(group.lines, group.files)
        self._packing.coming(connection, into.catalog, len(incoming.rows))
        applied, rows = load(connection, self._statements, self.staging / name, group, incoming, into, beside)
        if group.anew:
            self._hidden[day] = applied
        else:
            self._replace(put=[applied])
        self._packing.appended(connection, into.catalog, rows)  # they are in, whatever becomes of that
        if group.anew:
            return
        self._unfolded += rows
        if self._unfolded >= _FOLD_FROM and rows < _BULK:  # what waits goes first
            self._unfolded = 0
            self._fold_some(applied)

    def fold(self, day: int) -> None:
        """Fold the rows of a day that are not folded, some at a time; groups are applied in between."""
        while True:
            with self._applying:
                file = self._days.get(day)
                if file is None or file.outdated or file.wholly_folded or not self._fold_some(file):
                    return

    def _fold_some(self, file: DayFile) -> bool:
        """Fold some rows. Whether any were there. What cannot be folded now is read event by event."""
        cursor = self._connection.cursor()
        after = -1 if file.folded is None else file.folded
        try:
            to = folding.reach(cursor, file.catalog, after, _FOLD_ROWS)
            if to is None:
                return False
            met = alone.take_back(cursor, list(self._days.values()), self._gathering.now, file, after, to)
            with transaction(cursor):
                for statement in folding.tables(file.catalog) if file.folded is None else ():
                    cursor.execute(statement)
                folding.fold(cursor, file.catalog, after, to, met)
                tidy(cursor, file)
        except duckdb.Error as error:
            _log.warning("rows could not be folded; they are read one by one", day=day_name(file.day), error=str(error))
            return False
        self._replace(put=[replace(file, folded=to)])
        return True

    def refused(self, lines: Sequence[bytes]) -> list[int]:
        """Halve until the offenders stand alone."""
        if takes(self._connection.cursor(), self.staging / "refused.ndjson", lines):
            return []
        if len(lines) == 1:
            return [0]
        half = len(lines) // 2
        return self.refused(lines[:half]) + [half + index for index in self.refused(lines[half:])]

    def _begin(self, day: int) -> DayFile:
        file = self._files.put_in_place(self._files.create(day, 1))
        self._replace(put=[file])
        return file

    # ── Changing the past, day by day ─────────────────────────────────────────────────────────────────────────

    def days(self) -> dict[int, DayFile]:
        """The days there are, oldest first."""
        return self._days

    def begin_anew(self, day: int) -> None:
        """Begin the next generation of a day: groups that are `anew` go there, unseen until `reveal`."""
        with self._rewriting:
            if day in self._hidden:
                self._files.remove(self._hidden.pop(day))
            self._hidden[day] = self._files.create(day, self._next_generation(day))

    def reveal(self, day: int) -> None:
        """Put what was made anew in the old one's place."""
        with self._rewriting:
            self._swap(self._hidden[day], settled=False)
            del self._hidden[day]

    def rewrite(self, day: int, leaving: Leaving = NOTHING, *, settled: bool = False) -> int:
        """Write a day's next generation without what leaves, in the last order of rows. Returns the rows that left.

        Nothing may be applied to the day meanwhile.
        """
        with self._rewriting:
            old = self._days[day]
            new = self._files.create(day, self._next_generation(day))
            try:
                gone = rewrite(self._connection.cursor(), old, new, leaving, settled=settled or old.settled)
                self._swap(new, settled=settled or old.settled)
            except BaseException:
                self._files.remove(new)
                raise
        return gone

    def regroup(self, day: int, monitor: str, column: str, groups: Mapping[str, str]) -> None:
        """Give rows of a monitor other groups: old → new. Nothing may be applied to the day meanwhile."""
        with self._rewriting:
            file, cursor = self._days[day], self._connection.cursor()
            catalog = file.catalog
            self._let_go(day)
            tables = ["event_rows", *(folding.GROUPED if file.folded is not None and column in folding.KEYS else ())]
            with transaction(cursor):
                for table in tables:
                    cursor.execute(
                        f'UPDATE {catalog}.{table} AS e SET "{column}" = g.new'
                        " FROM (SELECT unnest($old::VARCHAR[]) AS old, unnest($new::VARCHAR[]) AS new) AS g"
                        f' WHERE e.monitor = $monitor::UUID AND e."{column}" = g.old',
                        {"monitor": monitor, "old": list(groups), "new": list(groups.values())},
                    )
                if folding.TABLE in tables and column == "page_group":
                    alone.not_first(cursor, file, monitor, list(groups.values()))
            self._changes += 1

    def holds(self, day: int, leaving: Leaving) -> bool:
        """Whether a rewrite would change anything."""
        return self._read(lambda cursor, files: leaving.touches(cursor, files[day]))

    def monitors_with_replays(self, day: int) -> list[str]:
        """Of which monitors a day holds replays."""
        sql = "SELECT DISTINCT monitor::VARCHAR FROM {}.replay_chunks"
        rows = self._read(lambda cursor, files: cursor.execute(sql.format(files[day].catalog)).fetchall())
        return [row[0] for row in rows]

    def out_of_reach(self) -> list[Path]:
        """Files that were set aside because they could not be read. What is in them stays until they are deleted."""
        return sorted(self._folder.glob(f"*{DAMAGED}*"))

    def remove(self, days: Iterable[int]) -> list[int]:
        """Delete days whole, rows and ledger. Returns those that were there."""
        with self._rewriting, self._applying:
            files = [self._days[day] for day in days if day in self._days]
            self._let_go(*(file.day for file in files))
            self._replace(drop=[file.day for file in files])
            for file in files:
                self._files.remove(file)
        return [file.day for file in files]

    def gather(self, ending: Callable[[], bool] = lambda: False) -> None:
        """Have what is folded of settled days in memory, too, as far as there is room. Groups are applied in between."""
        with self._rewriting:
            self._gathering.gather(self._connection, self._days.values(), lambda: self._applying, ending)

    def _let_go(self, *days: int) -> None:
        """Before days change that are gathered."""
        if any(self._gathering.now.has(self._days[day]) for day in days if day in self._days):
            self._gathering.let_go(self._connection)

    def _next_generation(self, day: int) -> int:
        there = self._days.get(day)
        return there.generation + 1 if there else 1

    def _swap(self, made: DayFile, *, settled: bool) -> None:
        with self._applying:  # nothing is folded meanwhile
            old = self._days.get(made.day)
            if settled:
                others = [file for file in self._days.values() if file.day != made.day]
                alone.tell_apart(self._connection.cursor(), made, others, self._gathering.now)
            self._let_go(made.day)
            self._replace(put=[self._files.put_in_place(made)])
            if old is not None:
                self._files.remove(old)

    def _replace(self, put: Iterable[DayFile] = (), drop: Iterable[int] = ()) -> None:
        """Questions that begin from now on see these files."""
        with self._changing:
            days = {**self._days, **{file.day: file for file in put}}
            for day in drop:
                del days[day]
            days = dict(sorted(days.items()))
            if _catalogs(days) != _catalogs(self._days):
                _show(self._connection, days)
            self._days = days

    # ── Questions ─────────────────────────────────────────────────────────────────────────────────────────────

    def run(
        self,
        sql: str,
        parameters: Mapping[str, Any],
        *,
        timeout_s: float,
        rows_max: int,
        reads: Reads | None = None,
        halt: Halt | None = None,
    ) -> Answer:
        """Ask one question. The SQL is ours; values of strangers stand in `parameters` alone."""

        def ask(cursor: duckdb.DuckDBPyConnection, days: Mapping[int, DayFile]) -> Answer:
            with self._watching(cursor, timeout_s, halt), transaction(cursor):
                text = sql if reads is None else with_tables(self._tables(cursor, reads, days), sql)
                cursor.execute(self._statements.read(cursor, text), dict(parameters))
                return _answer(cursor, cursor.fetchmany(rows_max + 1), rows_max)

        return self._asked(ask)

    def _tables(self, cursor: duckdb.DuckDBPyConnection, reads: Reads, days: Mapping[int, DayFile]) -> dict[str, str]:
        gathered, met = self._gathering.now, frozenset[str]()
        if tells_alone(reads):
            met = self._unfolded_sessions.met(cursor, files_of(reads, days), gathered)
        return read_tables(reads, days, met, gathered)

    def rows_in(self, monitor: str, from_ms: int, to_ms: int, *, timeout_s: float) -> int:
        """Files that lie in the range are counted once, until they change."""

        def ask(cursor: duckdb.DuckDBPyConnection, days: Mapping[int, DayFile]) -> int:
            files = [file for file in days.values() if file.touches(from_ms, to_ms)]
            with self._watching(cursor, timeout_s, None):
                return self._counts.of(cursor, files, monitor, from_ms, to_ms)

        return self._asked(ask)

    def run_user_sql(self, sql: str, *, timeout_s: float, rows_max: int, halt: Halt | None = None) -> Answer:
        """One SELECT over the views. Files, network and settings were locked away when the store was opened, too."""

        def ask(cursor: duckdb.DuckDBPyConnection, _days: Mapping[int, DayFile]) -> Answer:
            if not sql_door.check(cursor, sql):
                self._tasting.taste(sql, halt)
            with self._watching(cursor, timeout_s, halt, self._limits.query_sql_memory_bytes):
                columns = sql_door.execute(cursor, sql)
                rows = sql_door.fetch(cursor, rows_max + 1, self._limits.query_answer_bytes)
                names, types = [name for name, _ in columns], [kind for _, kind in columns]
                return Answer(names, rows[:rows_max], truncated=len(rows) > rows_max, types=types)

        return self._asked(ask)

    def state(self) -> State:
        """What the files of a range are, and how far each is written."""
        changes, files = self._changes, self._days.values()
        return lambda from_ms, to_ms: (
            changes,
            *((file.catalog, file.block) for file in files if file.touches(from_ms, to_ms)),
        )

    @contextmanager
    def _watching(
        self,
        cursor: duckdb.DuckDBPyConnection,
        timeout_s: float,
        halt: Halt | None,
        memory_bytes: int | None = None,
    ) -> Iterator[None]:
        """What the engine says inside, as what it means for who asked."""
        if halt is not None and halt.given:
            raise QueryHalted(_HALTED)
        with self._watch.over(cursor, timeout_s=timeout_s, halt=halt, memory_bytes=memory_bytes) as watched:
            try:
                yield
            except duckdb.Error as error:
                raise _failure(error, watched, timeout_s) from None

    def _asked(self, ask: Callable[[duckdb.DuckDBPyConnection, Mapping[int, DayFile]], T]) -> T:
        try:
            return self._read(ask)
        except duckdb.Error as error:  # the engine is away
            raise QueryFailed(str(error)) from error

    def _memory_bytes(self) -> int:
        """What the engine takes and cannot put aside: the growing states of aggregates, and texts."""
        with suppress(duckdb.Error):
            [(size,)] = self._connection.cursor().execute(_ALLOCATED).fetchall()
            return int(size)
        return 0

    def _read(self, ask: Callable[[duckdb.DuckDBPyConnection, Mapping[int, DayFile]], T]) -> T:
        """Ask with the files of this moment; once more where one of them was replaced under the question."""
        while True:
            with self._asking:
                self._asking.wait_for(lambda: not self._reopening)
                connection, days, gathered = self._connection, self._days, self._gathering.now
                self._under_way += 1
            try:
                with self._ended():
                    cursor = connection.cursor()
                    try:
                        return ask(cursor, days)
                    finally:
                        cursor.close()
            except (QueryFailed, duckdb.Error, KeyError) as error:
                with self._asking:
                    self._asking.wait_for(lambda: not self._reopening)
                    there = self._connection, _catalogs(self._days), self._gathering.now.catalog
                replaced = there != (connection, _catalogs(days), gathered.catalog)
                if isinstance(error, QueryTimeout | QueryHalted) or not replaced:
                    raise

    @contextmanager
    def _ended(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._asking:
                self._under_way -= 1
                self._asking.notify_all()

    def ledger(self, monitor: str, from_ms: int, to_ms: int) -> list[LedgerRow]:
        """By hour, outcome and reason; hours that begin in [from_ms - 1 h, to_ms)."""
        # A count made around midnight may stand in the file of the next day, under its own hour.
        part = "SELECT hour, outcome, reason, count, sample FROM {}.ledger WHERE monitor = $monitor"
        part += f" AND hour > $from_ms - {HOUR_MS} AND hour < $to_ms"
        sql = (
            "SELECT hour, outcome, reason, sum(count)::BIGINT, any_value(sample) FROM ({})"
            " GROUP BY ALL ORDER BY hour, outcome, reason"
        )
        rows = self._read_all(sql, part, {"monitor": monitor, "from_ms": from_ms, "to_ms": to_ms})
        return [
            LedgerRow(hour, outcome, reason, count, tuple(sample) if sample else None)
            for hour, outcome, reason, count, sample in rows
        ]

    def totals(self) -> dict[tuple[str, str], int]:
        """Over all time and all hours."""
        sql = "SELECT monitor, outcome, sum(count)::BIGINT FROM ({}) GROUP BY ALL"
        rows = self._read_all(sql, "SELECT monitor, outcome, count FROM {}.ledger", {})
        return {(monitor, outcome): count for monitor, outcome, count in rows}

    def _read_all(self, sql: str, part: str, parameters: Mapping[str, Any]) -> list[Any]:
        def ask(cursor: duckdb.DuckDBPyConnection, days: Mapping[int, DayFile]) -> list[Any]:
            if not days:
                return []
            union = " UNION ALL ".join(part.format(file.catalog) for file in days.values())
            return cursor.execute(sql.format(union), dict(parameters)).fetchall()

        return self._read(ask)

    def summary(self) -> Summary:
        """Reads everything."""
        return self._read(lambda cursor, days: summarise(cursor, list(days.values())))

    # ── Exports ───────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def workshop(self, *names: str) -> Iterator[list[Path]]:
        """Paths of files that the engine may read and write, and that are gone afterwards."""
        paths = [self.staging / name for name in names]
        try:
            yield paths
        finally:
            for path in paths:
                path.unlink(missing_ok=True)

    def copy_to_parquet(self, monitor: str, from_ms: int, to_ms: int, lines: Path, to: Path) -> None:
        """Write the rows of a range that `lines` names, with their raw forms. See parquet.py. Raises QueryFailed."""

        def copy_rows(cursor: duckdb.DuckDBPyConnection, days: Mapping[int, DayFile]) -> None:
            [events] = read_tables(Reads(frozenset(schema.EVENT_COLUMNS), from_ms, to_ms), days).values()
            rows = f'SELECT * FROM ({events}) WHERE monitor = $monitor::UUID AND "time" >= $from_ms AND "time" < $to_ms'
            parquet.copy(cursor, rows, {"monitor": monitor, "from_ms": from_ms, "to_ms": to_ms}, lines, to)

        try:
            self._read(copy_rows)
        except duckdb.Error as error:
            raise QueryFailed(str(error)) from error

    # ── The files ─────────────────────────────────────────────────────────────────────────────────────────────

    def size_bytes(self) -> int:
        """The files and their write-ahead logs."""
        size = 0
        for path in paths_of(self._folder):
            with suppress(FileNotFoundError):
                size += path.stat().st_size
        return size

    def close(self) -> None:
        """Write out what waits, and let go of the files."""
        self._watch.close()
        self._tasting.close()
        self._files.write_out(self._days.values())
        self._connection.close()
        for staged in self.staging.glob("*.ndjson"):
            staged.unlink()

    def _reopen(self, *, thoroughly: bool) -> None:
        """After an I/O error the engine may refuse everything until the files are opened anew."""
        with self._asking:
            self._reopening = True
            try:
                with suppress(duckdb.Error):
                    self._connection.close()
                # A question that is under way holds the old engine, and that holds the files.
                self._asking.wait_for(lambda: self._under_way == 0, _PATIENCE_S)
                with suppress(duckdb.Error, OSError):
                    self._open(thoroughly=thoroughly)
            finally:
                self._reopening = False
                self._asking.notify_all()


def _show(connection: duckdb.DuckDBPyConnection, days: Mapping[int, DayFile]) -> None:
    """Make `event_rows` of these files; the other views are made of it when they are asked."""
    rows = union(schema.EVENT_COLUMNS, list(days.values()))
    connection.cursor().execute(f"CREATE OR REPLACE VIEW memory.event_rows AS {rows}")


def _catalogs(days: Mapping[int, DayFile]) -> set[str]:
    return {file.catalog for file in days.values()}


def _answer(cursor: duckdb.DuckDBPyConnection, rows: list[Any], rows_max: int) -> Answer:
    names = [column[0] for column in cursor.description or []]
    return Answer(names, rows[:rows_max], truncated=len(rows) > rows_max)


def _failure(error: duckdb.Error, watched: Watched, timeout_s: float) -> QueryFailed:
    """Why a question was not answered, and what to do."""
    match watched.why:
        case "overdue":
            return QueryTimeout(f"the question took longer than {timeout_s:g} seconds; ask for a shorter range")
        case "halted":
            return QueryHalted(_HALTED)
        case "memory":
            return QueryFailed(_TOO_MUCH_MEMORY)
    return QueryFailed(_TOO_MUCH_MEMORY if isinstance(error, duckdb.OutOfMemoryException) else str(error))
