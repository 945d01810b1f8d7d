"""A question whose shape is known is asked and shown as if its statement had been written for it alone, whatever its values."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query import build as room
from openrum.query.build import build
from openrum.query.question import QuestionForm, parse_question
from openrum.query.shapes import has_shape, stand_in
from tests.query.conftest import HOUR_MS, MONITOR, NOW_MS, session
from tests.query.test_properties import filters, some_labels, some_measures

LABEL = "attribute:$p0 or $p1"


def parse(monitor=MONITOR, **members):
    form = {"monitor": "shop", "from": NOW_MS - HOUR_MS, "to": NOW_MS, "measures": ["events"], **members}
    return parse_question(msgspec.convert(form, QuestionForm), monitor, NOW_MS, DEFAULTS)


def same(question, *, folds):
    found, written = build(question, folds=folds), room._build(question, (), folds=folds)
    assert found.samples == written.samples
    assert found.built.text("duckdb") == written.built.text("duckdb")
    assert found.built.parameters == written.built.parameters
    kinds = {name: type(value) for name, value in written.built.parameters.items()}
    assert {name: type(value) for name, value in found.built.parameters.items()} == kinds
    assert found.built.reads == written.built.reads
    # Lines may break elsewhere.
    assert "".join(found.built.shown().split()) == "".join(written.built.shown().split())


@settings(max_examples=150, deadline=None)
@given(
    some_measures, some_labels, st.lists(filters(), max_size=3), st.integers(0, 40 * HOUR_MS), st.integers(1, 9 * HOUR_MS), st.booleans()
)  # fmt: skip
def test_a_statement_of_a_known_shape_is_the_one_that_would_be_written(measures, by, where, ago, length, folds):
    where = [each for each, _ in where]
    same(parse(measures=measures, by=by, where=where, to=NOW_MS - ago, **{"from": NOW_MS - ago - length}), folds=folds)


@pytest.mark.parametrize("folds", [False, True])
@pytest.mark.parametrize("length", [1, HOUR_MS, 2 * HOUR_MS])
def test_the_values_of_one_question_are_never_those_of_another(length, folds):
    where = [
        {"dimension": "bot", "op": "is", "values": [False]},
        {"dimension": "country", "op": "is", "values": ["de", "us"]},
        {"dimension": "page", "op": "matches", "values": ["/a_*", "*"]},
        {"dimension": "session", "op": "is_not", "values": [session(1)]},
        {"dimension": "http_status", "op": "is", "values": [0, 1]},
    ]
    for begin in (0, 1, NOW_MS):
        for kept in (where, where[:1], where[1:], where[::-1]):
            question = parse(where=kept, by=["browser"], to=begin + length, **{"from": begin})
            same(question, folds=folds)
            other = parse("0a0a0a0a-0000-4000-8000-000000000009", where=kept, by=["browser"], to=begin + length + 1, **{"from": begin + 1})  # fmt: skip
            same(other, folds=folds)


def test_one_shape_serves_all_values_and_is_written_once():
    one = parse(where=[{"dimension": "browser", "values": ["Chrome"]}])
    other = parse(where=[{"dimension": "browser", "values": ["'; --"]}], **{"from": NOW_MS - 2 * HOUR_MS + 1})
    assert stand_in(one) == stand_in(other)
    build(one)
    written = room._shape.cache_info().misses
    build(other)
    assert room._shape.cache_info().misses == written
    assert stand_in(parse(where=[{"dimension": "bot", "values": [True]}])) != stand_in(parse(where=[{"dimension": "bot", "values": [False]}]))  # fmt: skip


def test_a_name_that_looks_like_a_place_for_a_value_is_a_name_all_the_same():
    question = parse(by=[LABEL], where=[{"dimension": LABEL, "values": ["$p1"]}])
    assert not has_shape(question)
    same(question, folds=True)
    assert f'"{LABEL}"' in build(question).built.shown()


def test_a_statement_of_many_values_is_not_kept():
    question = parse(where=[{"dimension": "page", "values": [f"/{n}" for n in range(21)]}])
    assert not has_shape(question)
    same(question, folds=True)


def test_over_time_a_statement_is_written_for_its_buckets():
    assert not has_shape(parse(by=["time:15m"]))
    same(parse(by=["time:15m"]), folds=True)
