"""A page view is looked at until the next of its session, or the session's end, whatever the rows of the answer are by."""

import pytest

from tests.query.conftest import row, session

MEASURES = ["time_on_page_count", "time_on_page_avg"]


@pytest.fixture
def visited(ask):
    """One session: 10 s on a page of two tags, 20 s on one without, 30 s until its last event. And a view of no session."""
    ask.add(
        row(session=session(1), page="/a", page_tags=["x", "y"], ago_ms=90_000),
        row(session=session(1), page="/b", ago_ms=80_000),
        row(session=session(1), page="/c", page_tags=["y"], ago_ms=60_000),
        row("dom_event", session=session(1), page="/c", ago_ms=30_000),
        row(page="/d", ago_ms=50_000),
    )
    return ask


def test_the_last_view_of_a_session_ends_with_it_and_one_of_no_session_at_once(visited):
    assert visited.rows(MEASURES, by=["page"], order=[{"by": "page"}]) == [
        ["/a", 1, 10_000], ["/b", 1, 20_000], ["/c", 1, 30_000], ["/d", 1, 0],
    ]  # fmt: skip
    assert visited.rows(MEASURES) == [[4, 15_000]]


def test_a_view_with_two_tags_is_as_long_in_both_rows(visited):
    assert visited.rows(MEASURES, by=["page_tag"], order=[{"by": "page_tag"}]) == [
        ["x", 1, 10_000], ["y", 2, 20_000], [None, 2, 10_000],
    ]  # fmt: skip


def test_the_groups_behind_the_limit_end_where_they_did_before_it(visited):
    answer = visited.answer(MEASURES, by=["page"], order=[{"by": "page"}], limit=1, other=True)
    assert (answer.rows, answer.other) == ([["/a", 1, 10_000]], [3, pytest.approx(50_000 / 3)])
    answer = visited.answer(MEASURES, by=["page"], order=[{"by": "page", "desc": True}], limit=2, other=True)
    assert answer.other == [2, 15_000], "the second page was left for the third, which is not among the others"
