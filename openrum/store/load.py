"""One group into its day's file: judged, rows without the duplicates, replays, ledger and position in one transaction.

Rows go by way of a file of JSON lines that DuckDB reads itself, off the interpreter lock: 4 µs an event, where binding
them as parameters takes 800. The file is emptied when they are in: what is forgotten must not lie on there.

Each statement has a price of some milliseconds whatever it is asked, for the engine plans it anew: there are few of them. And each
adds and none changes: beside a question that began before a row was changed the engine packs nothing (packing.py).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from openrum.store.day_files import DayFile
from openrum.store.duplicates import stored_before
from openrum.store.incoming import Incoming, of_those
from openrum.store.schema import ABOUT, EVENT_COLUMNS, REPLAY_COLUMNS, quoted
from openrum.store.statements import Statements
from openrum.store.store import Group
from openrum.store.transaction import transaction

_LINE_BYTES_MAX = 16 * 1024 * 1024  # the engine sets twice that aside for each of its threads
_FILES = "$files"


def _reading(columns: dict[str, str]) -> str:
    spec = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return f"read_json([{_FILES}], format = 'newline_delimited', maximum_object_size = {_LINE_BYTES_MAX}, columns = {{{spec}}})"


_ENDING = {"outcome": "VARCHAR", "reason": "VARCHAR"}

# The encoder leaves out what has its default: stored, and no flags.
_ROWS = f"SELECT * REPLACE (coalesce(flags, 0) AS flags) FROM {_reading({**EVENT_COLUMNS, **_ENDING})}"
_STAYING = f"SELECT {quoted(EVENT_COLUMNS)} FROM ({_ROWS}) WHERE coalesce(outcome, 'stored') = 'stored'"
_STAYING_OF_SOME = f"""
SELECT {quoted(EVENT_COLUMNS)} FROM (SELECT *, row_number() OVER () - 1 AS place FROM ({_ROWS}))
WHERE coalesce(outcome, 'stored') = 'stored' AND place NOT IN (SELECT unnest(?::BIGINT[]))
"""

_TRY = f"CREATE OR REPLACE TEMP TABLE tried AS FROM {_reading({**EVENT_COLUMNS, **_ENDING})}"

_REPLAYS = f"""
SELECT {quoted(REPLAY_COLUMNS)} FROM (
    SELECT * REPLACE (from_base64(data) AS data) FROM {_reading({**REPLAY_COLUMNS, "data": "VARCHAR"})}
)
"""

_TOGETHER = """
SELECT monitor, hour, outcome, reason, sum(count)::BIGINT, any_value(sample) FROM {catalog}.ledger GROUP BY ALL
"""

_COUNTED = "SELECT unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::INTEGER[][])"


def load(
    connection: duckdb.DuckDBPyConnection,
    statements: Statements,
    staging: Path,
    group: Group,
    incoming: Incoming,
    into: DayFile,
    beside: Sequence[DayFile],
) -> tuple[DayFile, int]:
    """Apply a group, whose rows are `incoming`, to a day's file, by way of the path `staging`; duplicates are looked for there and in the
    files `beside`.

    Returns the file as it is now, and how many rows it got. Raises duckdb.Error, after which nothing of it is in the store.
    """
    _, block = group.position
    with transaction(connection):
        if incoming.rows:
            incoming.judge(stored_before(connection, statements, incoming, into, beside))
            _insert_rows(connection, statements, staging, group, into, incoming)
        staying = incoming.staying()
        if group.replays:
            _insert_replays(connection, staging, of_those(group.replays, staying), into)
        _count(connection, into, group, incoming)
        connection.execute(f"INSERT INTO {into.catalog}.about VALUES (?, ?, ?)", [into.version, block, into.settled])
    times = [row.time for row in staying]
    file = into.with_rows(block, min(times, default=None), max(times, default=None), flagged=incoming.flagged)
    return file, len(staying)


def _insert_rows(
    connection: duckdb.DuckDBPyConnection,
    statements: Statements,
    staging: Path,
    group: Group,
    into: DayFile,
    incoming: Incoming,
) -> None:
    with _files_of(group, staging) as files:
        rows = _of(files, _STAYING_OF_SOME if incoming.again else _STAYING)
        statement = f"INSERT INTO {into.catalog}.event_rows {rows}"
        connection.execute(
            statements.read(connection, statement)
            if files == (staging,)
            else statement,  # of others, another each time
            [sorted(incoming.again)] if incoming.again else [],
        )


def _insert_replays(connection: duckdb.DuckDBPyConnection, staging: Path, lines: bytes, into: DayFile) -> None:
    with _files(staging, lines) as files:
        connection.execute(f"INSERT INTO {into.catalog}.replay_chunks {_of(files, _REPLAYS)}")


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
def _files_of(group: Group, path: Path) -> Iterator[Sequence[Path]]:
    """The rows of a group in files; where it is one, by that path, for then the statement is one that was read before."""
    if group.lines:
        with _files(path, group.lines) as files:
            yield files
    elif len(group.files) == 1 and _linked(group.files[0], path):
        try:
            yield (path,)
        finally:
            path.unlink()
    else:
        yield group.files


def _linked(file: Path, path: Path) -> bool:
    """Give a file that path as well. Not every file system can."""
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(file)
    except OSError:
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


def _count(connection: duckdb.DuckDBPyConnection, into: DayFile, group: Group, incoming: Incoming) -> None:
    """In the ledger: how each row ended, and what no row stands for (events the door took, requests it refused, events that
    cannot be read back).
    """
    counts, samples = incoming.counted()
    lines = [
        (monitor, hour, str(outcome), str(reason), count, samples.get(key))
        for of in (counts, group.counted)
        for key, count in of.items()
        for monitor, hour, outcome, reason in (key,)
    ]
    if lines:
        columns = [list(column) for column in zip(*lines, strict=True)]
        connection.execute(f"INSERT INTO {into.catalog}.ledger {_COUNTED}", columns)


def tidy(connection: duckdb.DuckDBPyConnection, file: DayFile) -> None:
    """Each group has lines of its own in the ledger, and in what the file says about itself; this makes one of those that say the
    same. Runs in the transaction of whoever calls.
    """
    for table, together in (("ledger", _TOGETHER), ("about", ABOUT)):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE tidied AS {together.format(catalog=file.catalog)}")
        connection.execute(f"DELETE FROM {file.catalog}.{table}")
        connection.execute(f"INSERT INTO {file.catalog}.{table} FROM tidied")
