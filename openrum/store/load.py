"""One group into its day's file: staged, duplicates marked, rows, replays, ledger and position in one transaction.

Rows go by way of a file of JSON lines that DuckDB reads itself, off the interpreter lock: 4 µs an event, where binding
them as parameters takes 800. The file is emptied when they are in: what is forgotten must not lie on there.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from openrum.events import Flag
from openrum.store.day_files import DayFile
from openrum.store.duplicates import mark_duplicates
from openrum.store.schema import EVENT_COLUMNS, REPLAY_COLUMNS, quoted
from openrum.store.store import HOUR_MS, Group
from openrum.store.transaction import transaction

_STAGED = {**EVENT_COLUMNS, "outcome": "VARCHAR", "reason": "VARCHAR"}
_LINE_BYTES_MAX = 16 * 1024 * 1024  # the engine sets twice that aside for each of its threads
_REPLACED = int(Flag.TIME_REPLACED)
_FILES = "$files"


def _reading(columns: dict[str, str]) -> str:
    spec = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return (
        f"read_json([{_FILES}], format = 'newline_delimited', maximum_object_size = {_LINE_BYTES_MAX},"
        f" columns = {{{spec}}})"
    )


# The encoder leaves out what has its default: stored, no reason, no flags.
_STAGE = f"""
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT * REPLACE (
    coalesce(outcome, 'stored') AS outcome, coalesce(reason, '') AS reason, coalesce(flags, 0) AS flags
), row_number() OVER () AS ordinal
FROM {_reading(_STAGED)}
"""

_INSERT = """
INSERT INTO {catalog}.event_rows SELECT {names} FROM incoming WHERE outcome = 'stored'
"""

_SPAN = f"""
SELECT min("time"), max("time"), coalesce(bool_or(flags & {_REPLACED} != 0), false) FROM incoming
WHERE outcome = 'stored'
"""

_STAGE_REPLAYS = f"""
CREATE OR REPLACE TEMP TABLE incoming_replays AS
SELECT * REPLACE (from_base64(data) AS data) FROM {_reading({**REPLAY_COLUMNS, "data": "VARCHAR"})}
"""

_INSERT_REPLAYS = """
INSERT INTO {catalog}.replay_chunks SELECT {names} FROM incoming_replays AS r
WHERE EXISTS (FROM incoming AS i WHERE i.outcome = 'stored' AND i.block = r.block AND i.record = r.record
                                   AND i."index" = r."index")
"""

_COUNT = f"""
INSERT INTO counted
SELECT monitor, received // {HOUR_MS} * {HOUR_MS}, outcome, reason, count(*),
       arg_min([day, block, record, "index"], ordinal)
FROM incoming GROUP BY ALL
"""

_ADD_TO_LEDGER = """
UPDATE {catalog}.ledger AS ledger SET count = ledger.count + c.count FROM counted AS c
WHERE ledger.monitor = c.monitor AND ledger.hour = c.hour AND ledger.outcome = c.outcome AND ledger.reason = c.reason
"""

_BEGIN_IN_LEDGER = """
INSERT INTO {catalog}.ledger SELECT c.* FROM counted AS c WHERE NOT EXISTS (
    FROM {catalog}.ledger AS l
    WHERE l.monitor = c.monitor AND l.hour = c.hour AND l.outcome = c.outcome AND l.reason = c.reason
)
"""


def load(
    connection: duckdb.DuckDBPyConnection, staging: Path, group: Group, into: DayFile, beside: Sequence[DayFile]
) -> DayFile:
    """Apply a group to a day's file; duplicates are looked for there and in the files `beside`.

    Raises duckdb.Error, after which nothing of it is in the store.
    """
    _, block = group.position
    span: tuple[int | None, int | None, bool] = (None, None, False)
    with transaction(connection):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE counted"
            " (monitor VARCHAR, hour BIGINT, outcome VARCHAR, reason VARCHAR, count BIGINT, sample INTEGER[])"
        )
        if group.lines or group.files:
            if group.files:
                _stage(connection, _STAGE, group.files)
            else:
                _stage_lines(connection, staging, _STAGE, group.lines)
            mark_duplicates(connection, into, beside)
            connection.execute(_INSERT.format(catalog=into.catalog, names=quoted(EVENT_COLUMNS)))
            connection.execute(_COUNT)
            span = connection.execute(_SPAN).fetchone() or span
        if group.replays:
            _stage_lines(connection, staging, _STAGE_REPLAYS, group.replays)
            connection.execute(_INSERT_REPLAYS.format(catalog=into.catalog, names=quoted(REPLAY_COLUMNS)))
        _count_the_doors(connection, group)
        connection.execute(_ADD_TO_LEDGER.format(catalog=into.catalog))
        connection.execute(_BEGIN_IN_LEDGER.format(catalog=into.catalog))
        connection.execute(f"UPDATE {into.catalog}.about SET block = ?", [block])
    return into.with_rows(block, span[0], span[1], flagged=span[2])


def takes(connection: duckdb.DuckDBPyConnection, staging: Path, lines: Sequence[bytes]) -> bool:
    """Whether the engine can take these rows."""
    try:
        _stage_lines(connection, staging, _STAGE, b"\n".join(lines))
    except (duckdb.DataError, duckdb.ProgrammingError):
        return False
    return True


def _stage_lines(connection: duckdb.DuckDBPyConnection, path: Path, statement: str, lines: bytes | bytearray) -> None:
    path.write_bytes(lines)
    try:
        _stage(connection, statement, [path])
    finally:
        path.write_bytes(b"")


def _stage(connection: duckdb.DuckDBPyConnection, statement: str, files: Sequence[Path]) -> None:
    names = ", ".join("'" + str(file.absolute()).replace("'", "''") + "'" for file in files)
    connection.execute(statement.replace(_FILES, names))


def _count_the_doors(connection: duckdb.DuckDBPyConnection, group: Group) -> None:
    """What no row stands for: events the door took, requests it refused, events that cannot be read back."""
    rows = [(monitor, hour, outcome, str(why), count) for (monitor, hour, outcome, why), count in group.counted.items()]
    if rows:
        connection.executemany("INSERT INTO counted VALUES (?, ?, ?, ?, ?, NULL)", rows)
