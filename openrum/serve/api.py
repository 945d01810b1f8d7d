"""/api/v1: the ledger; and what stands before every endpoint: the guard, bodies read within bounds, errors answered."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from openrum.aws.bodies import Allowance, Disconnected, InflightBytes, Receive, read_body
from openrum.errors import OpenRumError, ResourceNotFound
from openrum.limits import Limits
from openrum.outcomes import RECEIVED, Outcome
from openrum.query.question import parse_range
from openrum.query.run import QueryFailed, QueryTimeout
from openrum.serve.answers import error_answer, json_answer
from openrum.serve.guard import READERS, Guard
from openrum.serve.ports import Answers, Directory, LedgerEntry, Monitor
from openrum.serve.question_forms import read_json

T = TypeVar("T")
_NOBODY_THERE = 499
"""What others answer where the client has gone; nobody hears it."""

Endpoint = Callable[[Request], Awaitable[Response]]


class Api:
    """The endpoints."""

    def __init__(
        self,
        *,
        directory: Directory,
        answers: Answers,
        limits: Limits,
        now_ms: Callable[[], int],
        guard: Guard,
        inflight: InflightBytes,
    ) -> None:
        self._directory = directory
        self._answers = answers
        self._limits = limits
        self._now_ms = now_ms
        self._guard = guard
        self._inflight = inflight

    async def ledger(self, request: Request) -> Response:
        """GET /api/v1/ledger: what became of the events received in a range, by hour, and the sums."""
        monitor = await self.monitor_named(request.query_params.get("monitor", ""))
        from_ms, to_ms = parse_range(
            request.query_params.get("from", "-24h"), request.query_params.get("to", "now"), self._now_ms()
        )
        entries = await self._answers.ledger(monitor.id, from_ms, to_ms)
        totals = Counter({RECEIVED: 0, **dict.fromkeys(map(str, Outcome), 0)})
        for entry in entries:
            totals[entry.outcome] += entry.count
        ended = [each for each in entries if each.outcome != RECEIVED]
        content: dict[str, Any] = {
            "columns": ["hour", "outcome", "reason", "count"],
            "rows": [[each.hour, each.outcome, each.reason, each.count] for each in ended],
            "totals": {**totals, "pending_events": self._answers.pending_events()},
        }
        if request.query_params.get("samples") in ("1", "true"):
            content["samples"] = await self._samples(ended)
        return json_answer(content)

    async def _samples(self, entries: Sequence[LedgerEntry]) -> list[dict[str, Any]]:
        """Of each reason, the newest event that ended so, as it was sent."""
        newest = {each.reason: each for each in entries if each.reason and each.sample is not None}
        found = []
        for reason, entry in newest.items():
            assert entry.sample is not None
            sent = await self._answers.sent(entry.sample)
            found.append({"outcome": entry.outcome, "reason": reason, "hour": entry.hour, "event": sent})
        return found

    def guarded(self, endpoint: Endpoint, roles: frozenset[str] = READERS) -> Endpoint:
        """The endpoint behind its sign-in, with every error in the one shape."""

        async def admitted(request: Request) -> Response:
            await self._guard.admit(request, roles)
            return await endpoint(request)

        return self.answered(admitted)

    def answered(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with every error in the one shape; nobody need be signed in."""

        async def serve(request: Request) -> Response:
            try:
                return await endpoint(request)
            except OpenRumError as error:
                return error_answer(error, request)
            except ClientDisconnect:
                return Response(status_code=_NOBODY_THERE)
            except QueryTimeout as error:
                return json_answer({"error": {"type": "timeout", "message": str(error), "field": None}}, 400)
            except QueryFailed as error:
                return json_answer({"error": {"type": "query_failed", "message": str(error), "field": None}}, 400)

        return serve

    async def form(self, request: Request, decoder: msgspec.json.Decoder[T]) -> T:
        """The question in the body. Raises BadQuestion, PayloadTooLarge, Throttled, ClientDisconnect."""
        with Allowance(self._inflight) as held:
            try:
                body = await read_body(cast(Receive, request.receive), request.scope["headers"], self._limits, held)
            except Disconnected:
                raise ClientDisconnect from None
            return read_json(body.unpacked, decoder)

    async def monitor_named(self, name_or_id: str) -> Monitor:
        """By name, else by id. ResourceNotFound."""
        monitor = await self._directory.monitor(name_or_id)
        if monitor is None:
            raise ResourceNotFound(f"there is no monitor {name_or_id[:64]!r}", resource_name=name_or_id[:255])
        return monitor
