"""Signature Version 4, the server's side: in headers, and as a presigned query (the web client's beacons).

`signing.py` makes what is checked here; both sign with `signature_of`.

Follows "Signature Version 4 signing process" of the AWS General Reference, with the canonical form of services other than
S3 (path segments encoded once more, as every SDK does for RUM). The payload hash is always computed over the bytes on the
wire; what the request says of it must agree. An unknown key costs the same work as a known one.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from openrum.errors import AccessDenied

ALGORITHM = "AWS4-HMAC-SHA256"
_EXPIRES_S_MAX = 7 * 86_400
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+)\s*,\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]{64})\s*"
)
_DATE = re.compile(r"\d{8}T\d{6}Z")
_HEX_64 = re.compile(r"[0-9a-f]{64}")
_SPACES = re.compile(r" +")
_UNKNOWN_SECRET = "an unknown key is compared with a secret that nobody has"  # noqa: S105 - not a secret of anyone


class SignedRequest(NamedTuple):
    """What a signature covers. Header names in lower case; path and query still encoded, as on the wire."""

    method: str
    raw_path: bytes
    raw_query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body_wire: bytes


class SignedBy(NamedTuple):
    """Whose signature it is."""

    access_key_id: str
    session_token: str | None
    region: str


class _Claim(NamedTuple):
    """What the request says of its signature, from headers or query alike."""

    access_key_id: str
    scope_date: str
    region: str
    service: str
    signed_headers: list[str]
    signature: str
    date: str
    expires_s: int | None
    payload_hash: str | None
    session_token: str | None


def is_signed(headers: Sequence[tuple[bytes, bytes]], raw_query: bytes) -> bool:
    """Whether the request claims a signature at all."""
    return b"X-Amz-Signature=" in raw_query or any(
        name == b"authorization" and value.startswith(b"AWS4") for name, value in headers
    )


def verify(
    request: SignedRequest,
    find_secret: Callable[[str], str | None],
    now_ms: int,
    *,
    skew_s: int,
    region: str | None = None,
    service: str = "rum",
) -> SignedBy:
    """Who signed the request. Raises AccessDenied with the code that AWS's front door answers.

    `region` None takes any region in the scope. A presigned query may be `X-Amz-Expires` seconds old.
    """
    claim = _claim(request)
    _check_scope(claim, region, service)
    _check_time(claim, now_ms, skew_s)
    payload_hash = _payload_hash(request, claim)
    secret = find_secret(claim.access_key_id)
    expected = signature_of(
        request,
        _UNKNOWN_SECRET if secret is None else secret,
        date=claim.date,
        region=claim.region,
        service=claim.service,
        signed_headers=claim.signed_headers,
        payload_hash=payload_hash,
    )
    agrees = hmac.compare_digest(expected, claim.signature)
    if secret is None:
        raise AccessDenied("The access key in the request is not known here.", code="UnrecognizedClientException")
    if not agrees:
        raise AccessDenied(
            "The signature does not match. Check the secret access key, and that no proxy changes path, Host or body.",
            code="InvalidSignatureException",
        )
    return SignedBy(claim.access_key_id, claim.session_token, claim.region)


def signature_of(
    request: SignedRequest,
    secret: str,
    *,
    date: str,
    region: str,
    service: str,
    signed_headers: Sequence[str],
    payload_hash: str,
) -> str:
    """The signature in hexadecimal digits. `date` is X-Amz-Date, `signed_headers` are sorted and in lower case."""
    canonical = "\n".join(
        (
            request.method,
            _canonical_path(request.raw_path),
            _canonical_query(request.raw_query) if request.raw_query else "",
            _canonical_headers(request, signed_headers),
            ";".join(signed_headers),
            payload_hash,
        )
    )
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    key = _signing_key(secret, date[:8], region, service)
    return hmac.new(key, f"{ALGORITHM}\n{date}\n{scope}\n{digest}".encode(), hashlib.sha256).hexdigest()


# ── What the request claims ───────────────────────────────────────────────────────────────────────────────────────


def _claim(request: SignedRequest) -> _Claim:
    if b"X-Amz-Signature=" in request.raw_query:
        return _claim_of_query(request)
    return _claim_of_headers(request)


def _claim_of_headers(request: SignedRequest) -> _Claim:
    match = _AUTHORIZATION.fullmatch(_one_header(request, b"authorization") or "")
    if match is None:
        raise _incomplete("Authorization must be AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature.")
    date = _one_header(request, b"x-amz-date")
    if date is None:
        raise _incomplete("The header X-Amz-Date is missing.")
    return _assemble(
        credential=match[1],
        signed_headers=match[2],
        signature=match[3],
        date=date,
        expires_s=None,
        payload_hash=_one_header(request, b"x-amz-content-sha256"),
        session_token=_one_header(request, b"x-amz-security-token"),
    )


def _claim_of_query(request: SignedRequest) -> _Claim:
    said: dict[str, str] = {}
    for name, value in _query_pairs(request.raw_query):
        if name.startswith("X-Amz-"):
            if name in said:
                raise _incomplete(f"The query names {name} twice.")
            said[name] = value
    if said.get("X-Amz-Algorithm") != ALGORITHM:
        raise _incomplete(f"X-Amz-Algorithm must be {ALGORITHM}.")
    needed = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires")
    missing = [name for name in needed if name not in said]
    if missing:
        raise _incomplete(f"The query lacks {', '.join(missing)}.")
    expires = said["X-Amz-Expires"]
    if not (expires.isascii() and expires.isdigit() and 1 <= int(expires) <= _EXPIRES_S_MAX):
        raise _incomplete(f"X-Amz-Expires must be 1 to {_EXPIRES_S_MAX} seconds.")
    return _assemble(
        credential=said["X-Amz-Credential"],
        signed_headers=said["X-Amz-SignedHeaders"],
        signature=said["X-Amz-Signature"],
        date=said["X-Amz-Date"],
        expires_s=int(expires),
        payload_hash=said.get("X-Amz-Content-Sha256"),
        session_token=said.get("X-Amz-Security-Token"),
    )


def _assemble(
    *,
    credential: str,
    signed_headers: str,
    signature: str,
    date: str,
    expires_s: int | None,
    payload_hash: str | None,
    session_token: str | None,
) -> _Claim:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request" or not all(parts):
        raise _incomplete("Credential must be <key id>/<date>/<region>/rum/aws4_request.")
    if not _DATE.fullmatch(date):
        raise _incomplete("The date must have the form 20260131T235959Z.")
    if not _HEX_64.fullmatch(signature):
        raise _incomplete("The signature must be 64 hexadecimal digits.")
    names = signed_headers.split(";")
    if names != sorted(set(names)) or "host" not in names or any(name != name.lower() for name in names):
        raise _incomplete("SignedHeaders must be sorted, in lower case, each once, and name host.")
    return _Claim(
        parts[0], parts[1], parts[2], parts[3], names, signature, date, expires_s, payload_hash, session_token
    )


def _check_scope(claim: _Claim, region: str | None, service: str) -> None:
    if claim.service != service:
        raise AccessDenied(
            f"The signature is for {claim.service!r}; sign for {service!r}.", code="InvalidSignatureException"
        )
    if region is not None and claim.region != region:
        raise AccessDenied(
            f"The signature is for {claim.region!r}; sign for {region!r}.", code="InvalidSignatureException"
        )
    if claim.scope_date != claim.date[:8]:
        raise AccessDenied("The date in Credential is not that of the request.", code="InvalidSignatureException")


def _check_time(claim: _Claim, now_ms: int, skew_s: int) -> None:
    try:
        signed_s = datetime.strptime(claim.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise _incomplete("The date does not exist.") from None
    now_s = now_ms / 1000
    lifetime_s = skew_s if claim.expires_s is None else claim.expires_s
    if now_s > signed_s + lifetime_s:
        raise AccessDenied(
            f"The signature has expired: it is of {claim.date}, and it is {_form(now_s)} here. Check the clocks.",
            code="InvalidSignatureException",
        )
    if signed_s > now_s + skew_s:
        raise AccessDenied(
            f"The signature is of {claim.date}, which is to come: it is {_form(now_s)} here. Check the clocks.",
            code="InvalidSignatureException",
        )


def _payload_hash(request: SignedRequest, claim: _Claim) -> str:
    """The hash of the bytes on the wire, which is also what the request must say where it says anything."""
    actual = hashlib.sha256(request.body_wire).hexdigest()
    if claim.payload_hash is not None and not hmac.compare_digest(actual.encode(), claim.payload_hash.encode()):
        if claim.payload_hash.startswith(("UNSIGNED-PAYLOAD", "STREAMING-")):
            raise AccessDenied(
                "The payload must be signed; UNSIGNED-PAYLOAD is refused.", code="InvalidSignatureException"
            )
        raise AccessDenied(
            "x-amz-content-sha256 is not the hash of the body as it arrived.", code="InvalidSignatureException"
        )
    return actual


# ── The canonical form ────────────────────────────────────────────────────────────────────────────────────────────


def _canonical_path(raw_path: bytes) -> str:
    """Dot segments and double slashes go, then every segment is encoded once more."""
    segments: list[str] = []
    text = raw_path.decode("latin-1")
    for segment in text.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    trailing = "/" if segments and text.endswith("/") else ""
    return quote("/" + "/".join(segments) + trailing, safe="/~", encoding="latin-1")


def _canonical_query(raw_query: bytes) -> str:
    pairs = [
        (quote(name, safe="~-_."), quote(value, safe="~-_."))
        for name, value in _query_pairs(raw_query)
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _query_pairs(raw_query: bytes) -> list[tuple[str, str]]:
    """Decoded names and values. A plus sign is itself, as every SDK sends %20 for a space."""
    pairs = []
    for part in raw_query.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_decoded(name), _decoded(value)))
    return pairs


def _decoded(part: bytes) -> str:
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise _incomplete("The query is not UTF-8.") from None


def _canonical_headers(request: SignedRequest, names: Sequence[str]) -> str:
    lines = []
    for name in names:
        encoded = name.encode("latin-1", "replace")
        values = [value for each, value in request.headers if each == encoded]
        if not values:
            raise _incomplete(f"The signed header {name[:64]!r} is not in the request.")
        text = ",".join(_SPACES.sub(" ", value.decode("latin-1").strip()) for value in values)
        lines.append(f"{name}:{text}\n")
    return "".join(lines)


@lru_cache(maxsize=1_024)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """A key a day: four HMACs that need not be computed for each request."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _one_header(request: SignedRequest, name: bytes) -> str | None:
    values = [value for each, value in request.headers if each == name]
    if len(values) > 1:
        raise _incomplete(f"The header {name.decode()} stands twice in the request.")
    return values[0].decode("latin-1") if values else None


def _incomplete(message: str) -> AccessDenied:
    return AccessDenied(message, code="IncompleteSignatureException")


def _form(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y%m%dT%H%M%SZ")
