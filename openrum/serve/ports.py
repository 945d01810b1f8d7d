"""What this room is handed by `app`, and nothing more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from openrum.query.run import Readable

Position = tuple[int, int, int, int]
"""Of an event in the journal: day, block, record, place in RumEvents."""


class Monitor(Protocol):
    """A monitor, as far as a question names it."""

    @property
    def id(self) -> str:
        """UUID in lower case."""

    @property
    def name(self) -> str:
        """Unique among the living."""

    @property
    def active(self) -> bool:
        """Since its first event."""

    @property
    def session_sample_rate(self) -> float:
        """The share of sessions that its clients are told to record, 0 to 1."""


class Key(Protocol):
    """An access key."""

    @property
    def secret(self) -> str:
        """Shown once, when it was made."""

    @property
    def role(self) -> str:
        """admin, viewer or ingest."""


class Directory(Protocol):
    """Monitors and keys, from memory or looked up once more."""

    async def monitor(self, name_or_id: str) -> Monitor | None:
        """By name, else by id."""

    async def key(self, access_key_id: str) -> Key | None:
        """By id."""

    def monitors(self) -> Sequence[Monitor]:
        """All that are alive, by name."""


class LedgerEntry(Protocol):
    """How many events of one hour of receipt ended in one way."""

    @property
    def hour(self) -> int:
        """Epoch milliseconds."""

    @property
    def outcome(self) -> str:
        """`received` is the door's own count."""

    @property
    def reason(self) -> str:
        """Empty where there is none."""

    @property
    def count(self) -> int:
        """Events; requests where refused."""

    @property
    def sample(self) -> Position | None:
        """Where one of them stands in the journal."""


class SqlAnswer(Protocol):
    """Columns by name, rows in their order."""

    @property
    def columns(self) -> list[str]:
        """Names."""

    @property
    def rows(self) -> list[tuple[object, ...]]:
        """In order."""

    @property
    def truncated(self) -> bool:
        """Whether more rows were there."""

    @property
    def types(self) -> list[str]:
        """Of the columns, as the engine names them."""


class ColumnTold(Protocol):
    """A column of a view that SQL may read."""

    @property
    def name(self) -> str:
        """As SQL names it."""

    @property
    def type(self) -> str:
        """As the engine names it."""

    @property
    def meaning(self) -> str:
        """In words."""


class ViewTold(Protocol):
    """A view that SQL may read."""

    @property
    def name(self) -> str:
        """As SQL names it."""

    @property
    def meaning(self) -> str:
        """In words."""

    @property
    def columns(self) -> Sequence[ColumnTold]:
        """In their order."""


@dataclass(frozen=True, slots=True)
class SqlEngine:
    """What the store's engine can tell and make beside answers. Both block."""

    views: Callable[[], Sequence[ViewTold]]
    to_parquet: Callable[[Sequence[str], Sequence[Sequence[Any]], frozenset[str]], bytes]
    """Columns, rows, and which columns are epoch milliseconds → the file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A question on its way: who asks with the same key may have the same answer."""

    key: bytes
    find: Callable[[Readable], bytes]  # blocks; raises BadQuestion, QueryFailed, QueryTimeout
    keep: bool = True  # for who asks later


class Answers(Protocol):
    """Who answers, in turn: so many at once. Never on the loop's thread. All raise Throttled where too many ask."""

    async def tell(self, finding: Finding) -> bytes:
        """What is found. Raises what finding it raises."""

    async def ask_sql(self, sql: str, show: Callable[[SqlAnswer], bytes]) -> bytes:
        """Answer a user's SQL. Raises the store's QueryFailed or QueryTimeout."""

    async def ledger(self, monitor_id: str, from_ms: int, to_ms: int) -> Sequence[LedgerEntry]:
        """What became of the events received in a range."""

    async def sent(self, position: Position) -> object:
        """An event as it was sent; None where the journal has it no more."""

    def raw_forms(self, positions: Sequence[Position], monitor_name: str) -> Mapping[Position, Any]:
        """Raw forms as JSON, of those that the journal has, up to the bound of an answer. Blocks: to be called in `find`."""

    def pending_events(self) -> int:
        """Acknowledged, and not in answers yet."""


FramesOf = Callable[[str], Sequence[Mapping[str, Any]]]
"""The stack of an error → its frames, innermost first."""
