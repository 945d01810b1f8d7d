"""Small forms as JSON: read whole, within their bound. Questions and events are read elsewhere, by their own bounds."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from openrum.query.question import BadQuestion

_BODY_BYTES = 4_096

T = TypeVar("T")


async def small_form(request: Request, decoder: msgspec.json.Decoder[T], empty: T | None = None) -> T:
    """The form that was sent; `empty` for an empty body. BadQuestion where it is too long, no JSON, or another form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_BYTES:
            raise BadQuestion("body", f"must be at most {_BODY_BYTES} bytes long")
    if not body and empty is not None:
        return empty
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadQuestion("body", str(error)) from None
