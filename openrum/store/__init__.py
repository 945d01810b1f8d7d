"""Rows, duplicates, replays and the ledger: a projection of the journal that questions are asked of.

    store.py        what a store must do, whichever engine is below
    duckdb.py       DuckDB: a file a day in the data directory (the default)
    engine.py       the engine itself, locked
    clickhouse.py   ClickHouse: the reading half
    schema.py       the tables of a day, and the views
    clickhouse_schema.py  the same for ClickHouse
    day_files.py    how the days' files are made, attached, replaced
    reading.py      the tables of a question, made of the files that it may need
    file_counts.py  how many rows each has
    statements.py   statements that the engine has read before
    unfolded.py     in which of them sessions go on that are not folded yet
    load.py         one group of rows and its position, in one transaction
    incoming.py     what is known of its rows before the engine reads them
    duplicates.py   which of them were stored before
    packing.py      when they are brought out of the engine's log
    rewrite.py      a day once more, without what leaves
    folding.py      and folded: a row for each page load of an hour, and for each session
    alone.py        which of those rows stand for the whole of it
    gathered.py     those of settled days in memory, all in one table
    summary.py      everything counted, for a check
    sql_door.py     what a user's own SQL may be
    tasting.py      plans it in a process of its own first
    sql_taster.py   that process
    watch.py        who interrupts what is overdue, or what nobody waits for

What is promised: rows, ledger and position are committed together or not at all, so each event is applied exactly once.
The room knows its engine and the base; neither HTTP nor the journal.
"""

from openrum.store.clickhouse import ClickHouseReader
from openrum.store.clickhouse_schema import statements as clickhouse_statements
from openrum.store.day_files import StoreVersion
from openrum.store.duckdb import FOLDER, DuckDBStore
from openrum.store.folding import COLUMNS as FOLDED_COLUMNS
from openrum.store.folding import ERROR_TYPE, PAGE_OF_LOAD
from openrum.store.folding import FIRST_ON_PAGE as FOLDED_FIRST_ON_PAGE
from openrum.store.folding import KEYS as FOLDED_KEYS
from openrum.store.folding import OF_ONE as FOLDED_OF_ONE
from openrum.store.folding import REFERRER as FOLDED_REFERRER
from openrum.store.folding import SESSION_COLUMNS as FOLDED_SESSION_COLUMNS
from openrum.store.folding import SESSION_KEYS as FOLDED_SESSION_KEYS
from openrum.store.folding import SESSIONS_TABLE as FOLDED_SESSIONS_TABLE
from openrum.store.folding import TABLE as FOLDED_TABLE
from openrum.store.reading import BESIDE as FOLDED_BESIDE
from openrum.store.rewrite import Leaving
from openrum.store.schema import EVENT_COLUMNS
from openrum.store.store import (
    HOUR_MS,
    Answer,
    Dialect,
    Group,
    LedgerKey,
    LedgerRow,
    QueryFailed,
    QueryHalted,
    QueryTimeout,
    Readable,
    Reads,
    RowsRefused,
    State,
    Store,
    StoreUnavailable,
    Summary,
)
from openrum.store.watch import Halt

__all__ = [
    "ERROR_TYPE",
    "EVENT_COLUMNS",
    "FOLDED_BESIDE",
    "FOLDED_COLUMNS",
    "FOLDED_FIRST_ON_PAGE",
    "FOLDED_KEYS",
    "FOLDED_OF_ONE",
    "FOLDED_REFERRER",
    "FOLDED_SESSIONS_TABLE",
    "FOLDED_SESSION_COLUMNS",
    "FOLDED_SESSION_KEYS",
    "FOLDED_TABLE",
    "FOLDER",
    "HOUR_MS",
    "PAGE_OF_LOAD",
    "Answer",
    "ClickHouseReader",
    "Dialect",
    "DuckDBStore",
    "Group",
    "Halt",
    "Leaving",
    "LedgerKey",
    "LedgerRow",
    "QueryFailed",
    "QueryHalted",
    "QueryTimeout",
    "Readable",
    "Reads",
    "RowsRefused",
    "State",
    "Store",
    "StoreUnavailable",
    "StoreVersion",
    "Summary",
    "clickhouse_statements",
]
