"""One SQLite file per UTC day of receipt, in WAL mode with synchronous=FULL: a commit returns when it is fsynced.

Block numbers are the millisecond of the day at which the block was written, or one more than the last, so that they
rise for ever, even past a file that had to be set aside: a store's position never hides a newer block.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from openrum.days import DAY_MS, day_name, day_named
from openrum.durable_files import put_in_place, sync_directory
from openrum.journal import cell
from openrum.journal.block import PackedBlock

_PAGE_BYTES = 512  # a small block, the usual one where traffic is low, would leave half of a larger page empty
_CHECKPOINT_PAGES = 32 * 1_024  # 16 MiB: rare enough that few acknowledgements wait for a checkpoint
_BUSY_S = 10
_CLOSE_PATIENCE_MS = 1_000
_TRUNCATE_HOLD_MS = 25  # the writer may be kept waiting for so long, for a read to end …
_TRUNCATE_PAUSES_S = (0.025, 1.0)  # … and then has the file to itself for longer and longer
_COMPANIONS = ("", "-journal", "-wal", "-shm")

_SCHEMA = """
CREATE TABLE block (
    number  INTEGER PRIMARY KEY,  -- see the module's docstring
    records INTEGER NOT NULL,
    events  INTEGER NOT NULL,     -- sum over the records
    size    INTEGER NOT NULL,     -- bytes of data when unpacked
    data    BLOB NOT NULL         -- see block.py
)
"""


def path_of(directory: Path, day: int) -> Path:
    """Where the day's file lies."""
    return directory / f"{day_name(day)}.sqlite"


def days_in(directory: Path) -> dict[int, Path]:
    """The day files in a directory, oldest first. Files that are not ours are ignored."""
    found = {}
    for path in directory.glob("*.sqlite"):
        day = day_named(path.name.removesuffix(".sqlite"))
        if day is not None:
            found[day] = path
    return dict(sorted(found.items()))


class DayWriter:
    """The one writer of a day file. Any error of SQLite may be raised by any method; close and open anew after one."""

    def __init__(self, directory: Path, day: int) -> None:
        self.day = day
        path = path_of(directory, day)
        if not path.exists():
            _create(path)
        self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA secure_delete=ON")  # a split root would keep copies of the first blocks
            self._connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
            self.last = self._connection.execute("SELECT max(number) FROM block").fetchone()[0] or 0
        except BaseException:
            self._connection.close()
            raise

    def write(self, now_ms: int, records: int, events: int, size: int, data: bytes) -> int:
        """Add one block and return its number once it is on disk."""
        number = max(self.last + 1, now_ms - self.day * DAY_MS)
        data = data.ljust(cell.LEAST_BLOB_BYTES, b"\0")
        self._connection.execute("INSERT INTO block VALUES (?, ?, ?, ?, ?)", (number, records, events, size, data))
        self.last = number
        return number

    def close(self) -> None:
        """Checkpoints the WAL into the file, unless a reader is in the way: the next writer does it then."""
        try:
            self._connection.execute(f"PRAGMA busy_timeout={_CLOSE_PATIENCE_MS}")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._connection.close()


def _create(path: Path) -> None:
    """Make an empty day file beside its place and move it there: no reader ever meets one without its table."""
    beside = path.with_name(path.name + ".new")
    for suffix in _COMPANIONS:  # of a process that was killed here
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    beside.touch(0o600)
    with closing(sqlite3.connect(beside, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_SCHEMA)
    put_in_place(beside, path)


class DayReader:
    """Reads a day file beside its writer, from one thread at a time."""

    def __init__(self, path: Path, day: int) -> None:
        self._day = day
        self._connection = self._open(path, "ro")

    def _open(self, path: Path, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_S, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip

    def after(self, number: int) -> Iterator[PackedBlock]:
        """Blocks behind `number`, in order."""
        rows = self._connection.execute(
            "SELECT number, records, events, size, data FROM block WHERE number > ? ORDER BY number", (number,)
        )
        with closing(rows):
            for row in rows:
                yield PackedBlock(self._day, *row)

    def get(self, number: int) -> PackedBlock | None:
        """One block."""
        row = self._connection.execute(
            "SELECT number, records, events, size, data FROM block WHERE number = ?", (number,)
        ).fetchone()
        return PackedBlock(self._day, *row) if row else None

    def numbers(self) -> list[int]:
        """All block numbers, in order."""
        return [row[0] for row in self._connection.execute("SELECT number FROM block ORDER BY number")]

    def events_after(self, number: int) -> int:
        """How many events the blocks behind `number` hold."""
        row = self._connection.execute("SELECT coalesce(sum(events), 0) FROM block WHERE number > ?", (number,))
        return int(row.fetchone()[0])

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the structure of the file; nothing, as a rule."""
        rows = [row[0] for row in self._connection.execute("PRAGMA integrity_check(20)")]
        return [] if rows == ["ok"] else rows

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class DayRewriter(DayReader):
    """Changes blocks of a day file beside its writer and its readers, from one thread at a time.

    What it changes leaves no bytes behind in the file: freed pages are zeroed, and no row is moved (see cell.py). They
    are still in the write-ahead log until `truncate_log` says that it is empty; until then nothing is sure to be durable.
    """

    def __init__(self, path: Path, day: int) -> None:
        self._day = day
        self._log = path.with_name(path.name + "-wal")
        self._connection = self._open(path, "rw")
        try:
            # NORMAL: a change is whole or not there, the sync comes with the checkpoint, and the writer waits for none.
            for setting in ("synchronous=NORMAL", "secure_delete=ON", "wal_autocheckpoint=0"):
                self._connection.execute(f"PRAGMA {setting}")
            self._page_bytes = int(self._connection.execute("PRAGMA page_size").fetchone()[0])
        except BaseException:
            self._connection.close()
            raise

    def last(self) -> int:
        """The number of the last block; 0 where there is none."""
        return int(self._connection.execute("SELECT coalesce(max(number), 0) FROM block").fetchone()[0])

    def first_behind(self, number: int) -> int | None:
        """The number of the first block behind `number`."""
        row = self._connection.execute("SELECT min(number) FROM block WHERE number > ?", (number,)).fetchone()
        return None if row[0] is None else int(row[0])

    def replace(self, old: PackedBlock, size: int, data: bytes) -> bool:
        """Put other data in the place of a block's, unless the block is no longer as it was read: then False."""
        room = cell.leaf_bytes((old.records, old.events, old.size), len(old.data), self._page_bytes)
        length = cell.blob_bytes(
            max(len(data), cell.LEAST_BLOB_BYTES), (old.records, old.events, size), room, self._page_bytes
        )
        changed = self._connection.execute(
            "UPDATE block SET size = ?, data = ? WHERE number = ? AND data = ?",
            (size, data.ljust(length, b"\0"), old.number, old.data),
        )
        return changed.rowcount == 1

    def checkpoint(self) -> None:
        """Bring what the log holds into the file, as far as readers let it. In nobody's way."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def truncate_log(self, patience_s: float) -> bool:
        """Make everything durable and the log empty. False where readers, or a busy writer, were in the way for so long.

        The log can be emptied only at a moment at which neither writes nor reads in it, so that the writer is held up for
        some milliseconds; the bulk is copied before that.
        """
        self._connection.execute(f"PRAGMA busy_timeout={_TRUNCATE_HOLD_MS}")
        deadline = time.monotonic() + patience_s
        pause_s, longest_s = _TRUNCATE_PAUSES_S
        self.checkpoint()
        while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > deadline:
                return False
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)
            self.checkpoint()
        with suppress(FileNotFoundError):  # the day was deleted meanwhile
            _sync_file(self._log)  # or a power cut could bring the old length back, with the old bytes
        return True

    def free_bytes(self) -> tuple[int, int]:
        """(bytes in pages that hold nothing, bytes in those that hold something)."""
        free, pages = (
            self._connection.execute(f"PRAGMA {of}").fetchone()[0] for of in ("freelist_count", "page_count")
        )
        return free * self._page_bytes, (pages - free) * self._page_bytes

    def vacuum(self) -> None:
        """Write the file anew, without free pages: into the log, so that a kill costs nothing and readers read on."""
        self._connection.execute("VACUUM")


def set_aside(directory: Path, day: int) -> Path:
    """Rename a day file that cannot be opened, with its WAL, out of the way. Nothing is deleted."""
    path = path_of(directory, day)
    attempt = 1
    while (target := path.with_name(f"{path.name}.damaged-{attempt}")).exists():
        attempt += 1
    for suffix in _COMPANIONS[1:]:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(target.with_name(target.name + suffix))
    path.rename(target)
    sync_directory(directory)
    return target


def delete(directory: Path, path: Path) -> None:
    """Remove a day file and what SQLite keeps beside it."""
    for suffix in _COMPANIONS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    sync_directory(directory)


def _sync_file(path: Path) -> None:
    """Make a file's contents and length durable. Never for the database itself: closing it lets go of SQLite's locks."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
