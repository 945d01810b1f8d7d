"""Rows, duplicates, replays and the ledger: a projection of the journal that questions are asked of.

    store.py        what a store must do, whichever engine is below
    duckdb.py       DuckDB: a file a day in the data directory (the default)
    schema.py       the tables of a day, and the views
    day_files.py    how the days' files are made, attached, replaced
    load.py         one group of rows and its position, in one transaction
    duplicates.py   which of them were stored before
    rewrite.py      a day once more, without what leaves
    summary.py      everything counted, for a check

What is promised: rows, ledger and position are committed together or not at all, so each event is applied exactly once.
The room knows its engine and the base; neither HTTP nor the journal.
"""

from openrum.store.day_files import StoreVersion
from openrum.store.duckdb import FOLDER, DuckDBStore
from openrum.store.rewrite import Leaving
from openrum.store.store import (
    HOUR_MS,
    Answer,
    Group,
    LedgerKey,
    LedgerRow,
    QueryFailed,
    QueryTimeout,
    Reads,
    RowsRefused,
    Store,
    StoreUnavailable,
    Summary,
)

__all__ = [
    "FOLDER",
    "HOUR_MS",
    "Answer",
    "DuckDBStore",
    "Group",
    "Leaving",
    "LedgerKey",
    "LedgerRow",
    "QueryFailed",
    "QueryTimeout",
    "Reads",
    "RowsRefused",
    "Store",
    "StoreUnavailable",
    "StoreVersion",
    "Summary",
]
