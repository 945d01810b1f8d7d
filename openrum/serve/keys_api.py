"""/api/v1/keys: access keys, for admins alone. A secret is told once, to whoever made the key."""

import asyncio
from collections.abc import Callable

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from openrum.control.keys import Keys
from openrum.errors import ValidationError
from openrum.query.question import BadQuestion
from openrum.serve.answers import json_answer
from openrum.serve.changes import Changes
from openrum.serve.forms import small_form


class NewKeyForm(Struct, forbid_unknown_fields=True):
    """A key to be made: `ingest` sends, `viewer` asks, `admin` does all."""

    name: str
    role: str = "ingest"


class KeyTold(Struct):
    """A key. It is in use, was revoked, or has expired, all in epoch milliseconds."""

    id: str
    name: str
    role: str
    created: int
    revoked: int | None
    expires: int | None
    in_use: bool


class KeysAnswer(Struct):
    """All keys, the newest first."""

    keys: list[KeyTold]


class NewKeyTold(Struct):
    """A key that was made, with its secret, this once."""

    id: str
    secret: str
    name: str
    role: str


_NEW = msgspec.json.Decoder(NewKeyForm)


class KeysApi:
    """The three endpoints."""

    def __init__(self, keys: Keys, changes: Changes, now_ms: Callable[[], int]) -> None:
        self._keys = keys
        self._changes = changes
        self._now_ms = now_ms

    async def keys(self, _request: Request) -> Response:
        """GET /api/v1/keys: all of them, revoked ones too, the newest first."""
        now_ms = self._now_ms()
        found = await asyncio.to_thread(self._keys.list)
        told = [
            KeyTold(
                id=each.id,
                name=each.name,
                role=each.role,
                created=each.created_ms,
                revoked=each.revoked_ms,
                expires=each.expires_ms,
                in_use=each.state(now_ms).startswith("in use"),
            )
            for each in reversed(found)
        ]
        return json_answer({"keys": msgspec.to_builtins(told)})

    async def issue(self, request: Request) -> Response:
        """POST /api/v1/keys: a new one, 201, with its secret, this once."""
        form = await small_form(request, _NEW)
        try:
            made = await self._changes.make(
                request, "create key", form.name, lambda: self._keys.create(form.name, form.role)
            )
        except ValidationError as error:
            field = "role" if error.message.startswith("role") else "name"
            raise BadQuestion(field, error.message) from None
        return json_answer({"id": made.id, "secret": made.secret, "name": made.name, "role": made.role}, 201)

    async def revoke(self, request: Request) -> Response:
        """DELETE /api/v1/keys/{id}: from now on it opens nothing."""
        key_id = request.path_params["id"]
        await self._changes.make(request, "revoke key", key_id, lambda: self._keys.revoke(key_id))
        return json_answer({})
