"""How /api/v1 answers: JSON that nobody keeps, and one shape of error: {"error": {"type", "message", "field"}}."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from openrum.errors import ClientError, OpenRumError

CONSOLE_HEADER = "x-openrum-console"
"""The console sends it with all that it asks: its own page is where one signs in, not a box of the browser's."""

PARQUET = "application/vnd.apache.parquet"
"""Who says that it takes this gets tables as files."""

_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
T = TypeVar("T")

_PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_KINDS = {
    400: "invalid_question",
    401: "unauthenticated",
    403: "forbidden",
    404: "unknown_monitor",
    409: "conflict",
    413: "too_large",
    429: "throttled",
    503: "unavailable",
}
_UNKNOWN = {
    "AppMonitor": "unknown_monitor",
    "ConsoleUser": "unknown_user",
    "SavedQuery": "unknown_query",
    "AccessKey": "unknown_key",
    "MetricDefinition": "unknown_metric_definition",
    "ReplayPart": "unknown_replay_part",
}


def json_answer(content: Any, status: int = 200) -> Response:
    """An answer of these contents; what JSON has no form for is a text."""
    return ready_answer(encoded(content), status)


def encoded(content: Any) -> bytes:
    """Contents as JSON, off the loop where they are large."""
    return _ENCODER.encode(content)


def ready_answer(body: bytes, status: int = 200) -> Response:
    """An answer that was encoded before."""
    return Response(body, status, media_type="application/json", headers=dict(_PRIVATE))


def text_answer(body: bytes, media_type: str) -> Response:
    """Text that was made before."""
    return Response(body, media_type=media_type, headers=dict(_PRIVATE))


def parquet_answer(body: bytes, name: str) -> Response:
    """A table as a file to keep."""
    headers = {**_PRIVATE, "content-disposition": f'attachment; filename="{name}.parquet"'}
    return Response(body, media_type=PARQUET, headers=headers)


async def while_present(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; cancelled where the client goes away first, which is a ClientDisconnect. The body was read."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        for task in (working, leaving):
            task.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def error_answer(error: OpenRumError, request: Request) -> Response:
    """The answer that says what was wrong."""
    kind = _KINDS.get(error.status, "invalid_request" if isinstance(error, ClientError) else "internal")
    kind = _UNKNOWN.get(error.extra.get("resourceType", ""), kind) if error.status == 404 else kind
    content = {"error": {"type": kind, "message": error.message, "field": getattr(error, "field", None)}}
    answer = json_answer(content, error.status)
    if error.status == 401 and CONSOLE_HEADER not in request.headers:
        answer.headers["www-authenticate"] = 'Basic realm="OpenRUM", charset="UTF-8"'
    if error.retry_after_s is not None:
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer
