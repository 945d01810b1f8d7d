"""Events one by one: the newest first, each once, whichever part of the range they stand in."""

import pytest
from hypothesis import HealthCheck, given, settings

from openrum.query.event_list import COLUMNS
from openrum.query.question import BadQuestion
from tests.query.conftest import NOW_MS, row, session
from tests.query.populations import POPULATIONS, Population, asked

MINUTE_MS = 60_000


def told(answer, *names):
    return [[each[answer.columns.index(name)] for name in names] for each in answer.rows]


@pytest.fixture
def seen(ask):
    ask.add(
        row(ago_ms=50 * MINUTE_MS, page="/old"),
        row("js_error_event", ago_ms=5, error="e1", error_message="x is null", error_stack="at a.js:1:2", country="DE"),
        row("http_event", ago_ms=5, http_status=500, session=session(1), bot="crawler"),
        row("shop.checkout", ago_ms=1, attributes={"plan": "pro"}),
        row(ago_ms=90 * MINUTE_MS),
    )
    return ask


def test_the_newest_come_first_and_ties_the_last_sent_first(seen):
    answer = asked("events", seen.store)
    assert told(answer, "time", "type") == [
        [NOW_MS - 1, "shop.checkout"],
        [NOW_MS - 5, "http_event"],
        [NOW_MS - 5, "js_error_event"],
        [NOW_MS - 50 * MINUTE_MS, "page_view_event"],
    ]
    assert answer.columns == COLUMNS
    assert answer.more == {"behind": None}


def test_each_says_whose_it_is_and_what_it_is(seen):
    answer = asked("events", seen.store, limit=3)
    assert told(answer, "attributes", "bot", "http_status", "session", "error_message", "country") == [
        [{"plan": "pro"}, None, None, None, None, None],
        [None, "crawler", 500, session(1), None, None],
        [None, None, None, None, "x is null", "DE"],
    ]


def test_filters_leave_out_and_the_far_end_of_the_range_is_looked_at_too(seen):
    answer = asked("events", seen.store, where=[{"dimension": "page", "values": ["/old"]}], limit=1)
    assert told(answer, "page") == [["/old"]]
    assert answer.more["behind"] is None


def test_one_is_found_by_its_id_and_its_stack_is_there_where_asked_for(seen):
    [identity] = told(asked("events", seen.store, where=[{"dimension": "type", "values": ["js_error_event"]}]), "id")
    answer = asked("events", seen.store, id=identity[0].upper(), stacks=True)
    assert told(answer, "error", "stack") == [["e1", "at a.js:1:2"]]
    assert asked("events", seen.store, id=session(9)).rows == []


def test_what_was_received_from_a_moment_on_is_told_whenever_it_happened(ask):
    ask.add(row(ago_ms=40 * MINUTE_MS, page="/late"))
    assert told(asked("events", ask.store, received_from=NOW_MS), "page") == [["/late"]]
    assert asked("events", ask.store, received_from=NOW_MS + 1).rows == []


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"behind": [1, 2, 3]}, "behind"),
        ({"behind": [1 << 63, 0, 0, 0, 0]}, "behind"),
        ({"id": "x"}, "id"),
        ({"received_from": 1 << 63}, "received_from"),
    ],
)
def test_what_cannot_be_meant_is_refused(ask, members, field):
    with pytest.raises(BadQuestion) as caught:
        asked("events", ask.store, **members)
    assert caught.value.field == field


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(POPULATIONS)
def test_page_by_page_every_event_comes_once_in_reverse_order(ask, happenings):
    population = Population(ask, happenings)
    found, behind = [], None
    while True:
        part = population.ask("events", limit=2, behind=behind)
        found += [each[0] for each in part.rows]
        behind = part.more["behind"]
        if behind is None:
            break
    assert found == [each.id for each in reversed(population.rows)]
