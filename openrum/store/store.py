"""What a store must do, whichever engine is below. Types and a Protocol, no work."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from openrum.events import Row
from openrum.outcomes import Reason

HOUR_MS = 3_600_000

LedgerKey = tuple[str, int, str, Reason]
"""Monitor ("" where it is not known), hour of receipt in epoch milliseconds, outcome or "received", reason."""


class QueryFailed(Exception):
    """The engine refused or could not answer. The message is the engine's, fit for whoever wrote the SQL."""


class QueryTimeout(QueryFailed):
    """The question took longer than it may."""


@dataclass(frozen=True, slots=True)
class Group:
    """What the drain hands over at once: the rows of some journal blocks, and how far the journal is read with them."""

    rows: Sequence[Row]
    position: tuple[int, int]  # day and block behind which the drain goes on
    counted: Mapping[LedgerKey, int] = field(default_factory=dict)  # what no row stands for: received, refused, damaged


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """How many events of one hour of receipt ended in one way; for refused, how many requests."""

    hour: int
    outcome: str
    reason: str
    count: int
    sample: tuple[int, int, int, int] | None  # position of one of them: day, block, record, place in RumEvents


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns by name, rows in their order."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool  # more rows were there than asked for


class RowsRefused(Exception):
    """The engine cannot take a value of these rows: a defect of ours. `Store.refused` tells which rows."""


class StoreUnavailable(Exception):
    """The engine cannot write now (disk full, I/O error). Nothing was applied; the same group may be applied later."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a check of the accounting needs to know."""

    ledger: Mapping[LedgerKey, int]
    rows: Mapping[str, int]  # monitor → rows
    ids: Mapping[str, int]  # monitor → distinct ids
    trimmed: bool  # whether retention ever deleted a row, so that rows may be fewer than the ledger's stored


class Store(Protocol):
    """The seam. `apply`, `trim` and `close` belong to the drain's thread; the others to any."""

    def position(self) -> tuple[int, int] | None:
        """How far the journal is applied; None where nothing is."""

    def apply(self, group: Group) -> None:
        """Apply a group: rows without the duplicates, ledger, position, all or nothing.

        Raises RowsRefused or StoreUnavailable.
        """

    def refused(self, rows: Sequence[Row]) -> list[int]:
        """Which of these rows the engine cannot take, by their place in the sequence."""

    def run(self, sql: str, parameters: Mapping[str, Any], *, timeout_s: float, rows_max: int) -> Answer:
        """Ask one question in the engine's SQL, in which `$name` stands for a parameter. Raises QueryFailed, QueryTimeout."""

    def run_user_sql(self, sql: str, *, timeout_s: float, rows_max: int) -> Answer:
        """Ask what a user wrote: one SELECT over the documented views. Raises QueryFailed, QueryTimeout."""

    def ledger(self, monitor: str, from_ms: int, to_ms: int) -> list[LedgerRow]:
        """What became of the events received in a range of time, by hour; `received` and `refused` among the outcomes."""

    def totals(self) -> dict[tuple[str, str], int]:
        """Over all hours: (monitor, outcome) → count."""

    def trim(self, before_ms: int) -> int:
        """Delete rows whose time is before. Returns how many."""

    def purge(self, monitors: Collection[str]) -> int:
        """Delete all rows of deleted monitors; the ledger has them as dropped from then on. Returns how many."""

    def summary(self) -> Summary:
        """What the store holds, for a check of the accounting."""

    def size_bytes(self) -> int:
        """What the store takes on disk."""

    def close(self) -> None:
        """Let go of the file, with everything in it on disk."""
