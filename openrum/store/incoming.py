"""What the store knows of a group's rows before the engine reads them: whose they are, when, where, and how they ended.

Of a line no more is read than that, which takes a microsecond or two; to have the engine set rows aside and look at them there
takes five, and a price for each statement.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from openrum.events import Flag
from openrum.outcomes import Outcome, Reason
from openrum.store.store import HOUR_MS, LedgerKey

Key = tuple[str, str]
"""Monitor and id: what makes an event the same one."""
Place = tuple[int, int, int, int]
"""Day, block, record, and the place in RumEvents."""

_SLICE_BYTES = 256 * 1024  # read at a time, so that another thread gets the interpreter between
_REPLACED = int(Flag.TIME_REPLACED)
_STORED = str(Outcome.STORED)
_DUPLICATE = (str(Outcome.DUPLICATE), str(Reason.NONE))


class Placed(msgspec.Struct, gc=False):
    """Of a row, or of a replay, where its event stands."""

    day: int
    block: int
    record: int
    index: int

    @property
    def place(self) -> Place:
        """As the ledger has it."""
        return self.day, self.block, self.record, self.index


class Line(Placed, gc=False):
    """Of `events.Row` what is needed. The encoder leaves out what has its default."""

    monitor: str
    id: str
    time: int
    received: int
    outcome: str = _STORED
    reason: str = ""
    flags: int = 0


_LINE = msgspec.json.Decoder(Line)
_PLACED = msgspec.json.Decoder(Placed)


@dataclass(slots=True)
class Incoming:
    """The rows of a group, in their order. A duplicate is not stored, whatever else would have become of it."""

    rows: list[Line] = field(default_factory=list)
    flagged: bool = False  # some row's time was replaced
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    """For each hour that rows are of, by its number, the first of their times and the last."""
    again: set[int] = field(default_factory=set)
    """The places of duplicates in `rows`."""

    @classmethod
    def of(cls, lines: bytes | bytearray, files: Sequence[Path] = ()) -> "Incoming":
        """The rows of some lines, or of files of them. Raises msgspec.MsgspecError for a line that is none."""
        found = cls()
        for text in (lines, *(file.read_bytes() for file in files)):
            for part in _slices(text):
                rows = _LINE.decode_lines(part)
                found.rows += rows
                found._look(rows)
        return found

    def _look(self, rows: Iterable[Line]) -> None:
        for row in rows:
            time = row.time
            hour = time // HOUR_MS
            first, last = self.spans.get(hour, (time, time))
            if time <= first or time >= last:
                self.spans[hour] = min(first, time), max(last, time)
            if row.flags & _REPLACED:
                self.flagged = True

    def judge(self, stored_before: set[Key]) -> None:
        """Find the duplicates: those that are in the store, and those that are not the first to be stored of their id."""
        seen = set(stored_before)
        self.again = set()
        for place, row in enumerate(self.rows):
            key = (row.monitor, row.id)
            if key in seen:
                self.again.add(place)
            elif row.outcome == _STORED:
                seen.add(key)

    def staying(self) -> list[Line]:
        """The rows that are stored."""
        return [row for place, row in enumerate(self.rows) if row.outcome == _STORED and place not in self.again]

    def counted(self) -> tuple[Counter[LedgerKey], dict[LedgerKey, Place]]:
        """How many rows ended in each way, by hour of receipt, and where the first of them stands."""
        counts: dict[tuple[str, int, str, str], int] = {}
        first: dict[tuple[str, int, str, str], Line] = {}
        for place, row in enumerate(self.rows):
            ending = _DUPLICATE if place in self.again else (row.outcome, row.reason)
            key = (row.monitor, row.received // HOUR_MS * HOUR_MS, *ending)
            counts[key] = counts.get(key, 0) + 1
            first.setdefault(key, row)
        named = {key: (*key[:3], Reason(key[3])) for key in counts}
        return (
            Counter({named[key]: count for key, count in counts.items()}),
            {named[key]: row.place for key, row in first.items()},
        )


def of_those(replays: bytes | bytearray, staying: Iterable[Placed]) -> bytes:
    """The lines of the replays whose rows stay."""
    places = {row.place for row in staying}
    lines = bytes(replays).splitlines(keepends=True)
    return b"".join(line for line in lines if _PLACED.decode(line).place in places)


def _slices(text: bytes | bytearray) -> Iterator[bytes | bytearray]:
    """Whole lines, some at a time."""
    begin = 0
    while begin < len(text):
        end = text.find(b"\n", begin + _SLICE_BYTES) + 1 or len(text)
        yield text[begin:end]
        begin = end
