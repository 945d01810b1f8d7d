"""The population's requests through the real middle: journal blocks → drain with the real enrichment → a real store."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from openrum.enrich.rules import Rulebook, Wishes
from openrum.events import Received
from openrum.journal.block import BlockCodec
from openrum.journal.day_file import DayWriter
from tests.drained import RETENTION_MS, Drained
from tests.query.oracle.visit import DAY_MS, OTHER, Request
from tests.query.oracle.world import REVIEWS_RULE

BOOK = Rulebook(RETENTION_MS, Wishes(custom_events=True), {OTHER: Wishes(custom_events=False, pages=(REVIEWS_RULE,))})
_BLOCK_REQUESTS = 40


def load(requests: Sequence[Request], folder: Path) -> Drained:
    """Everything the requests made, in a store; to be closed."""
    (folder / "journal").mkdir()
    for day, of_day in groupby(requests, key=lambda request: request.received_ms // DAY_MS):
        _write_day(folder / "journal", day, list(of_day))
    drained = Drained(folder, BOOK)
    drained.drain_all()
    return drained


def _write_day(folder: Path, day: int, requests: list[Request]) -> None:
    codec, writer = BlockCodec(), DayWriter(folder, day)
    for first in range(0, len(requests), _BLOCK_REQUESTS):
        block = requests[first : first + _BLOCK_REQUESTS]
        records = [(len(request.told), _record(request)) for request in block]
        data, size = codec.pack(records)
        writer.write(block[-1].received_ms, len(records), sum(count for count, _ in records), size, data)
    writer.close()


def _record(request: Request) -> bytes:
    count = len(request.told)
    return msgspec.msgpack.encode(
        Received(request.monitor, request.received_ms, count, *request.place, request.agent, request.body)
    )
