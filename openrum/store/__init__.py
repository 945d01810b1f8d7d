"""Rows, duplicates and the ledger: a projection of the journal that questions are asked of.

    store.py        what a store must do, whichever engine is below
    duckdb.py       DuckDB: one file in the data directory (the default)
    schema.py       its tables, and how they are opened
    load.py         one group of rows and its position, in one transaction
    duplicates.py   which of them were stored before

What is promised: rows, ledger and position are committed together or not at all, so each event is applied exactly once.
The room knows its engine and the base; neither HTTP nor the journal.
"""

from openrum.store.duckdb import FILE, DuckDBStore
from openrum.store.store import (
    HOUR_MS,
    Answer,
    Group,
    LedgerKey,
    LedgerRow,
    QueryFailed,
    QueryTimeout,
    RowsRefused,
    Store,
    StoreUnavailable,
    Summary,
)

__all__ = [
    "FILE",
    "HOUR_MS",
    "Answer",
    "DuckDBStore",
    "Group",
    "LedgerKey",
    "LedgerRow",
    "QueryFailed",
    "QueryTimeout",
    "RowsRefused",
    "Store",
    "StoreUnavailable",
    "Summary",
]
