"""A day's rows once more, folded: one for each page load of an hour, with its counts and its timings; and one for each session.
Errors stand apart by themselves.

A site's usual questions (how many, of whom, how fast) read a sixth of the rows, and get the same answers: a fold loses
which event said what, and nothing of what is counted. A timing that a page load told twice makes a second folded row, so
that each value is there once; so does a second page view. Rows are folded in the order of their journal blocks, up to one that
the file remembers: what came after it, and the hours that a range cuts, are read from the events. See docs/decisions/0012,
0014, 0015 and 0020.

A row that is `alone` is all that the folded rows of all days have of its page load, or of its session: it needs no grouping.
Of the rows that a session has on a page group, one is `first_on_page`: how many sessions saw it is how many of those there are.
Both are found among the rows that are folded together, and beside all that were folded before (alone.py).
"""

import duckdb

from openrum.events import BUILT_IN_TYPE_PREFIX
from openrum.store.schema import EVENT_COLUMNS, quoted
from openrum.store.store import HOUR_MS
from openrum.vitals import SCORED, VITALS, points

TABLE = "folded_rows"
SESSIONS_TABLE = "folded_sessions"
ERRORS_TABLE = "error_rows"
TABLES = (TABLE, SESSIONS_TABLE, ERRORS_TABLE)
GROUPED = (TABLE, ERRORS_TABLE)
"""Those that have columns whose values may be given other groups."""
_UP_TO = "folded_to"

KEYS: tuple[str, ...] = (
    "monitor",
    "session",
    "user",
    "interaction",
    "page",
    "page_group",
    "title",
    "domain",
    "release",
    "browser",
    "browser_version",
    "os",
    "os_version",
    "device",
    "language",
    "country",
    "subdivision",
    "bot",
)
"""What all events of a folded row have in common, beside the hour, which stands in `time`."""

_OF_PAGES = frozenset(("interaction", "page", "page_group", "title", "domain"))
SESSION_KEYS: tuple[str, ...] = tuple(name for name in KEYS if name not in _OF_PAGES)
"""What all events of a session's row have in common; a session that changes any of it has several."""
ALONE = "alone"
FIRST_ON_PAGE = "first_on_page"
REFERRER = "referrer_domain"
"""What a page view tells. A folded row has one page view at most, so it is that one's."""
PAGE_OF_LOAD = "CASE WHEN interaction IS NULL THEN page END"
"""The client numbers the views of a session; where it did not, the page tells loads apart."""


def _is(*event_types: str) -> str:
    names = ", ".join(f"'{BUILT_IN_TYPE_PREFIX}{name}_event'" for name in event_types)
    return f'"type" IN ({names})' if len(event_types) > 1 else f'"type" = {names}'


_HTTP = _is("http")
_TIMED = {
    **{name: (vital.event_type, "value") for name, vital in VITALS.items()},
    "load": ("performance_navigation", "duration"),
}
_COUNTED = {
    "events": "true",
    "page_views": _is("page_view"),
    "session_starts": _is("session_start"),
    "js_errors": _is("js_error"),
    "http_requests": _HTTP,
    "http_failed": f"{_HTTP} AND (http_status >= 400 OR http_status IS NULL)",
    "http_4xx": f"{_HTTP} AND http_status BETWEEN 400 AND 499",
    "http_5xx": f"{_HTTP} AND http_status BETWEEN 500 AND 599",
    "http_network": f"{_HTTP} AND http_status IS NULL",
    "scored": f"{_is(*(VITALS[name].event_type for name in SCORED))} AND value IS NOT NULL",
}
_POINTS = " ".join(f"WHEN {_is(VITALS[name].event_type)} THEN {points(name, 'value')}" for name in SCORED)

OF_ONE: dict[str, str] = {
    "block": "block",
    "time": '"time"',
    **{name: f'"{name}"' for name in KEYS},
    "first_ms": '"time"',
    "last_ms": '"time"',
    **{name: "1" if of == "true" else f"CASE WHEN {of} THEN 1 ELSE 0 END" for name, of in _COUNTED.items()},
    "points": f"coalesce(CASE {_POINTS} END, 0)",
    **{name: f"CASE WHEN {_is(of)} THEN {column} END" for name, (of, column) in _TIMED.items()},
    REFERRER: f"CASE WHEN {_is('page_view')} THEN {REFERRER} END",
    ALONE: "false",
    FIRST_ON_PAGE: "CAST(NULL AS BOOLEAN)",
}
"""Column → what it is for one event by itself, as SQL over `event_rows`: how events are read as if they were folded."""

COLUMNS: dict[str, str] = {
    "block": "INTEGER",  # the one up to which was folded: who knows of an earlier one must not see the row
    "time": "BIGINT",
    **{name: EVENT_COLUMNS[name] for name in KEYS},
    "first_ms": "BIGINT",
    "last_ms": "BIGINT",
    **dict.fromkeys((*_COUNTED, "points"), "INTEGER"),  # points: of the vitals that are `scored`; see vitals.py
    **dict.fromkeys(_TIMED, "FLOAT"),
    REFERRER: EVENT_COLUMNS[REFERRER],
    ALONE: "BOOLEAN",  # it has the only samples that are `scored` of its page load
    FIRST_ON_PAGE: "BOOLEAN",  # one of the rows of a session and a page group; null where more of those may be somewhere else
}
"""Column → type."""

_OF_SESSION = ("page_views", "js_errors", "http_failed")
SESSION_COLUMNS: dict[str, str] = {
    "block": COLUMNS["block"],
    **{name: COLUMNS[name] for name in (*SESSION_KEYS, "first_ms", "last_ms", *_OF_SESSION)},
    ALONE: "BOOLEAN",  # it is the only row of its session
}
"""Column → type. Rows of no session are there too, for who asks after users; they are never alone."""

_OF_MANY: dict[str, str] = {
    "first_ms": "min(first_ms)",
    "last_ms": "max(last_ms)",
    **{name: f"CAST(sum({name}) AS INTEGER)" for name in (*_COUNTED, "points")},
    **{name: f"max({name})" for name in (*_TIMED, REFERRER)},
    ALONE: "false",
    FIRST_ON_PAGE: "CAST(NULL AS BOOLEAN)",
}
ERROR_TYPE = "js_error_event"
"""By its short name, as people ask for it; a type of the site's own may have that name, too."""
ERROR_COLUMNS: dict[str, str] = {
    name: EVENT_COLUMNS[name] for name in ("block", "time", "type", *KEYS, "error", "error_title", "error_type")
}
"""Column → type, of errors, each by itself once more: few among many events. Without the long texts."""

FORM = {TABLE: COLUMNS, SESSIONS_TABLE: SESSION_COLUMNS, ERRORS_TABLE: ERROR_COLUMNS}
"""Table → its columns."""
_ORDER = 'monitor, "time", "session"'
_SESSIONS_ORDER = 'monitor, min(first_ms), "session"'
_HOUR = f'"time" // {HOUR_MS} * {HOUR_MS}'


def tables(catalog: str) -> tuple[str, ...]:
    """The statements that make what a fold needs, in the place of folds of another form."""
    tables = {**FORM, _UP_TO: {"block": "INTEGER"}}
    return tuple(
        f"CREATE OR REPLACE TABLE {catalog}.{table} ({', '.join(f'{quoted([name])} {kind}' for name, kind in columns.items())})"
        for table, columns in tables.items()
    )


def folded_to(cursor: duckdb.DuckDBPyConnection, catalog: str) -> int | None:
    """The last block whose rows are folded, None where none is or where the folds are of another form."""
    names = {table: list(columns) for table, columns in FORM.items()}
    found = cursor.execute(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()"
        " WHERE database_name = ? AND table_name IN (SELECT unnest(?)) GROUP BY table_name",
        [catalog, list(names)],
    ).fetchall()
    if dict(found) != names:
        return None
    row = cursor.execute(f"SELECT max(block) FROM {catalog}.{_UP_TO}").fetchone()
    return None if row is None else row[0]


def reach(cursor: duckdb.DuckDBPyConnection, catalog: str, after: int, rows_max: int) -> int | None:
    """The block up to which about so many rows can be folded in one go; None where there is nothing to fold."""
    row = cursor.execute(
        "SELECT coalesce(max(block) FILTER (WHERE so_far <= $rows), min(block)) FROM ("
        f" SELECT block, sum(count(*)) OVER (ORDER BY block) AS so_far FROM {catalog}.event_rows WHERE block > $after"
        " GROUP BY block)",
        {"rows": rows_max, "after": after},
    ).fetchone()
    return None if row is None else row[0]


def fold(cursor: duckdb.DuckDBPyConnection, catalog: str, after: int, to: int, met: str | None = None) -> None:
    """Fold the rows of the blocks behind `after`, up to `to`. Runs in the transaction of whoever calls.

    `met` is a table of the sessions that are folded already, here or in another day: of those nothing is alone.
    """
    cursor.execute(f"INSERT INTO {catalog}.{TABLE} {_told_apart(_folded(catalog, after, to), met)} ORDER BY {_ORDER}")
    whole = ", ".join(_OF_MANY.get(name, quoted([name])) for name in SESSION_COLUMNS if name not in ("block", "alone"))
    alone = f'{_new(met)} AND count(*) OVER (PARTITION BY monitor, "session") = 1'
    cursor.execute(
        f"INSERT INTO {catalog}.{SESSIONS_TABLE} SELECT {to:d}, {whole}, {alone} FROM {catalog}.{TABLE}"
        f" WHERE block = {to:d} GROUP BY {quoted(SESSION_KEYS)} ORDER BY {_SESSIONS_ORDER}"
    )
    _put_errors_apart(cursor, catalog, after, to)
    cursor.execute(f"DELETE FROM {catalog}.{_UP_TO}")
    cursor.execute(f"INSERT INTO {catalog}.{_UP_TO} VALUES (?)", [to])


def _new(met: str | None) -> str:
    """Of a row, whether nothing of its session was folded before."""
    return '"session" IS NOT NULL' + (f' AND "session" NOT IN (SELECT "session" FROM {met})' if met else "")


def _told_apart(rows: str, met: str | None) -> str:
    """The rows as a SELECT, with what is alone and first among them. Joined: windows over rows so wide take as long as all the rest."""
    same = f"hash({quoted(SESSION_KEYS)})"
    return f"""
WITH made AS MATERIALIZED (
    SELECT *, row_number() OVER () AS place, hash(monitor, "session", interaction, {PAGE_OF_LOAD}) AS load_key FROM ({rows})
),
loads AS (SELECT load_key AS of_load, count(*) AS parts FROM made WHERE scored > 0 GROUP BY ALL),
new_sessions AS (
    SELECT monitor AS of_monitor, "session" AS of_session, min({same}) = max({same}) AS one_kind
    FROM made WHERE {_new(met)} GROUP BY ALL
),
firsts AS (SELECT min(place) AS first_place FROM made GROUP BY monitor, "session", page_group)
SELECT made.* EXCLUDE (place, load_key) REPLACE (
    scored > 0 AND of_session IS NOT NULL AND parts = 1 AS alone,
    CASE WHEN one_kind THEN first_place IS NOT NULL END AS {FIRST_ON_PAGE}
)
FROM made LEFT JOIN loads ON of_load = load_key LEFT JOIN firsts ON first_place = place
LEFT JOIN new_sessions ON of_monitor = monitor AND of_session = "session"
"""


def _folded(catalog: str, after: int, to: int) -> str:
    """The rows of those blocks as a SELECT."""
    singles = ", ".join(f'{of} AS "{name}"' for name, of in {**OF_ONE, "time": _HOUR, "block": f"{to:d}"}.items())
    whole = ", ".join(f'{_OF_MANY.get(name, quoted([name]))} AS "{name}"' for name in COLUMNS)
    keys = quoted(name for name in COLUMNS if name not in _OF_MANY)
    # The second value of a kind that a page load told, and the second page view, get the number 2, and so a row of its own.
    # Few do: the others are not numbered, which would take as long as to fold them.
    told = f'hash(monitor, "session", "user", interaction, page, "type", {_HOUR})'
    rows = f"FROM {catalog}.event_rows WHERE block > {after:d} AND block <= {to:d}"
    timed = _is("page_view", *(of for of, _ in _TIMED.values()))
    again = f"{timed} AND {told} IN (SELECT {told} {rows} AND {timed} GROUP BY 1 HAVING count(*) > 1)"
    return (
        f"SELECT {whole} FROM ("
        f" SELECT {singles}, row_number() OVER (PARTITION BY {told}) AS number {rows} AND {again}"
        f" UNION ALL SELECT {singles}, 1 {rows} AND NOT ({again})"
        f") GROUP BY {keys}, number"
    )


def _put_errors_apart(cursor: duckdb.DuckDBPyConnection, catalog: str, after: int, to: int) -> None:
    types = f"'{ERROR_TYPE}', '{BUILT_IN_TYPE_PREFIX}{ERROR_TYPE}'"
    cursor.execute(
        f"INSERT INTO {catalog}.{ERRORS_TABLE} SELECT {quoted(ERROR_COLUMNS)} FROM {catalog}.event_rows"
        f' WHERE block > {after:d} AND block <= {to:d} AND "type" IN ({types}) ORDER BY {_ORDER}'
    )
