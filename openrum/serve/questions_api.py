"""/api/v1: questions of the vocabulary, the questions beyond one table, SQL; and what there is to ask about.

Answers are JSON; whoever says `Accept: application/vnd.apache.parquet` gets columns and rows as a file.

A question is read, named after what it asks for, and handed on; who answers decides when, and whether it was found before.
`now` is the end of the second that has begun: what was acknowledged before is in the range, and who asks in the same
second asks the same.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from openrum.limits import Limits
from openrum.outcome_words import ENDS, REASONS
from openrum.outcomes import Reason
from openrum.query.catalogue import SPECIAL
from openrum.query.dimensions import ATTRIBUTE, DIMENSIONS, DOCUMENTED, TIME
from openrum.query.measures import MEASURES
from openrum.query.question import BadQuestion, Question, QuestionForm, parse_question
from openrum.query.run import Answer, Readable, run
from openrum.query.scope import Operator
from openrum.query.special import ScopeForm, Special, Table, parse_scope
from openrum.query.weights import weight_of, weighted
from openrum.serve.answers import PARQUET, encoded, parquet_answer, ready_answer, text_answer, while_present
from openrum.serve.api import Api
from openrum.serve.ports import Answers, Finding, FramesOf, Monitor, Position, SqlAnswer, SqlEngine, ViewTold
from openrum.serve.prometheus import TEXT, gauges, text_of
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


class ScrapeForm(ScopeForm, forbid_unknown_fields=True, kw_only=True):
    """What of a question Prometheus may ask: what is so now."""

    measures: list[str]
    by: list[str] = msgspec.field(default_factory=list)
    from_: str | int | float = "-15m"
    limit: int = 100
    weighted: bool = False


class _Table(msgspec.Struct):
    """What of an answer goes into a file."""

    columns: list[str]
    rows: list[list[Any]]


_SQL = msgspec.json.Decoder(SqlForm)
_TABLE = msgspec.json.Decoder(_Table)
_MOMENTS = frozenset({"time"})
_NONE: frozenset[str] = frozenset()


class QuestionsApi:
    """The endpoints."""

    def __init__(
        self,
        *,
        api: Api,
        answers: Answers,
        frames_of: FramesOf,
        engine: SqlEngine,
        limits: Limits,
        now_ms: Callable[[], int],
    ) -> None:
        self._api = api
        self._answers = answers
        self._frames_of = frames_of
        self._engine = engine
        self._vocabulary = b""
        self._limits = limits
        self._now_ms = now_ms

    async def query(self, request: Request) -> Response:
        """POST /api/v1/query: a question, and its answer with the SQL behind it."""
        form = await self._api.form(request, _QUESTION)
        monitor = await self._api.monitor_named(form.monitor)
        finding = self._finding("query", form, monitor, lambda answer, _: encoded(_content(answer)))
        return await self._told(request, finding)

    async def prometheus(self, request: Request) -> Response:
        """GET /api/v1/prometheus: an answer as text that Prometheus scrapes, a gauge for each measure. Labels are the monitor and
        the dimensions; what has no value has no sample. There are no buckets of time: Prometheus keeps the time itself.
        """
        form = read_query(request.query_params, ScrapeForm)
        if any(name.partition(":")[0] == TIME for name in form.by):
            raise BadQuestion("by", "cannot have time: Prometheus notes when it asked")
        monitor = await self._api.monitor_named(form.monitor)

        def text(answer: Answer, question: Question) -> bytes:
            return text_of(gauges(answer, question.measures, question.by, monitor.name))

        whole = QuestionForm(**{name: getattr(form, name) for name in form.__struct_fields__})
        finding = self._finding("prometheus", whole, monitor, text)
        return text_answer(await while_present(request, self._answers.tell(finding)), TEXT)

    def _finding(
        self, kind: str, form: QuestionForm, monitor: Monitor, told: Callable[[Answer, Question], bytes]
    ) -> Finding:
        """The answer to a question, as bytes that `told` makes of it. Raises BadQuestion."""
        question = parse_question(form, monitor.id, self._now(), self._limits)
        weight = weight_of(monitor.session_sample_rate) if form.weighted else 1.0

        def find(store: Readable) -> bytes:
            answer = run(question, store, self._limits)
            return told(answer if weight == 1 else weighted(answer, question.measures, weight), question)

        return Finding(_key(kind, question, weight, monitor.name), find)

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
        begin_s = time.perf_counter()
        form = await self._api.form(request, _SQL)
        if len(form.sql.encode()) > self._limits.query_sql_bytes:
            raise BadQuestion("sql", f"must be at most {self._limits.query_sql_bytes} bytes long")

        def show(answer: SqlAnswer) -> bytes:
            if as_file:
                return self._engine.to_parquet(answer.columns, answer.rows, _NONE)
            return encoded(
                {
                    "columns": answer.columns,
                    "types": answer.types,
                    "rows": answer.rows,
                    "truncated": answer.truncated,
                    "elapsed_ms": round((time.perf_counter() - begin_s) * 1_000, 3),
                }
            )

        as_file = _wants_file(request)
        body = await while_present(request, self._answers.ask_sql(form.sql, show))
        return parquet_answer(body, "sql") if as_file else ready_answer(body)

    async def vocabulary(self, _request: Request) -> Response:
        """GET /api/v1/vocabulary: what may be asked, and what it means."""
        if not self._vocabulary:
            self._vocabulary = encoded(_vocabulary(await asyncio.to_thread(self._engine.views)))
        return ready_answer(self._vocabulary)

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
        body = await while_present(request, self._answers.tell(finding))
        if not _wants_file(request):
            return ready_answer(body)
        name = request.url.path.removeprefix("/api/v1/").replace("/", "-")
        return parquet_answer(await asyncio.to_thread(self._file_of, body), name)

    def _file_of(self, body: bytes) -> bytes:
        table = _TABLE.decode(body)
        return self._engine.to_parquet(table.columns, table.rows, _MOMENTS)

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
        "weight": answer.weight,
    }


def _key(*parts: Any) -> bytes:
    """The same for the same question alone."""
    return hashlib.blake2b(msgspec.msgpack.encode(parts), digest_size=16).digest()


def _wants_file(request: Request) -> bool:
    """An answer is JSON, or a file where the request says that it takes one."""
    return PARQUET in request.headers.get("accept", "")


def _vocabulary(views: Sequence[ViewTold]) -> dict[str, Any]:
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
        "views": [
            {
                "name": view.name,
                "meaning": view.meaning,
                "columns": [{"name": each.name, "type": each.type, "meaning": each.meaning} for each in view.columns],
            }
            for view in views
        ],
        "outcomes": [
            {"outcome": str(outcome), "reason": str(reason), "meaning": words.meaning, "remedy": words.remedy}
            for outcome, reason, words in [
                *((outcome, Reason.NONE, words) for outcome, words in ENDS.items()),
                *((reason.outcome, reason, words) for reason, words in REASONS.items()),
            ]
        ],
    }
