"""Where the raw events of GetAppMonitorData stand: positions, in order of time, page by page.

Values of one filter are alternatives, several filters must all hold; `Invert` leaves out the events of which any of the
other attributes has the value (the service's own example is Invert = Chrome).
"""

from dataclasses import dataclass

from sqlglot import expressions as sql

from openrum.events import BUILT_IN_TYPE_PREFIX
from openrum.limits import Limits
from openrum.query.run import scan
from openrum.query.scope import Scope
from openrum.query.tree import TABLE, Built, Parameters, finish, in_range
from openrum.store import Readable

_COLUMNS = {
    "Browser": "browser",
    "Device": "device",
    "Country": "country",
    "Page": "page",
    "OS": "os",
    "EventType": "type",
}
_INVERT = "Invert"
_PLACE = ("time", "day", "block", "record", "index")

Place = tuple[int, int, int, int, int]
"""Time, then position: day, block, record, place in RumEvents. What the order goes by."""


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One page. `further` is where the next one begins; None at the end."""

    places: list[Place]
    further: Place | None


def events_page(
    store: Readable,
    limits: Limits,
    *,
    monitor: str,
    after_ms: int,
    before_ms: int,
    filters: list[tuple[str, list[str]]],
    size: int,
    behind: Place | None,
) -> EventsPage:
    """The next `size` events of [after, before), behind a place where one is given."""
    begin_ms = after_ms if behind is None else max(after_ms, behind[0])
    scope = Scope(monitor, _bounded(begin_ms), _bounded(before_ms))
    rows = scan(_build(scope, filters, size, behind), store, limits, rows_max=size + 1).rows
    places: list[Place] = [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
    further = places[size - 1] if len(places) > size else None
    return EventsPage(places[:size], further)


def _build(scope: Scope, filters: list[tuple[str, list[str]]], size: int, behind: Place | None) -> Built:
    """One more than the page, to tell whether there is another."""
    parameters = Parameters()
    conditions = in_range(scope, parameters)
    for name, values in filters:
        if name == _INVERT:
            conditions += [sql.not_(_any_of(column, _wanted(name, values), parameters)) for column in _COLUMNS.values()]
        else:
            conditions.append(_any_of(_COLUMNS[name], _wanted(name, values), parameters))
    if behind is not None:
        conditions.append(_behind(behind, parameters))
    place = [sql.column(name, quoted=True) for name in _PLACE]
    tree = sql.select(*place).from_(TABLE).where(*conditions).order_by(*(name.copy() for name in place))
    return finish(tree.limit(size + 1), parameters, scope)


def _any_of(column: str, values: list[str], parameters: Parameters) -> sql.Expr:
    """Whether the column has one of the values, case aside. One that has none has none of them."""
    if not values:
        return sql.false()
    value = sql.func("lower", sql.column(column, quoted=True))
    found = sql.In(this=value, expressions=[parameters.bind(each) for each in values])
    return sql.func("coalesce", found, sql.false())


def _behind(place: Place, parameters: Parameters) -> sql.Expr:
    """Behind in the first part, or as far in it and behind in the others."""
    behind: sql.Expr = sql.false()
    for name, at in reversed(list(zip(_PLACE, place, strict=True))):
        column, bound = sql.column(name, quoted=True), parameters.bind(at)
        further = sql.GT(this=column, expression=bound)
        level = sql.EQ(this=column.copy(), expression=bound.copy())
        behind = sql.or_(further, sql.and_(level, behind))
    return behind


def _wanted(name: str, values: list[str]) -> list[str]:
    """In lower case; a type is understood by its short name, too."""
    lowered = [value.lower() for value in values]
    if name in ("EventType", _INVERT):
        lowered += [BUILT_IN_TYPE_PREFIX + value for value in lowered]
    return lowered


def _bounded(epoch_ms: int) -> int:
    return max(-(2**63), min(epoch_ms, 2**63 - 1))
