"""rest-json answers: what every AWS SDK parses. One place maps an error to its status, headers and body."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from openrum.errors import OpenRumError

Header = tuple[bytes, bytes]
Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON = (b"content-type", b"application/json")
_ENCODER = msgspec.json.Encoder()


class Answer(NamedTuple):
    """What goes back. Header names are in lower case; content-length is added when it is sent."""

    status: int
    headers: list[Header]
    body: bytes = b""


def json_answer(value: Any, request_id: str, status: int = 200) -> Answer:
    """A modelled output."""
    return Answer(status, [JSON, (b"x-amzn-requestid", request_id.encode())], _ENCODER.encode(value))


def error_answer(error: OpenRumError, request_id: str) -> Answer:
    """`x-amzn-ErrorType`, and `{"message": …}` with the modelled members. Our own trouble says when to come back."""
    headers = [JSON, (b"x-amzn-requestid", request_id.encode()), (b"x-amzn-errortype", error.code.encode())]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    if error.status in (413, 431):
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    return Answer(error.status, headers, _ENCODER.encode({"message": error.message, **error.extra}))


async def send_answer(send: Send, answer: Answer) -> None:
    """Send it over ASGI, in one piece."""
    length = (b"content-length", str(len(answer.body)).encode())
    await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, length]})
    await send({"type": "http.response.body", "body": answer.body})
