"""/api/v1/saved-queries: SQL that people keep under a name, each their own."""

import asyncio
import unicodedata

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from openrum.control.saved_queries import NAME_CHARS_MAX, SavedQueries
from openrum.limits import Limits
from openrum.query.question import BadQuestion
from openrum.serve.answers import json_answer
from openrum.serve.api import Api
from openrum.serve.guard import caller_of


class SavedQueryForm(msgspec.Struct, forbid_unknown_fields=True):
    """The text to keep, and its name."""

    name: str
    sql: str


class RemovedQueryForm(msgspec.Struct, forbid_unknown_fields=True):
    """The name of what is to go."""

    name: str


_SAVED = msgspec.json.Decoder(SavedQueryForm)
_REMOVED = msgspec.json.Decoder(RemovedQueryForm)


class SavedQueriesApi:
    """The three endpoints. Whose a query is, is who asks: a user, a key, or anyone where nobody signs in."""

    def __init__(self, *, api: Api, saved: SavedQueries, limits: Limits) -> None:
        self._api = api
        self._saved = saved
        self._limits = limits

    async def list(self, request: Request) -> Response:
        """GET /api/v1/saved-queries: the caller's own, by name."""
        found = await asyncio.to_thread(self._saved.list, caller_of(request).name)
        return json_answer({"queries": [{"name": e.name, "sql": e.sql, "changed": e.changed_ms} for e in found]})

    async def save(self, request: Request) -> Response:
        """PUT /api/v1/saved-queries: keep it, in the place of one of the same name."""
        form = await self._api.form(request, _SAVED)
        name = _checked(form.name)
        if not 0 < len(form.sql.encode()) <= self._limits.query_sql_bytes or "\0" in form.sql:
            raise BadQuestion("sql", f"must be 1 to {self._limits.query_sql_bytes} bytes long, without a NUL")
        await asyncio.to_thread(self._saved.save, caller_of(request).name, name, form.sql)
        return json_answer({})

    async def remove(self, request: Request) -> Response:
        """DELETE /api/v1/saved-queries: it is gone."""
        form = await self._api.form(request, _REMOVED)
        await asyncio.to_thread(self._saved.remove, caller_of(request).name, form.name)
        return json_answer({})


def _checked(name: str) -> str:
    if not 0 < len(name) <= NAME_CHARS_MAX or any(unicodedata.category(each) in ("Cc", "Cs") for each in name):
        raise BadQuestion("name", f"must be 1 to {NAME_CHARS_MAX} characters, without control characters")
    return name
