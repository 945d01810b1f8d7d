"""Make durable, read back. The room stores bytes it need not understand; it knows neither HTTP nor events.

    journal.py    the writing side: one thread that commits all who wait together
    pace.py       when the next commit may begin
    reader.py     the reading side: for the drain, for a position, for a check
    rewrite.py    other bytes in the place of some, without a trace; space given back
    day_file.py   one SQLite file per UTC day of receipt
    cell.py       what SQLite makes of a row, as far as that needs to know
    block.py      the records of one commit: MessagePack, zstd, checksum
    lock.py       one server per data directory

What is promised: when the future of `Journal.append` has a result, the payload is fsynced. A block is written whole or
not at all. A position names a payload for ever. Damage is found by checksum, reported by position, and contained.
"""

from openrum.journal.block import Block, BlockCodec, Damaged, PackedBlock
from openrum.journal.journal import Journal
from openrum.journal.lock import DirectoryLock, DirectoryTaken
from openrum.journal.reader import Finding, JournalReader
from openrum.journal.rewrite import Change, JournalRewriter, LogInUse, Rewritten

__all__ = [
    "Block",
    "BlockCodec",
    "Change",
    "Damaged",
    "DirectoryLock",
    "DirectoryTaken",
    "Finding",
    "Journal",
    "JournalReader",
    "JournalRewriter",
    "LogInUse",
    "PackedBlock",
    "Rewritten",
]
