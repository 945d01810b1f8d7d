"""The same tree for ClickHouse: what sqlglot leaves as it is, and means another thing there, or nothing.

Types in ClickHouse's tables are Nullable throughout (store/clickhouse_schema.py), so that what is null here is null there;
lists are empty instead. What settings can put right, they do (store/clickhouse.py); here stands the rest.
"""

from collections.abc import Mapping
from typing import Any

from sqlglot import expressions as sql

from openrum.store import EVENT_COLUMNS

_INT32, _INT64 = range(-(2**31), 2**31), range(-(2**63), 2**63)
_COMPARISONS = (sql.EQ, sql.NEQ, sql.LT, sql.LTE, sql.GT, sql.GTE)
_COUNTS = (sql.Count, sql.CountIf, sql.RowNumber, sql.Rank, sql.DenseRank)
_AROUND = (sql.Filter, sql.Window)
# Where a condition is asked for, and is not a value that is shown, grouped or handed on.
_ASKED_IN = (sql.And, sql.Or, sql.Not, sql.Where, sql.Having, sql.Qualify, sql.If, sql.Join, sql.Lambda, sql.Escape)


def to_clickhouse(tree: sql.Query, parameters: Mapping[str, Any]) -> sql.Query:
    """A copy of the tree whose SQL in ClickHouse's dialect means what it means in DuckDB's."""
    made = tree.copy()
    for node in reversed(list(made.walk())):  # each after all that it is made of
        changed = _changed(node, parameters)
        if changed is not node:
            node.replace(changed)
    return made


def _changed(node: sql.Expr, parameters: Mapping[str, Any]) -> sql.Expr:
    """What stands in the place of a node; what is below it was changed already."""
    if isinstance(node, sql.Placeholder):
        return sql.Placeholder(this=node.this, kind=_kind(parameters[node.this]))
    asked = _is_asked(node)
    for change in (_of_counts, _of_aggregates, _of_lists, _of_texts, _of_numbers, _of_results, _of_order, _of_tables):
        changed = change(node)
        if changed is not node:
            break
    if _is_condition(changed) and not asked:
        return _cast(changed.copy(), "Nullable(Bool)")
    return changed


def _is_asked(node: sql.Expr) -> bool:
    """Whether a condition here decides something; else it is a value, and as one it must be true or false, not 1 or 0."""
    while isinstance(node.parent, sql.Paren):
        node = node.parent
    return isinstance(node.parent, _ASKED_IN) and not (isinstance(node.parent, sql.If) and node.arg_key != "this")


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "Bool"
        case int():
            # The least that holds it: an Int64 has no type in common with a fraction.
            return "Int32" if value in _INT32 else "Int64" if value in _INT64 else "Int256"
        case float():
            return "Float64"
        case list() | tuple():
            kinds = [_kind(each) for each in value] or ["String"]
            return f"Array({max(kinds, key=len) if 'Int64' in kinds or 'Int256' in kinds else kinds[0]})"
        case None:
            return "Nullable(String)"
    return "String"


def _of_counts(node: sql.Expr) -> sql.Expr:
    """Counts and plain numbers have no sign there; a count has then no type in common with what has one, nor their sums."""
    if isinstance(node.parent, _AROUND) and node.arg_key == "this":
        return node  # all of it is cast, not its inside
    inside = node
    while isinstance(inside, _AROUND):
        inside = inside.this
    if isinstance(inside, _COUNTS):
        return _cast(node.copy(), "Int64")
    if isinstance(node, sql.Literal) and node.is_int and _is_result(node):
        return _cast(node.copy(), _kind(int(node.this)))
    return node


def _is_result(node: sql.Expr) -> bool:
    """Whether it is what a CASE or a column of a table becomes."""
    if isinstance(node.parent, sql.Select | sql.Alias):
        return node.arg_key in ("this", "expressions")
    return (isinstance(node.parent, sql.If) and node.arg_key == "true") or (
        isinstance(node.parent, sql.Case) and node.arg_key == "default"
    )


def _of_aggregates(node: sql.Expr) -> sql.Expr:
    match node:
        case sql.PercentileCont() | sql.Quantile():
            share = node.args.get("expression") or node.args["quantile"]
            if isinstance(share, sql.Array):  # a list of shares gives a list of values, of nothing NaN
                name = sql.to_identifier("quantilesExactInclusive")
                return sql.ParameterizedAgg(this=name, expressions=share.expressions, params=[node.this])
            name = sql.to_identifier("quantileExactInclusive")
            return sql.ParameterizedAgg(this=name, expressions=[share], params=[node.this])
        case sql.Lead() | sql.Lag():  # of what is never null the one behind the last would be 0
            node.set("this", _call("toNullable", node.this))
        case sql.LogicalOr():
            return sql.Max(this=_cast(node.this, "Nullable(Bool)"))
        case sql.LogicalAnd():
            return sql.Min(this=_cast(node.this, "Nullable(Bool)"))
    return node


def _of_lists(node: sql.Expr) -> sql.Expr:
    """Lists are never null: what asks whether one is asks whether it is empty."""
    match node:
        case sql.Case() if len(node.args["ifs"]) == 1 and not node.args.get("default"):
            value: sql.Expr = node.args["ifs"][0].args["true"]
            return value if _is_list(value) else node
        case sql.Is() if _is_list(node.this) and isinstance(node.expression, sql.Null):
            return sql.EQ(this=_call("length", node.this), expression=sql.Literal.number(0))
        case sql.Length() if _is_list(node.this):
            return _call("length", node.this)
        case sql.Anonymous() if node.name.lower() == "list_filter":
            return sql.ArrayFilter(this=node.expressions[0], expression=node.expressions[1])
    return node


def _is_list(node: sql.Expr) -> bool:
    if isinstance(node, sql.Column):
        return EVENT_COLUMNS.get(node.name, "").endswith("[]")
    return isinstance(node, sql.Array | sql.ArrayFilter | sql.ArrayAgg)


def _of_texts(node: sql.Expr) -> sql.Expr:
    """ClickHouse counts bytes where DuckDB counts characters."""
    match node:
        case sql.Escape():
            return node.this  # type: ignore[no-any-return]  # the backslash escapes without being told to
        case sql.Lower():
            return _call("lowerUTF8", node.this)
        case sql.Upper():
            return _call("upperUTF8", node.this)
        case sql.Substring():
            return _call(
                "substringUTF8", *(part for name in ("this", "start", "length") if (part := node.args.get(name)))
            )
        case sql.JSONExtractScalar():
            return _json_text(node.this, node.expression)
        case sql.TryCast() if node.to.is_type("uuid"):
            # Braces, and hyphens wherever they stand, are taken by DuckDB.
            return _call("toUUIDOrNull", _call("replaceRegexpAll", _text(node.this), _string("[{}-]"), _string("")))
    return node


def _json_text(document: sql.Expr, path: sql.Expr) -> sql.Expr:
    """The text of a member: numbers and truth as they are written in JSON, null where it is missing."""
    if isinstance(path, sql.JSONPath):
        keys = [_string(part.this) for part in path.expressions if isinstance(part, sql.JSONPathKey)]
    else:  # bound: $."name", whose name has neither quotes nor backslashes
        length = sql.Sub(this=_call("length", path.copy()), expression=sql.Literal.number(4))
        keys = [_call("substring", path, sql.Literal.number(4), length)]
    text = _call("JSONExtract", document, *keys, _string("Nullable(String)"))
    # A number that has a fraction where it was written, of which nothing is left: 1.0.
    whole = _call("match", text.copy(), _string("^-?[0-9]+$"))
    kind = _call("JSONType", document.copy(), *(key.copy() for key in keys))
    fraction = sql.and_(whole, sql.EQ(this=kind, expression=_string("Double")))
    return _call("if", fraction, _call("concat", text.copy(), _string(".0")), text)


def _of_numbers(node: sql.Expr) -> sql.Expr:
    match node:
        case sql.IntDiv():
            return _call("intDiv", node.this, node.expression)
        case sql.TryCast() if node.to.is_type("double"):
            return _cast(node.this, "Nullable(Float64)") if _is_truth(node.this) else _number(_text(node.this))
        case sql.Round() if not node.args.get("decimals"):  # halves go away from zero
            size = sql.Add(this=sql.Abs(this=node.this.copy()), expression=sql.Literal.number(0.5))
            return sql.paren(sql.Mul(this=sql.Sign(this=node.this), expression=sql.Floor(this=size)))
        case sql.Between() if _is_float(node.this):
            node.set("low", _as_float(node.args["low"]))
            node.set("high", _as_float(node.args["high"]))
        case _ if isinstance(node, _COMPARISONS) and (_is_float(node.this) or _is_float(node.expression)):
            node.set("this", _as_float(node.this))
            node.set("expression", _as_float(node.expression))
    return node


def _is_float(node: sql.Expr) -> bool:
    return isinstance(node, sql.Column) and EVENT_COLUMNS.get(node.name) == "FLOAT"


def _as_float(node: sql.Expr) -> sql.Expr:
    """0.1 is none of the values of a FLOAT: both are compared as one, as DuckDB does."""
    return _cast(node, "Float32") if isinstance(node, sql.Literal) and "." in node.name else node


def _number(text: sql.Expr) -> sql.Expr:
    """A number, where the text is one: space around it is let be, and an underscore between digits."""
    bare = _call("replaceRegexpAll", text, _string(r"^\s+|\s+$"), _string(""))
    stray = _call("match", bare.copy(), _string("(^|[^0-9])_|_([^0-9]|$)"))
    closed = _call("replaceAll", bare, _string("_"), _string(""))
    return _call("if", stray, sql.null(), _call("toFloat64OrNull", closed))


def _of_tables(node: sql.Expr) -> sql.Expr:
    """A table with a name is worked out wherever it is read, unless it says MATERIALIZED: the contrary cannot be said."""
    if isinstance(node, sql.CTE) and node.args.get("materialized") is False:
        node.set("materialized", None)
    return node


def _of_results(node: sql.Expr) -> sql.Expr:
    """A column of a table has its own name, and where two tables have one, not that of the table with it."""
    if (
        isinstance(node, sql.Column)
        and node.table
        and isinstance(node.parent, sql.Select)
        and node.arg_key == "expressions"
    ):
        return sql.alias_(node.copy(), node.name, quoted=True)
    return node


def _of_order(node: sql.Expr) -> sql.Expr:
    """What rows are put in order by: of a name, the result of that name; of a UUID, its text."""
    if not isinstance(node, sql.Ordered) or not isinstance(node.this, sql.Column):
        return node
    column = node.this
    select = node.parent.parent if node.parent else None
    if isinstance(select, sql.Select) and not column.table:
        for place, shown in enumerate(select.expressions, start=1):
            if isinstance(shown, sql.Alias) and shown.alias == column.name and not isinstance(shown.this, sql.Column):
                node.set("this", sql.Literal.number(place))
                return node
    if EVENT_COLUMNS.get(column.name) == "UUID":
        node.set("this", _text(column.copy()))
    return node


def _is_truth(node: sql.Expr) -> bool:
    node = node.unnest()
    if isinstance(node, sql.Cast):
        return node.to.is_type("boolean")
    return isinstance(node, sql.Column) and EVENT_COLUMNS.get(node.name) == "BOOLEAN"


def _is_condition(node: sql.Expr) -> bool:
    return isinstance(node, sql.Predicate | sql.Not | sql.And | sql.Or | sql.StartsWith | sql.Contains | sql.RegexpLike)


def _text(node: sql.Expr) -> sql.Expr:
    return _cast(node, "Nullable(String)")


def _cast(node: sql.Expr, kind: str) -> sql.Expr:
    return sql.cast(node, kind, dialect="clickhouse")


def _call(name: str, *arguments: sql.Expr) -> sql.Expr:
    """A function of ClickHouse's, by the name it has there."""
    return sql.Anonymous(this=name, expressions=list(arguments))


def _string(text: str) -> sql.Expr:
    return sql.Literal.string(text)
