"""What pages fetched: by URL group, type, party or host; how often, how long, how large, and which are slow.

The client samples: by default it keeps every document, script, style sheet and font of a load, and the first few of the
others. So counts are of what was recorded.
"""

from typing import Any, Literal

from openrum.query.hints import too_few
from openrum.query.measures import is_type
from openrum.query.question import DEFAULT_LIMIT, BadQuestion
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template
from openrum.query.waterfall import REAL_LOAD


class ResourcesForm(ScopeForm, kw_only=True):
    """What a row is, how many of them, and from how many milliseconds on a resource is slow."""

    by: Literal["url", "type", "party", "host"] = "url"
    limit: int = DEFAULT_LIMIT
    slow_ms: float = 1_000


_KEYS = {
    "host": "url_host",
    "url": "url",
    "type": "file_type",
    "party": "CASE WHEN first_party THEN 'first' WHEN NOT first_party THEN 'third' END",
}
_ROWS = {"url": ("host", "url", "type", "party"), "type": ("type",), "party": ("party",), "host": ("host", "party")}
_OF_RESOURCES = frozenset(("type", "resource_url", "resource_host", "resource_type", "first_party"))
"""Dimensions that only resources have: a filter of theirs chooses resources, and not the loads that fetched them."""


def _template(by: str) -> str:
    keys = _ROWS[by]
    names = ", ".join(f"{key}_key" for key in keys)
    return f"""
SELECT {names}, resources, samples, percentiles, size_avg, size_sum,
       time_sum / nullif(sum(time_sum) OVER (), 0) AS time_share, slow / nullif(samples, 0) AS slow_share,
       count(*) OVER () AS all_groups
FROM (SELECT {", ".join(f"{_KEYS[key]} AS {key}_key" for key in keys)}, count(*) AS resources, count(duration) AS samples,
             quantile_cont(duration, [0.5, 0.75, 0.95]) AS percentiles,
             avg(transfer_size) AS size_avg, sum(transfer_size) AS size_sum, sum(duration) AS time_sum,
             count(*) FILTER (WHERE duration > $slow_ms) AS slow
      FROM scope WHERE {is_type("performance_resource")}
      GROUP BY {", ".join(str(at + 1) for at in range(len(keys)))}) AS g
ORDER BY time_share DESC NULLS LAST, resources DESC, {", ".join(f"{key}_key NULLS LAST" for key in keys)} LIMIT $limit
"""


_TEMPLATES = {by: _template(by) for by in _ROWS}
_LOADS = f"SELECT count(*) AS loads FROM scope WHERE {REAL_LOAD}"
_FIGURES = [
    "resources", "per_load", "samples", "duration_p50", "duration_p75", "duration_p95", "transfer_size_avg", "transfer_size_sum",
    "time_share", "slow_share", "slow",
]  # fmt: skip


def _resources(form: ResourcesForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    if not form.slow_ms >= 0:
        raise BadQuestion("slow_ms", "must be 0 or more milliseconds")
    built = from_template(_TEMPLATES[form.by], scope, Parameters(), limit=limit, slow_ms=float(form.slow_ms))
    found = asking.rows(built)
    [[loads]] = asking.rows(from_template(_LOADS, scope.without(_OF_RESOURCES), Parameters()))
    columns = [*_ROWS[form.by], *_FIGURES]
    rows = [_row(row, len(_ROWS[form.by]), loads, form.slow_ms) for row in found]
    groups = found[0][-1] if found else 0
    return asking.table(columns, rows, loads=loads, groups=groups, hints=too_few(columns, rows))


def _row(row: list[Any], width: int, loads: int, slow_ms: float) -> list[Any]:
    resources, samples, percentiles, *rest = row[width:-1]
    p50, p75, p95 = percentiles if samples else (None, None, None)
    per_load = resources / loads if loads else None
    return [*row[:width], resources, per_load, samples, p50, p75, p95, *rest, None if p75 is None else p75 > slow_ms]


RESOURCES = Special(
    "resources",
    "files that pages fetched, by URL group, type, party or host, those first that took most of the time: how often a page"
    " load fetched them, duration, size as it went over the network (0 from a cache, or where a foreign host does not"
    " tell), the share of the sum of all durations, and which are slow: more than a quarter took longer than `slow_ms`",
    ResourcesForm,
    _resources,
)
