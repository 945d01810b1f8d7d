"""`openrum rebuild` and `openrum check`: the store made anew from the journal, and both held against each other.

Both run with the server stopped. Rebuild writes beside the old store and swaps at the end: killed, it changes nothing.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from openrum.days import DAY_MS, day_named
from openrum.drain import Drain
from openrum.durable_files import sync_directory
from openrum.enrich.rules import Rulebook
from openrum.events import Forgotten, Received
from openrum.journal import Block, JournalReader
from openrum.limits import Limits
from openrum.make_rows import decode, hour_of
from openrum.outcomes import RECEIVED, Outcome
from openrum.row_workers import RowWorkers
from openrum.store import FOLDER, DuckDBStore, Summary

_BESIDE = "store.rebuild"
_OLD = "store.old"
_COMPLETE = "complete"


def open_store(data_dir: Path, limits: Limits) -> DuckDBStore:
    """The store of a data directory. Finishes a swap that a kill cut short. Raises what `DuckDBStore` does."""
    if (data_dir / _BESIDE / _COMPLETE).exists():
        _swap(data_dir)
    if not (data_dir / FOLDER).exists() and (data_dir / _OLD).exists():
        (data_dir / _OLD).rename(data_dir / FOLDER)
    for leftover in (_BESIDE, _OLD):
        shutil.rmtree(data_dir / leftover, ignore_errors=True)
    return DuckDBStore(data_dir / FOLDER, limits)


def rebuild(
    data_dir: Path,
    journal: JournalReader,
    *,
    rulebook: Rulebook,
    limits: Limits,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Make the store anew. Returns the events read; `on_progress` is told of done and all.

    Days that the journal has no more are taken over as they are.
    """
    open_store(data_dir, limits).close()
    beside = data_dir / _BESIDE
    beside.mkdir(mode=0o700)
    _take_over(data_dir / FOLDER, beside, set(journal.days()))
    store = DuckDBStore(beside, limits, threads=1)  # nobody asks it anything; the processes need the cores
    workers = RowWorkers(limits, os.cpu_count() or 1, store.staging)
    try:
        drain = Drain(journal, store, rulebook=lambda: rulebook, limits=limits, maker=workers)
        total = drain.backlog_at_start
        on_progress(0, total)
        for _ in drain.drain_waiting():
            on_progress(drain.drained_events, total)
    finally:
        workers.close()
        store.close()
    (beside / _COMPLETE).touch()
    sync_directory(beside)
    _swap(data_dir)
    return drain.drained_events


def _take_over(folder: Path, beside: Path, in_journal: set[int]) -> None:
    """Without a copy: the files of a day that is over are replaced, never changed."""
    for path in folder.glob("*.duckdb"):
        day = day_named(path.name.partition(".")[0])
        if day is not None and day not in in_journal:
            os.link(path, beside / path.name)


def _swap(data_dir: Path) -> None:
    """Put the new folder in the old one's place. `open_store` goes on where this was cut short."""
    store, beside, old = data_dir / FOLDER, data_dir / _BESIDE, data_dir / _OLD
    shutil.rmtree(old, ignore_errors=True)
    if store.exists():
        store.rename(old)
    beside.rename(store)
    sync_directory(data_dir)
    (store / _COMPLETE).unlink()
    shutil.rmtree(old, ignore_errors=True)


def check(journal: JournalReader, store: DuckDBStore) -> Iterator[str]:
    """Read everything; yield a sentence for each thing that is wrong."""
    received: Counter[tuple[str, int]] = Counter()
    damaged_events = 0
    position = store.position() or (0, 0)

    def count(block: Block) -> None:
        if (block.day, block.number) <= position:
            received.update(_received(block.records))

    for finding in journal.verify(count):
        damaged_events += finding.events
        where = f"journal day {finding.day}" + (f", block {finding.block}" if finding.block is not None else "")
        yield f"{where}: {finding.what} ({finding.events} events)" if finding.day else finding.what
    summary = store.summary()
    days = journal.days()
    yield from _check_received(summary, received, days[0] * DAY_MS if days else None, damaged_events)
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
        if rows != stored[monitor]:
            yield f"monitor {monitor}: {rows} rows, the ledger has {stored[monitor]} stored"


def _received(records: list[bytes]) -> Counter[tuple[str, int]]:
    """(monitor, hour) → events that the door counted, over some journal records."""
    received: Counter[tuple[str, int]] = Counter()
    for record in records:
        decoded = decode(record)
        if isinstance(decoded, Received | Forgotten):
            received[decoded.monitor, hour_of(decoded.received_ms)] += decoded.events
    return received
