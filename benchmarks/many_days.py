"""The claim about a small site and a long time: what an overview of ninety days costs depends on what is in them, not on their number.

`python -m benchmarks many_days` takes 450,000 events over ninety days of which all but the newest are settled (five minutes). The floor
is the same overview with each day's file read by itself, in the same run.
"""

import sys
import time
from pathlib import Path

from benchmarks.questions import OVERVIEW, RUNS, Rows, filled
from benchmarks.report import Report
from openrum.days import DAY_MS
from openrum.limits import DEFAULTS
from openrum.upkeep import open_store

EVENTS = 450_000
DAYS = 90


def main() -> Report:
    """Fill, then ask."""
    report = Report(f"A small site, {DAYS} days")
    report.begin()
    with filled(EVENTS, DAYS) as (data, monitor):
        _ask(report, data, monitor)
    return report


def _ask(report: Report, folder: Path, monitor: str) -> None:
    store = open_store(folder, DEFAULTS)
    days = sorted(store.days())
    rows = Rows(store, monitor, days[0] * DAY_MS, (days[-1] + 1) * DAY_MS)
    [[events]] = rows.ask({"measures": ["events"]}).rows
    report.figure("events in the range", events, "")
    report.figure("days", len(days), "")
    apart = _overview_ms(rows)
    begin = time.perf_counter()
    store.gather()
    report.figure("gathering the settled days", time.perf_counter() - begin, "s")
    gathered = _overview_ms(rows)
    store.close()
    report.figure("twelve panels of an overview, processor, each day by itself", apart, "ms")
    report.figure("… gathered", gathered, "ms")
    report.figure("… the one as a share of the other", gathered / apart, "", at_most=0.3)


def _overview_ms(rows: Rows) -> float:
    """The processor time of the twelve panels, one after another, p50. The first time nothing is in memory, and does not count."""
    took = []
    for _ in range(RUNS // 2 + 1):
        begin = time.process_time()
        for form in OVERVIEW:
            rows.ask(form)
        took.append((time.process_time() - begin) * 1_000)
    return sorted(took[1:])[len(took) // 2]


if __name__ == "__main__":
    sys.exit(main().failed)
