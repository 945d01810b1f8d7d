"""What holds of every question, whatever is asked of whatever values: strangers' texts are values and nothing else, parts
add up to the whole, filters do not depend on their order, a comparison is the same from both sides.
"""

import json
import math
from contextlib import closing
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.build import build
from openrum.query.dimensions import DIMENSIONS, dimension_named
from openrum.query.measures import MEASURES, Source
from openrum.query.run import run
from openrum.query.scope import Operator
from openrum.store import DuckDBStore
from tests.query.conftest import HOUR_MS, NOW_MS, Asker, row, session
from tests.wire.suites import SUITES

pytestmark = pytest.mark.slow

NAUGHTY = SUITES / "naughty-strings.json"
HOSTILE = [
    "", "%", "_", "\\", "\\%", "'", "' OR 1=1 --", '"; DROP TABLE event_rows; --', "$p0", "?", "{p0:String}", "@label", "*", "**", "\0",
    "null", "NULL", "true", "1e999", "NaN", "日本", "e\u0301", "\u202e", "\ufeff", "com.amazon.rum.", "{{7*7}}", "x" * 3_000, "a\nb", "[]", "$.a",
]  # fmt: skip
TYPES = [
    "page_view_event", "js_error_event", "http_event", "largest_contentful_paint_event", "cumulative_layout_shift_event",
    "interaction_to_next_paint_event", "performance_navigation_event", "performance_resource_event", "session_start_event", "it's.\"mine\"",
]  # fmt: skip
ATTRIBUTES = ["attribute:plan", "attribute:it's: $x", "attribute:日本"]
SINGLE = [name for name in DIMENSIONS if name not in ("time", "page_tag")] + ATTRIBUTES
ADDITIVE = [
    name for name, measure in MEASURES.items()
    if measure.empty == 0 and measure.source in (Source.EVENTS, Source.VISITS) and measure.unit not in ("sessions", "users")
]  # fmt: skip
ASKED = {"from": "-2h", "limit": DEFAULTS.query_rows}
few = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made_up(rng):
    """An event whose every text may be hostile."""

    def some(*texts):
        return rng.choice([None, *texts, *rng.sample(HOSTILE, 3)])

    kind = rng.choice(TYPES)
    values = {
        "value": rng.choice((None, 0.0, 0.1, 90.5, 2_500.0, 9_000.0)),
        "duration": rng.choice((None, 0.0, 2_000.0, 8_500.0)),
    }
    if kind == "http_event":
        values |= {"http_status": rng.choice((None, 200, 404, 503)), "http_method": some("GET")}
    return row(
        kind, ago_ms=rng.randrange(2 * HOUR_MS // 1000) * 1000, session=rng.choice((None, session(rng.randrange(20)))),
        user=rng.choice((None, session(90 + rng.randrange(5)), "00000000-0000-0000-0000-000000000000")), page=some("/", "/cart"),
        page_group=some("/"), browser=some("Chrome"), browser_version=some("9", "120"), release=some("1", "2"),
        country=rng.choice(("DE", "US", "%", "'", "日本", None)),  # capitals: filters take codes in any case

        page_tags=rng.sample([*HOSTILE[:9], "shop", "home"], rng.randrange(4)), title=some(), url=some("/a"), error=some("group"),
        attributes={"plan": rng.choice((*HOSTILE, 7, 2.5, True)), "it's: $x": rng.choice(HOSTILE), "日本": 1}, bot=some("crawler: x"),
        interaction=rng.randrange(4), first_party=rng.choice((None, True, False)), payload_size=rng.randrange(900), target=some("#a"), **values,
    )  # fmt: skip


def alike(rows, others):
    """Equal, but for the last digits: engines add in any order."""
    return len(rows) == len(others) and all(
        one == other or (None not in (one, other) and math.isclose(one, other, rel_tol=1e-9))
        for found, another in zip(rows, others, strict=True)
        for one, other in zip(found, another, strict=True)
    )


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("hostile") / "store", DEFAULTS)) as store:
        asker, rng = Asker(store), Random(20_261_125)
        asker.add(*(made_up(rng) for _ in range(400)))
        yield asker


hostile = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32))


def values_for(dimension, op):
    """What may stand in a filter, and something harmless of the same kind."""
    kind = dimension_named(dimension).kind
    if dimension == "time":
        return st.integers(NOW_MS - 2 * HOUR_MS, NOW_MS), NOW_MS
    if op in ("gt", "lt") or (kind == "number" and op in ("is", "is_not")):
        return numbers, 1
    if kind == "boolean" and op in ("is", "is_not"):
        return st.booleans(), True
    return hostile, "x"


@st.composite
def filters(draw, dimensions=(*DIMENSIONS, *ATTRIBUTES), operators=Operator.__args__):
    """A filter, and the same one with harmless values."""
    dimension, op = draw(st.sampled_from(dimensions)), draw(st.sampled_from(operators))
    if op in ("is_null", "is_not_null"):
        return [{"dimension": dimension, "op": op}] * 2
    values, harmless = values_for(dimension, op)
    given_values = draw(st.lists(values, min_size=1, max_size=3))
    return [
        {"dimension": dimension, "op": op, "values": given_values},
        {"dimension": dimension, "op": op, "values": [harmless] * len(given_values)},
    ]


some_measures = st.lists(st.sampled_from(list(MEASURES)), min_size=1, max_size=5, unique=True)
some_labels = st.lists(st.sampled_from([*SINGLE, "page_tag", "time:15m"]), max_size=2, unique=True)


@few
@given(some_measures, some_labels, st.lists(filters(), max_size=3), st.booleans(), st.sampled_from([None, "previous", "last_week", {"release": "' --"}]))  # fmt: skip
def test_any_names_and_values_make_sql_that_runs_and_names_alone_make_its_shape(
    ask, measures, by, where, totals, compare
):
    hostile_where, harmless_where = [pair[0] for pair in where], [pair[1] for pair in where]
    answer = ask.answer(measures, by=by, where=hostile_where, totals=totals, compare=compare, **ASKED)
    assert len(answer.columns) == len(by) + len(measures) * (1 if compare is None else 2)
    assert all(len(found) == len(answer.columns) for found in answer.rows)
    texts = {
        build(ask.parse(measures, by=by, where=each, **ASKED)).built.text("duckdb")
        for each in (hostile_where, harmless_where)
    }
    assert len(texts) == 1


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="the naughty strings (../shared/suites) are not here")
@pytest.mark.parametrize(
    ("dimension", "op"),
    [("page", "is"), ("page_tag", "contains"), ("type", "is_not"), ("session", "is"), ("attribute:plan", "matches")],
)
def test_naughty_strings_are_values_and_nothing_else(ask, dimension, op):
    texts = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    where = [
        [{"dimension": dimension, "op": op, "values": values}]
        for values in (texts, [f"x{at}" for at, _ in enumerate(texts)])
    ]
    naughty, harmless = (ask.parse(where=each, **ASKED) for each in where)
    assert build(naughty).built.text("duckdb") == build(harmless).built.text("duckdb")
    assert 0 <= run(naughty, ask.store, DEFAULTS).rows[0][0] <= 400


@few
@given(st.lists(st.sampled_from(ADDITIVE), min_size=1, max_size=4, unique=True), st.lists(st.sampled_from([*SINGLE, "time:15m"]), min_size=1, max_size=2, unique=True), st.lists(filters(), max_size=1))  # fmt: skip
def test_the_parts_of_what_can_be_added_up_are_the_whole(ask, measures, by, where):
    answer = ask.answer(measures, by=by, where=[pair[0] for pair in where], totals=True, **ASKED)
    sums = [sum(found[len(by) + index] for found in answer.rows) for index in range(len(measures))]
    assert sums == answer.totals


@few
@given(st.lists(st.sampled_from(ADDITIVE), min_size=1, max_size=4, unique=True), st.lists(st.sampled_from(SINGLE), min_size=1, max_size=2, unique=True), st.integers(1, 4))  # fmt: skip
def test_the_rows_shown_and_the_others_are_the_whole(ask, measures, by, limit):
    answer = ask.answer(measures, by=by, totals=True, other=True, **{**ASKED, "limit": limit})
    others = answer.other or [0] * len(measures)
    assert (answer.other is not None) == answer.truncated
    sums = [sum(found[len(by) + index] for found in answer.rows) + others[index] for index in range(len(measures))]
    assert sums == answer.totals


@few
@given(st.lists(filters(), min_size=2, max_size=4), some_measures, st.randoms(use_true_random=False))
def test_filters_may_stand_in_any_order(ask, where, measures, rng):
    given_order = [pair[0] for pair in where]
    another = rng.sample(given_order, len(given_order))
    assert alike(*(ask.rows(measures, where=where, **ASKED) for where in (given_order, another)))


@few
@given(filters(operators=("is", "contains", "is_null")), st.lists(filters(), max_size=1))
def test_a_filter_and_its_opposite_share_the_events_out(ask, pair, others):
    beside = [each[0] for each in others]
    opposite = {"is": "is_not", "contains": "not_contains", "is_null": "is_not_null"}[pair[0]["op"]]
    counts = [ask.rows(where=[*beside, {**pair[0], "op": op}], **ASKED)[0][0] for op in (pair[0]["op"], opposite)]
    assert sum(counts) == ask.rows(where=beside, **ASKED)[0][0]


@few
@given(some_measures, st.sampled_from(SINGLE))
def test_a_row_is_what_the_filter_of_its_label_answers(ask, measures, dimension):
    # Where a page view ends depends on what of its session is left, so the filter means something else there.
    measures = [name for name in measures if MEASURES[name].source != Source.VISITS] or ["events"]
    for label, *found in ask.rows(measures, by=[dimension], **ASKED)[:3]:
        same = (
            {"dimension": dimension, "op": "is", "values": [label]}
            if label is not None
            else {"dimension": dimension, "op": "is_null"}
        )
        assert alike(ask.rows(measures, where=[same], **ASKED), [found])


@settings(few, max_examples=12)
@given(some_measures, st.lists(st.sampled_from([*SINGLE, "page_tag"]), max_size=1), st.sampled_from([("1", "2"), ("$p0", "1"), ("'", "")]))  # fmt: skip
def test_a_comparison_is_the_same_from_both_sides(ask, measures, by, releases):
    """Of two releases, and of two ranges."""
    early, late = [{"from": NOW_MS - 2 * HOUR_MS, "to": NOW_MS - HOUR_MS}, {"from": NOW_MS - HOUR_MS, "to": NOW_MS}]
    sides = [
        [{**ASKED, "where": [{"dimension": "release", "values": [one]}], "compare": {"release": another}}
         for one, another in (releases, releases[::-1])],
        [{**ASKED, **late, "compare": early}, {**ASKED, **early, "compare": late}],
    ]  # fmt: skip
    for one, another in sides:
        there, back = (
            {tuple(found[: len(by)]): found[len(by) :] for found in ask.rows(measures, by=by, **side)}
            for side in (one, another)
        )
        for label in there.keys() & back.keys():
            assert alike([there[label][0::2], there[label][1::2]], [back[label][1::2], back[label][0::2]])
        assert by or len(there) == 1
