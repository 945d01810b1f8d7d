"""The writing side: one thread that commits all who wait together.

    append() on the loop ──▶ queue ──▶ journal thread: pack → INSERT → COMMIT (fsync) ──▶ futures resolved on the loop

Latency under load is one commit, not one per request: while one commits, the next group gathers. The thread never
gives up: after an error it closes the day file, fails those who waited, and tries anew with the next group, so that a
full disk heals by itself.
"""

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import structlog

from openrum.days import DAY_MS
from openrum.errors import Unavailable
from openrum.events import Position
from openrum.journal import day_file
from openrum.journal.block import BlockCodec
from openrum.journal.day_file import DayWriter
from openrum.journal.pace import Pace
from openrum.limits import Limits

_log = structlog.get_logger()
_RETRY_AFTER_S = 5


class Waiting(NamedTuple):
    """One payload that waits for the disk, and who waits for it."""

    payload: bytes
    events: int
    future: asyncio.Future[Position]


class Journal:
    """The writing side. One per data directory; `append` belongs to the loop that called `start`."""

    def __init__(self, directory: Path, *, now_ms: Callable[[], int], limits: Limits) -> None:
        self._directory = directory
        self._now_ms = now_ms
        self._limits = limits
        self._codec = BlockCodec()
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._held_over: Waiting | None = None  # taken from the queue, too large for the group that was gathering
        self._writer: DayWriter | None = None
        self._last_day = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting_bytes = 0
        self._closing = threading.Event()
        self._pace = Pace(time.monotonic)
        self._on_commit: Callable[[], None] = lambda: None
        self.healthy = True
        self.commits = 0
        self.committed_requests = 0
        self.committed_events = 0

    def start(self, on_commit: Callable[[], None] = lambda: None) -> None:
        """Open the newest day file and start the thread. `on_commit` is called in the thread after each commit."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._loop = asyncio.get_running_loop()
        self._on_commit = on_commit
        self._last_day = max(day_file.days_in(self._directory), default=0)
        self._open_today()
        self._thread.start()

    def append(self, payload: bytes, events: int) -> asyncio.Future[Position]:
        """The future has the payload's position once it is fsynced, or Unavailable. Raises Unavailable when too many wait."""
        assert self._loop is not None, "the journal is started before it is written to"
        if self._closing.is_set():
            raise Unavailable("The server is shutting down. Send the batch again.", retry_after_s=_RETRY_AFTER_S)
        if self._waiting_bytes + len(payload) > self._limits.journal_waiting_bytes:
            raise Unavailable("The disk does not keep up. Send the batch again.", retry_after_s=_RETRY_AFTER_S)
        self._waiting_bytes += len(payload)
        future: asyncio.Future[Position] = self._loop.create_future()
        self._queue.put(Waiting(payload, events, future))
        return future

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        self._closing.set()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)

    # ── The journal thread ────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        while group := self._gather():
            try:
                day, number = self._commit(group)
            except (sqlite3.Error, OSError, Unavailable) as error:
                self._give_up(group, error)
            else:
                self.healthy = True
                self._answer(group, day, number, None)
                self._on_commit()

    def _gather(self) -> list[Waiting]:
        """Wait for one payload, then take all that wait behind it, up to the size of a block. Empty at the end."""
        first = self._held_over or self._queue.get()
        self._held_over = None
        if first is None:
            return []
        if (wait_s := self._pace.wait_s()) > 0:
            self._closing.wait(wait_s)
        group, size = [first], len(first.payload)
        while True:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                return group
            if following is None:
                self._queue.put(None)  # the end, once this group is committed
                return group
            size += len(following.payload)
            if size > self._limits.journal_block_bytes:
                self._held_over = following
                return group
            group.append(following)

    def _commit(self, group: list[Waiting]) -> tuple[int, int]:
        """One fsync for all of the group. Returns day and block number."""
        self._pace.begins(len(group))
        records = [(waiting.events, waiting.payload) for waiting in group]
        events = sum(waiting.events for waiting in group)
        data, size = self._codec.pack(records)
        self._check_disk(len(data))
        writer = self._open_today()
        number = writer.write(self._now_ms(), len(records), events, size, data)
        self.commits += 1
        self.committed_requests += len(records)
        self.committed_events += events
        return writer.day, number

    def _open_today(self) -> DayWriter:
        """The writer of this day's file; never of an earlier day than the last, should the clock go back."""
        day = max(self._now_ms() // DAY_MS, self._last_day)
        if self._writer is not None and self._writer.day == day:
            return self._writer
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        try:
            self._writer = DayWriter(self._directory, day)
        except sqlite3.OperationalError:
            raise  # no space, no permission, busy: the file itself may be fine
        except sqlite3.DatabaseError as error:
            aside = day_file.set_aside(self._directory, day)
            _log.error("journal file set aside", path=str(aside), error=str(error), do="openrum check, then rebuild")
            self._writer = DayWriter(self._directory, day)
        self._last_day = day
        return self._writer

    def _check_disk(self, needed: int) -> None:
        disk = os.statvfs(self._directory)
        free = disk.f_bavail * disk.f_frsize
        # The WAL takes the block once, the day file a second time when the WAL is checkpointed.
        if free - 2 * needed < self._limits.disk_reserve_bytes:
            raise Unavailable("The disk is full. Send the batch again.", retry_after_s=_RETRY_AFTER_S)

    def _give_up(self, group: list[Waiting], error: Exception) -> None:
        """Nobody of this group gets a 200. The file is opened anew for the next: an error leaves its state in doubt."""
        if self.healthy:
            _log.error("journal cannot be written", error=str(error), kind=type(error).__name__)
        self.healthy = False
        if self._writer is not None:
            try:
                self._writer.close()
            except sqlite3.Error as second:
                _log.error("journal file does not close", error=str(second))
            self._writer = None
        answer = error if isinstance(error, Unavailable) else None
        self._answer(group, 0, 0, answer or Unavailable("The journal cannot be written now. Send the batch again."))

    def _answer(self, group: list[Waiting], day: int, number: int, error: Exception | None) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._resolve, group, day, number, error)
        except RuntimeError:
            _log.warning("the loop ended before its answers", requests=len(group))

    def _resolve(self, group: list[Waiting], day: int, number: int, error: Exception | None) -> None:
        for index, (payload, _, future) in enumerate(group):
            self._waiting_bytes -= len(payload)
            if future.done():
                continue  # the request was cancelled; what is on disk stays on disk
            if error is None:
                future.set_result(Position(day, number, index))
            else:
                future.set_exception(error)
