"""Both engines answer every question alike: each measure, each dimension as row and as filter, times, comparisons."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrum.query.dimensions import ATTRIBUTE, DOCUMENTED, TIME, dimension_named
from openrum.query.measures import MEASURES, Source
from openrum.query.question import Operator
from tests.query.conftest import HOUR_MS, NOW_MS

pytestmark = pytest.mark.slow

ATTRIBUTES = ["plan", "n", "shop:plan", "vip", "ünï"]
DIMENSIONS = [name for name, _ in DOCUMENTED if not name.startswith(ATTRIBUTE)] + [
    ATTRIBUTE + name for name in ATTRIBUTES
]
HOSTILE = ["%", "\\", "_", "'", "é", "{p0:String}", "$1", "日本", ""]


def test_every_measure_alone_and_all_at_once(both):
    rows = both.rows(list(MEASURES))
    nothing_of = [name for name, value in zip(MEASURES, rows[0], strict=False) if not value]
    assert nothing_of == [], "the population has none of these"
    for name in MEASURES:
        both.rows([name])


def test_measures_of_nothing(both):
    nowhere = [{"dimension": "page", "values": ["/nowhere"]}]
    assert both.answer(list(MEASURES), where=nowhere).rows == [[measure.empty for measure in MEASURES.values()]]


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_dimension_as_rows(both, name):
    """A measure of each source; where an event has several values its page views have several times, and no one next."""
    of_each = ["events", "sessions", "users", "lcp_p75", "bounce_rate", "score"]
    if not dimension_named(name).of_many:
        of_each.append("time_on_page_p75")
    rows = both.rows(of_each, by=[name])
    assert {MEASURES[measure].source for measure in of_each} >= set(Source) - {Source.VISITS}
    assert len(rows) >= 1


def _values(name, found):
    """Values that are there, and for texts parts of them; what means something to LIKE, to JSON and to SQL."""
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in found]
    some = texts[0] if texts else "x"
    exact = [found[:1] or ["x"], [*found[1:4], *HOSTILE]]
    patterns = [[some[:2] + "*", "a\\*", "*_*"]]
    parts = [[some[1:4]], HOSTILE[:-1]]
    numbers = [[404.5, 0]]
    kind = dimension_named(name).kind
    if name == TIME:
        exact, numbers, parts, patterns = [[found[0]]], [[NOW_MS - 24 * HOUR_MS]], [], []
    elif kind in ("number", "boolean"):
        exact = [found[:1], found[:2]]
    return {
        "is": exact, "is_not": exact, "contains": parts, "not_contains": parts, "matches": patterns, "gt": numbers,
        "lt": numbers, "is_null": [[]], "is_not_null": [[]],
    }  # fmt: skip


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_dimension_in_filters_of_every_operator(both, name):
    found = [row[0] for row in both.rows(by=[f"{TIME}:1h" if name == TIME else name]) if row[0] is not None]
    values = _values(name, found)
    assert set(values) == set(Operator.__args__)
    for op, lists in values.items():
        for wanted in lists:
            both.rows(where=[{"dimension": name, "op": op, "values": wanted}])


def test_values_of_any_form_as_ids(both):
    known = next(row[0] for row in both.rows(by=["session"]) if row[0])
    for wanted in [known, known.upper(), known.replace("-", ""), f"{{{known}}}", known[:-1], "", "x", "'", known + " "]:
        for op in ("is", "is_not", "contains"):
            both.rows(where=[{"dimension": "session", "op": op, "values": [wanted]}])


@pytest.mark.parametrize(
    ("zone", "width"),
    [("UTC", "time:1h"), ("Europe/Berlin", "time:1d"), ("America/St_Johns", "time"), ("Asia/Kathmandu", "time:6h")],
)
def test_buckets_of_time_in_a_time_zone(both, zone, width):
    both.answer(["events", "lcp_p75", "bounce_rate"], by=[width, "device"], timezone=zone)


def test_buckets_of_time_where_clocks_change(both):
    both.answer(["events", "sessions"], by=["time:1d"], timezone="Europe/Berlin", **{"from": "-90d"})


@pytest.mark.parametrize(
    "compare", ["previous", "last_week", {"from": "-70h", "to": "-20h"}, {"release": "1.1"}], ids=str
)
def test_comparisons(both, compare):
    for by in (["browser"], ["time:2h"], ["page_tag", "country"], []):
        both.answer(["page_views", "sessions", "load_p90", "cls_good"], by=by, compare=compare, **{"from": "-20h"})


@pytest.mark.parametrize(
    ("by", "limit"),
    [
        (["page"], 3),
        (["browser", "country"], 1),
        (["bot"], 1),
        (["attribute:plan", "http_status"], 5),
        (["session"], 2),
    ],
    ids=str,
)
def test_limits_ties_totals_and_what_is_behind_the_limit(both, by, limit):
    for order in ([], [{"by": "js_errors"}, {"by": by[0], "desc": True}], [{"by": "lcp_p50", "desc": True}]):
        asked = ["events", "js_errors", "lcp_p50", "bounce_rate"]
        both.answer(asked, by=by, order=order, limit=limit, totals=True, other=True)


def test_filters_together(both):
    where = [
        {"dimension": "page", "op": "is_not", "values": ["/cart", "/it's"]},
        {"dimension": "attribute:plan", "op": "not_contains", "values": ["pro", "'"]},
        {"dimension": "page_tag", "op": "is_not", "values": ["sale"]},
        {"dimension": "bot", "values": [False]},
        {"dimension": "time", "op": "gt", "values": [NOW_MS - 60 * HOUR_MS]},
    ]
    [[events, *_]] = both.rows(["events", "inp_p75", "bounce_rate", "time_on_page_avg"], where=where)
    assert 0 < events < both.rows()[0][0]


_OF_ANY = st.sampled_from([name for name in DIMENSIONS if name != TIME])
_VALUES = st.one_of(
    st.text(max_size=8),
    st.sampled_from([*HOSTILE, "/", "shop", "Chrome", "DE", "pro", "1", "true", NOW_MS]),
    st.integers(0, 600),
)


@st.composite
def _filters(draw):
    name, op = draw(_OF_ANY), draw(st.sampled_from(Operator.__args__))
    kind = dimension_named(name).kind
    if op in ("is_null", "is_not_null"):
        return {"dimension": name, "op": op, "values": []}
    values = _VALUES
    if op in ("gt", "lt") or (kind == "number" and op in ("is", "is_not")):
        values = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
    elif kind == "boolean" and op in ("is", "is_not"):
        values = st.booleans()
    return {"dimension": name, "op": op, "values": draw(st.lists(values, min_size=1, max_size=3))}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    measures=st.lists(st.sampled_from(list(MEASURES)), min_size=1, max_size=3, unique=True),
    by=st.lists(_OF_ANY, max_size=2, unique=True),
    where=st.lists(_filters(), max_size=2),
)
def test_any_question_has_one_answer(both, measures, by, where):
    if any(dimension_named(name).of_many for name in by):
        measures = [name for name in measures if MEASURES[name].source != Source.VISITS] or ["events"]
    both.rows(measures, by=by, where=where, order=[{"by": name} for name in by])
