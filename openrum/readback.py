"""From a stored row back to the event as it was sent: the drain's mirror. Store → position → journal → raw form.

Reads; changes nothing. A position whose journal day is past its retention, or whose block is damaged, has no raw form
any more: it is left out and logged, and the events beside it are given.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
import structlog

from openrum.enrich.pipeline import open_batch
from openrum.enrich.raw_form import raw_form
from openrum.events import Batch, Envelope, JournalRecord, Position, Received
from openrum.limits import Limits

_log = structlog.get_logger()
_RECORD = msgspec.msgpack.Decoder(JournalRecord)


class EventPosition(NamedTuple):
    """Where one event stands: its request in the journal, and its place in RumEvents."""

    day: int
    block: int
    record: int
    event: int


class ReadBack:
    """Reads the raw forms of events, each request once however many of its events are asked for."""

    def __init__(self, fetch: Callable[[Position], bytes], limits: Limits) -> None:
        self._fetch = fetch
        self._limits = limits

    def events(self, positions: Iterable[EventPosition], monitor_name: str) -> list[str]:
        """The raw forms at these positions, in their order."""
        opened: dict[Position, tuple[Envelope, Batch] | None] = {}
        found = []
        for day, block, record, event in positions:
            position = Position(day, block, record)
            if position not in opened:
                opened[position] = self._open(position)
            request = opened[position]
            if request is not None:
                envelope, batch = request
                sent = batch.RumEvents[event]
                found.append(raw_form(envelope, batch.SessionMetadata, sent, monitor_name, self._limits))
        return found

    def _open(self, position: Position) -> tuple[Envelope, Batch] | None:
        try:
            received = _RECORD.decode(self._fetch(position))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one block must not hide the others
            _log.error("no raw form", position=list(position), error=repr(error))
            return None
        assert isinstance(received, Received), "rows stand for received events alone"
        return open_batch(received, position, self._limits)
