"""More days of rows than a benchmark can wait for: a settled day's file once more for an earlier day, of other visitors.

Rows, folded rows and ledger are those that the whole enrichment made, moved by whole days; ids, sessions and users are
others in each copy, so that no count of distinct ones is too easy. There is no journal behind them.
"""

from pathlib import Path

import duckdb

from openrum.days import DAY_MS, day_name
from openrum.store import EVENT_COLUMNS, FOLDED_COLUMNS, FOLDED_SESSION_COLUMNS, folding, schema

_TIMES = {"time": DAY_MS, "received": DAY_MS, "client_time": DAY_MS, "first_ms": DAY_MS, "last_ms": DAY_MS, "day": 1}
_IDS = frozenset(("id", "session", "user"))


def copy_days(store: Path, source: int, days: range) -> None:
    """Write the files of `days` from that of `source`; nobody may have the folder open. About 5 µs a row."""
    [path] = store.glob(f"{day_name(source)}.*.duckdb")
    for day in days:
        with duckdb.connect() as engine:
            engine.execute(f"ATTACH '{path}' AS old (READ_ONLY)")
            engine.execute(f"ATTACH '{store / day_name(day)}.1.duckdb' AS new")
            for statement in (*schema.tables("new"), *folding.tables("new")):
                engine.execute(statement)
            _copy(engine, "event_rows", list(EVENT_COLUMNS), day - source)
            _copy(engine, folding.TABLE, list(FOLDED_COLUMNS), day - source)
            _copy(engine, folding.SESSIONS_TABLE, list(FOLDED_SESSION_COLUMNS), day - source)
            for statement in (
                "DELETE FROM new.about",
                "INSERT INTO new.about FROM old.about",
                "INSERT INTO new.folded_to FROM old.folded_to",
                f"INSERT INTO new.ledger SELECT * REPLACE (hour + {(day - source) * DAY_MS} AS hour) FROM old.ledger",
                "CHECKPOINT new",
            ):
                engine.execute(statement)


def _copy(engine: duckdb.DuckDBPyConnection, table: str, columns: list[str], days: int) -> None:
    made = ", ".join(f'{_moved(name, days)} AS "{name}"' for name in columns)
    engine.execute(f"INSERT INTO new.{table} SELECT {made} FROM old.{table}")


def _moved(name: str, days: int) -> str:
    if name in _IDS:
        return f"CAST(md5(CAST(\"{name}\" AS VARCHAR) || '{days}') AS UUID)"
    return f'"{name}" + {days * _TIMES[name]}' if name in _TIMES else f'"{name}"'
