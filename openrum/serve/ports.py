"""What this room is handed by `app`, and nothing more."""

from collections.abc import Sequence
from typing import Protocol

from openrum.query.question import Question
from openrum.query.run import Answer


class Monitor(Protocol):
    """A monitor, as far as a question names it."""

    @property
    def id(self) -> str:
        """UUID in lower case."""

    @property
    def name(self) -> str:
        """Unique among the living."""


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
    def sample(self) -> tuple[int, int, int, int] | None:
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


class Answers(Protocol):
    """Who answers. Never on the loop's thread."""

    async def ask(self, question: Question) -> Answer:
        """Answer a question. Raises the store's QueryFailed or QueryTimeout."""

    async def ask_sql(self, sql: str) -> SqlAnswer:
        """Answer a user's SQL."""

    async def ledger(self, monitor_id: str, from_ms: int, to_ms: int) -> Sequence[LedgerEntry]:
        """What became of the events received in a range."""

    async def sent(self, position: tuple[int, int, int, int]) -> object:
        """An event as it was sent; None where the journal has it no more."""

    def pending_events(self) -> int:
        """Acknowledged, and not in answers yet."""
