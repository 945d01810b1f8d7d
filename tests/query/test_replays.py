"""The recording of a session: its parts in the order they are played, each as it was sent, and nobody else's."""

import json
from contextlib import closing
from dataclasses import replace

import pytest
import zstandard

from openrum.enrich.rules import Rulebook, Wishes
from openrum.limits import DEFAULTS
from openrum.query import replays
from openrum.query.question import BadQuestion
from openrum.query.replays import DamagedPart, parse_part, part_as_sent, recording
from openrum.query.scope import Scope
from openrum.store.reading import read_tables
from tests.drained import DAY_MS, MONITOR, NOW_MS, OTHER, RETENTION_MS, TODAY, Drained, event_id, replay
from tests.query.conftest import session

NOW_S = NOW_MS // 1_000
ANA, BEN = session(1), session(2)
SENT = '[ {"type":4,"data":{"href":"https://shop.example/é"},"n":0.10}, {"type":2,"big":1e999} ,\n[]]'


@pytest.fixture
def rooms(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield rooms


def sent(number, ago_s=0, events='[{"type":3}]'):
    return replay(number, events, timestamp=NOW_S - ago_s)


def scope(from_ms=0, to_ms=NOW_MS + DAY_MS, monitor=MONITOR):
    return Scope(monitor, from_ms, to_ms)


def parts(rooms, whose=ANA, limits=DEFAULTS, **members):
    return recording(whose, scope(**members), rooms.store, limits)


def ids(rooms, **members):
    return [part.id for part in parts(rooms, **members).parts]


def part(rooms, number, time_ms=NOW_MS, whose=ANA, monitor=MONITOR):
    at = scope(time_ms, time_ms + 1, monitor)
    return part_as_sent(event_id(number), whose, at, rooms.store, DEFAULTS)


def test_parts_come_in_the_order_of_time_and_ties_as_they_were_sent(rooms):
    rooms.write_day(1, sent(7, 86_400), session=ANA)
    rooms.write_day(0, sent(4, 5), sent(9), sent(2), session=ANA)
    rooms.write_day(0, sent(1), sent(3, 3), sent(8, 86_460), session=ANA)  # the last one waited for a day
    rooms.drain_all()
    told = parts(rooms)
    assert [each.id for each in told.parts] == [event_id(number) for number in (8, 7, 4, 3, 9, 2, 1)]
    assert [each.time for each in told.parts] == sorted(each.time for each in told.parts)
    assert not told.truncated


def test_a_part_says_how_much_it_is(rooms):
    rooms.write_day(0, sent(1, events=SENT.replace("1e999", "1")), session=ANA)
    rooms.drain_all()
    [told] = parts(rooms).parts
    [(_, data)] = rooms.chunks()
    assert (told.id, told.time, told.events, told.bytes) == (event_id(1), NOW_MS, 3, len(data))


def test_a_part_is_what_was_sent_to_the_byte(rooms):
    details = f'{{"version":"1.0.0","events":{SENT},"eventCount":3}}'
    rooms.write_day(0, {**sent(1), "details": details}, sent(2), session=ANA)
    rooms.drain_all()
    assert part(rooms, 1) == SENT.encode()
    assert json.loads(part(rooms, 2)) == [{"type": 3}]


def test_a_range_takes_its_beginning_and_leaves_out_its_end(rooms):
    rooms.write_day(0, sent(1, 20), sent(2, 10), sent(3), session=ANA)
    rooms.drain_all()
    assert ids(rooms, from_ms=NOW_MS - 20_000, to_ms=NOW_MS) == [event_id(1), event_id(2)]
    assert ids(rooms, from_ms=NOW_MS - 10_000) == [event_id(2), event_id(3)]


def test_a_session_of_the_same_id_of_another_monitor_is_another_session(rooms):
    rooms.write_day(0, sent(1), session=ANA)
    rooms.write_day(0, sent(2), session=ANA, monitor=OTHER)
    rooms.write_day(0, sent(3), session=BEN)
    rooms.write_day(0, sent(4))
    rooms.drain_all()
    assert (ids(rooms), ids(rooms, monitor=OTHER), ids(rooms, whose=BEN)) == (
        [event_id(1)],
        [event_id(2)],
        [event_id(3)],
    )
    assert part(rooms, 2, monitor=OTHER)
    assert [part(rooms, number) for number in (2, 3, 4)] == [None, None, None]
    assert part(rooms, 1, monitor=OTHER) is None


def test_a_session_without_a_replay_has_no_parts(rooms):
    assert parts(rooms) == replays.Recording([], truncated=False)
    rooms.write_day(0, 1, session=ANA)
    rooms.drain_all()
    assert parts(rooms) == replays.Recording([], truncated=False)


def test_a_list_is_cut_behind_the_first_parts_and_says_so(rooms, monkeypatch):
    monkeypatch.setattr(replays, "PARTS_MAX", 3)
    rooms.write_day(0, *(sent(number, 10 - number) for number in range(1, 5)), session=ANA)
    rooms.drain_all()
    told = parts(rooms)
    assert ([each.id for each in told.parts], told.truncated) == ([event_id(number) for number in (1, 2, 3)], True)
    assert not parts(rooms, from_ms=told.parts[1].time).truncated
    assert len(parts(rooms, limits=replace(DEFAULTS, query_rows=2)).parts) == 2


def test_a_part_is_where_its_time_is_and_no_other_file_is_read(rooms):
    for days_ago in (2, 1, 0):
        rooms.write_day(days_ago, sent(days_ago + 1, days_ago * 86_400), session=ANA)
    rooms.drain_all()
    at = NOW_MS - DAY_MS
    assert part(rooms, 2, at) == b'[{"type":3}]'
    assert part(rooms, 2, NOW_MS) is None
    asked = {}

    class Watched:
        def run(self, sql, parameters, **members):
            asked.update(members)
            return rooms.store.run(sql, parameters, **members)

    part_as_sent(event_id(2), ANA, scope(at, at + 1), Watched(), DEFAULTS)
    [(_, chunks)] = read_tables(asked["reads"], rooms.store.days()).items()
    assert [day for day in range(TODAY - 2, TODAY + 1) if f"day_{day}_" in chunks] == [TODAY - 1]


def test_a_part_whose_retention_is_over_is_gone_while_its_event_stays(rooms):
    rooms.write_day(3, sent(1, 3 * 86_400), session=ANA)
    rooms.write_day(0, sent(2), session=ANA)
    rooms.drain_all()
    wishes = Wishes(keep_replays_after_ms=(TODAY - 1) * DAY_MS)
    rooms.book = Rulebook(RETENTION_MS, rooms.book.others, {MONITOR: wishes})
    rooms.keeper().trim()
    assert rooms.ids() == [event_id(1), event_id(2)]
    assert ids(rooms) == [event_id(2)]
    assert part(rooms, 1, NOW_MS - 3 * DAY_MS) is None


def test_the_order_holds_when_the_day_is_written_once_more(rooms):
    rooms.write_day(1, sent(4, 86_400 + 5), sent(9, 86_400), sent(2, 86_400), session=ANA)
    rooms.write_day(1, sent(1, 86_400), session=ANA)
    rooms.drain_all()
    before = ids(rooms)
    assert before == [event_id(number) for number in (4, 9, 2, 1)]
    rooms.store.rewrite(TODAY - 1, settled=True)
    assert ids(rooms) == before


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no frame",
        zstandard.compress(b"[1,2,3]" * 100)[:-5],
        zstandard.compress(b" " * (DEFAULTS.body_unpacked_bytes + 1)),
        zstandard.ZstdCompressor(write_content_size=False).compress(b" " * (DEFAULTS.body_unpacked_bytes + 1)),
    ],
    ids=["empty", "no frame", "cut off", "too large", "too large, and does not say so"],
)
def test_a_part_that_cannot_be_unpacked_within_bounds_is_damaged(rooms, data):
    rooms.write_day(0, sent(1), session=ANA)
    rooms.drain_all()
    rooms.store._connection.cursor().execute(f"UPDATE day_{TODAY}_1.replay_chunks SET data = ?", [data])
    assert len(parts(rooms).parts) == 1
    with pytest.raises(DamagedPart):
        part(rooms, 1)


@pytest.mark.parametrize(
    ("part", "time", "field"),
    [
        ("", "1", "part"),
        ("1", "1", "part"),
        (event_id(1), "", "time"),
        (event_id(1), "-1", "time"),
        (event_id(1), "now", "time"),
        (event_id(1), "\u0661", "time"),
        (event_id(1), "1.5", "time"),
        (event_id(1), "9" * 16, "time"),
    ],
)
def test_a_part_is_named_by_its_id_and_its_time(part, time, field):
    with pytest.raises(BadQuestion) as caught:
        parse_part(part, time)
    assert caught.value.field == field


def test_an_id_is_read_as_it_is_stored():
    assert parse_part(event_id(255).upper(), "0015") == (event_id(255), 15)
