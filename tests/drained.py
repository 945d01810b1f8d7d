"""A journal and a store in one folder, a clock that is handed in, and the drain between them: for tests of the rooms."""

import asyncio
import json
from pathlib import Path

import msgspec

from openrum.drain import Drain
from openrum.enrich.rules import Rulebook, Wishes
from openrum.events import Received
from openrum.journal import Journal, JournalReader
from openrum.limits import DEFAULTS
from openrum.store import FOLDER, DuckDBStore

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
NOW_MS = 1_795_348_800_000
DAY_MS = 86_400_000
RETENTION_MS = 90 * DAY_MS
BOOK = Rulebook(RETENTION_MS, Wishes(custom_events=True))


def event_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def request(*numbers: int, received_ms: int = NOW_MS, monitor: str = MONITOR, **members: object) -> bytes:
    """The journal's record of one PutRumEvents of these events; `members` replace those of each event."""
    events = [
        {"id": event_id(number), "timestamp": received_ms // 1000, "type": "a.b", "details": "{}", **members}
        for number in numbers
    ]
    body = {"BatchId": monitor, "AppMonitorDetails": {}, "UserDetails": {}, "RumEvents": events}
    return msgspec.msgpack.encode(
        Received(monitor, received_ms, len(events), None, None, None, json.dumps(body).encode())
    )


class Drained:
    """The rooms between the door and the questions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reader = JournalReader(folder / "journal")
        self.store = DuckDBStore(folder / FOLDER, DEFAULTS)

    def write(self, *records: bytes, now_ms: int = NOW_MS, events: int | None = None) -> None:
        """One journal block for each record. `events` is how many the door counted, where it is not one of ours."""

        async def live() -> None:
            journal = Journal(self.folder / "journal", now_ms=lambda: now_ms, limits=DEFAULTS)
            journal.start()
            for record in records:
                decoded = msgspec.msgpack.decode(record) if events is None else None
                await journal.append(record, events if decoded is None else decoded[3])
            await journal.close()

        asyncio.run(live())

    def drain(self, **options: object) -> Drain:
        """A drain that begins where the store stands; not started."""
        return Drain(self.reader, self.store, rulebook=lambda: BOOK, limits=DEFAULTS, **options)

    def drain_all(self) -> None:
        for _ in self.drain().drain_waiting():
            pass

    def counts(self, monitor: str = MONITOR) -> dict[str, int]:
        """Events by outcome."""
        return {outcome: count for (of, outcome), count in self.store.totals().items() if of == monitor}

    def ids(self) -> list[str]:
        found = self.store.run("SELECT id::VARCHAR FROM event_rows ORDER BY 1", {}, timeout_s=10, rows_max=10_000)
        return [row[0] for row in found.rows]

    def close(self) -> None:
        self.reader.close()
        self.store.close()
