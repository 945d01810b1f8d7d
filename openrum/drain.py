"""The second spine, journal → enrich → store: what was made durable becomes what questions are asked of.

One thread reads behind the store's own position and makes rows, or has them made in another process while much waits;
beside it another hands the rows of the group before, with their position, to the store, which works off the interpreter
lock. Rows and position go together, so that a crash anywhere repeats work and never doubles an event. What cannot be
enriched, stored or read back is counted and left behind; it never blocks what stands after it. The thread knows nothing
of HTTP or the control database: a rulebook is handed in.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

import structlog

from openrum.enrich.rules import Rulebook
from openrum.journal import PackedBlock
from openrum.limits import Limits
from openrum.make_rows import Made, Maker, poisoned
from openrum.store import Group, RowsRefused, Store, StoreUnavailable
from openrum.threads import ready_pool

_log = structlog.get_logger()

LINGER_S = 0.05
"""How long a group gathers after it is woken: small enough to be fresh, long enough that a commit is worth its price."""

GATHER_S = 0.3
GATHERING = range(250, 5_000)
"""How long the next group gathers from when one of so many events was read. A transaction has a price that is the same for one event and
for thousands: of fewer events few come, so that they need not wait; more share the price well enough.
"""

CROWD = 12
"""Requests that share a commit, on average, from which on the door counts as crowded. A drain beside it would halve its
pace: both need the interpreter, and on two cores everything else does too."""

GIVE_WAY_S_MAX = 40.0
"""How long the drain gives way to a crowded door before it drains a group all the same."""

LOOK_EVERY_S = 1.0
"""How often the drain looks at the door while it works off what waits."""

RETRY_S = 1.0


class Journal(Protocol):
    """What the drain asks of the journal."""

    def read_packed(self, after: tuple[int, int] | None, bytes_max: int) -> list[PackedBlock]:
        """Whole blocks behind a position."""

    def events_after(self, after: tuple[int, int] | None) -> int:
        """How many events stand behind a position."""


class Making(Protocol):
    """Who makes rows: a `Maker`, here and now, or processes beside this one."""

    def make(self, blocks: list[PackedBlock], book: Rulebook) -> Made:
        """The rows of these blocks by this book. Blocks until they are made."""


class Drain:
    """Drains one journal into one store."""

    def __init__(
        self,
        journal: Journal,
        store: Store,
        *,
        rulebook: Callable[[], Rulebook],
        limits: Limits,
        maker: Making | None = None,
        on_stored: Callable[[set[str]], None] = lambda _: None,
        commits: Callable[[], tuple[int, int]] = lambda: (0, 0),
    ) -> None:
        """`rulebook` tells the rules of this moment; `on_stored` is told of monitors that events came for.

        `commits` tells how many the journal has made so far, and how many requests shared them.
        """
        self._journal = journal
        self._store = store
        self._rulebook = rulebook
        self._limits = limits
        self._maker = maker or Maker(limits)
        self._on_stored = on_stored
        self._commits = commits
        self._position = store.position()
        self._under_way = threading.Lock()
        self._may_work = threading.Event()
        self._may_work.set()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)
        self._applier = ready_pool(1, "apply")
        self.healthy = True
        self.backlog_at_start = journal.events_after(self._position)
        self.drained_events = 0

    def drain_waiting(self, gather: Callable[[float, int], None] = lambda *_: None) -> Iterator[int]:
        """Drain what waits, group by group; yields the events of each once it is applied.

        While one group is applied the next is made; `gather` is told when the one was read, by the monotonic clock, and how many events
        it has, and returns when the next may be read. Raises what the store raises; what was not applied still waits.
        """
        # Not where this drain left off: a commit that failed may have been made, and the day may have been made anew.
        position = self._position = self._store.position()
        under_way: Future[int] | None = None
        try:
            while True:
                read_s = time.monotonic()
                blocks = self._journal.read_packed(position, self._limits.drain_group_bytes)
                made = self._maker.make(blocks, self._rulebook()) if blocks else None
                if under_way is not None:
                    yield under_way.result()
                if made is None:
                    return
                position = (blocks[-1].day, blocks[-1].number)
                events = sum(block.events for block in blocks)
                under_way = self._applier.submit(self._apply, made, position, events)
                gather(read_s, events)
        finally:
            wait([under_way] if under_way is not None else [])

    def _apply(self, made: Made, position: tuple[int, int], events: int) -> int:
        group = Group(made.lines, position, made.counted, made.replays, made.files)
        apply(self._store, group)
        self._position = position
        self.drained_events += events
        self._on_stored(made.monitors)
        return events

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Inside, nothing is read, made or applied; what was read before is applied. The door goes on."""
        self._may_work.clear()
        try:
            with self._under_way:
                yield
        finally:
            self._may_work.set()

    # ── The thread ────────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Begin to drain whenever there is something."""
        self._thread.start()

    def wake(self) -> None:
        """Something was committed. Any thread may say so."""
        self._wake.set()

    def close(self) -> None:
        """End after the group that is under way. What waits is drained after the next start."""
        self._closing.set()
        self._wake.set()
        self._thread.join()
        self._applier.shutdown()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._work()
            except Exception as error:  # noqa: BLE001 - the thread must outlive every trouble of disk and engine
                self._complain(error)
                self._closing.wait(RETRY_S)
            else:
                self._wake.wait()
                self._wake.clear()  # here, where what it was set for is still looked at: more events, or the end
                self._give_way()

    def _work(self) -> None:
        """Until nothing waits, or the drain is to end."""
        while not self._closing.is_set():
            self._may_work.wait()
            with self._under_way:
                if self._work_on():
                    return

    def _work_on(self) -> bool:
        """Until nothing waits, or somebody wants the drain to stop. Whether nothing waits."""
        looked_s = time.monotonic()
        for _ in self.drain_waiting(self._gather):
            self.healthy = True
            if self._closing.is_set() or not self._may_work.is_set():
                return False
            if time.monotonic() - looked_s > LOOK_EVERY_S:
                self._give_way()
                looked_s = time.monotonic()
        self.healthy = True
        return True

    def _gather(self, read_s: float, events: int) -> None:
        """Wait until the next group has gathered, unless the drain is to end, or to stop."""
        if events not in GATHERING:
            return
        while (left_s := read_s + GATHER_S - time.monotonic()) > 0 and self._may_work.is_set():
            if self._closing.wait(min(left_s, LINGER_S)):
                return

    def _give_way(self) -> None:
        """Let a group gather; and let a crowded door go first: in a burst, acknowledging is what cannot wait.

        The door is watched while the drain itself does as little as it can, so that what is seen is not its own doing.
        """
        patience_ends = time.monotonic() + GIVE_WAY_S_MAX
        while not self._closing.is_set():
            commits, requests = self._commits()
            self._closing.wait(LINGER_S)
            later_commits, later_requests = self._commits()
            crowded = later_requests - requests >= CROWD * max(1, later_commits - commits)
            if not crowded or time.monotonic() > patience_ends:
                return

    def _complain(self, error: Exception) -> None:
        if self.healthy:
            expected = isinstance(error, StoreUnavailable)
            _log.error("the drain is stuck; it tries again", error=str(error), exc_info=None if expected else error)
        self.healthy = False


def apply(store: Store, group: Group) -> None:
    """Apply a group; rows that the engine cannot take are counted as poison and cost nobody else."""
    try:
        store.apply(group)
    except RowsRefused as error:
        store.apply(_without_poison(store, group, error))
    finally:
        for file in group.files:  # what is forgotten must not lie on there
            file.unlink(missing_ok=True)


def _without_poison(store: Store, group: Group, error: RowsRefused) -> Group:
    """The same rows, those that the engine cannot take reduced to what the ledger needs. Their replays do not stay either."""
    lines = (bytes(group.lines) + b"".join(file.read_bytes() for file in group.files)).splitlines()
    for index in store.refused(lines):
        lines[index] = poisoned(lines[index])
        _log.error("event quarantined as poison", row=lines[index].decode(), error=str(error))
    return replace(group, lines=b"\n".join(lines) + b"\n", files=())
