"""The claims of questions: how long a person waits, on millions of events and two cores, p50 over twenty runs.

* each core question; the twelve panels of an overview together; one session's timeline;
* the same SQL by ClickHouse's engine in this process, on the same rows, where chdb is installed;
* beside a door that takes 10,000 events a second: how much longer questions take, and acknowledgements.

`python -m benchmarks questions` takes ten million events over ten days (five minutes, 3 GB of disk);
`python -m benchmarks.questions EVENTS [FOLDER]` as many as are said, or a data directory that is there.
The newest day is as the drain left it, the others are settled, as in a server that has run for a while.
"""

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.journals import MONITOR, write_journal
from benchmarks.report import Report
from openrum.days import DAY_MS
from openrum.drain import Drain
from openrum.enrich.rules import Rulebook, Wishes
from openrum.journal import JournalReader
from openrum.limits import DEFAULTS
from openrum.query.catalogue import SPECIAL
from openrum.query.question import QuestionForm, parse_question
from openrum.query.run import run
from openrum.row_workers import RowWorkers
from openrum.store import DuckDBStore
from openrum.upkeep import open_store

EVENTS = 10_000_000
DAYS = 10
RUNS = 20
AT_ONCE = 2  # as many as there are cores: what a server answers at the same time
_LARGE = 50_000_000

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
    """A store full of rows, and their range."""

    store: DuckDBStore
    from_ms: int
    to_ms: int

    def ask(self, form: Form) -> Any:
        """Answer a question over all of it."""
        now_ms = self.to_ms
        whole = {"monitor": "bench", "from": self.from_ms, "to": self.to_ms, **form}
        question = parse_question(msgspec.convert(whole, QuestionForm), MONITOR, now_ms, DEFAULTS)
        return run(question, self.store, DEFAULTS)

    def special(self, name: str, form: Form) -> Any:
        """Answer a special question over all of it."""
        special = SPECIAL[name]
        whole = {"monitor": "bench", "from": self.from_ms, "to": self.to_ms, **form}
        return special.run(msgspec.convert(whole, special.form), MONITOR, self.to_ms, self.store, DEFAULTS)


def main(events: int = EVENTS, folder: Path | None = None) -> Report:
    """Load, then ask."""
    report = Report(f"Questions, {events:,} events")
    report.begin()
    if folder is not None:
        _ask(report, folder)
        return report
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="openrum-data-bench-") as name:
        fill(Path(name), events, DAYS)
        _ask(report, Path(name))
    return report


def fill(folder: Path, events: int, days: int) -> None:
    """Journal, drain, and settle what is over."""
    first = int(time.time()) // 86_400 - days + 1
    write_journal(folder / "journal", first, days, events // days)
    reader = JournalReader(folder / "journal")
    store = open_store(folder, DEFAULTS)
    workers = RowWorkers(DEFAULTS, os.cpu_count() or 1, store.staging)
    book = Rulebook(90 * DAY_MS, Wishes(custom_events=True))
    for _ in Drain(reader, store, rulebook=lambda: book, limits=DEFAULTS, maker=workers).drain_waiting():
        pass
    workers.close()
    reader.close()
    for day in sorted(store.days())[:-1]:
        store.rewrite(day, settled=True)
    store.close()


def _ask(report: Report, folder: Path) -> None:
    store = open_store(folder, DEFAULTS)
    days = sorted(store.days())
    rows = Rows(store, days[0] * DAY_MS, (days[-1] + 1) * DAY_MS)
    [[events]] = rows.ask({"measures": ["events"]}).rows
    report.figure("events in the range", events, "")
    large = events >= _LARGE
    _core(report, rows, at_most_ms=700 if large else 100)
    _overview(report, rows, at_most_ms=3_000 if large else 500)
    _special(report, rows)
    store.close()


def _core(report: Report, rows: Rows, at_most_ms: float) -> None:
    took = {_name(form): _p50_ms(lambda form=form: rows.ask(form)) for form in CORE}
    for name, milliseconds in sorted(took.items(), key=lambda each: -each[1]):
        report.figure(name, milliseconds, "ms", at_most=at_most_ms)
    report.figure("core questions, mean", sum(took.values()) / len(took), "ms")


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


SPECIAL_FORMS: dict[str, Form] = {
    "waterfall": {},
    "resources": {},
    "lcp-parts": {},
    "inp-parts": {},
    "cls-targets": {},
    "http-routes": {},
    "impact": {},
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
