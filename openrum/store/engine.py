"""The engine as the store has it: in memory, with the files of one folder, and locked. Knows nothing of what is in them."""

from pathlib import Path

import duckdb

from openrum.limits import Limits

_LOG_SIZE = "192MiB"
"""Of a write-ahead log, before it is brought into its file whatever packing.py says, which has it done at 80 MiB where rows are
as large as usual. A start after a kill reads what is in it.
"""


def open_engine(folder: Path, staging: Path, limits: Limits, threads: int | None) -> duckdb.DuckDBPyConnection:
    """An engine in memory that may open files of the folder, and nothing else: no other file, no network, no settings.

    Raises duckdb.Error.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{limits.query_memory_bytes // 1024}KiB",
        "max_temp_directory_size": f"{limits.query_spill_bytes // 1024}KiB",
        "wal_autocheckpoint": _LOG_SIZE,
        "python_enable_replacements": False,  # a variable of ours is no table
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        if threads is not None:
            connection.execute(f"SET threads = {threads:d}")
        for statement in (
            f"SET allowed_directories = ['{_quoted(folder)}']",
            f"SET temp_directory = '{_quoted(staging)}'",
            "SET GLOBAL TimeZone = 'UTC'",
            "SET enable_external_access = false",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET preserve_insertion_order = true",
            "SET lock_configuration = true",
        ):
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
