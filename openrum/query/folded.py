"""Questions that the store's folded rows can answer: a row for each page load of an hour in place of its events.

Which questions: every measure, label and filter is of what a fold keeps, and buckets begin at whole hours. The hours that
lie in the range whole are read folded where the store has them so, everything else event by event, each as a folded row of
its own; the measures stand over both. What a measure is over folded rows is said here, beside what it is over events in
measures.py; that both give the same answer is held by the oracle and by a property test.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlglot import expressions as sql

from openrum.query.dimensions import DIMENSIONS, TIME
from openrum.query.measures import MEASURES, PERCENTILES, TIMINGS, Source
from openrum.query.question import Question
from openrum.query.scope import Scope
from openrum.query.sources import grouped
from openrum.query.tree import TABLE, Parameters, columns_in, condition, conditions, formula, named, of_monitor
from openrum.store import (
    FOLDED_BESIDE,
    FOLDED_COLUMNS,
    FOLDED_FIRST_ON_PAGE,
    FOLDED_KEYS,
    FOLDED_OF_ONE,
    FOLDED_REFERRER,
    FOLDED_SESSION_COLUMNS,
    FOLDED_SESSION_KEYS,
    FOLDED_SESSIONS_TABLE,
    FOLDED_TABLE,
    HOUR_MS,
    PAGE_OF_LOAD,
)

ROWS = "folded"
"""The table of a statement in which both stand."""
ALONE, OTHERS = "alone_sessions", "other_sessions"
"""In place of it for what stands over sessions: those that are a row already, and the rows of which the others are made."""

_SESSIONS = MEASURES["sessions"].formula
_WITH_ERROR, _IMPACTED = "js_errors > 0", "js_errors > 0 OR http_failed > 0"
_SATISFIED, _TOLERATED = "load <= 2000", "load > 2000 AND load <= 8000"


def _ratio(above: str, below: str) -> str:
    return f"{above} / nullif({below}, 0)"


def _count(condition: str) -> str:
    """The engine takes a third of the time that a FILTER takes. Where the condition is NULL of every row, its count is, too."""
    return f"coalesce(count_if({condition}), 0)"


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
_OF_WHOLE_SESSIONS = frozenset(name for name in FOLDED_SESSION_KEYS if name in DIMENSIONS)
_PAGE = "page_group"
_OF_VIEWS = frozenset(("page_views",))
_TIMES = frozenset(("first_ms", "last_ms", "duration"))
_THAT_LET_NULL_THROUGH = frozenset(("is_null", "is_not", "not_contains"))


def whole_hours(scope: Scope) -> tuple[int, int]:
    """The hours that lie wholly in the range."""
    return -(-scope.from_ms // HOUR_MS) * HOUR_MS, scope.to_ms // HOUR_MS * HOUR_MS


def answers(question: Question, measures: Sequence[str]) -> bool:
    """Whether folded rows can answer it."""
    begin, end = whole_hours(question.scope)
    names = _names(question)
    return (
        begin < end
        and all(name in FORMULAS for name in measures)
        and all(name in _DIMENSIONS for name in names - {FOLDED_REFERRER})
        and (FOLDED_REFERRER not in names or _tells_referrers(question, measures))
        and all(start % HOUR_MS == 0 for start in question.buckets)
    )


def _names(question: Question) -> set[str]:
    """The dimensions that it has to do with, but for the buckets of time."""
    return {name for name in question.by if name != TIME} | {each.dimension for each in question.scope.where}


def _tells_referrers(question: Question, measures: Sequence[str]) -> bool:
    """A folded row has the referrer of its page view, which its other events do not have. A filter by it parts the two, and what is
    counted of a part is known, but not its times; labels that part them are known for page views alone.
    """
    if question.by == (FOLDED_REFERRER,) and _OF_VIEWS.issuperset(measures):
        return True
    timed = any(_TIMES & columns_in(FORMULAS[name]) for name in measures)
    return FOLDED_REFERRER not in question.by and not timed


def reads_sessions(question: Question, sources: Iterable[Source]) -> bool:
    """Whether a row a session will do for what stands over sessions: nothing in the question is of a page or an hour."""
    return Source.SESSIONS in sources and TIME not in question.by and _names(question) <= _OF_WHOLE_SESSIONS


def counts_first_rows(question: Question, measures: Iterable[str]) -> bool:
    """Whether, of the rows of a session on a page, the first one will do: they are counted by page, or on one page, and nothing
    else in the question tells them apart.
    """
    pages = [each for each in question.scope.where if each.dimension == _PAGE]
    on_one = any((each.op, len(each.values)) == ("is", 1) for each in pages)
    return (
        (_PAGE in question.by or on_one)
        and TIME not in question.by
        and _names(question) <= _OF_WHOLE_SESSIONS | {_PAGE}
        and not _asked(_OF_SESSION, [name for name in measures if source_of(name) == Source.SESSIONS])
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
_OF_SESSION_ALONE = {
    "duration": "last_ms - first_ms",
    "views": "page_views",
    "js_errors": "js_errors",
    "http_failed": "http_failed",
}
_OF_LOAD = {"points": "sum(points)", "scored": "sum(scored)"}
_OF_LOAD_ALONE = {"points": "points", "scored": "scored"}
_IS_ALONE, _IS_NOT_ALONE = "alone", "NOT alone"
_KEYS = {Source.SESSIONS: '"session"', Source.LOADS: f'hash("session", interaction, {PAGE_OF_LOAD})'}
_ROWS = {Source.SESSIONS: '"session" IS NOT NULL', Source.LOADS: "scored > 0"}


@dataclass(frozen=True, slots=True)
class _Ready:
    """Of the rows of a source, which are one of it already, which are to be grouped, and what of the former is asked."""

    are: str
    others: str
    parts: Mapping[str, str]


_READY = {
    Source.LOADS: _Ready(_IS_ALONE, _IS_NOT_ALONE, _OF_LOAD_ALONE),
    Source.SESSIONS: _Ready(  # where first rows count
        FOLDED_FIRST_ON_PAGE, f"{FOLDED_FIRST_ON_PAGE} IS NULL", {}
    ),
}


def label_of(labels: Iterable[str], table: str = "") -> str:
    """The formula of the one number."""
    columns = (f'{table}"{name}"' for name in labels)
    return f"hash({', '.join(columns)})"


def over(
    source: Source, rows: sql.Select, labels: Sequence[str], measures: Iterable[str], *, first: bool = False
) -> sql.Select:
    """The source as a SELECT of the label and of what these measures need; `rows` has the labels and the columns. `first` says that
    first rows count.
    """
    if source == Source.EVENTS:
        return rows
    if source == Source.SESSIONS and not first:
        return _made(source, rows, labels, measures)
    ready = _READY[source]
    alone = _as_they_are(rows.copy(), labels, _asked(ready.parts, measures), f"{_ROWS[source]} AND {ready.are}")
    return _both(alone, _made(source, rows, labels, measures, f" AND {ready.others}"))


def over_sessions(alone: sql.Select, others: sql.Select, labels: Sequence[str], measures: Iterable[str]) -> sql.Select:
    """The source of sessions, of which some are a row already."""
    ready = _as_they_are(alone, labels, _asked(_OF_SESSION_ALONE, measures))
    return _both(ready, _made(Source.SESSIONS, others, labels, measures))


def _made(
    source: Source, rows: sql.Select, labels: Sequence[str], measures: Iterable[str], condition: str = ""
) -> sql.Select:
    """Grouped, of rows of which several may be of one."""
    keys, columns = [_KEYS[source]], _columns(labels, _parts(source, measures))
    if labels:
        keys = [label_of(labels), *keys]
    return grouped(rows, (), keys, columns, _ROWS[source] + condition)


def _as_they_are(
    rows: sql.Select, labels: Sequence[str], parts: Mapping[str, str], condition: str = "true"
) -> sql.Select:
    """Of rows each of which is one."""
    columns = [formula(column) for column in _columns(labels, parts)]
    return (
        sql.select(*columns, copy=False)
        .from_(rows.subquery("a", copy=False), copy=False)
        .where(formula(condition), copy=False)
    )


def _columns(labels: Sequence[str], parts: Mapping[str, str]) -> list[str]:
    label = [f"{label_of(labels)} AS {LABEL}"] if labels else []
    return [*label, *(f"{text} AS {name}" for name, text in parts.items())] or ["1 AS one"]


def _both(one: sql.Select, other: sql.Select) -> sql.Select:
    return sql.select("*", copy=False).from_(_union(one, other).subquery("b", copy=False), copy=False)


def columns_of(source: Source, measures: Iterable[str], *, first: bool = False) -> set[str]:
    """The columns of folded rows that a source reads beside labels and formulas. `first` says that first rows count."""
    if source == Source.EVENTS:
        return set()
    texts = [_KEYS[source], _ROWS[source], *_parts(source, measures).values()]
    if source == Source.LOADS or first:
        texts.append(_READY[source].are)
    return {column for text in texts for column in columns_in(text)}


def _parts(source: Source, measures: Iterable[str]) -> dict[str, str]:
    """What a row of the source says: no more than the measures ask."""
    return _asked(_OF_SESSION if source == Source.SESSIONS else _OF_LOAD, measures)


def _asked(parts: Mapping[str, str], measures: Iterable[str]) -> dict[str, str]:
    asked = {column for name in measures for column in columns_in(FORMULAS[name])}
    return {name: text for name, text in parts.items() if name in asked}


_OF_ITS_VIEW: dict[str, str] = {
    **{name: "0" for name, kind in FOLDED_COLUMNS.items() if kind == "INTEGER" and name != "page_views"},
    **{name: "CAST(NULL AS FLOAT)" for name, kind in FOLDED_COLUMNS.items() if kind == "FLOAT"},
    "events": "page_views",
}
"""What a folded row says of its page view alone."""
_BUT_ITS_VIEW = {"events": "events - page_views", "page_views": "0", FOLDED_REFERRER: "CAST(NULL AS VARCHAR)"}
"""What it says of its other events alone, where that is not what it says of all."""


# ── The rows ──────────────────────────────────────────────────────────────────────────────────────────────────────


def with_rows(tree: sql.Select, scope: Scope, parameters: Parameters, types: Sequence[sql.Expr]) -> sql.Select:
    """The tree over `folded` and the tables of sessions, with those that it reads before it: the columns that it reads, of whole
    hours and of single events.

    `types` are conditions for the events alone.
    """
    read = {column.name for column in tree.find_all(sql.Column)}
    columns = [name for name in FOLDED_COLUMNS if name in read] or ["events"]
    tables = {table.name for table in tree.find_all(sql.Table)}
    if ROWS in tables:
        parts = [_hours(FOLDED_TABLE, columns, scope, parameters), _events(columns, scope, parameters, types)]
        if FOLDED_REFERRER in columns and all(each.dimension != FOLDED_REFERRER for each in scope.where):
            parts.append(_without_referrer(columns, scope, parameters))
        tree = _with(tree, ROWS, _union(*parts))
    if OTHERS in tables:
        of_sessions = [name for name in columns if name in FOLDED_SESSION_COLUMNS]
        tree = _with(tree, ALONE, _sessions(of_sessions, scope, parameters, _IS_ALONE))
        others = _union(
            _sessions(of_sessions, scope, parameters, _IS_NOT_ALONE),
            _hours(FOLDED_BESIDE, of_sessions, scope, parameters),
            _events(of_sessions, scope, parameters, types),
        )
        tree = _with(tree, OTHERS, others)
    return tree


def _with(tree: sql.Select, name: str, rows: sql.Query) -> sql.Select:
    return tree.with_(name, as_=rows, materialized=False, copy=False)


def _union(*parts: sql.Select) -> sql.Query:
    return sql.union(*parts, distinct=False, copy=False)


def _hours(table: str, columns: Iterable[str], scope: Scope, parameters: Parameters) -> sql.Select:
    """The folded rows of the hours that lie in the range whole. Which those are at its end, the store knows."""
    of_referrers = [each for each in scope.where if each.dimension == FOLDED_REFERRER]
    others = tuple(each for each in scope.where if each not in of_referrers)
    hours = replace(scope, from_ms=whole_hours(scope)[0], where=others)
    rows = sql.select(copy=False).from_(named(table), copy=False).where(*conditions(hours, parameters), copy=False)
    if not of_referrers:
        return rows.select(*_plain(columns), copy=False)
    passes = sql.and_(*(condition(each, parameters) for each in of_referrers))
    if any(each.op not in _THAT_LET_NULL_THROUGH for each in of_referrers):
        return rows.select(*_plain(columns, _OF_ITS_VIEW), copy=False).where(passes, copy=False)
    alone = {
        name: sql.case().when(passes.copy(), formula(name)).else_(formula(text)) for name, text in _BUT_ITS_VIEW.items()
    }
    shown = [
        sql.alias_(alone[name], name, quoted=True) if name in alone else column
        for name, column in zip(columns, _plain(columns), strict=True)
    ]
    return rows.select(*shown, copy=False).where(sql.or_(passes, formula("events > page_views")), copy=False)


def _plain(columns: Iterable[str], instead: Mapping[str, str] = MappingProxyType({})) -> list[sql.Expr]:
    """Columns under their names, of which some stand for something else."""
    return [
        sql.alias_(formula(instead[name]), name, quoted=True, copy=False)
        if name in instead
        else sql.column(name, quoted=True)
        for name in columns
    ]


def _without_referrer(columns: Iterable[str], scope: Scope, parameters: Parameters) -> sql.Select:
    """One row for those events of page loads that have no referrer, for none is a value as any other: no page view is among them."""
    others = _hours(FOLDED_TABLE, ["events"], scope, parameters).where(formula("events > page_views")).limit(1)
    values = [sql.null() if name == FOLDED_REFERRER else sql.Literal.number(0) for name in columns]
    nothing = [sql.alias_(value, name, quoted=True) for name, value in zip(columns, values, strict=True)]
    return sql.select(*nothing, copy=False).from_(others.subquery("o"), copy=False)


def _sessions(columns: Iterable[str], scope: Scope, parameters: Parameters, which: str) -> sql.Select:
    """The rows of sessions, all of whose events lie in the range."""
    filters = [condition(each, parameters) for each in scope.where]
    wanted = [of_monitor(scope, parameters), *filters, formula(which)]
    return _named(columns).from_(named(FOLDED_SESSIONS_TABLE), copy=False).where(*wanted, copy=False)


def _events(columns: Iterable[str], scope: Scope, parameters: Parameters, types: Sequence[sql.Expr]) -> sql.Select:
    """What is read event by event, each a folded row of its own."""
    singles = [sql.alias_(formula(FOLDED_OF_ONE[name]), name, quoted=True, copy=False) for name in columns]
    wanted = [*conditions(scope, parameters), *types]
    return sql.select(*singles, copy=False).from_(named(TABLE), copy=False).where(*wanted, copy=False)


def _named(columns: Iterable[str]) -> sql.Select:
    return sql.select(*_plain(columns), copy=False)
