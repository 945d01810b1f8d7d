"""The canary: one event a minute through the real door, timed until it is in answers, so that "it works" is measured.

    send      a signed PutRumEvents over a connection of its own to the server's own address    → acknowledged
    ask       a question of the store for the session of that event, again until it is there     → round trip

Its monitor and its key belong to the installation and stand in no table: both are derived from the data directory's key
file, the API lists neither, and the key opens that one monitor at that one door. How the canary is stands in /metrics, and
after two failures in a row in /readyz. Its events go the way of all others and leave with the retention.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from openrum.aws.signing import sign
from openrum.control.keys import AccessKey
from openrum.control.monitors import Monitor
from openrum.control.secrets import Sealer
from openrum.errors import AccessDenied
from openrum.receive import ports

_log = structlog.get_logger()

NAME = "openrum-canary"
KEY_ID = "AKIAOPENRUMCANARY000"  # with digits that no made key has
FAILURES_TO_TELL = 2
ANSWER_S_MAX = 10.0
SEEN_S_MAX = 50.0
"""Longer than the drain gives way to a crowded door, shorter than the usual interval."""

_PAUSE_S_MIN, _PAUSE_S_MAX = 0.025, 0.5
_PAUSE_SHARE = 20  # a pause is this share of the wait up to then: exact enough, and a slow store is not asked to death
_ANSWER_BYTES_MAX = 64 * 1024
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where to send, not where to listen

Seen = Callable[[str, int], Awaitable[bool]]
"""Whether events of a session are in answers; the second argument is when they were sent, in epoch milliseconds."""


class CanaryFailed(Exception):
    """One round failed. The message goes on from "the canary"; `detail` is for the log alone."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


# ── Who it is ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Identity:
    """The monitor that the canary sends to, and the key that it signs with."""

    monitor: Monitor
    key: AccessKey

    @classmethod
    def derive(cls, sealer: Sealer, arn: Callable[[str], str]) -> "Identity":
        """Always the same for a key file. The monitor has no policy and no quota: a signature alone opens it."""
        monitor = Monitor(
            id=str(uuid.UUID(bytes=sealer.derive(b"canary monitor")[:16], version=4)),
            name=NAME,
            arn=arn(NAME),
            domains=("localhost",),
            policy=None,
            requests_per_second=None,
            active=True,
        )
        return cls(monitor, AccessKey(KEY_ID, NAME, "ingest", sealer.derive(b"canary").hex()))


class WithCanaryMonitor:
    """The monitors as the door asks for them, and the canary's among them."""

    def __init__(self, canary: Identity, others: ports.Monitors) -> None:
        self._canary = canary.monitor
        self._others = others

    def get(self, monitor_id: str) -> ports.Monitor | None:
        """From memory."""
        return self._canary if monitor_id == self._canary.id else self._others.get(monitor_id)

    async def find(self, monitor_id: str) -> ports.Monitor | None:
        """Asks on: the canary's is never missing."""
        return await self._others.find(monitor_id)


class WithCanaryKey:
    """The guests as the door asks for them, and the canary among them: a key for one monitor alone, and in no list."""

    def __init__(self, canary: Identity, others: ports.Guests) -> None:
        self._canary = canary
        self._others = others

    def secret(self, access_key_id: str) -> str | None:
        """The canary's secret for the canary's key."""
        return self._canary.key.secret if access_key_id == KEY_ID else self._others.secret(access_key_id)

    def admit(self, access_key_id: str, session_token: str | None, monitor_id: str) -> ports.Key:
        """The canary to its own monitor, and nowhere else."""
        if access_key_id != KEY_ID:
            return self._others.admit(access_key_id, session_token, monitor_id)
        if monitor_id != self._canary.monitor.id:
            raise AccessDenied("this access key sends to the canary's monitor alone")
        return self._canary.key


# ── What it does ──────────────────────────────────────────────────────────────────────────────────────────────────


class Canary:
    """Sends, asks, and knows how it went. `now_ms` is epoch milliseconds; what is timed goes by the monotonic clock.

    `acknowledged_s`, `round_trip_s`: of the last round that came so far; None before the first. `last_success_ms`: when
    an event was last seen in answers. `failures`: rounds that failed since the start.
    """

    def __init__(
        self,
        identity: Identity,
        seen: Seen,
        *,
        now_ms: Callable[[], int],
        region: str,
        interval_s: float,
        answer_s: float = ANSWER_S_MAX,
        seen_s: float = SEEN_S_MAX,
    ) -> None:
        self._identity = identity
        self._seen = seen
        self._now_ms = now_ms
        self._region = region
        self.interval_s = interval_s
        self._answer_s = answer_s
        self._seen_s = seen_s
        self._failures_in_a_row = 0
        self._reason = ""
        self.acknowledged_s: float | None = None
        self.round_trip_s: float | None = None
        self.last_success_ms: int | None = None
        self.failures = 0

    @property
    def problem(self) -> str | None:
        """What is wrong, in words, once it is no single mishap."""
        return f"the canary {self._reason}" if self._failures_in_a_row >= FAILURES_TO_TELL else None

    async def run(self, host: str, port: int) -> None:
        """A round now and after every interval, for ever. `host` and `port` are where the server listens."""
        while True:
            await self.round(host, port)
            await asyncio.sleep(self.interval_s)

    async def round(self, host: str, port: int) -> None:
        """One event there and back. Never raises for what went wrong: it is counted, and said once until it is well."""
        try:
            await self._send_and_ask(_LOOPBACK.get(host, host), port)
        except CanaryFailed as error:
            self._failed(str(error), error.detail)
        except Exception as error:  # noqa: BLE001 - whatever the store's engine raises is a failure to answer
            self._failed("is not answered by the store", str(error))
        else:
            if self._failures_in_a_row:
                _log.info("the canary is well again", failures=self._failures_in_a_row)
            self._failures_in_a_row = 0

    def _failed(self, reason: str, detail: str) -> None:
        self.failures += 1
        self._failures_in_a_row += 1
        self._reason = reason
        if self._failures_in_a_row == 1:
            _log.warning(f"the canary {reason}", detail=detail)

    async def _send_and_ask(self, host: str, port: int) -> None:
        session, sent_ms = str(uuid.uuid4()), self._now_ms()
        path = f"/appmonitors/{self._identity.monitor.id}"
        body = _batch(session, sent_ms)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._answer_s):
                status = await self._put(host, port, path, body)
        except TimeoutError:
            raise CanaryFailed(f"has no answer from the door within {self._answer_s:g} s") from None
        except (OSError, ValueError) as error:
            raise CanaryFailed("has no answer from the door", str(error)) from None
        if status != 200:
            raise CanaryFailed(f"is answered with {status} by the door")
        self.acknowledged_s = time.perf_counter() - began
        await self._wait_until_seen(session, sent_ms, began)
        self.round_trip_s = time.perf_counter() - began
        self.last_success_ms = self._now_ms()

    async def _put(self, host: str, port: int, path: str, body: bytes) -> int:
        """The status of the answer. OSError or ValueError where there is none."""
        key = self._identity.key
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        headers = {"Content-Type": "application/json"}
        headers |= sign(
            "POST", name, path, headers, body,
            key_id=key.id, secret=key.secret, region=self._region, now_ms=self._now_ms(),
        )  # fmt: skip
        headers |= {"Content-Length": str(len(body)), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
            await writer.drain()
            answer = await _read_all(reader)
        finally:
            writer.transport.abort()  # also where it hangs half-way
            with suppress(OSError):
                await writer.wait_closed()
        version, status = answer.split(b" ", 2)[:2]  # ValueError where the answer is no HTTP
        if not version.startswith(b"HTTP/1."):
            raise ValueError("the answer is not HTTP")
        return int(status)

    async def _wait_until_seen(self, session: str, sent_ms: int, began: float) -> None:
        while not await self._seen(session, sent_ms):
            waited = time.perf_counter() - began
            if waited > self._seen_s:
                raise CanaryFailed(f"is acknowledged, and not in answers within {self._seen_s:g} s")
            await asyncio.sleep(min(max(waited / _PAUSE_SHARE, _PAUSE_S_MIN), _PAUSE_S_MAX))


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := await reader.read(_ANSWER_BYTES_MAX):
        parts.append(part)
        size += len(part)
        if size > _ANSWER_BYTES_MAX:
            raise ValueError("the answer does not end")
    return b"".join(parts)


def _batch(session: str, sent_ms: int) -> bytes:
    """One page view of a session of its own."""
    content = {"version": "1.0.0", "pageId": "/canary"}
    event = {
        "id": str(uuid.uuid4()),
        "timestamp": sent_ms / 1000,
        "type": "com.amazon.rum.page_view_event",
        "details": json.dumps(content),
        "metadata": json.dumps({**content, "domain": "localhost"}),
    }
    batch = {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"name": NAME},
        "UserDetails": {"sessionId": session},
        "RumEvents": [event],
    }
    return json.dumps(batch, separators=(",", ":")).encode()
