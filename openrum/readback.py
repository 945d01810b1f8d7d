"""From a stored row back to the event as it was sent: the drain's mirror. Store → position → journal → raw form.

Reads; changes nothing. A position whose journal day is past its retention, or whose block is damaged, has no raw form
any more: it is left out and logged, and the events beside it are given.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
import structlog

from openrum.enrich.pipeline import open_batch
from openrum.enrich.raw_form import raw_form
from openrum.events import Batch, Envelope, Position, Received, RumEvent
from openrum.limits import Limits

_log = structlog.get_logger()
_ENCODER = msgspec.json.Encoder()
_RECEIVED = msgspec.msgpack.Decoder(Received)


class EventPosition(NamedTuple):
    """Where one event stands: its request in the journal, and its place in RumEvents."""

    day: int
    block: int
    record: int
    event: int


class ReadBack:
    """Reads the raw forms of events. Each request of a page is decoded once, however many of its events are asked for."""

    def __init__(self, fetch: Callable[[Position], bytes], limits: Limits) -> None:
        """`fetch` gives the journal's record at a position, or raises whatever it must."""
        self._fetch = fetch
        self._limits = limits

    def events(self, positions: Iterable[EventPosition], monitor_name: str) -> list[str]:
        """The raw forms at these positions, in their order, as JSON."""
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

    def lines(self, positions: Iterable[EventPosition], monitor_name: str) -> Iterator[bytes]:
        """JSON lines of position and raw form, of events sorted by position, however many; null where there is none."""
        position, request = None, None
        for each in positions:
            if each[:3] != position:
                position = each[:3]
                request = self._open(Position(*position))
            raw = None
            if request is not None:
                envelope, batch = request
                raw = raw_form(envelope, batch.SessionMetadata, batch.RumEvents[each.event], monitor_name, self._limits)
            yield _ENCODER.encode([*each, raw]) + b"\n"

    def sent(self, position: EventPosition) -> RumEvent | None:
        """One event as it was sent, sound or not: for who asks why it was quarantined."""
        request = self._open(Position(*position[:3]))
        return request[1].RumEvents[position.event] if request else None

    def _open(self, position: Position) -> tuple[Envelope, Batch] | None:
        try:
            return open_batch(_RECEIVED.decode(self._fetch(position)), position, self._limits)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one block must not hide the others
            _log.error("no raw form", position=list(position), error=repr(error))
            return None
