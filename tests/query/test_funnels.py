"""Funnels, counted by hand and by trying every beginning in Python."""

import statistics

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrum.events import NIL_UUID
from openrum.query.question import BadQuestion
from tests.query.conftest import row, session
from tests.query.populations import TYPES, Happening, Population, asked, is_kind

SECOND_MS = 1_000


def page(value, **members):
    return {"where": [{"dimension": "page", "values": [value]}], **members}


def visit(who, *pages, user=None):
    """Pages with the seconds at which they are viewed: ('/', 1)."""
    return [
        row(session=session(who), user=user, page=path, ago_ms=1_000 * SECOND_MS - second * SECOND_MS)
        for path, second in pages
    ]


def funnel(ask, *steps, **members):
    answer = asked("funnel", ask.store, steps=list(steps), **members)
    assert answer.columns == ["step", "name", "count", "share_of_first", "share_of_previous", "time_from_previous_p50"]
    return answer.rows


def counts(ask, *steps, **members):
    return [each[2] for each in funnel(ask, *steps, **members)]


LIST, ITEM, PAID = page("/list"), page("/item"), page("/paid")


def test_each_step_is_behind_the_one_before_it(ask):
    ask.add(
        *visit(1, ("/list", 0), ("/item", 10), ("/paid", 40)),
        *visit(2, ("/list", 0), ("/item", 30)),
        *visit(3, ("/item", 0), ("/list", 10), ("/paid", 20)),
        *visit(4, ("/list", 0)),
        *visit(5, ("/item", 0), ("/paid", 5)),
    )
    assert funnel(ask, LIST, {**ITEM, "name": "looks"}, PAID) == [
        [1, "page is /list", 4, 1.0, None, None],
        [2, "looks", 2, 0.5, 0.5, 20_000.0],
        [3, "page is /paid", 1, 0.25, 0.5, 30_000.0],
    ]


def test_a_session_is_counted_once_however_often_it_takes_a_step(ask):
    ask.add(*visit(1, ("/list", 0), ("/list", 5), ("/item", 10), ("/item", 11), ("/list", 12), ("/item", 13)))
    assert [each[2:] for each in funnel(ask, LIST, ITEM)] == [[1, 1.0, None, None], [1, 1.0, 1.0, 10_000.0]]


def test_one_event_is_one_step_and_of_one_time_the_order_of_sending_counts(ask):
    ask.add(*visit(1, ("/list", 0)), *visit(2, ("/list", 0), ("/list", 0)))
    assert counts(ask, LIST, LIST) == [2, 1]
    assert counts(ask, LIST, LIST, LIST) == [2, 1, 0]
    ask.add(*visit(3, ("/item", 3), ("/paid", 3)), *visit(4, ("/paid", 3), ("/item", 3)))
    assert counts(ask, ITEM, PAID) == [2, 1]


def test_all_filters_of_a_step_hold_for_one_event(ask):
    ask.add(
        row(session=session(1), page="/list", browser="Chrome", ago_ms=9),
        row("js_error_event", session=session(1), page="/list", browser="Chrome", ago_ms=8),
        row("js_error_event", session=session(2), page="/item", ago_ms=7),
    )
    both = {"where": [*LIST["where"], {"dimension": "type", "values": ["js_error_event"]}]}
    assert counts(ask, LIST, both) == [1, 1]
    assert funnel(ask, LIST, both)[1][1] == "page is /list and type is js_error_event"


def test_the_time_is_counted_from_the_first_step_and_its_border_is_within(ask):
    ask.add(*visit(1, ("/list", 0), ("/item", 10), ("/paid", 20)))
    assert counts(ask, LIST, ITEM, PAID, within_ms=20_000) == [1, 1, 1]
    assert counts(ask, LIST, ITEM, PAID, within_ms=19_999) == [1, 1, 0]
    assert counts(ask, LIST, ITEM, PAID, within_ms=9_999) == [1, 0, 0]


def test_within_a_time_any_first_step_may_be_the_beginning(ask):
    ask.add(*visit(1, ("/list", 0), ("/list", 100), ("/list", 104), ("/item", 105), ("/paid", 110), ("/paid", 111)))
    assert [each[2:] for each in funnel(ask, LIST, ITEM, PAID, within_ms=10_000)] == [
        [1, 1.0, None, None],
        [1, 1.0, 1.0, 5_000.0],
        [1, 1.0, 1.0, 5_000.0],
    ]
    assert [each[5] for each in funnel(ask, LIST, ITEM, PAID)] == [None, 105_000.0, 5_000.0]


def test_the_beginning_that_gets_farthest_counts(ask):
    ask.add(*visit(1, ("/list", 0), ("/item", 9), ("/list", 100), ("/item", 105), ("/paid", 110)))
    assert [each[5] for each in funnel(ask, LIST, ITEM, PAID, within_ms=10_000)] == [None, 5_000.0, 5_000.0]


def left(ask, step, *steps, **members):
    answer = asked("funnel", ask.store, steps=list(steps), left_after=step, **members)
    return [who for who, _ in answer.rows], answer.more["truncated"]


@pytest.mark.parametrize("within", [{}, {"within_ms": 60_000}])
def test_who_left_after_a_step_is_told_by_name_the_last_first(ask, within):
    ask.add(
        *visit(1, ("/list", 0), ("/item", 10), ("/paid", 40)),
        *visit(2, ("/list", 0), ("/item", 30)),
        *visit(3, ("/list", 20)),
        *visit(4, ("/list", 50)),
        *visit(5, ("/item", 0)),
    )
    steps = [LIST, ITEM, PAID]
    assert left(ask, 1, *steps, **within) == ([str(session(4)), str(session(3))], False)
    assert left(ask, 2, *steps, **within) == ([str(session(2))], False)
    assert left(ask, 1, *steps, limit=1, **within) == ([str(session(4))], True)


def test_who_takes_the_next_step_too_late_has_left(ask):
    ask.add(*visit(1, ("/list", 0), ("/item", 100)), *visit(2, ("/list", 0), ("/list", 95), ("/item", 100)))
    assert left(ask, 1, LIST, ITEM, within_ms=10_000) == ([str(session(1))], False)
    assert left(ask, 1, LIST, ITEM) == ([], False)


def test_users_take_steps_over_sessions_and_those_without_an_id_none(ask):
    ask.add(
        *visit(1, ("/list", 0), user=session(91)),
        *visit(2, ("/item", 60), user=session(91)),
        *visit(3, ("/list", 0), ("/item", 1), user=NIL_UUID),
        *visit(4, ("/list", 0), ("/item", 1)),
    )
    assert counts(ask, LIST, ITEM) == [3, 2]
    assert counts(ask, LIST, ITEM, by="user") == [1, 1]
    assert counts(ask, LIST, ITEM, by="user", within_ms=59_999) == [1, 0]


def test_events_that_the_filters_leave_out_are_no_steps(ask):
    ask.add(*visit(1, ("/list", 0), ("/item", 1)))
    assert counts(ask, LIST, ITEM, where=[{"dimension": "page", "values": ["/list"]}]) == [1, 0]


def test_a_value_is_a_value_whatever_it_says(ask):
    ask.add(*visit(1, ("/list", 0), ("/item", 1)), *visit(2, ("' OR 1=1 --", 0), ("$step1 @step1 %", 1)))
    assert counts(ask, page("' OR 1=1 --"), page("$step1 @step1 %")) == [1, 1]


def test_a_funnel_that_nobody_begins_has_no_shares(ask):
    assert [each[2:] for each in funnel(ask, LIST, ITEM)] == [[0, None, None, None], [0, None, None, None]]


def test_ten_steps_are_taken(ask):
    ask.add(*visit(1, *((f"/{number}", number) for number in range(10))))
    steps = [page(f"/{number}") for number in range(10)]
    assert counts(ask, *steps) == [1] * 10
    assert counts(ask, *steps, within_ms=5_000) == [1] * 6 + [0] * 4


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"steps": [LIST]}, "steps"),
        ({"steps": [LIST] * 11}, "steps"),
        ({"steps": [LIST, {"where": []}]}, "steps[1].where"),
        ({"steps": [LIST, page(None)]}, "steps[1].where[0].values[0]"),
        ({"steps": [LIST, {"where": [{"dimension": "pgae", "values": ["/"]}]}]}, "steps[1].where[0].dimension"),
        ({"steps": [LIST, {"where": [{"dimension": "time", "values": [1]}]}]}, "steps[1].where[0].dimension"),
        ({"steps": [LIST, ITEM], "within_ms": 0}, "within_ms"),
        ({"steps": [LIST, ITEM], "within_ms": 1 << 53}, "within_ms"),
        ({"steps": [LIST, ITEM], "left_after": 0}, "left_after"),
        ({"steps": [LIST, ITEM], "left_after": 2}, "left_after"),
        ({"steps": [LIST, ITEM], "left_after": 1, "limit": 0}, "limit"),
    ],
)
def test_what_is_no_funnel_is_refused(ask, members, field):
    with pytest.raises(BadQuestion) as caught:
        asked("funnel", ask.store, **members)
    assert caught.value.field == field


# ── Against every beginning ───────────────────────────────────────────────────────────────────────────────────────


def chain(events, first, steps, within_ms):
    """The earliest events that can be had for one step after the other, from a beginning on."""
    taken = [first]
    for passes in steps[1:]:
        following = next((place for place in range(taken[-1] + 1, len(events)) if passes(events[place])), None)
        if following is None:
            break
        if within_ms is not None and events[following].time - events[first].time > within_ms:
            break
        taken.append(following)
    return taken


def best(events, steps, within_ms):
    """The chain that counts of one session or user; None where it does not begin."""
    beginnings = [place for place, each in enumerate(events) if steps[0](each)]
    chains = [chain(events, first, steps, within_ms) for first in beginnings]
    return min(chains, key=lambda taken: (-len(taken), taken[0]), default=None)


def folded(population, steps, by, within_ms):
    """Count and median time of each step."""
    told = {}
    for each in population.rows:
        who = getattr(each, by)
        if who is not None and (by, who) != ("user", NIL_UUID):
            told.setdefault(who, []).append(each)
    chains = [(events, taken) for events in told.values() if (taken := best(events, steps, within_ms))]
    rows = []
    for step in range(len(steps)):
        times = [
            events[taken[step]].time - events[taken[step - 1]].time
            for events, taken in chains
            if len(taken) > step and step
        ]
        rows.append((sum(len(taken) > step for _, taken in chains), statistics.median(times) if times else None))
    return rows


# Few sessions with many events each, of few kinds: most of them take several steps, and many from several beginnings.
CROWDED = st.lists(
    st.builds(
        Happening,
        kind=st.sampled_from(["view", "error", "own"]),
        ago=st.integers(1, 12),
        place=st.tuples(st.sampled_from([20_000, 20_001]), st.integers(1, 3), st.integers(0, 2)),
        who=st.sampled_from([None, 1, 2, 3]),
        user=st.sampled_from([None, NIL_UUID, session(91), session(92)]),
        page=st.sampled_from(["/a", "/b"]),
    ),
    min_size=12,
    max_size=40,
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["view", "error", "own"]), st.sampled_from([None, None, "/a"])), min_size=2, max_size=4
)


def as_form(kind, path):
    where = [{"dimension": "type", "values": [TYPES[kind]]}]
    return {"where": where if path is None else [*where, *page(path)["where"]]}


def as_test(kind, path):
    return lambda each: is_kind(each, kind) and path in (None, each.page)


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(CROWDED, STEPS, st.sampled_from(["session", "user"]), st.sampled_from([None, 1, 1_000, 2_000, 4_000]))
def test_a_funnel_is_what_trying_every_beginning_finds(ask, happenings, steps, by, within_ms):
    population = Population(ask, happenings)
    rows = population.ask("funnel", steps=[as_form(*step) for step in steps], by=by, within_ms=within_ms).rows
    assert [(each[2], each[5]) for each in rows] == folded(
        population, [as_test(*step) for step in steps], by, within_ms
    )
