"""How OpenRUM itself is: /healthz for who restarts it, /readyz for who sends to it, /metrics for who watches it.

/api/v1/health tells the same to whoever is signed in, with what is kept and for how long.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from openrum.serve.answers import json_answer
from openrum.serve.prometheus import TEXT, Metric, text_of

_NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether events can be made durable, and how far the answers are behind."""

    durable: bool
    pending_events: int
    problems: Sequence[str]  # what is degraded, in words

    @property
    def status(self) -> str:
        """`ready`, or `degraded` where anything is wrong."""
        return "ready" if self.durable and not self.problems else "degraded"


@dataclass(frozen=True, slots=True)
class CanarySeen:
    """The canary's last round. Times are None before the first that went well."""

    every_ms: int
    acknowledged_ms: float | None
    round_trip_ms: float | None
    last_success: int | None  # epoch milliseconds
    failures: int  # since the start


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is on the disk, and for how long it stays."""

    journal_bytes: int
    store_bytes: int
    bytes_max: int  # 0 is no bound
    rows_days: int
    journal_days: int
    replay_days: int
    days: int  # of receipt, in the store
    first_day: int | None  # epoch milliseconds of its midnight in UTC
    days_to_renew: int  # lost, damaged or of an older form: made anew from the journal in the background
    set_aside: Sequence[str]  # names of files that could not be read


@dataclass(frozen=True, slots=True)
class Condition:
    """How OpenRUM is, for people."""

    readiness: Readiness
    canary: CanarySeen | None  # None where none is sent
    keeping: Keeping


class Health:
    """The four endpoints."""

    def __init__(
        self,
        readiness: Callable[[], Readiness],
        metrics: Callable[[], Sequence[Metric]],
        condition: Callable[[], Condition],
    ) -> None:
        self._readiness = readiness
        self._metrics = metrics
        self._condition = condition

    async def healthz(self, _request: Request) -> Response:
        """200 while the process lives."""
        return Response("ok\n", media_type="text/plain", headers=_NO_STORE)

    async def readyz(self, _request: Request) -> Response:
        """503 when events cannot be made durable."""
        found = self._readiness()
        content = {
            "status": found.status,
            "pending_events": found.pending_events,
            "problems": list(found.problems),
        }
        status = 200 if found.durable else 503
        return Response(msgspec.json.encode(content), status, media_type="application/json", headers=_NO_STORE)

    async def health(self, _request: Request) -> Response:
        """GET /api/v1/health: what is degraded, what waits, the canary, and what is kept on the disk."""
        found = await asyncio.to_thread(self._condition)
        content = {
            "status": found.readiness.status,
            "durable": found.readiness.durable,
            "pending_events": found.readiness.pending_events,
            "problems": list(found.readiness.problems),
            "canary": None if found.canary is None else asdict(found.canary),
            "keeping": asdict(found.keeping),
        }
        return json_answer(content)

    async def metrics(self, _request: Request) -> Response:
        """Prometheus text."""
        return Response(text_of(await asyncio.to_thread(self._metrics)), media_type=TEXT, headers=_NO_STORE)
