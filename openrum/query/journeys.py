"""Ways through a site: from page to page, and for a Sankey step by step, from a page on or back from it.

A way is the page views of a session in their order. A page that is viewed twice in a row (a reload, a change of filters)
is one place of it. Page views without a session are on no way.
"""

from typing import Any, Literal

from openrum.query.question import DEFAULT_LIMIT, BadQuestion
from openrum.query.scope import Scope
from openrum.query.sequence import PLACE
from openrum.query.sources import VIEW
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template, label

STEPS_MAX = 8
TOP_MAX = 30
"""So that steps by pages by pages stay within the rows of an answer."""


class JourneysForm(ScopeForm, kw_only=True):
    """Without `steps`, pairs of pages, the commonest first.

    With it, that many steps `forward` from a page or `backward` from it, where `start` is none from where sessions begin or
    back from where they end; of each step the `top` pages, and the others as one.
    """

    by: Literal["page", "page_group"] = "page"
    limit: int = DEFAULT_LIMIT
    steps: int | None = None
    start: str | None = None
    direction: Literal["forward", "backward"] = "forward"
    top: int = 10


PAIR_COLUMNS = ["from", "to", "count"]
STEP_COLUMNS = ["step", "from", "to", "count", "from_kind", "to_kind"]
PAGE, OTHER, ENTRY, EXIT = "page", "other", "entry", "exit"
"""Kinds of `from` and `to`: a page, the pages beyond the top ones, the beginning and the end of a session. All but a page
are null, and so is the page of views that tell none.
"""


def _journeys(form: JourneysForm, scope: Scope, asking: Asking) -> Table:
    if form.steps is not None:
        return _steps(form, form.steps, scope, asking)
    if form.start is not None:
        raise BadQuestion("start", "is where `steps` begin; say how many, from 1 to 8")
    return _pairs(form, scope, asking)


# ── Pairs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_VIEWS = f'SELECT "session" AS who, {PLACE} AS place, @page AS page_ FROM scope WHERE {VIEW} AND "session" IS NOT NULL'

# One pass puts the views in order; the three lists are made of what it counts. That there is no view behind is told by its
# place, for it may have no page.
_PAIRS = f"""
WITH linked AS (
    SELECT page_ AS here, lead(page_) OVER way AS there, row_number() OVER way = 1 AS enters,
           lead(place) OVER way IS NULL AS leaves
    FROM ({_VIEWS}) AS views WINDOW way AS (PARTITION BY who ORDER BY place)
), counted AS (
    SELECT here, there, enters, leaves, count(*) AS n FROM linked GROUP BY here, there, enters, leaves
)
SELECT what, here, there, n FROM (
    SELECT what, here, there, n,
           row_number() OVER (PARTITION BY what ORDER BY n DESC, here NULLS LAST, there NULLS LAST) AS nth
    FROM (
        SELECT 0 AS what, here, there, sum(n) AS n FROM counted
        WHERE NOT leaves AND here IS DISTINCT FROM there GROUP BY here, there
        UNION ALL
        SELECT 1 AS what, here, CAST(NULL AS VARCHAR) AS there, sum(n) AS n FROM counted WHERE enters GROUP BY here
        UNION ALL
        SELECT 2 AS what, here, CAST(NULL AS VARCHAR) AS there, sum(n) AS n FROM counted WHERE leaves GROUP BY here
    ) AS lists
) AS ranked WHERE nth <= CASE WHEN what = 0 THEN $pairs ELSE $ends END ORDER BY what, nth
"""
_ENDS = 100


def _pairs(form: JourneysForm, scope: Scope, asking: Asking) -> Table:
    """Pairs of consecutive views of different pages; beside them the pages where sessions begin and end."""
    limit = check_limit(form.limit, asking.limits)
    ends = min(_ENDS, (asking.limits.query_rows - limit) // 2)
    parameters = Parameters()
    built = from_template(_PAIRS, scope, parameters, slots={"page": label(form.by, parameters)}, pairs=limit, ends=ends)
    found = asking.rows(built)
    pairs = [row[1:] for row in found if row[0] == 0]
    entries, exits = ([[here, count] for what, here, _, count in found if what == which] for which in (1, 2))
    return asking.table(PAIR_COLUMNS, pairs, entries=entries, exits=exits)


# ── Step by step ──────────────────────────────────────────────────────────────────────────────────────────────────


def _steps_template(*, anchored: bool, forward: bool) -> str:
    """One row for each step, top page or others at its near end, and the same or nothing at its far end."""
    views, kept = _VIEWS, "(nth = 1 OR before IS DISTINCT FROM page_)"
    if anchored:  # each session once, from its first view of the page
        views += f' AND "session" IN (SELECT "session" FROM scope WHERE {VIEW} AND @page = $start)'
        until = "CURRENT ROW" if forward else "1 PRECEDING"
        seen = f"count(CASE WHEN page_ = $start THEN 1 END) OVER (PARTITION BY who ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND {until})"
        kept += " AND seen > 0" if forward else " AND seen = 0"
    else:
        seen = "0"
    return f"""
WITH numbered AS (
    SELECT page_ AS here, row_number() OVER onward AS step, lead(page_) OVER onward AS there,
           lead(place) OVER onward IS NULL AS ends
    FROM (
        SELECT who, place, page_, lag(page_) OVER way AS before, row_number() OVER way AS nth, {seen} AS seen
        FROM ({views}) AS views WINDOW way AS (PARTITION BY who ORDER BY place)
    ) AS viewed
    WHERE {kept} WINDOW onward AS (PARTITION BY who ORDER BY place{"" if forward else " DESC"})
), edges AS (
    SELECT step, here, there, ends, count(*) AS n FROM numbered WHERE step <= $steps GROUP BY step, here, there, ends
), shown AS (
    SELECT level, page_ FROM (
        SELECT level, page_, row_number() OVER (PARTITION BY level ORDER BY n DESC, page_ NULLS LAST) AS nth FROM (
            SELECT step AS level, here AS page_, sum(n) AS n FROM edges GROUP BY step, here
            UNION ALL
            SELECT step + 1 AS level, there AS page_, sum(n) AS n FROM edges
            WHERE step = $steps AND NOT ends GROUP BY step, there
        ) AS nodes
    ) AS ranked WHERE nth <= $top
)
SELECT step, ends, near, near_shown, far, far_shown, sum(n) AS n FROM (
    SELECT e.step, e.ends, e.n, a.level IS NOT NULL AS near_shown, b.level IS NOT NULL AS far_shown,
           CASE WHEN a.level IS NOT NULL THEN e.here END AS near, CASE WHEN b.level IS NOT NULL THEN e.there END AS far
    FROM edges AS e
    LEFT JOIN shown AS a ON a.level = e.step AND a.page_ IS NOT DISTINCT FROM e.here
    LEFT JOIN shown AS b ON b.level = e.step + 1 AND b.page_ IS NOT DISTINCT FROM e.there AND NOT e.ends
) AS labelled GROUP BY step, ends, near, near_shown, far, far_shown
"""


def _steps(form: JourneysForm, steps: int, scope: Scope, asking: Asking) -> Table:
    if not 1 <= steps <= STEPS_MAX:
        raise BadQuestion("steps", f"must be 1 to {STEPS_MAX}")
    if not 1 <= form.top <= TOP_MAX:
        raise BadQuestion("top", f"must be 1 to {TOP_MAX}")
    forward = form.direction == "forward"
    parameters = Parameters()
    template = _steps_template(anchored=form.start is not None, forward=forward)
    values = {"steps": steps, "top": form.top} | ({} if form.start is None else {"start": form.start})
    built = from_template(template, scope, parameters, slots={"page": label(form.by, parameters)}, **values)
    rows = []
    for step, ends, near, near_shown, far, far_shown, count in asking.rows(built):
        here = (near, PAGE if near_shown else OTHER)
        there = (far, (EXIT if forward else ENTRY) if ends else PAGE if far_shown else OTHER)
        (from_, from_kind), (to, to_kind) = (here, there) if forward else (there, here)
        rows.append([step, from_, to, count, from_kind, to_kind])
    rows.sort(key=_rank)
    return asking.table(STEP_COLUMNS, rows, sessions=sum(row[3] for row in rows if row[0] == 1))


def _rank(row: list[Any]) -> tuple[Any, ...]:
    """Step by step, the broadest first; null stands last."""
    step, from_, to, count, from_kind, to_kind = row
    return step, -count, from_ is None, from_ or "", to is None, to or "", from_kind, to_kind


JOURNEYS = Special(
    "journeys",
    "pairs of pages that are viewed one after the other; with `steps`, ways from a page on or back from it, step by step",
    JourneysForm,
    _journeys,
)
