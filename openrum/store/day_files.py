"""One DuckDB file per UTC day of receipt, as the journal has one: `<data-dir>/store/2026-11-23.1.duckdb`.

Every change goes to one file, so that a transaction does (the engine cannot commit to two at once). A day is trimmed by
removing its file, and changed in its past by writing the next generation of it beside the old one: the number behind the
day. What has its name is whole; of two generations the higher one counts, and the other is removed at the next start.
See docs/decisions/0006.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import structlog

from openrum.days import day_name, day_named
from openrum.durable_files import put_in_place, sync_directory
from openrum.events import Flag
from openrum.store import folding, schema
from openrum.store.transaction import transaction
from openrum.threads import ready_pool

_log = structlog.get_logger()
_ENDING = ".duckdb"
_NEW = ".new"
DAMAGED = ".damaged-"
"""In the name of a file that was set aside."""
_REPLACED = int(Flag.TIME_REPLACED)
_HEADER_BYTES = 3 * 4_096
_NOT_THE_FILES = (duckdb.OutOfMemoryException, duckdb.ConnectionException, duckdb.InterruptException)
_TAKEN = (
    "Could not set lock",
    "Unique file handle conflict",
)  # by another process, by an engine that is not closed yet
_SIGNS_OF_DAMAGE = ("Corrupt database file", "Could not read enough bytes")


class _Damaged(Exception):
    """What is wrong with a file."""


class StoreVersion(Exception):
    """The file was written by a newer version. The message says what to do."""


@dataclass(frozen=True, slots=True)
class DayFile:
    """One attached file. Frozen: what changes is a new value, so that whoever asks sees one state."""

    day: int
    generation: int
    path: Path
    columns: frozenset[str] = frozenset()  # of `event_rows`: of an older form, some are missing
    version: int = schema.VERSION
    block: int | None = None  # how far the day's journal is applied
    first_ms: int | None = None  # of the rows' times
    last_ms: int | None = None
    flagged: bool = False  # some row's time was replaced
    settled: bool = False
    folded: int | None = None  # the last block whose rows are there folded, too

    @property
    def catalog(self) -> str:
        """The name by which SQL knows it."""
        return f"day_{self.day}_{self.generation}"

    @property
    def wholly_folded(self) -> bool:
        """Whether no row is left that is not folded."""
        return self.folded is not None and self.block is not None and self.folded >= self.block

    @property
    def outdated(self) -> bool:
        """Of an older form: to be made anew."""
        return self.version < schema.VERSION

    def touches(self, from_ms: int, to_ms: int) -> bool:
        """Whether a row's time may lie in [from, to)."""
        return (
            self.first_ms is not None and self.last_ms is not None and self.first_ms < to_ms and self.last_ms >= from_ms
        )

    def with_rows(self, block: int, first_ms: int | None, last_ms: int | None, *, flagged: bool) -> "DayFile":
        """After a group was added."""
        times = [time for time in (self.first_ms, self.last_ms, first_ms, last_ms) if time is not None]
        return replace(
            self,
            block=block,
            first_ms=min(times, default=None),
            last_ms=max(times, default=None),
            flagged=self.flagged or flagged,
        )


@dataclass(slots=True)
class DayFiles:
    """The files of a folder. Attaching and detaching belongs to whoever writes the day in question."""

    folder: Path
    connection: duckdb.DuckDBPyConnection = field(repr=False)

    def open_all(self, *, thoroughly: bool) -> list[DayFile]:
        """Attach what is there, oldest first. What cannot be read is set aside; StoreVersion for a newer form.

        `thoroughly` reads every byte of them, and not their beginnings alone.
        """
        for leftover in (*self.folder.glob(f"*{_NEW}*"),):
            leftover.unlink()
        found: list[DayFile] = []
        for day, paths in _newest_last(self.folder).items():
            *older, (generation, path) = paths
            for _, superseded in older:
                _remove(superseded)
            attached = self._open(day, generation, path, thoroughly=thoroughly)
            if attached is not None:
                found.append(attached)
        cut = self._cut(found)
        for file in cut:
            self._set_aside(file, _Damaged("its end is missing"))
        return [file for file in found if file not in cut]

    def create(self, day: int, generation: int) -> DayFile:
        """An empty file, attached under its last name; it gets that on disk by `put_in_place`."""
        made = DayFile(day, generation, self.folder / f"{day_name(day)}.{generation}{_ENDING}{_NEW}")
        _remove(made.path)
        self.connection.cursor().execute(f"ATTACH '{_escaped(made.path)}' AS {made.catalog}")
        made.path.chmod(0o600)
        cursor = self.connection.cursor()
        with transaction(cursor):
            for statement in schema.tables(made.catalog):
                cursor.execute(statement)
            cursor.execute(f"INSERT INTO {made.catalog}.about VALUES (?, NULL, false)", [schema.VERSION])
        return replace(made, columns=frozenset(schema.EVENT_COLUMNS))

    def put_in_place(self, made: DayFile) -> DayFile:
        """Give a finished file its name, durably, and attach it under that."""
        self.detach(made)
        path = made.path.with_suffix("")
        put_in_place(made.path, path)
        attached = self._open(made.day, made.generation, path)
        if attached is None:
            raise duckdb.IOException(f"{path.name} cannot be read back")
        return attached

    def detach(self, file: DayFile) -> None:
        """Write out what waits, and let go. Questions under way go on."""
        cursor = self.connection.cursor()
        cursor.execute(f"CHECKPOINT {file.catalog}")
        cursor.execute(f"DETACH {file.catalog}")

    def write_out(self, files: Iterable[DayFile]) -> None:
        """Bring the logs into their files, several at a time. One where it fails keeps its log, and is whole with it."""

        def write(file: DayFile) -> None:
            with suppress(duckdb.Error):
                self.connection.cursor().execute(f"CHECKPOINT {file.catalog}")

        with ready_pool(os.cpu_count() or 1, "write out") as pool:
            list(pool.map(write, files))

    def remove(self, file: DayFile) -> None:
        """Detach and delete."""
        self.connection.cursor().execute(f"DETACH {file.catalog}")
        _remove(file.path)
        sync_directory(self.folder)

    def _open(self, day: int, generation: int, path: Path, *, thoroughly: bool = False) -> DayFile | None:
        with path.open("rb"):
            pass  # OSError where the file may be sound, and cannot be opened now
        file = DayFile(day, generation, path)
        try:
            return self._attach(file, thoroughly=thoroughly)
        except _NOT_THE_FILES:
            raise
        except (duckdb.Error, _Damaged) as error:
            if any(sign in str(error) for sign in _TAKEN):
                raise
            self._set_aside(file, error)
            return None

    def _attach(self, file: DayFile, *, thoroughly: bool) -> DayFile:
        cursor = self.connection.cursor()
        cursor.execute(f"ATTACH '{_escaped(file.path)}' AS {file.catalog}")
        row = cursor.execute(schema.ABOUT.format(catalog=file.catalog)).fetchone()
        if row is None or row[0] is None:
            raise _Damaged("it does not say what it is")
        if row[0] > schema.VERSION:
            raise StoreVersion(
                f"{file.path} is of the form {row[0]}, this version of OpenRUM writes {schema.VERSION}: start the newer version"
            )
        columns = frozenset(schema.EVENT_COLUMNS)
        if row[0] < schema.VERSION:
            columns = frozenset(
                column[0] for column in cursor.execute(f"FROM {file.catalog}.event_rows LIMIT 0").description or []
            )
        folded = folding.folded_to(cursor, file.catalog)
        if thoroughly:
            for table in ("event_rows", "replay_chunks", "ledger", *(() if folded is None else folding.TABLES)):
                cursor.execute(f"SELECT bit_xor(hash(t)) FROM {file.catalog}.{table} AS t").fetchall()
        first_ms, last_ms, flagged, *_ = cursor.execute(
            f'SELECT min("time"), max("time"), coalesce(bool_or(flags & {_REPLACED} != 0), false),'
            f" EXISTS (FROM {file.catalog}.ledger), EXISTS (FROM {file.catalog}.replay_chunks)"  # that they are there
            f" FROM {file.catalog}.event_rows"
        ).fetchone() or (None, None, False)
        return replace(
            file,
            version=row[0],
            block=row[1],
            settled=bool(row[2]),
            folded=folded,
            columns=columns,
            first_ms=first_ms,
            last_ms=last_ms,
            flagged=flagged,
        )

    def _cut(self, files: list[DayFile]) -> list[DayFile]:
        """Those whose end is missing: the engine sees that when a question comes to it, and not before.

        Free blocks do not count: the engine cuts those at the end off the file itself, and still counts them.
        """
        sizes = self.connection.cursor().execute(
            "SELECT database_name, block_size * used_blocks FROM pragma_database_size()"
        )
        least = dict(sizes.fetchall())
        return [
            file
            for file in files
            if not _log_of(file.path).exists() and file.path.stat().st_size < _HEADER_BYTES + least[file.catalog]
        ]

    def _set_aside(self, file: DayFile, error: Exception) -> None:
        """Nothing is deleted: the day is made anew from the journal, and a person may look at the damage."""
        cursor = self.connection.cursor()
        cursor.execute(f"DETACH DATABASE IF EXISTS {file.catalog}")
        attempt = 1
        while (target := file.path.with_name(f"{file.path.name}{DAMAGED}{attempt}")).exists():
            attempt += 1
        file.path.rename(target)
        _log_of(file.path).unlink(missing_ok=True)
        sync_directory(self.folder)
        _log.error("a day of the store is damaged and is made anew", set_aside=target.name, error=str(error))


def is_damage(error: Exception) -> bool:
    """Whether some file is not as it was written."""
    return any(sign in str(error) for sign in _SIGNS_OF_DAMAGE)


def _newest_last(folder: Path) -> dict[int, list[tuple[int, Path]]]:
    """Day → its files by generation, ascending; days ascending. Files that are not ours are ignored."""
    found: dict[int, list[tuple[int, Path]]] = {}
    for path in folder.glob(f"*{_ENDING}"):
        name, _, generation = path.name.removesuffix(_ENDING).rpartition(".")
        day = day_named(name)
        if day is not None and generation.isascii() and generation.isdigit():
            found.setdefault(day, []).append((int(generation), path))
    return {day: sorted(paths) for day, paths in sorted(found.items())}


def paths_of(folder: Path) -> Iterator[Path]:
    """All that the files take on disk, write-ahead logs included."""
    yield from folder.glob(f"*{_ENDING}*")


def _remove(path: Path) -> None:
    """The log first: a log without its file would meet the next file of that name."""
    _log_of(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _escaped(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
