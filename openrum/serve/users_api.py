"""/api/v1/users: the console's users, for admins alone. Every change stands in the audit trail."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from openrum.control.audit import Audit
from openrum.control.console_sessions import KnownSessions
from openrum.control.passwords import check_password, generated_password
from openrum.control.users import Users
from openrum.query.question import BadQuestion
from openrum.serve.answers import json_answer
from openrum.serve.attempts import Turns
from openrum.serve.forms import small_form
from openrum.serve.guard import Guard

T = TypeVar("T")


class NewUserForm(msgspec.Struct, forbid_unknown_fields=True):
    """A user to be made. Without a password one is made, and answered with, this once."""

    name: str
    role: str = "viewer"
    password: str | None = None


class ChangedUserForm(msgspec.Struct, forbid_unknown_fields=True):
    """What of a user is to change."""

    role: str | None = None
    password: str | None = None


_NEW = msgspec.json.Decoder(NewUserForm)
_CHANGED = msgspec.json.Decoder(ChangedUserForm)


class UsersApi:
    """The four endpoints."""

    def __init__(self, *, guard: Guard, users: Users, known: KnownSessions, audit: Audit, turns: Turns) -> None:
        self._guard = guard
        self._users = users
        self._known = known
        self._audit = audit
        self._turns = turns

    async def list(self, _request: Request) -> Response:
        """GET /api/v1/users: all of them by name, times in epoch milliseconds."""
        found = await asyncio.to_thread(self._users.list)
        users = [
            {
                "name": each.name,
                "role": each.role,
                "created": each.created_ms,
                "password_set": each.password_ms,
                "signed_in": each.signed_in_ms,
            }
            for each in found
        ]
        return json_answer({"users": users})

    async def create(self, request: Request) -> Response:
        """POST /api/v1/users: a new one, 201. The password that was made is answered with, this once."""
        form = await small_form(request, _NEW)
        password = generated_password() if form.password is None else form.password
        name = await self._done(
            request, "create user", form.name, lambda: self._users.create(form.name, form.role, password)
        )
        content = {"name": name, "role": form.role}
        return json_answer(content if form.password is not None else {**content, "password": password}, 201)

    async def change(self, request: Request) -> Response:
        """PATCH /api/v1/users/{name}: another role at once; another password, which ends all sessions of the user."""
        form = await small_form(request, _CHANGED)
        name, role, password = request.path_params["name"], form.role, form.password
        if role is None and password is None:
            raise BadQuestion("body", "name a role or a password")
        if password is not None:
            check_password(password, name)  # all or nothing
        if role is not None:
            await self._done(request, "change role", name, lambda: self._users.set_role(name, role))
        if password is not None:
            await self._done(request, "reset password", name, lambda: self._users.set_password(name, password))
        return json_answer({})

    async def remove(self, request: Request) -> Response:
        """DELETE /api/v1/users/{name}: gone, with all sessions. The last admin stays."""
        name = request.path_params["name"]
        await self._done(request, "remove user", name, lambda: self._users.remove(name))
        return json_answer({})

    async def _done(self, request: Request, operation: str, target: str, work: Callable[[], T]) -> T:
        """The work, noted, off the loop. In turn, as some of it hashes."""
        deed = self._guard.deed(request, operation, target)

        def noted() -> T:
            with self._audit.noting(deed):
                return work()

        done = await self._turns.take(noted)
        self._known.forget()
        return done
