"""Who may ask: HTTP Basic with an access key's id and secret, of a role that may. Compared in constant time."""

import base64
import binascii
import hmac

from starlette.requests import Request

from openrum.errors import AccessDenied, ClientError
from openrum.serve.ports import Directory

READERS = frozenset({"admin", "viewer"})
ADMINS = frozenset({"admin"})
_NOBODYS_SECRET = "an unknown key is compared with a secret that nobody has"  # noqa: S105 - not a secret of anyone


class Unauthenticated(ClientError):
    """No credentials, or wrong ones."""

    status = 401
    code = "unauthenticated"


async def check_role(request: Request, directory: Directory, roles: frozenset[str]) -> None:
    """Return where the request's key has one of the roles. Unauthenticated, or AccessDenied for a key of another."""
    access_key_id, secret = _credentials(request)
    key = await directory.key(access_key_id)
    agrees = hmac.compare_digest((key.secret if key else _NOBODYS_SECRET).encode(), secret.encode())
    if key is None or not agrees:
        raise Unauthenticated("the access key id or its secret is wrong")
    if key.role not in roles:
        raise AccessDenied(
            f"a key of the role {key.role} may not do this; use one of the role {' or '.join(sorted(roles))}"
        )


def actor_of(request: Request) -> str:
    """The id of the key that signed in; "anyone" where nobody must."""
    return _credentials(request)[0] if "authorization" in request.headers else "anyone"


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise Unauthenticated("HTTP Basic with an access key id and its secret is needed")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        raise Unauthenticated("the Authorization header cannot be read")
    return user, password
