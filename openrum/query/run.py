"""The third spine: answer a question. `run` reads as a table of contents; the steps stand below it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openrum.limits import Limits
from openrum.query.build import Built, build, build_count
from openrum.query.dimensions import TIME
from openrum.query.measures import MEASURES
from openrum.query.question import Order, Question
from openrum.store import Answer as StoreAnswer
from openrum.store import QueryFailed, QueryTimeout, Store

__all__ = ["Answer", "QueryFailed", "QueryTimeout", "run"]

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: column names, rows in their order (times in epoch milliseconds), and how it was found."""

    columns: list[str]
    rows: list[Row]
    sql: str
    rows_scanned: int
    elapsed_ms: float
    from_ms: int
    to_ms: int


def run(question: Question, store: Store, limits: Limits) -> Answer:
    """Answer a question. Raises the store's QueryFailed and QueryTimeout."""
    begin = time.perf_counter()
    built = build(question)
    columns = [*question.by, *question.measures]
    rows = _ask(question, built, store, limits)
    scanned = _scan(build_count(question), store, limits, rows_max=1).rows[0][0]
    if question.compare is not None:
        columns, rows = _compare(question, rows, store, limits)
    return Answer(
        columns=columns,
        rows=rows,
        sql=built.shown,
        rows_scanned=scanned,
        elapsed_ms=round((time.perf_counter() - begin) * 1000, 3),
        from_ms=question.from_ms,
        to_ms=question.to_ms,
    )


def _ask(question: Question, built: Built, store: Store, limits: Limits) -> list[Row]:
    found = [list(row) for row in _scan(built, store, limits, rows_max=limits.query_rows).rows]
    if TIME not in question.by:
        return found
    filled = _fill(question, found)
    return _sorted(question, filled)[: question.limit]


def _scan(built: Built, store: Store, limits: Limits, *, rows_max: int) -> StoreAnswer:
    return store.run(built.text, built.parameters, timeout_s=limits.query_s, rows_max=rows_max, reads=built.reads)


def _fill(question: Question, rows: list[Row]) -> list[Row]:
    """A row for every bucket, of every group that is there at all; one of nothing where there is no group."""
    at = question.by.index(TIME)
    width = len(question.by)
    empty = [MEASURES[name].empty for name in question.measures]
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


def _compare(question: Question, rows: list[Row], store: Store, limits: Limits) -> tuple[list[str], list[Row]]:
    """A column `<measure>_previous` beside each measure, found by the same labels in the earlier range."""
    assert question.compare is not None
    earlier = _earlier(question)
    width = len(question.by)
    previous = {tuple(row[:width]): row[width:] for row in _ask(earlier, build(earlier), store, limits)}
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


def _earlier(question: Question) -> Question:
    """The same question of the earlier range; its buckets are shifted with it, one for one."""
    assert question.compare is not None
    from_ms, to_ms = question.compare
    shift = question.from_ms - from_ms
    return Question(
        monitor=question.monitor,
        from_ms=from_ms,
        to_ms=to_ms,
        measures=question.measures,
        by=question.by,
        where=question.where,
        order=question.order,
        limit=10_000,
        buckets=tuple(start - shift for start in question.buckets),
    )
