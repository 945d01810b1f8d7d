"""Buckets begin where the clocks of their zone show round times, and cover the range without a hole."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.query.times import DAY_MS, borders, choose_width, parse_width, weeks_before

HOUR_MS = 3_600_000
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"]


def ms(text):
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def shown(starts, zone):
    return [datetime.fromtimestamp(start / 1000, ZoneInfo(zone)).strftime("%d %H:%M") for start in starts]


def test_hours_begin_at_the_full_hour_of_the_zone():
    starts = borders(ms("2026-11-22T10:20:00Z"), ms("2026-11-22T12:00:00Z"), HOUR_MS, ZoneInfo("Asia/Kolkata"))
    assert shown(starts, "Asia/Kolkata") == ["22 15:00", "22 16:00", "22 17:00"]


def test_days_begin_at_midnight_of_the_zone_on_the_day_that_clocks_change_too():
    starts = borders(ms("2026-10-24T12:00:00Z"), ms("2026-10-26T12:00:00Z"), DAY_MS, ZoneInfo("Europe/Berlin"))
    assert shown(starts, "Europe/Berlin") == ["24 00:00", "25 00:00", "26 00:00"]
    assert [later - earlier for earlier, later in pairwise(starts)] == [DAY_MS, DAY_MS + HOUR_MS]


def test_a_bucket_of_three_hours_over_a_change_of_clocks_ends_at_a_round_time_too():
    autumn = borders(
        ms("2026-10-25T00:00:00+02:00"), ms("2026-10-25T09:00:00+01:00"), 3 * HOUR_MS, ZoneInfo("Europe/Berlin")
    )
    assert shown(autumn, "Europe/Berlin") == ["25 00:00", "25 03:00", "25 06:00"]
    spring = borders(
        ms("2026-03-29T00:00:00+01:00"), ms("2026-03-29T08:00:00+02:00"), 2 * HOUR_MS, ZoneInfo("Europe/Berlin")
    )
    assert shown(spring, "Europe/Berlin") == ["29 00:00", "29 04:00", "29 06:00"]


def test_weeks_begin_on_monday():
    starts = borders(
        ms("2026-11-18T12:00:00+00:00"), ms("2026-11-26T00:00:00+00:00"), 7 * DAY_MS, ZoneInfo("Europe/Berlin")
    )
    assert shown(starts, "Europe/Berlin") == ["16 00:00", "23 00:00"]


def test_the_range_ends_before_a_bucket_that_begins_at_its_end():
    starts = borders(0, 2 * HOUR_MS, HOUR_MS, ZoneInfo("UTC"))
    assert starts == [0, HOUR_MS]


def test_weeks_before_is_the_same_time_of_the_clock_also_where_clocks_changed_in_between():
    berlin = ZoneInfo("Europe/Berlin")
    assert weeks_before(ms("2026-10-28T09:30:00.250+01:00"), 1, berlin) == ms("2026-10-21T09:30:00.250+02:00")
    assert weeks_before(ms("2026-04-01T00:00:00+02:00"), 2, berlin) == ms("2026-03-18T00:00:00+01:00")
    assert weeks_before(ms("2026-10-28T09:30:00Z"), 1, ZoneInfo("UTC")) == ms("2026-10-21T09:30:00Z")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001 - the zone follows
    st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
    st.sampled_from(["15m", "1h", "3h", "6h", "1d", "7d"]),
    st.sampled_from(ZONES),
)
def test_buckets_rise_and_cover_the_range(begin, length, width, zone):
    from_ms = int(begin.replace(tzinfo=UTC).timestamp() * 1000)
    to_ms = from_ms + int(length.total_seconds() * 1000)
    width_ms = parse_width(width)
    starts = borders(from_ms, to_ms, width_ms, ZoneInfo(zone))
    assert starts[0] <= from_ms
    assert starts[-1] < to_ms
    assert all(earlier < later for earlier, later in pairwise(starts))
    assert max((later - earlier for earlier, later in pairwise(starts)), default=0) <= width_ms + DAY_MS
    if width_ms < DAY_MS:
        local = [datetime.fromtimestamp(start / 1000, ZoneInfo(zone)) for start in starts]
        midnights = [(each.hour * 3_600 + each.minute * 60 + each.second) * 1_000 for each in local]
        assert not any(since % width_ms for since in midnights)


@pytest.mark.parametrize(("text", "width_ms"), [("10s", 10_000), ("5m", 300_000), ("1d", DAY_MS), ("2w", 14 * DAY_MS)])
def test_a_width_divides_a_day_or_is_whole_days(text, width_ms):
    assert parse_width(text) == width_ms


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "7m", "25h", "5 m", "5M", "1.5h", "0d", "\u0665m"])
def test_another_width_is_refused(text):
    with pytest.raises(ValueError, match="divides a day"):
        parse_width(text)


@given(st.integers(1, 400 * DAY_MS))
def test_the_width_chosen_makes_at_most_a_hundred_buckets(length_ms):
    assert length_ms / choose_width(0, length_ms) <= 100
