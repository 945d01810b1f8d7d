"""Who answers: serve asks questions; query and the store answer them, so many at once, on a small pool of threads.

An answer is found once for all who ask the same while it is being found, and kept until the store changes in the range that
it was read from. Whoever goes away before the answer comes leaves the queue; where nobody is left, the engine is interrupted.
The loop itself never waits for the store.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from openrum.events import RumEvent
from openrum.limits import Limits
from openrum.query.question import Question
from openrum.query.run import Answer, run
from openrum.readback import EventPosition, ReadBack
from openrum.serve.ports import Finding, LedgerEntry, Position
from openrum.store import Answer as SqlAnswer
from openrum.store import Dialect, Halt, QueryTimeout, Reads, State, Store
from openrum.turns import Turns

T = TypeVar("T")

_ALWAYS = (-(2**63), 2**63 - 1)
_ENTRY_BYTES = 512  # of an answer that is kept, beside the answer
_SHARE_MAX = 4  # no answer takes more than a quarter of what is kept


class Reading:
    """The store as one question reads it: until its time is over, until nobody waits for it; and what it read."""

    def __init__(self, store: Store, halt: Halt, timeout_s: float) -> None:
        self._store = store
        self._halt = halt
        self._timeout_s = timeout_s
        self._ends_s = time.monotonic() + timeout_s
        self._from_ms, self._to_ms = _ALWAYS[1], _ALWAYS[0]
        self.dialect: Dialect = store.dialect
        self.folds = store.folds

    def run(
        self, sql: str, parameters: Mapping[str, Any], *, timeout_s: float, rows_max: int, reads: Reads | None = None
    ) -> SqlAnswer:
        """One statement of the question."""
        from_ms, to_ms = (reads.from_ms, reads.to_ms) if reads is not None else _ALWAYS
        self._from_ms, self._to_ms = min(self._from_ms, from_ms), max(self._to_ms, to_ms)
        left_s = min(timeout_s, self._ends_s - time.monotonic())
        if left_s <= 0:
            raise QueryTimeout(f"the question took longer than {self._timeout_s:g} seconds; ask for a shorter range")
        return self._store.run(sql, parameters, timeout_s=left_s, rows_max=rows_max, reads=reads, halt=self._halt)

    def rows_in(self, monitor: str, from_ms: int, to_ms: int, *, timeout_s: float) -> int:
        """A count beside the statements."""
        self._from_ms, self._to_ms = min(self._from_ms, from_ms), max(self._to_ms, to_ms)
        return self._store.rows_in(monitor, from_ms, to_ms, timeout_s=timeout_s)

    @property
    def span(self) -> tuple[int, int]:
        """The range of time that all its statements read."""
        return self._from_ms, self._to_ms


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: bytes
    span: tuple[int, int]
    state: Hashable  # of the store in that span


class KeptAnswers:
    """The answers that were asked for last, up to so many bytes."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: bytes, now: State) -> bytes | None:
        """The answer, where nothing has changed since."""
        found = self._kept.get(key)
        if found is None or found.state != now(*found.span):
            return None
        self._kept.move_to_end(key)
        return found.answer

    def keep(self, key: bytes, answer: bytes, span: tuple[int, int], before: State) -> None:
        """Keep an answer. `before` is the store before the answer was read, so that it cannot be older than that."""
        self._drop(key)
        if _size(answer) * _SHARE_MAX > self._bytes_max:
            return
        self._kept[key] = _Kept(answer, span, before(*span))
        self.bytes += _size(answer)
        while self.bytes > self._bytes_max:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: bytes) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.bytes -= _size(gone.answer)


def _size(answer: bytes) -> int:
    return len(answer) + _ENTRY_BYTES


@dataclass(slots=True, eq=False)
class _Flight:
    """One answer on its way, for all who wait for it."""

    halt: Halt = field(default_factory=Halt)
    before: State | None = None  # of the store when it began to read; None while it waits for its turn
    askers: int = 0
    task: asyncio.Task[bytes] = field(init=False)

    def serves(self, now: State) -> bool:
        """Whether it answers who asks now: it has yet to read, or reads what is there now."""
        return not self.halt.given and (self.before is None or self.before(*_ALWAYS) == now(*_ALWAYS))

    def leave(self) -> None:
        """One goes away. The last one ends it."""
        self.askers -= 1
        if self.askers or self.task.done():
            return
        self.halt.give()
        if self.before is None:
            self.task.cancel()  # it waits for its turn


@dataclass(slots=True)
class Tally:
    """What became of questions since the start."""

    found: int = 0  # asked of the store
    shared: int = 0  # found for somebody else in the same moment
    kept: int = 0  # found before
    halted: int = 0  # nobody waited any more
    failed: int = 0  # timeouts among them
    took_s: float = 0.0  # of those that were asked of the store


class StoreAnswers:
    """Answers from one store."""

    def __init__(
        self,
        store: Store,
        readback: ReadBack,
        limits: Limits,
        pool: Executor,
        pending: Callable[[], int],
        *,
        at_once: int,
    ) -> None:
        """`pool` has a thread for each of the questions that are answered at once."""
        self._store = store
        self._readback = readback
        self._limits = limits
        self._pool = pool
        self._flights: dict[bytes, _Flight] = {}
        self._under_way: set[_Flight] = set()
        self._halts: set[Halt] = set()
        waiting_max, wait_s = limits.query_waiting, limits.query_wait_s
        self.turns = Turns(at_once, waiting_max=waiting_max, wait_s=wait_s)
        # Half of the turns at most are for SQL, which may take as long as it likes: the console goes on.
        self.sql_turns = Turns(max(1, at_once // 2), waiting_max=waiting_max, wait_s=wait_s)
        self.kept = KeptAnswers(limits.query_cache_bytes)
        self.tally = Tally()
        self.pending_events = pending

    async def tell(self, finding: Finding) -> bytes:
        """What a question finds. Raises what it raises, and Throttled."""
        now = self._store.state()
        kept = self.kept.get(finding.key, now)
        if kept is not None:
            self.tally.kept += 1
            return kept
        flight = self._flights.get(finding.key)
        if flight is None or not flight.serves(now):
            flight = self._begin(finding)
        else:
            self.tally.shared += 1
        flight.askers += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.leave()

    async def ask(self, question: Question) -> Answer:
        """Answer one question, in its turn."""
        return await self._in_turn(lambda: run(question, self._store, self._limits))

    async def ask_aside(self, question: Question) -> Answer:
        """Answer one question that costs next to nothing, whoever waits: OpenRUM's own, of itself."""
        return await asyncio.to_thread(run, question, self._store, self._limits)

    async def ask_sql(self, sql: str, show: Callable[[SqlAnswer], T]) -> T:
        """Answer a user's SQL; `show` is called in its thread."""
        halt = Halt()

        def answer() -> T:
            limits = self._limits
            return show(self._store.run_user_sql(sql, timeout_s=limits.query_s, rows_max=limits.query_rows, halt=halt))

        async with self.sql_turns.turn():
            return await self._in_turn(answer, halt)

    async def ledger(self, monitor_id: str, from_ms: int, to_ms: int) -> Sequence[LedgerEntry]:
        """What became of the events received in a range."""
        return await self._in_turn(lambda: self._store.ledger(monitor_id, from_ms, to_ms))

    async def sent(self, position: Position) -> RumEvent | None:
        """An event as it was sent."""
        return await self._in_turn(lambda: self._readback.sent(EventPosition(*position)))

    def raw_forms(self, positions: Sequence[Position], monitor_name: str) -> dict[Position, msgspec.Raw]:
        """The raw forms of events by their positions, as JSON; those that the journal has, up to an answer's bound. Blocks."""
        found: dict[Position, msgspec.Raw] = {}
        size = 0
        for line in self._readback.lines((EventPosition(*each) for each in sorted(positions)), monitor_name):
            day, block, record, index, raw = msgspec.json.decode(line)
            if raw is None:
                continue
            size += len(raw)
            if size > self._limits.query_answer_bytes:
                break
            found[day, block, record, index] = msgspec.Raw(raw.encode())
        return found

    def forget_kept(self) -> None:
        """Keep nothing of what was found so far. Any thread may say so."""
        self.kept = KeptAnswers(self._limits.query_cache_bytes)

    def close(self) -> None:
        """Interrupt what is under way: nobody will hear the answers."""
        for halt in [*self._halts, *(flight.halt for flight in self._under_way)]:
            halt.give()

    def _begin(self, finding: Finding) -> _Flight:
        flight = _Flight()
        flight.task = asyncio.create_task(self._find(finding, flight), name="find an answer")
        self._flights[finding.key] = flight
        self._under_way.add(flight)
        flight.task.add_done_callback(lambda task: self._end(finding.key, flight, task))
        return flight

    async def _find(self, finding: Finding, flight: _Flight) -> bytes:
        async with self.turns.turn():
            flight.before = before = self._store.state()
            begin_s = time.monotonic()
            reading = Reading(self._store, flight.halt, self._limits.query_s)
            answer = await self._in_thread(lambda: finding.find(reading))
            self.tally.took_s += time.monotonic() - begin_s
        self.tally.found += 1
        if finding.keep and before(*reading.span) == self._store.state()(*reading.span):
            self.kept.keep(finding.key, answer, reading.span, before)
        return answer

    def _end(self, key: bytes, flight: _Flight, task: asyncio.Task[bytes]) -> None:
        self._under_way.discard(flight)
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.halt.given:
            self.tally.halted += 1
            if not task.cancelled():
                task.exception()  # nobody is there to hear it
        elif task.exception() is not None:
            self.tally.failed += 1

    async def _in_turn(self, answer: Callable[[], T], halt: Halt | None = None) -> T:
        """Ask in a turn; who goes away leaves the queue, or gives the halt and keeps the turn until the engine has ended."""
        async with self.turns.turn():
            work = asyncio.ensure_future(self._in_thread(answer))
            if halt is not None:
                self._halts.add(halt)
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                if halt is not None:
                    halt.give()
                await asyncio.wait([work])
                if not work.cancelled():
                    work.exception()
                raise
            finally:
                if halt is not None:
                    self._halts.discard(halt)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
