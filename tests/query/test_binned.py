"""Percentiles of resources by how often each value is there: those that a pile of the same values has, to a hundredth of a
millisecond, over all and over time.
"""

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query import binned
from openrum.query.build import build
from openrum.query.measures import PERCENTILES
from openrum.store import DuckDBStore
from tests.query.conftest import HOUR_MS, MONITOR, Asker, row
from tests.query.oracle.figures import percentile

MEASURES = [*(f"resource_p{percent}" for percent in PERCENTILES), "resource_count"]
ANOTHER = "0a0a0a0a-0000-4000-8000-000000000002"


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("binned") / "store", DEFAULTS)) as store:
        yield Asker(store)


def resource(duration, **members):
    return row("performance_resource_event", duration=duration, **members)


def emptied(ask):
    for day in list(ask.store.days()):
        ask.store.remove([day])


durations = st.lists(
    st.one_of(st.floats(0, 100, width=32), st.integers(0, 300).map(lambda tenths: tenths / 10), st.floats(0, 60_000, width=32)),
    min_size=1,
    max_size=60,
)  # fmt: skip


@settings(max_examples=40)
@given(durations)
def test_they_are_those_of_the_values_to_a_hundredth_of_a_millisecond(ask, values):
    emptied(ask)
    ask.add(*map(resource, values), resource(None), row("performance_navigation_event", duration=5.0), resource(7.0, monitor=ANOTHER))  # fmt: skip
    [[*found, count]] = ask.rows(MEASURES)
    wanted = [percentile(sorted(values), percent) for percent in PERCENTILES]
    assert found == [pytest.approx(value, abs=0.0051) for value in wanted]
    assert count == len(values)


def test_over_time_each_bucket_has_its_own_and_an_empty_one_none(ask):
    emptied(ask)
    ask.add(*(resource(float(n), ago_ms=HOUR_MS + n) for n in range(1, 6)), resource(80.0, ago_ms=3 * HOUR_MS + 1))
    rows = ask.rows(["resource_p50", "resource_count"], by=["time:1h"], **{"from": "-4h"})
    assert [values for _, *values in rows] == [[80.0, 1], [None, 0], [3.0, 5], [None, 0]]


def test_nothing_there_is_null_and_what_no_clock_says_costs_no_answer(ask):
    emptied(ask)
    ask.add(row())
    assert ask.rows(["resource_p75"]) == [[None]]
    ask.add(resource(-3e38), resource(3e38), resource(1.5))
    assert ask.rows(["resource_p50", "resource_count"]) == [[1.5, 3]]


@pytest.mark.parametrize(
    "form",
    [
        {"measures": ["resource_p75"], "by": ["resource_type"]},
        {"measures": ["resource_p75", "resource_avg"]},
        {"measures": ["resource_count"]},
        {"measures": ["lcp_p75"]},
    ],
    ids=str,
)
def test_whatever_else_is_asked_is_of_the_values_themselves(ask, form):
    question = ask.parse(**form)
    assert not binned.answers(question, question.measures)
    assert "bin" not in build(question, folds=True).built.text("duckdb")


def test_who_is_shown_the_sql_reads_the_plain_question(ask):
    emptied(ask)
    ask.add(resource(4.0))
    answer = ask.answer(["resource_p75"])
    assert "QUANTILE_CONT" in answer.sql
    assert MONITOR in answer.sql
