"""What a store must do, whichever engine is below. Types and a Protocol, no work."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from openrum.outcomes import Reason
from openrum.store.watch import Halt

HOUR_MS = 3_600_000

LedgerKey = tuple[str, int, str, Reason]
"""Monitor ("" where it is not known), hour of receipt in epoch milliseconds, outcome or "received", reason."""


Dialect = Literal["duckdb", "clickhouse"]
"""Whose SQL an engine speaks."""


class QueryFailed(Exception):
    """The engine refused or could not answer. The message is the engine's, fit for whoever wrote the SQL."""


class QueryTimeout(QueryFailed):
    """The question took longer than it may."""


class QueryHalted(QueryFailed):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Group:
    """What the drain hands over at once: the rows of some journal blocks of one day, and how far the journal is read.

    Rows and replays are JSON lines of `events.Row` and `events.ReplayChunk`: they may have been made in another process.
    """

    lines: bytes | bytearray
    position: tuple[int, int]  # day and block behind which the drain goes on
    counted: Mapping[LedgerKey, int] = field(default_factory=dict)  # what no row stands for: received, refused, damaged
    replays: bytes | bytearray = b""
    files: Sequence[
        Path
    ] = ()  # rows that stand in files of the store's staging folder, in their order; not with `lines`
    anew: bool = False  # for the generation of its day that was begun with `begin_anew`


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """How many events of one hour of receipt ended in one way; for refused, how many requests."""

    hour: int
    outcome: str
    reason: str
    count: int
    sample: tuple[int, int, int, int] | None  # position of one of them: day, block, record, place in RumEvents


@dataclass(frozen=True, slots=True)
class Reads:
    """What a question reads of `event_rows`: these columns, of rows whose time lies in [from, to)."""

    columns: frozenset[str]
    from_ms: int
    to_ms: int
    hours: tuple[int, int] | None = None
    """[from, to): of these the folded rows will do, as `folded_rows`; not in `event_rows`. So will those of the hour in which the
    range ends, of a day of which nothing is behind that end.
    """
    sessions: bool = False
    """Of days that the range does not cut, `folded_sessions` too; `folded_beside` has the folded rows of the others."""
    only: str | None = None
    """The one type, by its short name, of all rows that it asks after: where the store has those apart, they will do."""
    replays: bool = False
    """`replay_chunks` in the place of `event_rows`. DuckDB's alone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns by name, rows in their order."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool  # more rows were there than asked for
    types: list[str] = field(default_factory=list)  # of the columns, as the engine names them; of a user's SQL alone


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


State = Callable[[int, int], Hashable]
"""Of a store at one moment: range of time → another value whenever an answer about that range may be another."""


class Readable(Protocol):
    """Where questions are asked, statement by statement."""

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks."""

    @property
    def folds(self) -> bool:
        """Whether it knows `folded_rows`; see folding.py."""

    def run(
        self, sql: str, parameters: Mapping[str, Any], *, timeout_s: float, rows_max: int, reads: Reads | None = None
    ) -> Answer:
        """Ask one question in the engine's SQL, in which `$name` stands for a parameter and `event_rows` for all rows.
        Who says what it `reads` need not wait for the rest. Raises QueryFailed, QueryTimeout, QueryHalted.
        """

    def rows_in(self, monitor: str, from_ms: int, to_ms: int, *, timeout_s: float) -> int:
        """How many events of a monitor lie in [from, to). Raises as `run` does."""


class Store(Readable, Protocol):
    """The seam. `apply` belongs to the drain's thread; the others to any."""

    def position(self) -> tuple[int, int] | None:
        """How far the journal is applied; None where nothing is."""

    def apply(self, group: Group) -> None:
        """Apply a group: rows without the duplicates, replays, ledger, position, all or nothing.

        Raises RowsRefused or StoreUnavailable.
        """

    def refused(self, lines: Sequence[bytes]) -> list[int]:
        """Which of these rows the engine cannot take, by their place in the sequence."""

    def begin_anew(self, day: int) -> None:
        """Begin a day anew beside the old one: groups that are `anew` go there, and no question sees them."""

    def reveal(self, day: int) -> None:
        """Put the day that was made anew in the old one's place."""

    def remove(self, days: Iterable[int]) -> list[int]:
        """Delete days of receipt whole, rows and ledger. Returns those that were there."""

    def run(
        self,
        sql: str,
        parameters: Mapping[str, Any],
        *,
        timeout_s: float,
        rows_max: int,
        reads: Reads | None = None,
        halt: Halt | None = None,
    ) -> Answer:
        """As above; ends where somebody gives the `halt`."""

    def run_user_sql(self, sql: str, *, timeout_s: float, rows_max: int, halt: Halt | None = None) -> Answer:
        """Ask what a user wrote: one SELECT over the documented views. Raises QueryFailed, QueryTimeout, QueryHalted."""

    def state(self) -> State:
        """What it holds at this moment. Never waits."""

    def ledger(self, monitor: str, from_ms: int, to_ms: int) -> list[LedgerRow]:
        """What became of the events received in a range of time, by hour; `received` and `refused` among the outcomes."""

    def totals(self) -> dict[tuple[str, str], int]:
        """Over all hours: (monitor, outcome) → count."""

    def summary(self) -> Summary:
        """What the store holds, for a check of the accounting."""

    def size_bytes(self) -> int:
        """What the store takes on disk."""

    def close(self) -> None:
        """Let go of the files, with everything in them on disk."""
