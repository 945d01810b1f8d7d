"""JavaScript errors by group: how many, whose, since when, in which releases and browsers; and one group with samples.

A range and the one of the same length before it are read at once, so that a group can be told to be new. Stacks are told
as they are stored; reading them is not this room's business.
"""

from dataclasses import replace
from typing import Any, Literal

from sqlglot import expressions as sql

from openrum.events import NIL_UUID
from openrum.query.measures import is_type
from openrum.query.question import DEFAULT_LIMIT, BadQuestion
from openrum.query.scope import Filter, Scope
from openrum.query.sequence import IN_REVERSE, POSITION
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template
from openrum.store import ERROR_TYPE

GROUPS_MAX = 1_000
BUCKETS_MAX = 100
SAMPLES_MAX = 100


class ErrorsForm(ScopeForm, kw_only=True):
    """By what groups are ordered, the largest or latest first, how many, and the buckets of their sparklines."""

    order: Literal["count", "sessions", "users", "first_seen", "last_seen"] = "count"
    limit: int = DEFAULT_LIMIT
    buckets: int = 30


class ErrorForm(ScopeForm, kw_only=True):
    """Which group, and how many of its newest events."""

    error: str
    samples: int = 10
    buckets: int = 30


COLUMNS = [
    "error", "title", "type", "count", "sessions", "users", "session_share", "first_seen", "last_seen", "new",
    "releases", "browsers", "sparkline",
]  # fmt: skip

_IS_ERROR = is_type("js_error")
_OF_ERRORS = ("error", "error_title", "error_type")  # dimensions that only a few events have
_FEW, _MANY = 5, 20  # values of a dimension: in a list of groups, and beside one of them
_BROKEN_BY = ("release", "browser", "os", "page_group", "country")


def _errors(form: ErrorsForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    if limit > GROUPS_MAX:
        raise BadQuestion("limit", f"must be 1 to {GROUPS_MAX}")
    rows, more = _groups(scope, form.order, limit, _check_buckets(form.buckets), asking)
    return asking.table(COLUMNS, rows, truncated=more, bucket_starts=_starts(scope, form.buckets))


def _groups(scope: Scope, order: str, limit: int, buckets: int, asking: Asking) -> tuple[list[list[Any]], bool]:
    """The rows of the groups, and whether there are more of them."""
    twice = replace(scope, from_ms=2 * scope.from_ms - scope.to_ms)
    template = _GROUPS.replace("@order", f'"{order}"')
    built = from_template(template, twice, Parameters(), begin=scope.from_ms, limit=limit + 1).only(ERROR_TYPE)
    found = asking.rows(built)
    more, found = len(found) > limit, found[:limit]
    everybody = _sessions(scope, asking) if found else 0
    errors = [row[0] for row in found]
    tops = _tops(scope, errors, _BROKEN_BY[:2], _FEW, asking)
    sparklines = _sparklines(scope, errors, buckets, asking)
    rows = []
    for error, title, kind, count, sessions, users, first, last, before in found:
        told = (tops.get((error, name), []) for name in _BROKEN_BY[:2])
        share = sessions / everybody if everybody else None
        rows.append(
            [error, title, kind, count, sessions, users, share, first, last, before == 0, *told, sparklines[error]]
        )
    return rows, more


# Errors are few among many events: they are gathered first, with few aggregates. Over that, who met them is counted by itself, and
# all the others stand over two rows of a group: the engine takes long for many aggregates, and longest for those with a FILTER.
_GROUPS = f"""
WITH gathered AS (
    SELECT error, inside, who, user_, min(error_title) AS title_, min(error_type) AS type_, min(at) AS began, max(at) AS ended,
           count(*) AS n
    FROM (SELECT error, error_title, error_type, "session" AS who, "user" AS user_, "time" AS at, "time" >= $begin AS inside
          FROM scope WHERE {_IS_ERROR}) AS errors
    GROUP BY error, inside, who, user_
), people AS (
    SELECT error AS whose, count(DISTINCT who) AS sessions,
           count(DISTINCT CASE WHEN user_ <> '{NIL_UUID}' THEN user_ END) AS users
    FROM gathered WHERE inside GROUP BY error
), told AS (
    SELECT error, inside, min(title_) AS title_, min(type_) AS type_, min(began) AS began, max(ended) AS ended, sum(n) AS n
    FROM gathered GROUP BY error, inside
)
SELECT error, min(title_) AS title_, min(type_) AS type_, sum(n) FILTER (WHERE inside) AS "count",
       min(sessions) AS sessions, min(users) AS users, min(began) FILTER (WHERE inside) AS first_seen, max(ended) AS last_seen,
       count(*) FILTER (WHERE NOT inside) AS before
FROM told JOIN people ON error IS NOT DISTINCT FROM whose
GROUP BY error ORDER BY @order DESC, error NULLS LAST LIMIT $limit
"""


def _sessions(scope: Scope, asking: Asking) -> int:
    """Sessions with an error or without: filters on what only errors have do not count."""
    where = tuple(each for each in scope.where if each.dimension not in _OF_ERRORS)
    return int(asking.value(replace(scope, where=where), "sessions"))


def _tops(
    scope: Scope, errors: list[str | None], names: tuple[str, ...], limit: int, asking: Asking
) -> dict[tuple[str | None, str], list[list[Any]]]:
    """The commonest values of dimensions in each group, as (error, dimension) → [[value, count], …]."""
    if not errors:
        return {}
    parameters = Parameters()
    columns = ", ".join(f'"{name}" AS v{place}' for place, name in enumerate(names))
    values = ", ".join(f"v{place}" for place, _ in enumerate(names))
    counted = " UNION ALL ".join(
        f"SELECT error, {place} AS what, v{place} AS value_, sum(n) AS n FROM gathered GROUP BY error, v{place}"
        for place, _ in enumerate(names)
    )
    template = f"""
WITH gathered AS (
    SELECT error, {columns}, count(*) AS n FROM scope WHERE {_IS_ERROR} AND @shown GROUP BY error, {values}
)
SELECT error, what, value_, n FROM (
    SELECT error, what, value_, n,
           row_number() OVER (PARTITION BY error, what ORDER BY n DESC, value_ NULLS LAST) AS nth
    FROM ({counted}) AS counted
) AS ranked WHERE nth <= $most ORDER BY error NULLS LAST, what, nth
"""
    slots = {"shown": _one_of(errors, parameters)}
    tops: dict[tuple[str | None, str], list[list[Any]]] = {}
    built = from_template(template, scope, parameters, slots=slots, most=limit).only(ERROR_TYPE)
    for error, what, value, count in asking.rows(built):
        tops.setdefault((error, names[what]), []).append([value, count])
    return tops


_PER_BUCKET = 2**40  # more than there are events
# A row a group, for there may be more buckets than an answer may have rows. A bucket and its events are one number.
_SPARKLINES = f"""
SELECT error, list(bucket * {_PER_BUCKET} + n) AS told FROM (
    SELECT error, bucket, count(*) AS n FROM (
        SELECT error, ("time" - $begin) * $buckets // $length AS bucket FROM scope WHERE {_IS_ERROR} AND @shown
    ) AS errors GROUP BY error, bucket
) AS counted GROUP BY error
"""


def _sparklines(scope: Scope, errors: list[str | None], buckets: int, asking: Asking) -> dict[str | None, list[int]]:
    """How many events of each group there are in each bucket."""
    counts = {error: [0] * buckets for error in errors}
    if not errors:
        return counts
    parameters = Parameters()
    slots = {"shown": _one_of(errors, parameters)}
    values = {"begin": scope.from_ms, "length": scope.to_ms - scope.from_ms, "buckets": buckets}
    built = from_template(_SPARKLINES, scope, parameters, slots=slots, **values).only(ERROR_TYPE)
    for error, told in asking.rows(built):
        for bucket, count in (divmod(each, _PER_BUCKET) for each in told):
            counts[error][bucket] = count
    return counts


def _one_of(errors: list[str | None], parameters: Parameters) -> sql.Expr:
    column = sql.column("error", quoted=True)
    known = [parameters.bind(error) for error in errors if error is not None]
    missing = sql.Is(this=column.copy(), expression=sql.null())
    tests: list[sql.Expr] = [sql.In(this=column, expressions=known)] if known else []
    return sql.or_(*tests, *([missing] if None in errors else []))


def _check_buckets(buckets: int) -> int:
    if not 1 <= buckets <= BUCKETS_MAX:
        raise BadQuestion("buckets", f"must be 1 to {BUCKETS_MAX}")
    return buckets


def _starts(scope: Scope, buckets: int) -> list[int]:
    """The first millisecond of each bucket of a sparkline."""
    length = scope.to_ms - scope.from_ms
    return [scope.from_ms + -(-bucket * length // buckets) for bucket in range(buckets)]


# ── One group ─────────────────────────────────────────────────────────────────────────────────────────────────────

_SAMPLE = {
    "id": "CAST(id AS VARCHAR)",
    "time": '"time"',
    "session": 'CAST("session" AS VARCHAR)',
    "user": 'CAST("user" AS VARCHAR)',
    **{name: f'"{name}"' for name in ("page", "page_group", "release", "browser", "browser_version", "os", "device", "country")},
    **{name: f"error_{name}" for name in ("type", "message", "file", "line", "column", "stack")},
    **{name: f'"{name}"' for name in POSITION},
}  # fmt: skip
SAMPLE_COLUMNS = list(_SAMPLE)

_SAMPLES = f"""
SELECT {", ".join(f"{formula} AS its_{name}" for name, formula in _SAMPLE.items())}
FROM scope WHERE {_IS_ERROR} ORDER BY {IN_REVERSE} LIMIT $limit
"""


def _error(form: ErrorForm, scope: Scope, asking: Asking) -> Table:
    """The newest events of a group as rows; beside them `group` as the list has it, null where it is not in the range."""
    if not 1 <= form.samples <= SAMPLES_MAX:
        raise BadQuestion("samples", f"must be 1 to {SAMPLES_MAX}")
    alone = replace(scope, where=(*scope.where, Filter("error", "is", (form.error,))))
    groups, _ = _groups(alone, "count", 1, _check_buckets(form.buckets), asking)
    tops = _tops(alone, [row[0] for row in groups], _BROKEN_BY, _MANY, asking)
    samples = asking.rows(from_template(_SAMPLES, alone, Parameters(), limit=form.samples))
    return asking.table(
        SAMPLE_COLUMNS,
        samples,
        group=dict(zip(COLUMNS, groups[0], strict=True)) if groups else None,
        breakdown={name: tops.get((form.error, name), []) for name in _BROKEN_BY},
        bucket_starts=_starts(scope, form.buckets),
    )


ERRORS = Special(
    "errors",
    "groups of JavaScript errors: how many events, sessions and users, since when, whether new, where, and a sparkline",
    ErrorsForm,
    _errors,
)
ERROR = Special("error", "one group of JavaScript errors: its newest events, and where it happens", ErrorForm, _error)
