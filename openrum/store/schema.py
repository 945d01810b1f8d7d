"""The tables of the DuckDB store, and how the file is opened.

No primary key and no secondary index: DuckDB is reported to persist them corrupt after a kill, and zone maps serve the
one look-up that needs speed. Times are epoch milliseconds, UTC.
"""

from pathlib import Path

import duckdb

from openrum.durable_files import put_in_place
from openrum.limits import Limits

VERSION = 1
STAGING = "staging"

# Column → type. The names are those of `openrum.events.Row`; tests/store holds the two together.
EVENT_COLUMNS: dict[str, str] = {
    "monitor": "UUID",
    "id": "UUID",
    "time": "BIGINT",
    "received": "BIGINT",
    "type": "VARCHAR",
    "day": "INTEGER",
    "block": "INTEGER",
    "record": "INTEGER",
    "index": "INTEGER",
    "flags": "SMALLINT",
    "client_time": "BIGINT",
    "session": "UUID",
    "user": "UUID",
    "page": "VARCHAR",
    "page_tags": "VARCHAR[]",
    "release": "VARCHAR",
    "browser": "VARCHAR",
    "browser_version": "VARCHAR",
    "os": "VARCHAR",
    "device": "VARCHAR",
    "country": "VARCHAR",
    "subdivision": "VARCHAR",
    "domain": "VARCHAR",
    "attributes": "JSON",
}

_TABLES = f"""
CREATE TABLE about (version INTEGER, day INTEGER, block INTEGER, trimmed BOOLEAN);
CREATE TABLE event_rows ({", ".join(f'"{name}" {kind}' for name, kind in EVENT_COLUMNS.items())});
CREATE TABLE ledger (
    monitor VARCHAR,   -- '' where a refused request named no known one
    hour BIGINT,       -- of receipt
    outcome VARCHAR, reason VARCHAR,
    count BIGINT,
    sample INTEGER[]   -- day, block, record, place in RumEvents
);
"""

# What a user's own SQL may see. The documentation names each column.
_VIEWS = """
CREATE OR REPLACE VIEW events AS
SELECT monitor, id, make_timestamp_ms("time") AS "time", make_timestamp_ms(received) AS received, "type", "session",
       "user", page, page_tags, "release", browser, browser_version, os, device, country, subdivision, domain,
       attributes, flags
FROM event_rows;
"""
VIEWS = frozenset({"events"})


class StoreVersion(Exception):
    """The file was written by another version. The message says what to do."""


def open_database(path: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    """Open or create the store, then lock it in: no file but the staging folder, no network, no settings after this.

    Raises StoreVersion, or duckdb.Error where the file cannot be read.
    """
    if not path.exists():
        _create(path)
    staging = path.parent / STAGING
    staging.mkdir(mode=0o700, exist_ok=True)
    connection = duckdb.connect(str(path), config={"memory_limit": f"{limits.query_memory_bytes // 1024}KiB"})
    try:
        for statement in (
            f"SET allowed_directories = ['{_quoted(staging)}']",
            f"SET temp_directory = '{_quoted(staging)}'",
            "SET enable_external_access = false",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET preserve_insertion_order = true",
        ):
            connection.execute(statement)
        _check_version(connection, path)
        connection.execute(_VIEWS)
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def _create(path: Path) -> None:
    """Make an empty store beside its place and move it there: the engine refuses a file that was begun and not ended."""
    beside = path.with_name(f"{path.name}.new")
    for leftover in (path.with_name(f"{path.name}.wal"), *path.parent.glob(f"{beside.name}*")):
        leftover.unlink(missing_ok=True)
    connection = duckdb.connect(str(beside))
    try:
        beside.chmod(0o600)
        connection.execute(_TABLES)
        connection.execute("INSERT INTO about VALUES (?, NULL, NULL, false)", [VERSION])
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    put_in_place(beside, path)


def _check_version(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    row = connection.execute("SELECT version FROM about").fetchone()
    if row is None or row[0] != VERSION:
        raise StoreVersion(
            f"{path} is not of the form {VERSION} that this version of OpenRUM writes: run `openrum rebuild`"
        )


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
