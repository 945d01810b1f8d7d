"""The claims of questions: how long a person waits, on millions of events and two cores, p50 over twenty runs.

* each core question; the twelve panels of an overview together; one session's timeline;
* the same SQL by ClickHouse's engine in this process, on the same rows, where chdb is installed;
* beside a door that takes 10,000 events a second: how much longer questions take, and acknowledgements.

`python -m benchmarks questions` takes ten million events over ten days (ten minutes, 5 GB of disk);
`python -m benchmarks.questions EVENTS [FOLDER]` as many as are said, or asks a data directory that is there.
The newest day is as the drain left it, the others are settled, as in a server that has run for a while. From fifty million
events on there are thirty days, of which the newest two are drained and the others are copies with other visitors.
"""

import gc
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from benchmarks.day_copies import copy_days
from benchmarks.ingest import generate
from benchmarks.journals import MONITOR, write_journal
from benchmarks.quiet import wait_until_quiet
from benchmarks.report import Report
from openrum.days import DAY_MS
from openrum.drain import Drain
from openrum.enrich.rules import Rulebook, Wishes
from openrum.journal import JournalReader
from openrum.limits import DEFAULTS
from openrum.query.catalogue import SPECIAL
from openrum.query.question import Question, QuestionForm, parse_question
from openrum.query.run import run
from openrum.row_workers import RowWorkers
from openrum.store import EVENT_COLUMNS, FOLDER, DuckDBStore
from openrum.upkeep import open_store
from tests.crash.load import public_monitor
from tests.server import Server

EVENTS = 10_000_000
DAYS = 10
_DAYS_OF_LARGE = 30
_DRAINED_OF_LARGE = 2
RUNS = 20
AT_ONCE = 2  # as many as there are cores: what a server answers at the same time
_LARGE = 50_000_000
INGEST_S = 30
_COLUMNS = ", ".join(f'"{name}"' for name in EVENT_COLUMNS)
_AS_TEXT = ", ".join(
    f'CAST("{name}" AS VARCHAR) AS "{name}"' for name, kind in EVENT_COLUMNS.items() if kind in ("UUID", "JSON")
)

Form = dict[str, Any]

CORE: tuple[Form, ...] = (
    *({"measures": [name]} for name in (
        "events", "page_views", "sessions", "users", "js_errors", "error_sessions", "http_requests", "http_errors",
        "http_4xx", "http_5xx", "lcp_p75", "inp_p75", "cls_p75", "fcp_p75", "ttfb_p75", "load_p75", "resource_p75",
        "lcp_p99", "lcp_avg", "apdex", "bounce_rate", "session_duration_avg", "pages_per_session",
    )),
    {"measures": ["page_views"], "by": ["time"]},
    {"measures": ["lcp_p75"], "by": ["time"]},
    {"measures": ["page_views", "lcp_p75"], "by": ["page_group"]},
    {"measures": ["page_views"], "by": ["country"]},
    {"measures": ["sessions"], "by": ["browser"]},
    {"measures": ["js_errors"], "by": ["error"]},
    {"measures": ["page_views", "lcp_p75"], "where": [{"dimension": "device", "op": "is", "values": ["mobile"]}]},
)  # fmt: skip
"""Each of the core measures, and the usual ways to look at them."""

OVERVIEW: tuple[Form, ...] = (
    {"measures": ["page_views", "sessions", "users"], "compare": "previous"},
    {"measures": ["error_session_rate", "http_error_rate"]},
    {"measures": ["score"]},
    {"measures": ["lcp_p75", "inp_p75", "cls_p75", "fcp_p75", "ttfb_p75"]},
    {"measures": ["page_views", "sessions"], "by": ["time"]},
    {"measures": ["lcp_p75"], "by": ["time"]},
    {"measures": ["page_views", "lcp_p75"], "by": ["page_group"], "limit": 10},
    {"measures": ["page_views"], "by": ["country"], "limit": 10},
    {"measures": ["page_views"], "by": ["browser"], "limit": 10},
    {"measures": ["page_views"], "by": ["device"], "limit": 10},
    {"measures": ["js_errors"], "by": ["error_title"], "limit": 10,
     "where": [{"dimension": "type", "op": "is", "values": ["js_error_event"]}]},
    {"measures": ["page_views", "lcp_p75"], "by": ["release"], "limit": 10},
)  # fmt: skip
"""The twelve panels of an overview."""


@dataclass
class Rows:
    """A store full of rows of a monitor, and their range."""

    store: DuckDBStore
    monitor: str
    from_ms: int
    to_ms: int

    def parse(self, form: Form) -> Question:
        """A question over all of it."""
        whole = {"monitor": "bench", "from": self.from_ms, "to": self.to_ms, **form}
        return parse_question(msgspec.convert(whole, QuestionForm), self.monitor, self.to_ms, DEFAULTS)

    def ask(self, form: Form) -> Any:
        """Answer a question over all of it."""
        return run(self.parse(form), self.store, DEFAULTS)

    def special(self, name: str, form: Form) -> Any:
        """Answer a special question over all of it."""
        special = SPECIAL[name]
        whole = {"monitor": "bench", "from": self.from_ms, "to": self.to_ms, **form}
        return special.run(msgspec.convert(whole, special.form), self.monitor, self.to_ms, self.store, DEFAULTS)


def main(events: int = EVENTS, folder: Path | None = None) -> Report:
    """Load, then ask."""
    report = Report(f"Questions, {events:,} events")
    report.begin()
    if folder is not None:
        _ask(report, folder, MONITOR)
        return report
    with filled(events, _DAYS_OF_LARGE if events >= _LARGE else DAYS) as (data, monitor):
        _ask(report, data, monitor)
        _beside_ingest(report, data, monitor)
    return report


@contextmanager
def filled(events: int, days: int, name: str = "crash") -> Iterator[tuple[Path, str]]:
    """A data directory full of events of a monitor of that name, and its id."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="openrum-data-bench-") as folder:
        data = Path(folder) / "data"
        with Server(data) as running:
            monitor = public_monitor(running, name)
        fill(data, events, days, monitor)
        yield data, monitor


def fill(folder: Path, events: int, days: int, monitor: str) -> None:
    """Journal, drain, and settle what is over; copy the rest."""
    today = int(time.time()) // 86_400
    drained = days if events < _LARGE else _DRAINED_OF_LARGE
    write_journal(folder / "journal", today - drained + 1, drained, events // days, monitor)
    reader = JournalReader(folder / "journal")
    store = open_store(folder, DEFAULTS)
    workers = RowWorkers(DEFAULTS, os.cpu_count() or 1, store.staging)
    book = Rulebook(90 * DAY_MS, Wishes(custom_events=True))
    for _ in Drain(reader, store, rulebook=lambda: book, limits=DEFAULTS, maker=workers).drain_waiting():
        pass
    workers.close()
    reader.close()
    store.fold(max(store.days()))  # a server does so as the day fills
    for day in sorted(store.days())[:-1]:
        store.rewrite(day, settled=True)
    store.close()
    oldest = today - drained + 1
    copy_days(folder / FOLDER, oldest, range(oldest - (days - drained), oldest))


def _ask(report: Report, folder: Path, monitor: str) -> None:
    store = open_store(folder, DEFAULTS)
    store.gather()  # a server does so when it begins
    days = sorted(store.days())
    rows = Rows(store, monitor, days[0] * DAY_MS, (days[-1] + 1) * DAY_MS)
    [[events]] = rows.ask({"measures": ["events"]}).rows
    report.figure("events in the range", events, "")
    large = events >= _LARGE
    core_ms = _core(report, rows, at_most_ms=700 if large else 100)
    _overview(report, rows, at_most_ms=3_000 if large else 500)
    _special(report, rows)
    store.close()
    if not large:
        _side_by_side(report, folder / FOLDER, rows, core_ms)


def _core(report: Report, rows: Rows, at_most_ms: float) -> float:
    took = {_name(form): _p50_ms(lambda form=form: rows.ask(form)) for form in CORE}
    for name, milliseconds in sorted(took.items(), key=lambda each: -each[1]):
        report.figure(name, milliseconds, "ms", at_most=at_most_ms)
    mean = sum(took.values()) / len(took)
    report.figure("core questions, mean", mean, "ms")
    return mean


def _overview(report: Report, rows: Rows, at_most_ms: float) -> None:
    with ThreadPoolExecutor(AT_ONCE) as askers:
        both = _p50_ms(lambda: list(askers.map(rows.ask, OVERVIEW)))
    report.figure("twelve panels of an overview, together", both, "ms", at_most=at_most_ms)


def _special(report: Report, rows: Rows) -> None:
    if "session" in SPECIAL:
        [[session, _]] = rows.ask({"measures": ["events"], "by": ["session"], "limit": 1}).rows
        report.figure("one session's timeline", _p50_ms(lambda: rows.special("session", {"session": session})), "ms", at_most=50)  # fmt: skip
    for name, form in SPECIAL_FORMS.items():
        if name in SPECIAL:
            report.figure(f"special: {name}", _p50_ms(lambda name=name, form=form: rows.special(name, form), 5), "ms")


def _side_by_side(report: Report, folder: Path, rows: Rows, core_ms: float) -> None:
    """The core questions by ClickHouse's engine, on the same rows, each asked as often."""
    try:
        import chdb  # noqa: F401, PLC0415 - of development
    except ImportError:
        return
    from openrum.store import ClickHouseReader, clickhouse_statements  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="openrum-data-bench-") as name:
        parquet = Path(name) / "rows.parquet"
        with duckdb.connect(config={"temp_directory": name}) as engine:
            files = sorted(folder.glob("*.duckdb"))
            for number, file in enumerate(files):
                engine.execute(f"ATTACH '{file}' AS d{number} (READ_ONLY)")
            union = " UNION ALL BY NAME ".join(f"FROM d{number}.event_rows" for number, _ in enumerate(files))
            engine.execute(f"COPY (SELECT * REPLACE ({_AS_TEXT}) FROM ({union})) TO '{parquet}'")
        reader = ClickHouseReader.connect(f"chdb://memory?ch_max_threads={os.cpu_count()}", DEFAULTS)
        client = reader._client  # noqa: SLF001 - a reader writes nothing
        for statement in clickhouse_statements():
            client.command(statement)
        client.command(f"INSERT INTO event_rows ({_COLUMNS}) SELECT {_COLUMNS} FROM file('{parquet}', Parquet)")
        theirs = [_p50_ms(lambda form=form: run(rows.parse(form), reader, DEFAULTS)) for form in CORE]
        reader.close()
    mean = sum(theirs) / len(theirs)
    report.figure("core questions by ClickHouse's engine, slowest", max(theirs), "ms")
    report.figure("core questions by ClickHouse's engine, mean", mean, "ms")
    report.figure("core questions, mean: DuckDB's time as a share of ClickHouse's", core_ms / mean, "")


def _beside_ingest(report: Report, folder: Path, monitor: str) -> None:
    """An asker at the API, alone and beside a door that takes 10,000 events a second."""
    with Server(folder, environment={"OPENRUM_LOG_LEVEL": "warning"}) as running:
        wait_until_quiet(running)
        alone = _asked(running, monitor, threading.Event(), questions=20 * len(OVERVIEW))
        over = threading.Event()
        with ThreadPoolExecutor(1) as beside:
            asking = beside.submit(_asked, running, monitor, over, questions=10_000)
            load = generate(running.port, monitor, events=20, seconds=INGEST_S, rate=500)
            over.set()
            busy = asking.result()
    report.figure("asked at the API, alone: p95", alone, "ms")
    report.figure("… beside 10,000 events/s: p95", busy, "ms")
    report.figure("… the one as a multiple of the other", busy / alone, "", at_most=2)
    report.figure("… p99 of an acknowledgement", load["p99_ms"], "ms", at_most=50)


def _asked(running: Server, monitor: str, over: threading.Event, questions: int) -> float:
    """The p95 of the overview's questions one after another, each of another range, so that no answer is kept. The first of each kind
    finds nothing in memory, and does not count.
    """
    took: list[float] = []
    to_ms = int(time.time() * 1_000)
    for number, form in enumerate(islice(cycle(OVERVIEW), questions)):
        if over.is_set():
            break
        question = {"monitor": monitor, "from": to_ms - DAYS * DAY_MS + number, "to": to_ms, **form}
        begin = time.perf_counter()
        running.api("POST", "/api/v1/query", question)
        took.append((time.perf_counter() - begin) * 1_000)
    warm = sorted(took[len(OVERVIEW) :])
    return warm[int(len(warm) * 0.95)]


SPECIAL_FORMS: dict[str, Form] = {
    "waterfall": {},
    "resources": {},
    "lcp-parts": {},
    "inp-parts": {},
    "cls-targets": {},
    "http-routes": {},
    "impact": {},
    "distribution": {},
    "slowest": {},
    "sessions": {},
    "errors": {},
    "journeys": {},
    "returning": {},
    "funnel": {
        "steps": [
            {"name": "seen", "where": [{"dimension": "page_group", "op": "is", "values": ["/"]}]},
            {"name": "cart", "where": [{"dimension": "page_group", "op": "contains", "values": ["cart"]}]},
        ]
    },
    "correlation": {"subset": {"slow": {"timing": "lcp"}}},
}
"""A form for each special question that needs no more than the range."""


def _name(form: Form) -> str:
    name = ", ".join(form["measures"])
    name += f" by {', '.join(form['by'])}" if "by" in form else ""
    return name + (" where one value" if "where" in form else "")


def _p50_ms(ask: Callable[[], object], runs: int = RUNS) -> float:
    ask()  # the first finds nothing in memory
    gc.collect()
    took = []
    for _ in range(runs):
        begin = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begin) * 1_000)
    return sorted(took)[len(took) // 2]


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    sys.exit(main(wanted, Path(sys.argv[2]) if len(sys.argv) > 2 else None).failed)
