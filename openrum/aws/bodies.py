"""A request's body, within its bounds: on the wire, unpacked, and in memory at once with all others.

Only gzip is unpacked, in steps, so that a bomb is noticed at its bound and not after. A claimed Content-Length is no guard,
but a claim over the bound is refused before anything is read. `bounded_http` cuts off a body that pauses for too long.
"""

import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Self

from openrum.errors import PayloadTooLarge, SerializationError, Throttled, UnsupportedMediaType
from openrum.limits import KIB, Limits

Receive = Callable[[], Awaitable[dict[str, Any]]]

_STEP_BYTES = 64 * KIB
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: a gzip header, and its checksum at the end


class Disconnected(Exception):
    """The client went away, or went silent, before its body was whole. Nobody waits for an answer."""


class Body(NamedTuple):
    """The bytes as sent, which signatures cover, and as they are read."""

    wire: bytes
    unpacked: bytes


class InflightBytes:
    """The memory that all bodies together may take. One per process, used on the loop alone."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def take(self, size: int) -> None:
        """Set memory aside. Throttled where there is none."""
        if size > self._left:
            raise Throttled("too much data is in flight; try again", quota_code="BytesInFlight")
        self._left -= size

    def give_back(self, size: int) -> None:
        """The body is done with."""
        self._left += size

    @property
    def left(self) -> int:
        """Bytes that may still be taken."""
        return self._left


class Allowance:
    """What one request holds of the memory in flight: `with Allowance(…) as held:` gives it back whatever happens."""

    __slots__ = ("_held", "_inflight")

    def __init__(self, inflight: InflightBytes) -> None:
        self._inflight = inflight
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._inflight.give_back(self._held)
        self._held = 0

    def take(self, size: int) -> None:
        """Set more aside for this request."""
        self._inflight.take(size)
        self._held += size


async def read_body(receive: Receive, headers: Sequence[tuple[bytes, bytes]], limits: Limits, held: Allowance) -> Body:
    """Read and unpack. PayloadTooLarge, UnsupportedMediaType, SerializationError, Throttled, or Disconnected."""
    packed = _is_packed(headers)
    for name, value in headers:
        if name == b"content-length" and (not value.isdigit() or int(value) > limits.body_wire_bytes):
            raise _too_large("as sent", limits.body_wire_bytes)
    wire = await _read_wire(receive, limits, held)
    return Body(wire, _gunzip(wire, limits.body_unpacked_bytes, held) if packed else wire)


def _is_packed(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    codings = [value.strip().lower() for name, value in headers if name == b"content-encoding"]
    if codings in ([], [b""], [b"identity"]):
        return False
    if codings == [b"gzip"]:
        return True
    said = b", ".join(codings)[:64].decode("ascii", "replace")
    raise UnsupportedMediaType(f"Content-Encoding {said!r} is not read here; send gzip or none")


async def _read_wire(receive: Receive, limits: Limits, held: Allowance) -> bytes:
    message = await _next(receive)
    chunk: bytes = message.get("body", b"")
    held.take(len(chunk))
    if len(chunk) > limits.body_wire_bytes:
        raise _too_large("as sent", limits.body_wire_bytes)
    if not message.get("more_body", False):
        return chunk  # the usual case: one piece, no copy
    chunks, size = [chunk], len(chunk)
    while message.get("more_body", False):
        message = await _next(receive)
        chunk = message.get("body", b"")
        size += len(chunk)
        held.take(len(chunk))
        if size > limits.body_wire_bytes:
            raise _too_large("as sent", limits.body_wire_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


async def _next(receive: Receive) -> dict[str, Any]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected("the client went away, or was cut off because it went silent")
    return message


def _gunzip(wire: bytes, limit: int, held: Allowance) -> bytes:
    """All members of a gzip stream, as RFC 1952 has it; anything behind them is an error."""
    unpacked = bytearray()
    rest = wire
    while rest:
        inflate = zlib.decompressobj(wbits=_GZIP)
        while not inflate.eof:
            try:
                piece = inflate.decompress(rest, _STEP_BYTES)
            except zlib.error as error:
                raise SerializationError(f"the body is not gzip: {error}") from None
            held.take(len(piece))
            unpacked += piece
            if len(unpacked) > limit:
                raise _too_large("unpacked", limit)
            rest = inflate.unconsumed_tail
            if not rest and not piece and not inflate.eof:
                raise SerializationError("the body is not gzip: it ends in the middle")
        rest = inflate.unused_data
    if not wire:
        raise SerializationError("the body is not gzip: it is empty")
    return bytes(unpacked)


def _too_large(how: str, limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"the body is over {limit} bytes {how}; send fewer events at once")
