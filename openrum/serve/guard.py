"""Who may ask /api/v1: whoever is signed in at the console, by cookie; else an access key, by HTTP Basic.

A browser sends cookies along with whatever a page makes it send, and remembered Basic credentials, too. So what changes
something, or costs something, is not taken from a page of another site; and by cookie it must carry the CSRF token, which is
bound to the session and which only the console's own page can read. All comparing is in constant time.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from openrum.client_address import TrustedProxies
from openrum.control.audit import Audit
from openrum.control.console_sessions import KnownSessions, Session
from openrum.control.deeds import Deed
from openrum.errors import AccessDenied, ClientError, ForeignOrigin
from openrum.serve.ports import Directory

READERS = frozenset({"admin", "viewer"})
ADMINS = frozenset({"admin"})
CSRF_HEADER = "x-openrum-csrf"
SESSION_COOKIE = "openrum-session"
SESSION_COOKIE_BY_TLS = "__Host-openrum"  # the browser takes it by TLS alone, and from this very host
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})  # none: the person's own doing, such as a bookmark
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_NOBODYS_SECRET = "an unknown key is compared with a secret that nobody has"  # noqa: S105 - not a secret of anyone
_TARGET_CHARS = 256


class Unauthenticated(ClientError):
    """No credentials, or wrong ones."""

    status = 401
    code = "unauthenticated"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a user (with a session), an access key (by its id), or anyone where nobody must sign in."""

    name: str
    role: str
    session: Session | None = field(default=None, repr=False)

    @property
    def actor(self) -> str:
        """For the audit trail."""
        return self.name if self.session is None else f"{self.name}, by console"


ANYONE = Caller("anyone", "admin")


class Guard:
    """Lets in, or raises the error to answer with. `auth` off lets everyone in, but for other sites' pages."""

    def __init__(
        self,
        *,
        directory: Directory,
        sessions: KnownSessions,
        audit: Audit,
        csrf_key: bytes,
        proxies: TrustedProxies | None,
        now_ms: Callable[[], int],
        auth: bool,
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._audit = audit
        self._csrf_key = csrf_key
        self._proxies = proxies
        self._now_ms = now_ms
        self.auth = auth

    async def admit(self, request: Request, roles: frozenset[str]) -> Caller:
        """Who asks, if they have one of the roles; `caller_of` tells it from now on.

        Unauthenticated, AccessDenied for another role or without the CSRF token, ForeignOrigin.
        """
        if request.method not in _SAFE_METHODS:
            check_site(request)
        caller = await self._caller(request) if self.auth else ANYONE
        request.state.caller = caller
        if caller.role not in roles:
            await self._refuse(request, caller, roles)
        return caller

    async def session_of(self, request: Request) -> Session | None:
        """The session of the request's cookie, if it lasts."""
        token = self.session_token(request)
        return None if token is None else await self._sessions.find(token)

    def session_token(self, request: Request) -> str | None:
        """What the cookie says."""
        return request.cookies.get(SESSION_COOKIE_BY_TLS if self.by_tls(request) else SESSION_COOKIE)

    def csrf_token(self, session: Session | None) -> str:
        """The token that the console must send back; nothing where no session needs one."""
        if session is None:
            return ""
        return _text(hmac.new(self._csrf_key, session.token_sha256, hashlib.sha256).digest())

    def address(self, request: Request) -> str:
        """Whose request it is, as far as the own proxies can tell."""
        peer = request.client.host.removeprefix("::ffff:") if request.client else ""
        if self._proxies is None or not self._proxies.trusts(peer):
            return peer
        said = {
            name.encode(): ", ".join(request.headers.getlist(name)).encode("latin-1")
            for name in ("x-forwarded-for", "forwarded")
            if name in request.headers
        }
        return self._proxies.client(peer, said) or "unknown"

    def by_tls(self, request: Request) -> bool:
        """Whether the browser's connection is encrypted: here, or up to a trusted proxy that says so."""
        if request.scope["scheme"] == "https":
            return True
        if self._proxies is None or not request.client or not self._proxies.trusts(request.client.host):
            return False
        return request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower() == "https"

    def deed(self, request: Request, operation: str, target: str, actor: str = "") -> Deed:
        """What somebody is about to do, for the audit trail: by default, whoever was let in."""
        return Deed(
            at_ms=self._now_ms(),
            actor=actor or caller_of(request).actor,
            operation=operation,
            target=ascii(target)[1:-1][:_TARGET_CHARS],
            source=self.address(request)[:64],
            request_id=str(uuid.uuid4()),
        )

    async def _caller(self, request: Request) -> Caller:
        session = await self.session_of(request)
        if session is not None:
            if request.method not in _SAFE_METHODS:
                self._check_csrf(request, session)
            return Caller(session.user, session.role, session)
        access_key_id, secret = _credentials(request)
        key = await self._directory.key(access_key_id)
        agrees = hmac.compare_digest((key.secret if key else _NOBODYS_SECRET).encode(), secret.encode())
        if key is None or not agrees:
            raise Unauthenticated("the access key id or its secret is wrong")
        return Caller(access_key_id, key.role)

    def _check_csrf(self, request: Request, session: Session) -> None:
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(self.csrf_token(session).encode(), sent.encode("latin-1", "replace")):
            raise AccessDenied("the header X-OpenRUM-CSRF must have the token that /api/v1/me answers with")

    async def _refuse(self, request: Request, caller: Caller, roles: frozenset[str]) -> None:
        """What somebody was not let do is noted. Strangers do not get here."""
        who = "a user" if caller.session is not None else "a key"
        refused = AccessDenied(
            f"{who} of the role {caller.role} may not do this; use one of the role {' or '.join(sorted(roles))}"
        )
        if roles != ADMINS:
            raise refused
        deed = self.deed(request, request.method, request.url.path)

        def note() -> None:
            with self._audit.noting(deed):
                raise refused

        await asyncio.to_thread(note)


def check_site(request: Request) -> None:
    """ForeignOrigin where a page of another site asks. Programs say nothing of a site, and pass."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = site in _OWN_SITE if site is not None else origin is None or _is_own(origin, request.headers.get("host", ""))
    if not own:
        raise ForeignOrigin("a page of another site may not ask this")


def caller_of(request: Request) -> Caller:
    """Who was let in with this request."""
    caller: Caller = request.state.caller
    return caller


def actor_of(request: Request) -> str:
    """The same, for the audit trail."""
    return caller_of(request).actor


def _is_own(origin: str, host: str) -> bool:
    scheme, _, authority = origin.lower().partition("://")
    port = _DEFAULT_PORTS.get(scheme, ":")
    return bool(authority) and authority.removesuffix(port) == host.lower().removesuffix(port)


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise Unauthenticated("sign in, or send HTTP Basic with an access key id and its secret")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        raise Unauthenticated("the Authorization header cannot be read")
    return user, password


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
