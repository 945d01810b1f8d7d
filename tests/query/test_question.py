"""A question that cannot be answered is refused with the field, the rule and what is near; none reaches the engine."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.dimensions import DIMENSIONS
from openrum.query.measures import MEASURES
from openrum.query.question import VALUES_MAX, BadQuestion, QuestionForm, parse_question
from tests.query.conftest import MONITOR, NOW_MS

WHERE = {"dimension": "page", "op": "is", "values": ["/"]}
REFUSED = [
    ({"measures": []}, "measures", "at least one"),
    ({"measures": ["page_view"]}, "measures[0]", "did you mean page_views"),
    ({"measures": ["events", "zzz"]}, "measures[1]", "there are"),
    ({"measures": ["events", "events"]}, "measures", "twice"),
    ({"by": ["pages"]}, "by[0]", "did you mean page"),
    ({"by": ["page", "page"]}, "by", "twice"),
    ({"by": ["page:5m"]}, "by[0]", "not known"),
    ({"by": ["time:7m"]}, "by[0]", "divides a day"),
    ({"by": ["time:0s"]}, "by[0]", "divides a day"),
    ({"by": ["time:1s"], "from": "-7d"}, "by[0]", "10000 buckets"),
    ({"from": "yesterday"}, "from", "RFC 3339"),
    ({"from": "-1y"}, "from", "RFC 3339"),
    ({"from": -1}, "from", "RFC 3339"),
    ({"from": 1e300}, "from", "RFC 3339"),
    ({"to": "-2h"}, "from", "before"),
    ({"limit": 0}, "limit", "1 to 10000"),
    ({"limit": 10_001}, "limit", "1 to 10000"),
    ({"timezone": "Mars/Olympus"}, "timezone", "tz database"),
    ({"timezone": "../../etc/passwd"}, "timezone", "tz database"),
    ({"timezone": ""}, "timezone", "tz database"),
    ({"where": [{**WHERE, "dimension": "pge"}]}, "where[0].dimension", "did you mean page"),
    ({"where": [WHERE, {**WHERE, "op": "like"}]}, "where[1].op", "not known"),
    ({"where": [{**WHERE, "values": []}]}, "where[0].values", "at least one"),
    ({"where": [{**WHERE, "op": "is_null"}]}, "where[0].values", "takes none"),
    ({"where": [{**WHERE, "values": [None]}]}, "where[0].values[0]", "is_null"),
    ({"where": [{**WHERE, "values": [True]}]}, "where[0].values[0]", "text"),
    ({"where": [{**WHERE, "op": "gt", "values": ["many"]}]}, "where[0].values[0]", "number"),
    ({"where": [{"dimension": "time", "op": "gt", "values": ["soon"]}]}, "where[0].values[0]", "RFC 3339"),
    ({"order": [{"by": "sessions"}]}, "order[0].by", "not known"),
    ({"compare": "last"}, "compare", "previous"),
    ({"compare": {"from": "-2d"}}, "compare", "`from` and `to`"),
    ({"compare": {"from": "-1d", "to": "-2d"}}, "compare.from", "before"),
]


def parse(**members):
    form = {"monitor": "shop", "measures": ["events"], "from": "-1h", **members}
    return parse_question(msgspec.convert(form, QuestionForm), MONITOR, NOW_MS, DEFAULTS)


@pytest.mark.parametrize(("members", "field", "why"), REFUSED, ids=[str(case[0])[:60] for case in REFUSED])
def test_a_refusal_names_the_field_and_the_rule(members, field, why):
    with pytest.raises(BadQuestion) as refusal:
        parse(**members)
    assert refusal.value.field == field
    assert why in refusal.value.message
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("now", NOW_MS),
        ("-15m", NOW_MS - 900_000),
        ("-2d", NOW_MS - 172_800_000),
        ("2026-11-22T12:00:00Z", NOW_MS),
        ("2026-11-22T13:00:00+01:00", NOW_MS),
        ("2026-11-22", NOW_MS - 43_200_000),
        (NOW_MS, NOW_MS),
        (str(NOW_MS), NOW_MS),
    ],
)
def test_a_time_may_be_relative_rfc_3339_or_epoch_milliseconds(said, meant):
    assert parse(**{"from": said, "to": NOW_MS + 1}).scope.from_ms == meant


def test_what_is_not_said_has_the_documented_default():
    question = parse_question(
        msgspec.convert({"monitor": "x", "measures": ["events"]}, QuestionForm), MONITOR, NOW_MS, DEFAULTS
    )
    assert (question.scope.from_ms, question.scope.to_ms, question.limit) == (NOW_MS - 86_400_000, NOW_MS, 100)
    assert [(order.by, order.descending) for order in question.order] == [("events", True)]
    by_time = parse(by=["time"])
    assert [(order.by, order.descending) for order in by_time.order] == [("time", False)]


def test_a_filter_has_so_many_values_and_no_more():
    assert len(parse(where=[{**WHERE, "values": ["/"] * VALUES_MAX}]).scope.where[0].values) == VALUES_MAX
    with pytest.raises(msgspec.ValidationError, match=f"length <= {VALUES_MAX}"):
        parse(where=[{**WHERE, "values": ["/"] * (VALUES_MAX + 1)}])


def test_unknown_members_are_refused_because_a_misspelt_filter_must_not_be_ignored():
    with pytest.raises(msgspec.ValidationError, match="filters"):
        parse(filters=[])


names = st.sampled_from([*DIMENSIONS, *MEASURES, "time:1h", "time:1m", "x", ""])
values = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.booleans(), st.none())


@given(
    st.lists(names, max_size=3),
    st.lists(names, max_size=3),
    st.lists(st.fixed_dictionaries({"dimension": names, "op": st.text(max_size=6), "values": st.lists(values)})),
    values,
    values,
)
def test_any_question_is_parsed_or_refused_by_field_and_nothing_else_happens(measures, by, where, from_, to):
    members = {"measures": measures, "by": by, "where": where, "from": from_, "to": to}
    try:
        question = parse(**members)
    except (BadQuestion, msgspec.ValidationError):
        return
    assert question.scope.from_ms < question.scope.to_ms
