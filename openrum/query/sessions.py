"""Sessions as a list: those with at least one event that passes the filters, each told by all its events in the range.

One statement finds the sessions of a page and puts them in order, and tells the rest of these alone. An event without a
session is in none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlglot import expressions as sql

from openrum.query.measures import MEASURES, TIMINGS, is_type
from openrum.query.question import DEFAULT_LIMIT, BadQuestion
from openrum.query.scope import Filter, Scope
from openrum.query.sequence import PLACE
from openrum.query.sources import VIEW
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, condition, from_template

Figure = Literal[
    "began", "ended", "duration", "events", "page_views", "js_errors", "http_errors", "lcp_max", "inp_max"
]  # fmt: skip
"""What sessions can be put in order by."""


Kept = Literal["errors", "failures", "slow", "bounced", "recorded"]
"""What sessions can be limited to: with a JavaScript error, with a request that failed, with a poor LCP or INP, of one page, with
a recording.
"""


class SessionsForm(ScopeForm, kw_only=True):
    """By which figure, of which sessions alone, how many, and behind which: `behind` of the answer that told the page before."""

    order: Figure = "began"
    desc: bool = True
    only: list[Kept] = msgspec.field(default_factory=list)
    limit: int = DEFAULT_LIMIT
    behind: list[int | float | str | None] | None = None


_FIGURES: dict[Figure, str] = {
    "began": 'min("time")',
    "ended": 'max("time")',
    "duration": 'max("time") - min("time")',
    "events": MEASURES["events"].formula,
    "page_views": MEASURES["page_views"].formula,
    "js_errors": MEASURES["js_errors"].formula,
    "http_errors": MEASURES["http_errors"].formula,
    "lcp_max": f"max(value) FILTER (WHERE {TIMINGS['lcp'].is_its})",
    "inp_max": f"max(value) FILTER (WHERE {TIMINGS['inp'].is_its})",
}
_RECORDINGS = f"count(*) FILTER (WHERE {is_type('rrweb')})"
_KEPT: dict[Kept, str] = {
    "errors": f"{_FIGURES['js_errors']} > 0",
    "failures": f"{_FIGURES['http_errors']} > 0",
    "slow": f"({_FIGURES['lcp_max']} > {TIMINGS['lcp'].poor} OR {_FIGURES['inp_max']} > {TIMINGS['inp'].poor})",
    "bounced": f"{_FIGURES['page_views']} = 1",
    "recorded": f"{_RECORDINGS} > 0",
}
# Each is what the first event says that says anything of it; the pages are those of the first and last view with a page.
_DETAILS: dict[str, str] = {
    "user": 'arg_min(CAST("user" AS VARCHAR), place)',
    "entry_page": f"arg_min(page, place) FILTER (WHERE {VIEW})",
    "exit_page": f"arg_max(page, place) FILTER (WHERE {VIEW})",
    **{name: f'arg_min("{name}", place)' for name in ("browser", "os", "device", "country", "release")},
    "recorded": _RECORDINGS,
    "bot": "count(bot)",
}
_WHETHER = 2  # of the columns: the last ones, counted to tell whether there is any
COLUMNS = ["session", *_FIGURES, *_DETAILS]

_TOLD = ", ".join(f"{formula} AS its_{name}" for name, formula in (*_FIGURES.items(), *_DETAILS.items()))
_NEAR = 64  # of the range, the part that is looked at first


@dataclass(frozen=True, slots=True)
class _Page:
    """Which sessions of all: the first `limit` in an order that are as they should be, behind one of them where it is given."""

    order: Figure
    desc: bool
    only: tuple[Kept, ...]
    limit: int
    behind: tuple[float | None, str] | None


def _sessions(form: SessionsForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    page = _Page(form.order, form.desc, tuple(form.only), limit, _parse_behind(form.behind))
    found = _near(page, scope, asking) if page.order == "began" else None
    rows, more = found or _ask(page, scope, asking)
    behind = [rows[-1][COLUMNS.index(page.order)], rows[-1][0]] if more else None
    return asking.table(COLUMNS, rows, behind=behind)


def summary(session: str, scope: Scope, asking: Asking) -> dict[str, Any] | None:
    """What the list says of one session, whatever the filters; None where the range has no event of it."""
    alone = replace(scope, where=(Filter("session", "is", (session,)),))
    placed = f"SELECT *, {PLACE} AS place FROM scope"
    template = f'SELECT CAST("session" AS VARCHAR) AS its_session, {_TOLD} FROM ({placed}) AS e GROUP BY "session"'
    rows = [_told(row) for row in asking.rows(from_template(template, alone, Parameters()))]
    return dict(zip(COLUMNS, rows[0], strict=True)) if rows else None


def _near(page: _Page, scope: Scope, asking: Asking) -> tuple[list[list[Any]], bool] | None:
    """The page, where the part of the range that lies next is enough for it; None where it is not.

    A session that has no event in that part began before it, or behind it: in either case it comes later in the list.
    """
    width = max(1, (scope.to_ms - scope.from_ms) // _NEAR)
    at = None if page.behind is None or page.behind[0] is None else int(page.behind[0])
    if page.desc:
        end = scope.to_ms if at is None else min(scope.to_ms, at + 1)
        part = max(scope.from_ms, end - width), end
    else:
        begin = scope.from_ms if at is None else max(scope.from_ms, at)
        part = begin, min(scope.to_ms, begin + width)
    rows, more = _ask(page, scope, asking, part)
    return (rows, more) if more or part == (scope.from_ms, scope.to_ms) else None


def _ask(
    page: _Page, scope: Scope, asking: Asking, part: tuple[int, int] | None = None
) -> tuple[list[list[Any]], bool]:
    """The sessions of a page, of those that begin in the part where one is given, and whether there are more behind them."""
    parameters = Parameters()
    bound: dict[str, Any] = {"limit": page.limit + 1}
    joined, having = "", [_KEPT[kept] for kept in page.only]
    if part is not None:
        joined = (
            ' JOIN (SELECT "session" AS near FROM scope WHERE "time" >= $begin AND "time" < $end GROUP BY "session") AS n'
            ' ON n.near = r."session"'
        )
        having.append('min("time") >= $begin AND min("time") < $end')
        bound |= {"begin": part[0], "end": part[1]}
    if scope.where:
        having.append("count(*) FILTER (WHERE @passes) > 0")
    if page.behind is not None:
        at, session = page.behind
        having.append(_behind(_FIGURES[page.order], page.desc, at))
        bound |= {"session": session} | ({} if at is None else {"at": at})
    slots = {"passes": sql.and_(*(condition(each, parameters) for each in scope.where))} if scope.where else {}
    built = from_template(_template(page, joined, having), replace(scope, where=()), parameters, slots=slots, **bound)
    answer = asking.answer(built)
    return [_told(row) for row in answer.rows[: page.limit]], answer.truncated or len(answer.rows) > page.limit


def _template(page: _Page, joined: str, having: list[str]) -> str:
    down = " DESC" * page.desc
    return (
        f'WITH chosen AS (SELECT r."session" AS who FROM scope AS r{joined} WHERE r."session" IS NOT NULL GROUP BY r."session"'
        + f" HAVING {' AND '.join(having)}" * bool(having)
        + f' ORDER BY {_FIGURES[page.order]}{down} NULLS LAST, CAST(r."session" AS VARCHAR) LIMIT $limit)'
        f" SELECT CAST(who AS VARCHAR) AS its_session, {_TOLD} FROM (SELECT *, {PLACE} AS place"
        ' FROM scope AS r JOIN chosen AS c ON c.who = r."session") AS e GROUP BY who'
        f" ORDER BY its_{page.order}{down} NULLS LAST, its_session"
    )


def _behind(formula: str, desc: bool, at: float | None) -> str:
    """The sessions behind one whose figure is `at`; null stands last in either direction."""
    tied = 'CAST(r."session" AS VARCHAR) > $session'
    if at is None:
        return f"(({formula}) IS NULL AND {tied})"
    return f"(({formula}) {'<' if desc else '>'} $at OR ({formula}) IS NULL OR (({formula}) = $at AND {tied}))"


def _parse_behind(behind: list[int | float | str | None] | None) -> tuple[float | None, str] | None:
    match behind:
        case None:
            return None
        case [None | int() | float() as at, str(session)] if abs(at or 0) < 1 << 63:
            return at, parse_session(session, "behind[1]")
    raise BadQuestion(
        "behind", "must be what the answer before it says is `behind`: the figure it is ordered by, and a session"
    )


def parse_session(session: str, field: str) -> str:
    """The id as it is stored. Raises BadQuestion."""
    try:
        return str(UUID(session))
    except ValueError:
        raise BadQuestion(field, "must be the id of a session, a UUID") from None


def _told(row: Sequence[Any]) -> list[Any]:
    return [*row[:-_WHETHER], *(count > 0 for count in row[-_WHETHER:])]


SESSIONS = Special(
    "sessions",
    "sessions with an event that passes the filters, told by all their events in the range, page by page",
    SessionsForm,
    _sessions,
)
