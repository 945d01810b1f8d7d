"""Funnels: how many sessions, or users, take one step after the other, and how long each takes them.

Step k is reached where there are events e1, e2, … ek, each behind the one before it in the order of events, each passing
the filters of its step, and ek no later than `within_ms` after e1. Nothing is approximate.

Which events they are matters for the times alone: from the beginning that gets farthest, of several the first, and from
there on the first event of each step that is behind the one before it. Without `within_ms` that is the first event of
step 1. With it, most get as far from there as they can at all, and are in time; of the others (`late`) all beginnings are
looked at.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from sqlglot import expressions as sql

from openrum.events import NIL_UUID
from openrum.query.dimensions import TIME
from openrum.query.question import DEFAULT_LIMIT, BadQuestion, FilterForm, parse_where
from openrum.query.scope import Filter, Scope
from openrum.query.sequence import PLACE
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, condition, from_template

STEPS_MIN, STEPS_MAX = 2, 10


class StepForm(msgspec.Struct, forbid_unknown_fields=True):
    """Filters that one event must pass, all of them; a name, for who reads the answer."""

    where: list[FilterForm]
    name: str | None = None


class FunnelForm(ScopeForm, kw_only=True):
    """Steps in their order, by whom they are taken, and the milliseconds from the first step within which the others count.

    `left_after` asks for those who took that step and not the next one, `limit` of them, instead of for the steps.
    """

    steps: list[StepForm]
    by: Literal["session", "user"] = "session"
    within_ms: int | None = None
    left_after: int | None = None
    limit: int = DEFAULT_LIMIT


COLUMNS = ["step", "name", "count", "share_of_first", "share_of_previous", "time_from_previous_p50"]

_WHO = {
    "session": ('"session"', '"session" IS NOT NULL'),
    "user": ('"user"', f'"user" IS NOT NULL AND "user" <> \'{NIL_UUID}\''),
}


def _funnel(form: FunnelForm, scope: Scope, asking: Asking) -> Table:
    steps = _parse_steps(form)
    if form.left_after is not None:
        if not 1 <= form.left_after < len(steps):
            raise BadQuestion("left_after", f"must be a step with one behind it, 1 to {len(steps) - 1}")
        steps = steps[: form.left_after + 1]  # those behind them matter to nobody who left
    if form.within_ms is not None and not 1 <= form.within_ms < 1 << 53:
        raise BadQuestion("within_ms", "must be 1 or more milliseconds")
    parameters = Parameters()
    slots = {
        f"step{number}": sql.and_(*(condition(each, parameters) for each in filters))
        for number, filters in enumerate(steps, start=1)
    }
    values = {} if form.within_ms is None else {"within": form.within_ms}
    if form.left_after is not None:
        limit = check_limit(form.limit, asking.limits)
        template = _left_template(form.left_after, form.by, within=form.within_ms is not None)
        left = asking.rows(from_template(template, scope, parameters, slots=slots, **values, left=limit + 1))
        return asking.table([form.by, "time"], left[:limit], truncated=len(left) > limit)
    template = _template(len(steps), form.by, within=form.within_ms is not None)
    [found] = asking.rows(from_template(template, scope, parameters, slots=slots, **values))
    first = before = found[0]
    rows: list[list[Any]] = [[1, form.steps[0].name or _said(form.steps[0]), first, 1.0 if first else None, None, None]]
    for number, step in enumerate(form.steps[1:], start=2):
        count, median = found[2 * number - 3], found[2 * number - 2]
        shares = [count / of if of else None for of in (first, before)]
        rows.append([number, step.name or _said(step), count, *shares, median if count else None])
        before = count
    return asking.table(COLUMNS, rows)


def _parse_steps(form: FunnelForm) -> list[tuple[Filter, ...]]:
    if not STEPS_MIN <= len(form.steps) <= STEPS_MAX:
        raise BadQuestion("steps", f"must be {STEPS_MIN} to {STEPS_MAX} steps")
    steps = []
    for index, step in enumerate(form.steps):
        if not step.where:
            raise BadQuestion(f"steps[{index}].where", "at least one filter is needed")
        for place, each in enumerate(step.where):
            if each.dimension == TIME:
                raise BadQuestion(
                    f"steps[{index}].where[{place}].dimension", "a time is no step; filter by it in `where`"
                )
        try:
            steps.append(parse_where(step.where, 0))
        except BadQuestion as error:
            raise BadQuestion(f"steps[{index}].{error.field}", str(error).partition(": ")[2]) from None
    return steps


def _said(step: StepForm) -> str:
    """A name for a step that has none: 'page is /cart'."""
    return " and ".join(
        " ".join([each.dimension, each.op, *(str(value) for value in each.values)]) for each in step.where
    )


# ── The statement ─────────────────────────────────────────────────────────────────────────────────────────────────


def _template(steps: int, by: str, *, within: bool) -> str:
    """One row: how many reach each step, and behind each but the first the median of the milliseconds from the one before."""
    if within:
        tables, best = _in_time(steps, by)
        told = ", ".join(
            f"count(t{step}) AS n{step}, quantile_cont(t{step} - t{step - 1}, 0.5) AS p{step}"
            for step in range(2, steps + 1)
        )
        return f"WITH {tables} SELECT count(t1) AS n1, {told} FROM ({best}) AS best"
    counts = [
        "(SELECT count(*) AS n1 FROM r1) AS c1",
        *(
            f"(SELECT count(*) AS n{step}, quantile_cont(t{step} - t{step - 1}, 0.5) AS p{step} FROM r{step}) AS c{step}"
            for step in range(2, steps + 1)
        ),
    ]
    numbers = ", ".join(f"n{step}, p{step}" for step in range(2, steps + 1))
    return f"WITH {_at_any_time(steps, by)} SELECT n1, {numbers} FROM {' CROSS JOIN '.join(counts)}"


def _left_template(step: int, by: str, *, within: bool) -> str:
    """One row for each who took the step and not the next one, those first who took it last: who, and when."""
    told = f"SELECT CAST(b.who AS VARCHAR) AS its_who, b.t{step} AS its_time"
    order = "ORDER BY its_time DESC, its_who LIMIT $left"
    if within:
        tables, best = _in_time(step + 1, by)
        return f"WITH {tables} {told} FROM ({best}) AS b WHERE b.t{step} IS NOT NULL AND b.t{step + 1} IS NULL {order}"
    return (
        f"WITH {_at_any_time(step + 1, by)} {told} FROM r{step} AS b LEFT JOIN r{step + 1} AS n ON n.who = b.who"
        f" WHERE n.who IS NULL {order}"
    )


def _first(by: str) -> str:
    who, known = _WHO[by]
    return f'r1 AS (SELECT {who} AS who, min({PLACE}) AS place, min("time") AS t1 FROM scope WHERE {known} AND @step1 GROUP BY {who})'


def _at_any_time(steps: int, by: str) -> str:
    """In r3 those who reach step 3: in which place, when, and when the step before."""
    who = _WHO[by][0]
    behind = (
        f'r{step} AS (SELECT p.who AS who, min({PLACE}) AS place, min("time") AS t{step}, min(p.t{step - 1}) AS t{step - 1}'
        f" FROM r{step - 1} AS p JOIN scope AS e ON e.{who} = p.who WHERE {PLACE} > p.place AND @step{step} GROUP BY p.who)"
        for step in range(2, steps + 1)
    )
    return ", ".join([_first(by), *behind])


def _in_time(steps: int, by: str) -> tuple[str, str]:
    """Tables, and the statement over them that tells of everybody who begins the time of each step that they reach in time.

    In r3 everybody who begins, with the time of each step up to 3 that they reach, if that were all. Who is not in time
    with their first events gets a second chance. Every table stands on the one before it and is read once or twice, for
    an engine may work it out each time.
    """
    who = _WHO[by][0]
    numbers = range(1, steps + 1)
    taken = {
        step: f'SELECT {who} AS who, {PLACE} AS place, "time" AS at FROM scope WHERE @step{step}'
        for step in numbers[1:]
    }
    tables = [_first(by), *_following("r", taken, "e.place > p.place"), *_late(taken, who)]
    times = ", ".join(["who", *(f"t{step}" for step in numbers)])
    best = (
        f"SELECT {times} FROM r{steps} WHERE {_farthest(steps)} - t1 <= $within UNION ALL SELECT {times} FROM b{steps}"
    )
    return ", ".join(tables), best


def _following(name: str, taken: Mapping[int, str], condition: str) -> Iterator[str]:
    """Tables of steps from the second on, each of those who begin: the times they have so far, and the place of the last.

    Where somebody does not reach a step, its time is null, and so is the place. `taken` are the events of each step.
    """
    for step, events in taken.items():
        carried = ", ".join(f"min(p.t{before}) AS t{before}" for before in range(1, step))
        yield (
            f"{name}{step} AS (SELECT p.who AS who, min(e.place) FILTER (WHERE {condition}) AS place, {carried},"
            f" min(e.at) FILTER (WHERE {condition}) AS t{step}"
            f" FROM {name}{step - 1} AS p LEFT JOIN ({events}) AS e ON e.who = p.who GROUP BY p.who)"
        )


def _farthest(steps: int) -> str:
    return f"coalesce({', '.join(f't{step}' for step in range(steps, 0, -1))})"


def _late(taken: Mapping[int, str], who: str) -> Iterator[str]:
    """Those whose first events lie too far apart: all their events that are a step, how far they get in time from any
    beginning, and in b1, b2, … what r1, r2, … tell of the others, from the first beginning that gets as far.

    `u3` is of an event of step 3 the time of the last event of step 1 from which it can be reached: the greatest `u2` before
    it. `ended` is when they first get as far as they ever do in time; the first beginning is the first that is in time then.
    """
    steps = 1 + len(taken)
    numbers = range(1, steps + 1)
    flags = ", ".join(f"CASE WHEN @step{step} THEN 1 END AS s{step}" for step in numbers)
    late = f"SELECT who FROM r{steps} WHERE {_farthest(steps)} - t1 > $within"
    yield (
        f'told AS (SELECT {who} AS who, {PLACE} AS place, "time" AS at, {flags} FROM scope'
        f" WHERE {who} IN ({late}) AND ({' OR '.join(f'@step{step}' for step in numbers)}))"
    )
    yield "d1 AS (SELECT *, CASE WHEN s1 = 1 THEN at END AS u1 FROM told)"
    for step in numbers[1:]:
        yield (
            f"d{step} AS (SELECT *, CASE WHEN s{step} = 1 THEN max(u{step - 1}) OVER (PARTITION BY who ORDER BY place"
            f" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) END AS u{step} FROM d{step - 1})"
        )
    ends = ", ".join(f"min(at) FILTER (WHERE at - u{step} <= $within)" for step in reversed(numbers))
    yield f"ends AS (SELECT who, coalesce({ends}) AS ended FROM d{steps} GROUP BY who)"
    yield (
        f'b1 AS (SELECT p.who AS who, min({PLACE}) AS place, min("time") AS t1 FROM ends AS p JOIN scope AS e ON e.{who} = p.who'
        f' WHERE @step1 AND "time" >= p.ended - $within GROUP BY p.who)'
    )
    yield from _following("b", taken, "e.place > p.place AND e.at - p.t1 <= $within")


FUNNEL = Special(
    "funnel",
    "how many sessions or users take one step after the other, and the median time from step to step",
    FunnelForm,
    _funnel,
)
