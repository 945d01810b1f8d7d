"""Single samples of a timing, the slowest first: which page load it was, of whom, on what, and what it waited for.

The last step from a percentile down to one event: `event` is its id and `session` whose it is, so that it can be shown whole.
"""

from functools import cache
from typing import Any, Literal

from openrum.query.measures import TIMINGS
from openrum.query.scope import Scope
from openrum.query.sequence import IN_ORDER
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template


class SlowestForm(ScopeForm, kw_only=True):
    """Of which timing, how many, and none above `at_most`: with the percentile there, those just under it come first."""

    timing: Literal["lcp", "inp", "cls", "fcp", "ttfb", "fid", "load", "resource"] = "lcp"
    limit: int = 20
    at_most: float | None = None


_TELLING = (
    "page", "page_group", "title", "target", "url", "interaction_type", "navigation_type",
    "browser", "os", "device", "country", "release",
)  # fmt: skip
_COLUMNS = ["event", "session", "time", "value", *_TELLING]


@cache
def _template(name: str, bounded: bool) -> str:
    timing = TIMINGS[name]
    value = timing.column
    bound = f" AND {value} <= $at_most" if bounded else ""
    return f"""
SELECT CAST(id AS VARCHAR) AS event_id, CAST("session" AS VARCHAR) AS session_id, "time", {value} AS measured,
       {", ".join(f'"{column}"' for column in _TELLING)}
FROM scope WHERE {timing.is_its} AND {value} IS NOT NULL{bound}
ORDER BY {value} DESC, {IN_ORDER} LIMIT $limit
"""


def _slowest(form: SlowestForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    bound: dict[str, Any] = {} if form.at_most is None else {"at_most": float(form.at_most)}
    built = from_template(_template(form.timing, bool(bound)), scope, Parameters(), limit=limit, **bound)
    return asking.table(_COLUMNS, asking.rows(built), timing=form.timing)


SLOWEST = Special(
    "slowest",
    "single samples of a timing, the slowest first, or from `at_most` down: event, session, time, page, the element or file,"
    " and on what it ran",
    SlowestForm,
    _slowest,
)
