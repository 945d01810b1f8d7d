"""/api/v1: questions of the vocabulary, the questions beyond one table, SQL; and what there is to ask about.

A question is read, named after what it asks for, and handed on; who answers decides when, and whether it was found before.
`now` is the end of the second that has begun: what was acknowledged before is in the range, and who asks in the same
second asks the same.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from openrum.limits import Limits
from openrum.query.catalogue import SPECIAL
from openrum.query.dimensions import ATTRIBUTE, DIMENSIONS, DOCUMENTED
from openrum.query.measures import MEASURES
from openrum.query.question import BadQuestion, QuestionForm, parse_question
from openrum.query.run import Answer, Readable, run
from openrum.query.scope import Operator
from openrum.query.special import ScopeForm, Special, Table, parse_scope
from openrum.serve.answers import encoded, json_answer, ready_answer, while_present
from openrum.serve.api import Api
from openrum.serve.ports import Answers, Directory, Finding, FramesOf, Monitor, Position, SqlAnswer
from openrum.serve.question_forms import members_of, read_query

_QUESTION = msgspec.json.Decoder(QuestionForm)
_FORMS = {name: msgspec.json.Decoder(special.form) for name, special in SPECIAL.items()}
_PLACE = ("day", "block", "record", "index")
_RELATIVE = re.compile(rb'"(now|-[0-9]+[smhdw])"')
_YES = ("1", "true")
_RAW = "raw"

Endpoint = Callable[[Request], Awaitable[Response]]


class SqlForm(msgspec.Struct, forbid_unknown_fields=True):
    """A user's SQL as JSON."""

    sql: str


_SQL = msgspec.json.Decoder(SqlForm)


class QuestionsApi:
    """The endpoints."""

    def __init__(
        self,
        *,
        api: Api,
        directory: Directory,
        answers: Answers,
        frames_of: FramesOf,
        limits: Limits,
        now_ms: Callable[[], int],
    ) -> None:
        self._api = api
        self._directory = directory
        self._answers = answers
        self._frames_of = frames_of
        self._limits = limits
        self._now_ms = now_ms

    async def query(self, request: Request) -> Response:
        """POST /api/v1/query: a question, and its answer with the SQL behind it."""
        form = await self._api.form(request, _QUESTION)
        monitor = await self._api.monitor_named(form.monitor)
        question = parse_question(form, monitor.id, self._now(), self._limits)

        def find(store: Readable) -> bytes:
            return encoded(_content(run(question, store, self._limits)))

        return await self._told(request, Finding(_key("query", question), find))

    def special(self, name: str) -> Endpoint:
        """POST or GET /api/v1/<name>: one of the questions beyond one table, its form as JSON or in the query string."""

        async def ask(request: Request) -> Response:
            if request.method == "POST":
                form = await self._api.form(request, _FORMS[name])
            else:
                given = {**request.query_params, **request.path_params}
                given.pop(_RAW, None)
                form = read_query(given, SPECIAL[name].form)
            return await self._special(request, SPECIAL[name], form)

        return ask

    async def sql(self, request: Request) -> Response:
        """POST /api/v1/sql: one SELECT over the documented views."""
        form = await self._api.form(request, _SQL)
        if len(form.sql.encode()) > self._limits.query_sql_bytes:
            raise BadQuestion("sql", f"must be at most {self._limits.query_sql_bytes} bytes long")

        def show(answer: SqlAnswer) -> bytes:
            return encoded({"columns": answer.columns, "rows": answer.rows, "truncated": answer.truncated})

        return ready_answer(await while_present(request, self._answers.ask_sql(form.sql, show)))

    async def monitors(self, _request: Request) -> Response:
        """GET /api/v1/monitors: what there is to ask about."""
        return json_answer({"monitors": [{"name": each.name, "id": each.id} for each in self._directory.monitors()]})

    async def vocabulary(self, _request: Request) -> Response:
        """GET /api/v1/vocabulary: what may be asked, and what it means."""
        return ready_answer(_VOCABULARY)

    async def _special(self, request: Request, special: Special[Any], form: ScopeForm) -> Response:
        monitor = await self._api.monitor_named(form.monitor)
        now_ms = self._now()
        raw = request.query_params.get(_RAW) in _YES
        scope = parse_scope(form, monitor.id, now_ms)
        rest = msgspec.json.encode(msgspec.structs.replace(form, monitor="", from_=0, to=0, where=[]))
        relative = now_ms if _RELATIVE.search(rest) else None

        def find(store: Readable) -> bytes:
            table = special.run(form, monitor.id, now_ms, store, self._limits)
            content: dict[str, Any] = {"from": scope.from_ms, "to": scope.to_ms, **table.more}
            columns, rows = self._beside(table, monitor, raw=raw)
            return encoded(
                {"columns": columns, "rows": rows, "sql": table.sql, "elapsed_ms": table.elapsed_ms, **content}
            )

        # What comes from the journal is not kept: it may be gone from there while the rows stay.
        finding = Finding(_key(special.name, scope, rest, relative, raw), find, keep=not raw)
        return await self._told(request, finding)

    def _beside(self, table: Table, monitor: Monitor, *, raw: bool) -> tuple[list[str], list[list[Any]]]:
        """The table with the frames of stacks, and the raw forms of events, as columns beside it."""
        columns, rows = list(table.columns), table.rows
        if "stack" in columns:
            at = columns.index("stack")
            columns.append("frames")
            rows = [[*row, self._frames_of(row[at]) if row[at] else []] for row in rows]
        if raw:
            if not set(_PLACE) <= set(columns):
                raise BadQuestion(_RAW, "is there for events alone, as `session` and `error` tell them")
            at = columns.index(_PLACE[0])
            places: list[Position] = [tuple(row[at : at + len(_PLACE)]) for row in rows]
            forms = self._answers.raw_forms(places, monitor.name)
            columns.append(_RAW)
            rows = [[*row, forms.get(place)] for row, place in zip(rows, places, strict=True)]
        return columns, rows

    async def _told(self, request: Request, finding: Finding) -> Response:
        return ready_answer(await while_present(request, self._answers.tell(finding)))

    def _now(self) -> int:
        return -(-self._now_ms() // 1_000) * 1_000


def _content(answer: Answer) -> dict[str, Any]:
    """What `POST /api/v1/query` answers."""
    return {
        "columns": answer.columns,
        "rows": answer.rows,
        "sql": answer.sql,
        "rows_scanned": answer.rows_scanned,
        "elapsed_ms": answer.elapsed_ms,
        "from": answer.from_ms,
        "to": answer.to_ms,
        "samples": answer.samples,
        "hints": answer.hints,
        "totals": answer.totals,
        "other": answer.other,
        "truncated": answer.truncated,
    }


def _key(*parts: Any) -> bytes:
    """The same for the same question alone."""
    return hashlib.blake2b(msgspec.msgpack.encode(parts), digest_size=16).digest()


def _vocabulary() -> dict[str, Any]:
    kinds = {name: dimension.kind for name, dimension in DIMENSIONS.items()}
    return {
        "measures": [
            {"name": each.name, "meaning": each.meaning, "unit": each.unit, "defined_by": each.defined_by}
            for each in MEASURES.values()
        ],
        "dimensions": [
            {"name": name, "meaning": meaning, "kind": kinds.get(name, "text")} for name, meaning in DOCUMENTED
        ],
        "attributes": ATTRIBUTE,
        "operators": list(Operator.__args__),  # type: ignore[attr-defined]
        "questions": [
            {"name": name, "meaning": each.meaning, "members": members_of(each.form)} for name, each in SPECIAL.items()
        ],
    }


_VOCABULARY = encoded(_vocabulary())
