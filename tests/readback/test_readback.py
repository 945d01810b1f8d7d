"""A stored row leads back to the event as it was sent, through the journal."""

import asyncio
import json

import msgspec
import pytest

from openrum.events import Position, Received, Refusals
from openrum.journal import Journal, JournalReader
from openrum.limits import DEFAULTS
from openrum.readback import EventPosition, ReadBack

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
NOW_MS = 1_795_000_000_000


def event_id(number):
    return f"{number:08x}-0000-4000-8000-000000000000"


def payload(*numbers):
    body = {
        "BatchId": MONITOR,
        "AppMonitorDetails": {},
        "UserDetails": {},
        "RumEvents": [
            {"id": event_id(number), "timestamp": 1, "type": "com.amazon.rum.x", "details": f'{{"n":{number}.0}}'}
            for number in numbers
        ],
    }
    return msgspec.msgpack.encode(Received(MONITOR, NOW_MS, len(numbers), None, None, None, json.dumps(body).encode()))


@pytest.fixture
def journal(tmp_path):
    """A journal of two requests; their positions."""

    async def live():
        journal = Journal(tmp_path, now_ms=lambda: NOW_MS, limits=DEFAULTS)
        journal.start()
        try:
            return [await journal.append(payload(*numbers), len(numbers)) for numbers in ((1, 2, 3), (4, 5))]
        finally:
            await journal.close()

    positions = asyncio.run(live())
    reader = JournalReader(tmp_path)
    yield reader, positions
    reader.close()


def ids(events):
    return [json.loads(each)["event_id"] for each in events]


def test_events_come_back_in_the_order_asked_for(journal):
    reader, (first, second) = journal
    asked = [EventPosition(*second, 1), EventPosition(*first, 0), EventPosition(*second, 0), EventPosition(*first, 2)]
    found = ReadBack(reader.fetch, DEFAULTS).events(asked, "shop")
    assert ids(found) == [event_id(number) for number in (5, 1, 4, 3)]
    assert all('"application_name":"shop"' in each for each in found)
    assert '"event_details":{"n":5.0}' in found[0]


def test_a_request_is_read_once_for_a_page():
    fetched = []

    def fetch(position):
        fetched.append(position)
        return payload(1, 2, 3)

    places = [EventPosition(0, 0, record, event) for event in range(3) for record in range(2)]
    assert len(ReadBack(fetch, DEFAULTS).events(places, "shop")) == 6
    assert fetched == [Position(0, 0, 0), Position(0, 0, 1)]


@pytest.mark.parametrize("trouble", ["gone", "damaged", "another record"])
def test_what_cannot_be_read_is_left_out_and_its_neighbours_are_given(journal, trouble):
    reader, (first, second) = journal

    def fetch(position):
        if position == second:
            return reader.fetch(position)
        if trouble == "gone":
            return reader.fetch(Position(position.day - 1, position.block, position.record))
        if trouble == "damaged":
            return reader.fetch(position)[:-20]
        return msgspec.msgpack.encode(Refusals(NOW_MS, []))

    asked = [EventPosition(*first, 0), EventPosition(*second, 0), EventPosition(*first, 1)]
    assert ids(ReadBack(fetch, DEFAULTS).events(asked, "shop")) == [event_id(4)]
