"""What a question's answer must be, worked out from the population's facts: filters, groups, buckets, order, comparison."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from tests.query.oracle.figures import Pile
from tests.query.oracle.population import Fact
from tests.query.oracle.visit import DAY_MS, PREFIX

_WIDTHS_MS = {"m": 60_000, "h": 3_600_000, "d": DAY_MS, "w": 7 * DAY_MS}
_QUARTER_MS = 900_000  # clocks change on quarters of an hour
_scopes: dict[tuple[int, str], "_Scope"] = {}


@dataclass
class Expected:
    """The answer's columns and rows, and what stands beside them."""

    columns: list[str]
    rows: list[list[Any]]
    scanned: int
    totals: list[Any] | None = None
    other: list[Any] | None = None
    truncated: bool = False


def answer(stored: list[Fact], question: dict[str, Any]) -> Expected:
    """The answer to a question in the API's own form, with absolute times, of the facts of its monitor."""
    by, measures = question.get("by", []), question["measures"]
    limit = question.get("limit", 100)
    span = question["from"], question["to"]
    buckets = _buckets(by, span, question.get("timezone", "UTC"))
    scope = _scope(stored, span, question.get("where", []))
    groups = scope.groups(by, buckets)
    rows = [[*labels, *map(Pile(facts, scope.stays).value, measures)] for labels, facts in groups.items()]
    rows = _ordered(rows, question, by, measures)
    shown = rows[:limit]
    expected = Expected([*by, *measures], shown, scope.scanned, truncated=len(rows) > limit)
    expected.columns = [name.partition(":")[0] if name.startswith("time:") else name for name in expected.columns]
    if question.get("totals"):
        expected.totals = [*map(Pile(scope.facts, scope.stays).value, measures)]
    if question.get("other") and expected.truncated:
        labels_shown = {tuple(row[: len(by)]) for row in shown}
        rest = [fact for labels, facts in groups.items() if labels not in labels_shown for fact in facts]
        expected.other = [*map(Pile(rest, scope.stays).value, measures)]
    if "compare" in question:
        _compare(expected, stored, question, buckets)
    return expected


def _scope(stored: list[Fact], span: tuple[int, int], where: Sequence[dict[str, Any]]) -> "_Scope":
    """A hundred questions are about few scopes."""
    key = id(stored), json.dumps([span, where])
    if key not in _scopes:
        _scopes[key] = _Scope(stored, span, where)
    return _scopes[key]


class _Scope:
    """The facts of a range that pass the filters."""

    def __init__(self, stored: list[Fact], span: tuple[int, int], where: Sequence[dict[str, Any]]) -> None:
        self.stored = stored  # while it is held, no other list has its id
        in_range = [fact for fact in stored if span[0] <= fact.time < span[1]]
        tests = [_test(each) for each in where]
        self.scanned = len(in_range)
        self.facts = [fact for fact in in_range if all(test(fact) for test in tests)]
        self.stays = _stays(self.facts)

    def groups(self, by: Sequence[str], buckets: list[int]) -> dict[tuple[Any, ...], list[Fact]]:
        """Label by label. Every group has all its buckets; without dimensions there is one group, of nothing too."""
        groups: dict[tuple[Any, ...], list[Fact]] = {} if by else {(): []}
        for fact in self.facts:
            for labels in _labels(fact, by, buckets):
                groups.setdefault(labels, []).append(fact)
        at = next((index for index, name in enumerate(by) if name.startswith("time")), None)
        if at is not None:
            others = {labels[:at] + labels[at + 1 :] for labels in groups} or ({()} if len(by) == 1 else set())
            for other in others:
                for bucket in buckets:
                    groups.setdefault((*other[:at], bucket, *other[at:]), [])
        return groups


def _labels(fact: Fact, by: Sequence[str], buckets: list[int]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [()]
    for name in by:
        if name.startswith("time"):
            values: Sequence[Any] = [max(bucket for bucket in _near(buckets, fact.time) if bucket <= fact.time)]
        elif name == "page_tag":
            values = fact.get("page_tag") or [None]
        else:
            values = [value_of(fact, name)]
        found = [(*labels, value) for labels in found for value in values]
    return found


def _near(buckets: list[int], time: int) -> list[int]:
    """A few buckets, the right one among them."""
    low, high = 0, len(buckets)
    while high - low > 3:
        middle = (low + high) // 2
        low, high = (middle, high) if buckets[middle] <= time else (low, middle)
    return buckets[low:high]


def value_of(fact: Fact, dimension: str) -> Any:
    """The value of a dimension with one value."""
    if dimension == "type":
        return fact.type.removeprefix(PREFIX)
    return fact.time if dimension == "time" else fact.get(dimension)


def _stays(facts: list[Fact]) -> dict[int, int]:
    """How long each page view was looked at: to the next view of its session, or else to the session's last event."""
    sessions: dict[Any, list[Fact]] = {}
    for fact in facts:
        alone = ("no session", fact.order)
        sessions.setdefault(fact.get("session") or alone, []).append(fact)
    stays = {}
    for of_session in sessions.values():
        end = max(fact.time for fact in of_session)
        views = sorted((f for f in of_session if f.type == PREFIX + "page_view_event"), key=lambda f: (f.time, f.order))
        for view, following in pairwise([*views, None]):
            stays[view.order] = (following.time if following is not None else end) - view.time
    return stays


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _test(given: dict[str, Any]) -> Callable[[Fact], bool]:
    name, op, wanted = given["dimension"], given.get("op", "is"), given.get("values", [])
    negative = op in ("is_not", "not_contains")
    fits = _OPERATORS[{"is_not": "is", "not_contains": "contains"}.get(op, op)]
    if name in ("session", "user"):
        wanted = [each.lower() for each in wanted]
    if name in ("country", "subdivision"):
        wanted = [each.upper() for each in wanted]
    if name == "type":
        wanted = [each.removeprefix(PREFIX) for each in wanted]

    def test(fact: Fact) -> bool:
        values = list(fact.get(name) or []) if name == "page_tag" else [value_of(fact, name)]
        values = [value for value in values if value is not None]
        if op in ("is_null", "is_not_null"):
            return bool(values) == (op == "is_not_null")
        found = any(fits(value, each) for value in values for each in wanted)
        return found != negative

    return test


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _is(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool):
        return value == (str(wanted).lower() == "true")
    if isinstance(value, int):
        return value == float(wanted)
    return bool(value == (str(wanted).lower() if isinstance(wanted, bool) else str(wanted)))


def _matches(value: Any, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), str(value), re.DOTALL) is not None


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "is": _is,
    "contains": lambda value, wanted: wanted in str(value),
    "matches": _matches,
    "gt": lambda value, wanted: (number := _number(value)) is not None and number > float(wanted),
    "lt": lambda value, wanted: (number := _number(value)) is not None and number < float(wanted),
    "is_null": lambda _value, _wanted: False,
    "is_not_null": lambda _value, _wanted: False,
}

# ── Buckets of time ───────────────────────────────────────────────────────────────────────────────────────────────


def _buckets(by: Sequence[str], span: tuple[int, int], zone_name: str) -> list[int]:
    widths = [name.partition(":")[2] for name in by if name.startswith("time:")]
    if not widths:
        return []
    zone, width_ms = ZoneInfo(zone_name), int(widths[0][:-1]) * _WIDTHS_MS[widths[0][-1]]
    buckets = [border_before(span[0], width_ms, zone)]
    probe = span[0]
    while True:
        probe += min(width_ms, _QUARTER_MS)
        if (border := border_before(min(probe, span[1] - 1), width_ms, zone)) > buckets[-1]:
            buckets.append(border)
        if probe >= span[1]:
            return buckets


def border_before(time: int, width_ms: int, zone: ZoneInfo) -> int:
    """The last moment up to `time` at which the clocks of the zone show a whole multiple of the width since midnight."""
    local = datetime.fromtimestamp(time / 1000, zone)
    if width_ms == DAY_MS:
        return int(local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp() * 1000)
    offset_ms = int((local.utcoffset() or timedelta()).total_seconds() * 1000)
    border = time - (time + offset_ms) % width_ms
    if datetime.fromtimestamp(border / 1000, zone).utcoffset() == local.utcoffset():
        return border
    change = time - time % _QUARTER_MS  # clocks changed in between: what they showed before decides
    while datetime.fromtimestamp((change - 1) / 1000, zone).utcoffset() == local.utcoffset():
        change -= _QUARTER_MS
    return border_before(change - 1, width_ms, zone)


# ── Order and comparison ──────────────────────────────────────────────────────────────────────────────────────────


def _ordered(
    rows: list[list[Any]], question: dict[str, Any], by: Sequence[str], measures: Sequence[str]
) -> list[list[Any]]:
    """By what is asked for, else by time, else the first measure descending; then by the labels. Null is last."""
    columns = [name.partition(":")[0] if name.startswith("time:") else name for name in [*by, *measures]]
    order = [(each["by"], each.get("desc", False)) for each in question.get("order", [])]
    if not order:
        order = [("time", False)] if "time" in columns else [(measures[0], True)]
    order += [(name, False) for name in columns[: len(by)]]
    for name, descending in reversed(order):
        at = columns.index(name)
        known = sorted((row for row in rows if row[at] is not None), key=lambda row: row[at], reverse=descending)
        rows = known + [row for row in rows if row[at] is None]
    return rows


def _compare(expected: Expected, stored: list[Fact], question: dict[str, Any], buckets: list[int]) -> None:
    """The same labels in the other scope, and their buckets one for one."""
    by, measures = question.get("by", []), question["measures"]
    from_ms, to_ms = question["from"], question["to"]
    length, where, shift = to_ms - from_ms, list(question.get("where", [])), 0
    match question["compare"]:
        case "previous":
            shift = length
        case "last_week":
            shift = next(weeks * 7 * DAY_MS for weeks in range(1, 100) if weeks * 7 * DAY_MS >= length)
        case {"release": release}:
            where = [each for each in where if each["dimension"] != "release"]
            where.append({"dimension": "release", "op": "is", "values": [release]})
        case {"from": earlier, "to": to_ms}:
            shift, length = from_ms - earlier, to_ms - earlier
    span = from_ms - shift, from_ms - shift + length
    scope = _scope(stored, span, where)
    groups = scope.groups(by, [bucket - shift for bucket in buckets])
    at = next((index for index, name in enumerate(by) if name.startswith("time")), None)
    expected.columns = [
        *expected.columns[: len(by)],
        *(each for name in measures for each in (name, f"{name}_previous")),
    ]
    for index, row in enumerate(expected.rows):
        labels = list(row[: len(by)])
        if at is not None:
            labels[at] -= shift
        before = map(Pile(groups.get(tuple(labels), []), scope.stays).value, measures)
        pairs = zip(row[len(by) :], before, strict=True)
        expected.rows[index] = [*row[: len(by)], *(value for pair in pairs for value in pair)]
