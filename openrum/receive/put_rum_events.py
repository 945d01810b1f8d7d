"""PutRumEvents: the first spine. `_take_batch` is the whole road of a batch, and every step on it is a word below.

A batch is answered with 200 once the journal has it on disk, and not before. Whatever else becomes of it is raised by
a step as the error to answer with, counted, and answered in the form that AWS SDKs parse, with the headers that let a
page of another origin read it. The contents of events are not judged here, and no client's address is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from openrum.aws.answers import Answer, Send, error_answer, send_answer
from openrum.aws.bodies import Disconnected, InflightBytes, Receive, allowance, read_body
from openrum.aws.sigv4 import SignedRequest
from openrum.errors import InternalError, MethodNotAllowed, OpenRumError, ResourceNotFound, ValidationError
from openrum.events import Batch, Received
from openrum.limits import Limits
from openrum.receive import cors
from openrum.receive.authenticate import Gate, GuardedGate, OpenGate
from openrum.receive.media_type import check_media_type
from openrum.receive.origin import check_origin
from openrum.receive.ports import Durable, Keys, Monitor, Monitors, Places, RefusalCounter
from openrum.receive.quota import Quota
from openrum.receive.request_ids import RequestIds
from openrum.receive.structure import is_uuid, read_batch

Scope = Mapping[str, Any]
Headers = dict[bytes, bytes]

_PREFIX = b"/appmonitors/"
_ENCODER = msgspec.msgpack.Encoder()
_log = structlog.get_logger()


class PutRumEvents:
    """The ASGI callable behind `/appmonitors/{id}`, with and without a slash at the end, routed on the raw path.

    `auth` False takes every batch for a known monitor, signed or not. `now_ms` is epoch milliseconds.
    """

    def __init__(
        self,
        *,
        monitors: Monitors,
        keys: Keys,
        journal: Durable,
        places: Places,
        refusals: RefusalCounter,
        limits: Limits,
        now_ms: Callable[[], int],
        auth: bool,
        region: str | None,
        inflight: InflightBytes,
    ) -> None:
        self._monitors = monitors
        self._journal = journal
        self._places = places
        self._refusals = refusals
        self._limits = limits
        self._now_ms = now_ms
        self._inflight = inflight
        self._quota = Quota(now_ms)
        self._gate: Gate = GuardedGate(keys, now_ms, skew_s=limits.clock_skew_s, region=region) if auth else OpenGate()
        self._request_ids = RequestIds()

    async def _take_batch(self, scope: Scope, headers: Headers, receive: Receive) -> None:
        """Take a batch. Returns once it is on disk; a step that refuses raises the error to answer with."""
        monitor = await self._find_monitor(scope)  # 404
        check_origin(headers.get(b"origin"), monitor.domains)  # 403
        self._quota.take(monitor)  # 429
        check_media_type(headers.get(b"content-type"))  # 415
        with allowance(self._inflight) as held:
            body = await read_body(receive, scope["headers"], self._limits, held)  # 413, 415, 400, 429
            signer = await self._gate.find_signer(_signed_part(scope, body.wire), monitor)  # 403
            batch = read_batch(body.unpacked, self._limits)  # 400
            self._gate.check_allowed(signer, monitor, batch.Alias, _address(scope), headers)  # 403
            record = self._record(monitor, batch, body.unpacked, scope, headers)
            await self._journal.append(record, len(batch.RumEvents))  # 503

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever comes of it. A client that went away gets none: its batch never came whole."""
        request_id = self._request_ids.next()
        headers = _by_name(scope["headers"])
        try:
            answer = await self._answer(scope, headers, receive, request_id)
        except Disconnected:
            return
        except OpenRumError as error:
            answer = self._refuse(error, scope, headers, request_id)
        except Exception:  # noqa: BLE001 - the last door: a defect of ours is a 500 that is logged and counted
            _log.exception("a batch could not be taken", request_id=request_id)
            answer = self._refuse(InternalError(), scope, headers, request_id)
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, request_id: str) -> Answer:
        answer = Answer(200, [(b"x-amzn-requestid", request_id.encode())])
        if scope["method"] == "OPTIONS":
            answer.headers.extend(cors.preflight_headers(headers))
            return answer
        if scope["method"] != "POST":
            raise MethodNotAllowed("events are sent here with POST")
        await self._take_batch(scope, headers, receive)
        answer.headers.extend(cors.answer_headers(headers.get(b"origin")))
        return answer

    def _refuse(self, error: OpenRumError, scope: Scope, headers: Headers, request_id: str) -> Answer:
        answer = error_answer(error, request_id)
        answer.headers.extend(cors.answer_headers(headers.get(b"origin")))
        if isinstance(error, MethodNotAllowed):
            answer.headers.append((b"allow", cors.ALLOWED_METHODS))
        else:
            known = self._monitors.get(_monitor_id(scope))
            self._refusals.count(known.id if known else "", error.refusal)
        return answer

    async def _find_monitor(self, scope: Scope) -> Monitor:
        monitor_id = _monitor_id(scope)
        monitor = self._monitors.get(monitor_id)
        if monitor is None:
            if not is_uuid(monitor_id):
                raise ValidationError("Id: must be a UUID (8-4-4-4-12 hexadecimal digits)")
            monitor = await self._monitors.find(monitor_id)
        if monitor is None:
            raise ResourceNotFound(f"there is no app monitor with the id {monitor_id}", resource_name=monitor_id)
        return monitor

    def _record(self, monitor: Monitor, batch: Batch, body: bytes, scope: Scope, headers: Headers) -> bytes:
        """What the journal keeps. The place of the address goes in, the address does not."""
        address = _address(scope)
        country, subdivision = (None, None) if address is None else self._places.of(address)
        user_agent = headers.get(b"user-agent")
        return _ENCODER.encode(
            Received(
                monitor.id,
                self._now_ms(),
                len(batch.RumEvents),
                country,
                subdivision,
                None if user_agent is None else user_agent.decode("latin-1"),
                body,
            )
        )


def _monitor_id(scope: Scope) -> str:
    """The last part of the path as sent, in lower case: ids compare as UUIDs do."""
    path: bytes = scope["raw_path"]
    return path.removeprefix(_PREFIX).removesuffix(b"/").decode("latin-1").lower()


def _address(scope: Scope) -> str | None:
    """The client's address; an IPv4 one in its own form also where the socket listens on IPv6."""
    client = scope.get("client")
    return None if client is None else str(client[0]).removeprefix("::ffff:")


def _signed_part(scope: Scope, wire: bytes) -> SignedRequest:
    return SignedRequest(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], wire)


def _by_name(pairs: Sequence[tuple[bytes, bytes]]) -> Headers:
    """Header fields by their names in lower case; one that stands twice is joined, as HTTP has it."""
    headers = dict(pairs)
    if len(headers) < len(pairs):
        headers = {name: b", ".join(value for each, value in pairs if each == name) for name, _ in pairs}
    return headers
