"""The four sources that measures stand over, each a table whose first columns are the labels of a question's dimensions.

events    the rows themselves
sessions  a row for each session of a label: first and last event, page views
loads     a row for each page load of a label: how many samples of Core Web Vitals it has, and what they are worth
visits    a row for each page view: milliseconds until the next of its session
"""

from collections.abc import Sequence

from sqlglot import expressions as sql

from openrum.query.measures import TIMINGS, Source, is_type
from openrum.query.tree import formula
from openrum.store import PAGE_OF_LOAD
from openrum.vitals import SCORED, points

VIEW = is_type("page_view")
_NO_CONTEXT = 'CASE WHEN "session" IS NULL THEN id END'
"""An event of no session is a visit of its own."""

VISIT_COLUMNS = ("time_on_page",)


def over(source: Source, rows: sql.Select, labels: Sequence[str]) -> sql.Select:
    """The source as a SELECT of the labels and what its formulas need; `rows` has the labels and the columns of events."""
    match source:
        case Source.EVENTS:
            return rows
        case Source.SESSIONS:
            columns = ['max("time") - min("time") AS duration', f"count(*) FILTER (WHERE {VIEW}) AS views"]
            return grouped(rows, labels, ['"session"'], columns, '"session" IS NOT NULL')
        case Source.LOADS:
            worth = " ".join(f"WHEN {TIMINGS[name].is_its} THEN {points(name, 'value')}" for name in SCORED)
            columns = [f"sum(CASE {worth} END) AS points", "count(*) AS scored"]
            any_of = " OR ".join(TIMINGS[name].is_its for name in SCORED)
            keys = ['"session"', "interaction", PAGE_OF_LOAD]
            return grouped(rows, labels, keys, columns, f"value IS NOT NULL AND ({any_of})")
        case Source.VISITS:
            return _visits(rows, labels)


def columns_of(source: Source) -> frozenset[str]:
    """The columns of events that a source reads beside labels and formulas."""
    return {
        Source.EVENTS: frozenset[str](),
        Source.SESSIONS: frozenset(("session", "time", "type")),
        Source.LOADS: frozenset(("session", "page", "interaction", "value", "type")),
        Source.VISITS: frozenset(("session", "id", "time", "type", "interaction", "day", "block", "record", "index")),
    }[source]


def grouped(
    rows: sql.Select, labels: Sequence[str], keys: Sequence[str], columns: Sequence[str], condition: str
) -> sql.Select:
    """The rows of a condition, one for each label and key."""
    names = [sql.column(label, quoted=True) for label in labels]
    return (
        sql.select(*names, *(formula(column) for column in columns), copy=False)
        .from_(rows.subquery("r", copy=False), copy=False)
        .where(formula(condition), copy=False)
        .group_by(*(name.copy() for name in names), *(formula(key) for key in keys), copy=False)
    )


def _visits(rows: sql.Select, labels: Sequence[str]) -> sql.Select:
    """Page views with the beginning of the next; the last one of a session ends with the session's last event.

    Only the page views are put in order; the ends of sessions come from one pass beside it.
    """
    names = [sql.column(label, quoted=True) for label in labels]
    following = formula(
        f'lead("time") OVER (PARTITION BY "session", {_NO_CONTEXT} ORDER BY "time", day, block, record, "index")'
    )
    views = (
        sql.select(*names, sql.column("session", quoted=True), sql.column("time", quoted=True), sql.alias_(following, "following"))
        .from_(rows.subquery("r"))
        .where(formula(VIEW))
    )  # fmt: skip
    ends = (
        sql.select(sql.column("session", quoted=True), formula('max("time") AS ended'))
        .from_(rows.copy().subquery("r"))
        .group_by(sql.column("session", quoted=True))
    )
    return (
        sql.select(
            *(sql.column(label, table="v", quoted=True) for label in labels),
            formula('coalesce(v.following, e.ended, v."time") - v."time" AS time_on_page'),
        )
        .from_(views.subquery("v"))
        .join(ends.subquery("e"), on=formula('v."session" = e."session"'), join_type="left")
    )
