"""All or nothing, on a DuckDB connection."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commits at the end; after any exception nothing of it is in the store."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # the engine may have ended the transaction itself
            connection.execute("ROLLBACK")
        raise
