"""A recording is kept as it was sent, beside the rows and never in their way; it goes with its event, or before it."""

import json
from contextlib import closing

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich.pipeline import enrich
from openrum.enrich.replays import to_chunk
from openrum.enrich.row import to_row
from openrum.enrich.rules import ReadyRules, Rulebook, Wishes
from openrum.events import Position, Received
from openrum.limits import DEFAULTS
from openrum.outcomes import Reason
from openrum.store import schema
from tests.drained import DAY_MS, MONITOR, NOW_MS, OTHER, REPLAY, RETENTION_MS, TODAY, Drained, batch, event_id, replay

RECORDING = '[ {"type":4,"data":{"href":"https://shop.example/é"},"n":0.10}, {"type":2,"big":1e999} ,\n[]]'


@pytest.fixture
def rooms(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield rooms


def sent(number, events=RECORDING, count=3, **members):
    return {"id": event_id(number), "type": REPLAY, "details": f'{{"events":{events},"eventCount":{count}}}', **members}


def unpacked(data):
    return zstandard.ZstdDecompressor().decompress(data).decode()


def recordings(rooms):
    found = rooms.chunks()
    assert len(found) == len(dict(found))
    return {event: unpacked(data) for event, data in found}


def test_a_recording_is_kept_to_the_byte(rooms):
    rooms.write(batch(sent(1), sent(2, "[]", 0), user=OTHER, session=MONITOR))
    rooms.drain_all()
    assert recordings(rooms) == {event_id(1): RECORDING, event_id(2): "[]"}
    (found,) = rooms.ask(
        f'SELECT monitor::VARCHAR, "time", "session"::VARCHAR, "user"::VARCHAR, events, day FROM day_{TODAY}_1.replay_chunks'
        f" WHERE id = '{event_id(1)}'"
    )
    assert found == (MONITOR, NOW_MS, MONITOR, OTHER, 3, TODAY)
    assert rooms.ask("SELECT replay_events FROM event_rows ORDER BY id") == [(3,), (0,)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def chunk_of(details, **wishes):
    body = {"BatchId": MONITOR, "AppMonitorDetails": {}, "UserDetails": {}}
    event = {"id": event_id(1), "timestamp": NOW_MS // 1000, "type": REPLAY, "details": details}
    received = Received(MONITOR, NOW_MS, 1, None, None, None, json.dumps({**body, "RumEvents": [event]}).encode())
    rules = ReadyRules(DEFAULTS).of(Rulebook(RETENTION_MS, Wishes(**wishes)), MONITOR)
    (judged,) = enrich(received, Position(1, 2, 3), rules)
    return to_chunk(judged, to_row(judged, rules), rules)


@given(st.lists(json_values, max_size=6), st.sampled_from([None, 1]), st.booleans())
def test_any_recording_comes_back_as_it_was_sent(events, indent, ascii_only):
    text = json.dumps(events, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace").decode()
    if "\\ud" in text:
        return  # a lone surrogate is read as U+FFFD, as everywhere
    text = text.replace("Infinity", "1e999")
    assert unpacked(chunk_of(f'{{"events":{text}}}').data) == text


@pytest.mark.parametrize("details", ["{}", '{"events":{}}', '{"events":null}', '{"events":"[]"}', '{"events":[', "[]"])
def test_what_is_no_recording_makes_no_chunk(details):
    assert chunk_of(details) is None


def test_a_recording_whose_count_is_missing_or_amiss_is_kept_all_the_same(rooms):
    rooms.write(
        batch(
            {"id": event_id(1), "type": REPLAY, "details": '{"events":[1]}'},
            {"id": event_id(2), "type": REPLAY, "details": '{"events":[2],"eventCount":"many"}'},
        )
    )
    rooms.drain_all()
    assert recordings(rooms) == {event_id(1): "[1]", event_id(2): "[2]"}


def test_no_recording_is_kept_of_an_event_that_is_not_stored(rooms):
    rooms.write(
        batch(sent(1), sent(1, "[7]")),
        batch(sent(1, "[8]")),
        batch(sent(2, metadata="[]"), sent(3, events="[")),
        batch({"id": event_id(4), "type": "shop.rrweb_event", "details": '{"events":[1]}'}),
    )
    rooms.write(batch(sent(5), monitor=OTHER))
    rooms.book = Rulebook(RETENTION_MS, rooms.book.others, {OTHER: Wishes(deleted=True)})
    rooms.drain_all()
    assert recordings(rooms) == {event_id(1): RECORDING}
    assert rooms.counts() == {"received": 6, "stored": 2, "duplicate": 2, "quarantined": 2}
    assert rooms.reasons(OTHER) == {("received", ""): 1, ("dropped", Reason.MONITOR_DELETED): 1}


def test_a_replay_whose_own_retention_is_over_is_not_kept_again_by_a_rebuild(rooms):
    rooms.write_day(3, sent(1))
    rooms.write_day(0, sent(2))
    rooms.drain_all()
    assert len(recordings(rooms)) == 2
    wishes = Wishes(keep_replays_after_ms=(TODAY - 1) * DAY_MS)
    rooms.book = Rulebook(RETENTION_MS, rooms.book.others, {MONITOR: wishes})
    rooms.keeper().trim()
    assert recordings(rooms) == {event_id(2): RECORDING}
    assert rooms.ids() == [event_id(1), event_id(2)], "their rows stay"
    rooms.rebuild()
    assert recordings(rooms) == {event_id(2): RECORDING}
    assert rooms.counts() == {"received": 2, "stored": 2}


def test_no_question_can_touch_a_recording():
    assert not any("replay_chunks" in view for view in schema.VIEWS.values())


def test_recordings_take_no_room_among_the_rows(rooms):
    rooms.write(batch(replay(1, json.dumps([{"text": "x" * 1_000}])), {"id": event_id(2)}))
    rooms.drain_all()
    assert rooms.ask("SELECT details FROM event_rows") == [(None,), (None,)]
