"""Where to begin: page groups and vitals, by how many page views would turn good if the vital were fixed there.

The estimate is page views times the share of samples that are not good. Not every view has a sample (some browsers do not measure
all vitals, a change of route has no LCP): those that were measured speak for the others.
"""

from functools import cache

from openrum.query.hints import too_few
from openrum.query.measures import TIMINGS, Timing, is_type
from openrum.query.question import DEFAULT_LIMIT, BadQuestion
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template
from openrum.vitals import SCORED


class ImpactForm(ScopeForm, kw_only=True):
    """Which vitals, and how many rows."""

    vitals: tuple[str, ...] = SCORED
    limit: int = DEFAULT_LIMIT


_RATED = tuple(name for name, timing in TIMINGS.items() if timing.good is not None)
"""The vitals for which web.dev has thresholds."""
_VIEW = is_type("page_view")
_COLUMNS = ["page_group", "vital", "page_views", "samples", "not_good", "would_turn_good", "p75", "rating"]


@cache
def _template(vitals: tuple[str, ...]) -> str:
    """A row for each page group and type; page views are one type more, put beside the vitals by a window.

    Every value is held against every vital's border, which is cheaper than to look up which is its own.
    """
    timings = [TIMINGS[name] for name in vitals]
    beyond = ", ".join(f"count(*) FILTER (WHERE value > CAST({t.good} AS FLOAT)) AS {t.name}_bad" for t in timings)
    vital = " ".join(f"WHEN {t.is_its} THEN '{t.name}'" for t in timings)
    bad = " ".join(f"WHEN {t.is_its} THEN {t.name}_bad" for t in timings)
    return f"""
SELECT page_group, vital, views, samples, bad / samples AS not_good, views * bad / samples AS would_turn_good, p75,
       count(*) OVER () AS all_rows
FROM (SELECT page_group, samples, p75, CASE {vital} END AS vital, CASE {bad} END AS bad,
             max(CASE WHEN {_VIEW} THEN events ELSE 0 END) OVER (PARTITION BY page_group) AS views
      FROM (SELECT page_group, "type", count(*) AS events, count(value) AS samples, quantile_cont(value, 0.75) AS p75, {beyond}
            FROM scope WHERE {" OR ".join((_VIEW, *(t.is_its for t in timings)))} GROUP BY page_group, "type") AS g) AS w
WHERE vital IS NOT NULL AND samples > 0
ORDER BY would_turn_good DESC, views DESC, page_group NULLS LAST, vital LIMIT $limit
"""


def _impact(form: ImpactForm, scope: Scope, asking: Asking) -> Table:
    vitals = _known(form.vitals)
    built = from_template(_template(vitals), scope, Parameters(), limit=check_limit(form.limit, asking.limits))
    found = asking.rows(built)
    rows = [[*row[:-1], _rating(TIMINGS[row[1]], row[-2])] for row in found]
    return asking.table(_COLUMNS, rows, groups=found[0][-1] if found else 0, hints=too_few(_COLUMNS, rows))


def _known(vitals: tuple[str, ...]) -> tuple[str, ...]:
    """The vitals, each once, in one order. Raises BadQuestion."""
    for index, name in enumerate(vitals):
        if name not in _RATED:
            raise BadQuestion(f"vitals[{index}]", f"must be one of {', '.join(_RATED)}")
    if not vitals:
        raise BadQuestion("vitals", f"at least one is needed, of {', '.join(_RATED)}")
    return tuple(name for name in _RATED if name in vitals)


def _rating(timing: Timing, p75: float) -> str:
    """Of the p75, as web.dev rates pages: good, needs_improvement, poor. Borders belong to the better side."""
    assert timing.good is not None
    assert timing.poor is not None
    value = round(p75, 6)  # in single precision, 0.1 is a little more
    if value <= timing.good:
        return "good"
    return "needs_improvement" if value <= timing.poor else "poor"


IMPACT = Special(
    "impact",
    "page groups and their vitals, those first where most page views would turn good if it were fixed: page views times the share of samples"
    " that are not good; with the p75 and how web.dev rates it",
    ImpactForm,
    _impact,
)
