"""Uvicorn's HTTP/1.1 protocol with the bounds it lacks: the size of a head, and the time a request may take to arrive.

A head is the request line and the header fields. Over its bound it is answered 431. A connection is closed that has not
sent a whole head `idle_s` after it began (or after it was opened), or whose body pauses for `idle_s`. The size of bodies is
bounded where they are read. Where a request cannot be read for want of memory it is answered 503: by a 400 a client would give
up what it sent.
"""

import sys
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from openrum.limits import Limits

_FIELD_OVERHEAD_BYTES = 4  # ": " and CRLF
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
_UNAVAILABLE = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
)


class _HeadTooLarge(Exception):
    """Raised inside the parser's callbacks: the parser stops, and raises an error of its own with this one as its context."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection. Subclasses made by `bounded_protocol` carry the limits."""

    limits: ClassVar[Limits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._head_since: float | None = None
        self._last_data = 0.0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head_since = self.loop.time()
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._last_data = self.loop.time()
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._head_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + _FIELD_OVERHEAD_BYTES)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_since = None
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        error = sys.exception()
        cause = error.__context__ if error is not None else None
        if isinstance(cause, _HeadTooLarge | MemoryError):
            self.transport.write(_UNAVAILABLE if isinstance(cause, MemoryError) else _HEAD_TOO_LARGE)
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.limits.header_bytes:
            raise _HeadTooLarge

    def _watch(self) -> None:
        """Look once per `idle_s` rather than arm timers per request: who is slow is cut off after one to two spans."""
        if self.transport.is_closing():
            return
        now = self.loop.time()
        slow_head = self._head_since is not None and now - self._head_since >= self.limits.idle_s
        arriving = self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete
        if slow_head or (arriving and now - self._last_data >= self.limits.idle_s and not self.flow.read_paused):
            self.transport.close()
            return
        self.loop.call_later(self.limits.idle_s, self._watch)


def bounded_protocol(limits: Limits) -> type[BoundedHttpProtocol]:
    """The protocol class for `uvicorn.Config(http=…)`, bound to `limits`."""
    return type("BoundedHttpProtocol", (BoundedHttpProtocol,), {"limits": limits})
