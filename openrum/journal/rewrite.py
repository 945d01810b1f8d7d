"""Other bytes in the place of some, so that no file holds a trace of the old ones; and space given back afterwards.

    rewrite_day   block by block: unpack → change → pack → UPDATE   …   the write-ahead log emptied at the end
    compact_day   a day that is over: its free pages given back to the disk

What is promised: every position and every number of events stays. Beside the running writer and readers, each block is
the old or the new one, whole, whatever kills the process; to finish what was interrupted, run the same again. Once
`rewrite_day` has returned, the new is durable and the old is in no file, damaged blocks and files set aside excepted.

The room stores bytes it need not understand, so the judgement is handed in: a `Change` says what stands in the place of
a payload. It must leave alone what it made itself.
"""

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from openrum.days import day_name
from openrum.journal import day_file
from openrum.journal.block import BlockCodec, Damaged, PackedBlock
from openrum.journal.day_file import DayRewriter
from openrum.journal.reader import JournalReader

Change = Callable[[bytes], bytes | None]  # a record's payload → what stands in its place, or None to leave it as it is

_LOG_BYTES = 1 << 20  # changed before the log is brought into the file: the writer must not have to do that
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What `rewrite_day` did."""

    blocks: int  # that were changed
    records: int  # that were changed
    damaged: int  # blocks that could not be read and were left as they are
    last: int = field(default=0, compare=False)  # the block up to which the day was looked through


class LogInUse(Exception):
    """What was asked is done, but the old bytes are still in the write-ahead log, which a reader keeps in use.

    Run the same again; `rewritten` is what the first run changed.
    """

    def __init__(self, day: int, rewritten: Rewritten) -> None:
        self.day = day
        self.rewritten = rewritten
        super().__init__(
            f"the journal of {day_name(day)} was changed, but a long read keeps the old bytes in its write-ahead "
            "log (-wal); let the read end, then run the same again"
        )


class JournalRewriter:
    """Changes what was written. Any thread; two at once do not undo each other's changes."""

    def __init__(self, directory: Path, reader: JournalReader, *, patience_s: float = _PATIENCE_S) -> None:
        """`reader` is told of every block that it may still hold in memory; `patience_s` is spent on readers in the way."""
        self._directory = directory
        self._reader = reader
        self._patience_s = patience_s

    def rewrite_day(self, day: int, change: Change, *, after: int = 0) -> Rewritten:
        """Hand every payload that the day has by now, behind the block `after`, to `change`. Blocks the thread; one block
        in memory at a time.

        Raises LogInUse, and sqlite3.Error or OSError where the disk does not play along: run the same again.
        A day that there is not, or no longer, is one in which nothing changes.
        """
        path = day_file.path_of(self._directory, day)
        try:
            opened = DayRewriter(path, day)
        except sqlite3.OperationalError:
            if path.exists():
                raise
            return Rewritten(0, 0, 0)
        with closing(opened) as file:
            rewritten = self._rewrite_blocks(day, file, change, after)
            if not file.truncate_log(self._patience_s):  # even if nothing changed: a run before this one may have died
                raise LogInUse(day, rewritten)
        return rewritten

    def compact_day(self, day: int) -> int:
        """Give the free pages of a day that is over back to the disk. Returns bytes. ValueError for the newest day.

        Needs the day's size twice while it lasts: beside the file, and where SQLite puts temporary files (SQLITE_TMPDIR,
        TMPDIR, /var/tmp, /tmp). Raises as `rewrite_day` does; killed at any moment, it is done or it is not.
        """
        days = self._reader.days()
        if day not in days:
            return 0
        if day == days[-1]:
            raise ValueError(f"{day_name(day)} is still written to")
        path = day_file.path_of(self._directory, day)
        before = path.stat().st_size
        with closing(DayRewriter(path, day)) as file:
            free, used = file.free_bytes()
            if free:
                self._check_disk(path, 2 * used)
                file.vacuum()
            if not file.truncate_log(self._patience_s):
                raise LogInUse(day, Rewritten(0, 0, 0))
        return before - path.stat().st_size

    def out_of_reach(self) -> list[Path]:
        """Files that were set aside because they could not be opened. What is in them stays until they are deleted."""
        return sorted(self._directory.glob("*.sqlite.damaged-*"))

    def _rewrite_blocks(self, day: int, file: DayRewriter, change: Change, after: int) -> Rewritten:
        codec = BlockCodec()
        blocks = records = damaged = in_log = 0
        number, last = after, file.last()
        while (number := file.first_behind(number) or 0) and number <= last:
            try:
                changed, size = self._rewrite_block(day, number, file, codec, change)
            except Damaged:
                damaged += 1
            else:
                blocks += changed > 0
                records += changed
                in_log += size
            if in_log > _LOG_BYTES:
                file.checkpoint()
                in_log = 0
        return Rewritten(blocks, records, damaged, last)

    def _rewrite_block(
        self, day: int, number: int, file: DayRewriter, codec: BlockCodec, change: Change
    ) -> tuple[int, int]:
        """(records that were changed, bytes that were written). Raises Damaged."""
        while stored := _get(file, number):
            records = codec.unpack(stored.data, stored.size, records=stored.records, events=stored.events)
            changed = 0
            for index, (events, payload) in enumerate(records):
                instead = change(payload)
                if instead is not None and instead != payload:
                    records[index] = (events, instead)
                    changed += 1
            if not changed:
                return 0, 0
            data, size = codec.pack(records)
            if file.replace(stored, size, data):
                self._reader.drop_fetched(day, number)
                return changed, max(len(stored.data), len(data))
        return 0, 0

    def _check_disk(self, path: Path, needed: int) -> None:
        disk = os.statvfs(self._directory)
        if disk.f_bavail * disk.f_frsize < needed:
            raise OSError(errno.ENOSPC, f"{needed >> 20} MiB must be free to give back what is free in it", str(path))


def _get(file: DayRewriter, number: int) -> PackedBlock | None:
    try:
        return file.get(number)
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from None
