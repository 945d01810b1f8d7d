"""Where the raw events of GetAppMonitorData stand: positions, in order of time, page by page.

Values of one filter are alternatives, several filters must all hold; `Invert` leaves out the events of which any of the
other attributes has the value (the service's own example is Invert = Chrome).
"""

from dataclasses import dataclass
from typing import Any

from openrum.events import BUILT_IN_TYPE_PREFIX
from openrum.limits import Limits
from openrum.store import Reads, Store

_COLUMNS = {
    "Browser": "browser",
    "Device": "device",
    "Country": "country",
    "Page": "page",
    "OS": "os",
    "EventType": "type",
}

_READ = frozenset(("monitor", "time", "type", "day", "block", "record", "index", *_COLUMNS.values()))

Place = tuple[int, int, int, int, int]
"""Time, then position: day, block, record, place in RumEvents. What the order goes by."""


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One page. `further` is where the next one begins; None at the end."""

    places: list[Place]
    further: Place | None


def events_page(
    store: Store,
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
    parameters: dict[str, Any] = {"monitor": monitor, "after": _bounded(after_ms), "before": _bounded(before_ms)}
    conditions = ["monitor = $monitor::UUID", '"time" >= $after', '"time" < $before']
    for number, (name, values) in enumerate(filters):
        if name == "Invert":
            conditions += [_none_of(column, f"f{number}") for column in _COLUMNS.values()]
        else:
            conditions.append(f'lower("{_COLUMNS[name]}") IN (SELECT unnest($f{number}))')
        parameters[f"f{number}"] = _wanted(name, values)
    if behind is not None:
        conditions.append('("time", day, block, record, "index") > ($b0, $b1, $b2, $b3, $b4)')
        parameters |= {f"b{index}": part for index, part in enumerate(behind)}
    text = (
        'SELECT "time", day, block, record, "index" FROM event_rows WHERE '
        + " AND ".join(conditions)
        + f' ORDER BY "time", day, block, record, "index" LIMIT {size + 1}'
    )
    reads = Reads(_READ, parameters["after"], parameters["before"])
    rows = store.run(text, parameters, timeout_s=limits.query_s, rows_max=size + 1, reads=reads).rows
    places: list[Place] = [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
    further = places[size - 1] if len(places) > size else None
    return EventsPage(places[:size], further)


def _none_of(column: str, parameter: str) -> str:
    return f'("{column}" IS NULL OR lower("{column}") NOT IN (SELECT unnest(${parameter})))'


def _wanted(name: str, values: list[str]) -> list[str]:
    """In lower case; a type is understood by its short name, too."""
    lowered = [value.lower() for value in values]
    if name in ("EventType", "Invert"):
        lowered += [BUILT_IN_TYPE_PREFIX + value for value in lowered]
    return lowered


def _bounded(epoch_ms: int) -> int:
    return max(-(2**63), min(epoch_ms, 2**63 - 1))
