"""Users who come back, counted by hand and by a fold in Python."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrum.events import NIL_UUID
from openrum.query.question import BadQuestion
from openrum.query.times import DAY_MS, WEEK_MS, borders
from tests.query.conftest import HOUR_MS, NOW_MS, row, session
from tests.query.populations import POPULATIONS, Population, asked

MIDNIGHT_MS = NOW_MS - 12 * HOUR_MS


def visit(user, days_ago, hours=1, **members):
    """An hour after midnight UTC, so many days ago."""
    return row(user=user, ago_ms=12 * HOUR_MS + days_ago * DAY_MS - int(hours * HOUR_MS), **members)


def returning(ask, days=2, **members):
    """From midnight UTC so many days ago until now."""
    answer = asked("returning", ask.store, **{"from": MIDNIGHT_MS - days * DAY_MS, **members})
    assert answer.columns == ["cohort", "offset", "users", "share"]
    return answer.rows


def test_a_cohort_is_of_the_first_day_and_shrinks_from_day_to_day(ask):
    ask.add(
        visit(session(1), 2), visit(session(1), 2), visit(session(1), 0),
        visit(session(2), 2), visit(session(2), 1), visit(session(2), 0),
        visit(session(3), 2),
        visit(session(4), 2),
        visit(session(5), 0),
    )  # fmt: skip
    first, second, third = (MIDNIGHT_MS - days * DAY_MS for days in (2, 1, 0))
    assert returning(ask) == [
        [first, 0, 4, 1.0],
        [first, 1, 1, 0.25],
        [first, 2, 2, 0.5],
        [second, 0, 0, None],
        [second, 1, 0, None],
        [third, 0, 1, 1.0],
    ]


def test_users_without_an_id_are_left_out(ask):
    ask.add(visit(NIL_UUID, 1), visit(NIL_UUID, 0), visit(None, 0))
    assert [users for _, _, users, _ in returning(ask)] == [0] * 6


def test_what_lies_before_the_range_makes_nobody_old(ask):
    ask.add(visit(session(1), 5), visit(session(1), 0))
    assert [users for _, _, users, _ in returning(ask)] == [0, 0, 0, 0, 0, 1]


def test_filters_say_what_a_visit_is(ask):
    ask.add(visit(session(1), 1, page="/"), visit(session(1), 0, page="/cart"))
    where = [{"dimension": "page", "values": ["/cart"]}]
    assert [users for _, _, users, _ in returning(ask, where=where)] == [0, 0, 0, 0, 0, 1]


def test_a_day_is_a_day_of_the_zone(ask):
    ask.add(visit(session(1), 0, hours=-0.5), visit(session(1), 0, hours=0.5))
    assert [users for _, _, users, _ in returning(ask, days=1)] == [1, 1, 0]
    berlin = returning(ask, **{"from": MIDNIGHT_MS - 1 * HOUR_MS, "timezone": "Europe/Berlin"})
    assert berlin == [[MIDNIGHT_MS - HOUR_MS, 0, 1, 1.0]], "its midnight is at 23:00 UTC"


def test_by_week_an_offset_is_a_week(ask):
    thursday = 3  # days before NOW, which is a Sunday: wherever weeks begin, it is in the middle of one
    ask.add(*(visit(session(1), thursday + 7 * weeks) for weeks in (0, 2)))
    rows = [each for each in returning(ask, days=17, by="week") if each[2]]
    assert [(offset, users) for _, offset, users, _ in rows] == [(0, 1), (2, 1)]


def test_too_many_cohorts_are_refused(ask):
    with pytest.raises(BadQuestion, match="more than 140 cohorts; ask for a shorter range, or by week"):
        returning(ask, days=140)
    assert len(returning(ask, days=139)) == 140 * 141 // 2
    with pytest.raises(BadQuestion, match=r"shorter range$"):
        returning(ask, by="week", **{"from": 0})


def test_a_zone_that_is_none_is_refused(ask):
    with pytest.raises(BadQuestion) as caught:
        returning(ask, timezone="Europe/Atlantis")
    assert caught.value.field == "timezone"


ZONES = ["UTC", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"]


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(POPULATIONS, st.sampled_from(["day", "week"]), st.sampled_from(ZONES))
def test_cohorts_are_what_a_fold_finds(ask, happenings, by, zone):
    population = Population(ask, happenings, unit_ms=37 * HOUR_MS)
    from_ms, to_ms = NOW_MS - 7 * 37 * HOUR_MS, NOW_MS
    starts = borders(from_ms, to_ms, DAY_MS if by == "day" else WEEK_MS, ZoneInfo(zone))
    visits = {}
    for each in population.rows:
        if each.user not in (None, NIL_UUID) and each.time >= from_ms:
            visits.setdefault(each.user, set()).add(max(i for i, start in enumerate(starts) if start <= each.time))
    expected = []
    for first, cohort in enumerate(starts):
        users = [days for days in visits.values() if min(days) == first]
        for offset in range(len(starts) - first):
            there = sum(first + offset in days for days in users)
            expected.append([cohort, offset, there, there / len(users) if users else None])
    assert population.ask("returning", by=by, timezone=zone, **{"from": from_ms}).rows == expected
