"""How many rows of a monitor the days' files have: what is counted of a whole file is kept until the file changes."""

from collections.abc import Sequence

import duckdb

from openrum.store.day_files import DayFile

_KEPT_MAX = 20_000
_Key = tuple[str, int | None, str]


class FileCounts:
    """Counts by file, by how far it is written, and by monitor. Any thread may ask; at worst two count the same."""

    def __init__(self) -> None:
        self._kept: dict[_Key, int] = {}

    def of(
        self, cursor: duckdb.DuckDBPyConnection, files: Sequence[DayFile], monitor: str, from_ms: int, to_ms: int
    ) -> int:
        """The rows of a monitor in [from, to) of these files. Raises duckdb.Error."""
        total = 0
        for file in files:
            first, last = file.first_ms, file.last_ms
            if first is not None and last is not None and first >= from_ms and last < to_ms:
                total += self._of_whole(cursor, file, monitor)
            else:
                within = ' AND "time" >= $from_ms AND "time" < $to_ms'
                total += _count(cursor, file, monitor, within, {"from_ms": from_ms, "to_ms": to_ms})
        return total

    def _of_whole(self, cursor: duckdb.DuckDBPyConnection, file: DayFile, monitor: str) -> int:
        key = (file.catalog, file.block, monitor)
        if (known := self._kept.get(key)) is not None:
            return known
        count = _count(cursor, file, monitor)
        if len(self._kept) >= _KEPT_MAX:
            self._kept.clear()
        self._kept[key] = count
        return count


def _count(
    cursor: duckdb.DuckDBPyConnection,
    file: DayFile,
    monitor: str,
    within: str = "",
    parameters: dict[str, int] | None = None,
) -> int:
    [(count,)] = cursor.execute(
        f"SELECT count(*) FROM {file.catalog}.event_rows WHERE monitor = $monitor::UUID{within}",
        {"monitor": monitor, **(parameters or {})},
    ).fetchall()
    return int(count)
