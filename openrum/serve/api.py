"""/api/v1: questions, the ledger and SQL, as JSON. One shape of error: {"error": {"type", "message", "field"}}."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from openrum.aws.bodies import Allowance, Disconnected, InflightBytes, Receive, read_body
from openrum.errors import ClientError, OpenRumError, ResourceNotFound
from openrum.limits import Limits
from openrum.outcomes import RECEIVED, Outcome
from openrum.query.question import BadQuestion, QuestionForm, parse_question, parse_range
from openrum.query.run import QueryFailed, QueryTimeout
from openrum.serve.answers import json_answer
from openrum.serve.basic_auth import ADMINS, READERS, Unauthenticated, check_role
from openrum.serve.ports import Answers, Directory, LedgerEntry, Monitor

_log = structlog.get_logger()
_QUESTION = msgspec.json.Decoder(QuestionForm)

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]


class SqlForm(msgspec.Struct, forbid_unknown_fields=True):
    """A user's SQL as JSON."""

    sql: str


_SQL = msgspec.json.Decoder(SqlForm)


class Api:
    """The endpoints."""

    def __init__(
        self,
        *,
        directory: Directory,
        answers: Answers,
        limits: Limits,
        now_ms: Callable[[], int],
        auth: bool,
        inflight: InflightBytes,
    ) -> None:
        self._directory = directory
        self._answers = answers
        self._limits = limits
        self._now_ms = now_ms
        self._auth = auth
        self._inflight = inflight

    async def query(self, request: Request) -> Response:
        """POST /api/v1/query: a question, and its answer with the SQL behind it."""
        form = await self._form(request, _QUESTION)
        monitor = await self.monitor_named(form.monitor)
        question = parse_question(form, monitor.id, self._now_ms(), self._limits)
        answer = await self._answers.ask(question)
        return json_answer(
            {
                "columns": answer.columns,
                "rows": answer.rows,
                "sql": answer.sql,
                "rows_scanned": answer.rows_scanned,
                "elapsed_ms": answer.elapsed_ms,
                "from": answer.from_ms,
                "to": answer.to_ms,
            }
        )

    async def sql(self, request: Request) -> Response:
        """POST /api/v1/sql: one SELECT over the documented views."""
        form = await self._form(request, _SQL)
        if len(form.sql.encode()) > self._limits.query_sql_bytes:
            raise BadQuestion("sql", f"must be at most {self._limits.query_sql_bytes} bytes long")
        answer = await self._answers.ask_sql(form.sql)
        return json_answer({"columns": answer.columns, "rows": answer.rows, "truncated": answer.truncated})

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

        async def serve(request: Request) -> Response:
            try:
                if self._auth:
                    await check_role(request, self._directory, roles)
                return await endpoint(request)
            except OpenRumError as error:
                return _error(error)
            except QueryTimeout as error:
                return json_answer({"error": {"type": "timeout", "message": str(error), "field": None}}, 400)
            except QueryFailed as error:
                return json_answer({"error": {"type": "query_failed", "message": str(error), "field": None}}, 400)

        return serve

    async def _form(self, request: Request, decoder: msgspec.json.Decoder[T]) -> T:
        with Allowance(self._inflight) as held:
            try:
                body = await read_body(cast(Receive, request.receive), request.scope["headers"], self._limits, held)
            except Disconnected:
                raise ClientDisconnect from None
            try:
                return decoder.decode(body.unpacked)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise BadQuestion("body", str(error)) from None

    def guarded_for_admins(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint behind the sign-in of an admin."""
        return self.guarded(endpoint, ADMINS)

    async def monitor_named(self, name_or_id: str) -> Monitor:
        """By name, else by id. ResourceNotFound."""
        monitor = await self._directory.monitor(name_or_id)
        if monitor is None:
            raise ResourceNotFound(f"there is no monitor {name_or_id[:64]!r}", resource_name=name_or_id[:255])
        return monitor


def _error(error: OpenRumError) -> Response:
    kind = {
        400: "invalid_question",
        401: "unauthenticated",
        403: "forbidden",
        404: "unknown_monitor",
        413: "too_large",
        429: "throttled",
        503: "unavailable",
    }.get(error.status, "invalid_request" if isinstance(error, ClientError) else "internal")
    content = {"error": {"type": kind, "message": error.message, "field": getattr(error, "field", None)}}
    answer = json_answer(content, error.status)
    if isinstance(error, Unauthenticated):
        answer.headers["www-authenticate"] = 'Basic realm="OpenRUM", charset="UTF-8"'
    if error.retry_after_s is not None:
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer
