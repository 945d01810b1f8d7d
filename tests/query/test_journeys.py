"""Ways through a site, counted by hand and by a fold in Python."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrum.query.question import BadQuestion
from tests.query.conftest import row, session
from tests.query.populations import PAGES, POPULATIONS, Population, asked, is_kind


@pytest.fixture
def walked(ask):
    """Ways: / → /list → /item → /cart, / → /list → /, /item alone, /list → /item → /item → /cart."""
    for number, way in enumerate(["/ /list /item /cart", "/ /list /", "/item", "/list /item /item /cart"], start=1):
        ask.add(*(row(session=session(number), page=page, page_group=page[:2]) for page in way.split()))
        ask.add(row("js_error_event", session=session(number), page="/broken"))
    return ask


def pairs(ask, **members):
    answer = asked("journeys", ask.store, **members)
    assert answer.columns == ["from", "to", "count"]
    return answer.rows


def steps(ask, **members):
    answer = asked("journeys", ask.store, **members)
    assert answer.columns == ["step", "from", "to", "count", "from_kind", "to_kind"]
    return answer.rows


def test_pairs_are_consecutive_views_of_different_pages(walked):
    assert pairs(walked) == [
        ["/", "/list", 2],
        ["/item", "/cart", 2],
        ["/list", "/item", 2],
        ["/list", "/", 1],
    ]
    assert pairs(walked, limit=1) == [["/", "/list", 2]]


def test_beside_the_pairs_stand_the_pages_where_sessions_begin_and_end(walked):
    answer = asked("journeys", walked.store)
    assert answer.more == {
        "entries": [["/", 2], ["/item", 1], ["/list", 1]],
        "exits": [["/cart", 2], ["/", 1], ["/item", 1]],
    }


def test_routes_are_ways_too(walked):
    assert pairs(walked, by="page_group")[0] == ["/", "/l", 2]


def test_a_view_without_a_page_is_a_place_of_its_own_and_one_without_a_session_none(ask):
    ask.add(row(session=session(1), page="/"), row(session=session(1)), row(session=session(1), page="/"))
    ask.add(row(page="/"), row(page="/cart"))
    assert pairs(ask) == [["/", None, 1], [None, "/", 1]]
    assert asked("journeys", ask.store).more == {"entries": [["/", 1]], "exits": [["/", 1]]}


def test_pages_of_one_time_come_in_the_order_in_which_they_were_sent(ask):
    ask.add(*(row(session=session(1), page=page) for page in "cab"))
    assert pairs(ask) == [["a", "b", 1], ["c", "a", 1]]


def test_filters_say_which_views_there_are(walked):
    where = [{"dimension": "page", "op": "is_not", "values": ["/list"]}]
    assert pairs(walked, where=where) == [["/item", "/cart", 2], ["/", "/item", 1]]


def test_forward_from_where_sessions_begin(walked):
    assert steps(walked, steps=2) == [
        [1, "/", "/list", 2, "page", "page"],
        [1, "/item", None, 1, "page", "exit"],
        [1, "/list", "/item", 1, "page", "page"],
        [2, "/item", "/cart", 1, "page", "page"],
        [2, "/list", "/", 1, "page", "page"],
        [2, "/list", "/item", 1, "page", "page"],
    ]
    assert asked("journeys", walked.store, steps=2).more == {"sessions": 4}


def test_backward_from_where_they_end(walked):
    assert steps(walked, steps=1, direction="backward") == [
        [1, "/item", "/cart", 2, "page", "page"],
        [1, "/list", "/", 1, "page", "page"],
        [1, None, "/item", 1, "entry", "page"],
    ]


def test_forward_from_a_page_begins_at_its_first_view_and_leaves_others_out(walked):
    assert steps(walked, steps=3, start="/list") == [
        [1, "/list", "/item", 2, "page", "page"],
        [1, "/list", "/", 1, "page", "page"],
        [2, "/item", "/cart", 2, "page", "page"],
        [2, "/", None, 1, "page", "exit"],
        [3, "/cart", None, 2, "page", "exit"],
    ]


def test_backward_from_a_page_tells_how_it_was_come_to(walked):
    assert steps(walked, steps=2, start="/item", direction="backward") == [
        [1, "/list", "/item", 2, "page", "page"],
        [1, None, "/item", 1, "entry", "page"],
        [2, "/", "/list", 1, "page", "page"],
        [2, None, "/list", 1, "entry", "page"],
    ]


def test_pages_beyond_the_top_ones_of_a_step_are_one(walked):
    assert steps(walked, steps=1, top=1) == [
        [1, "/", "/list", 2, "page", "page"],
        [1, None, None, 1, "other", "exit"],
        [1, None, None, 1, "other", "other"],
    ]


def test_an_end_is_no_page_and_takes_no_place_of_one(ask):
    ask.add(*(row(session=session(number), page="/") for number in range(1, 5)), row(session=session(4), page="/a"))
    assert steps(ask, steps=1, top=1) == [
        [1, "/", None, 3, "page", "exit"],
        [1, "/", "/a", 1, "page", "page"],
    ]


def test_a_start_is_a_value_whatever_it_says(walked):
    assert steps(walked, steps=1, start="' OR 1=1 --") == []


def test_nowhere_is_no_steps(walked):
    assert steps(walked, steps=3, start="/nowhere") == []
    assert asked("journeys", walked.store, steps=3, start="/nowhere").more == {"sessions": 0}


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 10_001}, "limit"),
        ({"steps": 0}, "steps"),
        ({"steps": 9}, "steps"),
        ({"steps": 2, "top": 31}, "top"),
        ({"start": "/"}, "start"),
    ],
)
def test_what_is_out_of_bounds_is_refused(ask, members, field):
    with pytest.raises(BadQuestion) as caught:
        asked("journeys", ask.store, **members)
    assert caught.value.field == field


def test_as_many_pairs_as_an_answer_may_have_leave_no_room_for_entries(walked):
    answer = asked("journeys", walked.store, limit=10_000)
    assert len(answer.rows) == 4
    assert answer.more == {"entries": [], "exits": []}


# ── Against a fold ────────────────────────────────────────────────────────────────────────────────────────────────


def ways(population):
    """The pages of each session's views, in their order."""
    found = {}
    for each in population.rows:
        if each.session is not None and is_kind(each, "view"):
            found.setdefault(each.session, []).append(each.page)
    return list(found.values())


def ranked(counter):
    return sorted(([*key, count] for key, count in counter.items()), key=lambda each: (-each[-1], *((p is None, p or "") for p in each[:-1])))  # fmt: skip


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(POPULATIONS)
def test_pairs_are_what_a_fold_finds(ask, happenings):
    population = Population(ask, happenings)
    expected = Counter()
    for way in ways(population):
        expected.update((a, b) for a, b in pairwise(way) if a != b)
    answer = population.ask("journeys")
    assert answer.rows == ranked(expected)
    assert answer.more["entries"] == ranked(Counter((way[0],) for way in ways(population)))
    assert answer.more["exits"] == ranked(Counter((way[-1],) for way in ways(population)))


def folded(population, count, start, forward, top):
    """Steps as (step, near, far) → count, where near and far are (page, kind)."""
    edges = Counter()
    for pages in ways(population):
        way = [page for place, page in enumerate(pages) if place == 0 or pages[place - 1] != page]
        if start is not None:
            if start not in way:
                continue
            first = way.index(start)
            way = way[first:] if forward else way[: first + 1]
        way = way if forward else way[::-1]
        for step, page in enumerate(way[:count], start=1):
            edges[step, page, way[step] if step < len(way) else "END"] += 1
    nodes = {}
    for (step, near, far), number in edges.items():
        nodes.setdefault(step, Counter())[near] += number
        if step == count and far != "END":
            nodes.setdefault(step + 1, Counter())[far] += number

    def shown(step, page):
        best = [page for page, _ in ranked(Counter({(p,): n for p, n in nodes[step].items()}))][:top]
        return (page, "page") if page in best else (None, "other")

    told = Counter()
    for (step, near, far), number in edges.items():
        end = (None, "exit" if forward else "entry") if far == "END" else shown(step + 1, far)
        told[step, shown(step, near), end] += number
    return told


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(POPULATIONS, st.integers(1, 8), st.sampled_from(PAGES), st.booleans(), st.integers(1, 3))
def test_steps_are_what_a_fold_finds(ask, happenings, count, start, forward, top):
    population = Population(ask, happenings)
    direction = "forward" if forward else "backward"
    answer = population.ask("journeys", steps=count, start=start, direction=direction, top=top)
    found = Counter()
    for step, from_, to, number, from_kind, to_kind in answer.rows:
        near, far = (from_, from_kind), (to, to_kind)
        found[(step, near, far) if forward else (step, far, near)] += number
    assert found == folded(population, count, start, forward, top)
    assert len(found) == len(answer.rows), "no line stands twice"
