"""What a check of the accounting needs to know of all days. Reads everything; changes nothing."""

from collections import Counter
from collections.abc import Sequence

import duckdb

from openrum.outcomes import Reason
from openrum.store.day_files import DayFile
from openrum.store.store import LedgerKey, Summary


def summarise(cursor: duckdb.DuckDBPyConnection, files: Sequence[DayFile]) -> Summary:
    """Ledger, rows and distinct ids of every monitor."""
    ledger: Counter[LedgerKey] = Counter()
    for file in files:
        counted = cursor.execute(
            f"SELECT monitor, hour, outcome, reason, sum(count)::BIGINT FROM {file.catalog}.ledger GROUP BY ALL"
        )
        for monitor, hour, outcome, why, count in counted.fetchall():
            ledger[monitor, hour, outcome, Reason(why)] += count
    rows: dict[str, int] = {}
    ids: dict[str, int] = {}
    if files:
        union = " UNION ALL ".join(f"SELECT monitor, id FROM {file.catalog}.event_rows" for file in files)
        counts = cursor.execute(f"SELECT monitor::VARCHAR, count(*), count(DISTINCT id) FROM ({union}) GROUP BY 1")
        for monitor, row_count, id_count in counts.fetchall():
            rows[monitor], ids[monitor] = row_count, id_count
    return Summary(ledger=ledger, rows=rows, ids=ids)
