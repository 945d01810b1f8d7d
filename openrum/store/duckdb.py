"""The DuckDB store: one file in the data directory, one writer, any number of questions beside it."""

import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from openrum.events import Row
from openrum.limits import Limits
from openrum.outcomes import Outcome, Reason
from openrum.store import schema
from openrum.store.load import load, takes
from openrum.store.store import (
    Answer,
    Group,
    LedgerRow,
    QueryFailed,
    QueryTimeout,
    RowsRefused,
    StoreUnavailable,
    Summary,
)
from openrum.store.transaction import transaction

FILE = "store.duckdb"


class DuckDBStore:
    """See `Store`. Questions run on cursors of their own and see what is committed."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Open or create. Raises schema.StoreVersion, or duckdb.Error where the file cannot be read."""
        self._path = path
        self._limits = limits
        self._connection = schema.open_database(path, limits)
        self._staging = path.parent / schema.STAGING / f"{path.stem}.ndjson"

    def position(self) -> tuple[int, int] | None:
        """How far the journal is applied."""
        row = self._connection.cursor().execute("SELECT day, block FROM about WHERE day IS NOT NULL").fetchone()
        return (row[0], row[1]) if row else None

    def apply(self, group: Group) -> None:
        """Apply a group, all or nothing."""
        try:
            load(self._connection, self._staging, group)
        except (duckdb.DataError, duckdb.ProgrammingError) as error:
            raise RowsRefused(str(error)) from error
        except (duckdb.Error, OSError) as error:
            self._reopen()
            raise StoreUnavailable(str(error)) from error

    def refused(self, rows: Sequence[Row]) -> list[int]:
        """Halve until the offenders stand alone."""
        if takes(self._connection, self._staging, rows):
            return []
        if len(rows) == 1:
            return [0]
        half = len(rows) // 2
        return self.refused(rows[:half]) + [half + index for index in self.refused(rows[half:])]

    def run(self, sql: str, parameters: Mapping[str, Any], *, timeout_s: float, rows_max: int) -> Answer:
        """Ask one question. The SQL is ours; values of strangers stand in `parameters` alone."""
        cursor = self._connection.cursor()
        overdue = threading.Event()

        def interrupt() -> None:
            overdue.set()
            cursor.interrupt()

        timer = threading.Timer(timeout_s, interrupt)
        timer.daemon = True
        timer.start()
        try:
            cursor.execute(sql, dict(parameters))
            rows = cursor.fetchmany(rows_max + 1)
            columns = [column[0] for column in cursor.description or []]
        except duckdb.Error as error:
            if overdue.is_set():
                raise QueryTimeout(
                    f"the question took longer than {timeout_s:g} seconds; ask for a shorter range"
                ) from None
            raise QueryFailed(str(error)) from None
        finally:
            timer.cancel()
            cursor.close()
        return Answer(columns, rows[:rows_max], truncated=len(rows) > rows_max)

    def run_user_sql(self, sql: str, *, timeout_s: float, rows_max: int) -> Answer:
        """One SELECT. Files, network and settings were locked away when the store was opened."""
        try:
            statements = duckdb.extract_statements(sql)
        except duckdb.Error as error:
            raise QueryFailed(str(error)) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryFailed("one SELECT statement is taken here, nothing that writes or sets anything")
        # As a subquery it cannot be anything but a query, whatever the engine calls a SELECT.
        inner = statements[0].query.strip().rstrip(";")
        return self.run(f"SELECT * FROM (\n{inner}\n)", {}, timeout_s=timeout_s, rows_max=rows_max)

    def ledger(self, monitor: str, from_ms: int, to_ms: int) -> list[LedgerRow]:
        """By hour, outcome and reason; hours that begin in [from_ms - 1 h, to_ms)."""
        rows = self._connection.cursor().execute(
            "SELECT hour, outcome, reason, count, sample FROM ledger"
            " WHERE monitor = ? AND hour > ? - 3600000 AND hour < ? ORDER BY hour, outcome, reason",
            [monitor, from_ms, to_ms],
        )
        return [
            LedgerRow(hour, outcome, reason, count, tuple(sample) if sample else None)
            for hour, outcome, reason, count, sample in rows.fetchall()
        ]

    def totals(self) -> dict[tuple[str, str], int]:
        """Over all time and all hours."""
        rows = self._connection.cursor().execute("SELECT monitor, outcome, sum(count)::BIGINT FROM ledger GROUP BY ALL")
        return {(monitor, outcome): count for monitor, outcome, count in rows.fetchall()}

    def trim(self, before_ms: int) -> int:
        """Delete rows whose time is before, and hours of the ledger that ended before; give the space back."""
        with transaction(self._connection):
            row = self._connection.execute('DELETE FROM event_rows WHERE "time" < ?', [before_ms]).fetchone()
            self._connection.execute("DELETE FROM ledger WHERE hour < ? - 3600000", [before_ms])
            deleted = int(row[0]) if row else 0
            if deleted:
                self._connection.execute("UPDATE about SET trimmed = true")
        if deleted:
            self._connection.execute("CHECKPOINT")
        return deleted

    def purge(self, monitors: Collection[str]) -> int:
        """Rows out; what was stored is counted as dropped."""
        ids = list(monitors)
        with transaction(self._connection):
            row = self._connection.execute(
                "DELETE FROM event_rows WHERE monitor IN (SELECT unnest(?::UUID[]))", [ids]
            ).fetchone()
            self._connection.execute(
                "UPDATE ledger SET outcome = ?, reason = ? WHERE outcome = ? AND monitor IN (SELECT unnest(?))",
                [Outcome.DROPPED, Reason.MONITOR_DELETED, Outcome.STORED, ids],
            )
        deleted = int(row[0]) if row else 0
        if deleted:
            self._connection.execute("CHECKPOINT")
        return deleted

    def summary(self) -> Summary:
        """Reads everything."""
        cursor = self._connection.cursor()
        ledger = cursor.execute("SELECT monitor, hour, outcome, reason, sum(count)::BIGINT FROM ledger GROUP BY ALL")
        counted = {
            (monitor, hour, outcome, Reason(why)): count for monitor, hour, outcome, why, count in ledger.fetchall()
        }
        rows = cursor.execute(
            "SELECT monitor::VARCHAR, count(*), count(DISTINCT id) FROM event_rows GROUP BY 1"
        ).fetchall()
        trimmed = cursor.execute("SELECT trimmed FROM about").fetchone()
        return Summary(
            ledger=counted,
            rows={monitor: count for monitor, count, _ in rows},
            ids={monitor: count for monitor, _, count in rows},
            trimmed=bool(trimmed and trimmed[0]),
        )

    def size_bytes(self) -> int:
        """The file and its write-ahead log."""
        return sum(path.stat().st_size for path in self._path.parent.glob(f"{self._path.name}*"))

    def close(self) -> None:
        """Checkpoint and let go of the file."""
        self._connection.close()
        self._staging.unlink(missing_ok=True)

    def _reopen(self) -> None:
        """After an I/O error the engine may refuse everything until the file is opened anew."""
        with suppress(duckdb.Error):
            self._connection.close()
        with suppress(duckdb.Error):
            self._connection = schema.open_database(self._path, self._limits)
