"""Groups of JavaScript errors, counted by hand and by a fold in Python."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from openrum.events import NIL_UUID
from openrum.query.error_groups import COLUMNS, SAMPLE_COLUMNS
from openrum.query.question import BadQuestion
from tests.query.conftest import HOUR_MS, NOW_MS, row, session
from tests.query.populations import POPULATIONS, Population, asked, is_kind

MINUTE_MS = 60_000


def error(name, **members):
    return row("js_error_event", error=name, error_title=f"Title of {name}", error_type="TypeError", **members)


@pytest.fixture
def broken(ask):
    ask.add(
        error("e1", ago_ms=50 * MINUTE_MS, session=session(1), user=session(9), release="1.0", browser="Chrome"),
        error("e1", ago_ms=40 * MINUTE_MS, session=session(1), user=session(9), release="2.0", browser="Chrome"),
        error("e1", ago_ms=1, session=session(2), user=NIL_UUID, release="2.0", browser="Firefox"),
        error("e2", ago_ms=5 * MINUTE_MS, session=session(2)),
        error("e2", ago_ms=HOUR_MS + 1, session=session(2)),
        error("e2", ago_ms=2 * HOUR_MS + 1, session=session(2)),
        error("gone", ago_ms=HOUR_MS + 1, session=session(2)),
        error("long gone", ago_ms=3 * HOUR_MS, session=session(2)),
        row(session=session(3)),
        row(session=session(4)),
        row("http_event", error="e1", session=session(4)),
    )
    return ask


def groups(ask, **members):
    return [dict(zip(COLUMNS, each, strict=True)) for each in asked("errors", ask.store, **members).rows]


def test_a_group_tells_how_many_whose_when_and_where(broken):
    first, second = groups(broken, buckets=6)
    assert first == {
        "error": "e1",
        "title": "Title of e1",
        "type": "TypeError",
        "count": 3,
        "sessions": 2,
        "users": 1,
        "session_share": 0.5,
        "first_seen": NOW_MS - 50 * MINUTE_MS,
        "last_seen": NOW_MS - 1,
        "new": True,
        "releases": [["2.0", 2], ["1.0", 1]],
        "browsers": [["Chrome", 2], ["Firefox", 1]],
        "sparkline": [0, 1, 1, 0, 0, 1],
    }
    assert (second["error"], second["count"], second["sessions"], second["session_share"]) == ("e2", 1, 1, 0.25)
    assert second["releases"] == second["browsers"] == [[None, 1]]


def test_a_group_is_new_where_the_range_before_has_none_of_it(broken):
    assert {each["error"]: each["new"] for each in groups(broken)} == {"e1": True, "e2": False}
    assert all(each["new"] for each in groups(broken, to=NOW_MS - 3 * HOUR_MS + 1, **{"from": NOW_MS - 3 * HOUR_MS}))


@pytest.mark.parametrize(
    ("order", "first"),
    [("count", "e1"), ("sessions", "e1"), ("users", "e1"), ("last_seen", "e1"), ("first_seen", "e2")],
)
def test_groups_come_largest_or_latest_first(broken, order, first):
    assert groups(broken, order=order)[0]["error"] == first


def test_a_limit_cuts_and_the_answer_says_so(broken):
    answer = asked("errors", broken.store, limit=1)
    assert [each[0] for each in answer.rows] == ["e1"]
    assert answer.more["truncated"] is True
    assert asked("errors", broken.store, limit=2).more["truncated"] is False


def test_buckets_cover_the_range_and_say_where_they_begin(broken):
    answer = asked("errors", broken.store, buckets=7)
    starts = answer.more["bucket_starts"]
    assert starts == [NOW_MS - HOUR_MS + -(-number * HOUR_MS // 7) for number in range(7)]
    broken.add(
        *(error("edge", ago_ms=NOW_MS - start) for start in starts), error("edge", ago_ms=NOW_MS - starts[1] + 1)
    )
    sparklines = {each["error"]: each["sparkline"] for each in groups(broken, buckets=7)}
    assert sparklines["edge"] == [2, 1, 1, 1, 1, 1, 1]


def test_filters_of_errors_make_no_session_less_to_be_affected(broken):
    where = [{"dimension": "error_type", "values": ["TypeError"]}]
    assert groups(broken, where=where)[0]["session_share"] == 0.5
    where = [{"dimension": "browser", "values": ["Chrome"]}]
    assert groups(broken, where=where)[0]["session_share"] == 1.0


def test_an_error_of_no_group_and_no_session_is_told_too(ask):
    ask.add(row("js_error_event"))
    [group] = groups(ask)
    assert (group["error"], group["count"], group["sessions"], group["session_share"]) == (None, 1, 0, None)
    assert group["releases"] == [[None, 1]]


def test_nothing_broken_is_no_groups(ask):
    ask.add(row(session=session(1)))
    assert groups(ask) == []


@pytest.mark.parametrize("members", [{"limit": 0}, {"limit": 1_001}, {"buckets": 0}, {"buckets": 101}])
def test_limits_have_bounds(ask, members):
    with pytest.raises(BadQuestion) as caught:
        asked("errors", ask.store, **members)
    assert [caught.value.field] == list(members)


# ── One group ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_group_has_its_newest_events_and_where_it_happens(broken):
    broken.add(
        error("e1", ago_ms=3, page="/cart", page_group="/cart", os="macOS", country="DE", error_message="x is null",
              error_file="https://shop.example/a.js", error_line=3, error_column=7, error_stack="TypeError: x\n    at f"),
    )  # fmt: skip
    answer = asked("error", broken.store, error="e1", samples=2)
    assert answer.columns == SAMPLE_COLUMNS
    newest, before = (dict(zip(SAMPLE_COLUMNS, each, strict=True)) for each in answer.rows)
    assert (newest["time"], before["time"]) == (NOW_MS - 1, NOW_MS - 3)
    told = {
        name: before[name] for name in ("page", "type", "message", "file", "line", "column", "stack", "day", "block")
    }
    assert told == {
        "page": "/cart",
        "type": "TypeError",
        "message": "x is null",
        "file": "https://shop.example/a.js",
        "line": 3,
        "column": 7,
        "stack": "TypeError: x\n    at f",
        "day": 20_000,
        "block": 1,
    }
    assert answer.more["group"] == groups(broken)[0]
    assert answer.more["breakdown"] == {
        "release": [["2.0", 2], ["1.0", 1], [None, 1]],
        "browser": [["Chrome", 2], ["Firefox", 1], [None, 1]],
        "os": [[None, 3], ["macOS", 1]],
        "page_group": [[None, 3], ["/cart", 1]],
        "country": [[None, 3], ["DE", 1]],
    }


def test_a_group_is_named_by_a_value_whatever_it_says(broken):
    broken.add(error("' OR 1=1 --", ago_ms=1))
    answer = asked("error", broken.store, error="' OR 1=1 --")
    assert len(answer.rows) == answer.more["group"]["count"] == 1
    assert answer.more["breakdown"]["release"] == [[None, 1]]


def test_a_group_that_is_not_in_the_range_is_null(broken):
    answer = asked("error", broken.store, error="gone")
    assert (answer.rows, answer.more["group"]) == ([], None)
    assert set(map(len, answer.more["breakdown"].values())) == {0}


@pytest.mark.parametrize("samples", [0, 101])
def test_samples_have_bounds(ask, samples):
    with pytest.raises(BadQuestion, match="samples: must be 1 to 100"):
        asked("error", ask.store, error="e1", samples=samples)


# ── Against a fold ────────────────────────────────────────────────────────────────────────────────────────────────


def folded(events, before, everybody):
    """The figures of a group in plain Python; `events` are those in the range."""
    sessions = {each.session for each in events} - {None}
    begin, length = NOW_MS - 5_000, 5_000
    return {
        "count": len(events),
        "sessions": len(sessions),
        "users": len({each.user for each in events} - {None, NIL_UUID}),
        "session_share": len(sessions) / everybody if everybody else None,
        "first_seen": min(each.time for each in events),
        "last_seen": max(each.time for each in events),
        "new": not before,
        "releases": commonest(each.release for each in events),
        "browsers": commonest(each.browser for each in events),
        "sparkline": [sum((each.time - begin) * 4 // length == bucket for each in events) for bucket in range(4)],
    }


def commonest(values):
    ranked = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or ""))
    return [list(pair) for pair in ranked]


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(POPULATIONS)
def test_groups_are_what_a_fold_finds(ask, happenings):
    population = Population(ask, happenings)
    begin = NOW_MS - 5_000
    now = [each for each in population.rows if each.time >= begin]
    everybody = len({each.session for each in now} - {None})
    expected = {}
    for name in {each.error for each in now if is_kind(each, "error")}:
        of_it = [each for each in population.rows if is_kind(each, "error") and each.error == name]
        before = [each for each in of_it if begin - 5_000 <= each.time < begin]
        expected[name] = folded([each for each in of_it if each.time >= begin], before, everybody)
    found = [
        dict(zip(COLUMNS, each, strict=True)) for each in population.ask("errors", buckets=4, **{"from": begin}).rows
    ]
    assert [each["count"] for each in found] == sorted((each["count"] for each in expected.values()), reverse=True)
    assert {each["error"]: {name: each[name] for name in expected[each["error"]]} for each in found} == expected
