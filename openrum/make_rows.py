"""Blocks of the journal → rows, as the lines that the store takes: the middle of the drain, in whichever process.

Pure but for its log: what is asked of a block and a rulebook has one answer. What cannot be read or enriched is counted
and left behind; it never blocks what stands after it.
"""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from openrum.enrich.event_types import Replay
from openrum.enrich.pipeline import enrich
from openrum.enrich.replays import to_chunk
from openrum.enrich.row import to_row
from openrum.enrich.rules import ReadyRules, Rulebook
from openrum.events import Forgotten, JournalRecord, Position, Received, Refusals, ReplayChunk, Row
from openrum.journal import Block, BlockCodec, PackedBlock
from openrum.limits import Limits
from openrum.outcomes import RECEIVED, Outcome, Reason
from openrum.store import HOUR_MS, LedgerKey

_log = structlog.get_logger()
_RECORD: msgspec.msgpack.Decoder[JournalRecord] = msgspec.msgpack.Decoder(JournalRecord)
_ENCODER = msgspec.json.Encoder(enc_hook=lambda value: base64.b64encode(value).decode())
_SLICE = 500  # rows encoded at a time, so that another thread gets the interpreter between


@dataclass(slots=True)
class Made:
    """What was made of some blocks: lines of rows and of replay chunks, and the counts that no row stands for.

    Rows made in other processes stand in files, in their order.
    """

    lines: bytearray = field(default_factory=bytearray)
    replays: bytearray = field(default_factory=bytearray)
    files: list[Path] = field(default_factory=list)  # of rows
    counted: Counter[LedgerKey] = field(default_factory=Counter)
    monitors: set[str] = field(default_factory=set)

    def add(self, other: "Made") -> None:
        """What was made of the blocks behind these."""
        self.lines += other.lines
        self.replays += other.replays
        self.files += other.files
        self.counted.update(other.counted)
        self.monitors |= other.monitors


class Maker:
    """Makes rows. One a thread; it knows the routes and texts that it has seen."""

    def __init__(self, limits: Limits) -> None:
        self._ready = ReadyRules(limits)
        self._codec = BlockCodec()

    def make(self, blocks: Sequence[PackedBlock], book: Rulebook) -> Made:
        """The rows of these blocks by this book."""
        made = Made()
        for block in blocks:
            self._take(self._codec.open(block), book, made)
        return made

    def _take(self, block: Block, book: Rulebook, made: Made) -> None:
        if block.damaged:
            _log.error(
                "journal block skipped", day=block.day, block=block.number, events=block.events, why=block.damaged
            )
            _count_lost(made.counted, "", _noon(block.day), block.events)
        rows: list[Row] = []
        for index, record in enumerate(block.records):
            position = Position(block.day, block.number, index)
            match decode(record):
                case Received() as received:
                    self._take_received(received, position, book, rows, made)
                case Refusals() as refusals:
                    for monitor, reason, requests in refusals.counts:
                        made.counted[monitor, hour_of(refusals.counted_ms), Outcome.REFUSED, reason] += requests
                case Forgotten() as gone:
                    hour = hour_of(gone.received_ms)
                    made.counted[gone.monitor, hour, RECEIVED, Reason.NONE] += gone.events
                    made.counted[gone.monitor, hour, Outcome.DROPPED, gone.reason] += gone.events
                case None:
                    _log.error("journal record skipped", position=list(position))
            if len(rows) >= _SLICE:
                made.lines += _ENCODER.encode_lines(rows)
                rows.clear()
        made.lines += _ENCODER.encode_lines(rows)

    def _take_received(
        self, received: Received, position: Position, book: Rulebook, rows: list[Row], made: Made
    ) -> None:
        hour = hour_of(received.received_ms)
        try:
            rules = self._ready.of(book, received.monitor)
            fresh: list[Row] = []
            chunks: list[ReplayChunk] = []
            for event in enrich(received, position, rules):
                row = to_row(event, rules)
                fresh.append(row)
                if type(event.details) is Replay and (chunk := to_chunk(event, row, rules)) is not None:
                    chunks.append(chunk)
        except Exception as error:  # noqa: BLE001 - a defect of ours must cost this request alone, and be counted
            _log.error("request quarantined as poison", position=list(position), exc_info=error)
            _count_lost(made.counted, received.monitor, hour, received.events)
        else:
            rows.extend(fresh)
            made.replays += _ENCODER.encode_lines(chunks)
            made.monitors.add(received.monitor)
            made.counted[received.monitor, hour, RECEIVED, Reason.NONE] += received.events


def decode(record: bytes) -> JournalRecord | None:
    """What a record of the journal is; None for what nobody can read."""
    try:
        return _RECORD.decode(record)
    except msgspec.DecodeError:
        return None


def hour_of(epoch_ms: int) -> int:
    """The hour's beginning, in epoch milliseconds."""
    return epoch_ms // HOUR_MS * HOUR_MS


def poisoned(line: bytes | bytearray) -> bytes:
    """A row that the engine refuses, reduced to what the ledger needs."""
    row = msgspec.json.decode(line)
    kept = {name: row[name] for name in ("monitor", "id", "received", "day", "block", "record", "index")}
    reason = {"outcome": Outcome.QUARANTINED, "reason": Reason.POISON}
    return msgspec.json.encode({**kept, "time": row["received"], "type": "", **reason})


def _count_lost(counted: Counter[LedgerKey], monitor: str, hour: int, events: int) -> None:
    """Acknowledged, and not to be read back: the identity must show it."""
    counted[monitor, hour, RECEIVED, Reason.NONE] += events
    counted[monitor, hour, Outcome.QUARANTINED, Reason.POISON] += events


def _noon(day: int) -> int:
    return (day * 24 + 12) * HOUR_MS
