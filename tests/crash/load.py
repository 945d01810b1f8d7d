"""The crash driver's side of the story: what was sent, what was answered, and whether the server agrees.

Every event id falls into one of two sets: acknowledged (its request got a complete 200) or ambiguous (no complete
answer came: reset, timeout, 5xx). `Witness.verify` reads everything back through the public API and holds the
measure of "nothing lost": acknowledged ids exactly once with equal contents, ambiguous batches all or nothing, and no
id that was never sent.
"""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from tests.server import Server

TYPES = ("com.amazon.rum.page_view_event", "com.amazon.rum.js_error_event", "com.amazon.rum.http_event")


@dataclass
class SentBatch:
    """One PutRumEvents, as bytes and as what must be read back."""

    body: bytes
    events: dict[str, tuple[str, dict, dict]]  # id → type, details, metadata
    acknowledged: bool = False


@dataclass
class Witness:
    """Remembers every batch; sends from several threads until the server dies."""

    monitor: str
    seed: int
    batches: list[SentBatch] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send_until(self, server: Server, end: float, threads: int = 4) -> None:
        """Send without pause until the monotonic time `end`, then kill the server while requests are under way."""
        workers = [
            threading.Thread(
                target=self._work, args=(server.port, random.Random(f"{self.seed}/{end}/{n}")), daemon=True
            )
            for n in range(threads)
        ]
        for worker in workers:
            worker.start()
        workers[0].join(max(0.0, end - time.monotonic()))
        server.kill()
        for worker in workers:
            worker.join()

    def _work(self, port: int, rng: random.Random) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            while True:
                self.send(connection, make_batch(self.monitor, rng))
        except (OSError, http.client.HTTPException):
            pass  # the server died: the last batch stays ambiguous
        finally:
            connection.close()

    def send(self, connection: http.client.HTTPConnection, batch: SentBatch) -> int:
        """Write it down, send it, and mark it once a whole 200 was read."""
        with self.lock:
            self.batches.append(batch)
        connection.request("POST", f"/appmonitors/{self.monitor}", batch.body, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        batch.acknowledged = batch.acknowledged or answer.status == 200
        return answer.status

    def send_some(self, server: Server, batches: int) -> list[int]:
        """Send a few batches of the next random contents, one after the other. Returns the statuses."""
        rng = random.Random(f"{self.seed}/{len(self.batches)}")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        try:
            return [self.send(connection, make_batch(self.monitor, rng)) for _ in range(batches)]
        finally:
            connection.close()

    def resend_everything(self, server: Server) -> None:
        """As a client would that never saw an answer. Afterwards everything is acknowledged."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for batch in list(self.batches):
            connection.request("POST", f"/appmonitors/{self.monitor}", batch.body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            batch.acknowledged = True
        connection.close()

    def verify(self, server: Server) -> None:
        """Read everything back; raise AssertionError with the counts of what is lost, doubled, altered or unknown."""
        server.wait_until_drained()
        found = read_everything(server, self.monitor)
        times = Counter(event["event_id"] for event in found)
        contents = {
            event["event_id"]: (event["event_type"], event["event_details"], event["metadata"]) for event in found
        }
        sent = {event_id: event for batch in self.batches for event_id, event in batch.events.items()}
        lost = [i for batch in self.batches if batch.acknowledged for i in batch.events if i not in times]
        torn = [
            batch
            for batch in self.batches
            if not batch.acknowledged and 0 < sum(i in times for i in batch.events) < len(batch.events)
        ]
        doubled = [event_id for event_id, count in times.items() if count > 1]
        unknown = [event_id for event_id in times if event_id not in sent]
        altered = [i for i, content in contents.items() if i in sent and content != sent[i]]
        counts = {"lost": lost, "torn": torn, "doubled": doubled, "unknown": unknown, "altered": altered}
        assert not any(counts.values()), {name: (len(ids), ids[:3]) for name, ids in counts.items()}
        totals = server.api("GET", f"/api/v1/ledger?monitor={self.monitor}&from=-2d&to=now")["totals"]
        ended = totals["stored"] + totals["duplicate"] + totals["quarantined"] + totals["dropped"]
        assert totals["received"] == ended, totals
        assert totals["stored"] == len(found), totals


def public_monitor(server: Server, name: str = "crash") -> str:
    """A monitor that takes unsigned batches, made by the command line; its id."""
    return json.loads(server.command("monitors", "create", name, "--domain", "localhost", "--public", "--json").stdout)[
        "Id"
    ]


def make_batch(monitor: str, rng: random.Random) -> SentBatch:
    """One to twenty events of this moment, with contents that differ."""
    events, wire = {}, []
    for _ in range(rng.randint(1, 20)):
        event_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        details = {"version": "1.0.0", "pageId": f"/p/{rng.randint(1, 9)}", "text": "é" * rng.randint(0, 200)}
        metadata = {"version": "1.0.0", "domain": "localhost", "pageId": details["pageId"]}
        events[event_id] = (rng.choice(TYPES), details, metadata)
        wire.append(
            {
                "id": event_id,
                "timestamp": int(time.time()),
                "type": events[event_id][0],
                "details": json.dumps(details),
                "metadata": json.dumps(metadata),
            }
        )
    body = {
        "BatchId": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "AppMonitorDetails": {"id": monitor, "version": "1.0.0"},
        "UserDetails": {"userId": str(uuid.UUID(int=1)), "sessionId": str(uuid.UUID(int=2))},
        "RumEvents": wire,
    }
    return SentBatch(json.dumps(body).encode(), events)


def read_everything(server: Server, monitor: str) -> list[dict]:
    """All events of the monitor as GetAppMonitorData gives them, page by page."""
    rum = server.rum()
    name = next(each["Name"] for each in rum.list_app_monitors()["AppMonitorSummaries"] if each["Id"] == monitor)
    pages = rum.get_paginator("get_app_monitor_data").paginate(
        Name=name, TimeRange={"After": int(time.time() * 1000) - 86_400_000}, MaxResults=100
    )
    return [json.loads(event) for page in pages for event in page["Events"]]
