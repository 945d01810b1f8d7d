"""`openrum rebuild` and `openrum check`: the store made anew from the journal, and both held against each other.

Both run with the server stopped. Rebuild writes beside the old store and swaps at the end: killed, it changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from openrum.drain import Drain, count_received
from openrum.durable_files import put_in_place
from openrum.enrich.rules import Rules
from openrum.journal import Block, JournalReader
from openrum.limits import Limits
from openrum.outcomes import RECEIVED, Outcome
from openrum.store import FILE, HOUR_MS, DuckDBStore, Summary

_BESIDE = "store.rebuild.duckdb"
_DAY_MS = 24 * HOUR_MS


def rebuild(
    data_dir: Path,
    journal: JournalReader,
    *,
    rules: Callable[[str], Rules],
    limits: Limits,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Make the store anew. Returns the events read; `on_progress` is told of done and all."""
    beside = data_dir / _BESIDE
    for leftover in data_dir.glob(f"{_BESIDE}*"):
        leftover.unlink()
    store = DuckDBStore(beside, limits)
    try:
        drain = Drain(journal, store, rules=rules, limits=limits)
        total = drain.backlog_at_start
        on_progress(0, total)
        for _ in drain.drain_waiting():
            on_progress(drain.drained_events, total)
    finally:
        store.close()
    _swap(beside, data_dir / FILE)
    return drain.drained_events


def check(journal: JournalReader, store: DuckDBStore) -> Iterator[str]:
    """Read everything; yield a sentence for each thing that is wrong."""
    received: Counter[tuple[str, int]] = Counter()
    damaged_events = 0
    position = store.position() or (0, 0)

    def count(block: Block) -> None:
        if (block.day, block.number) <= position:
            received.update(count_received(block.records))

    for finding in journal.verify(count):
        damaged_events += finding.events
        where = f"journal day {finding.day}" + (f", block {finding.block}" if finding.block is not None else "")
        yield f"{where}: {finding.what} ({finding.events} events)" if finding.day else finding.what
    summary = store.summary()
    days = journal.days()
    yield from _check_received(summary, received, days[0] * _DAY_MS if days else None, damaged_events)
    yield from _check_identity(summary)
    yield from _check_rows(summary)


def _check_received(
    summary: Summary, received: Counter[tuple[str, int]], since_ms: int | None, damaged_events: int
) -> Iterator[str]:
    """The journal and the ledger count the same, hour by hour, over the days that the journal still has."""
    if since_ms is None:
        return
    ledger: Counter[tuple[str, int]] = Counter()
    for (monitor, hour, outcome, _), count in summary.ledger.items():
        if outcome == RECEIVED and hour >= since_ms and monitor:
            ledger[monitor, hour] += count
    for monitor, hour in sorted(ledger.keys() | {key for key in received if key[1] >= since_ms}):
        missing = ledger[monitor, hour] - received[monitor, hour]
        if missing and not 0 < missing <= damaged_events:
            yield (
                f"monitor {monitor}, hour {hour}: the journal has {received[monitor, hour]} events,"
                f" the ledger {ledger[monitor, hour]}; openrum rebuild makes the store anew"
            )


def _check_identity(summary: Summary) -> Iterator[str]:
    by_monitor: dict[str, Counter[str]] = {}
    for (monitor, _, outcome, _), count in summary.ledger.items():
        by_monitor.setdefault(monitor, Counter())[outcome] += count
    ends = (Outcome.STORED, Outcome.DUPLICATE, Outcome.QUARANTINED, Outcome.DROPPED)
    for monitor, counts in by_monitor.items():
        ended = sum(counts[outcome] for outcome in ends)
        if counts[RECEIVED] != ended:
            yield f"monitor {monitor}: {counts[RECEIVED]} events received, {ended} accounted for"


def _check_rows(summary: Summary) -> Iterator[str]:
    stored: Counter[str] = Counter()
    for (monitor, _, outcome, _), count in summary.ledger.items():
        if outcome == Outcome.STORED:
            stored[monitor] += count
    for monitor in sorted(stored.keys() | summary.rows.keys()):
        rows, ids = summary.rows.get(monitor, 0), summary.ids.get(monitor, 0)
        if rows != ids:
            yield f"monitor {monitor}: {rows} rows with {ids} distinct ids"
        if rows != stored[monitor] and not (summary.trimmed and rows < stored[monitor]):
            yield f"monitor {monitor}: {rows} rows, the ledger has {stored[monitor]} stored"


def _swap(beside: Path, store: Path) -> None:
    """Put the new file in the old one's place in one step, and make that durable."""
    # A write-ahead log belongs to the file it was written for; the old one's must not meet the new file.
    old_log = store.with_name(store.name + ".wal")
    old_log.unlink(missing_ok=True)
    put_in_place(beside, store)
