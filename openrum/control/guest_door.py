"""The door of guests: as much of Amazon Cognito's and STS's API as the web client asks for, so that signed pages work.

    enhanced    GetId, GetCredentialsForIdentity
    basic       GetId, GetOpenIdToken, then STS AssumeRoleWithWebIdentity

The web client cannot be told where they are: it calls `https://cognito-identity.<region>.amazonaws.com/`, `<region>` being what
stands before the colon of the pool's id. docs/operations.md tells how that leads here. An identity is its pool's: pages
are all the same guest, and who visits is told by the events alone.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Protocol
from urllib.parse import parse_qsl

import msgspec
import structlog

from openrum import strict_json
from openrum.aws.answers import Answer, Header, Send, send_answer
from openrum.aws.bodies import Allowance, Disconnected, InflightBytes, Receive, read_body
from openrum.control.guests import Guests
from openrum.control.monitors import Monitor
from openrum.control.tokens import Tokens
from openrum.errors import AccessDenied, ClientError, InternalError, OpenRumError, ResourceNotFound, ValidationError
from openrum.limits import Limits

_log = structlog.get_logger()
PATHS = (b"/", b"/c")
_TARGET = "AWSCognitoIdentityService."
_PURPOSE = "web identity"
_DURATION_S = 3_600
_DURATION_S_MIN, _DURATION_S_MAX = 900, 43_200
_TOKEN_S = 600
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_ALLOWED_HEADERS = b"content-type, x-amz-target, x-amz-user-agent, x-amz-content-sha256, amz-sdk-invocation-id, amz-sdk-request, cache-control"
# Whoever may see the page may ask for what the page asks for; there is no cookie that could be misused.
_CORS: list[Header] = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-amzn-RequestId, Date"),
]
_PREFLIGHT: list[Header] = [
    *_CORS,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", _ALLOWED_HEADERS),
    (b"access-control-max-age", b"86400"),
]


class Pools(Protocol):
    """The monitors by their identity pool."""

    async def monitors_of(self, pool: str) -> Sequence[Monitor]:
        """Those that name the pool with this UUID, or whose own id it is. Unavailable where that cannot be known."""


class GuestDoor:
    """Answers `POST /` and `POST /c`; Cognito by its target header, STS by its form."""

    def __init__(
        self,
        *,
        guests: Guests,
        pools: Pools,
        tokens: Tokens,
        limits: Limits,
        inflight: InflightBytes,
        now_ms: Callable[[], int],
        region: str,
    ) -> None:
        self._guests = guests
        self._pools = pools
        self._tokens = tokens
        self._limits = limits
        self._inflight = inflight
        self._now_ms = now_ms
        self._region = region

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens, in one piece: the client reads the first chunk alone."""
        request_id = str(uuid.uuid4())
        named = (b"x-amzn-requestid", request_id.encode())
        if scope["method"] == "OPTIONS":
            await send_answer(send, Answer(200, [named, *_PREFLIGHT]))
            return
        target = _header(scope, b"x-amz-target")
        to_cognito = target.startswith(_TARGET)
        try:
            with Allowance(self._inflight) as held:
                body = await read_body(receive, scope["headers"], self._limits, held)
                if to_cognito:
                    answer = await self._cognito(target.removeprefix(_TARGET), body.unpacked)
                else:
                    answer = await self._sts(body.unpacked, request_id)
        except Disconnected:
            return
        except OpenRumError as error:
            answer = _refusal(error, request_id, as_json=to_cognito)
        except Exception:  # noqa: BLE001 - a defect of ours is answered 500 and told in the log
            _log.exception("a guest could not be served", request_id=request_id)
            answer = _refusal(InternalError(), request_id, as_json=to_cognito)
        answer.headers.extend([named, *_CORS])
        await send_answer(send, answer)

    # ── Cognito ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _cognito(self, operation: str, body: bytes) -> Answer:
        try:
            members = strict_json.loads(body.decode(), self._limits.json_depth)
        except ValueError as error:
            raise ValidationError(f"the body is not JSON that can be read: {error}") from None
        if not isinstance(members, dict):
            raise ValidationError("the body must be an object")
        match operation:
            case "GetId":
                pool = _uuid_of(members, "IdentityPoolId")
                await self._monitors_of(pool)
                return _json({"IdentityId": self._identity(pool)})
            case "GetCredentialsForIdentity":
                pool = _uuid_of(members, "IdentityId")
                minted = self._guests.mint([each.id for each in await self._monitors_of(pool)], _DURATION_S)
                credentials = {
                    "AccessKeyId": minted.access_key_id,
                    "SecretKey": minted.secret_access_key,
                    "SessionToken": minted.session_token,
                    "Expiration": minted.expires_ms / 1_000,
                }
                return _json({"IdentityId": self._identity(pool), "Credentials": credentials})
            case "GetOpenIdToken":
                pool = _uuid_of(members, "IdentityId")
                await self._monitors_of(pool)
                token = self._tokens.make((pool, self._now_ms() + _TOKEN_S * 1_000), _PURPOSE)
                return _json({"IdentityId": self._identity(pool), "Token": token})
        raise ValidationError(f"there is no operation {operation[:64]} here")

    def _identity(self, pool: str) -> str:
        return f"{self._region}:{pool}"

    async def _monitors_of(self, pool: str) -> Sequence[Monitor]:
        found = await self._pools.monitors_of(pool)
        if not found:
            raise ResourceNotFound(
                f"No app monitor names an identity pool {pool}, and it is the id of none.",
                resource_name=pool,
                resource_type="IdentityPool",
            )
        return found

    # ── STS ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _sts(self, body: bytes, request_id: str) -> Answer:
        members = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=32))
        if members.get("Action") != "AssumeRoleWithWebIdentity":
            raise ValidationError("Action: must be AssumeRoleWithWebIdentity, the only one there is here")
        duration = members.get("DurationSeconds", str(_DURATION_S))
        if not duration.isdecimal() or not _DURATION_S_MIN <= int(duration[:9]) <= _DURATION_S_MAX:
            raise ValidationError(f"DurationSeconds: must be {_DURATION_S_MIN} to {_DURATION_S_MAX}")
        try:
            pool, expires_ms = self._tokens.read(members.get("WebIdentityToken", ""), _PURPOSE)
        except ValidationError:
            raise ValidationError("WebIdentityToken: is not one of this identity pool") from None
        if expires_ms <= self._now_ms():
            raise AccessDenied("The web identity token has expired.", code="ExpiredTokenException")
        role = members.get("RoleArn", "")
        monitors = [each for each in await self._monitors_of(pool) if each.guest_role_arn in (None, role)]
        if not monitors:
            raise AccessDenied("RoleArn is not the GuestRoleArn of an app monitor of this identity pool.")
        minted = self._guests.mint([each.id for each in monitors], int(duration))
        expires = datetime.fromtimestamp(minted.expires_ms / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        name = members.get("RoleSessionName", "")
        result = (
            f"<SubjectFromWebIdentityToken>{escape(self._identity(pool))}</SubjectFromWebIdentityToken>"
            f"<AssumedRoleUser><AssumedRoleId>{minted.access_key_id}:{escape(name)}</AssumedRoleId>"
            f"<Arn>{escape(role)}/{escape(name)}</Arn></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>{minted.access_key_id}</AccessKeyId>"
            f"<SecretAccessKey>{minted.secret_access_key}</SecretAccessKey>"
            f"<SessionToken>{minted.session_token}</SessionToken><Expiration>{expires}</Expiration></Credentials>"
        )
        action = "AssumeRoleWithWebIdentity"
        return _xml(
            200,
            f'<{action}Response xmlns="{_STS}"><{action}Result>{result}</{action}Result>'
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>",
        )


def _header(scope: dict[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _uuid_of(members: dict[str, Any], name: str) -> str:
    """What stands behind the last colon of a pool's or an identity's id."""
    text = members.get(name)
    try:
        return str(uuid.UUID(str(text).rpartition(":")[2]))
    except ValueError:
        raise ValidationError(f"{name}: must end with a colon and a UUID") from None


def _json(members: dict[str, Any]) -> Answer:
    return Answer(200, [(b"content-type", b"application/x-amz-json-1.1")], msgspec.json.encode(members))


def _xml(status: int, text: str) -> Answer:
    return Answer(status, [(b"content-type", b"text/xml")], text.encode())


def _refusal(error: OpenRumError, request_id: str, *, as_json: bool) -> Answer:
    """In the form of the service that was asked. Both answer what the caller did wrong with 400, or 403."""
    status = error.status if error.status in (403, 413, 415) or not isinstance(error, ClientError) else 400
    if as_json:
        answer = _json({"__type": error.code, "message": error.message})
        answer = answer._replace(status=status)
        answer.headers.append((b"x-amzn-errortype", error.code.encode()))
    else:
        kind = "Sender" if isinstance(error, ClientError) else "Receiver"
        code, message = escape(error.code), escape(error.message)
        answer = _xml(
            status,
            f'<ErrorResponse xmlns="{_STS}"><Error><Type>{kind}</Type><Code>{code}</Code>'
            f"<Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        )
    if error.retry_after_s is not None:
        answer.headers.append((b"retry-after", str(error.retry_after_s).encode()))
    return answer
