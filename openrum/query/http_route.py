"""One route of requests: single requests of it, the newest failed, the newest, or the slowest; and what the failures said.

As in http_routes.py, only X-Ray's traces have durations. A request has that of the trace whose id it names; the slowest
are traces themselves.
"""

from typing import Any, Literal

from sqlglot import expressions as sql

from openrum.query.http_routes import OF_REQUESTS
from openrum.query.measures import is_type
from openrum.query.question import BadQuestion
from openrum.query.scope import Scope
from openrum.query.sequence import IN_REVERSE, POSITION
from openrum.query.special import Asking, ScopeForm, Special, Table
from openrum.query.tree import Parameters, from_template

SAMPLES_MAX = 100
_MESSAGES = 20


class HttpRouteForm(ScopeForm, kw_only=True):
    """Which route, as a row of `http-routes` names it: null where that has null. Which of its requests, and how many."""

    host: str | None = None
    route: str | None = None
    method: str | None = None
    show: Literal["failed", "newest", "slowest"] = "failed"
    samples: int = 20


_SAMPLE = {
    "id": "CAST(id AS VARCHAR)",
    "time": '"time"',
    "session": 'CAST("session" AS VARCHAR)',
    "user": 'CAST("user" AS VARCHAR)',
    **{name: f'"{name}"' for name in ("page", "page_group", "release", "browser", "os", "device", "country")},
    "status": "http_status",
    **{name: name for name in ("error_type", "error_message", "trace_id", "duration")},
    **{name: f'"{name}"' for name in POSITION},
}
COLUMNS = list(_SAMPLE)
_TOLD = ", ".join(f"{formula} AS its_{name}" for name, formula in _SAMPLE.items())

_HTTP = is_type("http")
_TRACE = f"{is_type('xray_trace')} AND duration >= 0"
_FAILED = "(http_status >= 400 OR http_status IS NULL)"  # as the measure `http_errors` has it
_CHOSEN = {
    "failed": (f"{_HTTP} AND {_FAILED}", IN_REVERSE),
    "newest": (_HTTP, IN_REVERSE),
    "slowest": (_TRACE, f"duration DESC, {IN_REVERSE}"),
}


def _http_route(form: HttpRouteForm, scope: Scope, asking: Asking) -> Table:
    """Requests as rows, beside them `messages`: status, type and text of failures, how many, and in how many sessions."""
    if not 1 <= form.samples <= SAMPLES_MAX:
        raise BadQuestion("samples", f"must be 1 to {SAMPLES_MAX}")
    # A filter on what only requests have finds no trace, whose route is asked for all the same.
    traced = scope.without(OF_REQUESTS)
    rows = _samples(form, traced if form.show == "slowest" else scope, asking)
    if form.show != "slowest":
        _add_durations(rows, traced, asking)
    return asking.table(COLUMNS, rows, messages=_messages(form, scope, asking))


def _samples(form: HttpRouteForm, scope: Scope, asking: Asking) -> list[list[Any]]:
    chosen, order = _CHOSEN[form.show]
    of_route, values = _of_route(form)
    template = f"SELECT {_TOLD} FROM scope WHERE {chosen} AND {of_route} ORDER BY {order} LIMIT $limit"
    return asking.rows(from_template(template, scope, Parameters(), limit=form.samples, **values))


def _messages(form: HttpRouteForm, scope: Scope, asking: Asking) -> list[list[Any]]:
    of_route, values = _of_route(form)
    template = f"""
SELECT http_status, error_type, error_message, count(*) AS n, count(DISTINCT "session") AS sessions
FROM scope WHERE {_HTTP} AND {_FAILED} AND {of_route}
GROUP BY http_status, error_type, error_message
ORDER BY n DESC, http_status NULLS LAST, error_type NULLS LAST, error_message NULLS LAST LIMIT $limit
"""
    return asking.rows(from_template(template, scope, Parameters(), limit=_MESSAGES, **values))


def _add_durations(rows: list[list[Any]], scope: Scope, asking: Asking) -> None:
    """Give each row the duration of its trace, of the longest where several have the id."""
    trace, duration = COLUMNS.index("trace_id"), COLUMNS.index("duration")
    parameters = Parameters()
    wanted = [parameters.bind(name) for name in sorted({row[trace] for row in rows if row[trace] is not None})]
    if not wanted:
        return
    template = f"SELECT trace_id, max(duration) AS longest FROM scope WHERE {_TRACE} AND @wanted GROUP BY trace_id LIMIT $limit"
    slots: dict[str, sql.Expr] = {"wanted": sql.In(this=sql.column("trace_id"), expressions=wanted)}
    found = asking.rows(from_template(template, scope, parameters, slots=slots, limit=len(wanted)))
    durations = dict(found)
    for row in rows:
        row[duration] = durations.get(row[trace])


def _of_route(form: HttpRouteForm) -> tuple[str, dict[str, Any]]:
    """The condition of the route's events, and the values in it."""
    named = {"host": ("url_host", form.host), "route": ("url", form.route), "method": ("http_method", form.method)}
    conditions = [
        f"{column} IS NULL" if value is None else f"{column} = ${name}" for name, (column, value) in named.items()
    ]
    return " AND ".join(conditions), {name: value for name, (_, value) in named.items() if value is not None}


HTTP_ROUTE = Special(
    "http-route",
    "single requests of one route, each to be read as it was sent: the newest that failed, the newest, or the slowest that"
    " X-Ray traced; and what the failed ones said",
    HttpRouteForm,
    _http_route,
)
