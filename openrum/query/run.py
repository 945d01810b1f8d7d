"""The third spine: answer a question. `run` reads as a table of contents; the steps stand below it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openrum.limits import Limits
from openrum.query.build import build
from openrum.query.dimensions import TIME
from openrum.query.hints import Hint, hints
from openrum.query.measures import MEASURES
from openrum.query.question import Order, Question
from openrum.query.scope import Scope
from openrum.query.tree import Built
from openrum.store import Answer as StoreAnswer
from openrum.store import QueryFailed, QueryTimeout, Readable

__all__ = ["Answer", "QueryFailed", "QueryTimeout", "Readable", "run", "scan"]

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: column names, rows in their order (times in epoch milliseconds), and how it was found.

    `samples` has a row for each of `rows`: how many samples are behind each measure, null where it is a count itself.
    `totals` and `other` are measures alone, of all rows and of those behind the limit; None where not asked for, or where
    nothing is behind it.
    """

    columns: list[str]
    rows: list[Row]
    sql: str
    rows_scanned: int
    elapsed_ms: float
    from_ms: int
    to_ms: int
    samples: list[Row] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    totals: Row | None = None
    other: Row | None = None
    truncated: bool = False  # more groups were there than the limit
    weight: float = 1.0  # what counts were multiplied by; see weights.py


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows of labels and measures, and beside each how many samples are behind it, by the name of its count."""

    rows: list[Row]
    samples: list[dict[str, int]]


def run(question: Question, store: Readable, limits: Limits) -> Answer:
    """Answer a question. Raises the store's QueryFailed and QueryTimeout."""
    begin = time.perf_counter()
    found = _ask(question, store, limits)
    more = len(found.rows) > question.limit
    rows, behind = found.rows[: question.limit], found.samples[: question.limit]
    samples = [_samples_of(question, counts) for counts in behind]
    columns, shown, scope = [*question.by, *question.measures], rows, question.scope
    if question.compare is not None:
        columns, shown = _compare(question, rows, store, limits)
    return Answer(
        columns=columns,
        rows=shown,
        sql=build(question).built.shown(),  # over the events alone, as anybody may ask it
        rows_scanned=_rows_in(scope, store, limits),
        elapsed_ms=round((time.perf_counter() - begin) * 1000, 3),
        from_ms=question.scope.from_ms,
        to_ms=question.scope.to_ms,
        samples=samples,
        hints=hints(question.measures, samples),
        totals=_totals(question, store, limits) if question.totals else None,
        other=_other(question, rows, store, limits) if question.other and more else None,
        truncated=more,
    )


def scan(built: Built, store: Readable, limits: Limits, *, rows_max: int) -> StoreAnswer:
    """Ask the store one statement."""
    parameters = dict(built.parameters)
    text = built.text(store.dialect)
    return store.run(text, parameters, timeout_s=limits.query_s, rows_max=rows_max, reads=built.reads)


def _ask(question: Question, store: Readable, limits: Limits) -> _Found:
    """All groups up to one more than the limit, in their order."""
    made = build(question, folds=store.folds)
    width = len(question.by)
    end = width + len(question.measures)
    names = [*question.measures, *made.samples]
    rows: list[Row] = []
    for found in scan(made.built, store, limits, rows_max=limits.query_rows + 1).rows:
        # A source joined beside the events may have nothing for a group: that is what is empty, not null.
        values = [MEASURES[name].empty if value is None else value for name, value in zip(names, found[width:], strict=True)]  # fmt: skip
        rows.append([*found[:width], *values])
    if TIME in question.by:
        rows = _sorted(question, _fill(question, rows, names))[: question.limit + 1]
    counts = [
        {name: row[width + index] for index, name in enumerate(names) if isinstance(row[width + index], int)}
        for row in rows
    ]
    return _Found([row[:end] for row in rows], counts)


def _samples_of(question: Question, counts: dict[str, int]) -> Row:
    """How many samples are behind each measure of a row."""
    return [
        None if (name := MEASURES[measure].samples) is None else counts.get(name, 0) for measure in question.measures
    ]


def _fill(question: Question, rows: list[Row], names: Sequence[str]) -> list[Row]:
    """A row for every bucket, of every group that is there at all; one of nothing where there is no group."""
    at = question.by.index(TIME)
    width = len(question.by)
    empty = [MEASURES[name].empty for name in names]
    groups = {tuple(row[:at] + row[at + 1 : width]) for row in rows}
    if not groups and width == 1:
        groups = {()}
    there = {tuple(row[:width]) for row in rows}
    for group in groups:
        for start in question.buckets:
            key = (*group[:at], start, *group[at:])
            if key not in there:
                rows.append([*key, *empty])
    return rows


def _sorted(question: Question, rows: list[Row]) -> list[Row]:
    """As the SQL orders, over filled rows too: last key first, null last in either direction."""
    columns = [*question.by, *question.measures]
    ties = [Order(name, descending=False) for name in question.by]
    for order in reversed([*question.order, *ties]):
        at = columns.index(order.by)
        known = [row for row in rows if row[at] is not None]
        known.sort(key=lambda row: row[at], reverse=order.descending)
        rows = known + [row for row in rows if row[at] is None]
    return rows


def _totals(question: Question, store: Readable, limits: Limits) -> Row:
    """The measures over all rows."""
    order = (Order(question.measures[0], descending=True),)
    everything = replace(question, by=(), buckets=(), order=order, limit=1)
    return _ask(everything, store, limits).rows[0]


def _other(question: Question, rows: list[Row], store: Readable, limits: Limits) -> Row:
    """The measures over the groups that are not shown."""
    width = len(question.by)
    made = build(question, without=[row[:width] for row in rows], folds=store.folds)
    [found] = scan(made.built, store, limits, rows_max=1).rows
    return [
        MEASURES[name].empty if value is None else value for name, value in zip(question.measures, found, strict=False)
    ]


# ── Comparison ────────────────────────────────────────────────────────────────────────────────────────────────────


def _compare(question: Question, rows: list[Row], store: Readable, limits: Limits) -> tuple[list[str], list[Row]]:
    """A column `<measure>_previous` beside each measure, found by the same labels in the other scope."""
    earlier = _earlier(question, limits)
    width = len(question.by)
    # A range before anything was received needs no question.
    found = _ask(earlier, store, limits).rows if _rows_in(earlier.scope, store, limits) else []
    previous = {tuple(row[:width]): row[width:] for row in found}
    empty = [MEASURES[name].empty for name in question.measures]
    shift = dict(zip(question.buckets, earlier.buckets, strict=True))
    at = question.by.index(TIME) if TIME in question.by else None
    columns = list(question.by)
    for name in question.measures:
        columns += [name, f"{name}_previous"]
    merged = []
    for row in rows:
        key = row[:width] if at is None else [*row[:at], shift[row[at]], *row[at + 1 : width]]
        before: Sequence[Any] = previous.get(tuple(key), empty)
        pairs = zip(row[width:], before, strict=True)
        merged.append([*row[:width], *(value for pair in pairs for value in pair)])
    return columns, merged


def _rows_in(scope: Scope, store: Readable, limits: Limits) -> int:
    """Whatever the filters."""
    return store.rows_in(scope.monitor, scope.from_ms, scope.to_ms, timeout_s=limits.query_s)


def _earlier(question: Question, limits: Limits) -> Question:
    """The same question of the other scope, in its buckets."""
    assert question.compare is not None
    return replace(
        question,
        scope=question.compare,
        limit=limits.query_rows,
        buckets=question.compare_buckets,
        compare=None,
    )
