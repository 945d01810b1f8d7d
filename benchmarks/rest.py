"""The claims about a server that has nothing to do, and about the disk.

* start: from the process to the first 200 of /healthz;
* memory at rest;
* the data directory's bytes per event, journal and store together, for realistic events of about 880 bytes.
"""

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.ingest import generate
from benchmarks.report import Report
from tests.crash.load import public_monitor
from tests.server import Server

STARTS = 5
EVENTS_PER_SECOND = 20_000
SECONDS = 30


def main() -> Report:
    """About a minute."""
    report = Report("At rest")
    report.begin()
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="openrum-data-bench-") as folder:
        server = Server(Path(folder) / "data")
        server.start()
        server.stop()
        report.figure("start to /healthz, best of 5", min(_start_s(server) for _ in range(STARTS)), "s", at_most=1)
        server.start()
        report.figure("memory at rest", server.rss_bytes() / 1e6, "MB", at_most=150)
        monitor = public_monitor(server)
        load = generate(server.port, monitor, events=20, seconds=SECONDS, rate=EVENTS_PER_SECOND / 20)
        server.wait_until_drained()
        assert server.stop() == 0
        size = sum(path.stat().st_size for path in server.data_dir.rglob("*") if path.is_file())
        events = load["ok"] * 20
        journal = sum(path.stat().st_size for path in (server.data_dir / "journal").iterdir())
        report.figure("bytes of an event on the wire", load["request_bytes"] / 20, "bytes")
        report.figure("events", events, "")
        report.figure("journal", journal / events, "bytes/event")
        report.figure("data directory", size / events, "bytes/event", at_most=140)
    return report


def _start_s(server: Server) -> float:
    begin = time.perf_counter()
    server.start()
    took = time.perf_counter() - begin
    server.stop()
    return took


if __name__ == "__main__":
    sys.exit(main().failed)
