"""The navigation waterfall: how long each phase of loading a page took, from the redirects to the load event.

Of real loads alone: a route that changes within a page has no phases. What the client sends are spans for some phases and
offsets for others (docs/sql.md); here each becomes a span, one after the other, so that together they are the whole load.
"""

from dataclasses import dataclass
from typing import Any

from openrum.query.hints import too_few
from openrum.query.measures import is_type
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table
from openrum.query.tree import Parameters, from_template

REAL_LOAD = f"{is_type('performance_navigation')} AND coalesce(initiator_type, '') <> 'route_change'"
"""The condition of a page that was loaded, not of a route that changed within it."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a load. Its formula stands over `_MOMENTS`, in milliseconds; null where it cannot be told."""

    name: str
    meaning: str
    formula: str


PHASES = (
    Phase("redirect", "redirects to the page; browsers hide those that cross origins", "redirect_time"),
    Phase(
        "unload",
        "the browser's own, before it fetches anything: it leaves the page before",
        "fetch_start - coalesce(redirect_time, 0) - coalesce(worker_time, 0)",
    ),
    Phase("worker", "the service worker starts", "worker_time"),
    Phase(
        "fetch",
        "all else until the request is sent: the HTTP cache is asked, a connection is waited for",
        "response_began - wait - fetch_start - coalesce(dns, 0) - coalesce(connect, 0)",
    ),
    Phase("dns", "the host is looked up", "dns"),
    Phase("connect", "the connection is made, without TLS", "connect - coalesce(tls_time, 0)"),
    Phase("tls", "TLS is agreed upon", "tls_time"),
    Phase("request", "from the request to the first byte of the response", "wait"),
    Phase("response", "from its first byte to its last", "download"),
    Phase("dom_interactive", "from there until the document is parsed", "interactive - response_began - download"),
    Phase("dom_content_loaded", "deferred scripts, until DOMContentLoaded begins", "content_loaded - interactive"),
    Phase("dom_complete", "from there until all that the document needs is there", "complete - content_loaded"),
    Phase("load_event", "what the page does in its load event", "load_event_time"),
)
"""In the order in which they happen."""

# What was never reached, or is not told, has the offset 0.
_MOMENTS = f"""
SELECT CASE WHEN duration > 0 THEN duration END AS whole,
       redirect_time, worker_time, fetch_start, dns, connect, tls_time, load_event_time,
       nullif(response_start, 0) AS response_began,
       CASE WHEN response_start <> 0 THEN time_to_first_byte END AS wait,
       CASE WHEN response_start <> 0 THEN response_time END AS download,
       nullif(dom_interactive, 0) AS interactive, nullif(dom_content_loaded, 0) AS content_loaded,
       nullif(dom_complete, 0) AS complete
FROM scope WHERE {REAL_LOAD}
"""
_SPANS = ", ".join(f"{phase.formula} AS {phase.name}_span" for phase in PHASES)
# Clocks are coarse, and a stranger sends what it likes: no span is less than nothing. `greatest` would make 0 of null.
_CLAMPED = ", ".join(f"CASE WHEN {p.name}_span < 0 THEN 0 ELSE {p.name}_span END AS {p.name}_ms" for p in PHASES)


def _statistics(column: str) -> str:
    return f"count({column}), avg({column}), quantile_cont({column}, [0.5, 0.75, 0.95])"


_WATERFALL = f"""
SELECT count(*) AS loads, {", ".join(_statistics(column) for column in ("whole", *(f"{p.name}_ms" for p in PHASES)))}
FROM (SELECT whole, {_CLAMPED} FROM (SELECT whole, {_SPANS} FROM ({_MOMENTS}) AS m) AS s) AS c
"""
_WIDTH = 3  # of what `_statistics` gives
_COLUMNS = ["phase", "start", "mean", "p50", "p75", "p95", "samples", "share"]


def _waterfall(_form: ScopeForm, scope: Scope, asking: Asking) -> Table:
    [[loads, *found]] = asking.rows(from_template(_WATERFALL, scope, Parameters()))
    load, *spans = (_figures(*found[at : at + _WIDTH]) for at in range(0, len(found), _WIDTH))
    whole = sum(span["mean"] or 0 for span in spans)
    rows: list[list[Any]] = []
    start = 0.0
    for phase, span in zip(PHASES, spans, strict=True):
        mean = span["mean"]
        share = mean / whole if whole and mean is not None else None
        rows.append([phase.name, start if loads else None, *span.values(), share])
        start += mean or 0
    return asking.table(_COLUMNS, rows, loads=loads, load=load, hints=too_few(_COLUMNS, rows))


def _figures(samples: int, mean: float | None, percentiles: list[float] | None) -> dict[str, Any]:
    """The statistics of a span by their names, in the order of the columns. An engine may have NaN for the percentiles of nothing."""
    p50, p75, p95 = percentiles if samples and percentiles else (None, None, None)
    return {"mean": mean if samples else None, "p50": p50, "p75": p75, "p95": p95, "samples": samples}


WATERFALL = Special(
    "waterfall",
    "phases of loading a page, one a row, each behind the one before: mean, percentiles, and share of the load."
    " `start` is where the bar of the mean begins; `load` is the duration of the whole",
    ScopeForm,
    _waterfall,
)
