"""A day's rows once more, folded: one for each page load of an hour, with its counts and its timings.

A site's usual questions (how many, of whom, how fast) read a sixth of the rows, and get the same answers: a fold loses
which event said what, and nothing of what is counted. A timing that a page load told twice makes a second folded row, so
that each value is there once. Rows are folded in the order of their journal blocks, up to one that the file remembers:
what came after it, and the hours at the ends of a range, are read from the events. See docs/decisions/0012.
"""

import duckdb

from openrum.events import BUILT_IN_TYPE_PREFIX
from openrum.store.schema import EVENT_COLUMNS, quoted
from openrum.store.store import HOUR_MS
from openrum.vitals import SCORED, VITALS, points

TABLE = "folded_rows"
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
}
"""Column → type."""

_OF_MANY: dict[str, str] = {
    "first_ms": "min(first_ms)",
    "last_ms": "max(last_ms)",
    **{name: f"CAST(sum({name}) AS INTEGER)" for name in (*_COUNTED, "points")},
    **{name: f"max({name})" for name in _TIMED},
}
_ORDER = 'monitor, "time", "session"'
_HOUR = f'"time" // {HOUR_MS} * {HOUR_MS}'


def tables(catalog: str) -> tuple[str, ...]:
    """The statements that make what a fold needs, in the place of folds of another form."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    return (
        f"CREATE OR REPLACE TABLE {catalog}.{TABLE} ({columns})",
        f"CREATE OR REPLACE TABLE {catalog}.{_UP_TO} (block INTEGER)",
    )


def folded_to(cursor: duckdb.DuckDBPyConnection, catalog: str) -> int | None:
    """The last block whose rows are folded; None where none is, or where the folds are of another form."""
    found = cursor.execute(
        "SELECT list(column_name ORDER BY column_index) FROM duckdb_columns() WHERE database_name = ? AND table_name = ?",
        [catalog, TABLE],
    ).fetchone()
    if found is None or found[0] != list(COLUMNS):
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


def fold(cursor: duckdb.DuckDBPyConnection, catalog: str, after: int, to: int) -> None:
    """Fold the rows of the blocks behind `after`, up to `to`. Runs in the transaction of whoever calls."""
    singles = ", ".join(f'{of} AS "{name}"' for name, of in {**OF_ONE, "time": _HOUR, "block": f"{to:d}"}.items())
    whole = ", ".join(f'{_OF_MANY.get(name, quoted([name]))} AS "{name}"' for name in COLUMNS)
    keys = quoted(name for name in COLUMNS if name not in _OF_MANY)
    # The second value of a kind that a page load told gets the number 2, and so a row of its own.
    number = f'row_number() OVER (PARTITION BY monitor, "session", "user", interaction, page, "type", {_HOUR})'
    timed = _is(*(of for of, _ in _TIMED.values()))
    rows = f"FROM {catalog}.event_rows WHERE block > {after:d} AND block <= {to:d}"
    cursor.execute(
        f"INSERT INTO {catalog}.{TABLE} SELECT {whole} FROM ("
        f" SELECT {singles}, {number} AS number {rows} AND {timed}"
        f" UNION ALL SELECT {singles}, 1 {rows} AND NOT ({timed})"
        f") GROUP BY {keys}, number ORDER BY {_ORDER}"
    )
    cursor.execute(f"DELETE FROM {catalog}.{_UP_TO}")
    cursor.execute(f"INSERT INTO {catalog}.{_UP_TO} VALUES (?)", [to])
