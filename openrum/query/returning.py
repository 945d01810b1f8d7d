"""How many users come back: by the day or week of their first visit in the range, how many are there again days or weeks later.

A visit is any event that passes the filters. Users whose client keeps no id cannot be known again, and are left out.
"""

from typing import Literal

from openrum.events import NIL_UUID
from openrum.query.buckets import bucket
from openrum.query.question import BadQuestion, parse_zone
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table
from openrum.query.times import DAY_MS, WEEK_MS, borders
from openrum.query.tree import Parameters, from_template

COHORTS_MAX = 140
"""So that cohorts by offsets stay within the rows of an answer."""


class ReturningForm(ScopeForm, kw_only=True):
    """Days or weeks, and in whose zone they begin."""

    by: Literal["day", "week"] = "day"
    timezone: str = "UTC"


COLUMNS = ["cohort", "offset", "users", "share"]

_TEMPLATE = f"""
WITH visits AS (
    SELECT "user" AS who, @bucket AS visited FROM scope
    WHERE "user" IS NOT NULL AND "user" <> '{NIL_UUID}' GROUP BY 1, 2
), firsts AS (SELECT who, min(visited) AS cohort FROM visits GROUP BY who)
SELECT f.cohort, v.visited, count(*) AS users FROM visits AS v JOIN firsts AS f ON f.who = v.who
GROUP BY f.cohort, v.visited ORDER BY f.cohort, v.visited
"""


def _returning(form: ReturningForm, scope: Scope, asking: Asking) -> Table:
    starts = _starts(form, scope)
    parameters = Parameters()
    built = from_template(_TEMPLATE, scope, parameters, slots={"bucket": bucket(tuple(starts), parameters)})
    found = {(cohort, visited): users for cohort, visited, users in asking.rows(built)}
    rows = []
    for first, cohort in enumerate(starts):
        everybody = found.get((cohort, cohort), 0)
        for offset, visited in enumerate(starts[first:]):
            users = found.get((cohort, visited), 0)
            rows.append([cohort, offset, users, users / everybody if everybody else None])
    return asking.table(COLUMNS, rows)


def _starts(form: ReturningForm, scope: Scope) -> list[int]:
    width_ms = DAY_MS if form.by == "day" else WEEK_MS
    if (scope.to_ms - scope.from_ms) // width_ms < COHORTS_MAX:
        starts = borders(scope.from_ms, scope.to_ms, width_ms, parse_zone(form.timezone))
        if len(starts) <= COHORTS_MAX:
            return starts
    raise BadQuestion(
        "by",
        f"would make more than {COHORTS_MAX} cohorts; ask for a shorter range" + ", or by week" * (form.by == "day"),
    )


RETURNING = Special(
    "returning",
    "users by the day or week of their first visit in the range, and how many of them were there again later",
    ReturningForm,
    _returning,
)
