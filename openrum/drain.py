"""The second spine, journal → enrich → store: what was made durable becomes what questions are asked of.

One thread reads behind the store's own position and makes rows; beside it another hands the rows of the group before,
with their position, to the store, which works off the interpreter lock. Rows and position go together, so that a crash
anywhere repeats work and never doubles an event. What cannot be enriched, stored or read back is counted and left behind; it never
blocks what stands after it. The thread knows nothing of HTTP or the control database: rules are handed in.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import msgspec
import structlog

from openrum.enrich.pipeline import enrich
from openrum.enrich.row import to_row
from openrum.enrich.rules import Rules
from openrum.events import JournalRecord, Position, Received, Refusals, Row
from openrum.journal import Block
from openrum.limits import Limits
from openrum.outcomes import RECEIVED, Outcome, Reason
from openrum.store import HOUR_MS, Group, LedgerKey, RowsRefused, Store, StoreUnavailable

_log = structlog.get_logger()
_RECORD: msgspec.msgpack.Decoder[JournalRecord] = msgspec.msgpack.Decoder(JournalRecord)

LINGER_S = 0.05
"""How long a group gathers after it is woken: small enough to be fresh, long enough that a commit is worth its price."""

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

    def read(self, after: tuple[int, int] | None, bytes_max: int) -> list[Block]:
        """Whole blocks behind a position."""

    def events_after(self, after: tuple[int, int] | None) -> int:
        """How many events stand behind a position."""


class Drain:
    """Drains one journal into one store."""

    def __init__(
        self,
        journal: Journal,
        store: Store,
        *,
        rules: Callable[[str], Rules],
        limits: Limits,
        on_stored: Callable[[set[str]], None] = lambda _: None,
        commits: Callable[[], tuple[int, int]] = lambda: (0, 0),
    ) -> None:
        """`rules` tells the rules of a monitor at this moment; `on_stored` is told of monitors that events came for.

        `commits` tells how many the journal has made so far, and how many requests shared them.
        """
        self._journal = journal
        self._store = store
        self._rules = rules
        self._limits = limits
        self._on_stored = on_stored
        self._commits = commits
        self._position = store.position()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)
        self.healthy = True
        self.backlog_at_start = journal.events_after(self._position)
        self.drained_events = 0

    def drain_waiting(self) -> Iterator[int]:
        """Drain what waits, group by group; yields the events of each once it is applied.

        While one group is applied the next is made. Raises what the store raises; what was not applied still waits.
        """
        position = self._position
        under_way: Future[int] | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="apply") as applier:
            while True:
                blocks = self._journal.read(position, self._limits.drain_group_bytes)
                group = self._make_group(blocks) if blocks else None
                if under_way is not None:
                    yield under_way.result()
                if group is None:
                    return
                position = group.position
                under_way = applier.submit(self._apply, group, sum(block.events for block in blocks))

    def _make_group(self, blocks: list[Block]) -> Group:
        rows: list[Row] = []
        counted: Counter[LedgerKey] = Counter()
        for block in blocks:
            self._gather(block, rows, counted)
        return Group(rows, (blocks[-1].day, blocks[-1].number), counted)

    def _apply(self, group: Group, events: int) -> int:
        with self._writing:
            try:
                self._store.apply(group)
            except RowsRefused as error:
                self._store.apply(replace(group, rows=self._without_poison(group.rows, error)))
        self._position = group.position
        self.drained_events += events
        self._on_stored({row.monitor for row in group.rows})
        return events

    # ── The thread ────────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Begin to drain whenever there is something."""
        self._thread.start()

    def trim(self, before_ms: int) -> int:
        """Delete rows whose time is before. Between two groups: the store has one writer."""
        with self._writing:
            return self._store.trim(before_ms)

    def purge(self, monitors: Collection[str]) -> int:
        """Delete all rows of deleted monitors; likewise between two groups."""
        with self._writing:
            return self._store.purge(monitors)

    def wake(self) -> None:
        """Something was committed. Any thread may say so."""
        self._wake.set()

    def close(self) -> None:
        """End after the group that is under way. What waits is drained after the next start."""
        self._closing.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            try:
                self._work()
            except Exception as error:  # noqa: BLE001 - the thread must outlive every trouble of disk and engine
                self._complain(error)
                self._closing.wait(RETRY_S)
            else:
                self._wake.wait()
                self._give_way()

    def _work(self) -> None:
        """Until nothing waits, or the drain is to end."""
        looked_s = time.monotonic()
        for _ in self.drain_waiting():
            self.healthy = True
            if self._closing.is_set():
                return
            if time.monotonic() - looked_s > LOOK_EVERY_S:
                self._give_way()
                looked_s = time.monotonic()
        self.healthy = True

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

    # ── One block ─────────────────────────────────────────────────────────────────────────────────────────────

    def _gather(self, block: Block, rows: list[Row], counted: Counter[LedgerKey]) -> None:
        """Add the block's rows, and what no row stands for."""
        if block.damaged:
            _log.error(
                "journal block skipped", day=block.day, block=block.number, events=block.events, why=block.damaged
            )
            self._count_lost(counted, "", _noon(block.day), block.events)
        for index, record in enumerate(block.records):
            position = Position(block.day, block.number, index)
            decoded = _decode(record)
            if isinstance(decoded, Received):
                self._gather_received(decoded, position, rows, counted)
            elif isinstance(decoded, Refusals):
                for monitor, reason, requests in decoded.counts:
                    counted[monitor, _hour(decoded.counted_ms), Outcome.REFUSED, reason] += requests
            else:
                _log.error("journal record skipped", position=list(position))

    def _gather_received(
        self, received: Received, position: Position, rows: list[Row], counted: Counter[LedgerKey]
    ) -> None:
        hour = _hour(received.received_ms)
        try:
            rows.extend(to_row(event) for event in enrich(received, position, self._rules(received.monitor)))
        except Exception as error:  # noqa: BLE001 - a defect of ours must cost this request alone, and be counted
            _log.error("request quarantined as poison", position=list(position), exc_info=error)
            self._count_lost(counted, received.monitor, hour, received.events)
        else:
            counted[received.monitor, hour, RECEIVED, Reason.NONE] += received.events

    def _without_poison(self, rows: Sequence[Row], error: RowsRefused) -> list[Row]:
        """The same rows, those that the engine cannot take reduced to what the ledger needs."""
        refused = set(self._store.refused(rows))
        for index in sorted(refused):
            row = rows[index]
            _log.error(
                "event quarantined as poison",
                position=[row.day, row.block, row.record, row.index],
                error=str(error),
            )
        return [_poison(row) if index in refused else row for index, row in enumerate(rows)]

    @staticmethod
    def _count_lost(counted: Counter[LedgerKey], monitor: str, hour: int, events: int) -> None:
        """Acknowledged, and not to be read back: the identity must show it."""
        counted[monitor, hour, RECEIVED, Reason.NONE] += events
        counted[monitor, hour, Outcome.QUARANTINED, Reason.POISON] += events


def count_received(records: Iterable[bytes]) -> Counter[tuple[str, int]]:
    """(monitor, hour) → events that the door counted, over some journal records."""
    received: Counter[tuple[str, int]] = Counter()
    for record in records:
        decoded = _decode(record)
        if isinstance(decoded, Received):
            received[decoded.monitor, _hour(decoded.received_ms)] += decoded.events
    return received


def _decode(record: bytes) -> Received | Refusals | None:
    try:
        return _RECORD.decode(record)
    except msgspec.DecodeError:
        return None


def _poison(row: Row) -> Row:
    return Row(
        monitor=row.monitor,
        id=row.id,
        time=row.received,
        received=row.received,
        type="",
        day=row.day,
        block=row.block,
        record=row.record,
        index=row.index,
        outcome=Outcome.QUARANTINED,
        reason=Reason.POISON,
    )


def _hour(epoch_ms: int) -> int:
    return epoch_ms // HOUR_MS * HOUR_MS


def _noon(day: int) -> int:
    return (day * 24 + 12) * HOUR_MS
