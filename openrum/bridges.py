"""Where one room's question meets another room's answer: small adapters, joined by `app` and by nobody else.

Each fits a Protocol that the asking room declares, and does nothing but ask on, off the loop where that may block.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

from openrum.control.keys import AccessKey
from openrum.control.monitors import Monitor
from openrum.control.snapshot import Snapshot
from openrum.drain import Drain
from openrum.enrich.rules import Rules
from openrum.journal import Journal, JournalReader
from openrum.limits import Limits
from openrum.outcomes import RECEIVED
from openrum.query.events_page import Place, events_page
from openrum.query.question import Filter, Order, Question
from openrum.query.run import Answer, run
from openrum.readback import EventPosition, ReadBack
from openrum.receive.refusals import RefusalTally
from openrum.serve.health import Metric, Readiness, Sample
from openrum.serve.ports import LedgerEntry
from openrum.store import Answer as SqlAnswer
from openrum.store import Store

T = TypeVar("T")
_DAY_MS = 86_400_000


class MonitorDirectory:
    """serve asks for monitors and keys; control's snapshot knows them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    async def monitor(self, name_or_id: str) -> Monitor | None:
        """By name, else by id; looked up once more where memory has none."""
        found = self._known(name_or_id)
        if found is None:
            await self._snapshot.look_again()
            found = self._known(name_or_id)
        return found

    async def key(self, access_key_id: str) -> AccessKey | None:
        """By id; looked up once more where memory has none."""
        found = self._snapshot.key(access_key_id)
        if found is None:
            await self._snapshot.look_again()
        return found or self._snapshot.key(access_key_id)

    def _known(self, name_or_id: str) -> Monitor | None:
        by_name = self._snapshot.monitors_by_name.get(name_or_id)
        return by_name or self._snapshot.monitors_by_id.get(name_or_id.lower())


class StoreAnswers:
    """serve asks questions; query and the store answer them, on a small pool of threads."""

    def __init__(self, store: Store, limits: Limits, pool: Executor, pending: Callable[[], int]) -> None:
        self._store = store
        self._limits = limits
        self._pool = pool
        self.pending_events = pending

    async def ask(self, question: Question) -> Answer:
        """Answer a question."""
        return await self._off_the_loop(run, question, self._store, self._limits)

    async def ask_sql(self, sql: str) -> SqlAnswer:
        """Answer a user's SQL."""
        return await self._off_the_loop(self._run_user_sql, sql)

    async def ledger(self, monitor_id: str, from_ms: int, to_ms: int) -> Sequence[LedgerEntry]:
        """What became of the events received in a range."""
        return await self._off_the_loop(self._store.ledger, monitor_id, from_ms, to_ms)

    def _run_user_sql(self, sql: str) -> SqlAnswer:
        return self._store.run_user_sql(sql, timeout_s=self._limits.query_s, rows_max=self._limits.query_rows)

    async def _off_the_loop(self, ask: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, ask, *arguments)


class LiveSession:
    """The demo shop asks what OpenRUM has of a visitor's session."""

    def __init__(self, answers: StoreAnswers, monitor_id: str, now_ms: Callable[[], int]) -> None:
        self._answers = answers
        self._monitor_id = monitor_id
        self._now_ms = now_ms

    async def counts(self, session: str) -> list[list[object]]:
        """Rows of type and number of events, of the last day."""
        now_ms = self._now_ms()
        question = Question(
            monitor=self._monitor_id,
            from_ms=now_ms - _DAY_MS,
            to_ms=now_ms + _DAY_MS,
            measures=("events",),
            by=("type",),
            where=(Filter("session", "is", (session,)),),
            order=(Order("events", descending=True),),
        )
        return (await self._answers.ask(question)).rows


class RawEvents:
    """control's GetAppMonitorData asks for raw events; the store knows where they stand, the journal has them."""

    def __init__(self, store: Store, journal: JournalReader, limits: Limits) -> None:
        self._store = store
        self._read_back = ReadBack(journal.fetch, limits)
        self._limits = limits

    def read(
        self,
        monitor_id: str,
        monitor_name: str,
        after_ms: int,
        before_ms: int,
        filters: list[tuple[str, list[str]]],
        max_results: int,
        cursor: Any,
    ) -> tuple[list[str], Place | None]:
        """One page, oldest first."""
        page = events_page(
            self._store,
            self._limits,
            monitor=monitor_id,
            after_ms=after_ms,
            before_ms=before_ms,
            filters=filters,
            size=max_results,
            behind=(cursor[0], cursor[1], cursor[2], cursor[3], cursor[4]) if cursor is not None else None,
        )
        positions = [EventPosition(*place[1:]) for place in page.places]
        return self._read_back.events(positions, monitor_name), page.further


class MonitorRules:
    """The drain asks for the rules of a monitor; the snapshot knows its settings, of the deleted too."""

    def __init__(self, snapshot: Snapshot, limits: Limits, retention_ms: int) -> None:
        self._snapshot = snapshot
        self._without = Rules(limits, retention_ms, custom_events=False)
        self._with = Rules(limits, retention_ms, custom_events=True)
        self._purged = Rules(limits, retention_ms, deleted=True)

    def __call__(self, monitor_id: str) -> Rules:
        """The rules of this moment."""
        if monitor_id in self._snapshot.custom_events_ids:
            return self._with
        return self._purged if monitor_id in self._snapshot.purged_ids else self._without


class SelfReport:
    """How OpenRUM itself is, for /readyz and /metrics."""

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        store: Store,
        drain: Drain,
        snapshot: Snapshot,
        refusals: RefusalTally,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._store = store
        self._drain = drain
        self._snapshot = snapshot
        self._refusals = refusals

    def pending_events(self) -> int:
        """Acknowledged events that questions do not see yet."""
        return max(0, self._drain.backlog_at_start + self._journal.committed_events - self._drain.drained_events)

    def readiness(self) -> Readiness:
        """What is degraded, in words."""
        problems = {
            "the journal cannot be written": not self._journal.healthy,
            "the store cannot be written; answers fall behind": not self._drain.healthy,
            "the control database is away; working from what is known": not self._snapshot.healthy,
        }
        said = [problem for problem, holds in problems.items() if holds]
        return Readiness(durable=self._journal.healthy, pending_events=self.pending_events(), problems=said)

    def metrics(self) -> list[Metric]:
        """Off the loop: asks the store."""
        outcomes: dict[str, int] = {}
        for (_, outcome), count in self._store.totals().items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
        refused = [Sample(count, {"reason": str(reason)}) for reason, count in self._refusals.total.items()]
        ended = [Sample(count, {"outcome": name}) for name, count in outcomes.items() if name != RECEIVED]
        return [
            Metric("openrum_events_received_total", "counter", "Events that the ledger has as received.",
                   [Sample(outcomes.get(RECEIVED, 0))]),
            Metric("openrum_events_total", "counter", "Events by outcome; requests where refused.", ended),
            Metric("openrum_requests_refused_total", "counter", "Requests refused since the start.", refused),
            Metric("openrum_pending_events", "gauge", "Events acknowledged and not in answers yet.",
                   [Sample(self.pending_events())]),
            Metric("openrum_journal_commits_total", "counter", "Group commits since the start, one fsync each.",
                   [Sample(self._journal.commits)]),
            Metric("openrum_journal_events_total", "counter", "Events made durable since the start.",
                   [Sample(self._journal.committed_events)]),
            Metric("openrum_journal_healthy", "gauge", "1 while the journal can be written.",
                   [Sample(self._journal.healthy)]),
            Metric("openrum_drain_healthy", "gauge", "1 while the store can be written.", [Sample(self._drain.healthy)]),
            Metric("openrum_journal_bytes", "gauge", "Disk taken by the journal.", [Sample(self._reader.size_bytes())]),
            Metric("openrum_store_bytes", "gauge", "Disk taken by the store.", [Sample(self._store.size_bytes())]),
        ]  # fmt: skip
