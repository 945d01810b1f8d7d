"""A load generator: PutRumEvents over raw sockets, one process, every event id unique.

    python -m benchmarks.load --port 8080 --monitor UUID --events 20 --seconds 30 --connections 64 [--rate 500]

Without --rate the loop is closed: each connection sends as soon as it was answered. With --rate it is open: requests
are due at fixed times whatever the answers do, and latency counts from the due time, so that a stall is not hidden.
Prints one JSON object. Bodies are made beforehand from the synthetic population; only the ids are written anew.
"""

import argparse
import json
import os
import select
import socket
import time
from collections import deque
from dataclasses import dataclass, field

from openrum.demo.population import batches

TEMPLATES = 64
_OF_BROWSER = frozenset((
    "browserName", "browserVersion", "browserLanguage", "osName", "osVersion", "deviceType", "aws:userAgent", "userAgentDetails"
))  # fmt: skip
_PLACEHOLDER = "00000000-aaaa-4aaa-8aaa-000000000000"


@dataclass
class Template:
    """The bytes of one request, and where its event ids stand."""

    data: bytearray
    slots: list[int]


@dataclass
class Tally:
    """What came back."""

    statuses: dict[int, int] = field(default_factory=dict)
    latencies_s: list[float] = field(default_factory=list)


def make_templates(
    monitor: str, events: int, seed: int, *, now_s: int | None = None, sessions: bool = False
) -> list[Template]:
    """`TEMPLATES` different requests of `events` events each, as clients of 1.x and 2.x send them: 880 bytes an event.

    (3.x says once a batch what those repeat in every event, which makes 550.) With `sessions` each has a session and a
    user of its own whenever it is refilled; else those of its template.
    """
    now_s = now_s or int(time.time())
    pool: list[dict] = []
    for visit in batches(seed, (now_s - 86_400) * 1000, now_s * 1000, 4_000):
        if "SessionMetadata" not in visit.body:
            pool.extend(_with_attributes(event) for event in visit.body["RumEvents"])
        if len(pool) >= TEMPLATES * events:
            break
    requests = [pool[i * events : (i + 1) * events] for i in range(TEMPLATES)]
    if sessions:
        requests = [_of_one_browser(request) for request in requests]
    return [_template(monitor, request, now_s, sessions) for request in requests]


def _template(monitor: str, events: list[dict], now_s: int, sessions: bool) -> Template:
    body = json.dumps(
        {
            "BatchId": _PLACEHOLDER.replace("aaa", "bbb"),
            "AppMonitorDetails": {"id": monitor, "version": "1.0.0"},
            "UserDetails": {name: _PLACEHOLDER if sessions else _random_uuid() for name in ("userId", "sessionId")},
            "RumEvents": [{**event, "id": _PLACEHOLDER, "timestamp": now_s} for event in events],
        },
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
    head = (
        f"POST /appmonitors/{monitor} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0\r\n\r\n"
    ).encode()
    data = bytearray(head + body)
    slots, at = [], data.find(_PLACEHOLDER.encode())
    while at >= 0:
        slots.append(at)
        at = data.find(_PLACEHOLDER.encode(), at + 36)
    assert len(slots) == len(events) + (2 if sessions else 0)
    return Template(data, slots)


def _of_one_browser(events: list[dict]) -> list[dict]:
    """The events of several visits as those of one: a session keeps its browser."""
    first, *others = [json.loads(event["metadata"]) for event in events]
    kept = {name: value for name, value in first.items() if name in _OF_BROWSER}
    pages = [{name: value for name, value in other.items() if name not in _OF_BROWSER} for other in (first, *others)]
    return [{**event, "metadata": _compact(page | kept)} for event, page in zip(events, pages, strict=True)]


def _compact(metadata: dict) -> str:
    return json.dumps(metadata, separators=(",", ":"), ensure_ascii=False)


def _with_attributes(event: dict) -> dict:
    """The event with two session attributes, as sites that know their client set them."""
    metadata = {**json.loads(event["metadata"]), "customerTier": "returning", "experiment": "larger-pictures"}
    return {**event, "metadata": _compact(metadata)}


def _random_uuid() -> str:
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def refill(template: Template) -> bytes:
    """The request with fresh ids: 80 random bits each."""
    data = template.data
    digits = os.urandom(10 * len(template.slots)).hex().encode()
    at = 0
    for slot in template.slots:
        data[slot : slot + 8] = digits[at : at + 8]
        data[slot + 24 : slot + 36] = digits[at + 8 : at + 20]
        at += 20
    return bytes(data)


def split(template: Template) -> bytes:
    """The body alone, with fresh ids."""
    return refill(template).partition(b"\r\n\r\n")[2]


class Connection:
    """One keep-alive connection; knows what is still to be sent and since when it waits."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.unsent = memoryview(b"")
        self.since = 0.0

    def send(self, data: bytes, since: float) -> None:
        self.unsent, self.since = memoryview(data), since
        self.flush()

    def flush(self) -> bool:
        """Send what the socket takes; whether something is left."""
        try:
            while self.unsent:
                self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            return True
        return False


class Loop:
    """Drives all connections for a while."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.templates = make_templates(args.monitor, args.events, args.seed)
        self.connections = {}
        self.poll = select.epoll()
        for _ in range(args.connections):
            connection = Connection(args.port)
            self.connections[connection.socket.fileno()] = connection
            self.poll.register(connection.socket.fileno(), select.EPOLLIN)
        self.idle = deque(self.connections.values())  # in turn: a connection that is never used would be closed
        self.tally = Tally()
        self.sent = 0

    def run(self, seconds: float, rate: float | None) -> float:
        """Returns the seconds it really took, until the last answer."""
        begin = time.perf_counter()
        end = begin + seconds
        while True:
            now = time.perf_counter()
            if now < end:
                self._send_due(begin, now, rate)
            elif len(self.idle) == len(self.connections) or now > end + 30:
                return now - begin
            wait_s = 0.05 if rate is None else max(0.0, begin + (self.sent + 1) / rate - time.perf_counter())
            for descriptor, event in self.poll.poll(min(wait_s, 0.05)):
                self._ready(self.connections[descriptor], event)

    def _send_due(self, begin: float, now: float, rate: float | None) -> None:
        due = self.sent + len(self.idle) if rate is None else int((now - begin) * rate)
        while self.idle and self.sent < due:
            connection = self.idle.popleft()
            since = now if rate is None else begin + (self.sent + 1) / rate
            connection.send(refill(self.templates[self.sent % TEMPLATES]), since)
            self.sent += 1
            if connection.unsent:
                self.poll.modify(connection.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def _ready(self, connection: Connection, event: int) -> None:
        if event & select.EPOLLOUT and not connection.flush():
            self.poll.modify(connection.socket.fileno(), select.EPOLLIN)
        if event & select.EPOLLIN:
            answer = connection.socket.recv(65_536)
            status = int(answer[9:12]) if answer else 0
            if status != 100:
                self.tally.statuses[status] = self.tally.statuses.get(status, 0) + 1
                self.tally.latencies_s.append(time.perf_counter() - connection.since)
                self.idle.append(connection)


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--monitor", default="00000000-0000-4000-8000-000000000001")
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    loop = Loop(args)
    took_s = loop.run(args.seconds, args.rate)
    latencies = sorted(loop.tally.latencies_s)
    ok = loop.tally.statuses.get(200, 0)
    print(
        json.dumps(
            {
                "requests": len(latencies),
                "ok": ok,
                "statuses": loop.tally.statuses,
                "seconds": took_s,
                "requests_per_second": ok / took_s,
                "events_per_second": ok * args.events / took_s,
                "request_bytes": sum(len(t.data) for t in loop.templates) / TEMPLATES,
                **{f"p{p}_ms": latencies[int(len(latencies) * p / 100)] * 1000 for p in (50, 90, 99)},
                "max_ms": latencies[-1] * 1000,
            }
        )
    )


if __name__ == "__main__":
    main()
