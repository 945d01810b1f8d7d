"""The list of sessions, held against sessions that can be counted by hand, and against a fold in Python."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrum.query.question import BadQuestion
from openrum.query.sessions import COLUMNS
from tests.query.conftest import NOW_MS, row, session
from tests.query.populations import POPULATIONS, Population, as_stored, asked, is_kind

MINUTE_MS = 60_000
OTHER = "0a0a0a0a-0000-4000-8000-0000000000ff"


def listed(ask, **members):
    return [dict(zip(COLUMNS, each, strict=True)) for each in asked("sessions", ask.store, **members).rows]


@pytest.fixture
def visited(ask):
    ask.add(
        row("session_start_event", session=session(1), user=session(9), ago_ms=10 * MINUTE_MS, browser="Chrome"),
        row(session=session(1), user=session(9), ago_ms=10 * MINUTE_MS, page="/", browser="Chrome", country="DE"),
        row(session=session(1), ago_ms=8 * MINUTE_MS, page="/cart", os="macOS", device="desktop", release="2.0"),
        row("largest_contentful_paint_event", session=session(1), ago_ms=8 * MINUTE_MS, value=1200.5),
        row("largest_contentful_paint_event", session=session(1), ago_ms=7 * MINUTE_MS, value=2500),
        row("interaction_to_next_paint_event", session=session(1), ago_ms=7 * MINUTE_MS, value=0),
        row("js_error_event", session=session(1), ago_ms=6 * MINUTE_MS),
        row("http_event", session=session(1), ago_ms=6 * MINUTE_MS, http_status=200),
        row("http_event", session=session(1), ago_ms=6 * MINUTE_MS, http_status=404),
        row("http_event", session=session(1), ago_ms=5 * MINUTE_MS),
        row(session=session(2), ago_ms=4 * MINUTE_MS, page="/cart", browser="Firefox", bot="crawler"),
        row("shop.checkout", session=session(3), ago_ms=2 * MINUTE_MS, browser="Safari"),
        row(page="/", ago_ms=1 * MINUTE_MS),
        row(session=session(3), page="/old", ago_ms=90 * MINUTE_MS),
        row(session=session(4), page="/", monitor=OTHER),
    )
    return ask


def test_a_session_is_told_by_all_its_events_in_the_range(visited):
    assert listed(visited)[-1] == {
        "session": session(1),
        "began": NOW_MS - 10 * MINUTE_MS,
        "ended": NOW_MS - 5 * MINUTE_MS,
        "duration": 5 * MINUTE_MS,
        "events": 10,
        "page_views": 2,
        "js_errors": 1,
        "http_errors": 2,
        "lcp_max": 2500.0,
        "inp_max": 0.0,
        "user": session(9),
        "entry_page": "/",
        "exit_page": "/cart",
        "browser": "Chrome",
        "os": "macOS",
        "device": "desktop",
        "country": "DE",
        "release": "2.0",
        "recorded": False,
        "bot": False,
    }


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (["errors"], [1]),
        (["failures"], [1]),
        (["slow"], [7, 5]),
        (["bounced"], [5, 2]),
        (["slow", "bounced"], [5]),
        ([], [7, 3, 6, 5, 2, 1]),
    ],
)
def test_sessions_can_be_limited_to_those_that_went_wrong(visited, only, found):
    visited.add(
        row(session=session(5), ago_ms=3 * MINUTE_MS),
        row("largest_contentful_paint_event", session=session(5), ago_ms=3 * MINUTE_MS, value=4000.5),
        row("largest_contentful_paint_event", session=session(6), ago_ms=3 * MINUTE_MS - 1, value=4000),
        row("interaction_to_next_paint_event", session=session(7), ago_ms=1, value=501),
    )
    assert [each["session"] for each in listed(visited, only=only)] == [session(number) for number in found]


def test_sessions_can_be_limited_to_those_that_can_be_watched(visited):
    assert listed(visited, only=["recorded"]) == []
    visited.add(row("rrweb_event", session=session(3), ago_ms=1), row("rrweb_event", session=session(2), monitor=OTHER))
    assert [(each["session"], each["recorded"]) for each in listed(visited, only=["recorded"])] == [(session(3), True)]


def test_the_newest_session_comes_first_and_what_is_not_there_is_null_or_0(visited):
    sessions = listed(visited)
    assert [each["session"] for each in sessions] == [session(3), session(2), session(1)]
    assert sessions[0] == {
        "session": session(3),
        "began": NOW_MS - 2 * MINUTE_MS,
        "ended": NOW_MS - 2 * MINUTE_MS,
        **dict.fromkeys(("duration", "page_views", "js_errors", "http_errors"), 0),
        "events": 1,
        **dict.fromkeys(
            ("lcp_max", "inp_max", "user", "entry_page", "exit_page", "os", "device", "country", "release")
        ),
        "browser": "Safari",
        "recorded": False,
        "bot": False,
    }
    assert sessions[1]["bot"] is True


def test_one_event_that_passes_all_filters_brings_the_whole_session(visited):
    where = [{"dimension": "page", "values": ["/cart"]}]
    assert [(each["session"], each["events"]) for each in listed(visited, where=where)] == [
        (session(2), 1),
        (session(1), 10),
    ]
    where.append({"dimension": "release", "values": ["2.0"]})
    assert [each["session"] for each in listed(visited, where=where)] == [session(1)]
    where.append({"dimension": "country", "values": ["DE"]})
    assert listed(visited, where=where) == [], "one event says /cart, another DE"


@pytest.mark.parametrize(
    ("dimension", "values"), [("page_tag", ["sale"]), ("attribute:plan", ["gold"]), ("session", [session(1).upper()])]
)
def test_any_dimension_picks_sessions(ask, dimension, values):
    ask.add(
        row(session=session(1), page_tags=["new", "sale"], attributes={"plan": "gold"}),
        row(session=session(1)),
        row(session=session(2), page_tags=["new"], attributes={"plan": "free"}),
    )
    where = [{"dimension": dimension, "values": values}]
    for order in ("began", "events"):
        assert [(each["session"], each["events"]) for each in listed(ask, where=where, order=order)] == [
            (session(1), 2)
        ]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("ended", 3),
        ("duration", 1),
        ("events", 1),
        ("page_views", 1),
        ("js_errors", 1),
        ("http_errors", 1),
        ("lcp_max", 1),
    ],
)
def test_any_figure_is_an_order_and_null_stands_last_in_it(visited, order, first):
    assert listed(visited, order=order)[0]["session"] == session(first)
    values = [each[order] for each in listed(visited, order=order, desc=False)]
    known = [value for value in values if value is not None]
    assert values == sorted(known) + [None] * (len(values) - len(known))


def test_the_page_behind_begins_after_the_last_session(visited):
    first = asked("sessions", visited.store, limit=2)
    assert first.more["behind"] == [NOW_MS - 4 * MINUTE_MS, session(2)]
    second = asked("sessions", visited.store, limit=2, behind=first.more["behind"])
    assert [each[0] for each in second.rows] == [session(1)]
    assert second.more["behind"] is None


def test_sessions_that_began_long_ago_are_found_where_few_are_new(ask):
    ask.add(*(row(session=session(number), ago_ms=59 * MINUTE_MS - number) for number in range(1, 30)))
    ask.add(row(session=session(1), ago_ms=1), row(session=session(2), ago_ms=1), row(session=session(40), ago_ms=2))
    for limit in (1, 2, 3, 4):
        assert [each["session"] for each in listed(ask, limit=limit)] == [
            session(number) for number in (40, 29, 28, 27)[:limit]
        ]
    assert [each["session"] for each in listed(ask, limit=3, desc=False)] == [session(1), session(2), session(3)]


@pytest.mark.parametrize(
    "behind", [[], [1], ["1", session(1)], [1, "x"], [1, None], [float("inf"), session(1)], [1, session(1), 2]]
)
def test_what_is_no_place_in_the_list_is_refused(ask, behind):
    with pytest.raises(BadQuestion) as caught:
        asked("sessions", ask.store, behind=behind)
    assert caught.value.field.startswith("behind")


@pytest.mark.parametrize("limit", [0, 10_001])
def test_a_limit_has_bounds(ask, limit):
    with pytest.raises(BadQuestion, match="must be 1 to 10000"):
        asked("sessions", ask.store, limit=limit)


def test_every_session_of_a_long_list_is_there_and_the_last_page_says_so(ask):
    ask.add(*(row(session=session(number)) for number in range(1, 10_002)))
    first = asked("sessions", ask.store, limit=10_000)
    assert len(first.rows) == 10_000
    rest = asked("sessions", ask.store, limit=10_000, behind=first.more["behind"])
    assert [each[0] for each in rest.rows] == [session(10_001)]
    assert rest.more["behind"] is None


# ── Against a fold ────────────────────────────────────────────────────────────────────────────────────────────────


def folded(population, passes):
    """The list in plain Python."""
    by_session = {}
    for each in population.rows:
        if each.session is not None:
            by_session.setdefault(each.session, []).append(each)
    return {who: told(who, events) for who, events in by_session.items() if any(passes(each) for each in events)}


def told(who, events):
    def first(values):
        return next((value for value in values if value is not None), None)

    def greatest(kind):
        return max(
            (as_stored(each.value) for each in events if is_kind(each, kind) and each.value is not None), default=None
        )

    views = [each for each in events if is_kind(each, "view")]
    return {
        "session": who,
        "began": events[0].time,
        "ended": events[-1].time,
        "duration": events[-1].time - events[0].time,
        "events": len(events),
        "page_views": len(views),
        "js_errors": sum(is_kind(each, "error") for each in events),
        "http_errors": sum(
            is_kind(each, "http") and (each.http_status is None or each.http_status >= 400) for each in events
        ),
        "lcp_max": greatest("lcp"),
        "inp_max": greatest("inp"),
        "user": first(each.user for each in events),
        "entry_page": first(each.page for each in views),
        "exit_page": first(each.page for each in reversed(views)),
        "browser": first(each.browser for each in events),
        "os": None,
        "device": None,
        "country": None,
        "release": first(each.release for each in events),
        "recorded": any(is_kind(each, "replay") for each in events),
        "bot": any(each.bot is not None for each in events),
    }


FILTERS = {
    "all": ([], lambda each: True),
    "page": ([{"dimension": "page", "values": ["/a"]}], lambda each: each.page == "/a"),
    "people": ([{"dimension": "bot", "values": [False]}], lambda each: each.bot is None),
}


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(POPULATIONS, st.sampled_from(list(FILTERS)), st.sampled_from(COLUMNS[1:10]), st.booleans())
def test_page_by_page_the_list_is_what_a_fold_finds(ask, happenings, filters, order, desc):
    population = Population(ask, happenings)
    where, passes = FILTERS[filters]
    sessions = sorted(folded(population, passes).values(), key=lambda each: each["session"])
    known = sorted((each for each in sessions if each[order] is not None), key=lambda each: each[order], reverse=desc)
    expected = known + [each for each in sessions if each[order] is None]
    found, behind = [], None
    while True:
        page = population.ask("sessions", where=where, order=order, desc=desc, limit=1, behind=behind)
        found += page.rows
        behind = page.more["behind"]
        if behind is None:
            break
    assert found == [list(each.values()) for each in expected]
