"""What the door asks of other rooms, and nothing more. `app.py` hands in what fits; tests hand in a few lines.

What is asked on every request (`get`, `append`, `of`, `count`) answers at once from memory and never waits. What may
wait (`find`) is asked only where memory has no answer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from openrum.aws.policy import Policy
from openrum.events import Position
from openrum.outcomes import Reason


class Monitor(Protocol):
    """An app monitor, as far as the door must know it."""

    @property
    def id(self) -> str:
        """UUID in lower case."""

    @property
    def name(self) -> str: ...

    @property
    def arn(self) -> str:
        """The resource that policies name."""

    @property
    def domains(self) -> Sequence[str]:
        """Whose pages may send; `*.` in front and `.*` behind are wildcards."""

    @property
    def policy(self) -> Policy | None: ...

    @property
    def requests_per_second(self) -> float | None:
        """Above 0; None where there is no quota."""


class Monitors(Protocol):
    """The monitors, by id in lower case."""

    def get(self, monitor_id: str) -> Monitor | None: ...

    async def find(self, monitor_id: str) -> Monitor | None:
        """Look again where memory has none. Raises Unavailable where it cannot be known."""


class Key(Protocol):
    """An access key."""

    @property
    def id(self) -> str: ...

    @property
    def secret(self) -> str: ...

    @property
    def role(self) -> str:
        """admin, ingest or viewer."""


class Keys(Protocol):
    """The access keys, by id."""

    def get(self, access_key_id: str) -> Key | None: ...

    async def find(self, access_key_id: str) -> Key | None:
        """Look again where memory has none. Raises Unavailable where it cannot be known."""


class Guests(Protocol):
    """Those who sign with credentials of an hour."""

    def secret(self, access_key_id: str) -> str | None:
        """None for an id that is no guest's."""

    def admit(self, access_key_id: str, session_token: str | None, monitor_id: str) -> Key:
        """The guest's key, once its signature was found right. AccessDenied where its session is not for this monitor."""


class Durable(Protocol):
    """Where a batch is kept."""

    def append(self, payload: bytes, events: int) -> asyncio.Future[Position]:
        """Done once `payload` is on disk. Unavailable, at once or through the future, where that cannot be."""


class Places(Protocol):
    """The place of an address."""

    def of(self, address: str) -> tuple[str | None, str | None]:
        """Country (ISO 3166-1) and subdivision; None where unknown."""


class Proxies(Protocol):
    """The operator's own proxies, whose headers are believed. Header names are in lower case."""

    def trusts(self, peer: str) -> bool:
        """Whether the peer of a connection is one of them."""

    def client(self, peer: str, headers: Mapping[bytes, bytes]) -> str | None:
        """The client's address, as the headers of such a peer tell it; None where they do not."""

    def place(self, headers: Mapping[bytes, bytes]) -> tuple[str | None, str | None] | None:
        """The client's place, as `Places` has it, where the headers of such a peer name one; else None."""


class RefusalCounter(Protocol):
    """The ledger's view of what was never acknowledged."""

    def count(self, monitor: str, reason: Reason) -> None:
        """One request refused. `monitor` is "" where no monitor is known."""
