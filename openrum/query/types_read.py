"""Which types of event a formula can see at all: the rest need not be read, where no group is lost by that.

Found in the formula itself, so that it cannot be told wrong: every aggregate must have a FILTER that names its types.
"""

from functools import cache

from sqlglot import expressions as sql

from openrum.query.tree import formula


@cache
def types_read(text: str) -> frozenset[str] | None:
    """The full names of the types that a formula's aggregates are limited to; None where one of them sees all."""
    found: frozenset[str] = frozenset()
    for aggregate in formula(text).find_all(sql.AggFunc):
        above = aggregate.parent
        named = _named(above.expression.this) if isinstance(above, sql.Filter) else None
        if named is None:
            return None
        found |= named
    return found or None


def _named(condition: sql.Expr) -> frozenset[str] | None:
    match condition:
        case sql.Paren():
            return _named(condition.this)
        case sql.And():
            left, right = _named(condition.left), _named(condition.right)
            return left if right is None else right
        case sql.Or():
            left, right = _named(condition.left), _named(condition.right)
            return None if left is None or right is None else left | right
        case sql.EQ() if _names_type(condition):
            return frozenset((condition.right.name,))
    return None


def without_type(measured: sql.Expr) -> None:
    """Take the comparison with the type out of a formula's FILTERs, in place: where all rows that are read are of one type,
    it costs as much as the rest of a percentile and says nothing.
    """
    for filtered in list(measured.find_all(sql.Filter)):
        condition = filtered.expression.this
        parts = condition.flatten() if isinstance(condition, sql.And) else [condition]
        kept = [each for each in parts if not _names_type(each)]
        if kept:
            filtered.expression.set("this", sql.and_(*kept, copy=False))
        else:
            filtered.replace(filtered.this)


def _names_type(condition: sql.Expr) -> bool:
    return isinstance(condition, sql.EQ) and isinstance(condition.left, sql.Column) and condition.left.name == "type"
