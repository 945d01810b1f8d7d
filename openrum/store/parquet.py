"""Rows as Parquet, in types that every reader of Parquet knows: ids and JSON as texts, times in UTC, values as doubles."""

from pathlib import Path

import duckdb

from openrum.store.schema import EVENT_COLUMNS

_TIMES = ("time", "received", "client_time")
_LEFT_OUT = frozenset(("monitor", "day", "block", "record", "index"))
_AS = {"UUID": "VARCHAR", "JSON": "VARCHAR", "FLOAT": "DOUBLE", "SMALLINT": "INTEGER"}
COLUMNS = tuple(name for name in EVENT_COLUMNS if name not in _LEFT_OUT)
"""The columns of a file, `raw` apart."""


def _readable(name: str) -> str:
    if name in _TIMES:
        return f'make_timestamp_ms(e."{name}") AS "{name}"'
    kind = EVENT_COLUMNS[name]
    return f'e."{name}"::{_AS[kind]} AS "{name}"' if kind in _AS else f'e."{name}"'


def copy(cursor: duckdb.DuckDBPyConnection, rows: str, parameters: dict[str, object], lines: Path, to: Path) -> None:
    """The rows that `lines` names: JSON arrays of day, block, record, index and the raw form. `rows` is a SELECT."""
    selected = ", ".join(_readable(name) for name in COLUMNS)
    cursor.execute(
        f"""
COPY (
    SELECT {selected}, r.raw
    FROM ({rows}) AS e
    JOIN (
        SELECT (j->>0)::INTEGER AS day, (j->>1)::INTEGER AS block, (j->>2)::INTEGER AS record,
               (j->>3)::INTEGER AS "index", j->>4 AS raw
        FROM read_json_objects($lines, format = 'newline_delimited', maximum_object_size = 67108864) AS t(j)
    ) AS r USING (day, block, record, "index")
    ORDER BY e."time", e.day, e.block, e.record, e."index"
) TO '{str(to).replace("'", "''")}' (FORMAT parquet, COMPRESSION zstd)
""",
        {**parameters, "lines": str(lines)},
    )
