"""Visitors of a site who can be told apart, what they send, and a search for any trace of one in a data directory."""

import http.client
import json
import sqlite3
import time
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import zstandard

from openrum.journal import JournalReader
from tests.server import Server

DAY_S = 86_400
BUILT_IN = "com.amazon.rum."


@dataclass
class Visitor:
    """One person: an id, a session, and words that nobody else says."""

    secret: str
    user: str = field(default_factory=lambda: str(uuid.uuid4()))
    session: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent: list[str] = field(default_factory=list)  # ids of events that are stored

    def visit(self, server: Server, monitor: str, *, days_ago: int = 0, user: str | None = None) -> int:
        """A page, an error, a request, a replay, a custom event; one that is no JSON, and one again. How many events."""
        secret, at = self.secret, int(time.time()) - days_ago * DAY_S
        events = [
            self._event(BUILT_IN + "page_view_event", at, {"version": "1.0.0", "pageId": f"/{secret}", "n": 1.0}),
            self._event(BUILT_IN + "js_error_event", at, {"version": "1.0.0", "type": "Error", "message": secret}),
            self._event(BUILT_IN + "http_event", at, {"version": "1.0.0", "request": {"url": f"https://x.example/{secret}"}}),
            self._event(
                BUILT_IN + "rrweb_event", at,
                {"version": "1.0.0", "events": [{"type": 2, "data": {"text": secret}}], "eventCount": 1},
            ),
            self._event("shop.basket", at, {"note": secret, "huge": 10**30, "text": "\x1b[31m é"}),
        ]  # fmt: skip
        self.sent += [event["id"] for event in events]
        broken = {**self._event("shop.broken", at, {}), "details": f"\x1b {secret} is no JSON"}
        return self._send(server, monitor, [*events, broken, events[0]], user or self.user)

    def _event(self, kind: str, at: int, details: dict) -> dict:
        metadata = {"version": "1.0.0", "domain": "localhost", "pageId": f"/{self.secret}", "name": self.secret}
        return {
            "id": str(uuid.uuid4()),
            "timestamp": at,
            "type": kind,
            "details": json.dumps(details),
            "metadata": json.dumps(metadata),
        }

    def _send(self, server: Server, monitor: str, events: list[dict], user: str) -> int:
        body = {
            "BatchId": str(uuid.uuid4()),
            "AppMonitorDetails": {"id": monitor},
            "UserDetails": {"userId": user, "sessionId": self.session},
            "RumEvents": events,
        }
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
            connection.request(
                "POST", f"/appmonitors/{monitor}", json.dumps(body), {"content-type": "application/json"}
            )
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
        return len(events)

    @property
    def needles(self) -> list[bytes]:
        """What would give them away: the words, the id as text and as the bytes that engines make of it."""
        number = uuid.UUID(self.user)
        flipped = number.int ^ (1 << 127)  # as DuckDB stores it
        low, high = flipped & ((1 << 64) - 1), flipped >> 64
        return [
            self.secret.encode(),
            self.user.encode(),
            self.user.upper().encode(),
            self.user.replace("-", "").encode(),
            number.bytes,
            number.bytes_le,
            number.int.to_bytes(16, "little"),
            flipped.to_bytes(16, "big"),
            low.to_bytes(8, "little") + high.to_bytes(8, "little"),
        ]


def traces(visitor: Visitor, data_dir: Path) -> set[str]:
    """Where anything of the visitor's is in the bytes of the files of a directory, or in what is packed in them.

    What is packed can be read only while no server runs; see `raw_traces` for beside one.
    """
    return raw_traces(visitor, data_dir) | _in_journal(visitor, data_dir) | _in_store(visitor, data_dir)


def raw_traces(visitor: Visitor, data_dir: Path) -> set[str]:
    """Files whose bytes give the visitor away."""
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    return {str(path.relative_to(data_dir)) for path in files if _gives_away(visitor, path.read_bytes())}


def _gives_away(visitor: Visitor, content: bytes) -> bool:
    return any(needle in content for needle in visitor.needles)


def _in_journal(visitor: Visitor, data_dir: Path) -> set[str]:
    blocks = []
    with closing(JournalReader(data_dir / "journal")) as journal:
        assert not list(journal.verify(blocks.append))
    return {
        f"journal day {block.day}, block {block.number}"
        for block in blocks
        if any(_gives_away(visitor, record) for record in block.records)
    }


def _in_store(visitor: Visitor, data_dir: Path) -> set[str]:
    found = set()
    for path in (data_dir / "store").glob("*.duckdb"):
        with duckdb.connect(path, read_only=True) as connection:
            for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():
                    if _gives_away(visitor, b"\n".join(map(_as_bytes, row))):
                        found.add(f"{path.name}: {table}")
    return found


def _as_bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value + zstandard.ZstdDecompressor().decompress(value)
    return str(value).encode()


def in_control_database(visitor: Visitor, data_dir: Path) -> bool:
    """Whether any row of the control database gives the visitor away."""
    with closing(sqlite3.connect(data_dir / "control.sqlite")) as connection:
        return any(_gives_away(visitor, line.encode()) for line in connection.iterdump())
