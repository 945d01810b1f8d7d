"""One page view through the door of PutRumEvents, sent as a page of the monitor's domain sends it: does its way work?

Joined by `app`. It asks the door in this process, with everything a browser would send; where nobody may send unsigned, it signs as
a guest of the monitor's own pool. Whatever the door answers is told, not judged.
"""

import json
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import msgspec

from openrum.aws.answers import Send
from openrum.aws.bodies import Receive
from openrum.aws.signing import sign
from openrum.control.guests import Guests
from openrum.control.snapshot import Snapshot
from openrum.serve.monitor_forms import TestEventAnswer

Door = Callable[[Any, Receive, Send], Any]
"""The ASGI callable of PutRumEvents."""
_SIGNED_S = 900
_PAGE = "/openrum-test-event"
_HOST = "localhost"


class TrialEvent:
    """Sends it."""

    def __init__(
        self, door: Door, snapshot: Snapshot, guests: Guests, now_ms: Callable[[], int], *, region: str
    ) -> None:
        self._door = door
        self._snapshot = snapshot
        self._guests = guests
        self._now_ms = now_ms
        self._region = region

    async def send(self, monitor_id: str, domain: str, user_agent: str) -> TestEventAnswer:
        """What the door answered, and what the event was sent as."""
        session, host = str(uuid.uuid4()), host_of(domain)
        path = f"/appmonitors/{monitor_id}"
        body = _batch(monitor_id, session, host, self._now_ms())
        origin = f"http://{host}" if host in ("localhost", "127.0.0.1") else f"https://{host}"
        headers = {"content-type": "application/json"}
        known = self._snapshot.monitors_by_id.get(monitor_id)
        if known is not None and known.policy is None:
            headers |= self._signature(monitor_id, path, headers, body)
        headers |= {"origin": origin, "user-agent": user_agent}
        status, answer = await self._ask(path, headers, body)
        message = "" if status == 200 else _message(answer)
        return TestEventAnswer(status == 200, status, message, origin, session)

    def _signature(self, monitor_id: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        guest = self._guests.mint([monitor_id], _SIGNED_S)
        token = {"x-amz-security-token": guest.session_token}
        return token | sign(
            "POST", _HOST, path, headers | token, body,
            key_id=guest.access_key_id, secret=guest.secret_access_key, region=self._region, now_ms=self._now_ms(),
        )  # fmt: skip

    async def _ask(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the door's answer."""
        answered: list[MutableMapping[str, Any]] = []
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        scope = {
            "type": "http", "method": "POST", "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": [*sent, (b"content-length", str(len(body)).encode())], "client": None,
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            answered.append(message)

        await self._door(scope, receive, send)
        return answered[0]["status"], b"".join(each.get("body", b"") for each in answered[1:])


def host_of(domain: str) -> str:
    """A host that the domain covers: `*.example.com` → `www.example.com`, `example.*` → `example.com`."""
    host = domain
    if host.startswith("*."):
        host = "www." + host.removeprefix("*.")
    return host.removesuffix("*") + "com" if host.endswith(".*") else host


def _message(answer: bytes) -> str:
    try:
        return str(msgspec.json.decode(answer)["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return "the door gave no reason"


def _batch(monitor_id: str, session: str, host: str, sent_ms: int) -> bytes:
    """A session that starts, and its page view."""
    metadata = {
        "version": "1.0.0",
        "domain": host,
        "pageId": _PAGE,
        "title": "Test event",
        "url": f"https://{host}{_PAGE}",
    }

    def event(kind: str, details: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "timestamp": sent_ms / 1000,
            "type": f"com.amazon.rum.{kind}_event",
            "details": json.dumps({"version": "1.0.0", **details}),
            "metadata": json.dumps(metadata),
        }

    batch = {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": monitor_id, "version": "1.0.0"},
        "UserDetails": {"userId": str(uuid.uuid4()), "sessionId": session},
        "RumEvents": [event("session_start", {}), event("page_view", {"pageId": _PAGE, "interaction": 0})],
    }
    return json.dumps(batch, separators=(",", ":")).encode()
