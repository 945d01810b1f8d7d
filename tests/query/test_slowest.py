"""The slowest samples, one by one, with what leads to each."""

import pytest

from openrum.query.question import BadQuestion
from tests.query.conftest import row, session

LCP = "largest_contentful_paint_event"


def test_the_slowest_come_first_with_event_session_and_what_it_was(ask):
    ask.add(
        row(LCP, value=900.0, session=session(1)),
        row(LCP, value=4_100.0, session=session(2), page="/cart", page_group="/cart", target="img.hero", country="DE"),
        row(LCP, value=None), row("interaction_to_next_paint_event", value=9_999.0),
    )  # fmt: skip
    table = ask.special("slowest")
    first = dict(zip(table.columns, table.rows[0], strict=True))
    assert len(first["event"]) == len(session(2)) == len(first["session"])
    assert {name: first[name] for name in ("session", "value", "page", "target", "country")} == {
        "session": session(2), "value": 4_100, "page": "/cart", "target": "img.hero", "country": "DE",
    }  # fmt: skip
    assert [cells[3] for cells in table.rows] == [4_100, 900]


def test_from_a_value_down_it_begins_with_those_just_under_it(ask):
    ask.add(*(row("performance_navigation_event", duration=value) for value in (100.0, 200.0, 300.0)))
    rows = ask.special("slowest", timing="load", at_most=200, limit=1).rows
    assert [cells[3] for cells in rows] == [200]


def test_equal_samples_stand_in_the_order_of_their_time(ask):
    ask.add(row(LCP, value=1.0, ago_ms=1_000), row(LCP, value=1.0, ago_ms=5_000), row(LCP, value=1.0, ago_ms=3_000))
    times = [cells[2] for cells in ask.special("slowest").rows]
    assert times == sorted(times)
    assert len(set(times)) == 3


def test_a_limit_is_at_least_one(ask):
    with pytest.raises(BadQuestion, match="limit"):
        ask.special("slowest", limit=0)
