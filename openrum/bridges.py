"""Where one room's question meets another room's answer: small adapters, joined by `app` and by nobody else.

Each fits a Protocol that the asking room declares, and does nothing but ask on, off the loop where that may block.
"""

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import asdict
from itertools import zip_longest
from typing import Any, Protocol

import duckdb
import msgspec

from openrum.answering import StoreAnswers
from openrum.canary import Canary
from openrum.control.audit import Audit
from openrum.control.dates import iso
from openrum.control.deeds import Deed
from openrum.control.keys import AccessKey
from openrum.control.monitors import Monitor
from openrum.control.owner_rules import OwnerRules
from openrum.control.snapshot import Snapshot
from openrum.days import DAY_MS
from openrum.drain import Drain
from openrum.enrich.routes import BadRoute, Routes, check_rule
from openrum.enrich.rules import Rulebook, Wishes
from openrum.enrich.scrub import BadScrubRules, Scrubber, ScrubRules
from openrum.enrich.stacks import parse_stack
from openrum.errors import Unavailable, ValidationError
from openrum.forget import Forgetting, Subject
from openrum.journal import Journal, JournalReader, LogInUse
from openrum.keeping import Keeper
from openrum.limits import Limits
from openrum.outcomes import RECEIVED
from openrum.query.events_page import Place, events_page
from openrum.query.question import Order, Question
from openrum.query.scope import Filter, Scope
from openrum.readback import EventPosition, ReadBack
from openrum.receipts import Receipts, subject_hash
from openrum.receive.refusals import RefusalTally
from openrum.serve.health import CanarySeen, Condition, Keeping, Readiness
from openrum.serve.monitor_forms import SamplesForm
from openrum.serve.prometheus import Metric, Sample
from openrum.store import DuckDBStore, Store


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

    def monitors(self) -> list[Monitor]:
        """From memory, by name."""
        return sorted(self._snapshot.monitors_by_name.values(), key=lambda monitor: monitor.name)

    def _known(self, name_or_id: str) -> Monitor | None:
        by_name = self._snapshot.monitors_by_name.get(name_or_id)
        return by_name or self._snapshot.monitors_by_id.get(name_or_id.lower())


def frames_of(stack: str) -> list[dict[str, Any]]:
    """serve asks for the frames of a stack; enrich reads it. Innermost first."""
    return [frame._asdict() for frame in parse_stack(stack)]


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
            Scope(self._monitor_id, now_ms - DAY_MS, now_ms + DAY_MS, (Filter("session", "is", (session,)),)),
            measures=("events",),
            by=("type",),
            order=(Order("events", descending=True),),
        )
        return (await self._answers.ask(question)).rows


class CanarySight:
    """The canary asks whether its event is in answers."""

    def __init__(self, answers: StoreAnswers, monitor_id: str) -> None:
        self._answers = answers
        self._monitor_id = monitor_id

    async def seen(self, session: str, sent_ms: int) -> bool:
        """By the session, in the second of its event: a range that costs next to nothing."""
        question = Question(
            Scope(self._monitor_id, sent_ms, sent_ms + 1_000, (Filter("session", "is", (session,)),)),
            measures=("events",),
            order=(Order("events", descending=True),),
        )
        return (await self._answers.ask_aside(question)).rows != [[0]]


class RawEvents:
    """control's GetAppMonitorData asks for raw events; the store knows where they stand, the journal has them."""

    def __init__(self, store: Store, readback: ReadBack, limits: Limits) -> None:
        self._store = store
        self._read_back = readback
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


class Whom(Protocol):
    """A user or a session: one of the two."""

    @property
    def user(self) -> str | None: ...

    @property
    def session(self) -> str | None: ...


class Forgetter:
    """serve is told whom to forget; forgetting takes journal and store, and is noted and signed for."""

    def __init__(
        self,
        forgetting: Forgetting,
        receipts: Receipts,
        audit: Audit,
        now_ms: Callable[[], int],
        *,
        operation: str = "forget",
        source: str = "/api/v1",
        on_forgotten: Callable[[], None] = lambda: None,
    ) -> None:
        """`operation` and `source` are what the audit trail says; `on_forgotten` forgets what else knows."""
        self._forgetting = forgetting
        self._receipts = receipts
        self._audit = audit
        self._now_ms = now_ms
        self._operation = operation
        self._source = source
        self._on_forgotten = on_forgotten

    def __call__(self, monitor_id: str, monitor_name: str, form: Whom, actor: str) -> dict[str, Any]:
        """Forget, and give the receipt. The trail and the receipt name the subject by its hash alone.

        Unavailable where journal or store are in the way: what is done stays done, and the same again does the rest.
        """
        subject = Subject(monitor_id, form.user and form.user.lower(), form.session and form.session.lower())
        asked_ms = self._now_ms()
        try:
            counts = self._forgetting.forget(subject)
        except (LogInUse, sqlite3.Error, duckdb.Error, OSError) as error:
            raise Unavailable(f"not all is forgotten yet: {error}. Forget again to do the rest.") from error
        finally:
            self._on_forgotten()
        kind = "user" if subject.user else "session"
        target = f"{monitor_name} {kind} sha256:{subject_hash(monitor_id, kind, subject.id)}"
        self._audit.note(Deed(asked_ms, actor, self._operation, target, self._source, str(uuid.uuid4())))
        return self._receipts.sign(
            {
                "monitor": monitor_name,
                "monitor_id": monitor_id,
                "subject": kind,
                "subject_sha256": subject_hash(monitor_id, kind, subject.id),
                "asked": iso(asked_ms) + "Z",
                "done": iso(self._now_ms()) + "Z",
                **asdict(counts),
            }
        )


class MonitorRules:
    """The drain asks for the rules of all monitors; the snapshot knows their settings, of the deleted too."""

    def __init__(self, snapshot: Snapshot, retention_ms: int, now_ms: Callable[[], int]) -> None:
        self._snapshot = snapshot
        self._retention_ms = retention_ms
        self._now_ms = now_ms
        self._made_of: tuple[object, ...] = ()
        self._book = Rulebook(retention_ms)

    def __call__(self) -> Rulebook:
        """The book of this moment; the same object while nothing changed."""
        snapshot, today = self._snapshot, self._now_ms() // DAY_MS
        made_of = (snapshot.custom_events_ids, snapshot.purged_ids, snapshot.owner_rules, today)
        if any(old is not new and old != new for old, new in zip_longest(self._made_of, made_of)):
            named = {monitor: self._wishes(monitor, today) for monitor in {*made_of[0], *made_of[1], *made_of[2]}}
            self._book, self._made_of = Rulebook(self._retention_ms, Wishes(), named), made_of
        return self._book

    def _wishes(self, monitor: str, today: int) -> Wishes:
        if monitor in self._snapshot.purged_ids:
            return Wishes(deleted=True)
        custom_events = monitor in self._snapshot.custom_events_ids
        rules = self._snapshot.owner_rules.get(monitor)
        if rules is None:
            return Wishes(custom_events=custom_events)
        return wishes_of(rules, custom_events=custom_events, today=today)


def wishes_of(rules: OwnerRules, *, custom_events: bool, today: int) -> Wishes:
    """What an owner decided, as the enrichment takes it. Retention counts whole days of receipt, as everywhere."""
    return Wishes(
        custom_events=custom_events,
        keep_after_ms=(today - rules.retention_days) * DAY_MS if rules.retention_days else 0,
        keep_replays_after_ms=(today - rules.replay_retention_days) * DAY_MS if rules.replay_retention_days else 0,
        pages=rules.pages,
        learned_pages=rules.learned_pages,
        urls=rules.urls,
        learned_urls=rules.learned_urls,
        scrub=msgspec.convert(rules.scrub, ScrubRules),
    )


def check_owner_rules(rules: OwnerRules) -> None:
    """ValidationError, with what would do, for rules that the enrichment could not go by."""
    for member, listed in (("pages", rules.pages), ("urls", rules.urls)):
        for rule in listed:
            try:
                check_rule(rule)
            except BadRoute as error:
                raise ValidationError(f"{member}: {error}") from None
    try:
        Scrubber(msgspec.convert(rules.scrub, ScrubRules))
    except (BadScrubRules, msgspec.ValidationError) as error:
        raise ValidationError(f"scrub: {error}") from None


def try_owner_rules(rules: OwnerRules, samples: SamplesForm) -> dict[str, list[str]]:
    """serve asks what rules make of samples; enrich makes it, in the order of a row: scrubbed, then grouped."""
    check_owner_rules(rules)
    scrubber = Scrubber(msgspec.convert(rules.scrub, ScrubRules))
    pages, urls = Routes(rules.pages, rules.learned_pages), Routes(rules.urls, rules.learned_urls)
    return {
        "pages": [pages.page(scrubber.text(each)) for each in samples.pages],
        "urls": [scrubber.text(urls.url(each, None).route) for each in samples.urls],
        "texts": [scrubber.text(each) for each in samples.texts],
    }


class SelfReport:
    """How OpenRUM itself is, for /readyz, /metrics and /api/v1/health."""

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        store: DuckDBStore,
        drain: Drain,
        keeper: Keeper,
        snapshot: Snapshot,
        refusals: RefusalTally,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._store = store
        self._drain = drain
        self._keeper = keeper
        self._snapshot = snapshot
        self._refusals = refusals
        self.answers: StoreAnswers | None = None
        self.canary: Canary | None = None

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
        if self._keeper.days_to_renew:
            said.append(f"{self._keeper.days_to_renew} days of the store are being made anew from the journal")
        if self._keeper.budget.problem is not None:
            said.append(self._keeper.budget.problem)
        if self.canary is not None and self.canary.problem is not None:
            said.append(self.canary.problem)
        return Readiness(durable=self._journal.healthy, pending_events=self.pending_events(), problems=said)

    def condition(self) -> Condition:
        """Off the loop: looks at the disk."""
        days, kept = self._store.days(), self._keeper.retention
        keeping = Keeping(
            journal_bytes=self._reader.size_bytes(),
            store_bytes=self._store.size_bytes(),
            bytes_max=self._keeper.budget.bytes_max,
            rows_days=kept.rows_days,
            journal_days=kept.journal_days,
            replay_days=kept.replay_days,
            days=len(days),
            first_day=min(days) * DAY_MS if days else None,
            days_to_renew=self._keeper.days_to_renew,
            set_aside=[path.name for path in self._store.out_of_reach()],
        )
        return Condition(self.readiness(), None if self.canary is None else _canary_seen(self.canary), keeping)

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
            *(() if self.answers is None else _question_metrics(self.answers)),
            *(() if self.canary is None else _canary_metrics(self.canary)),
        ]  # fmt: skip


def _canary_seen(canary: Canary) -> CanarySeen:
    def ms(seconds: float | None) -> float | None:
        return None if seconds is None else round(seconds * 1_000, 1)

    return CanarySeen(
        every_ms=round(canary.interval_s * 1_000),
        acknowledged_ms=ms(canary.acknowledged_s),
        round_trip_ms=ms(canary.round_trip_s),
        last_success=canary.last_success_ms,
        failures=canary.failures,
    )


def _question_metrics(answers: StoreAnswers) -> list[Metric]:
    tally, turns, sql = answers.tally, answers.turns, answers.sql_turns
    told = [
        Sample(tally.found, {"how": "found"}),
        Sample(tally.shared, {"how": "shared"}),
        Sample(tally.kept, {"how": "kept"}),
    ]
    return [
        Metric("openrum_questions_total", "counter", "Questions answered since the start: found in the store, shared with"
               " who asked the same in the same moment, kept from before.", told),
        Metric("openrum_questions_failed_total", "counter", "Questions that failed or took too long.", [Sample(tally.failed)]),
        Metric("openrum_questions_halted_total", "counter", "Questions whose askers went away.", [Sample(tally.halted)]),
        Metric("openrum_questions_refused_total", "counter", "Questions answered with 429: too many waited, or too long.",
               [Sample(turns.refused + sql.refused)]),
        Metric("openrum_questions_running", "gauge", "Questions that the store works on.", [Sample(turns.running)]),
        Metric("openrum_questions_waiting", "gauge", "Questions that wait for their turn.",
               [Sample(turns.waiting + sql.waiting)]),
        Metric("openrum_questions_waited_seconds_total", "counter", "Seconds that questions waited, all together.",
               [Sample(turns.waited_s + sql.waited_s)]),
        Metric("openrum_questions_took_seconds_total", "counter", "Seconds that finding answers took, all together.",
               [Sample(tally.took_s)]),
        Metric("openrum_kept_answers", "gauge", "Answers kept for who asks the same.", [Sample(len(answers.kept))]),
        Metric("openrum_kept_answers_bytes", "gauge", "Memory they take.", [Sample(answers.kept.bytes)]),
    ]  # fmt: skip


def _canary_metrics(canary: Canary) -> list[Metric]:
    success_s = None if canary.last_success_ms is None else canary.last_success_ms / 1000
    return [
        Metric("openrum_canary_acknowledged_seconds", "gauge", "From sending the last canary event to the door's 200.",
               _known(canary.acknowledged_s)),
        Metric("openrum_canary_round_trip_seconds", "gauge", "From sending the last canary event to seeing it in answers.",
               _known(canary.round_trip_s)),
        Metric("openrum_canary_failures_total", "counter", "Canary events that failed since the start.",
               [Sample(canary.failures)]),
        Metric("openrum_canary_last_success_timestamp_seconds", "gauge", "When a canary event was last seen in answers.",
               _known(success_s)),
    ]  # fmt: skip


def _known(value: float | None) -> list[Sample]:
    return [] if value is None else [Sample(value)]
