"""The only place that builds rooms and joins them. Nothing but the command line imports it.

OpenRum     all rooms of one data directory, and the one ASGI callable in front of them
serve       the process: a socket, the loop, signals, an orderly end
"""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette

from openrum import process
from openrum.answering import StoreAnswers
from openrum.aws.answers import Send
from openrum.aws.bodies import InflightBytes, Receive
from openrum.aws.policy import public_policy
from openrum.bounded_http import bounded_protocol
from openrum.bridges import (
    CanarySight,
    Forgetter,
    LiveSession,
    MonitorDirectory,
    MonitorRules,
    RawEvents,
    SelfReport,
    check_owner_rules,
    frames_of,
    try_owner_rules,
)
from openrum.canary import Canary, Identity, WithCanaryKey, WithCanaryMonitor
from openrum.client_address import open_proxies
from openrum.control.audit import Audit
from openrum.control.console_sessions import ConsoleSessions, KnownSessions
from openrum.control.database import Database
from openrum.control.door import ControlDoor
from openrum.control.guest_door import PATHS as GUEST_PATHS
from openrum.control.guest_door import GuestDoor
from openrum.control.guests import Guests
from openrum.control.keys import Keys
from openrum.control.metric_service import MetricService
from openrum.control.metrics import Metrics
from openrum.control.monitors import Monitors
from openrum.control.owner_rules import OwnerRulesOf
from openrum.control.passwords import Passwords, generated_password
from openrum.control.saved_queries import SavedQueries
from openrum.control.secrets import Sealer
from openrum.control.service import Service
from openrum.control.shapes import CreateAppMonitorRequest, read_request
from openrum.control.snapshot import CachedKeys, CachedMonitors, CachedPools, Snapshot
from openrum.control.tokens import Tokens
from openrum.control.users import FIRST_USER, Users
from openrum.data_directory import Credentials, DataDirectory, FirstStart
from openrum.drain import Drain
from openrum.errors import OpenRumError, ResourceNotFound, Unavailable
from openrum.export import Exporter
from openrum.forget import Forgetting
from openrum.journal import DirectoryLock, Journal, JournalReader, JournalRewriter
from openrum.keeping import Budget, Clock, Keeper, Retention
from openrum.learning import Learner
from openrum.limits import Limits
from openrum.places import open_places
from openrum.readback import ReadBack
from openrum.receipts import Receipts
from openrum.receive import ports
from openrum.receive.put_rum_events import PutRumEvents
from openrum.receive.refusals import RefusalTally
from openrum.row_workers import RowWorkers
from openrum.serve.api import Api
from openrum.serve.attempts import Turns
from openrum.serve.changes import Changes
from openrum.serve.client_files import ClientFiles
from openrum.serve.console import console
from openrum.serve.console_files import ConsoleFiles
from openrum.serve.data_api import DataApi
from openrum.serve.guard import Guard
from openrum.serve.health import Health
from openrum.serve.keys_api import KeysApi
from openrum.serve.metrics_api import MetricsApi
from openrum.serve.monitors_api import MonitorsApi, Owned, Surroundings
from openrum.serve.ports import SqlEngine
from openrum.serve.questions_api import QuestionsApi
from openrum.serve.replay_api import ReplayApi
from openrum.serve.saved_queries_api import SavedQueriesApi
from openrum.serve.sign_in import SignIn
from openrum.serve.users_api import UsersApi
from openrum.settings import Settings
from openrum.store.table_parquet import to_parquet
from openrum.store.view_columns import views_told
from openrum.threads import DEFAULT_THREADS, ready_pool
from openrum.trial_event import TrialEvent
from openrum.upkeep import open_store

_log = structlog.get_logger()
_CLIENT_FOLDER = Path(__file__).parent / "client"
_CONSOLE_FOLDER = Path(__file__).parent / "console"
_DEMO = "demo"
_REFUSALS_S = 1
_PLACES_S = 30
_GRACE_S = 10


def now_ms() -> int:
    """The wall clock, in epoch milliseconds. Everything else is handed this function."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """A clock that never jumps, of no known beginning."""
    return time.monotonic_ns() // 1_000_000


class Control:
    """The control room of a data directory: what commands and the server alike need. Works beside a running server."""

    def __init__(self, settings: Settings) -> None:
        self.directory = DataDirectory(settings.data_dir)
        self.directory.create()
        sealer = Sealer.open(settings.data_dir)
        self.database = Database(settings.database_url or self.directory.control_url)
        self.keys = Keys(self.database, sealer, now_ms)
        self.monitors = Monitors(
            self.database,
            now_ms,
            region=settings.region,
            account_id=settings.account_id,
            requests_per_second=settings.requests_per_second or None,
            monitors_max=settings.monitors_max,
        )
        self.tokens = Tokens(sealer)
        self.guests = Guests(sealer, now_ms)
        self.canary = Identity.derive(sealer, self.monitors.arn)
        self.owner_rules = OwnerRulesOf(self.database, check_owner_rules, settings.retention_days)
        self.receipts = Receipts(sealer.derive(b"receipts"))
        self.audit = Audit(self.database)
        self.saved_queries = SavedQueries(self.database, now_ms)
        self.passwords = Passwords()
        self.users = Users(self.database, self.passwords, now_ms)
        self.console_sessions = ConsoleSessions(
            self.database, now_ms, idle_ms=settings.console_idle_ms, longest_ms=settings.console_session_ms
        )
        self.csrf_key, self.device_key = sealer.derive(b"console csrf"), sealer.derive(b"console devices")
        self.snapshot = Snapshot(self.database, self.monitors, self.keys, now_ms)

    def service(self, events: Any) -> Service:
        """The operations; `events` reads raw events, where there is a journal to read."""
        metrics = MetricService(Metrics(self.database), self.tokens)
        return Service(self.monitors, metrics, self.tokens, events, now_ms)

    def first_start(self, region: str) -> FirstStart | None:
        """At the first start, make the admin key, keep it in the data directory, and make the console's first user."""
        if self.keys.list():
            return None
        key = self.keys.create("first start", "admin")
        credentials = Credentials(key.id, key.secret)
        self.directory.write_credentials(credentials, region)
        password = generated_password()
        if self.users.list():  # by a command, before any server ran
            return FirstStart(credentials, "", "")
        return FirstStart(credentials, self.users.create(FIRST_USER, "admin", password), password)

    def demo_monitor(self) -> tuple[str, bool]:
        """The id of the demo's monitor, and whether it was made just now."""
        try:
            return self.monitors.get(_DEMO).id, False
        except ResourceNotFound:
            members = {
                "Name": _DEMO,
                "DomainList": ["localhost", "127.0.0.1"],
                "AppMonitorConfiguration": {"SessionSampleRate": 1.0, "AllowCookies": True},
                "CustomEvents": {"Status": "ENABLED"},
            }
            return self.create_monitor(read_request(members, CreateAppMonitorRequest), public=True), True

    def create_monitor(self, request: CreateAppMonitorRequest, *, public: bool) -> str:
        """A monitor with the defaults of a person (all sessions), open to unsigned batches where `public`."""
        policy = public_policy(self.monitors.arn(request.Name)) if public else None
        return self.service(None).create_app_monitor(request, policy).Id


class OpenRum:
    """All rooms of one data directory. `start` and `stop` on the loop; between them it is an ASGI callable."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        """Open everything. Raises DirectoryTaken, StoreVersion, Unavailable, GeoDatabaseProblem with what to do."""
        self._settings = settings
        self._places = open_places(settings.geo_database, now_ms)
        self._control = Control(settings)
        self._lock = DirectoryLock(settings.data_dir)
        self._reader = JournalReader(self._control.directory.journal)
        self._journal = Journal(self._control.directory.journal, now_ms=now_ms, limits=limits)
        self._store = open_store(settings.data_dir, limits)
        self.first_start = self._control.first_start(settings.region)
        self._demo = self._control.demo_monitor() if settings.demo else None
        snapshot = self._control.snapshot
        snapshot.load()
        self._activated: set[str] = set()
        self._workers = RowWorkers(limits, settings.row_workers, self._store.staging)
        self._rulebook = MonitorRules(snapshot, settings.retention_ms, now_ms)
        self._drain = Drain(
            self._reader,
            self._store,
            rulebook=self._rulebook,
            limits=limits,
            maker=self._workers,
            on_stored=self._activate,
            commits=lambda: (self._journal.commits, self._journal.committed_requests),
        )
        rewriter = JournalRewriter(self._control.directory.journal, self._reader)
        self._keeper = self._build_keeper(rewriter, limits)
        self._forgetting = Forgetting(self._reader, rewriter, self._store, self._keeper)
        self._refusals = RefusalTally()
        self._pool = ready_pool(_questions_at_once(limits), "question")
        self._tasks: list[asyncio.Task[None]] = []
        self._build_doors(limits)

    def _build_keeper(self, rewriter: JournalRewriter, limits: Limits) -> Keeper:
        settings, control = self._settings, self._control
        return Keeper(
            purge_due=self._purge_due,
            learn=Learner(self._store, self._drain, control.owner_rules.learn, control.snapshot, now_ms).learn,
            journal=self._reader,
            rewriter=rewriter,
            store=self._store,
            drain=self._drain,
            maker=self._workers,
            rulebook=self._rulebook,
            clock=Clock(now_ms, steady_ms),
            retention=Retention(
                rows_days=settings.retention_days,
                journal_days=settings.journal_retention_days or settings.retention_days,
                replay_days=settings.replay_retention_days or settings.retention_days,
            ),
            budget=Budget(settings.max_disk),
            limits=limits,
        )

    def _build_doors(self, limits: Limits) -> None:
        settings, control = self._settings, self._control
        inflight = InflightBytes(limits.inflight_bytes)
        readback = ReadBack(self._reader.fetch, limits)
        self._put_rum_events = self._build_put_rum_events(inflight, limits)
        self._operations = ControlDoor(
            service=control.service(RawEvents(self._store, readback, limits)),
            keys=CachedKeys(control.snapshot),
            limits=limits,
            now_ms=now_ms,
            auth=settings.auth,
            region=settings.signing_region or None,
            inflight=inflight,
            audit=control.audit,
            on_change=control.snapshot.load,
        )
        self._guests = GuestDoor(
            guests=control.guests,
            pools=CachedPools(control.snapshot),
            tokens=control.tokens,
            limits=limits,
            inflight=inflight,
            now_ms=now_ms,
            region=settings.region,
        )
        self._console = self._build_console(readback, inflight, limits)

    def _build_put_rum_events(self, inflight: InflightBytes, limits: Limits) -> PutRumEvents:
        settings, control = self._settings, self._control
        monitors: ports.Monitors = CachedMonitors(control.snapshot)
        senders: ports.Guests = control.guests
        if settings.canary_s:
            monitors, senders = WithCanaryMonitor(control.canary, monitors), WithCanaryKey(control.canary, senders)
        return PutRumEvents(
            monitors=monitors,
            keys=CachedKeys(control.snapshot),
            guests=senders,
            journal=self._journal,
            places=self._places,
            proxies=open_proxies(settings.trusted_proxies, settings.country_header, settings.subdivision_header),
            refusals=self._refusals,
            limits=limits,
            now_ms=now_ms,
            auth=settings.auth,
            region=settings.signing_region or None,
            inflight=inflight,
        )

    def _build_console(self, readback: ReadBack, inflight: InflightBytes, limits: Limits) -> Starlette:
        settings, control = self._settings, self._control
        report = SelfReport(
            self._journal, self._reader, self._store, self._drain, self._keeper, control.snapshot, self._refusals
        )
        answers = StoreAnswers(
            self._store, readback, limits, self._pool, report.pending_events, at_once=_questions_at_once(limits)
        )
        self._answers = report.answers = answers
        directory, known = MonitorDirectory(control.snapshot), KnownSessions(control.console_sessions, now_ms)
        guard = self._build_guard(directory, known)
        api = Api(
            directory=directory,
            answers=answers,
            limits=limits,
            now_ms=now_ms,
            guard=guard,
            inflight=inflight,
        )
        questions = QuestionsApi(
            api=api,
            answers=answers,
            frames_of=frames_of,
            engine=SqlEngine(views_told, to_parquet),
            limits=limits,
            now_ms=now_ms,
        )
        saved = SavedQueriesApi(api=api, saved=control.saved_queries, limits=limits)
        data = DataApi(
            monitor_named=api.monitor_named,
            exports=Exporter(self._store, readback),
            forget=Forgetter(
                self._forgetting, control.receipts, control.audit, now_ms, on_forgotten=answers.forget_kept
            ),
            now_ms=now_ms,
        )
        replays = ReplayApi(monitor_named=api.monitor_named, answers=answers, limits=limits, now_ms=now_ms)
        if settings.canary_s:
            report.canary = self._build_canary(answers)
        self._canary = report.canary
        health = Health(report.readiness, report.metrics, report.condition)
        demo = []
        if self._demo is not None:
            from openrum.demo.shop import demo_routes  # noqa: PLC0415 - 2 MB and a twentieth of a second for those who want it

            live = LiveSession(answers, self._demo[0], now_ms)
            demo = demo_routes(self._demo[0], settings.region, live.counts)
        people = self._build_sign_in(guard, known)
        files = ClientFiles(_CLIENT_FOLDER), ConsoleFiles(_CONSOLE_FOLDER)
        owners = self._build_owners(api, guard, directory)
        return console(api, questions, [data, replays, *people, saved, *owners], health, *files, more=demo)

    def _build_owners(self, api: Api, guard: Guard, directory: MonitorDirectory) -> list[object]:
        """What the owners of monitors ask and change."""
        settings, control = self._settings, self._control
        changes = Changes(guard=guard, audit=control.audit, on_change=control.snapshot.load)
        owned = Owned(control.service(None), control.monitors, control.owner_rules, changes)
        region, demo_id = settings.signing_region or settings.region, self._demo[0] if self._demo else None
        here = Surroundings(
            settings.region, settings.public_url, settings.retention_days, settings.deletion_grace_days, demo_id
        )
        trial = TrialEvent(self._put_rum_events, control.snapshot, control.guests, now_ms, region=region)
        return [
            MonitorsApi(api, guard, directory, owned, here, try_rules=try_owner_rules, send_test_event=trial.send),
            MetricsApi(api, owned.service.metrics, control.monitors, changes),
            KeysApi(control.keys, changes, now_ms),
        ]

    def _build_guard(self, directory: MonitorDirectory, known: KnownSessions) -> Guard:
        settings, control = self._settings, self._control
        return Guard(
            directory=directory,
            sessions=known,
            audit=control.audit,
            csrf_key=control.csrf_key,
            proxies=open_proxies(settings.trusted_proxies, "", ""),
            now_ms=now_ms,
            auth=settings.auth,
        )

    def _build_sign_in(self, guard: Guard, known: KnownSessions) -> tuple[SignIn, UsersApi]:
        control, turns = self._control, Turns()
        sign_in = SignIn(
            guard=guard,
            users=control.users,
            passwords=control.passwords,
            sessions=control.console_sessions,
            known=known,
            audit=control.audit,
            turns=turns,
            device_key=control.device_key,
            steady_ms=steady_ms,
            longest_s=self._settings.console_session_ms // 1_000,
        )
        return sign_in, UsersApi(guard=guard, users=control.users, known=known, audit=control.audit, turns=turns)

    def _build_canary(self, answers: StoreAnswers) -> Canary:
        settings, identity = self._settings, self._control.canary
        return Canary(
            identity,
            CanarySight(answers, identity.monitor.id).seen,
            now_ms=now_ms,
            region=settings.signing_region or settings.region,
            interval_s=settings.canary_s,
        )

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """The doors, told apart by the raw path."""
        path = scope["raw_path"]
        if path.startswith(b"/appmonitors/"):
            await self._put_rum_events(scope, receive, send)
        elif path.startswith((b"/appmonitor", b"/rummetrics/", b"/tags/")):
            await self._operations(scope, receive, send)
        elif path in GUEST_PATHS and scope["method"] in ("POST", "OPTIONS"):
            await self._guests(scope, receive, send)
        else:
            await self._console(scope, receive, send)  # type: ignore[arg-type]

    async def start(self) -> None:
        """Begin to take and to drain."""
        self._journal.start(on_commit=self._drain.wake)
        self._keeper.start()
        self._tasks = [
            asyncio.create_task(self._control.snapshot.poll(), name="poll the control database"),
            asyncio.create_task(self._write_refusals(), name="write refusals"),
        ]
        if self._settings.geo_database:
            self._tasks.append(asyncio.create_task(self._keep_places(), name="look for a new database of places"))
        if self._demo is not None and self._demo[1]:
            self._tasks.append(asyncio.create_task(self._fill_demo(self._demo[0]), name="fill the demo"))

    async def stop(self) -> None:
        """Finish what was acknowledged, in order: the journal, then the drain, then the files."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._write_refusals_once()
        await self._journal.close()
        await asyncio.to_thread(self._keeper.close)
        await asyncio.to_thread(self._drain.close)
        await asyncio.to_thread(self._workers.close)
        self._answers.close()
        self._pool.shutdown(cancel_futures=True)
        self._store.close()
        self._reader.close()
        self._control.database.close()
        self._control.directory.serving_file.unlink(missing_ok=True)
        self._lock.close()

    def serving(self, port: int) -> None:
        """Tell commands beside the server where it listens."""
        self._control.directory.write_serving(self._settings.host, port, os.getpid())

    def listening(self, address: tuple[str, int]) -> None:
        """Connections are accepted from now on, so the canary may come."""
        if self._canary is not None:
            self._tasks.append(asyncio.create_task(self._canary.run(*address), name="canary"))

    async def _fill_demo(self, monitor_id: str) -> None:
        from openrum.demo.fill import fill  # noqa: PLC0415 - as above

        events = await fill(self._journal.append, monitor_id, now_ms())
        _log.info("the demo is filled", monitor=_DEMO, events=events)

    def _activate(self, monitor_ids: set[str]) -> None:
        """In the drain's thread: the first events of a monitor have come."""
        new = monitor_ids - self._activated
        if not new:
            return
        try:
            self._control.monitors.activate(new)
            self._control.snapshot.load()
        except Unavailable as error:
            _log.warning("a monitor's state is not noted", error=error.message)
        else:
            self._activated |= new

    async def _write_refusals(self) -> None:
        while True:
            await asyncio.sleep(_REFUSALS_S)
            await self._write_refusals_once()

    async def _write_refusals_once(self) -> None:
        refusals = self._refusals.take(now_ms())
        if refusals is None:
            return
        try:
            await self._journal.append(msgspec.msgpack.encode(refusals), 0)
        except OpenRumError:
            self._refusals.put_back(refusals)

    async def _keep_places(self) -> None:
        while True:
            await asyncio.sleep(_PLACES_S)
            await asyncio.to_thread(self._places.refresh)

    def _purge_due(self) -> frozenset[str]:
        """Monitors whose grace is over."""
        self._control.monitors.purge(now_ms() - self._settings.deletion_grace_ms)
        self._control.snapshot.load()
        return self._control.snapshot.purged_ids


# ── The process ───────────────────────────────────────────────────────────────────────────────────────────────────


class _Server(uvicorn.Server):
    """Uvicorn without its habit of raising the signal once more at the end: the end here is an orderly one."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so, once connections are accepted."""
        await super().startup(sockets)
        self._on_listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self.handle_exit, each, None)
        yield
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


def serve(settings: Settings, limits: Limits, *, on_start: Callable[[Settings, FirstStart | None], None]) -> None:
    """Run until SIGINT or SIGTERM. `on_start` is told the settings with the port in use, and what a first start made."""
    process.share_the_interpreter()
    process.bound_memory(limits.memory_bytes)
    app = OpenRum(settings, limits)
    listener = _listen(settings)
    address: tuple[str, int] = listener.getsockname()[:2]
    port = address[1]
    config = uvicorn.Config(
        app,
        http=bounded_protocol(limits),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=limits.idle_s,
        timeout_graceful_shutdown=_GRACE_S,
    )

    async def live() -> None:
        asyncio.get_running_loop().set_default_executor(ready_pool(DEFAULT_THREADS, "beside the loop"))
        await app.start()
        app.serving(port)
        process.keep_what_is_there()
        on_start(replace(settings, port=port), app.first_start)
        try:
            await _Server(config, lambda: app.listening(address)).serve([listener])
        finally:
            await app.stop()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(live())


def _questions_at_once(limits: Limits) -> int:
    """Each takes all cores that it can get: more of them at once would be no faster, and acknowledgements slower."""
    return limits.query_at_once or os.cpu_count() or 1


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another with --port"
        ) from None
    listener.listen(2_048)
    listener.set_inheritable(True)
    return listener
