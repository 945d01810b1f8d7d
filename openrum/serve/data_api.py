"""/api/v1/export and /api/v1/forget: a monitor's data taken out, and a person's data taken away."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import anyio.to_thread
import msgspec
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from openrum.days import DAY_MS, day_name, day_named
from openrum.query.question import BadQuestion, parse_range
from openrum.serve.answers import json_answer
from openrum.serve.basic_auth import actor_of
from openrum.serve.ports import Monitor


class Date(Protocol):
    """How many events a date has."""

    @property
    def day(self) -> int:
        """Days since 1970."""

    @property
    def events(self) -> int: ...


class Exports(Protocol):
    """Who exports. Blocks; never on the loop's thread."""

    part_events: int

    def dates(self, monitor: str, from_ms: int, to_ms: int) -> Sequence[Date]:
        """The dates there are."""

    def part(self, monitor: str, monitor_name: str, day: int, part: int) -> AbstractContextManager[Path]:
        """A Parquet file of a part of a date, there while the context lasts."""


class ForgetForm(msgspec.Struct, forbid_unknown_fields=True):
    """Who is to be forgotten: a user or a session of a monitor."""

    monitor: str
    user: str | None = None
    session: str | None = None


Forget = Callable[[str, str, ForgetForm, str], dict[str, Any]]
"""(monitor's id, its name, form, who asks) → the signed receipt. Blocks until it is done."""
MonitorNamed = Callable[[str], Awaitable[Monitor]]
_FORGET = msgspec.json.Decoder(ForgetForm)
_UUID_CHARS = 36
_BODY_BYTES = 4_096


class DataApi:
    """The two endpoints."""

    def __init__(
        self, *, monitor_named: MonitorNamed, exports: Exports, forget: Forget, now_ms: Callable[[], int]
    ) -> None:
        self._monitor_named = monitor_named
        self._exports = exports
        self._forget = forget
        self._now_ms = now_ms

    async def export(self, request: Request) -> Response:
        """GET /api/v1/export: the dates of a monitor; with `date` and `part`, that part of it as Parquet."""
        asked = request.query_params
        monitor = await self._monitor_named(asked.get("monitor", ""))
        if "date" not in asked:
            from_ms, to_ms = parse_range(asked.get("from", 0), asked.get("to", self._now_ms() + DAY_MS), self._now_ms())
            dates = await anyio.to_thread.run_sync(self._exports.dates, monitor.id, from_ms, to_ms)
            rows = [[day_name(date.day), date.events] for date in dates]
            return json_answer({"columns": ["date", "events"], "rows": rows, "part_events": self._exports.part_events})
        day, part = day_named(asked["date"]), asked.get("part", "0")
        if day is None:
            raise BadQuestion("date", "must be as 2026-11-23")
        if not part.isascii() or not part.isdigit() or len(part) > 6:
            raise BadQuestion("part", "must be a whole number from 0")
        made = self._exports.part(monitor.id, monitor.name, day, int(part))
        path = await anyio.to_thread.run_sync(made.__enter__)
        ended = BackgroundTask(made.__exit__, None, None, None)
        return FileResponse(path, media_type="application/vnd.apache.parquet", background=ended)

    async def forget(self, request: Request) -> Response:
        """POST /api/v1/forget: a user or a session, gone; answers with the signed receipt."""
        form = await _form(request.stream())
        given = [each for each in (form.user, form.session) if each is not None]
        if len(given) != 1:
            raise BadQuestion("user", "name a user or a session, one of the two")
        if len(given[0]) != _UUID_CHARS:
            raise BadQuestion("user" if form.user else "session", "must be a UUID")
        monitor = await self._monitor_named(form.monitor)
        receipt = await anyio.to_thread.run_sync(self._forget, monitor.id, monitor.name, form, actor_of(request))
        return json_answer(receipt)


async def _form(stream: AsyncIterator[bytes]) -> ForgetForm:
    body = b""
    async for chunk in stream:
        body += chunk
        if len(body) > _BODY_BYTES:
            raise BadQuestion("body", f"must be at most {_BODY_BYTES} bytes long")
    try:
        return _FORGET.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadQuestion("body", str(error)) from None
