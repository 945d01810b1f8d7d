"""/api/v1/replay: the recording of a session, part by part, for who plays it. It is told as it was sent, and not looked into."""

from collections.abc import Callable

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from openrum.days import DAY_MS
from openrum.errors import ResourceNotFound
from openrum.limits import Limits
from openrum.query.question import parse_range
from openrum.query.replays import DamagedPart, parse_part, part_as_sent, recording
from openrum.query.run import Readable
from openrum.query.scope import Scope
from openrum.query.sessions import parse_session
from openrum.serve.answers import encoded, ready_answer, while_present
from openrum.serve.data_api import MonitorNamed
from openrum.serve.ports import Answers, Finding

_log = structlog.get_logger()
_NONE = b""


class ReplayApi:
    """The endpoint."""

    def __init__(
        self, *, monitor_named: MonitorNamed, answers: Answers, limits: Limits, now_ms: Callable[[], int]
    ) -> None:
        self._monitor_named = monitor_named
        self._answers = answers
        self._limits = limits
        self._now_ms = now_ms

    async def replay(self, request: Request) -> Response:
        """GET /api/v1/replay: the parts of a session's recording in the order they are played. With `part` and `time`, as the
        list has them, that part: the JSON array of rrweb's events as it was sent.
        """
        asked = request.query_params
        monitor = await self._monitor_named(asked.get("monitor", ""))
        session = parse_session(asked.get("session", ""), "session")
        if "part" in asked:
            part, time_ms = parse_part(asked["part"], asked.get("time", ""))
            return await self._part(request, part, session, Scope(monitor.id, time_ms, time_ms + 1))
        now_ms = self._now_ms()
        all_there_is = (now_ms // DAY_MS + 2) * DAY_MS  # the same all day, so that an answer that is kept is found
        scope = Scope(monitor.id, *parse_range(asked.get("from", 0), asked.get("to", all_there_is), now_ms))

        def find(store: Readable) -> bytes:
            return encoded(recording(session, scope, store, self._limits))

        body = await while_present(request, self._answers.tell(Finding(_key(session, scope), find)))
        return ready_answer(body)

    async def _part(self, request: Request, part: str, session: str, scope: Scope) -> Response:
        def find(store: Readable) -> bytes:
            try:
                return part_as_sent(part, session, scope, store, self._limits) or _NONE
            except DamagedPart as error:
                _log.error("a part of a replay is damaged", part=part, monitor=scope.monitor, error=str(error))
                return _NONE

        # Each is played once, and would push out what many ask for.
        finding = Finding(_key(session, scope, part), find, keep=False)
        body = await while_present(request, self._answers.tell(finding))
        if body == _NONE:
            raise ResourceNotFound(
                f"there is no part {part} of this session's recording at that time: its retention may be over, it may have"
                " been forgotten, or be damaged; ask for the list of parts again",
                resource_name=part,
                resource_type="ReplayPart",
            )
        return ready_answer(body)


def _key(*parts: object) -> bytes:
    return msgspec.msgpack.encode(("replay", *parts))
