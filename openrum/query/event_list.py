"""Events one by one, newest first: page by page, those that were received lately, or a single one by its id.

The newest of a long range lie in its last part, so that is looked at first; and only the few that are shown are read whole.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec

from openrum.query.question import DEFAULT_LIMIT, BadQuestion
from openrum.query.scope import Scope
from openrum.query.sequence import BEFORE, IN_REVERSE, POSITION
from openrum.query.session_timeline import PLACE_NAMES, TELLING, parse_place
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template, label


class EventsForm(ScopeForm, kw_only=True):
    """How many, and behind which: `behind` of the answer that told the newer ones.

    `id` asks for one event alone, `received_from` for those that came at that epoch millisecond or later, whenever they
    happened. `stacks` adds the stacks of errors, and their frames.
    """

    limit: int = DEFAULT_LIMIT
    behind: list[int] | None = None
    id: str | None = None
    received_from: int | None = None
    stacks: bool = False


_OF_WHOM = ("browser", "os", "device", "country", "release")
_FORMULAS: dict[str, str] = {
    "id": "CAST(id AS VARCHAR)",
    "time": '"time"',
    "type": "@type",
    "received": "received",
    "session": 'CAST("session" AS VARCHAR)',
    "user": 'CAST("user" AS VARCHAR)',
    **{name: f'"{name}"' for name in (*_OF_WHOM, *TELLING)},
    "attributes": "CAST(attributes AS VARCHAR)",
    **{name: f'"{name}"' for name in POSITION},
}
COLUMNS = list(_FORMULAS)
_ATTRIBUTES = COLUMNS.index("attributes")

_LATER_PARTS = (4_096, 64, 1)  # of the range, the part that is looked at first, and those after it
_ROWS = f"SELECT {{columns}} FROM scope{{which}} ORDER BY {IN_REVERSE} LIMIT $limit"
_PLACE = ", ".join(f'"{name}"' for name in PLACE_NAMES)


def _events(form: EventsForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    which, bound = _which(form)
    if form.behind is not None:
        scope = replace(scope, to_ms=min(scope.to_ms, max(scope.from_ms, form.behind[0] + 1)))
    places, more = _places(which, bound, limit, scope, asking)
    columns = [*COLUMNS, *["stack"] * form.stacks]
    if not places:
        return asking.table(columns, [], behind=None)
    formulas = {**_FORMULAS, **({"stack": "error_stack"} if form.stacks else {})}
    told = ", ".join(f"{formula} AS its_{name}" for name, formula in formulas.items())
    parameters = Parameters()
    built = from_template(
        _ROWS.format(columns=told, which=which),
        replace(scope, from_ms=places[-1][0], to_ms=places[0][0] + 1),
        parameters,
        slots={"type": label("type", parameters)},
        limit=len(places),
        **bound,
    )
    rows = asking.rows(built)
    for row in rows:  # engines write the same number in ways of their own
        row[_ATTRIBUTES] = msgspec.json.decode(row[_ATTRIBUTES]) if row[_ATTRIBUTES] else None
    return asking.table(columns, rows, behind=places[-1] if more else None)


def _which(form: EventsForm) -> tuple[str, dict[str, Any]]:
    """The condition beside the scope's, and what is bound in it."""
    conditions: list[str] = []
    bound: dict[str, Any] = {}
    if form.behind is not None:
        conditions.append(BEFORE)
        bound |= parse_place(form.behind)
    if form.id is not None:
        conditions.append("id = CAST($id AS UUID)")
        bound["id"] = _parse_id(form.id)
    if form.received_from is not None:
        conditions.append("received >= $received")
        if abs(form.received_from) >= 1 << 63:
            raise BadQuestion("received_from", "must be a time in epoch milliseconds")
        bound["received"] = form.received_from
    return f" WHERE {' AND '.join(conditions)}" if conditions else "", bound


def _parse_id(event: str) -> str:
    try:
        return str(UUID(event))
    except ValueError:
        raise BadQuestion("id", "must be the id of an event, a UUID") from None


def _places(
    which: str, bound: dict[str, Any], limit: int, scope: Scope, asking: Asking
) -> tuple[list[list[Any]], bool]:
    """Time and position of the events to show, newest first, and whether there are more behind them."""
    length = scope.to_ms - scope.from_ms
    template = _ROWS.format(columns=_PLACE, which=which)
    for part in _LATER_PARTS:
        near = replace(scope, from_ms=scope.to_ms - length // part)
        answer = asking.answer(from_template(template, near, Parameters(), limit=limit + 1, **bound))
        more = answer.truncated or len(answer.rows) > limit
        if more:
            break
    return [list(row) for row in answer.rows[:limit]], more


EVENTS = Special(
    "events",
    "events one by one, the newest first, page by page; or one alone by its `id`, or those received from a moment on",
    EventsForm,
    _events,
)
