"""Three days of a journal, drained into a store."""

from contextlib import closing

import pytest

from tests.drained import Drained, event_id, replay


@pytest.fixture
def rooms(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield rooms


@pytest.fixture
def three_days(rooms):
    """Three days of four events each, and a duplicate, a bad one and a replay in each."""
    for days_ago in (2, 1, 0):
        numbers = range(100 * days_ago + 1, 100 * days_ago + 4)
        bad = {"id": event_id(100 * days_ago + 50), "details": "{"}
        rooms.write_day(days_ago, *numbers, numbers[0], bad, replay(100 * days_ago + 4))
    rooms.drain_all()
    return rooms
