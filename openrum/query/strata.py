"""Strata: the samples of a timing on two sides, cut by dimensions until like is compared with like. SQL alone, no statistics.

A stratum is a combination of values. One with too few samples on either side is compared with nothing. It is not joined to
its neighbours: where they differ in speed, and the sides in how they are mixed, that would pass for a change.
"""

from collections.abc import Sequence
from functools import cache

from sqlglot import expressions as sql

from openrum.query.dimensions import TIME, dimension_named
from openrum.query.question import BadQuestion, known_dimension
from openrum.query.tree import Parameters, formula, label

BASELINE, CANDIDATE = 0, 1


def parse_dimensions(names: Sequence[str], field: str, most: int) -> tuple[str, ...]:
    """Dimensions by which events are told apart: those of which an event has one value. Raises BadQuestion."""
    if len(names) > most:
        raise BadQuestion(field, f"at most {most}")
    for index, name in enumerate(names):
        place = f"{field}[{index}]"
        dimension = dimension_named(known_dimension(name, place))
        if name == TIME:
            raise BadQuestion(place, "time is no value to compare by; ask for another range instead")
        if dimension.of_many:
            raise BadQuestion(place, f"an event has several values of {name}; take one of which it has one")
        if name in names[:index]:
            raise BadQuestion(place, "stands twice")
    return tuple(names)


def text_label(name: str, parameters: Parameters) -> sql.Expr:
    """The value of a dimension as a text, the same from either engine."""
    value = label(name, parameters)
    if dimension_named(name).kind == "boolean":
        yes, no = sql.Literal.string("true"), sql.Literal.string("false")
        return sql.Case().when(value, yes).when(sql.not_(sql.paren(value.copy())), no)
    return sql.cast(value, "VARCHAR")


def labels(names: Sequence[str], parameters: Parameters) -> dict[str, sql.Expr]:
    """The slots @d0, @d1, … of a template. Without names there is one, that is the same everywhere."""
    if not names:
        return {"d0": formula("''")}
    return {f"d{index}": text_label(name, parameters) for index, name in enumerate(names)}


@cache
def strata_of(width: int, parts: int, columns: str) -> str:
    """Tables of a template: `samples` (side, the labels d0 to d<width - 1>, sample, columns), and `strata` of them.

    Slots: @side (0 baseline, 1 candidate), @within (is on either side), @is_its (is a sample), @sample (its value).
    Values: $fewest samples on either side. The first `parts` labels make the parts of the whole, where there are any: those are numbered by size, what
    is beyond $parts_max is part 0. What is compared with nothing is part -1.

    A row of `strata` is a combination of labels: its number, its part, and the weight that gives the baseline's samples the
    candidate's share.
    """
    names = [f"d{index}" for index in range(width)]
    listed, slots = ", ".join(names), ", ".join(f"@{name} AS {name}" for name in names)
    tables = [
        f"""samples AS (
            SELECT @side AS side, {slots}, @sample AS sample, {columns} FROM scope WHERE @is_its AND @within)""",
        f"counted AS (SELECT {listed}, sum(1 - side) AS b, sum(side) AS c FROM samples GROUP BY {listed})",
    ]
    alike, number = "b >= $fewest AND c >= $fewest", f"row_number() OVER (ORDER BY {listed}) AS stratum"
    weight = "c / nullif(b, 0) AS weight"
    if not parts:
        return ",\n".join(
            [
                *tables,
                f"strata AS (SELECT {listed}, {weight}, CASE WHEN {alike} THEN 0 ELSE -1 END AS part, {number} FROM counted)",
            ]
        )
    of_part = names[:parts]
    order = ", ".join(f"{name} NULLS LAST" for name in of_part)
    tables += [
        f"""parts AS (
            SELECT {", ".join(of_part)}, row_number() OVER (ORDER BY least(b, c) DESC, {order}) AS place
            FROM (SELECT {", ".join(of_part)}, sum(b) AS b, sum(c) AS c FROM counted WHERE {alike}
                  GROUP BY {", ".join(of_part)}) AS sized)""",
        f"""strata AS (
            SELECT {", ".join(f"t.{name}" for name in names)}, t.weight, t.stratum,
                   CASE WHEN NOT t.alike THEN -1 WHEN p.place <= $parts_max THEN p.place ELSE 0 END AS part
            FROM (SELECT {listed}, {weight}, {alike} AS alike, {number} FROM counted) AS t
            LEFT JOIN parts AS p ON {same("t", "p", parts)})""",
    ]
    return ",\n".join(tables)


def same(left: str, right: str, width: int) -> str:
    """The condition that two tables have the same labels; null is one of them."""
    return " AND ".join(f"{left}.d{index} IS NOT DISTINCT FROM {right}.d{index}" for index in range(width))
