"""One session's timeline: all its events, each once, in the one order of events."""

import pytest
from hypothesis import HealthCheck, given, settings

from openrum.query.question import BadQuestion
from openrum.query.session_timeline import COLUMNS, positions
from tests.query.conftest import NOW_MS, row, session
from tests.query.populations import POPULATIONS, Population, asked

MINUTE_MS = 60_000


@pytest.fixture
def visited(ask):
    ask.add(
        row("http_event", session=session(1), ago_ms=2, url="/api/cart", http_method="POST", http_status=500),
        row(session=session(1), ago_ms=9 * MINUTE_MS, page="/", title="Shop", browser="Chrome"),
        row(
            "js_error_event",
            session=session(1),
            ago_ms=1,
            error="e1",
            error_type="TypeError",
            error_message="x is null",
        ),
        row("largest_contentful_paint_event", session=session(1), ago_ms=2, value=12.5, target="img.hero"),
        row("performance_resource_event", session=session(1), ago_ms=2, duration=7, first_party=False),
        row(session=session(2), ago_ms=1),
        row(ago_ms=1),
        row(session=session(1), ago_ms=90 * MINUTE_MS),
    )
    return ask


def timeline(ask, **members):
    return asked("session", ask.store, **{"session": session(1), **members})


def test_events_come_in_order_of_time_and_ties_as_they_were_sent(visited):
    answer = timeline(visited)
    told = [dict(zip(COLUMNS, each, strict=True)) for each in answer.rows]
    assert [(each["time"] - NOW_MS, each["type"]) for each in told] == [
        (-9 * MINUTE_MS, "page_view_event"),
        (-2, "http_event"),
        (-2, "largest_contentful_paint_event"),
        (-2, "performance_resource_event"),
        (-1, "js_error_event"),
    ]
    assert answer.more["behind"] is None


def test_each_event_has_what_tells_it(visited):
    told = [
        {name: value for name, value in zip(COLUMNS, each, strict=True) if value is not None}
        for each in timeline(visited).rows
    ]
    for each in told:
        for name in ("id", "time", "day", "block", "record", "index"):
            each.pop(name)
    assert told == [
        {"type": "page_view_event", "page": "/", "title": "Shop"},
        {"type": "http_event", "url": "/api/cart", "http_method": "POST", "http_status": 500},
        {"type": "largest_contentful_paint_event", "value": 12.5, "target": "img.hero"},
        {"type": "performance_resource_event", "duration": 7.0, "first_party": False},
        {"type": "js_error_event", "error": "e1", "error_type": "TypeError", "error_message": "x is null"},
    ]  # fmt: skip


def test_the_session_is_summed_up_beside_whatever_the_filters(visited):
    answer = timeline(visited, where=[{"dimension": "type", "values": ["js_error_event"]}], limit=1)
    assert len(answer.rows) == 1
    summary = answer.more["summary"]
    assert (summary["events"], summary["page_views"], summary["js_errors"], summary["browser"]) == (5, 1, 1, "Chrome")


def test_events_behind_the_first_are_not_summed_up_again(visited):
    first = timeline(visited, limit=2)
    assert first.more["summary"]["events"] == 5
    second = timeline(visited, limit=2, behind=first.more["behind"])
    assert [each[2] for each in second.rows] == ["largest_contentful_paint_event", "performance_resource_event"]
    assert "summary" not in second.more


def test_a_session_that_is_not_there_has_no_events_and_no_summary(visited):
    answer = timeline(visited, session=session(77))
    assert (answer.rows, answer.more) == ([], {"behind": None, "summary": None})


def test_an_id_is_taken_in_any_case(visited):
    assert timeline(visited, session="ABCDEF00-0000-4000-8000-00000000ABCD").rows == []
    assert len(timeline(visited, session=session(1).upper()).rows) == 5


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"session": "x"}, "session"),
        ({"limit": 0}, "limit"),
        ({"behind": [1, 2, 3]}, "behind"),
        ({"behind": [1 << 63, 0, 0, 0, 0]}, "behind"),
    ],
)
def test_what_is_no_session_and_no_place_in_it_is_refused(ask, members, field):
    with pytest.raises(BadQuestion) as caught:
        timeline(ask, **members)
    assert caught.value.field == field


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(POPULATIONS)
def test_part_by_part_a_timeline_is_every_event_once_in_order(ask, happenings):
    population = Population(ask, happenings)
    found, behind = [], None
    while True:
        part = population.ask("session", session=session(1), limit=2, behind=behind)
        found += zip([each[0] for each in part.rows], positions(part), strict=True)
        behind = part.more["behind"]
        if behind is None:
            break
    assert found == [
        (each.id, (each.day, each.block, each.record, each.index))
        for each in population.rows
        if each.session == session(1)
    ]
