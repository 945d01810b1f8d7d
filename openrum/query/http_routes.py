"""Requests by route: how many, how many failed and how, whom it hit, and how long they took where traces tell.

An HTTP event has no duration. The client's X-Ray trace of the same request has one, and its route too: so durations are
those of traced requests, without a join. They stand for all requests where all are traced, also where the client
records failed requests alone.
"""

from typing import Any, Literal

from openrum.query.hints import too_few
from openrum.query.measures import is_type
from openrum.query.question import DEFAULT_LIMIT
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template


class HttpRoutesForm(ScopeForm, kw_only=True):
    """By what routes are ordered, the largest first, and how many."""

    order: Literal["requests", "failures", "failure_rate", "affected_sessions"] = "requests"
    limit: int = DEFAULT_LIMIT


_KEYS = "url_host, url, http_method"
_FAILED = "(http_status >= 400 OR http_status IS NULL)"  # as the measure `http_errors` has it
_CLASSES = {f"http_{digit}xx": f"http_status BETWEEN {digit}00 AND {digit}99" for digit in range(2, 6)}
_CLASSES["network_errors"] = "http_status IS NULL"
_CLASSES["other"] = "http_status NOT BETWEEN 200 AND 599"
_COUNTS = ", ".join(f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in _CLASSES.items())
_FIGURES = ["requests", "failures", "failure_rate", *_CLASSES, "affected_sessions"]
_ROUTE = ["host", "route", "method"]
_DURATIONS = ["traces", "duration_p50", "duration_p75", "duration_p95"]
OF_REQUESTS = frozenset(("type", "http_url", "http_host", "error_type"))
"""Dimensions that a trace lacks. It is found by its route all the same."""


def _template(order: str) -> str:
    """The routes in an order of ours."""
    return f"""
SELECT host, route, method, requests, failures, failures / requests AS failure_rate, {", ".join(_CLASSES)}, affected_sessions,
       count(*) OVER () AS all_groups
FROM (SELECT url_host AS host, url AS route, http_method AS method, count(*) AS requests,
             count(*) FILTER (WHERE {_FAILED}) AS failures, {_COUNTS},
             count(DISTINCT "session") FILTER (WHERE {_FAILED}) AS affected_sessions
      FROM scope WHERE {is_type("http")} GROUP BY {_KEYS}) AS g
ORDER BY {order} DESC, requests DESC, host NULLS LAST, route NULLS LAST, method NULLS LAST LIMIT $limit
"""


_TEMPLATES = {order: _template(order) for order in ("requests", "failures", "failure_rate", "affected_sessions")}
_TRACES = f"""
SELECT url_host AS host, url AS route, http_method AS method, count(duration) AS traces,
       quantile_cont(duration, [0.5, 0.75, 0.95]) AS percentiles
FROM scope WHERE {is_type("xray_trace")} AND duration >= 0
GROUP BY {_KEYS} ORDER BY traces DESC, host NULLS LAST, route NULLS LAST, method NULLS LAST LIMIT $limit
"""


def _http_routes(form: HttpRoutesForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    found = asking.rows(from_template(_TEMPLATES[form.order], scope, Parameters(), limit=limit))
    durations = _durations(scope, asking) if found else {}
    rows = [[*row[:-1], *durations.get(tuple(row[: len(_ROUTE)]), (0, None, None, None))] for row in found]
    columns = [*_ROUTE, *_FIGURES, *_DURATIONS]
    return asking.table(columns, rows, groups=found[0][-1] if found else 0, hints=too_few(columns, rows, "traces"))


def _durations(scope: Scope, asking: Asking) -> dict[tuple[Any, ...], list[Any]]:
    """By route: how many traces it has, and the percentiles of their durations."""
    built = from_template(_TRACES, scope.without(OF_REQUESTS), Parameters(), limit=asking.limits.query_rows)
    return {tuple(route): [traces, *percentiles] for *route, traces, percentiles in asking.rows(built)}


HTTP_ROUTES = Special(
    "http-routes",
    "requests by host, route and method: how many failed (4xx, 5xx, no answer), the classes of their statuses, the sessions"
    " with a failure, and the duration of those that X-Ray traced; an HTTP event itself has none",
    HttpRoutesForm,
    _http_routes,
)
