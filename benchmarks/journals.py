"""Journals made for benchmarks, as a busy door writes them: without a door, so that a hundred million events take minutes.

Requests of 20 events of the synthetic population, 910 bytes an event as clients of 1.x and 2.x send them; ids, sessions and
users are fresh in each request, and every day has other visits.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from benchmarks.load import Template, make_templates, split
from openrum.days import DAY_MS
from openrum.events import Received
from openrum.journal.block import BlockCodec
from openrum.journal.day_file import DayWriter

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
REQUEST_EVENTS = 20
BLOCK_REQUESTS = 25
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
_PLACE = ("DE", None)


def write_journal(folder: Path, first_day: int, days: int, events_a_day: int, monitor: str = MONITOR) -> int:
    """Write `days` day files, one a core at a time. Returns the events; about 4 µs each."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as writers:
        days_written = [
            writers.submit(_write_day, folder, first_day + day, events_a_day, monitor) for day in range(days)
        ]
        return sum(written.result() for written in days_written)


def _write_day(folder: Path, day: int, events: int, monitor: str) -> int:
    codec, writer = BlockCodec(), DayWriter(folder, day)
    blocks = -(-events // (REQUEST_EVENTS * BLOCK_REQUESTS))
    step_ms = DAY_MS // (blocks + 1)
    written = 0
    templates: list[Template] = []
    for number in range(blocks):
        now_ms = day * DAY_MS + number * step_ms
        if number % max(1, blocks // 24) == 0:  # an hour's visits
            templates = make_templates(
                monitor, REQUEST_EVENTS, seed=day * 100 + number, now_s=now_ms // 1000, sessions=True
            )
        records = []
        for request in range(BLOCK_REQUESTS):
            body = split(templates[(number * BLOCK_REQUESTS + request) % len(templates)])
            received = Received(monitor, now_ms, REQUEST_EVENTS, *_PLACE, _AGENT, body)
            records.append((REQUEST_EVENTS, msgspec.msgpack.encode(received)))
        data, size = codec.pack(records)
        writer.write(now_ms, len(records), REQUEST_EVENTS * BLOCK_REQUESTS, size, data)
        written += REQUEST_EVENTS * BLOCK_REQUESTS
    writer.close()
    return written


def size_bytes(folder: Path) -> int:
    """All files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def resident_bytes(pid: int | None = None) -> int:
    """Memory of a process and its children."""
    pid = pid or os.getpid()
    status = Path(f"/proc/{pid}/status").read_text()
    own = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) * 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(resident_bytes(int(child)) for child in children)
