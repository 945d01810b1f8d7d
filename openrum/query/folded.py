"""Questions that the store's folded rows can answer: a row for each page load of an hour in place of its events.

Which questions: every measure, label and filter is of what a fold keeps, and buckets begin at whole hours. The hours that
are whole in the range are read folded where the store has them so, everything else event by event, each as a folded row of
its own; the measures stand over both. What a measure is over folded rows is said here, beside what it is over events in
measures.py; that both give the same answer is held by the oracle and by a property test.
"""

from collections.abc import Iterable, Sequence

from sqlglot import expressions as sql

from openrum.query.dimensions import DIMENSIONS, TIME
from openrum.query.measures import MEASURES, PERCENTILES, TIMINGS, Source
from openrum.query.question import Question
from openrum.query.scope import Filter, Scope
from openrum.query.sources import PAGE_OF_LOAD, grouped
from openrum.query.tree import TABLE, Parameters, columns_in, condition, formula, in_range, named
from openrum.store import FOLDED_COLUMNS, FOLDED_KEYS, FOLDED_OF_ONE, FOLDED_TABLE, HOUR_MS

ROWS = "folded"
"""The table of a statement in which both stand."""

_SESSIONS = MEASURES["sessions"].formula
_WITH_ERROR, _IMPACTED = "js_errors > 0", "js_errors > 0 OR http_failed > 0"
_SATISFIED, _TOLERATED = "load <= 2000", "load > 2000 AND load <= 8000"


def _ratio(above: str, below: str) -> str:
    return f"{above} / nullif({below}, 0)"


def _count(condition: str) -> str:
    """The engine takes a third of the time that a FILTER takes."""
    return f"count_if({condition})"


OF_SESSIONS: dict[str, str] = {
    "sessions": "count(*)",
    "error_session_rate": _ratio(_count(_WITH_ERROR), "count(*)"),
    "impacted_session_rate": _ratio(_count(_IMPACTED), "count(*)"),
}
"""Of the events in measures.py; here of their sessions, each a row: made once for all of these, where every DISTINCT makes them
anew.
"""


def _formulas() -> dict[str, str]:
    counts = ("events", "page_views", "session_starts", "js_errors", "http_requests", "http_4xx", "http_5xx")
    formulas = {name: f"sum({name})" for name in counts}
    formulas |= {
        "http_errors": "sum(http_failed)",
        "http_network_errors": "sum(http_network)",
        "users": MEASURES["users"].formula,
        # Few of all sessions. As a CASE: the engine takes more than twice as long for a FILTER before DISTINCT.
        "error_sessions": f'count(DISTINCT CASE WHEN {_WITH_ERROR} THEN "session" END)',
        "impacted_sessions": f'count(DISTINCT CASE WHEN {_IMPACTED} THEN "session" END)',
        "http_error_rate": _ratio("sum(http_failed)", "sum(http_requests)"),
        "pages_per_session": _ratio("sum(page_views)", _SESSIONS),
        "navigation_satisfied": _count("load < 2000"),
        "navigation_tolerated": _count("load BETWEEN 2000 AND 8000"),
        "navigation_frustrated": _count("load > 8000"),
        "apdex": _ratio(f"({_count(_SATISFIED)} + {_count(_TOLERATED)} / 2)", "count(load)"),
    }
    for name in ("js_errors", "http_4xx", "http_5xx"):
        formulas[f"{name}_per_session"] = _ratio(f"sum({name})", _SESSIONS)
        formulas[f"{name}_per_page_view"] = _ratio(f"sum({name})", "sum(page_views)")
    for timing in TIMINGS.values():
        if timing.name in FOLDED_COLUMNS:
            formulas |= _of_timing(timing.name, timing.good, timing.poor)
    return formulas


def _of_timing(name: str, good: float | None, poor: float | None) -> dict[str, str]:
    formulas = {f"{name}_p{percent}": f"quantile_cont({name}, {percent / 100:.2f})" for percent in PERCENTILES}
    formulas |= {f"{name}_avg": f"avg({name})", f"{name}_count": f"count({name})"}
    if good is None or poor is None:
        return formulas
    good_ones, poor_ones = (
        _count(f"{name} {than} CAST({border} AS FLOAT)") for than, border in (("<=", good), (">", poor))
    )
    counts = {
        f"{name}_good": good_ones,
        f"{name}_needs_improvement": f"(count({name}) - {good_ones} - {poor_ones})",  # which others count anyway
        f"{name}_poor": poor_ones,
    }
    return formulas | {rating: _ratio(count, f"count({name})") for rating, count in counts.items()}


FORMULAS: dict[str, str] = {
    **_formulas(),
    **OF_SESSIONS,
    **{name: each.formula for name, each in MEASURES.items() if each.source in (Source.SESSIONS, Source.LOADS)},
}
"""Measure → what it is over folded rows. Those of sessions and page loads stand over a source that is made of them."""


def source_of(measure: str) -> Source:
    """What a measure stands over here."""
    return Source.SESSIONS if measure in OF_SESSIONS else MEASURES[measure].source


_DIMENSIONS = frozenset(name for name in FOLDED_KEYS if name in DIMENSIONS)


def whole_hours(scope: Scope) -> tuple[int, int]:
    """The hours that lie wholly in the range."""
    return -(-scope.from_ms // HOUR_MS) * HOUR_MS, scope.to_ms // HOUR_MS * HOUR_MS


def answers(question: Question, measures: Iterable[str]) -> bool:
    """Whether folded rows can answer it."""
    begin, end = whole_hours(question.scope)
    return (
        begin < end
        and all(name in FORMULAS for name in measures)
        and all(name in _DIMENSIONS or name == TIME for name in question.by)
        and all(each.dimension in _DIMENSIONS for each in question.scope.where)
        and all(start % HOUR_MS == 0 for start in question.buckets)
    )


# ── What measures stand over ──────────────────────────────────────────────────────────────────────────────────────

LABEL = "label_"
"""In place of all labels of a source that is joined to the events: one number, which the engine works out once for each text
that many rows share, and compares in no time. Sixty-four bits do not meet.
"""
_OF_SESSION = {
    "duration": "max(last_ms) - min(first_ms)",
    "views": "sum(page_views)",
    "js_errors": "max(js_errors)",
    "http_failed": "max(http_failed)",
}
_OF_LOAD = {"points": "sum(points)", "scored": "sum(scored)"}
_KEYS = {Source.SESSIONS: '"session"', Source.LOADS: f'hash("session", interaction, {PAGE_OF_LOAD})'}
_ROWS = {Source.SESSIONS: '"session" IS NOT NULL', Source.LOADS: "scored > 0"}


def label_of(labels: Iterable[str], table: str = "") -> str:
    """The formula of the one number."""
    columns = (f'{table}"{name}"' for name in labels)
    return f"hash({', '.join(columns)})"


def over(source: Source, rows: sql.Select, labels: Sequence[str], measures: Iterable[str]) -> sql.Select:
    """The source as a SELECT of the label and of what these measures need; `rows` has the labels and the columns."""
    if source == Source.EVENTS:
        return rows
    keys, columns = [_KEYS[source]], [f"{text} AS {name}" for name, text in _parts(source, measures).items()]
    if labels:
        keys, columns = [label_of(labels), *keys], [f"{label_of(labels)} AS {LABEL}", *columns]
    return grouped(rows, (), keys, columns or ["1 AS one"], _ROWS[source])


def columns_of(source: Source, measures: Iterable[str]) -> set[str]:
    """The columns of folded rows that a source reads beside labels and formulas."""
    if source == Source.EVENTS:
        return set()
    texts = [_KEYS[source], _ROWS[source], *_parts(source, measures).values()]
    return {column for text in texts for column in columns_in(text)}


def _parts(source: Source, measures: Iterable[str]) -> dict[str, str]:
    """What a row of the source says: no more than the measures ask."""
    asked = {column for name in measures for column in columns_in(FORMULAS[name])}
    parts = _OF_SESSION if source == Source.SESSIONS else _OF_LOAD
    return {name: text for name, text in parts.items() if name in asked}


# ── The rows ──────────────────────────────────────────────────────────────────────────────────────────────────────


def with_rows(tree: sql.Select, scope: Scope, parameters: Parameters, types: Sequence[sql.Expr]) -> sql.Select:
    """The tree over `folded`, with that table before it: the columns that it reads, of whole hours and of single events.

    `types` are conditions for the events alone.
    """
    read = {column.name for column in tree.find_all(sql.Column)}
    columns = [name for name in FOLDED_COLUMNS if name in read] or ["events"]
    begin, end = whole_hours(scope)
    hours = Scope(scope.monitor, begin, end)
    folded = (
        sql.select(*(sql.column(name, quoted=True) for name in columns), copy=False)
        .from_(named(FOLDED_TABLE), copy=False)
        .where(*in_range(hours, parameters), *_filters(scope.where, parameters), copy=False)
    )
    events = (
        sql.select(
            *(sql.alias_(formula(FOLDED_OF_ONE[name]), name, quoted=True, copy=False) for name in columns), copy=False
        )
        .from_(named(TABLE), copy=False)
        .where(*in_range(scope, parameters), *_filters(scope.where, parameters), *types, copy=False)
    )
    both = sql.union(folded, events, distinct=False, copy=False)
    return tree.with_(ROWS, as_=both, materialized=False, copy=False)


def _filters(where: Iterable[Filter], parameters: Parameters) -> list[sql.Expr]:
    return [condition(each, parameters) for each in where]
