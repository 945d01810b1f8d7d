"""Counts of a monitor that records some sessions stand for all of them; what is in proportion anyway stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.query.measures import MEASURES
from openrum.query.weights import weight_of, weighted
from tests.query.conftest import row, session

MEASURED = ("events", "sessions", "users", "error_session_rate", "lcp_p75", "lcp_count")


@pytest.fixture
def some(ask):
    """Three sessions of two events each, one with an error, and one session the hour before."""
    for number in range(3):
        kind = "js_error_event" if number == 0 else "page_view_event"
        ask.add(row("largest_contentful_paint_event", session=session(number), value=1_000.0))
        ask.add(row(kind, session=session(number), browser="Chrome"))
    ask.add(row(session=session(9), ago_ms=5_400_000))
    return ask


def test_counts_are_multiplied_and_what_is_a_share_or_a_percentile_is_not(some):
    answer = weighted(some.answer(MEASURED), MEASURED, weight_of(0.1))
    assert answer.rows == [[60, 30, 0, pytest.approx(1 / 3), 1_000.0, 30]]
    assert answer.weight == 10


def test_what_stands_beside_the_rows_is_multiplied_too(some):
    asked = some.answer(("events",), by=["browser"], compare="previous", totals=True, other=True, limit=1)
    answer = weighted(asked, ("events",), 4.0)
    assert answer.columns == ["browser", "events", "events_previous"]
    assert sum(each for each in answer.rows[0][1:]) == 4 * sum(each for each in asked.rows[0][1:])
    assert answer.totals == [24]
    assert answer.other == [4 * asked.other[0]]
    assert answer.samples == asked.samples


@given(st.just(0.0) | st.floats(1e-9, 1))
def test_one_session_stands_for_as_many_as_the_rate_says(rate):
    weight = weight_of(rate)
    assert weight >= 1
    if 0 < rate < 1:
        assert rate * weight == pytest.approx(1)


@pytest.mark.parametrize("rate", [0, 1, 2])
def test_a_rate_that_leaves_nothing_out_weighs_nothing(rate):
    assert weight_of(rate) == 1


def test_no_share_is_taken_for_a_count():
    assert {"score", "apdex", "bounce_rate", "lcp_good", "lcp_avg"} <= {
        name for name, each in MEASURES.items() if each.empty is None
    }
