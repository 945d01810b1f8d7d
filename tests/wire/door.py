"""The door of PutRumEvents with tiny doubles behind it, asked over a real socket or, where speed counts, in process."""

import asyncio
import hashlib
import hmac
import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import msgspec
import uvicorn
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from openrum.aws.bodies import InflightBytes
from openrum.aws.policy import Policy, parse
from openrum.bounded_http import bounded_protocol
from openrum.errors import AccessDenied, Unavailable
from openrum.events import Position, Received
from openrum.limits import Limits
from openrum.receive.put_rum_events import PutRumEvents

MONITOR = "11111111-aaaa-4bbb-8ccc-222222222222"
ORIGIN = "https://shop.example"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PATIENCE_S = 30
IDLE_S_MAX = 3600  # a module's one connection outlives the slow tests of other modules between its own
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class FakeMonitor:
    id: str = MONITOR
    name: str = "shop"
    domains: tuple[str, ...] = ("shop.example", "localhost")
    policy: Policy | None = None
    requests_per_second: float | None = None
    arn: str = "arn:aws:rum:us-east-1:000000000000:appmonitor/shop"


@dataclass(frozen=True)
class FakeKey:
    id: str
    role: str
    secret: str = SECRET


class Memory(dict):
    """Monitors or keys: what `get` knows, and `late`, which only `find` knows."""

    def __init__(self, *items):
        super().__init__({item.id: item for item in items})
        self.late = {}
        self.away = False

    async def find(self, name):
        if self.away:
            raise Unavailable("the control database is away")
        return self.late.get(name)


@dataclass
class MemoryJournal:
    """Durable as far as a list is. `trouble` is raised at once, `late_trouble` through the future."""

    payloads: list[bytes] = field(default_factory=list)
    trouble: Exception | None = None
    late_trouble: Exception | None = None

    def append(self, payload, events):
        if self.trouble:
            raise self.trouble
        future = asyncio.get_running_loop().create_future()
        if self.late_trouble:
            future.set_exception(self.late_trouble)
        else:
            self.payloads.append(payload)
            future.set_result(Position(0, 0, len(self.payloads) - 1))
        return future

    @property
    def received(self) -> list[Received]:
        return [msgspec.msgpack.decode(payload, type=Received) for payload in self.payloads]


class NoGuests:
    """No identity pool."""

    def secret(self, access_key_id):
        return None

    def admit(self, access_key_id, session_token, monitor_id):
        raise AccessDenied("no guest", code="InvalidClientTokenId")


class Germany:
    def of(self, address):
        return "DE", "DE-BE"


class Refused(Counter):
    def count(self, monitor, reason):
        self[monitor, reason.value] += 1


@dataclass
class Door:
    """Everything behind one door, to be looked at by a test."""

    monitors: Memory = field(default_factory=lambda: Memory(FakeMonitor()))
    keys: Memory = field(default_factory=Memory)
    guests: object = field(default_factory=NoGuests)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    places: object = field(default_factory=Germany)
    refused: Refused = field(default_factory=Refused)
    limits: Limits = field(default_factory=Limits)
    inflight: InflightBytes | None = None
    auth: bool = True
    region: str | None = None
    now_ms: object = staticmethod(lambda: time.time_ns() // 1_000_000)

    @property
    def app(self) -> PutRumEvents:
        return PutRumEvents(
            monitors=self.monitors,
            keys=self.keys,
            guests=self.guests,
            journal=self.journal,
            places=self.places,
            refusals=self.refused,
            limits=self.limits,
            now_ms=self.now_ms,
            auth=self.auth,
            region=self.region,
            inflight=self.inflight or InflightBytes(self.limits.inflight_bytes),
        )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> tuple[int, str | None, str | None]:
        """Status, x-amzn-ErrorType and message."""
        message = json.loads(self.body)["message"] if self.body else None
        return self.status, self.headers.get("x-amzn-errortype"), message


class Caller:
    """A browser, SDK or attacker at a served door: one connection, any bytes. `app` may be changed under it."""

    def __init__(self, app: PutRumEvents) -> None:
        self.app = app

    def connect(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)

    def send(self, method="POST", path=f"/appmonitors/{MONITOR}", body=None, headers=(), **options) -> Answer:
        self.connection.request(method, path, body, dict(headers), **options)
        return self.read()

    def read(self) -> Answer:
        response = self.connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, headers, response.read())
        assert uuid.UUID(headers["x-amzn-requestid"]), "every answer carries a request id"
        return answer


@contextmanager
def served(door: Door) -> Iterator[Caller]:
    """The door on a real socket, on a port of the system's choice."""
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            started.set()

    caller = Caller(door.app)

    async def app(scope, receive, send):
        await caller.app(scope, receive, send)

    server = Server(
        uvicorn.Config(
            app,
            port=0,
            http=bounded_protocol(door.limits),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=IDLE_S_MAX,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(PATIENCE_S)
    caller.connect(server.servers[0].sockets[0].getsockname()[1])
    try:
        yield caller
    finally:
        caller.connection.close()
        server.should_exit = True
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


async def ask(app, method, path, query=b"", headers=(), body=b"", client="192.0.2.1") -> Answer:
    """The same door without a socket. `path` is raw bytes, `headers` pairs of bytes as a server hands them over."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    sent = []

    async def receive():
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in headers],
        "client": (client, 40000),
    }
    await app(scope, receive, send)
    start, *bodies = sent
    answered = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], answered, b"".join(message.get("body", b"") for message in bodies))


def batch(*events, **members) -> dict:
    """A sound batch; `members` replace its own."""
    return {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": MONITOR, "version": "1.0.0"},
        "UserDetails": {"userId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())},
        "RumEvents": list(events) or [event()],
        **members,
    }


def event(**members) -> dict:
    return {
        "id": str(uuid.uuid4()),
        "timestamp": 1767323045,
        "type": "com.amazon.rum.page_view_event",
        "details": '{"version":"1.0.0","pageId":"/"}',
        "metadata": '{"version":"1.0.0","domain":"shop.example"}',
        **members,
    }


def encoded(value) -> bytes:
    """JSON as JSON.stringify writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def policy(*statements) -> Policy:
    """A resource policy; each statement is completed to one about PutRumEvents on the monitor, for everyone."""
    complete = [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "rum:PutRumEvents",
            "Resource": FakeMonitor().arn,
            **statement,
        }
        for statement in statements
    ]
    return parse(json.dumps({"Version": "2012-10-17", "Statement": complete}))


PUBLIC = FakeMonitor(policy=policy({}))


def signed(
    url, body, key="AKIAINGEST", *, headers=JSON, secret=SECRET, token=None, region="us-east-1", presigned=False
):
    """Sign as botocore does. Answers path with query, and headers."""
    request = AWSRequest("POST", url, headers=dict(headers))
    signer = (SigV4QueryAuth if presigned else SigV4Auth)(Credentials(key, secret, token), "rum", region)
    signer.payload = lambda _request: hashlib.sha256(body).hexdigest()  # else the query signer takes a body for a form
    signer.add_auth(request)
    parts = urlsplit(request.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path, {"Host": parts.netloc, **dict(request.headers.items())}


def signed_beacon(url, body, now_s, key="AKIAINGEST", *, secret=SECRET, token="session/token+=", payload_hash=None):
    """Presign as the web client does for sendBeacon, from first principles. Answers path with query, and headers."""
    parts = urlsplit(url)
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    scope = f"{date[:8]}/us-east-1/rum/aws4_request"
    headers = {"content-type": "text/plain;charset=UTF-8", "host": parts.netloc}
    payload_hash = payload_hash or hashlib.sha256(body).hexdigest()
    said = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Content-Sha256": payload_hash,
        "X-Amz-Credential": f"{key}/{scope}",
        "X-Amz-Date": date,
        "X-Amz-Expires": "60",
        "X-Amz-Security-Token": token,
        "X-Amz-SignedHeaders": ";".join(headers),
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(said.items()))
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n{parts.path}\n{query}\n{lines}\n{';'.join(headers)}\n{payload_hash}"
    to_sign = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    signature = hmac.digest(signing, to_sign.encode(), "sha256").hex()
    return f"{parts.path}?{query}&X-Amz-Signature={signature}", headers
