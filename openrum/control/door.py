"""The door of the other operations: an ASGI callable that serves the table of operations.

Every request is signed, by a key whose role has the operation; every answer is in the form that AWS SDKs parse.
"""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl

import structlog

from openrum import strict_json
from openrum.aws.answers import Answer, Send, error_answer, json_answer, send_answer
from openrum.aws.bodies import Allowance, Disconnected, InflightBytes, Receive, read_body
from openrum.aws.sigv4 import SignedRequest, is_signed, verify
from openrum.control.keys import AccessKey
from openrum.control.operations import Operation, route
from openrum.control.service import Service
from openrum.control.shapes import read_request
from openrum.errors import AccessDenied, InternalError, OpenRumError, SerializationError, ValidationError
from openrum.limits import Limits

_log = structlog.get_logger()


class Keys(Protocol):
    """The access keys, by id."""

    def get(self, access_key_id: str) -> AccessKey | None:
        """From memory."""

    async def look_again(self) -> None:
        """Read the database once more: a key that memory does not know may have just been made."""


class ControlDoor:
    """Serves `OPERATIONS` on the raw path."""

    def __init__(
        self,
        *,
        service: Service,
        keys: Keys,
        limits: Limits,
        now_ms: Callable[[], int],
        auth: bool,
        region: str | None,
        inflight: InflightBytes,
        on_change: Callable[[], None],
    ) -> None:
        """`on_change` is called off the loop after an operation that may have changed something."""
        self._service = service
        self._keys = keys
        self._limits = limits
        self._now_ms = now_ms
        self._auth = auth
        self._region = region
        self._inflight = inflight
        self._on_change = on_change

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        request_id = str(uuid.uuid4())
        try:
            answer = await self._serve(scope, receive, request_id)
        except Disconnected:
            return
        except OpenRumError as error:
            answer = error_answer(error, request_id)
        except Exception:  # noqa: BLE001 - a defect of ours is answered 500 and told in the log
            _log.exception("operation failed", request_id=request_id)
            answer = error_answer(InternalError(), request_id)
        await send_answer(send, answer)

    async def _serve(self, scope: dict[str, Any], receive: Receive, request_id: str) -> Answer:
        operation, labels = route(scope["method"], scope["raw_path"])
        with Allowance(self._inflight) as held:
            body = await read_body(receive, scope["headers"], self._limits, held)
            await self._authorise(operation, scope, body.wire)
            members = _members(operation, labels, scope["query_string"], body.unpacked, self._limits)
            request = read_request(members, operation.request)
            response = await asyncio.to_thread(self._call, operation, request)
        return json_answer({} if response is None else response, request_id)

    async def _authorise(self, operation: Operation, scope: dict[str, Any], body_wire: bytes) -> None:
        if not self._auth:
            return
        if not is_signed(scope["headers"], scope["query_string"]):
            raise AccessDenied(
                f"{operation.name} must be signed with an access key of OpenRUM (openrum keys create).",
                code="MissingAuthenticationTokenException",
            )
        signed = SignedRequest(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], body_wire)
        key = await self._verified(signed)
        if key.role not in operation.roles:
            raise AccessDenied(
                f"The access key {key.id} has the role {key.role}; {operation.name} needs"
                f" {' or '.join(sorted(operation.roles))}."
            )

    async def _verified(self, signed: SignedRequest) -> AccessKey:
        """The key that signed. A key that memory does not know is looked for once more: it may have just been made."""
        try:
            return self._verify(signed)
        except AccessDenied as error:
            if error.code != "UnrecognizedClientException":
                raise
            await self._keys.look_again()
            return self._verify(signed)

    def _verify(self, signed: SignedRequest) -> AccessKey:
        skew_s = self._limits.control_clock_skew_s
        by = verify(signed, self._secret, self._now_ms(), skew_s=skew_s, region=self._region)
        key = self._keys.get(by.access_key_id)
        if key is None:
            raise AccessDenied("The access key was revoked just now.", code="UnrecognizedClientException")
        return key

    def _secret(self, access_key_id: str) -> str | None:
        key = self._keys.get(access_key_id)
        return key.secret if key is not None else None

    def _call(self, operation: Operation, request: Any) -> Any:
        try:
            return operation.call(self._service, request)
        finally:
            if operation.method != "GET":
                self._on_change()


def _members(operation: Operation, labels: dict[str, str], query: bytes, body: bytes, limits: Limits) -> dict[str, Any]:
    """Labels, query and body as one object. A label wins: the path is what was signed for."""
    members: dict[str, Any] = {}
    if body and not operation.query:
        members = _object(body, limits)
    for name, text in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in operation.query:
            members[operation.query[name]] = _number(name, text) if name == "maxResults" else text
    return {**members, **labels}


def _object(body: bytes, limits: Limits) -> dict[str, Any]:
    try:
        strict_json.check_keys(body, limits.json_depth)
        value = strict_json.loads(body.decode(), limits.json_depth)
    except ValueError as error:
        raise SerializationError(f"the body is not JSON that can be read: {error}") from None
    if not isinstance(value, dict):
        raise SerializationError("the body must be an object")
    return value


def _number(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    raise ValidationError(f"{name}: must be a whole number")
