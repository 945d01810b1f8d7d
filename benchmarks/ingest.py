"""The claims of the door and the drain, on two cores with the load generator on the same machine.

* burst: durable acknowledgements per second, as a share of the floor's requests per second, in the same run;
* sustained: events acknowledged and queryable per second, drained while receiving, backlog bounded;
* open loop: latency of an acknowledgement at 500 requests per second, and from it to the answer of a question.
"""

import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import Report
from tests.crash.load import make_batch, public_monitor
from tests.server import Server

BURST_S = 30
FLOOR_S = 10
SUSTAINED_S = 30
OPEN_LOOP_S = 30
ASK_EVERY_S = 0.02


def main() -> Report:
    """Run all of it; about three minutes."""
    report = Report("Ingest")
    report.begin()
    burst(report, events=20, share_at_least=0.30)
    burst(report, events=100, events_at_least=100_000)
    sustained(report)
    open_loop(report)
    return report


def burst(
    report: Report, *, events: int, share_at_least: float | None = None, events_at_least: float | None = None
) -> None:
    """Thirty seconds as fast as it goes; the drain may fall behind and catches up after."""
    floor = _floor(events)
    with server() as running:
        monitor = public_monitor(running)
        load = generate(running.port, monitor, events=events, seconds=BURST_S)
        peak = running.rss_bytes()
        begin = time.perf_counter()
        pending = running.pending()
        _drained(running, minutes=10)
        caught_up_s = time.perf_counter() - begin
        stored = _stored(running, monitor)
    assert load["statuses"] == {"200": load["requests"]}, load["statuses"]
    assert stored == load["ok"] * events, (stored, load["ok"] * events)
    name = f"burst, {events}-event batches"
    report.figure(f"{name}: floor", floor, "requests/s")
    report.figure(f"{name}: acknowledged", load["requests_per_second"], "requests/s")
    report.figure(f"{name}: share of the floor", load["requests_per_second"] / floor, "", at_least=share_at_least)
    report.figure(f"{name}: acknowledged", load["events_per_second"], "events/s", at_least=events_at_least)
    report.figure(f"{name}: p99 of an acknowledgement", load["p99_ms"], "ms")
    report.figure(f"{name}: memory at the end", peak / 1e6, "MB", at_most=1_000)
    if pending:
        report.figure(f"{name}: drain alone, catching up", pending / caught_up_s, "events/s")


def sustained(report: Report) -> None:
    """The highest rate that is kept: all of it acknowledged, and at the end no more waiting than two seconds bring."""
    best = 0.0
    for events_per_second in (40_000, 50_000, 60_000, 70_000, 80_000):
        with server() as running:
            monitor = public_monitor(running)
            load = generate(running.port, monitor, events=20, seconds=SUSTAINED_S, rate=events_per_second / 20)
            pending = running.pending()
            peak = running.rss_bytes()
            _drained(running, minutes=5)
            stored = _stored(running, monitor)
        assert stored == load["ok"] * 20 == load["requests"] * 20, (stored, load)
        name = f"at {events_per_second:,} events/s"
        report.figure(f"{name}: backlog at the end", pending, "events")
        report.figure(f"{name}: p99 of an acknowledgement", load["p99_ms"], "ms")
        report.figure(f"{name}: memory at the end", peak / 1e6, "MB", at_most=1_000)
        if pending > 2 * events_per_second or load["events_per_second"] < 0.99 * events_per_second:
            break
        best = load["events_per_second"]
    report.figure("sustained, acknowledged and queryable", best, "events/s", at_least=39_900)


def open_loop(report: Report) -> None:
    """500 requests a second of 20 events, due at fixed times; beside it, probes from their 200 to their answer."""
    with server() as running:
        monitor = public_monitor(running)
        probes: list[float] = []
        done = threading.Event()
        prober = threading.Thread(target=_probe, args=(running, monitor, probes, done))
        prober.start()
        load = generate(running.port, monitor, events=20, seconds=OPEN_LOOP_S, rate=500)
        done.set()
        prober.join()
        peak = running.rss_bytes()
    probes.sort()
    report.figure("open loop, 500 requests/s x 20 events: p50", load["p50_ms"], "ms")
    report.figure("open loop, 500 requests/s x 20 events: p99", load["p99_ms"], "ms", at_most=25)
    report.figure("acknowledged to queryable: p50", probes[len(probes) // 2] * 1000, "ms")
    report.figure("acknowledged to queryable: p99", probes[int(len(probes) * 0.99)] * 1000, "ms", at_most=1_000)
    report.figure("memory at the end", peak / 1e6, "MB", at_most=1_000)


def _probe(running: Server, monitor: str, delays: list[float], done: threading.Event) -> None:
    """Send a batch of a session of its own, then ask for that session every few milliseconds until it is there."""
    rng = random.Random(1)
    while not done.is_set():
        session = str(uuid.uuid4())
        body = json.loads(make_batch(monitor, rng).body)
        body["UserDetails"]["sessionId"] = session
        status, _ = running.request("POST", f"/appmonitors/{monitor}", json.dumps(body).encode())
        assert status == 200, status
        acknowledged = time.perf_counter()
        where = [{"dimension": "session", "op": "is", "values": [session]}]
        question = {"monitor": monitor, "from": "-1h", "to": "now", "measures": ["events"], "where": where}
        while running.api("POST", "/api/v1/query", question)["rows"] != [[len(body["RumEvents"])]]:
            assert time.perf_counter() - acknowledged < 30, "never queryable"
            done.wait(ASK_EVERY_S)  # a person who asks without a pause would be measured instead
        delays.append(time.perf_counter() - acknowledged)
        done.wait(0.1)


@contextmanager
def server() -> Iterator[Server]:
    """A fresh server on a fresh data directory of the disk (not of memory)."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="openrum-data-bench-") as folder,
        Server(Path(folder) / "data", environment={"OPENRUM_LOG_LEVEL": "warning"}) as running,
    ):
        yield running


def generate(port: int, monitor: str, **options: float) -> dict:
    """Run the load generator as a process of its own."""
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "benchmarks.load", f"--port={port}", f"--monitor={monitor}", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _floor(events: int) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.floor", str(port)])
    try:
        _wait_for_port(port)
        return generate(port, "00000000-0000-4000-8000-000000000001", events=events, seconds=FLOOR_S)[
            "requests_per_second"
        ]
    finally:
        process.terminate()
        process.wait()


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline, "the floor does not start"
            time.sleep(0.02)
        else:
            return


def _drained(running: Server, minutes: float) -> None:
    deadline = time.monotonic() + minutes * 60
    while running.pending():
        assert time.monotonic() < deadline, "the drain does not catch up"
        time.sleep(0.05)


def _stored(running: Server, monitor: str) -> int:
    return running.api("GET", f"/api/v1/ledger?monitor={monitor}&from=-2d&to=now")["totals"]["stored"]


if __name__ == "__main__":
    sys.exit(main().failed)
