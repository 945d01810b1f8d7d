"""Answers are right: held against a few events that can be counted by hand, and against the same count in Python."""

import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.build import build
from openrum.query.dimensions import DIMENSIONS
from openrum.query.measures import MEASURES
from openrum.query.question import Operator
from openrum.store import DuckDBStore, Group
from tests.query.conftest import HOUR_MS, NOW_MS, Asker, row, session

NIL = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def visited(ask):
    ask.add(
        row(session=session(1), user=session(9), page="/", browser="Chrome", country="DE"),
        row(session=session(1), user=session(9), page="/cart", browser="Chrome", country="DE"),
        row("js_error_event", session=session(1), user=session(9), page="/cart", browser="Chrome", country="DE"),
        row(session=session(2), user=NIL, page="/", browser="Firefox"),
        row("http_event", session=session(2), user=NIL, page="/", browser="Firefox"),
        row("shop.checkout", session=session(3)),
        row(session=session(1), page="/old", ago_ms=2 * HOUR_MS),
        row(session=session(4), page="/", monitor="0a0a0a0a-0000-4000-8000-000000000002"),
    )
    return ask


def test_measures_count_what_they_are_called(visited):
    measures = ["events", "page_views", "js_errors", "http_requests", "sessions", "users", "error_sessions"]
    assert visited.rows(measures) == [[6, 3, 1, 1, 3, 1, 1]]


def test_every_measure_and_dimension_can_be_asked_for_and_is_empty_where_nothing_is(ask):
    answer = ask.answer(list(MEASURES))
    assert answer.columns == list(MEASURES)
    assert answer.rows == [[measure.empty for measure in MEASURES.values()]]
    for dimension in DIMENSIONS:
        assert ask.answer(by=[dimension]).columns == [dimension, "events"]


def test_groups_come_largest_first_and_nobodys_value_is_null(visited):
    assert visited.rows(by=["page"]) == [["/", 3], ["/cart", 2], [None, 1]]
    assert visited.rows(["events", "sessions"], by=["browser"], order=[{"by": "browser", "desc": True}]) == [
        ["Firefox", 2, 1],
        ["Chrome", 3, 1],
        [None, 1, 1],
    ]


def test_a_limit_cuts_behind_the_first_and_ties_have_one_order(visited):
    assert visited.rows(by=["type"], limit=2) == [["page_view_event", 3], ["http_event", 1]]


def test_types_are_shown_short_and_understood_in_full(visited):
    short = visited.rows(where=[{"dimension": "type", "values": ["page_view_event"]}])
    full = visited.rows(where=[{"dimension": "type", "values": ["com.amazon.rum.page_view_event"]}])
    assert short == full == [[3]]
    assert visited.rows(where=[{"dimension": "type", "values": ["shop.checkout"]}]) == [[1]]


@pytest.mark.parametrize(
    ("op", "values", "count"),
    [
        ("is", ["/"], 3),
        ("is", ["/", "/cart"], 5),
        ("is_not", ["/"], 3),
        ("contains", ["car"], 2),
        ("not_contains", ["car"], 4),
        ("contains", ["%"], 0),
        ("matches", ["/*"], 5),
        ("matches", ["/c_rt"], 0),
        ("matches", ["*rt"], 2),
        ("is_null", [], 1),
        ("is_not_null", [], 5),
    ],
)
def test_a_filter_does_what_its_operator_says(visited, op, values, count):
    assert visited.rows(where=[{"dimension": "page", "op": op, "values": values}]) == [[count]]


def test_filters_of_numbers_compare_as_numbers(ask):
    ask.add(row(browser_version="9"), row(browser_version="120"), row(browser_version="x"), row())
    assert ask.rows(where=[{"dimension": "browser_version", "op": "gt", "values": ["10"]}]) == [[1]]
    assert ask.rows(where=[{"dimension": "browser_version", "op": "lt", "values": [10]}]) == [[1]]


def test_ids_are_found_in_any_case_and_countries_too(visited):
    assert visited.rows(where=[{"dimension": "session", "values": [session(1).upper()]}]) == [[3]]
    assert visited.rows(where=[{"dimension": "country", "values": ["de"]}]) == [[3]]


def test_a_value_that_is_no_uuid_is_nobodys_session(visited):
    assert visited.rows(where=[{"dimension": "session", "values": ["x", ""]}]) == [[0]]
    assert visited.rows(where=[{"dimension": "session", "op": "is_not", "values": ["x"]}]) == visited.rows() == [[6]]
    assert visited.rows(where=[{"dimension": "session", "op": "is_not", "values": ["x", session(1)]}]) == [[3]]


def test_several_filters_must_all_hold(visited):
    where = [{"dimension": "page", "values": ["/"]}, {"dimension": "browser", "values": ["Firefox"]}]
    assert visited.rows(where=where) == [[2]]


def test_empty_buckets_are_filled_and_the_range_takes_its_beginning_alone(ask):
    ask.add(row(ago_ms=0), row(ago_ms=1), row(ago_ms=HOUR_MS), row(ago_ms=HOUR_MS + 1))
    rows = ask.rows(by=["time:15m"])
    starts = [NOW_MS - HOUR_MS + step * 900_000 for step in range(4)]
    assert rows == [[starts[0], 1], [starts[1], 0], [starts[2], 0], [starts[3], 1]]


def test_every_group_has_all_its_buckets(ask):
    ask.add(row(page="/a", ago_ms=60_000), row(page="/b", ago_ms=2 * 900_000))
    rows = ask.rows(by=["page", "time:15m"], order=[{"by": "page"}, {"by": "time"}])
    assert [(page, count) for page, _, count in rows] == [("/a", n) for n in (0, 0, 0, 1)] + [
        ("/b", n) for n in (0, 0, 1, 0)
    ]


def test_an_empty_range_has_one_row_of_nothing_or_all_its_buckets(ask):
    assert ask.rows() == [[0]]
    assert ask.rows(by=["page"]) == []
    assert [count for _, count in ask.rows(by=["time:15m"])] == [0, 0, 0, 0]


def test_compare_sets_the_same_labels_of_the_earlier_range_beside(ask):
    ask.add(row(page="/a"), row(page="/a", ago_ms=HOUR_MS + 5), row(page="/a", ago_ms=HOUR_MS + 6), row(page="/new"))
    answer = ask.answer(by=["page"], compare="previous")
    assert answer.columns == ["page", "events", "events_previous"]
    assert answer.rows == [["/a", 1, 2], ["/new", 1, 0]]


def test_compared_buckets_stand_one_for_one(ask):
    ask.add(row(ago_ms=60_000), *(row(ago_ms=HOUR_MS + 60_000) for _ in range(3)))
    rows = ask.rows(by=["time:15m"], compare="previous")
    assert [row[1:] for row in rows] == [[0, 0], [0, 0], [0, 0], [1, 3]]


def test_the_answer_says_how_it_was_found(visited):
    answer = visited.answer(where=[{"dimension": "page", "values": ["/cart' OR 1=1 --"]}])
    assert answer.rows == [[0]]
    assert answer.rows_scanned == 6, "of this monitor and range, before the filters"
    assert "'/cart'' OR 1=1 --'" in answer.sql
    assert answer.elapsed_ms > 0
    assert visited.store.run(answer.sql, {}, timeout_s=5, rows_max=10).rows == [(0,)]


WEEK_OF_CHANGE = {"from": "2026-10-24T00:00:00+02:00", "to": "2026-10-27T00:00:00+01:00", "timezone": "Europe/Berlin"}


def test_days_are_compared_with_those_of_last_week_though_clocks_changed_in_between(ask):
    days = {"from": "2026-10-26T00:00:00+01:00", "to": "2026-10-28T00:00:00+01:00", "timezone": "Europe/Berlin"}
    tuesday_ms = 1_792_447_200_000  # 2026-10-20T00:00 in Berlin, in summer time
    for after_ms in (0, HOUR_MS // 2, 23 * HOUR_MS + HOUR_MS // 2):
        ask.add(row(ago_ms=NOW_MS - tuesday_ms - after_ms))
    found = ask.rows(by=["time:1d"], compare="last_week", **days)
    assert [row[1:] for row in found] == [[0, 0], [0, 3]]
    by_hour = ask.rows(by=["time:1h"], compare="last_week", **days)
    assert [row[2] for row in by_hour][24:] == [2, *[0] * 22, 1]


def test_days_of_a_zone_are_counted_over_a_change_of_clocks(ask):
    for hours in range(24 * 3 + 1):
        moment = 1_792_792_800_000 + hours * HOUR_MS + 1  # from 2026-10-24T00:00 in Berlin
        ask.add(row(ago_ms=NOW_MS - moment))
    assert [count for _, count in ask.rows(by=["time:1d"], **WEEK_OF_CHANGE)] == [24, 25, 24]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=25)
@given(
    st.sampled_from([name for name in DIMENSIONS if name != "time"]),
    st.sampled_from(Operator.__args__),
    st.lists(texts, min_size=1, max_size=3),
)
def test_no_value_changes_the_shape_of_the_sql(dimension, op, values):
    """The text with placeholders depends on names, operators and numbers of values alone."""
    kind = DIMENSIONS[dimension].kind
    if op in ("gt", "lt") or (kind == "number" and op in ("is", "is_not")):
        values = [str(index) for index, _ in enumerate(values)]
    if kind == "boolean" and op in ("is", "is_not"):
        values = ["true" for _ in values]
    if op in ("is_null", "is_not_null"):
        values = []
    where = [{"dimension": dimension, "op": op, "values": values}]
    plain = [{**where[0], "values": ["false" if kind == "boolean" and op in ("is", "is_not") else "1"] * len(values)}]
    asker = Asker(None)

    def text(filters):
        return build(asker.parse(where=filters)).built.text("duckdb")

    assert text(where) == text(plain)


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(texts, max_size=8), st.lists(texts, min_size=1, max_size=2))
def test_any_text_is_found_as_itself(pages, wanted):
    with tempfile.TemporaryDirectory() as folder, closing(DuckDBStore(Path(folder), DEFAULTS)) as store:
        asker = Asker(store)
        rows = [row(page=page) for page in [*pages, *wanted]]
        store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (20_000, 1)))
        counted = Counter([*pages, *wanted])
        assert dict(asker.rows(by=["page"])) == counted
        found = asker.rows(where=[{"dimension": "page", "values": wanted}])
        assert found == [[sum(counted[page] for page in set(wanted))]]
        held = asker.rows(where=[{"dimension": "page", "op": "contains", "values": wanted}])
        assert held == [[sum(n for page, n in counted.items() if any(each in page for each in wanted))]]
