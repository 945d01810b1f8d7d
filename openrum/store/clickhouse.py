"""Questions to ClickHouse, over HTTP or in this process (chDB): the reading half of a store. It writes nothing.

Values go beside the SQL and are bound by the server. What ClickHouse means otherwise than SQL does (a join's missing row,
an aggregate of nothing, a name that is a column and a result) is set right by settings with every question, so its user
must be allowed to set them: `readonly` 0 or 2, not 1.
"""

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from openrum.limits import Limits
from openrum.store.store import Answer, Dialect, QueryFailed, QueryTimeout, Reads

if TYPE_CHECKING:  # the package is an extra
    from clickhouse_connect.driver.client import Client

_TIMEOUT_EXCEEDED = 159  # ClickHouse's code of the error

# Each makes ClickHouse answer as SQL, and so DuckDB, would.
_AS_SQL = {
    "join_use_nulls": 1,  # else a row that is not there is one of zeros
    "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1,
    "use_variant_as_common_type": 0,
}


class ClickHouseReader:
    """Asks ClickHouse. Any thread may; in one process with the engine, one question goes after the other."""

    dialect: ClassVar[Dialect] = "clickhouse"
    folds: ClassVar[bool] = False

    def __init__(self, client: "Client", limits: Limits) -> None:
        """The client is this reader's alone, and without a session: of a session the server answers one question at a time."""
        self._client = client
        self._in_process = client.uri.startswith("chdb:")
        self._turn: AbstractContextManager[Any] = threading.Lock() if self._in_process else nullcontext()
        self._settings = {**_AS_SQL, "max_memory_usage": limits.query_memory_bytes}
        known = client.server_settings.get("readonly")
        if known is None or known.value == "0":  # a user who may only read may not say so again
            self._settings["readonly"] = 1

    @classmethod
    def connect(cls, dsn: str, limits: Limits) -> "ClickHouseReader":
        """A reader of `clickhouse://user:password@host:8123/database`, or of `chdb://memory`. Raises QueryFailed."""
        import clickhouse_connect  # noqa: PLC0415 - an extra
        from clickhouse_connect.driver.exceptions import ClickHouseError  # noqa: PLC0415

        options: dict[str, Any] = {} if dsn.startswith("chdb:") else {"autogenerate_session_id": False}
        try:
            return cls(clickhouse_connect.get_client(dsn=dsn, **options), limits)
        except ClickHouseError as error:
            raise QueryFailed(str(error)) from error

    def run(
        self,
        sql: str,
        parameters: Mapping[str, Any],
        *,
        timeout_s: float,
        rows_max: int,
        reads: Reads | None = None,
    ) -> Answer:
        """Ask one question in ClickHouse's SQL, in which `{name: Type}` stands for a parameter and `event_rows` for all rows.
        The engine finds by itself what it must read. Raises QueryFailed, QueryTimeout.
        """
        from clickhouse_connect.driver.exceptions import ClickHouseError  # noqa: PLC0415

        if not sql.lstrip().upper().startswith(("SELECT ", "WITH ")):
            raise QueryFailed("one SELECT statement is taken here, nothing that writes or sets anything")
        if reads is not None and reads.replays:
            raise QueryFailed("recordings of sessions are kept in DuckDB alone; ClickHouse has the events beside them")
        settings = {**self._settings, "max_execution_time": timeout_s, "limit": rows_max + 1}
        with self._turn:
            try:
                found = self._client.query(sql, parameters=dict(parameters), settings=settings)
            except ClickHouseError as error:
                self._discard()
                if getattr(error, "code", None) == _TIMEOUT_EXCEEDED:
                    raise QueryTimeout(
                        f"the question took longer than {timeout_s:g} seconds; ask for a shorter range"
                    ) from None
                raise QueryFailed(str(error)) from None
        rows = [tuple(row) for row in found.result_rows]
        return Answer(list(found.column_names), rows[:rows_max], truncated=len(rows) > rows_max)

    def rows_in(self, monitor: str, from_ms: int, to_ms: int, *, timeout_s: float) -> int:
        """The engine counts."""
        sql = (
            "SELECT count(*) FROM event_rows WHERE monitor = {monitor: UUID}"
            ' AND "time" >= {from_ms: Int64} AND "time" < {to_ms: Int64}'
        )
        parameters = {"monitor": monitor, "from_ms": from_ms, "to_ms": to_ms}
        return int(self.run(sql, parameters, timeout_s=timeout_s, rows_max=1).rows[0][0])

    def _discard(self) -> None:
        """What chDB had found before a question failed stands before its next answer."""
        from clickhouse_connect.driver.exceptions import ClickHouseError  # noqa: PLC0415

        if self._in_process:
            with suppress(ClickHouseError):
                self._client.query("SELECT 1")

    def close(self) -> None:
        """Let go of the connections, and of the engine where it is in this process."""
        self._client.close()
