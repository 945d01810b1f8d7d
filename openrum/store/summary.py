"""What a check of the accounting needs to know of all days. Reads everything; changes nothing."""

from collections import Counter
from collections.abc import Sequence

import duckdb

from openrum.outcomes import Reason
from openrum.store.day_files import DayFile
from openrum.store.store import LedgerKey, Summary

_IDS_AT_ONCE = 8_000_000
"""About 300 MB of the engine's memory."""


def summarise(cursor: duckdb.DuckDBPyConnection, files: Sequence[DayFile]) -> Summary:
    """Ledger, rows and distinct ids of every monitor."""
    ledger: Counter[LedgerKey] = Counter()
    for file in files:
        counted = cursor.execute(
            f"SELECT monitor, hour, outcome, reason, sum(count)::BIGINT FROM {file.catalog}.ledger GROUP BY ALL"
        )
        for monitor, hour, outcome, why, count in counted.fetchall():
            ledger[monitor, hour, outcome, Reason(why)] += count
    rows, ids = _rows_and_ids(cursor, files) if files else ({}, {})
    return Summary(ledger=ledger, rows=rows, ids=ids)


def _rows_and_ids(cursor: duckdb.DuckDBPyConnection, files: Sequence[DayFile]) -> tuple[dict[str, int], dict[str, int]]:
    """By monitor, some of the ids at a time: the engine keeps the set of those that it has met in memory."""
    union = " UNION ALL ".join(f"SELECT monitor, id FROM {file.catalog}.event_rows" for file in files)
    counts = cursor.execute(f"SELECT monitor::VARCHAR, count(*) FROM ({union}) GROUP BY 1").fetchall()
    rows: dict[str, int] = dict(counts)
    passes = -(-sum(rows.values()) // _IDS_AT_ONCE)
    ids: Counter[str] = Counter()
    for number in range(passes):
        found = cursor.execute(
            f"SELECT monitor::VARCHAR, count(DISTINCT id) FROM ({union}) WHERE hash(id) % {passes} = {number} GROUP BY 1"
        )
        ids.update(dict(found.fetchall()))
    return rows, dict(ids)
