"""A question as a syntax tree. Formulas are ours; every value of a user is a parameter, never a part of the text.

The tree's shape depends on names and operators alone: no value can change it.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import expressions as sql

from openrum.query.dimensions import DIMENSIONS, TIME, Dimension
from openrum.query.measures import MEASURES
from openrum.query.question import Filter, Question
from openrum.store import Reads

TABLE = "event_rows"
_DIALECT = "duckdb"
_ESCAPE = "\\"
_LONG_MS = 1 << 52


@dataclass(frozen=True, slots=True)
class Built:
    """SQL with named parameters, and the same with the values written in, to be shown."""

    text: str
    parameters: dict[str, Any]
    shown: str
    reads: Reads


class _Parameters:
    """Hands out a placeholder for each value."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: Any) -> sql.Placeholder:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return sql.Placeholder(this=name)


def build(question: Question) -> Built:
    """The question's SQL: one row a group, columns in the order of `by`, then `measures`."""
    parameters = _Parameters()
    dimensions = [
        _bucket(question, parameters) if name == TIME else _formula(DIMENSIONS[name].formula) for name in question.by
    ]
    tree = sql.select(
        *(sql.alias_(dimension, name, quoted=True) for dimension, name in zip(dimensions, question.by, strict=True)),
        *(sql.alias_(_formula(MEASURES[name].formula), name, quoted=True) for name in question.measures),
    ).from_(TABLE)
    tree = tree.where(*_conditions(question, parameters))
    if question.by:
        tree = tree.group_by(*(sql.Literal.number(index + 1) for index in range(len(question.by))))
    # Groups that are equal in what was asked for still need one order, or a limit would cut at random.
    named = [(order.by, order.descending) for order in question.order]
    named += [(name, False) for name in question.by if name not in {order.by for order in question.order}]
    tree = tree.order_by(
        *(sql.Ordered(this=sql.column(name, quoted=True), desc=down, nulls_first=False) for name, down in named)
    )
    if TIME not in question.by:  # else empty buckets are filled in before the limit is applied
        tree = tree.limit(question.limit)
    return _finish(tree, parameters, question)


def build_count(question: Question) -> Built:
    """How many rows the question looks at, before its filters."""
    parameters = _Parameters()
    tree = sql.select("count(*)").from_(TABLE).where(*_range(question, parameters))
    return _finish(tree, parameters, question)


def _finish(tree: sql.Select, parameters: _Parameters, question: Question) -> Built:
    shown = tree.transform(
        lambda node: sql.convert(parameters.values[node.this]) if isinstance(node, sql.Placeholder) else node
    )
    # A name of a result that is no column is not in the way: the store takes those that it has.
    columns = frozenset(column.name for column in tree.find_all(sql.Column))
    reads = Reads(columns, question.from_ms, question.to_ms)
    return Built(tree.sql(_DIALECT), parameters.values, shown.sql(_DIALECT, pretty=True), reads)


@cache
def _parsed(formula: str) -> sql.Expr:
    return sqlglot.parse_one(formula, dialect=_DIALECT)


def _formula(formula: str) -> sql.Expr:
    return _parsed(formula).copy()


def _bucket(question: Question, parameters: _Parameters) -> sql.Expr:
    """The beginning of the bucket that an event falls into: even steps, run by run.

    Buckets are of one width but where clocks change, so there are seldom more than three runs.
    """
    runs = _runs(question.buckets)
    buckets = [_step(start, width, parameters) for start, width in runs]
    if len(buckets) == 1:
        return buckets[0]
    case = sql.Case()
    for bucket, (next_start, _) in zip(buckets, runs[1:], strict=False):
        before = sql.LT(this=sql.column("time", quoted=True), expression=parameters.bind(next_start))
        case = case.when(before, bucket)
    return case.else_(buckets[-1])


def _step(start: int, width: int, parameters: _Parameters) -> sql.Expr:
    offset = sql.paren(sql.Sub(this=sql.column("time", quoted=True), expression=parameters.bind(start)))
    steps = sql.paren(sql.IntDiv(this=offset, expression=parameters.bind(width)))
    return sql.Add(this=parameters.bind(start), expression=sql.Mul(this=steps, expression=parameters.bind(width)))


def _runs(starts: tuple[int, ...]) -> list[tuple[int, int]]:
    """(first beginning, width) of each run of buckets that are equally wide; the last bucket is as wide as any."""
    runs: list[tuple[int, int]] = []
    for start, following in pairwise(starts):
        if not runs or runs[-1][1] != following - start:
            runs.append((start, following - start))
    return runs or [(starts[0], _LONG_MS)]


def _conditions(question: Question, parameters: _Parameters) -> list[sql.Expr]:
    return [*_range(question, parameters), *(_condition(each, parameters) for each in question.where)]


def _range(question: Question, parameters: _Parameters) -> list[sql.Expr]:
    time = sql.column("time", quoted=True)
    return [
        sql.EQ(this=sql.column("monitor"), expression=sql.cast(parameters.bind(question.monitor), "UUID")),
        sql.GTE(this=time, expression=parameters.bind(question.from_ms)),
        sql.LT(this=time.copy(), expression=parameters.bind(question.to_ms)),
    ]


def _condition(given: Filter, parameters: _Parameters) -> sql.Expr:
    dimension = DIMENSIONS[given.dimension]
    value = _formula(dimension.formula)
    missing = sql.Is(this=value.copy(), expression=sql.null())
    match given.op:
        case "is_null":
            return missing
        case "is_not_null":
            return sql.not_(missing)
        case "is" | "contains" | "matches" | "gt" | "lt":
            return sql.paren(sql.or_(*_tests(given, given.op, dimension, value, parameters)))
        case "is_not" | "not_contains":
            op = "is" if given.op == "is_not" else "contains"
            tests = sql.or_(*_tests(given, op, dimension, value, parameters))
            return sql.paren(sql.or_(missing, sql.not_(sql.paren(tests))))


def _tests(given: Filter, op: str, dimension: Dimension, value: sql.Expr, parameters: _Parameters) -> list[sql.Expr]:
    return [_test(op, dimension, value.copy(), wanted, parameters) for wanted in given.values]


def _test(op: str, dimension: Dimension, value: sql.Expr, wanted: str | float, parameters: _Parameters) -> sql.Expr:
    if isinstance(wanted, str) and op == "is":
        wanted = dimension.reads(wanted)
    if op == "contains":
        return sql.func("contains", sql.cast(value, "VARCHAR"), parameters.bind(str(wanted)))
    if op == "matches":
        pattern = parameters.bind(_like(str(wanted)))
        like = sql.Like(this=sql.cast(value, "VARCHAR"), expression=pattern)
        return sql.Escape(this=like, expression=sql.Literal.string(_ESCAPE))
    bound = parameters.bind(wanted)
    if op in ("gt", "lt"):
        number = sql.TryCast(this=value, to=sql.DataType.build("DOUBLE"))
        return sql.GT(this=number, expression=bound) if op == "gt" else sql.LT(this=number, expression=bound)
    return sql.EQ(this=value, expression=bound)


def _like(pattern: str) -> str:
    """'/a_b*' → '/a\\_b%': `*` is any text, everything else is itself."""
    for special in (_ESCAPE, "%", "_"):
        pattern = pattern.replace(special, _ESCAPE + special)
    return pattern.replace("*", "%")
