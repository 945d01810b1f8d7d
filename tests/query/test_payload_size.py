"""The bytes of what was sent are in answers, and days from before they were kept answer on without them."""

import pytest

from tests.drained import NOW_MS, Drained
from tests.query.conftest import Asker

MEASURES = ["events", "payload_size_sum", "payload_size_count", "payload_size_avg", "payload_size_p50"]


@pytest.fixture
def drained(tmp_path):
    drained = Drained(tmp_path)
    drained.write_day(1, {"id": f"{1:08x}-0000-4000-8000-000000000000", "details": '{"a":"ä"}', "metadata": "{}"})
    drained.write_day(0, {"id": f"{2:08x}-0000-4000-8000-000000000000", "details": '{"a":1}'})
    drained.drain_all()
    yield drained
    drained.close()


def sizes(drained):
    [row] = Asker(drained.store).rows(MEASURES, **{"from": "-3d", "to": NOW_MS + 1})
    return row


def test_sizes_are_of_details_and_metadata_in_bytes(drained):
    assert sizes(drained) == [2, 10 + 2 + 7, 2, 9.5, 9.5]


def test_days_of_the_form_before_answer_without_sizes_until_they_are_made_anew(drained):
    for day in drained.store.days():
        drained.store._connection.execute(f"ALTER TABLE day_{day}_1.event_rows DROP COLUMN payload_size")
        drained.store._connection.execute(f"UPDATE day_{day}_1.about SET version = 2")
    drained.reopen()
    assert sizes(drained) == [2, 0, 0, None, None]
    keeper = drained.keeper()
    keeper.renew_newest()
    assert sizes(drained) == [2, 7, 1, 7.0, 7.0]
    keeper.renew()
    assert sizes(drained) == [2, 19, 2, 9.5, 9.5]
