"""What may be asked: a frozen object, made from JSON of a user. Every error names the field, and what is near."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import msgspec

from openrum.errors import ValidationError
from openrum.limits import Limits
from openrum.query.dimensions import ATTRIBUTE, DIMENSIONS, TIME, Dimension, dimension_named
from openrum.query.measures import MEASURES
from openrum.query.scope import Filter, Operator, Scope
from openrum.query.times import WEEK_MS, borders, choose_width, parse_time, parse_width, weeks_before

DEFAULT_LIMIT = 100
OTHER_LIMIT = 1_000


class BadQuestion(ValidationError):
    """A question that cannot be answered. `field` says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Order:
    """By a column of the answer."""

    by: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    scope: Scope
    measures: tuple[str, ...]
    by: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int = DEFAULT_LIMIT
    buckets: tuple[int, ...] = ()  # the beginnings in epoch milliseconds, where `by` holds time
    compare: Scope | None = None  # asked beside it: another range, or the same one of another release
    compare_buckets: tuple[int, ...] = ()  # the same buckets in that range, one for one
    totals: bool = False  # a row over all groups
    other: bool = False  # a row over the groups behind the limit


VALUES_MAX = 1_000
"""Of a filter: more would be a text that takes longer to read than the rows."""


class FilterForm(msgspec.Struct, forbid_unknown_fields=True):
    """A filter as JSON."""

    dimension: str
    op: str = "is"
    values: Annotated[list[str | int | float | bool | None], msgspec.Meta(max_length=VALUES_MAX)] = []


class _OrderForm(msgspec.Struct, forbid_unknown_fields=True):
    by: str
    desc: bool = False


class QuestionForm(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A question as JSON."""

    monitor: str
    measures: list[str]
    from_: str | int | float = "-24h"
    to: str | int | float = "now"
    by: list[str] = []
    where: list[FilterForm] = []
    order: list[_OrderForm] = []
    limit: int = DEFAULT_LIMIT
    compare: str | dict[str, str | int | float] | None = None
    totals: bool = False
    other: bool = False
    timezone: str = "UTC"
    weighted: bool = False


def parse_question(form: QuestionForm, monitor_id: str, now_ms: int, limits: Limits) -> Question:
    """The question of a form. `monitor_id` is what its monitor was found to be. Raises BadQuestion."""
    from_ms, to_ms = parse_range(form.from_, form.to, now_ms)
    measures = tuple(_known(name, MEASURES, f"measures[{index}]") for index, name in enumerate(form.measures))
    if not measures:
        raise BadQuestion("measures", "at least one is needed")
    zone = parse_zone(form.timezone)
    by, buckets = _parse_by(form, from_ms, to_ms, zone)
    columns = [*by, *measures]
    if len(set(columns)) != len(columns):
        raise BadQuestion("measures" if len(set(measures)) != len(measures) else "by", "a name stands twice")
    if not 1 <= form.limit <= limits.query_rows:
        raise BadQuestion("limit", f"must be 1 to {limits.query_rows}")
    scope = Scope(monitor_id, from_ms, to_ms, parse_where(form.where, now_ms))
    compare = _parse_compare(form.compare, scope, now_ms, zone)
    return Question(
        scope=scope,
        measures=measures,
        by=by,
        order=_parse_order(form, by, measures),
        limit=form.limit,
        buckets=buckets,
        compare=compare,
        compare_buckets=() if compare is None else _compare_buckets(form.compare, compare, scope, buckets, zone),
        totals=form.totals,
        other=_parse_other(form, by),
    )


def _parse_other(form: QuestionForm, by: tuple[str, ...]) -> bool:
    if not form.other:
        return False
    if form.limit > OTHER_LIMIT:
        raise BadQuestion("other", f"is told beside at most {OTHER_LIMIT} rows; lower the limit")
    if not by or TIME in by or any(dimension_named(name).of_many for name in by):
        raise BadQuestion("other", "needs dimensions in `by`, of which an event has one value: no time, no page_tag")
    return True


def parse_range(from_: object, to: object, now_ms: int) -> tuple[int, int]:
    """Beginning and end of a range. Raises BadQuestion."""
    from_ms, to_ms = _time(from_, "from", now_ms), _time(to, "to", now_ms)
    if from_ms >= to_ms:
        raise BadQuestion("from", "must be before `to`")
    return from_ms, to_ms


def parse_where(forms: Sequence[FilterForm], now_ms: int) -> tuple[Filter, ...]:
    """Filters of a form. Raises BadQuestion."""
    return tuple(_parse_filter(form, f"where[{index}]", now_ms) for index, form in enumerate(forms))


def _parse_by(form: QuestionForm, from_ms: int, to_ms: int, zone: ZoneInfo) -> tuple[tuple[str, ...], tuple[int, ...]]:
    names: list[str] = []
    buckets: tuple[int, ...] = ()
    for index, text in enumerate(form.by):
        field = f"by[{index}]"
        name, _, width = text.partition(":")
        names.append(TIME if name == TIME else known_dimension(text, field))
        if name == TIME:
            try:
                width_ms = parse_width(width) if width else choose_width(from_ms, to_ms)
                buckets = tuple(borders(from_ms, to_ms, width_ms, zone))
            except ValueError as error:
                raise BadQuestion(field, str(error)) from None
    return tuple(names), buckets


def _parse_filter(form: FilterForm, field: str, now_ms: int) -> Filter:
    name = known_dimension(form.dimension, f"{field}.dimension")
    operators: dict[str, None] = dict.fromkeys(Operator.__args__)  # type: ignore[attr-defined]
    op: Any = _known(form.op, operators, f"{field}.op")
    if op in ("is_null", "is_not_null"):
        if form.values:
            raise BadQuestion(f"{field}.values", f"{op} takes none")
        return Filter(name, op, ())
    if not form.values:
        raise BadQuestion(f"{field}.values", "at least one is needed")
    values = tuple(
        _value(value, dimension_named(name), op, f"{field}.values[{index}]", now_ms)
        for index, value in enumerate(form.values)
    )
    return Filter(name, op, values)


def _value(value: object, dimension: Dimension, op: str, field: str, now_ms: int) -> str | float | bool:
    if dimension.name == TIME:
        return _time(value, field, now_ms)
    if value is None:
        raise BadQuestion(field, "must be a value; for events without one there are is_null and is_not_null")
    if op in ("gt", "lt") or (dimension.kind == "number" and op in ("is", "is_not")):
        return _number(value, field)
    said = str(value).lower() if isinstance(value, bool) else str(value)
    if dimension.kind == "boolean" and op in ("is", "is_not"):
        if said not in ("true", "false"):
            raise BadQuestion(field, "must be true or false")
        return said == "true"
    if isinstance(value, bool) and not dimension.name.startswith(ATTRIBUTE):
        raise BadQuestion(field, "must be a text")
    return said


def _number(value: object, field: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise BadQuestion(field, "must be a number")
    return number


def _parse_order(form: QuestionForm, by: tuple[str, ...], measures: tuple[str, ...]) -> tuple[Order, ...]:
    if form.order:
        columns = dict.fromkeys((*by, *measures))
        return tuple(
            Order(_known(each.by, columns, f"order[{index}].by"), each.desc) for index, each in enumerate(form.order)
        )
    return (Order(TIME, descending=False),) if TIME in by else (Order(measures[0], descending=True),)


def _parse_compare(compare: object, scope: Scope, now_ms: int, zone: ZoneInfo) -> Scope | None:
    length = scope.to_ms - scope.from_ms
    match compare:
        case None:
            return None
        case "previous":
            return replace(scope, from_ms=scope.from_ms - length, to_ms=scope.from_ms)
        case "last_week":  # the same days of the week, before the range
            weeks = -(-length // WEEK_MS)
            return replace(
                scope,
                from_ms=weeks_before(scope.from_ms, weeks, zone),
                to_ms=weeks_before(scope.to_ms, weeks, zone),
            )
        case {"from": from_, "to": to, **others} if not others:
            try:
                from_ms, to_ms = parse_range(from_, to, now_ms)
            except BadQuestion as error:
                raise BadQuestion(f"compare.{error.field}", str(error).partition(": ")[2]) from None
            return replace(scope, from_ms=from_ms, to_ms=to_ms)
        case {"release": str(release), **others} if not others:
            where = tuple(each for each in scope.where if each.dimension != "release")
            return replace(scope, where=(*where, Filter("release", "is", (release,))))
    raise BadQuestion(
        "compare",
        'must be "previous", "last_week", an object with `from` and `to`, or one with `release`',
    )


def _compare_buckets(
    asked: object, compare: Scope, scope: Scope, buckets: tuple[int, ...], zone: ZoneInfo
) -> tuple[int, ...]:
    shift = scope.from_ms - compare.from_ms
    if asked == "last_week":  # by the clock, which may have changed in between
        moved = tuple(weeks_before(start, round(shift / WEEK_MS), zone) for start in buckets)
        if all(start < following for start, following in pairwise(moved)):  # but for an hour that came twice
            return moved
    return tuple(start - shift for start in buckets)


def _time(value: object, field: str, now_ms: int) -> int:
    try:
        return parse_time(value, now_ms)
    except (ValueError, OverflowError) as error:
        raise BadQuestion(field, str(error)) from None


def parse_zone(name: str) -> ZoneInfo:
    """A time zone. Raises BadQuestion."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadQuestion("timezone", "must be a name of the tz database, such as Europe/Berlin") from None


def known_dimension(name: str, field: str) -> str:
    """The name, where there is such a dimension. Raises BadQuestion, with what is near."""
    try:
        dimension_named(name)
    except KeyError:
        if name.startswith(ATTRIBUTE):
            raise BadQuestion(field, f"must be {ATTRIBUTE}<name>, the name without quotes and backslashes") from None
        _unknown(name, {**DIMENSIONS, f"{ATTRIBUTE}<name>": None}, field)
    return name


def known_measure(name: str, field: str) -> str:
    """The name, where there is such a measure. Raises BadQuestion, with what is near."""
    return _known(name, MEASURES, field)


def _known(name: str, names: dict[str, Any], field: str) -> str:
    return name if name in names else _unknown(name, names, field)


def _unknown(name: str, names: dict[str, Any], field: str) -> NoReturn:
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(names)}"
    raise BadQuestion(field, f"{name[:64]!r} is not known; {hint}")
