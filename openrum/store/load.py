"""One group into the store: staged, duplicates marked, rows, ledger and position in one transaction.

Rows go by way of a file of JSON lines that DuckDB reads itself, off the interpreter lock: 2 µs an event, where binding
them as parameters takes 800.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import msgspec

from openrum.events import Row
from openrum.store.duplicates import mark_duplicates
from openrum.store.schema import EVENT_COLUMNS
from openrum.store.store import HOUR_MS, Group
from openrum.store.transaction import transaction

_ENCODER = msgspec.json.Encoder()
_SLICE = 500  # rows encoded at a time, so that the loop's thread gets the interpreter between

_STAGED = {**EVENT_COLUMNS, "outcome": "VARCHAR", "reason": "VARCHAR"}
_SPEC = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in _STAGED.items()) + "}"
_NAMES = ", ".join(f'"{name}"' for name in EVENT_COLUMNS)

# The encoder leaves out what has its default: stored, no reason, no flags.
_STAGE = f"""
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT * REPLACE (
    coalesce(outcome, 'stored') AS outcome, coalesce(reason, '') AS reason, coalesce(flags, 0) AS flags
), row_number() OVER () AS ordinal
FROM read_json(?, format = 'newline_delimited', maximum_object_size = 67108864, columns = {_SPEC})
"""

_INSERT = f"INSERT INTO event_rows SELECT {_NAMES} FROM incoming WHERE outcome = 'stored' ORDER BY ordinal"

_COUNT = f"""
INSERT INTO counted
SELECT monitor, received // {HOUR_MS} * {HOUR_MS}, outcome, reason, count(*),
       arg_min([day, block, record, "index"], ordinal)
FROM incoming GROUP BY ALL
"""

_ADD_TO_LEDGER = """
UPDATE ledger SET count = ledger.count + c.count FROM counted AS c
WHERE ledger.monitor = c.monitor AND ledger.hour = c.hour AND ledger.outcome = c.outcome AND ledger.reason = c.reason
"""

_BEGIN_IN_LEDGER = """
INSERT INTO ledger SELECT c.* FROM counted AS c WHERE NOT EXISTS (
    FROM ledger AS l WHERE l.monitor = c.monitor AND l.hour = c.hour AND l.outcome = c.outcome AND l.reason = c.reason
)
"""


def load(connection: duckdb.DuckDBPyConnection, staging: Path, group: Group) -> None:
    """Apply a group. Raises duckdb.Error, after which nothing of it is in the store."""
    if group.rows:
        _write_lines(staging, group.rows)
    with transaction(connection):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE counted"
            " (monitor VARCHAR, hour BIGINT, outcome VARCHAR, reason VARCHAR, count BIGINT, sample INTEGER[])"
        )
        if group.rows:
            connection.execute(_STAGE, [str(staging)])
            mark_duplicates(connection)
            connection.execute(_INSERT)
            connection.execute(_COUNT)
        _count_the_doors(connection, group)
        connection.execute(_ADD_TO_LEDGER)
        connection.execute(_BEGIN_IN_LEDGER)
        connection.execute("UPDATE about SET day = ?, block = ?", list(group.position))


def takes(connection: duckdb.DuckDBPyConnection, staging: Path, rows: Sequence[Row]) -> bool:
    """Whether the engine can take these rows."""
    _write_lines(staging, rows)
    try:
        connection.execute(_STAGE, [str(staging)])
    except (duckdb.DataError, duckdb.ProgrammingError):
        return False
    return True


def _write_lines(path: Path, rows: Sequence[Row]) -> None:
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(rows), _SLICE):
            file.write(_ENCODER.encode_lines(rows[start : start + _SLICE]))


def _count_the_doors(connection: duckdb.DuckDBPyConnection, group: Group) -> None:
    """What no row stands for: events the door took, requests it refused, events that cannot be read back."""
    rows = [(monitor, hour, outcome, str(why), count) for (monitor, hour, outcome, why), count in group.counted.items()]
    if rows:
        connection.executemany("INSERT INTO counted VALUES (?, ?, ?, ?, ?, NULL)", rows)
