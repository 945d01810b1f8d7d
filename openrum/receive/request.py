"""One request as the door looks at it: taken from the ASGI scope once, decoded once. Reads nothing of the body."""

from collections.abc import Mapping, Sequence
from typing import Any

from openrum.aws.sigv4 import SignedRequest
from openrum.receive.ports import Proxies

Scope = Mapping[str, Any]

_PREFIX = b"/appmonitors/"


class Request:
    """What a request says of itself beside its body.

    `monitor_id` is the last part of the raw path in lower case, as ids compare, and may be any text. `address` is the
    client's, for the look-up of its place and for policies; it goes no further. It is the peer's own, or what one of
    `proxies` tells, which is None where it cannot tell. `by_proxy` says whether such a one stands in between.
    """

    __slots__ = (
        "address", "by_proxy", "headers", "method", "monitor_id", "origin", "raw_path", "raw_query", "sent_headers",
    )  # fmt: skip

    def __init__(self, scope: Scope, proxies: Proxies | None = None) -> None:
        self.method: str = scope["method"]
        self.raw_path: bytes = scope["raw_path"]
        self.raw_query: bytes = scope["query_string"]
        self.sent_headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
        self.headers = _by_name(self.sent_headers)
        self.origin = self.headers.get(b"origin")
        self.monitor_id = self.raw_path.removeprefix(_PREFIX).removesuffix(b"/").decode("latin-1").lower()
        client = scope.get("client")
        self.address: str | None = client and client[0].removeprefix("::ffff:")  # IPv4 in its own form on IPv6 sockets
        self.by_proxy = False
        if proxies is not None and self.address and proxies.trusts(self.address):
            self.by_proxy = True
            self.address = proxies.client(self.address, self.headers)

    def text(self, name: bytes) -> str | None:
        """A header field as text."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def signed_part(self, wire: bytes) -> SignedRequest:
        """What a signature covers, `wire` being the body as it was sent."""
        return SignedRequest(self.method, self.raw_path, self.raw_query, self.sent_headers, wire)


def _by_name(pairs: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Header fields by name; one that stands twice is joined, as HTTP has it, and so is seen to be odd."""
    headers = dict(pairs)
    if len(headers) < len(pairs):
        headers = {name: b", ".join(value for each, value in pairs if each == name) for name in headers}
    return headers
