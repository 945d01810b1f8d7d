"""/api/v1/sign-in, sign-out, me and password: how a console user comes in, goes, and changes the password.

A name that nobody has is answered as a wrong password is, after the same work. Failed attempts make the next ones wait, by name
and by address (attempts.py). A browser that the user came in by before waits for its own failures alone, so that
whoever tries a name from elsewhere does not keep its owner out.
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from ipaddress import IPv6Address, ip_network
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from openrum.client_address import read_address
from openrum.control.audit import Audit
from openrum.control.console_sessions import ConsoleSessions, KnownSessions, Session
from openrum.control.deeds import Deed
from openrum.control.passwords import BadUser, Passwords
from openrum.control.users import Users, user_changed
from openrum.errors import AccessDenied
from openrum.serve.answers import json_answer
from openrum.serve.attempts import AFew, Attempt, Backoff, Key, Turns
from openrum.serve.forms import small_form
from openrum.serve.guard import (
    ANYONE,
    READERS,
    SESSION_COOKIE,
    SESSION_COOKIE_BY_TLS,
    Caller,
    Guard,
    Unauthenticated,
    caller_of,
    check_site,
)

_log = structlog.get_logger()
_DEVICE_COOKIE = "openrum-device"
_DEVICE_COOKIE_BY_TLS = "__Host-openrum-device"
_DEVICE_S = 180 * 86_400
_FAILURES_NOTED_AN_HOUR = 200  # the trail is kept for ever, and strangers must not fill the disk
_NAME_CHARS = 64


class SignInForm(msgspec.Struct, forbid_unknown_fields=True):
    """Who somebody says to be."""

    name: str
    password: str


class SignOutForm(msgspec.Struct, forbid_unknown_fields=True):
    """`everywhere` ends every session of the user."""

    everywhere: bool = False


class PasswordForm(msgspec.Struct, forbid_unknown_fields=True):
    """The password of before, and the new one."""

    old: str
    new: str


_SIGN_IN = msgspec.json.Decoder(SignInForm)
_SIGN_OUT = msgspec.json.Decoder(SignOutForm)
_PASSWORD = msgspec.json.Decoder(PasswordForm)


class SignIn:
    """The four endpoints."""

    def __init__(
        self,
        *,
        guard: Guard,
        users: Users,
        passwords: Passwords,
        sessions: ConsoleSessions,
        known: KnownSessions,
        audit: Audit,
        turns: Turns,
        device_key: bytes,
        steady_ms: Callable[[], int],
        longest_s: int,
    ) -> None:
        """`longest_s` is how long a session may last; the browser forgets its cookie then."""
        self._guard = guard
        self._users = users
        self._passwords = passwords
        self._sessions = sessions
        self._known = known
        self._audit = audit
        self._turns = turns
        self._device_key = device_key
        self._backoff = Backoff(steady_ms)
        self._noted = AFew(_FAILURES_NOTED_AN_HOUR, steady_ms)
        self._longest_s = longest_s

    async def sign_in(self, request: Request) -> Response:
        """POST /api/v1/sign-in: a session for a name and its password. Throttled after too many failures."""
        check_site(request)
        form = await small_form(request, _SIGN_IN)
        if not self._guard.auth:
            return json_answer(self._who(ANYONE))
        name = form.name.strip().lower()
        whose: Key = ("name", name[:_NAME_CHARS])
        device = self._known_device(request, name)
        if device:
            whose = ("device", device)
        attempt = self._backoff.take([whose] if device else [_where(self._guard.address(request)), whose])
        deed = self._guard.deed(request, "sign in", "", actor="anyone")
        replaces = self._guard.session_token(request) or ""
        token, session = await self._tried(attempt, lambda: self._open(name, form.password, deed, replaces))
        self._backoff.give_back(attempt)
        self._backoff.clear(whose)
        answer = json_answer(self._who(Caller(session.user, session.role, session)))
        self._set_cookie(request, answer, (SESSION_COOKIE, SESSION_COOKIE_BY_TLS), token, self._longest_s)
        if not device:
            cookie = self._new_device(session.user)
            self._set_cookie(request, answer, (_DEVICE_COOKIE, _DEVICE_COOKIE_BY_TLS), cookie, _DEVICE_S)
        return answer

    async def sign_out(self, request: Request) -> Response:
        """POST /api/v1/sign-out: this session ends, or with `everywhere` each of the user. All is well where it is over."""
        ended = 0
        try:
            caller = await self._guard.admit(request, READERS)
        except Unauthenticated:
            caller = ANYONE
        form = await small_form(request, _SIGN_OUT, SignOutForm())
        if (session := caller.session) is not None:
            deed = self._guard.deed(request, "sign out everywhere" if form.everywhere else "sign out", session.user)
            ended = await self._done(deed, lambda: self._sessions.end(session, everywhere=form.everywhere))
        answer = json_answer({"ended": ended})
        self._set_cookie(request, answer, (SESSION_COOKIE, SESSION_COOKIE_BY_TLS), "", 0)
        return answer

    async def me(self, request: Request) -> Response:
        """GET /api/v1/me: who asks, and the CSRF token of the session."""
        return json_answer(self._who(caller_of(request)))

    async def password(self, request: Request) -> Response:
        """POST /api/v1/password: a new one for an old one. Every session ends; this browser gets a new one."""
        form = await small_form(request, _PASSWORD)
        caller = caller_of(request)
        if caller.session is None:
            raise AccessDenied("only a user who is signed in has a password to change")
        attempt = self._backoff.take([("password of", caller.name)])
        deed = self._guard.deed(request, "change password", caller.name)
        token, session = await self._tried(attempt, lambda: self._change(caller.name, form, deed))
        self._backoff.clear(("password of", caller.name))
        answer = json_answer(self._who(Caller(session.user, session.role, session)))
        self._set_cookie(request, answer, (SESSION_COOKIE, SESSION_COOKIE_BY_TLS), token, self._longest_s)
        return answer

    async def _tried(self, attempt: Attempt, work: Callable[[], tuple[str, Session]]) -> tuple[str, Session]:
        """The work, in turn. What is no wrong password (trouble of ours, too many at once) is no failed attempt."""
        try:
            opened = await self._turns.take(work)
        except (Unauthenticated, _WrongPassword):
            raise
        except Exception:
            self._backoff.give_back(attempt)
            raise
        self._known.forget()
        return opened

    def _open(self, name: str, password: str, deed: Deed, replaces: str) -> tuple[str, Session]:
        """Off the loop. Who has the name makes no difference to the work until the password is right."""
        user = self._users.find(name)
        agrees = self._passwords.agrees(user.password_hash if user else None, password)
        # A name that nobody has may be a password, typed into the wrong field: it is written nowhere.
        deed = replace(deed, target="somebody unknown" if user is None else user.name)
        if user is not None and agrees:
            deed = replace(deed, actor=f"{user.name}, by console")
        with self._noting(deed, failed=not agrees):
            if user is None or not agrees:
                raise Unauthenticated("the name or the password is wrong")
            return self._sessions.open(user, replaces=replaces)

    def _change(self, name: str, form: PasswordForm, deed: Deed) -> tuple[str, Session]:
        """Off the loop."""
        user = self._users.find(name)
        agrees = self._passwords.agrees(user.password_hash if user else None, form.old)
        with self._noting(deed, failed=not agrees):
            if user is None or not agrees:
                raise _WrongPassword("old", "is not the password")
            self._users.set_password(name, form.new, field="new", was=user)
        changed = self._users.find(name)
        if changed is None:
            raise user_changed(name)
        return self._sessions.open(changed)

    def _noting(self, deed: Deed, *, failed: bool) -> AbstractContextManager[None]:
        if not failed or self._noted.one_more():
            return self._audit.noting(deed)
        _log.warning("a failed attempt to sign in is not noted: there are too many", an_hour=_FAILURES_NOTED_AN_HOUR)
        return nullcontext()

    async def _done(self, deed: Deed, work: Callable[[], int]) -> int:
        def noted() -> int:
            with self._audit.noting(deed):
                return work()

        done = await asyncio.to_thread(noted)
        self._known.forget()
        return done

    def _who(self, caller: Caller) -> dict[str, Any]:
        csrf = self._guard.csrf_token(caller.session)
        return {"name": caller.name, "role": caller.role, "csrf": csrf, "auth": self._guard.auth}

    def _set_cookie(
        self, request: Request, answer: Response, names: tuple[str, str], value: str, longest_s: int
    ) -> None:
        by_tls = self._guard.by_tls(request)
        answer.set_cookie(
            names[by_tls], value, max_age=longest_s, path="/", secure=by_tls, httponly=True, samesite="strict"
        )

    # ── Browsers that a user came in by before ────────────────────────────────────────────────────────────────────

    def _known_device(self, request: Request, name: str) -> str:
        """What tells this browser from others, where this name came in by it before; else nothing."""
        cookie = request.cookies.get(_DEVICE_COOKIE_BY_TLS if self._guard.by_tls(request) else _DEVICE_COOKIE, "")
        device, _, signature = cookie.partition(".")
        agrees = hmac.compare_digest(self._signed(device, name).encode(), signature.encode("latin-1", "replace"))
        return device if agrees else ""

    def _new_device(self, name: str) -> str:
        device = secrets.token_urlsafe(16)
        return f"{device}.{self._signed(device, name)}"

    def _signed(self, device: str, name: str) -> str:
        return hmac.new(self._device_key, f"{device}.{name}".encode(), "sha256").hexdigest()


class _WrongPassword(BadUser):
    """The old password is not the password."""


def _where(address: str) -> Key:
    """What an address counts as: an IPv6 one as its network, for a household has as many as it likes."""
    found = read_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        return "address", str(ip_network((found, 64), strict=False))
    return "address", address
