"""What may be asked: a frozen object, made from JSON of a user. Every error names the field, and what is near."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, NoReturn
from zoneinfo import ZoneInfo

import msgspec

from openrum.errors import ValidationError
from openrum.limits import Limits
from openrum.query.dimensions import DIMENSIONS, TIME
from openrum.query.measures import MEASURES
from openrum.query.times import borders, choose_width, parse_time, parse_width

Operator = Literal[
    "is", "is_not", "contains", "not_contains", "matches", "gt", "lt", "is_null", "is_not_null"
]  # fmt: skip
DEFAULT_LIMIT = 100


class BadQuestion(ValidationError):
    """A question that cannot be answered. `field` says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Filter:
    """Any of the values suffices. Values are texts, or numbers for `gt` and `lt`, or epoch milliseconds for `time`."""

    dimension: str
    op: Operator
    values: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """By a column of the answer."""

    by: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One question. The range takes its beginning and leaves out its end; times are epoch milliseconds."""

    monitor: str
    from_ms: int
    to_ms: int
    measures: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int = DEFAULT_LIMIT
    buckets: tuple[int, ...] = ()  # the beginnings, where `by` holds time
    compare: tuple[int, int] | None = None


class _FilterForm(msgspec.Struct, forbid_unknown_fields=True):
    dimension: str
    op: str = "is"
    values: list[str | int | float | bool | None] = []


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
    where: list[_FilterForm] = []
    order: list[_OrderForm] = []
    limit: int = DEFAULT_LIMIT
    compare: str | dict[str, str | int | float] | None = None
    timezone: str = "UTC"


def parse_question(form: QuestionForm, monitor_id: str, now_ms: int, limits: Limits) -> Question:
    """The question of a form. `monitor_id` is what its monitor was found to be. Raises BadQuestion."""
    from_ms, to_ms = parse_range(form.from_, form.to, now_ms)
    measures = tuple(_known(name, MEASURES, f"measures[{index}]") for index, name in enumerate(form.measures))
    if not measures:
        raise BadQuestion("measures", "at least one is needed")
    by, buckets = _parse_by(form, from_ms, to_ms, _zone(form.timezone))
    columns = [*by, *measures]
    if len(set(columns)) != len(columns):
        raise BadQuestion("measures" if len(set(measures)) != len(measures) else "by", "a name stands twice")
    if not 1 <= form.limit <= limits.query_rows:
        raise BadQuestion("limit", f"must be 1 to {limits.query_rows}")
    return Question(
        monitor=monitor_id,
        from_ms=from_ms,
        to_ms=to_ms,
        measures=measures,
        by=by,
        where=parse_where(form.where, now_ms),
        order=_parse_order(form, by, measures),
        limit=form.limit,
        buckets=buckets,
        compare=_parse_compare(form.compare, from_ms, to_ms, now_ms),
    )


def parse_range(from_: object, to: object, now_ms: int) -> tuple[int, int]:
    """Beginning and end of a range. Raises BadQuestion."""
    from_ms, to_ms = _time(from_, "from", now_ms), _time(to, "to", now_ms)
    if from_ms >= to_ms:
        raise BadQuestion("from", "must be before `to`")
    return from_ms, to_ms


def parse_where(forms: Sequence[_FilterForm], now_ms: int) -> tuple[Filter, ...]:
    """Filters of a form. Raises BadQuestion."""
    return tuple(_parse_filter(form, f"where[{index}]", now_ms) for index, form in enumerate(forms))


def _parse_by(form: QuestionForm, from_ms: int, to_ms: int, zone: ZoneInfo) -> tuple[tuple[str, ...], tuple[int, ...]]:
    names: list[str] = []
    buckets: tuple[int, ...] = ()
    for index, text in enumerate(form.by):
        field = f"by[{index}]"
        name, _, width = text.partition(":")
        names.append(_known(name if name == TIME else text, DIMENSIONS, field))
        if name == TIME:
            try:
                width_ms = parse_width(width) if width else choose_width(from_ms, to_ms)
                buckets = tuple(borders(from_ms, to_ms, width_ms, zone))
            except ValueError as error:
                raise BadQuestion(field, str(error)) from None
    return tuple(names), buckets


def _parse_filter(form: _FilterForm, field: str, now_ms: int) -> Filter:
    name = _known(form.dimension, DIMENSIONS, f"{field}.dimension")
    operators: dict[str, None] = dict.fromkeys(Operator.__args__)  # type: ignore[attr-defined]
    op: Any = _known(form.op, operators, f"{field}.op")
    if op in ("is_null", "is_not_null"):
        if form.values:
            raise BadQuestion(f"{field}.values", f"{op} takes none")
        return Filter(name, op, ())
    if not form.values:
        raise BadQuestion(f"{field}.values", "at least one is needed")
    values = tuple(
        _value(value, name, op, f"{field}.values[{index}]", now_ms) for index, value in enumerate(form.values)
    )
    return Filter(name, op, values)


def _value(value: object, dimension: str, op: str, field: str, now_ms: int) -> str | float:
    if dimension == TIME:
        return _time(value, field, now_ms)
    if op in ("gt", "lt"):
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise BadQuestion(field, "must be a number") from None
    if value is None or isinstance(value, bool):
        raise BadQuestion(field, "must be a text; for events without the value there are is_null and is_not_null")
    return str(value)


def _parse_order(form: QuestionForm, by: tuple[str, ...], measures: tuple[str, ...]) -> tuple[Order, ...]:
    if form.order:
        columns = dict.fromkeys((*by, *measures))
        return tuple(
            Order(_known(each.by, columns, f"order[{index}].by"), each.desc) for index, each in enumerate(form.order)
        )
    return (Order(TIME, descending=False),) if TIME in by else (Order(measures[0], descending=True),)


def _parse_compare(compare: object, from_ms: int, to_ms: int, now_ms: int) -> tuple[int, int] | None:
    if compare is None:
        return None
    if compare == "previous":
        return 2 * from_ms - to_ms, from_ms
    if isinstance(compare, dict) and set(compare) == {"from", "to"}:
        try:
            earlier = parse_range(compare["from"], compare["to"], now_ms)
        except BadQuestion as error:
            raise BadQuestion(f"compare.{error.field}", str(error).partition(": ")[2]) from None
        return earlier
    raise BadQuestion("compare", 'must be "previous", or an object with `from` and `to`')


def _time(value: object, field: str, now_ms: int) -> int:
    try:
        return parse_time(value, now_ms)
    except (ValueError, OverflowError) as error:
        raise BadQuestion(field, str(error)) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadQuestion("timezone", "must be a name of the tz database, such as Europe/Berlin") from None


def _known(name: str, names: dict[str, Any], field: str) -> str:
    return name if name in names else _unknown(name, names, field)


def _unknown(name: str, names: dict[str, Any], field: str) -> NoReturn:
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(names)}"
    raise BadQuestion(field, f"{name[:64]!r} is not known; {hint}")
