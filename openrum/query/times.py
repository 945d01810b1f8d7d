"""Times as people say them, and buckets whose borders lie where their clocks show round times. Clocks are handed in."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND_MS = 1_000
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
_QUARTER_MS = 15 * 60_000  # clocks change by whole ones
_UNITS_MS = {"s": SECOND_MS, "m": 60 * SECOND_MS, "h": 3_600 * SECOND_MS, "d": DAY_MS, "w": 7 * DAY_MS}
_RELATIVE = re.compile(r"-([0-9]{1,6})([smhdw])")
_WIDTH = re.compile(r"([0-9]{1,6})([smhdw])")
_CHOICE_MS = [_UNITS_MS[unit] * count for count, unit in
              ((1, "s"), (5, "s"), (15, "s"), (1, "m"), (5, "m"), (15, "m"), (1, "h"), (3, "h"), (6, "h"), (1, "d"), (7, "d"))]  # fmt: skip
_BUCKETS_WANTED = 100
BUCKETS_MAX = 10_000
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999


def parse_time(value: object, now_ms: int) -> int:
    """'-15m', 'now', RFC 3339 or epoch milliseconds → epoch milliseconds. ValueError says what would do."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _bounded(int(value))
    if not isinstance(value, str):
        raise ValueError(_EXPECTED)  # noqa: TRY004 - one kind of error for whoever asked
    if value == "now":
        return now_ms
    if match := _RELATIVE.fullmatch(value):
        return _bounded(now_ms - int(match[1]) * _UNITS_MS[match[2]])
    if re.fullmatch(r"[0-9]{1,15}", value):
        return _bounded(int(value))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(_EXPECTED) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _bounded(round(moment.timestamp() * 1000))


_EXPECTED = "must be RFC 3339 (2026-11-23T12:00:00Z), epoch milliseconds, or relative (-15m, -7d, now)"


def _bounded(epoch_ms: int) -> int:
    if not 0 <= epoch_ms <= _LATEST_MS:
        raise ValueError(_EXPECTED)
    return epoch_ms


def parse_width(text: str) -> int:
    """'5m' → 300000. ValueError says what would do."""
    match = _WIDTH.fullmatch(text)
    width_ms = int(match[1]) * _UNITS_MS[match[2]] if match else 0
    if width_ms == 0 or (width_ms > DAY_MS and width_ms % DAY_MS) or (width_ms < DAY_MS and DAY_MS % width_ms):
        raise ValueError("must be a width that divides a day, or whole days: 10s, 5m, 1h, 1d, 1w")
    return width_ms


def choose_width(from_ms: int, to_ms: int) -> int:
    """The narrowest usual width that makes at most a hundred buckets."""
    return next((width for width in _CHOICE_MS if (to_ms - from_ms) / width <= _BUCKETS_WANTED), _CHOICE_MS[-1])


def borders(from_ms: int, to_ms: int, width_ms: int, zone: ZoneInfo) -> list[int]:
    """The beginnings of all buckets that touch [from, to), ascending: round times of the zone's clock.

    Widths of a day and more step by calendar days, so that a day of 23 or 25 hours is one bucket. ValueError where there
    would be too many.
    """
    if (to_ms - from_ms) / width_ms > BUCKETS_MAX:
        raise ValueError(f"would make more than {BUCKETS_MAX} buckets; ask for a wider one")
    starts: list[int] = []
    if width_ms < DAY_MS:
        at = from_ms
        while at < to_ms:
            start = _border(at, width_ms, zone)
            if starts and start <= starts[-1]:
                at += min(width_ms, _QUARTER_MS)  # a change of clocks made the bucket longer
            else:
                starts.append(start)
                at = start + width_ms
        return starts
    days = width_ms // DAY_MS
    first = datetime.fromtimestamp(from_ms / 1000, zone).date()
    first -= timedelta(days=(first.toordinal() - 1) % days)  # weeks begin on Monday, as ISO 8601 has them
    while (start := _midnight_ms(first, zone)) < to_ms:
        starts.append(start)
        first += timedelta(days=days)
    return starts


def weeks_before(epoch_ms: int, weeks: int, zone: ZoneInfo) -> int:
    """The moment so many weeks earlier at which the zone's clock showed the same, also where clocks changed in between."""
    moment = datetime.fromtimestamp(epoch_ms // 1000, zone) - timedelta(weeks=weeks)
    return round(moment.timestamp() * 1000) + epoch_ms % 1000


def _border(at: int, width_ms: int, zone: ZoneInfo) -> int:
    """The last moment up to `at` when the zone's clock showed a multiple of the width. Where clocks change in between, what
    they showed before decides, so that a bucket of three hours may be two or four hours long.
    """
    offset = _offset_ms(at, zone)
    start = (at + offset) // width_ms * width_ms - offset
    before = _offset_ms(start, zone)
    return start if before == offset else (start + before) // width_ms * width_ms - before


def _offset_ms(epoch_ms: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(epoch_ms / 1000, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
