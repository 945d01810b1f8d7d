"""PutRumEvents: the first spine. `_take_batch` is the whole road of a batch, and every step on it is a word below.

A batch is answered with 200 once the journal has it on disk, and not before. Whatever else becomes of it is raised by
a step as the error to answer with, counted, and answered in the form that AWS SDKs parse, with the headers that let a
page of another origin read it. The contents of events are not judged here, and no client's address is kept.
"""

from collections.abc import Callable

import msgspec
import structlog

from openrum.aws.answers import Answer, Send, error_answer, send_answer
from openrum.aws.bodies import Allowance, Disconnected, InflightBytes, Receive, read_body
from openrum.aws.media_type import JSON_OR_BEACON, check_media_type
from openrum.errors import InternalError, MethodNotAllowed, OpenRumError, ResourceNotFound, ValidationError
from openrum.events import Received
from openrum.limits import Limits
from openrum.receive import cors
from openrum.receive.authenticate import Gate, GuardedGate, OpenGate
from openrum.receive.origin import check_origin
from openrum.receive.ports import Durable, Guests, Keys, Monitor, Monitors, Places, Proxies, RefusalCounter
from openrum.receive.quota import Quota
from openrum.receive.request import Request, Scope
from openrum.receive.request_ids import RequestIds
from openrum.receive.structure import is_uuid, outline_of

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
        guests: Guests,
        journal: Durable,
        places: Places,
        refusals: RefusalCounter,
        limits: Limits,
        now_ms: Callable[[], int],
        auth: bool,
        region: str | None,
        inflight: InflightBytes,
        proxies: Proxies | None = None,
    ) -> None:
        self._monitors = monitors
        self._journal = journal
        self._places = places
        self._proxies = proxies
        self._refusals = refusals
        self._limits = limits
        self._now_ms = now_ms
        self._inflight = inflight
        self._quota = Quota(now_ms)
        self._gate: Gate = OpenGate()
        if auth:
            self._gate = GuardedGate(keys, guests, now_ms, skew_s=limits.clock_skew_s, region=region)
        self._request_ids = RequestIds()

    async def _take_batch(self, request: Request, receive: Receive) -> None:
        """Take a batch. Returns once it is on disk; a step that refuses raises the error to answer with."""
        monitor = await self._find_monitor(request.monitor_id)  # 404
        check_origin(request.origin, monitor.domains)  # 403
        self._quota.take(monitor)  # 429
        check_media_type(request.headers.get(b"content-type"), JSON_OR_BEACON)  # 415
        with Allowance(self._inflight) as held:
            record, events = await self._read(request, receive, monitor, held)
            await self._journal.append(record, events)  # 503

    async def _read(self, request: Request, receive: Receive, monitor: Monitor, held: Allowance) -> tuple[bytes, int]:
        """What the journal is to keep, and how many events it holds. The body is let go before the disk is waited for:
        the next request finds its memory still warm.
        """
        body = await read_body(receive, request.sent_headers, self._limits, held)  # 413, 415, 400, 429
        signer = await self._gate.find_signer(request, body.wire, monitor)  # 403
        events, alias = outline_of(body.unpacked, self._limits)  # 400
        self._gate.check_allowed(request, signer, monitor, alias)  # 403
        return self._record(request, monitor, events, body.unpacked), events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever comes of it. A client that went away gets none: its batch never came whole."""
        request = Request(scope, self._proxies)
        request_id = self._request_ids.next()
        try:
            answer = await self._answer(request, receive, request_id)
        except Disconnected:
            return
        except OpenRumError as error:
            answer = self._refuse(request, error, request_id)
        except Exception:  # noqa: BLE001 - the last door: a defect of ours is a 500 that is logged and counted
            _log.exception("a batch could not be taken", request_id=request_id)
            answer = self._refuse(request, InternalError(), request_id)
        await send_answer(send, answer)

    async def _answer(self, request: Request, receive: Receive, request_id: str) -> Answer:
        named = (b"x-amzn-requestid", request_id.encode())
        if request.method == "OPTIONS":
            return Answer(200, [named, *cors.preflight_headers(request.headers)])
        if request.method != "POST":
            raise MethodNotAllowed("events are sent here with POST")
        await self._take_batch(request, receive)
        return Answer(200, [named, *cors.answer_headers(request.origin)])

    def _refuse(self, request: Request, error: OpenRumError, request_id: str) -> Answer:
        answer = error_answer(error, request_id)
        answer.headers.extend(cors.answer_headers(request.origin))
        if isinstance(error, MethodNotAllowed):
            answer.headers.append((b"allow", cors.ALLOWED_METHODS))
            return answer
        known = self._monitors.get(request.monitor_id)
        self._refusals.count(known.id if known else "", error.refusal)
        return answer

    async def _find_monitor(self, monitor_id: str) -> Monitor:
        monitor = self._monitors.get(monitor_id)
        if monitor is None:
            if not is_uuid(monitor_id):
                raise ValidationError("Id: must be a UUID (8-4-4-4-12 hexadecimal digits)")
            monitor = await self._monitors.find(monitor_id)
        if monitor is None:
            raise ResourceNotFound(f"there is no app monitor with the id {monitor_id}", resource_name=monitor_id)
        return monitor

    def _place(self, request: Request) -> tuple[str | None, str | None]:
        """What a proxy of the operator says of the client's place goes before a look-up of the address."""
        if self._proxies is not None and request.by_proxy:
            told = self._proxies.place(request.headers)
            if told is not None:
                return told
        return self._places.of(request.address) if request.address else (None, None)

    def _record(self, request: Request, monitor: Monitor, events: int, body: bytes) -> bytes:
        """What the journal keeps. The place of the address goes in, the address does not."""
        country, subdivision = self._place(request)
        return _ENCODER.encode(
            Received(
                monitor=monitor.id,
                received_ms=self._now_ms(),
                events=events,
                country=country,
                subdivision=subdivision,
                user_agent=request.text(b"user-agent"),
                body=body,
            )
        )
