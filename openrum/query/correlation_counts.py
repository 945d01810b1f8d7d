"""What correlation asks of the store: how many units have a value, and how many of them are in the subset. No judgement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import expressions as sql

from openrum.query.measures import TIMINGS, is_type
from openrum.query.scope import Filter, Scope
from openrum.query.special import Asking
from openrum.query.statistics import Cell
from openrum.query.strata import text_label
from openrum.query.tree import Built, Parameters, condition, formula, from_template

UNITS_MIN = 10
"""Of a value or a combination, below which it is not tested."""
_VALUES_MAX = 200  # of one dimension: those with the largest excess
_CELLS_MAX = 5_000
_OF_A_SESSION = frozenset(
    ("browser", "browser_version", "os", "os_version", "device", "country", "subdivision", "language")
)
"""Dimensions of which a session has one value; should it have several, the first by its text counts."""

_ABOVE = "SELECT quantile_cont(CAST(@value AS DOUBLE), 0.75) AS above FROM scope WHERE @is_unit"

_UNITS = """
units AS {once}(SELECT CASE WHEN @inside THEN 1 ELSE 0 END AS inside{labels} FROM scope WHERE @is_unit)
"""

_UNITS_OF_SESSIONS = f"""
failed AS (SELECT DISTINCT "session" FROM scope WHERE {is_type("js_error")} AND "session" IS NOT NULL),
seen AS (SELECT "session"{{labels}} FROM scope WHERE @is_unit AND "session" IS NOT NULL),
units AS {{once}}(
    SELECT CASE WHEN f."session" IS NULL THEN 0 ELSE 1 END AS inside, s."session"{{names}}
    FROM seen AS s LEFT JOIN failed AS f ON f."session" = s."session"
)
"""
_VISITORS = """,
visitors AS MATERIALIZED (SELECT max(inside) AS inside{least} FROM units GROUP BY "session")
"""

# Beside the counts, how much the subset's counts vary between sessions.
_SIZE = """
WITH {units}
SELECT coalesce(sum(units), 0) AS units, coalesce(sum(inside), 0) AS inside,
       sum(inside * inside) AS inside_squared, sum(inside * units) AS product, sum(units * units) AS units_squared
FROM (SELECT who, count(*) AS units, sum(inside) AS inside FROM units GROUP BY who) AS sessions
"""
_SIZE_OF_SESSIONS = """
WITH {units}
SELECT count(*) AS units, coalesce(sum(inside), 0) AS inside
FROM (SELECT "session", max(inside) AS inside FROM units GROUP BY "session") AS sessions
"""

# A missing value is never a finding: it mostly tells that an event is of another type.
_VALUES = """
WITH {units}
SELECT place, label, inside, units, tested FROM ({selects}) AS ranked
WHERE units >= $units_min AND place_in_order <= $values_max ORDER BY place, place_in_order
"""
_VALUES_OF_ONE = """
SELECT {place} AS place, label, inside, units,
       sum(CASE WHEN units >= $units_min THEN 1 ELSE 0 END) OVER () AS tested,
       row_number() OVER (ORDER BY inside - units * $rate DESC, label) AS place_in_order
FROM (SELECT d{place} AS label, sum(inside) AS inside, count(*) AS units FROM {table} WHERE d{place} IS NOT NULL
      GROUP BY d{place}) AS counted
"""
_VISITED = '(SELECT d{place}, max(inside) AS inside FROM units GROUP BY d{place}, "session") AS visited'

_CELLS = """
WITH {units}
SELECT sum(inside) AS inside, count(*) AS units, {labels} FROM units GROUP BY {labels}
ORDER BY units DESC, {order} LIMIT $cells_max
"""


@dataclass(frozen=True, slots=True)
class Subset:
    """`units` are what is counted: samples of a timing, events that pass filters, or sessions."""

    units: str
    is_unit: str
    timing: str | None = None
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """Units, those of them in the subset, and by what their variance exceeds that of units that do not depend on each other."""

    units: int
    inside: int
    excess_variance: float = 1.0

    @property
    def outside(self) -> int:
        """The rest."""
        return self.units - self.inside

    @property
    def rate(self) -> float:
        """The share of the units that is in the subset."""
        return self.inside / self.units


class Counts:
    """The statements about one subset. `above`: beyond which samples are in it."""

    def __init__(self, scope: Scope, subset: Subset, names: Sequence[str], asking: Asking) -> None:
        self._scope, self._subset, self._names, self._asking = scope, subset, names, asking
        self._of_sessions = subset.units == "sessions"
        self.above: float | None = None

    def find_above(self) -> None:
        """Make it the 75th percentile of the samples, where there are any."""
        parameters = Parameters()
        slots = {"value": self._value(), "is_unit": formula(self._subset.is_unit)}
        [[above]] = self._asking.rows(from_template(_ABOVE, self._scope, parameters, slots=slots))
        self.above = None if above is None else float(above)

    def size(self) -> Size:
        """How much there is."""
        if self._of_sessions:
            [[units, inside]] = self._asking.rows(self._built(_SIZE_OF_SESSIONS, labelled=False))
            return Size(int(units), int(inside))
        [[units, inside, squared, product, units_squared]] = self._asking.rows(self._built(_SIZE, labelled=False))
        if not 0 < inside < units:
            return Size(int(units), int(inside))
        rate = int(inside) / int(units)
        varies = int(squared) - 2 * rate * int(product) + rate * rate * int(units_squared)
        return Size(int(units), int(inside), max(1.0, varies / (int(units) * rate * (1 - rate))))

    def values(self, rate: float) -> list[list[Any]]:
        """Rows of dimension (its place), value, inside, units, and how many values of that dimension are tested."""
        selects = " UNION ALL ".join(
            _VALUES_OF_ONE.format(place=place, table=self._table(place)) for place in range(len(self._names))
        )
        template = _VALUES.replace("{selects}", selects)
        return self._asking.rows(
            self._built(template, once=True, units_min=UNITS_MIN, values_max=_VALUES_MAX, rate=rate)
        )

    def _table(self, place: int) -> str:
        """Where a unit has one row for each of its values of the dimension."""
        if not self._of_sessions:
            return "units"
        return "visitors" if self._names[place] in _OF_A_SESSION else _VISITED.format(place=place)

    def cells(self) -> list[Cell]:
        """What has the same values of all dimensions, the largest first."""
        listed = [f"d{place}" for place in range(len(self._names))]
        template = _CELLS.replace("{labels}", ", ".join(listed))
        template = template.replace("{order}", ", ".join(f"{name} NULLS LAST" for name in listed))
        rows = self._asking.rows(self._built(template, cells_max=_CELLS_MAX))
        return [Cell(tuple(values), int(inside), int(units)) for inside, units, *values in rows]

    def _built(self, template: str, *, labelled: bool = True, once: bool = False, **values: Any) -> Built:
        """`once`: the units are read by many, and are made for all of them."""
        parameters = Parameters()
        places = range(len(self._names)) if labelled else ()
        slots = {f"d{place}": text_label(self._names[place], parameters) for place in places}
        slots["is_unit"] = formula(self._subset.is_unit)
        if self._of_sessions:
            labels = "".join(f", @d{place} AS d{place}" for place in places)
            names = "".join(f", s.d{place}" for place in places)
            units = _UNITS_OF_SESSIONS.replace("{labels}", labels).replace("{names}", names)
            least = [f", min(d{place}) AS d{place}" for place in places if self._names[place] in _OF_A_SESSION]
            units += _VISITORS.replace("{least}", "".join(least)) if least else ""
        else:
            slots["inside"] = self._inside(parameters)
            labels = "".join(f", @d{place} AS d{place}" for place in places) or ', coalesce("session", id) AS who'
            units = _UNITS.replace("{labels}", labels)
        units = units.replace("{once}", "MATERIALIZED " if once else "")
        return from_template(template.replace("{units}", units), self._scope, parameters, slots=slots, **values)

    def _inside(self, parameters: Parameters) -> sql.Expr:
        if self._subset.timing is None:
            return sql.and_(*(condition(each, parameters) for each in self._subset.filters))
        return sql.GT(this=self._value(), expression=parameters.bind(self.above))

    def _value(self) -> sql.Expr:
        return formula(TIMINGS[self._subset.timing or ""].column)
