"""What is done in the background, hour by hour: retention, the disk budget, what was deleted, days made anew, days settled.

Stands between the journal and the store as the drain does. Each task is a step that a kill may cut short: what it left
undone it finds again. Clocks and settings are handed in; nothing here runs on the loop.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import msgspec
import structlog

from openrum.days import DAY_MS, day_name
from openrum.drain import Drain, Making, apply
from openrum.enrich.rules import Rulebook
from openrum.events import Forgotten, Received
from openrum.journal import JournalReader, JournalRewriter
from openrum.limits import Limits
from openrum.make_rows import decode
from openrum.outcomes import Reason
from openrum.store import DuckDBStore, Group, Leaving

_log = structlog.get_logger()
_SETTLE_AFTER_MS = 2 * 3_600_000
"""After a day's end: by then what browsers send late has come, and duplicates of it are found among the newest rows."""
_CLOCK_DRIFT_MS = 3_600_000
_BUDGET_WARNS = 0.9
_MINUTE_S = 60.0
_LEARN_MINUTES = 10
_HOUR_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days of receipt are kept, of the days that have begun."""

    rows_days: int
    journal_days: int
    replay_days: int


@dataclass(slots=True)
class Budget:
    """How much of the disk may be taken; 0 is no bound. `problem` is said by /readyz."""

    bytes_max: int = 0
    problem: str | None = None


@dataclass(slots=True)
class Clock:
    """The wall clock, held against one that never jumps: nothing is deleted because of a clock gone wrong."""

    wall_ms: Callable[[], int]
    steady_ms: Callable[[], int]
    _offset_ms: int = field(init=False)

    def __post_init__(self) -> None:
        self._offset_ms = self.wall_ms() - self.steady_ms()

    def agreed_ms(self) -> int | None:
        """The wall clock's time; None where it jumped since the start."""
        wall_ms = self.wall_ms()
        if abs(wall_ms - self.steady_ms() - self._offset_ms) > _CLOCK_DRIFT_MS:
            _log.error("the clock jumped: nothing is trimmed until the next start")
            return None
        return wall_ms


class Rewrites:
    """Rewrites days of the store, one at a time, beside a drain that may not run."""

    def __init__(self, store: DuckDBStore, drain: Drain) -> None:
        self._store = store
        self._drain = drain
        self._one_at_a_time = threading.RLock()

    def rewrite(self, day: int, leaving: Leaving) -> int:
        """Rewrite a day, with the drain stopped where it may still write to it. Returns the rows that left."""
        with self._one_at_a_time:
            if day < max(self._store.days()):
                return self._store.rewrite(day, leaving)
            with self._drain.stopped():
                return self._store.rewrite(day, leaving)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, nobody else writes to the store: what was read of the journal before is in it, and nothing is read."""
        with self._one_at_a_time, self._drain.stopped():
            yield


class Keeper(Rewrites):
    """The tasks. One at a time, in a thread of its own."""

    def __init__(
        self,
        *,
        purge_due: Callable[[], frozenset[str]],
        learn: Callable[[], None],
        journal: JournalReader,
        rewriter: JournalRewriter,
        store: DuckDBStore,
        drain: Drain,
        maker: Making,
        rulebook: Callable[[], Rulebook],
        clock: Clock,
        retention: Retention,
        budget: Budget,
        limits: Limits,
    ) -> None:
        """`purge_due` says whose events are to go, deleted monitors that is; `learn` learns routes from the rows."""
        super().__init__(store, drain)
        self._purge_due = purge_due
        self._learn = learn
        self._journal = journal
        self._rewriter = rewriter
        self._maker = maker
        self._rulebook = rulebook
        self._clock = clock
        self.retention = retention
        self._limits = limits
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self.budget = budget
        self.days_to_renew = 0

    def start(self) -> None:
        """Begin: the day that the drain writes to first, then the drain, then all else."""
        self._thread.start()

    def close(self) -> None:
        """End after the step that is under way."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        """Nothing is trimmed at the start, when a clock may still be wrong."""
        self._try(self.renew_newest)
        self._drain.start()
        self._drain.wake()
        for task in (self.renew, self.gather):
            self._try(task)
        minutes = 0
        while not self._closing.wait(_MINUTE_S):
            minutes += 1
            self._try(self.keep_budget)
            if minutes % _LEARN_MINUTES == 0:
                self._try(self._learn)
            if minutes % _HOUR_MINUTES == 0:
                for task in (self.trim, self.purge, self.settle, self.renew):
                    self._try(task)
            self._try(self.gather)

    def _try(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - it is tried again in its time
            _log.error("upkeep failed", task=task.__name__, error=str(error), exc_info=error)

    # ── Retention ─────────────────────────────────────────────────────────────────────────────────────────────

    def trim(self) -> None:
        """Whole days of receipt, then what is past the retention of its monitor or kind."""
        now_ms = self._clock.agreed_ms()
        if now_ms is None:
            return
        today = now_ms // DAY_MS
        with self._one_at_a_time:
            journal_days = self._journal.trim(today - self.retention.journal_days)
            past = [day for day in self._store.days() if day < today - self.retention.rows_days]
            store_days = self._store.remove(past)
            if journal_days or store_days:
                _log.info("retention", journal_days=len(journal_days), store_days=len(store_days))
            self._trim_monitors(today)

    def _trim_monitors(self, today: int) -> None:
        book = self._rulebook()
        for day in [day for day in self._store.days() if day < today]:
            beyond = self._beyond_replays(day, today, book)
            leaving = Leaving(
                Reason.PAST_RETENTION,
                monitors=[monitor for monitor, wishes in book.named.items() if wishes.keep_after_ms > day * DAY_MS],
                replays_of=beyond,
            )
            if self._closing.is_set() or not self._store.holds(day, leaving):
                continue
            gone = frozenset(leaving.monitors)
            if gone and day in self._journal.days():
                self._rewriter.rewrite_day(day, partial(_expired, monitors=gone))
            rows = self.rewrite(day, leaving)
            self._compact(day)
            _log.info("retention of a monitor", day=day_name(day), rows=rows)

    def _compact(self, day: int) -> None:
        """Give the journal's free pages back, unless the day is still written to."""
        if day in self._journal.days()[:-1]:
            self._rewriter.compact_day(day)

    def _beyond_replays(self, day: int, today: int, book: Rulebook) -> list[str]:
        """Monitors whose replays of that day are past their retention, by their own rule or that of all."""
        everybody = day < today - self.retention.replay_days
        return [
            monitor
            for monitor in self._store.monitors_with_replays(day)
            if everybody or book.of(monitor).keep_replays_after_ms > day * DAY_MS
        ]

    def purge(self) -> None:
        """Rows of deleted monitors, out of every day. All that were ever purged, so that a kill costs nothing."""
        monitors = self._purge_due()
        leaving = Leaving(Reason.MONITOR_DELETED, monitors=sorted(monitors))
        for day in self._store.days():
            if monitors and not self._closing.is_set():
                self._rewrite_if_touched(day, leaving)

    def _rewrite_if_touched(self, day: int, leaving: Leaving) -> int:
        with self._one_at_a_time:
            if not self._store.holds(day, leaving):
                return 0
            return self.rewrite(day, leaving)

    # ── The disk ──────────────────────────────────────────────────────────────────────────────────────────────

    def keep_budget(self) -> None:
        """Warn when little of the budget is left; beyond it, let the oldest day go. The ledger keeps its counts."""
        budget = self.budget
        if not budget.bytes_max:
            return
        with self._one_at_a_time:
            while (taken := self._taken()) > budget.bytes_max and not self._closing.is_set():
                oldest = self._oldest_full_day()
                if oldest is None:
                    budget.problem = (
                        f"the disk budget is used up by today alone: {taken:,} of {budget.bytes_max:,} bytes"
                    )
                    return
                self._journal.trim(oldest + 1)
                rows = self._store.rewrite(oldest, Leaving(Reason.DISK_BUDGET, everything=True), settled=True)
                _log.warning("the disk budget is used up: the oldest day went", day=day_name(oldest), rows=rows)
        share = taken / budget.bytes_max
        budget.problem = f"{share:.0%} of the disk budget is used" if share > _BUDGET_WARNS else None

    def _taken(self) -> int:
        return self._journal.size_bytes() + self._store.size_bytes()

    def _oldest_full_day(self) -> int | None:
        """The oldest day that still takes room, but for the one that is being written, or still waits for the drain."""
        days, position = self._store.days(), self._store.position()
        drained = position[0] if position else 0
        in_journal = set(self._journal.days())
        full = [day for day, file in days.items() if day < drained and (file.first_ms is not None or day in in_journal)]
        return min(full, default=None)

    # ── Days that are over, and days that are lost ────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """Give the rows of a day that is over their last order, and the journal's free pages back."""
        now_ms = self._clock.wall_ms()
        position = self._store.position()
        for day, file in self._store.days().items():
            over = (day + 1) * DAY_MS + _SETTLE_AFTER_MS < now_ms and position is not None and day < position[0]
            if over and not (file.settled and file.wholly_folded) and not file.outdated and not self._closing.is_set():
                with self._one_at_a_time:
                    self._store.rewrite(day, settled=True)
                    self._compact(day)
                _log.info("a day is settled", day=day_name(day))

    def gather(self) -> None:
        """Have settled days at hand."""
        self._store.gather(self._closing.is_set)

    def renew(self) -> None:
        """Make days anew from the journal that are of an older form, or lost. Questions go on with what is there."""
        waiting = list(self._to_renew())
        for number, day in enumerate(waiting):
            self.days_to_renew = len(waiting) - number
            if self._closing.is_set():
                return
            _log.info("a day of the store is made anew", day=day_name(day), further=len(waiting) - number - 1)
            with self._one_at_a_time:
                self._renew(day)
        self.days_to_renew = 0

    def _to_renew(self) -> Iterator[int]:
        days, position = self._store.days(), self._store.position()
        first = self._clock.wall_ms() // DAY_MS - self.retention.rows_days
        for day in self._journal.days():
            there = days.get(day)
            # A day before may be gone by retention, where the journal is kept for longer.
            to_make = there.outdated if there else day >= first
            if position is not None and day < position[0] and to_make:
                yield day

    def renew_newest(self) -> None:
        """Before the drain begins: the day that it writes to must be of this form."""
        with self._one_at_a_time:
            days, position = self._store.days(), self._store.position()
            if position is None or not days[position[0]].outdated:
                return
            if position[0] in self._journal.days():
                self._renew(position[0])
            else:
                self._store.rewrite(position[0])  # what it was made of is gone; it has all columns then

    def _renew(self, day: int) -> None:
        self._store.begin_anew(day)
        at: tuple[int, int] = (day, 0)
        while not self._closing.is_set():
            blocks = self._journal.read_packed(at, self._limits.drain_group_bytes)
            if not blocks or blocks[0].day != day:
                self._store.reveal(day)
                return
            made = self._maker.make(blocks, self._rulebook())
            at = (day, blocks[-1].number)
            group = Group(made.lines, at, made.counted, made.replays, made.files, anew=True)
            apply(self._store, group)


def _expired(record: bytes, monitors: frozenset[str]) -> bytes | None:
    """A request of a monitor whose retention is over becomes its count."""
    decoded = decode(record)
    if not isinstance(decoded, Received) or decoded.monitor not in monitors:
        return None
    return counted_only(decoded, Reason.PAST_RETENTION)


def counted_only(received: Received, reason: Reason) -> bytes:
    """What stands in the place of a request that must not be kept."""
    return msgspec.msgpack.encode(Forgotten(received.monitor, received.received_ms, received.events, reason))
