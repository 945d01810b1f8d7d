"""When the rows of a file are brought out of its write-ahead log and packed. What is known here of the engine's row groups.

The engine packs the rows that were appended since it last did as row groups of their own, and packs once more those that would
fit into fewer together. Told to when a row group is all but full, it packs each row once, at 4 µs; left to the size of the log, it
packed up to three row groups anew each time, at up to 20 µs for each row that had come. See docs/decisions/0021.

It packs nothing while a question is under way that began before a row was changed or removed. Groups only add (load.py), so that this
is so after a fold alone, and then until the questions of that moment have ended.
"""

from contextlib import suppress

import duckdb

ROW_GROUP = 122_880
"""Rows of one of the engine's."""


class Packing:
    """Counts what was appended to each file. Belongs to whoever applies groups."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def coming(self, connection: duckdb.DuckDBPyConnection, catalog: str, rows: int) -> None:
        """A file is to get so many rows: have what waits packed before where they do not fit in. The few that go over would be a row
        group of their own, which is packed again together with the three or four around it. Raises duckdb.Error.
        """
        waiting = self._rows.get(catalog, 0)
        if waiting and waiting + rows > ROW_GROUP:
            self._pack(connection, catalog)

    def appended(self, connection: duckdb.DuckDBPyConnection, catalog: str, rows: int) -> None:
        """A file got these rows: have them packed unless as many fit in once more, for now nobody waits for it. Raises duckdb.Error."""
        waiting = self._rows[catalog] = self._rows.get(catalog, 0) + rows
        if waiting + rows > ROW_GROUP:
            self._pack(connection, catalog)

    def _pack(self, connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
        """Where that cannot be now, the next rows have it tried again."""
        with suppress(duckdb.TransactionException):
            connection.execute(f"CHECKPOINT {catalog}")
            self._rows[catalog] = 0
