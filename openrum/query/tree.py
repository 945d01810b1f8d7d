"""What all questions are made of: a scope, values that are bound, formulas that are ours, and the SQL of either engine.

Formulas and templates are written in DuckDB's SQL and read by sqlglot; a value of a stranger is a parameter, never a part
of the text. The shape of a tree depends on names and operators alone: no value can change it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, Final

import sqlglot
from sqlglot import expressions as sql
from sqlglot.generators.duckdb import DuckDBGenerator

from openrum.query.clickhouse import to_clickhouse
from openrum.query.dimensions import Dimension, dimension_named
from openrum.query.scope import Filter, Scope
from openrum.store import EVENT_COLUMNS, Dialect, Reads

TABLE = "event_rows"
SCOPE = "scope"
DUCKDB: Final = "duckdb"
_ESCAPE = "\\"
_ELEMENT = "element"
_UUID = sql.DataType.build("UUID")
_POSITIVE = {"is_not": "is", "not_contains": "contains"}


class Parameters:
    """Hands out a placeholder for each value."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: Any) -> sql.Placeholder:
        """A placeholder that stands for the value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return sql.Placeholder(this=name)


_PLACE = re.compile(r"\$(p\d+)_*")
_PLACE_CHARS = 16  # about what a value takes, so that lines are broken where they would be


class _Shown(DuckDBGenerator):
    """Writes a statement with its values in the placeholders' places."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(pretty=True, dialect=DUCKDB)
        self._values = values

    def placeholder_sql(self, expression: sql.Placeholder) -> str:
        """The value as a literal."""
        return _literal(self._values[expression.this])


class _Places(DuckDBGenerator):
    """Writes a statement that will be read, with room for its values."""

    def placeholder_sql(self, expression: sql.Placeholder) -> str:
        """The name of the place."""
        return f"${expression.this}".ljust(_PLACE_CHARS, "_")


def with_places(tree: sql.Query) -> str:
    """A statement to be read, for values that are put in later."""
    return _Places(pretty=True, dialect=DUCKDB).generate(tree, copy=False)


def looks_like_a_place(name: str) -> bool:
    """Whether a name would be taken for the place of a value."""
    return _PLACE.search(name) is not None


def _literal(value: Any) -> str:
    # What nearly all values are, without a tree and a generator for each.
    if type(value) is int:
        return str(value)
    return sql.convert(value).sql(DUCKDB)


@dataclass(frozen=True, slots=True)
class Built:
    """A statement with its parameters, for either engine."""

    tree: sql.Query
    parameters: Mapping[str, Any]
    reads: Reads
    _texts: dict[str, str] = field(default_factory=dict, compare=False)
    _places: str | None = field(default=None, compare=False)
    """As it is read, without its values, where that is known."""

    def text(self, dialect: Dialect) -> str:
        """The SQL, its values apart."""
        if dialect not in self._texts:
            if dialect == DUCKDB:  # writing it for its own engine changes nothing in the tree
                self._texts[dialect] = DuckDBGenerator(dialect=DUCKDB).generate(self.tree, copy=False)
            else:
                self._texts[dialect] = to_clickhouse(self.tree, self.parameters).sql(dialect)
        return self._texts[dialect]

    def only(self, event_type: str | None) -> "Built":
        """The same, of a question that asks after rows of one type alone."""
        return self if event_type is None else replace(self, reads=replace(self.reads, only=event_type))

    def shown(self) -> str:
        """The SQL with the values written in, to be read, and to be asked again of `event_rows`."""
        if self._places is None:
            return _Shown(self.parameters).generate(self.tree, copy=False)
        return _PLACE.sub(lambda place: _literal(self.parameters[place[1]]), self._places)


def finish(
    tree: sql.Query,
    parameters: Parameters,
    scope: Scope,
    hours: tuple[int, int] | None = None,
    *,
    sessions: bool = False,
) -> Built:
    """A tree over `event_rows` as a statement; over the folded rows of `hours` too, where they are said, and over `sessions`."""
    return Built(tree, parameters.values, Reads(_columns(tree), scope.from_ms, scope.to_ms, hours, sessions))


def _columns(tree: sql.Query) -> frozenset[str]:
    """A name of a result that is no column is not in the way: the store takes those that it has."""
    return frozenset(column.name for column in tree.find_all(sql.Column))


_CHARS_MAX = 4_000  # of filters: who asks with a thousand values hardly asks again


@dataclass(frozen=True, slots=True)
class _Part:
    """A tree, and the text by which it is told from others."""

    text: str
    tree: sql.Expr = field(compare=False)


def _part(tree: sql.Expr) -> _Part:
    return _Part(DuckDBGenerator(dialect=DUCKDB).generate(tree, copy=False), tree)


def from_template(
    template: str, scope: Scope, parameters: Parameters, *, slots: Mapping[str, sql.Expr] | None = None, **values: Any
) -> Built:
    """A template of ours as a statement.

    In it the table `scope` is the rows of the scope, `$name` one of the `values`, and `@name` one of the `slots`.
    """
    bound = tuple((name, _part(parameters.bind(value))) for name, value in values.items())
    put_in = tuple((name, _part(slot)) for name, slot in (slots or {}).items())
    filters = tuple(_part(each) for each in conditions(scope, parameters))
    chars = sum(len(each.text) for each in (*filters, *(part for _, part in put_in)))
    fill = _filled if chars <= _CHARS_MAX else _filled.__wrapped__
    return fill(template, bound, put_in, filters).of(parameters, scope)


@dataclass(frozen=True, slots=True)
class _Filled:
    """A template with everything but the values."""

    tree: sql.Query
    columns: frozenset[str]
    text: str
    places: str | None

    def of(self, parameters: Parameters, scope: Scope) -> Built:
        reads = Reads(self.columns, scope.from_ms, scope.to_ms)
        return Built(self.tree, parameters.values, reads, {DUCKDB: self.text}, self.places)


@lru_cache(maxsize=64)
def _filled(
    template: str,
    bound: tuple[tuple[str, _Part], ...],
    slots: tuple[tuple[str, _Part], ...],
    filters: tuple[_Part, ...],
) -> _Filled:
    """Written once: to write a statement takes longer than to ask it of a small store."""
    values, parts = dict(bound), dict(slots)

    def put_in(node: sql.Expr) -> sql.Expr:
        if isinstance(node, sql.Placeholder) and node.this in values:
            return values[node.this].tree.copy()
        if isinstance(node, sql.Abs) and node.this.name in parts:  # `@` is the engine's operator for it
            return sql.paren(parts[node.this.name].tree.copy())
        return node

    tree = _parsed(template).copy().transform(put_in, copy=False)
    assert isinstance(tree, sql.Query)
    columns = sorted({column.name for column in tree.find_all(sql.Column)})
    rows = (
        sql.select(*(sql.column(name, quoted=True) for name in columns if name in EVENT_COLUMNS))
        .from_(TABLE)
        .where(*(each.tree for each in filters))
    )
    # However often it is read: what each reader does not want of it is left out where it is read.
    tree = tree.with_(SCOPE, as_=rows, materialized=False, copy=False)
    # The scope comes before what reads it.
    ctes = tree.args["with_"].expressions
    ctes.insert(0, ctes.pop([cte.alias for cte in ctes].index(SCOPE)))
    names = (node.name for node in tree.find_all(sql.Identifier, sql.Literal))
    return _Filled(
        tree,
        _columns(tree),
        DuckDBGenerator(dialect=DUCKDB).generate(tree, copy=False),
        None if any(looks_like_a_place(name) for name in names) else with_places(tree),
    )


@cache
def columns_in(formula: str) -> frozenset[str]:
    """The columns that a formula of ours reads."""
    return frozenset(column.name for column in _parsed(formula).find_all(sql.Column))


@cache
def _parsed(formula: str) -> sql.Expr:
    return sqlglot.parse_one(formula, dialect=DUCKDB)


def named(table: str) -> sql.Table:
    """A table by its name."""
    return sql.Table(this=sql.to_identifier(table))


def formula(text: str, parameters: Parameters | None = None, argument: Any = None) -> sql.Expr:
    """A formula of ours; `$argument` in it is bound to the argument."""
    tree = _parsed(text).copy()
    if argument is None or parameters is None:
        return tree
    return tree.transform(lambda node: parameters.bind(argument) if isinstance(node, sql.Placeholder) else node)


def label(name: str, parameters: Parameters) -> sql.Expr:
    """The value of a dimension by which rows are grouped."""
    dimension = dimension_named(name)
    if dimension.of_many:
        return formula(dimension.rows or "")
    return formula(dimension.formula, parameters, dimension.argument)


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────────────────────


def conditions(scope: Scope, parameters: Parameters) -> list[sql.Expr]:
    """What the rows of a scope fulfil."""
    return [*in_range(scope, parameters), *(condition(each, parameters) for each in scope.where)]


def in_range(scope: Scope, parameters: Parameters) -> list[sql.Expr]:
    """The monitor and the range, without the filters."""
    time = sql.column("time", quoted=True)
    return [
        of_monitor(scope, parameters),
        sql.GTE(this=time, expression=parameters.bind(scope.from_ms)),
        sql.LT(this=time.copy(), expression=parameters.bind(scope.to_ms)),
    ]


def of_monitor(scope: Scope, parameters: Parameters) -> sql.Expr:
    """The monitor alone."""
    return sql.EQ(this=sql.column("monitor"), expression=sql.Cast(this=parameters.bind(scope.monitor), to=_UUID.copy()))


def condition(given: Filter, parameters: Parameters) -> sql.Expr:
    """A filter. Of a dimension with many values a row, any value of the row suffices; for the negative ones none may match."""
    dimension = dimension_named(given.dimension)
    value = formula(dimension.formula, parameters, dimension.argument)
    missing = sql.Is(this=value.copy(), expression=sql.null())
    if given.op == "is_null":
        return missing
    if given.op == "is_not_null":
        return sql.not_(missing)
    op = _POSITIVE.get(given.op, given.op)
    # `element` stands for each of many values; the engine's lambda names it.
    one = sql.column(_ELEMENT) if dimension.of_many else value
    binding = [parameters.bind(bound(given, wanted)) for wanted in given.values]
    tests: sql.Expr = sql.or_(*(_test(op, dimension, one.copy(), place) for place in binding))
    if dimension.of_many:
        found = sql.func("list_filter", value.copy(), sql.Lambda(this=tests, expressions=[sql.to_identifier(_ELEMENT)]))
        tests = sql.GT(this=sql.func("len", found, dialect=DUCKDB), expression=sql.Literal.number(0))
    if op == given.op:
        return sql.paren(tests)
    if dimension.kind == "uuid":  # a value that is no UUID is null when read as one, and nobody has it
        tests = sql.func("coalesce", sql.paren(tests), sql.false())
    return sql.paren(sql.or_(missing, sql.not_(sql.paren(tests))))


def only_type(scope: Scope) -> str | None:
    """The one type that a scope's filters let through, where one of them says so."""
    for each in scope.where:
        if (each.dimension, each.op, len(each.values)) == ("type", "is", 1):
            return str(bound(each, each.values[0]))
    return None


def bound(given: Filter, wanted: Any) -> Any:
    """What stands in a statement for a value of a filter."""
    op = _POSITIVE.get(given.op, given.op)
    if op == "is" and isinstance(wanted, str):
        return dimension_named(given.dimension).reads(wanted)
    if op == "contains":
        return str(wanted)
    return _like(str(wanted)) if op == "matches" else wanted


def _test(op: str, dimension: Dimension, value: sql.Expr, wanted: sql.Placeholder) -> sql.Expr:
    if op == "is" and dimension.kind == "uuid":  # as the column has it: no row need be written out as text
        column = sql.column(dimension.name, quoted=True)
        return sql.EQ(this=column, expression=sql.TryCast(this=wanted, to=_UUID.copy()))
    if op == "contains":
        return sql.func("contains", _text(value), wanted, dialect=DUCKDB)
    if op == "matches":
        like = sql.Like(this=_text(value), expression=wanted)
        return sql.Escape(this=like, expression=sql.Literal.string(_ESCAPE))
    if op in ("gt", "lt"):
        number = value if dimension.kind == "number" else sql.TryCast(this=value, to=sql.DataType.build("DOUBLE"))
        return sql.GT(this=number, expression=wanted) if op == "gt" else sql.LT(this=number, expression=wanted)
    return sql.EQ(this=value, expression=wanted)


def _text(value: sql.Expr) -> sql.Expr:
    return sql.cast(value, "VARCHAR")


def _like(pattern: str) -> str:
    """'/a_b*' → '/a\\_b%': `*` is any text, everything else is itself."""
    for special in (_ESCAPE, "%", "_"):
        pattern = pattern.replace(special, _ESCAPE + special)
    return pattern.replace("*", "%")
