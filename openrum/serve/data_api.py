"""/api/v1/export and /api/v1/forget: a monitor's data taken out, and a person's data taken away."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from openrum.days import DAY_MS, day_name, day_named
from openrum.query.question import BadQuestion, parse_range
from openrum.serve.answers import json_answer
from openrum.serve.forms import small_form
from openrum.serve.guard import actor_of
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

    def as_of(self) -> tuple[int, int]:
        """A moment, by which parts stay what they are while more events come."""

    def dates(self, monitor: str, from_ms: int, to_ms: int, as_of: tuple[int, int] | None) -> Sequence[Date]:
        """The dates that the range touches."""

    def part(
        self, monitor: str, monitor_name: str, day: int, part: int, as_of: tuple[int, int] | None
    ) -> AbstractContextManager[Path]:
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
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NOBODY = str(uuid.UUID(int=0))
_PIECE_BYTES = 1024 * 1024
_AS_OF = re.compile(r"([0-9]{1,8})\.([0-9]{1,10})")


def check_subject(user: str | None, session: str | None) -> None:
    """BadQuestion where they do not name one user or one session."""
    given = [(kind, value) for kind, value in (("user", user), ("session", session)) if value is not None]
    if len(given) != 1:
        raise BadQuestion("user", "name a user or a session, one of the two")
    [(kind, value)] = given
    if not _UUID.fullmatch(value):
        raise BadQuestion(kind, "must be a UUID (8-4-4-4-12 hexadecimal digits)")
    if value == _NOBODY:
        raise BadQuestion(kind, "the nil UUID is of everyone who keeps no id; name a session")


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
        """GET /api/v1/export: the dates of a monitor; with `date` and `part`, that part of it as Parquet.

        With `as_of`, as the answer with the dates says it, the parts of a date fit together while more events come.
        """
        asked = request.query_params
        monitor = await self._monitor_named(asked.get("monitor", ""))
        if "date" not in asked:
            from_ms, to_ms = parse_range(asked.get("from", 0), asked.get("to", self._now_ms() + DAY_MS), self._now_ms())
            as_of = self._exports.as_of()
            dates = await asyncio.to_thread(self._exports.dates, monitor.id, from_ms, to_ms, as_of)
            rows = [[day_name(date.day), date.events] for date in dates]
            content = {"columns": ["date", "events"], "rows": rows, "part_events": self._exports.part_events}
            return json_answer({**content, "as_of": f"{as_of[0]}.{as_of[1]}"})
        day, part = day_named(asked["date"]), asked.get("part", "0")
        if day is None:
            raise BadQuestion("date", "must be as 2026-11-23")
        if not part.isascii() or not part.isdigit() or len(part) > 6:
            raise BadQuestion("part", "must be a whole number from 0")
        made = self._exports.part(monitor.id, monitor.name, day, int(part), _as_of(asked.get("as_of")))
        return _GoneAfterwards(made, await asyncio.to_thread(made.__enter__))

    async def forget(self, request: Request) -> Response:
        """POST /api/v1/forget: a user or a session, gone; answers with the signed receipt."""
        form = await small_form(request, _FORGET)
        check_subject(form.user, form.session)
        monitor = await self._monitor_named(form.monitor)
        receipt = await asyncio.to_thread(self._forget, monitor.id, monitor.name, form, actor_of(request))
        return json_answer(receipt)


class _GoneAfterwards(StreamingResponse):
    """A file that is there while it is sent, and gone afterwards, whether or not it was heard out."""

    def __init__(self, made: AbstractContextManager[Path], path: Path) -> None:
        size = {"content-length": str(path.stat().st_size)}
        super().__init__(_pieces(path), headers=size, media_type="application/vnd.apache.parquet")
        self._made = made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._made.__exit__(None, None, None)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    # Not Starlette's response of a file: that one starts threads as it needs them.
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece


def _as_of(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _AS_OF.fullmatch(text)
    if found is None:
        raise BadQuestion("as_of", "must be what the answer with the dates says")
    return int(found[1]), int(found[2])
