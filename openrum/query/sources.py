"""The four sources that measures stand over, each a table whose first columns are the labels of a question's dimensions.

events    the rows themselves
sessions  a row for each session of a label: first and last event, page views
loads     a row for each page load of a label: its Core Web Vitals
visits    a row for each page view: milliseconds until the next of its session
"""

from collections.abc import Sequence

from sqlglot import expressions as sql

from openrum.query.measures import SCORED, TIMINGS, Source, is_type
from openrum.query.tree import formula

VIEW = is_type("page_view")
_NO_CONTEXT = 'CASE WHEN "session" IS NULL THEN id END'
"""An event of no session is a visit of its own."""
_PAGE = "CASE WHEN interaction IS NULL THEN page END"
"""The client numbers the views of a session; where it did not, the page tells loads apart."""


VISIT_COLUMNS = ("time_on_page",)


def over(source: Source, rows: sql.Select, labels: Sequence[str], *, fold: bool = False) -> sql.Select:
    """The source as a SELECT of the labels and what its formulas need; `rows` has the labels and the columns of events, or of
    folded rows.
    """
    match source:
        case Source.EVENTS:
            return rows
        case Source.SESSIONS:
            return _grouped(
                rows, labels, ['"session"'],
                ["max(last_ms) - min(first_ms) AS duration", "sum(page_views) AS views"]
                if fold
                else ['max("time") - min("time") AS duration', f"count(*) FILTER (WHERE {VIEW}) AS views"],
                '"session" IS NOT NULL',
            )  # fmt: skip
        case Source.LOADS if fold:
            vitals = [f"avg({name}) AS {name}" for name in SCORED]
            any_of = " OR ".join(f"{name} IS NOT NULL" for name in SCORED)
            # One number for three keys: the engine has much less to compare, and sixty-four bits do not meet.
            return _grouped(rows, labels, [f'hash("session", interaction, {_PAGE})'], vitals, any_of)
        case Source.LOADS:
            vitals = [f"avg(value) FILTER (WHERE {TIMINGS[name].is_its}) AS {name}" for name in SCORED]
            any_of = " OR ".join(TIMINGS[name].is_its for name in SCORED)
            return _grouped(
                rows, labels, ['"session"', "interaction", _PAGE], vitals, f"value IS NOT NULL AND ({any_of})"
            )
        case Source.VISITS:
            return _visits(rows, labels)


def columns_of(source: Source, *, fold: bool = False) -> frozenset[str]:
    """The columns of events, or of folded rows, that a source reads beside labels and formulas."""
    if fold:
        return _OF_FOLDED[source]
    return {
        Source.EVENTS: frozenset[str](),
        Source.SESSIONS: frozenset(("session", "time", "type")),
        Source.LOADS: frozenset(("session", "page", "interaction", "value", "type")),
        Source.VISITS: frozenset(("session", "id", "time", "type", "interaction", "day", "block", "record", "index")),
    }[source]


_OF_FOLDED = {
    Source.EVENTS: frozenset[str](),
    Source.SESSIONS: frozenset(("session", "first_ms", "last_ms", "page_views")),
    Source.LOADS: frozenset(("session", "page", "interaction", *SCORED)),
}


def _grouped(
    rows: sql.Select, labels: Sequence[str], keys: Sequence[str], columns: Sequence[str], condition: str
) -> sql.Select:
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
