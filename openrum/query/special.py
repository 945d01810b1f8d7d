"""What the questions beyond one table have in common: a scope as JSON, one shape of answer, one way to ask.

Each is a module of its own with a form, and a function from the form and its scope to a table; `SPECIAL` in catalogue.py
names them all. A statement is a template of ours over the table `scope` (see tree.py), so that it runs on either engine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from openrum.limits import Limits
from openrum.query.build import build
from openrum.query.question import BadQuestion, FilterForm, Order, Question, parse_range, parse_where
from openrum.query.scope import Scope
from openrum.query.tree import Built
from openrum.store import Answer, Readable


class ScopeForm(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}, kw_only=True):
    """What every special question has as JSON; the forms of each add what it needs."""

    monitor: str
    from_: str | int | float = "-24h"
    to: str | int | float = "now"
    where: list[FilterForm] = []


@dataclass(frozen=True, slots=True)
class Table:
    """Column names, rows in their order (times in epoch milliseconds), the SQL behind them, and what is no row."""

    columns: list[str]
    rows: list[list[Any]]
    sql: list[str]
    elapsed_ms: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)


class Asking:
    """Asks a store statement by statement, and remembers what was asked."""

    def __init__(self, store: Readable, limits: Limits, now_ms: int) -> None:
        self._store = store
        self._limits = limits
        self._begin = time.perf_counter()
        self.limits = limits
        self.now_ms = now_ms
        self.sql: list[str] = []

    def rows(self, built: Built) -> list[list[Any]]:
        """All rows of a statement, as many as an answer may have. Raises QueryFailed, QueryTimeout."""
        return [list(row) for row in self.answer(built).rows]

    def value(self, scope: Scope, measure: str) -> Any:
        """A measure over all of a scope. Raises QueryFailed, QueryTimeout."""
        question = Question(scope, (measure,), order=(Order(measure, descending=True),), limit=1)
        asked, plain = (build(question, folds=folds).built for folds in (self._store.folds, False))
        [[value]] = self.answer(asked, shown=plain).rows
        return value

    def answer(self, built: Built, *, shown: Built | None = None) -> Answer:
        """The store's answer to a statement; people are shown the other one, where there is one. Raises QueryFailed, QueryTimeout."""
        self.sql.append((shown or built).shown())
        text, rows_max = built.text(self._store.dialect), self._limits.query_rows
        return self._store.run(
            text, dict(built.parameters), timeout_s=self._limits.query_s, rows_max=rows_max, reads=built.reads
        )

    def table(self, columns: list[str], rows: list[list[Any]], **more: Any) -> Table:
        """The answer, with everything that was asked for it."""
        return Table(columns, rows, self.sql, round((time.perf_counter() - self._begin) * 1000, 3), more)


F = TypeVar("F", bound=ScopeForm)


@dataclass(frozen=True, slots=True)
class Special(Generic[F]):
    """One special question: its name in the path of the API, its form, and who answers it. Raises BadQuestion."""

    name: str
    meaning: str
    form: type[F]
    answer: Callable[[F, Scope, Asking], Table]

    def run(self, form: F, monitor_id: str, now_ms: int, store: Readable, limits: Limits) -> Table:
        """Answer a form. Raises BadQuestion, QueryFailed, QueryTimeout."""
        return self.answer(form, parse_scope(form, monitor_id, now_ms), Asking(store, limits, now_ms))


def parse_scope(form: ScopeForm, monitor_id: str, now_ms: int) -> Scope:
    """The scope of a form. `monitor_id` is what its monitor was found to be. Raises BadQuestion."""
    from_ms, to_ms = parse_range(form.from_, form.to, now_ms)
    return Scope(monitor_id, from_ms, to_ms, parse_where(form.where, now_ms))


def check_limit(limit: int, limits: Limits, field: str = "limit") -> int:
    """A limit of rows. Raises BadQuestion."""
    if not 1 <= limit <= limits.query_rows:
        raise BadQuestion(field, f"must be 1 to {limits.query_rows}")
    return limit
