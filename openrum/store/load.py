"""One group into its day's file: judged, rows without the duplicates, replays, ledger and position in one transaction.

Rows go by way of a file of JSON lines that DuckDB reads itself, off the interpreter lock: 4 µs an event, where binding
them as parameters takes 800. The file is emptied when they are in: what is forgotten must not lie on there.

Each statement has a price of some milliseconds whatever it is asked, for the engine plans it anew: there are few of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import duckdb

from openrum.store.day_files import DayFile
from openrum.store.duplicates import NONE_JUDGED, judge
from openrum.store.schema import EVENT_COLUMNS, REPLAY_COLUMNS, quoted
from openrum.store.statements import Statements
from openrum.store.store import HOUR_MS, Group
from openrum.store.transaction import transaction

_LINE_BYTES_MAX = 16 * 1024 * 1024  # the engine sets twice that aside for each of its threads
_FILES = "$files"


def _reading(columns: dict[str, str]) -> str:
    spec = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return (
        f"read_json([{_FILES}], format = 'newline_delimited', maximum_object_size = {_LINE_BYTES_MAX},"
        f" columns = {{{spec}}})"
    )


_PLACE = ("day", "block", "record", "index")
_ENDING = {"outcome": "VARCHAR", "reason": "VARCHAR"}
_JUDGED = {name: EVENT_COLUMNS[name] for name in ("monitor", "id", "time", "received", "flags", *_PLACE)}

# The encoder leaves out what has its default: stored, no reason, no flags. Most of a row is not read before it is known to stay:
# to set 92 columns aside takes longer than to read them again.
_STAGE = f"""
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT * REPLACE (
    coalesce(outcome, 'stored') AS outcome, coalesce(reason, '') AS reason, coalesce(flags, 0) AS flags
), row_number() OVER () AS ordinal
FROM {_reading({**_JUDGED, **_ENDING})}
"""

_STAYING = f"""
SELECT {quoted(EVENT_COLUMNS)} FROM (
    SELECT * REPLACE (coalesce(flags, 0) AS flags) FROM {_reading({**EVENT_COLUMNS, **_ENDING})}
    WHERE coalesce(outcome, 'stored') = 'stored'
)
"""

_STAYING_OF_SOME = f"""
SELECT {quoted(EVENT_COLUMNS)} FROM (
    SELECT * REPLACE (coalesce(flags, 0) AS flags), row_number() OVER () AS ordinal
    FROM {_reading({**EVENT_COLUMNS, **_ENDING})}
) WHERE ordinal IN (SELECT ordinal FROM incoming WHERE outcome = 'stored')
"""

_TRY = f"CREATE OR REPLACE TEMP TABLE tried AS FROM {_reading({**EVENT_COLUMNS, **_ENDING})}"

_STAGE_REPLAYS = f"""
CREATE OR REPLACE TEMP TABLE incoming_replays AS
SELECT * REPLACE (from_base64(data) AS data) FROM {_reading({**REPLAY_COLUMNS, "data": "VARCHAR"})}
"""

_INSERT_REPLAYS = """
INSERT INTO {catalog}.replay_chunks SELECT {names} FROM incoming_replays AS r
WHERE EXISTS (FROM incoming AS i WHERE i.outcome = 'stored' AND i.block = r.block AND i.record = r.record
                                   AND i."index" = r."index")
"""

_COUNTED = f"""
SELECT monitor::VARCHAR AS monitor, received // {HOUR_MS} * {HOUR_MS} AS hour, outcome, reason, count(*) AS count,
       arg_min([{quoted(_PLACE)}], ordinal) AS sample
FROM incoming GROUP BY ALL
"""

_TOGETHER = """
SELECT monitor, hour, outcome, reason, sum(count)::BIGINT, any_value(sample) FROM {catalog}.ledger GROUP BY ALL
"""

_OF_THE_DOORS = "SELECT unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]), NULL"


def load(
    connection: duckdb.DuckDBPyConnection,
    statements: Statements,
    staging: Path,
    group: Group,
    into: DayFile,
    beside: Sequence[DayFile],
) -> DayFile:
    """Apply a group to a day's file, by way of the path `staging`; duplicates are looked for there and in the files `beside`.

    Raises duckdb.Error, after which nothing of it is in the store.
    """
    _, block = group.position
    judged = NONE_JUDGED
    with transaction(connection):
        with _files(staging, group.lines) if group.lines else nullcontext(group.files) as files:

            def execute(statement: str) -> None:
                text = _of(files, statement)  # of files of the workers it is another each time
                connection.execute(statements.read(connection, text) if group.lines else text)

            if files:
                execute(_STAGE)
                judged = judge(connection, into, beside)
                staying = _STAYING_OF_SOME if judged.duplicates else _STAYING
                execute(f"INSERT INTO {into.catalog}.event_rows {staying}")
        if group.replays:
            with _files(staging, group.replays) as files:
                connection.execute(_of(files, _STAGE_REPLAYS))
            connection.execute(_INSERT_REPLAYS.format(catalog=into.catalog, names=quoted(REPLAY_COLUMNS)))
        _count(connection, into, group)
        connection.execute(f"UPDATE {into.catalog}.about SET block = ?", [block])
    return into.with_rows(block, judged.first_ms, judged.last_ms, flagged=judged.flagged)


def takes(connection: duckdb.DuckDBPyConnection, staging: Path, lines: Sequence[bytes]) -> bool:
    """Whether the engine can take these rows."""
    try:
        with _files(staging, b"\n".join(lines)) as files:
            connection.execute(_of(files, _TRY))
        connection.execute("DROP TABLE tried")
    except (duckdb.DataError, duckdb.ProgrammingError):
        return False
    return True


@contextmanager
def _files(path: Path, lines: bytes | bytearray) -> Iterator[Sequence[Path]]:
    """A file of these lines, that is empty afterwards."""
    path.write_bytes(lines)
    try:
        yield (path,)
    finally:
        path.write_bytes(b"")


def _of(files: Sequence[Path], statement: str) -> str:
    names = ", ".join("'" + str(file.absolute()).replace("'", "''") + "'" for file in files)
    return statement.replace(_FILES, names)


def _count(connection: duckdb.DuckDBPyConnection, into: DayFile, group: Group) -> None:
    """In the ledger: how each row ended, and what no row stands for (events the door took, requests it refused, events that
    cannot be read back).
    """
    doors = [
        (monitor, hour, outcome, str(why), count) for (monitor, hour, outcome, why), count in group.counted.items()
    ]
    parts = [_COUNTED] if group.lines or group.files else []
    parts += [_OF_THE_DOORS] if doors else []
    if parts:
        columns = [list(column) for column in zip(*doors, strict=True)]
        connection.execute(f"INSERT INTO {into.catalog}.ledger {' UNION ALL '.join(parts)}", columns)


def tidy_ledger(connection: duckdb.DuckDBPyConnection, file: DayFile) -> None:
    """Each group has lines of its own in the ledger; this makes one of those that say the same. Runs in the transaction of
    whoever calls.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE tidied AS {_TOGETHER.format(catalog=file.catalog)}")
    connection.execute(f"DELETE FROM {file.catalog}.ledger")
    connection.execute(f"INSERT INTO {file.catalog}.ledger FROM tidied")
