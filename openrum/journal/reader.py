"""The reading side: blocks in order for the drain, one payload by its position, everything for a check.

Any thread, any process, beside the writer. Never writes, but for `trim`, which deletes whole days; see rewrite.py.
"""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from openrum.days import day_name
from openrum.events import Position
from openrum.journal import day_file
from openrum.journal.block import Block, BlockCodec, Damaged, PackedBlock
from openrum.journal.day_file import DayReader

_FETCHED_BLOCKS_KEPT = 32


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong that `JournalReader.verify` found: where, and what."""

    day: int
    block: int | None
    events: int
    what: str


class JournalReader:
    """The reading side: any thread, any process, beside the writer."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._codec = BlockCodec()
        self._readers: dict[int, DayReader] = {}
        self._fetched: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()

    def read(self, after: tuple[int, int] | None, bytes_max: int) -> list[Block]:
        """What `read_packed` reads, unpacked."""
        packed = self.read_packed(after, bytes_max)
        with self._lock:
            return [self._codec.open(block) for block in packed]

    def read_packed(self, after: tuple[int, int] | None, bytes_max: int) -> list[PackedBlock]:
        """Whole blocks of one day behind the position (day, block), up to `bytes_max` unpacked, but at least one if there
        is one.
        """
        first_day, first_number = after or (0, 0)
        blocks: list[PackedBlock] = []
        size = 0
        with self._lock:
            for day in self.days():
                if day < first_day:
                    continue
                for packed in self._reader(day).after(first_number if day == first_day else 0):
                    size += packed.size
                    if blocks and size > bytes_max:
                        return blocks
                    blocks.append(packed)
                if blocks:
                    return blocks
        return blocks

    def fetch(self, position: Position) -> bytes:
        """The payload at a position. KeyError where the day is past its retention; Damaged where it cannot be read."""
        key = (position.day, position.block)
        with self._lock:
            records = self._fetched.get(key)
            if records is None:
                packed = self._reader(position.day).get(position.block) if position.day in self.days() else None
                if packed is None:
                    raise KeyError(position)
                block = self._codec.open(packed)
                if block.damaged:
                    raise Damaged(block.damaged)
                records = self._fetched[key] = block.records
                if len(self._fetched) > _FETCHED_BLOCKS_KEPT:
                    self._fetched.popitem(last=False)
            self._fetched.move_to_end(key)
            return records[position.record]

    def events_after(self, after: tuple[int, int] | None) -> int:
        """How many events stand behind a position."""
        first_day, first_number = after or (0, 0)
        with self._lock:
            return sum(
                self._reader(day).events_after(first_number if day == first_day else 0)
                for day in self.days()
                if day >= first_day
            )

    def days(self) -> list[int]:
        """The days there are, oldest first."""
        return list(day_file.days_in(self._directory))

    def size_bytes(self) -> int:
        """What the day files take on disk."""
        return sum(path.stat().st_size for path in self._directory.glob("*.sqlite*"))

    def trim(self, before_day: int) -> list[int]:
        """Delete the files of the days before, whole. Returns those days."""
        with self._lock:
            gone = {day: path for day, path in day_file.days_in(self._directory).items() if day < before_day}
            for day, path in gone.items():
                reader = self._readers.pop(day, None)
                if reader is not None:
                    reader.close()
                day_file.delete(self._directory, path)
            for key in [key for key in self._fetched if key[0] in gone]:
                del self._fetched[key]
        return list(gone)

    def drop_fetched(self, day: int, number: int) -> None:
        """Keep no copy of a block: it was changed on disk. Whoever fetched it before the change is waited for."""
        with self._lock:
            self._fetched.pop((day, number), None)

    def verify(self, on_block: Callable[[Block], None] = lambda _: None) -> Iterator[Finding]:
        """Read every block of every day; yield what is damaged and go on behind it. `on_block` sees the sound ones."""
        for path in sorted(self._directory.glob("*.sqlite.damaged-*[0-9]")):
            yield Finding(0, None, 0, f"{path.name} was set aside because it could not be opened")
        for day in self.days():
            try:
                yield from self._verify_day(day, on_block)
            except sqlite3.DatabaseError as error:
                yield Finding(day, None, 0, f"{day_name(day)}: {error}")

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()

    def _verify_day(self, day: int, on_block: Callable[[Block], None]) -> Iterator[Finding]:
        with self._lock:
            reader = self._reader(day)
            structure = reader.integrity()
            numbers = reader.numbers()
        for what in structure:
            yield Finding(day, None, 0, f"{day_name(day)}: {what}")
        for number in numbers:
            try:
                with self._lock:
                    packed = reader.get(number)
                    if packed is None:
                        yield Finding(day, number, 0, "listed, but not found")
                        continue
                    block = self._codec.open(packed)
            except sqlite3.DatabaseError as error:
                yield Finding(day, number, 0, str(error))
                continue
            if block.damaged:
                yield Finding(day, number, block.events, block.damaged)
            else:
                on_block(block)

    def _reader(self, day: int) -> DayReader:
        if day not in self._readers:
            self._readers[day] = DayReader(day_file.path_of(self._directory, day), day)
        return self._readers[day]
