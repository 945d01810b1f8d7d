"""The claims of the drain and the store: from a journal to rows with the whole enrichment, without a door beside it.

* drain alone: events per second on all cores, beside the floor of the same run (blocks read, bodies parsed as JSON);
* rebuild: the command, as its user runs it;
* the disk: bytes an event of journal and store, as written and once the days are settled;
* retention: a day of many removed, and its bytes given back.

`python -m benchmarks drain` takes two million events; `python -m benchmarks.drain 100000000` takes a hundred million over thirty
days, for memory and retention alone: half an hour, and 15 GB of disk.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec

from benchmarks.journals import resident_bytes, size_bytes, write_journal
from benchmarks.report import Report
from openrum.days import day_name
from openrum.drain import Drain
from openrum.enrich.rules import Rulebook, Wishes
from openrum.events import Batch, Received
from openrum.journal import JournalReader
from openrum.limits import DEFAULTS
from openrum.row_workers import RowWorkers
from openrum.store import FOLDER
from openrum.upkeep import open_store

EVENTS = 2_000_000
DAYS = 4
_BOOK = Rulebook(90 * 86_400_000, Wishes(custom_events=True))
_BODY = msgspec.json.Decoder(Batch)
_RECORD = msgspec.msgpack.Decoder(Received)
_FLOOR_EVENTS = 200_000


def main(events: int = EVENTS, days: int = DAYS) -> Report:
    """About two minutes."""
    report = Report("Drain")
    report.begin()
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="openrum-data-bench-") as name:
        folder = Path(name) / "data"
        today = int(time.time()) // 86_400
        written = write_journal(folder / "journal", today - days + 1, days, events // days)
        report.figure("events, of 910 bytes on the wire", written, "")
        reader = JournalReader(folder / "journal")
        floor = _floor(reader)
        report.figure("floor: blocks read and bodies parsed, one core", floor, "events/s")
        rate = _drain(report, folder, reader, written)
        report.figure("drain alone: share of the floor", rate / floor, "")
        if events <= EVENTS:
            report.figure("rebuild", _rebuild(folder), "events/s", at_least=60_000)
            _disk(report, folder, written)
        _retention(report, folder, reader, days)
        reader.close()
    return report


def _floor(reader: JournalReader) -> float:
    begin, events, at = time.perf_counter(), 0, None
    while events < _FLOOR_EVENTS:
        blocks = reader.read(at, DEFAULTS.drain_group_bytes)
        if not blocks:
            break
        at = (blocks[-1].day, blocks[-1].number)
        for block in blocks:
            for record in block.records:
                events += len(_BODY.decode(_RECORD.decode(record).body).RumEvents)
    return events / (time.perf_counter() - begin)


def _drain(report: Report, folder: Path, reader: JournalReader, events: int) -> float:
    store = open_store(folder, DEFAULTS)
    workers = RowWorkers(DEFAULTS, os.cpu_count() or 1, store.staging)
    drain = Drain(reader, store, rulebook=lambda: _BOOK, limits=DEFAULTS, maker=workers)
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            peak[0] = max(peak[0], resident_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.perf_counter()
    for _ in drain.drain_waiting():
        pass
    rate = events / (time.perf_counter() - begin)
    done.set()
    watcher.join()
    workers.close()
    stored = sum(store.summary().rows.values())
    assert stored == events, (stored, events)
    store.close()
    report.figure("drain alone, the whole enrichment", rate, "events/s", at_least=60_000)
    report.figure("drain alone: memory at worst, workers included", peak[0] / 1e6, "MB", at_most=2_000)
    return rate


def _disk(report: Report, folder: Path, events: int) -> None:
    journal, written = size_bytes(folder / "journal"), size_bytes(folder / FOLDER)
    report.figure("journal", journal / events, "bytes/event")
    report.figure("store, as written", written / events, "bytes/event")
    store = open_store(folder, DEFAULTS)
    for day in list(store.days()):
        store.rewrite(day, settled=True)
    store.close()
    settled = size_bytes(folder / FOLDER)
    report.figure("store, settled", settled / events, "bytes/event")
    report.figure("data directory", (journal + settled) / events, "bytes/event", at_most=130)


def _retention(report: Report, folder: Path, reader: JournalReader, days: int) -> None:
    store = open_store(folder, DEFAULTS)
    oldest = min(store.days())
    before = size_bytes(folder)
    of_the_day = sum(path.stat().st_size for path in folder.rglob(f"{day_name(oldest)}*"))
    begin = time.perf_counter()
    assert reader.trim(oldest + 1) == [oldest]
    assert store.remove([oldest]) == [oldest]
    report.figure(f"retention: one day of {days}", time.perf_counter() - begin, "s", at_most=10)
    report.figure(
        "retention: share of the day's bytes given back", (before - size_bytes(folder)) / of_the_day, "", at_least=0.99
    )
    store.close()


def _rebuild(folder: Path) -> float:
    begin = time.perf_counter()
    command = [sys.executable, "-m", "openrum", "rebuild", "--data-dir", str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    took = time.perf_counter() - begin
    return int("".join(filter(str.isdigit, said))) / took


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    sys.exit(main(wanted, 30 if wanted > 10 * EVENTS else DAYS).failed)
