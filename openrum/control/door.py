"""The door of the other operations: an ASGI callable that serves the table of operations.

Every request is signed, by a key whose role has the operation; every answer is in the form that AWS SDKs parse.
"""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import parse_qsl

import structlog

from openrum import strict_json
from openrum.aws.answers import Answer, Send, error_answer, json_answer, send_answer
from openrum.aws.bodies import Allowance, Disconnected, InflightBytes, Receive, read_body
from openrum.aws.media_type import JSON, check_media_type
from openrum.aws.sigv4 import SignedRequest, is_signed, verify
from openrum.control.audit import Audit
from openrum.control.deeds import Deed
from openrum.control.keys import AccessKey
from openrum.control.operations import ADMINS, Operation, route
from openrum.control.service import Service
from openrum.control.shapes import read_request
from openrum.errors import (
    AccessDenied,
    InternalError,
    OpenRumError,
    SerializationError,
    Unavailable,
    ValidationError,
)
from openrum.limits import Limits

_log = structlog.get_logger()
_TARGET_CHARS = 2_048


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
        audit: Audit,
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
        self._audit = audit
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
            if body.wire:
                # With authentication off, this is what keeps pages of other origins out: no form of theirs sends JSON.
                check_media_type(dict(scope["headers"]).get(b"content-type"), JSON)
            key = await self._authenticate(operation, scope, body.wire)
            members = _members(operation, labels, scope["query_string"], body.unpacked, self._limits)
            deed = Deed(
                at_ms=self._now_ms(),
                actor=f"{key.id} ({key.name})" if key is not None else "anyone",
                operation=operation.name,
                target=_target(members),
                source=scope["client"][0] if scope.get("client") else "",
                request_id=request_id,
            )
            response = await asyncio.to_thread(self._call, operation, key, members, deed)
        return json_answer({} if response is None else response, request_id)

    def _call(self, operation: Operation, key: AccessKey | None, members: dict[str, Any], deed: Deed) -> Any:
        """Off the loop."""
        if operation.roles != ADMINS:
            return self._do(operation, key, members)
        with self._audit.noting(deed):
            response = self._do(operation, key, members)
        with suppress(Unavailable):  # what is done is done; the poll looks again
            self._on_change()
        return response

    def _do(self, operation: Operation, key: AccessKey | None, members: dict[str, Any]) -> Any:
        if key is not None and key.role not in operation.roles:
            raise AccessDenied(
                f"The access key {key.id} has the role {key.role}; {operation.name} needs"
                f" {' or '.join(sorted(operation.roles))}."
            )
        return operation.call(self._service, read_request(members, operation.request))

    async def _authenticate(self, operation: Operation, scope: dict[str, Any], body_wire: bytes) -> AccessKey | None:
        """The key that signed; None where authentication is off."""
        if not self._auth:
            return None
        if not is_signed(scope["headers"], scope["query_string"]):
            raise AccessDenied(
                f"{operation.name} must be signed with an access key of OpenRUM (openrum keys create).",
                code="MissingAuthenticationTokenException",
            )
        signed = SignedRequest(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], body_wire)
        return await self._verified(signed)

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


def _members(operation: Operation, labels: dict[str, str], query: bytes, body: bytes, limits: Limits) -> dict[str, Any]:
    """Labels, query and body as one object. A label wins: the path is what was signed for."""
    members: dict[str, Any] = {}
    if body and not operation.query and not operation.lists:
        members = _object(body, limits)
    for name, text in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in operation.lists:
            members.setdefault(operation.lists[name], []).append(text)
        elif name in operation.query:
            members[operation.query[name]] = _number(name, text) if name == "maxResults" else text
    return {**members, **labels}


def _target(members: dict[str, Any]) -> str:
    """What a request is about, as text that every database takes."""
    for name in ("Name", "AppMonitorName", "ResourceArn"):
        if isinstance(members.get(name), str):
            return ascii(members[name])[1:-1][:_TARGET_CHARS]
    return ""


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
