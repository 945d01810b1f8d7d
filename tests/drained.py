"""A journal and a store in one folder, a clock that is handed in, and the drain between them: for tests of the rooms."""

import asyncio
import json
from pathlib import Path

import msgspec

from openrum.drain import Drain
from openrum.enrich.rules import Rulebook, Wishes
from openrum.events import Received
from openrum.journal import Journal, JournalReader, JournalRewriter
from openrum.keeping import Budget, Clock, Keeper, Retention
from openrum.limits import DEFAULTS
from openrum.make_rows import Maker
from openrum.store import FOLDER, DuckDBStore
from openrum.upkeep import check, rebuild

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
OTHER = "0a0a0a0a-0000-4000-8000-000000000002"
NOW_MS = 1_795_348_800_000
DAY_MS = 86_400_000
TODAY = NOW_MS // DAY_MS
RETENTION_MS = 90 * DAY_MS
BOOK = Rulebook(RETENTION_MS, Wishes(custom_events=True))
REPLAY = "com.amazon.rum.rrweb_event"


def event_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def batch(
    *events: dict[str, object],
    received_ms: int = NOW_MS,
    monitor: str = MONITOR,
    user: str | None = None,
    session: str | None = None,
) -> bytes:
    """The journal's record of one PutRumEvents of these events; what they do not say is the usual."""
    usual = {"id": event_id(1), "timestamp": received_ms // 1000, "type": "a.b", "details": "{}"}
    who = {name: value for name, value in {"userId": user, "sessionId": session}.items() if value}
    wire = [{**usual, **event} for event in events]
    body = {"BatchId": monitor, "AppMonitorDetails": {}, "UserDetails": who, "RumEvents": wire}
    return msgspec.msgpack.encode(
        Received(monitor, received_ms, len(events), None, None, None, json.dumps(body).encode())
    )


def request(*numbers: int, received_ms: int = NOW_MS, monitor: str = MONITOR, **members: object) -> bytes:
    """The journal's record of one PutRumEvents of these events; `members` replace those of each event."""
    events = [{"id": event_id(number), **members} for number in numbers]
    return batch(*events, received_ms=received_ms, monitor=monitor)


def replay(number: int, events: str = '[{"type":2}]', **members: object) -> dict[str, object]:
    """A replay event, for `batch`."""
    details = f'{{"version":"1.0.0","events":{events},"eventCount":{len(json.loads(events))}}}'
    return {"id": event_id(number), "type": REPLAY, "details": details, **members}


class Drained:
    """The rooms between the door and the questions."""

    def __init__(self, folder: Path, book: Rulebook = BOOK) -> None:
        self.folder = folder
        self.book = book
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

    def write_day(self, days_ago: int, *events: dict[str, object] | int, **who: str) -> None:
        """One request, received at noon of that day; a number is an event of that id."""
        moment = NOW_MS - days_ago * DAY_MS
        named = [{"id": event_id(event)} if isinstance(event, int) else event for event in events]
        self.write(batch(*named, received_ms=moment, **who), now_ms=moment)

    def drain(self, **options: object) -> Drain:
        """A drain that begins where the store stands; not started."""
        return Drain(self.reader, self.store, rulebook=lambda: self.book, limits=DEFAULTS, **options)

    def drain_all(self) -> None:
        for _ in self.drain().drain_waiting():
            pass

    def keeper(self, now_ms: int = NOW_MS, **options: object) -> Keeper:
        """What is done in the background, to be asked step by step; not started."""
        usual = {
            "purge_due": frozenset,
            "learn": lambda: None,
            "journal": self.reader,
            "rewriter": JournalRewriter(self.folder / "journal", self.reader),
            "store": self.store,
            "drain": self.drain(),
            "maker": Maker(DEFAULTS),
            "rulebook": lambda: self.book,
            "clock": Clock(lambda: now_ms, lambda: 0),
            "retention": Retention(90, 90, 90),
            "budget": Budget(),
            "limits": DEFAULTS,
        }
        return Keeper(**{**usual, **options})

    def reopen(self) -> None:
        """As after an orderly end and a new start."""
        self.store.close()
        self.store = DuckDBStore(self.folder / FOLDER, DEFAULTS)

    def rebuild(self, **options: object) -> int:
        """`openrum rebuild`. Returns the events that were read."""
        self.store.close()
        count = rebuild(self.folder, self.reader, **{"rulebook": self.book, "limits": DEFAULTS, **options})
        self.store = DuckDBStore(self.folder / FOLDER, DEFAULTS)
        return count

    def findings(self) -> list[str]:
        """What `openrum check` finds wrong."""
        return list(check(self.reader, self.store))

    def counts(self, monitor: str = MONITOR) -> dict[str, int]:
        """Events by outcome."""
        return {outcome: count for (of, outcome), count in self.store.totals().items() if of == monitor}

    def reasons(self, monitor: str = MONITOR) -> dict[tuple[str, str], int]:
        """Events by outcome and reason, over all hours."""
        found: dict[tuple[str, str], int] = {}
        for row in self.store.ledger(monitor, 0, NOW_MS * 2):
            found[row.outcome, row.reason] = found.get((row.outcome, row.reason), 0) + row.count
        return found

    def ask(self, sql: str) -> list[tuple]:
        return self.store.run(sql, {}, timeout_s=30, rows_max=100_000).rows

    def ids(self) -> list[str]:
        return [row[0] for row in self.ask("SELECT id::VARCHAR FROM event_rows ORDER BY 1")]

    def chunks(self) -> list[tuple]:
        """The replays there are: id, and the recording as it is kept."""
        found = []
        for file in self.store.days().values():
            found += self.ask(f"SELECT id::VARCHAR, data FROM {file.catalog}.replay_chunks")
        return sorted(found)

    def everything(self) -> tuple:
        """What must be the same however a day was made: ids, ledger and rows by monitor, replays."""
        return self.ids(), self.store.summary(), self.chunks()

    def day_file(self, day: int = TODAY) -> Path:
        """Where a day of the store lies."""
        return self.store.days()[day].path

    def close(self) -> None:
        self.reader.close()
        self.store.close()
