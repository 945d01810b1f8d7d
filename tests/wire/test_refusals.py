"""Every way to be refused at the door: exact status, x-amzn-ErrorType and message, counted once under its reason."""

import gzip
import json
from dataclasses import dataclass, field, replace

import pytest

from openrum.aws.bodies import InflightBytes
from openrum.errors import Unavailable
from openrum.limits import Limits
from tests.wire.door import (
    MONITOR,
    ORIGIN,
    PUBLIC,
    Door,
    FakeMonitor,
    Memory,
    MemoryJournal,
    batch,
    encoded,
    policy,
    served,
)

OTHER = "99999999-aaaa-4bbb-8ccc-222222222222"
SOUND = encoded(batch())
UNSIGNED = "the request is not signed, and no resource policy of this app monitor allows that"
ID_RULE = "Id: must be a UUID (8-4-4-4-12 hexadecimal digits)"


@dataclass
class Refusal:
    """A request, the door it comes to, and the answer. `counted` is the ledger's monitor and reason, None for none."""

    status: int
    code: str
    message: str
    counted: tuple[str, str] | None
    method: str = "POST"
    path: str = f"/appmonitors/{MONITOR}"
    body: bytes = SOUND
    headers: dict[str, str] = field(default_factory=dict)
    door: dict = field(default_factory=lambda: {"monitors": Memory(PUBLIC)})
    answered: dict[str, str] = field(default_factory=dict)  # headers that must be there
    extra: dict = field(default_factory=dict)  # modelled members beside the message
    taken_before: int = 0  # sound batches that the door takes first


def at(monitor=PUBLIC, **parts):
    return {"monitors": Memory(monitor), **parts}


def away():
    monitors = Memory()
    monitors.away = True
    return {"monitors": monitors}


def broken_places():
    class Broken:
        def of(self, address):
            raise RuntimeError("the secret of the house")

    return Broken()


def unavailable(message="The disk is full."):
    return Unavailable(message, retry_after_s=7)


def authorization(text):
    return {"Authorization": text, "X-Amz-Date": "20260101T000000Z"}


REFUSALS = {
    # the path and the method
    "GET": Refusal(
        405,
        "MethodNotAllowedException",
        "events are sent here with POST",
        None,
        method="GET",
        body=b"",
        answered={"allow": "POST, OPTIONS"},
    ),
    "PUT": Refusal(405, "MethodNotAllowedException", "events are sent here with POST", None, method="PUT"),
    "DELETE": Refusal(405, "MethodNotAllowedException", "events are sent here with POST", None, method="DELETE"),
    "no monitor": Refusal(
        404,
        "ResourceNotFoundException",
        f"there is no app monitor with the id {OTHER}",
        ("", "unknown monitor"),
        path=f"/appmonitors/{OTHER}",
        extra={"resourceName": OTHER, "resourceType": "AppMonitor"},
    ),
    "no monitor, signed or not": Refusal(
        404,
        "ResourceNotFoundException",
        f"there is no app monitor with the id {OTHER}",
        ("", "unknown monitor"),
        path=f"/appmonitors/{OTHER}/?X-Amz-Signature=0",
        extra={"resourceName": OTHER, "resourceType": "AppMonitor"},
    ),
    "no UUID": Refusal(400, "ValidationException", ID_RULE, ("", "invalid"), path="/appmonitors/shop"),
    "a path in the id": Refusal(
        400, "ValidationException", ID_RULE, ("", "invalid"), path="/appmonitors/..%2f..%2fetc/"
    ),
    "NUL in the id": Refusal(400, "ValidationException", ID_RULE, ("", "invalid"), path=f"/appmonitors/{MONITOR}%00"),
    "something behind": Refusal(400, "ValidationException", ID_RULE, ("", "invalid"), path=f"/appmonitors/{MONITOR}/x"),
    "monitors cannot be known": Refusal(
        503, "ServiceUnavailableException", "the control database is away", ("", "unavailable"), door=away()
    ),
    # the origin
    "foreign origin": Refusal(
        403,
        "AccessDeniedException",
        "the origin 'https://evil.example' is not one of this app monitor's domains",
        (MONITOR, "foreign origin"),
        headers={"Origin": "https://evil.example"},
    ),
    "no origin's origin": Refusal(
        403,
        "AccessDeniedException",
        "the origin 'null' is not one of this app monitor's domains",
        (MONITOR, "foreign origin"),
        headers={"Origin": "null"},
    ),
    "a foreign beacon": Refusal(
        403,
        "AccessDeniedException",
        "the origin 'https://shop.example.evil' is not one of this app monitor's domains",
        (MONITOR, "foreign origin"),
        headers={"Origin": "https://shop.example.evil", "Content-Type": "text/plain;charset=UTF-8"},
    ),
    # the body
    "a form": Refusal(
        415,
        "UnsupportedMediaTypeException",
        "Content-Type 'application/x-www-form-urlencoded' is not read here; send application/json in UTF-8",
        (MONITOR, "malformed"),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    ),
    "another charset": Refusal(
        415,
        "UnsupportedMediaTypeException",
        "Content-Type 'application/json; charset=utf-16' is not read here; send application/json in UTF-8",
        (MONITOR, "malformed"),
        headers={"Content-Type": "application/json; charset=utf-16"},
    ),
    "brotli": Refusal(
        415,
        "UnsupportedMediaTypeException",
        "Content-Encoding 'br' is not read here; send gzip or none",
        (MONITOR, "malformed"),
        headers={"Content-Encoding": "br"},
    ),
    "gzip in gzip": Refusal(
        415,
        "UnsupportedMediaTypeException",
        "Content-Encoding 'gzip, gzip' is not read here; send gzip or none",
        (MONITOR, "malformed"),
        headers={"Content-Encoding": "gzip, gzip"},
        body=gzip.compress(gzip.compress(SOUND)),
    ),
    "no gzip": Refusal(
        400,
        "SerializationException",
        "the body is not gzip: Error -3 while decompressing data: incorrect header check",
        (MONITOR, "malformed"),
        headers={"Content-Encoding": "gzip"},
    ),
    "half a gzip": Refusal(
        400,
        "SerializationException",
        "the body is not gzip: it ends in the middle",
        (MONITOR, "malformed"),
        headers={"Content-Encoding": "gzip"},
        body=gzip.compress(SOUND)[:-9],
    ),
    "too large as sent": Refusal(
        413,
        "RequestEntityTooLargeException",
        "the body is over 2000 bytes as sent; send fewer events at once",
        (MONITOR, "too large"),
        door=at(limits=replace(Limits(), body_wire_bytes=2_000)),
        body=b" " * 2_001,
    ),
    "too large unpacked": Refusal(
        413,
        "RequestEntityTooLargeException",
        "the body is over 16777216 bytes unpacked; send fewer events at once",
        (MONITOR, "too large"),
        headers={"Content-Encoding": "gzip"},
        body=gzip.compress(bytes(16 * 1024 * 1024 + 1)),
        answered={"connection": "close"},
    ),
    "too much in flight": Refusal(
        429,
        "ThrottlingException",
        "too much data is in flight; try again",
        (MONITOR, "throttled"),
        door=at(inflight=InflightBytes(100)),
        answered={"retry-after": "1"},
        extra={"serviceCode": "rum", "quotaCode": "BytesInFlight"},
    ),
    "no body": Refusal(
        400,
        "SerializationException",
        "the body cannot be read: Input data was truncated",
        (MONITOR, "malformed"),
        body=b"",
    ),
    "a broken rule": Refusal(
        400,
        "ValidationException",
        "BatchId: must be a UUID (8-4-4-4-12 hexadecimal digits)",
        (MONITOR, "invalid"),
        body=encoded(batch(BatchId="1")),
    ),
    "a wrong type": Refusal(
        400,
        "SerializationException",
        "RumEvents: must be a list",
        (MONITOR, "malformed"),
        body=encoded(batch(RumEvents={})),
    ),
    # who sends
    "unsigned without a policy": Refusal(
        403, "MissingAuthenticationTokenException", UNSIGNED, (MONITOR, "access denied"), door=at(FakeMonitor())
    ),
    "unsigned JSON is not looked at where no stranger may send": Refusal(
        403,
        "MissingAuthenticationTokenException",
        UNSIGNED,
        (MONITOR, "access denied"),
        door=at(FakeMonitor()),
        body=b"{",
    ),
    "another scheme of Authorization": Refusal(
        403,
        "MissingAuthenticationTokenException",
        UNSIGNED,
        (MONITOR, "access denied"),
        door=at(FakeMonitor()),
        headers={"Authorization": "Bearer me"},
    ),
    "half a signature": Refusal(
        403,
        "IncompleteSignatureException",
        "Authorization must be AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature.",
        (MONITOR, "access denied"),
        headers=authorization("AWS4-HMAC-SHA256 Credential=x"),
    ),
    "denied by policy": Refusal(
        403,
        "AccessDeniedException",
        "the resource policy of this app monitor denies the request",
        (MONITOR, "access denied"),
        door=at(FakeMonitor(policy=policy({}, {"Effect": "Deny"}))),
    ),
    "allowed for others": Refusal(
        403,
        "MissingAuthenticationTokenException",
        UNSIGNED,
        (MONITOR, "access denied"),
        door=at(FakeMonitor(policy=policy({"Condition": {"StringEquals": {"rum:alias": "shop"}}}))),
    ),
    # the quota, and trouble of ours
    "over the quota": Refusal(
        429,
        "ThrottlingException",
        "this app monitor takes 0.01 requests a second",
        (MONITOR, "throttled"),
        door=at(replace(PUBLIC, requests_per_second=0.01)),
        answered={"retry-after": "100"},
        extra={"serviceCode": "rum", "quotaCode": "PutRumEvents"},
        taken_before=1,
    ),
    "the journal takes no more": Refusal(
        503,
        "ServiceUnavailableException",
        "The disk is full.",
        (MONITOR, "unavailable"),
        door=at(journal=MemoryJournal(trouble=unavailable())),
        answered={"retry-after": "7"},
    ),
    "the disk fails": Refusal(
        503,
        "ServiceUnavailableException",
        "The disk is full.",
        (MONITOR, "unavailable"),
        door=at(journal=MemoryJournal(late_trouble=unavailable())),
        answered={"retry-after": "7"},
    ),
    "a defect of ours": Refusal(
        500,
        "InternalServerException",
        "Internal error. The log has the details under this request's id.",
        (MONITOR, "unavailable"),
        door=at(places=broken_places()),
        answered={"retry-after": "5"},
    ),
}


@pytest.fixture(scope="module")
def caller():
    with served(Door()) as caller:
        yield caller


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_what_and_why_is_counted_and_can_be_read_by_a_page(caller, refusal):
    door = Door(**refusal.door)
    headers = {"Origin": ORIGIN, **refusal.headers}
    caller.app = door.app
    for _ in range(refusal.taken_before):
        assert caller.send(body=SOUND).status == 200
    answer = caller.send(refusal.method, refusal.path, refusal.body, headers)
    assert answer.error == (refusal.status, refusal.code, refusal.message)
    assert json.loads(answer.body) == {"message": refusal.message, **refusal.extra}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == headers["Origin"]
    assert "x-amzn-ErrorType" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert refusal.answered.items() <= answer.headers.items()
    assert dict(door.refused) == ({refusal.counted: 1} if refusal.counted else {})
