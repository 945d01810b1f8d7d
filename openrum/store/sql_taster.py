"""`python -m openrum.store.sql_taster IDLE_S`: plans the queries that come in on standard input, until it ends.

Started by `tasting.py` and by nobody else. Says when it is ready, and when a query is planned or refused: why it is, the
store's own engine says better. Ends with its parent, whose end closes the pipe; by itself when nothing came for so many
seconds; and by force when it takes more memory or time than planning may.
"""

import os
import resource
import select
import signal
import sys

import duckdb

from openrum.store import schema
from openrum.store.tasting import DONE, receive

_BEHIND_THE_DOORS = 10
_MEMORY_BYTES = 1 << 30
_CPU_S = 10
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "256MiB",
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def main() -> None:
    """Answer queries in their order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the parent decides
    os.nice(_BEHIND_THE_DOORS)
    connection = _engine()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(DONE)
    sink.flush()
    while select.select([source], [], [], float(sys.argv[1]))[0]:
        try:
            text = receive(source).decode()
        except EOFError:
            return
        _allow(_CPU_S)
        try:
            _plan(connection, text)
        except MemoryError:
            return  # what the engine holds by now is not worth keeping
        sink.write(DONE)
        sink.flush()


def _engine() -> duckdb.DuckDBPyConnection:
    """The views of the store over a table with one row of nothing: what is over no row at all is planned away."""
    connection = duckdb.connect(":memory:", config=_CONFIG)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in schema.EVENT_COLUMNS.items())
    connection.execute(f"CREATE TABLE event_rows ({columns})")
    connection.execute("INSERT INTO event_rows DEFAULT VALUES")
    for name, select_ in schema.VIEWS.items():
        connection.execute(f"CREATE VIEW {name} AS {select_}")
    for statement in (
        "SET GLOBAL TimeZone = 'UTC'",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.execute(statement)
    return connection


def _plan(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    try:
        connection.execute(f"EXPLAIN {text}").fetchall()
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except duckdb.Error:
        pass


def _allow(cpu_s: int) -> None:
    """So many seconds more: whoever waits may be gone, and nobody else would end a query that is planned for ever."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + cpu_s, most))


if __name__ == "__main__":
    main()
