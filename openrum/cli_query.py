"""`query`: a question of the vocabulary, asked of the running server, or of the store where none runs.

Reads the options into the same form as POST /api/v1/query takes, and shows the answer: a table, CSV, JSON, a chart.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from openrum import app as application
from openrum.cli_access import DataDir, alone, by_server_or_alone, limits_in_force, settings_of
from openrum.cli_output import chart_width, fail, print_csv, print_json, print_table, printable, say
from openrum.query.dimensions import TIME
from openrum.query.measures import MEASURES
from openrum.query.question import BadQuestion, QuestionForm, parse_question, parse_zone
from openrum.query.run import run
from openrum.serve.answers import encoded
from openrum.settings import Settings
from openrum.terminal_chart import bars, fitted, line, sparkline

query = typer.Typer()

_FILTER = re.compile(r"(?P<dimension>[^=!~<>]+)(?P<op>!=|=|~|>|<)(?P<values>.*)", re.DOTALL)
_COMMA = re.compile(r"(?<!\\),")
_OPERATORS = {"=": "is", "!=": "is_not", "~": "matches", ">": "gt", "<": "lt"}
_WITHOUT_VALUES = {"=": "is_null", "!=": "is_not_null"}
_HOW_TO_FILTER = (
    "must be as country=DE,AT or country!=DE or page~/cart/* or http_status>499 or http_status<400;"
    " release= is without one, release!= with one"
)
_UP_OR_DOWN = {"asc": False, "desc": True}
_LINE_HEIGHT = 10
_SERIES_MAX = 20


@query.command("query")
def ask(
    name: Annotated[str, typer.Argument(help="a monitor")],
    *,
    measures: Annotated[list[str], typer.Option("--measures", "-m", help="such as page_views,lcp_p75")],
    by: Annotated[list[str] | None, typer.Option("--by", "-b", help="dimensions, such as page or time:1h")] = None,
    since: Annotated[str, typer.Option("--from", help="-15m, -7d, a date, or epoch milliseconds")] = "-24h",
    until: Annotated[str, typer.Option("--to", help="the end, which is left out")] = "now",
    where: Annotated[
        list[str] | None,
        typer.Option("--where", "-w", help="country=DE,AT  browser!=Chrome  page~/cart/*  http_status>499  release="),
    ] = None,
    order: Annotated[list[str] | None, typer.Option("--order", help="columns, such as lcp_p75 or page:asc")] = None,
    limit: Annotated[int, typer.Option("--limit", help="rows")] = 100,
    compare: Annotated[
        str | None, typer.Option("--compare", help="previous, last_week, release=1.0.0, or -14d..-7d")
    ] = None,
    timezone: Annotated[str, typer.Option("--timezone", help="in which days begin, and times are shown")] = "UTC",
    totals: Annotated[bool, typer.Option("--totals", help="with a row over all")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as the API gives it")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print CSV")] = False,
    as_chart: Annotated[bool, typer.Option("--chart", help="draw a chart")] = False,
    as_sql: Annotated[bool, typer.Option("--sql", help="print the SQL behind the answer")] = False,
    data_dir: DataDir = None,
) -> None:
    """Ask a monitor's data: measures by dimensions, over a range of time. docs/measures.md tells of each."""
    if sum((as_json, as_csv, as_chart, as_sql)) > 1:
        fail("one of --json, --csv, --chart and --sql is taken at a time")
    settings = settings_of(data_dir)
    form = {
        "monitor": name,
        "measures": _listed(measures),
        "by": _listed(by),
        "from": since,
        "to": until,
        "where": [read_filter(text) for text in where or ()],
        "order": [read_order(text) for text in _listed(order)],
        "limit": limit,
        "compare": read_compare(compare),
        "timezone": timezone,
        "totals": totals,
    }
    told = by_server_or_alone(
        settings, lambda server: server.ask("POST", "/api/v1/query", form), lambda: _ask_store(settings, form)
    )
    if as_json:
        print_json(told)
    elif as_sql:
        say(printable(told["sql"], lines=True))
    elif as_csv:
        print_csv(told["columns"], _with_times(told, parse_zone(timezone)))
    elif as_chart:
        for text in drawn(told, parse_zone(timezone), chart_width()):
            say(text)
    else:
        _print(told, parse_zone(timezone))


# ── Options as the form has them ──────────────────────────────────────────────────────────────────────────────────


def read_filter(text: str) -> dict[str, Any]:
    """'country=DE,AT' → {"dimension": "country", "op": "is", "values": ["DE", "AT"]}. Raises BadQuestion.

    A comma in a value is written with a backslash in front of it.
    """
    found = _FILTER.fullmatch(text)
    if found is None:
        raise BadQuestion("where", f"{text[:64]!r} {_HOW_TO_FILTER}")
    dimension, op, rest = found["dimension"].strip(), found["op"], found["values"]
    if not rest:
        if op not in _WITHOUT_VALUES:
            raise BadQuestion("where", f"{text[:64]!r} {_HOW_TO_FILTER}")
        return {"dimension": dimension, "op": _WITHOUT_VALUES[op], "values": []}
    values = [value.replace("\\,", ",") for value in _COMMA.split(rest)]
    return {"dimension": dimension, "op": _OPERATORS[op], "values": values}


def read_order(text: str) -> dict[str, Any]:
    """'lcp_p75' descends, 'page' ascends; 'page:desc' and 'lcp_p75:asc' as they say."""
    column, colon, way = text.rpartition(":")
    if colon and way in _UP_OR_DOWN:
        return {"by": column, "desc": _UP_OR_DOWN[way]}
    return {"by": text, "desc": text in MEASURES}


def read_compare(text: str | None) -> str | dict[str, str] | None:
    """'previous', 'last_week', 'release=1.0.0', '-14d..-7d' as the form has them."""
    if text is None:
        return None
    if text.startswith("release="):
        return {"release": text.removeprefix("release=")}
    from_, dots, to = text.partition("..")
    return {"from": from_, "to": to} if dots else text


def _listed(texts: Sequence[str] | None) -> list[str]:
    return [name.strip() for text in texts or () for name in text.split(",") if name.strip()]


def _ask_store(settings: Settings, form: dict[str, Any]) -> dict[str, Any]:
    """As the server would answer."""
    limits = limits_in_force()
    try:
        asked = msgspec.convert(form, QuestionForm)
    except msgspec.ValidationError as error:
        fail(str(error))
    with alone(settings) as (control, _, store):
        snapshot = control.snapshot
        snapshot.load()
        monitor = snapshot.monitors_by_name.get(asked.monitor) or snapshot.monitors_by_id.get(asked.monitor.lower())
        if monitor is None:
            fail(printable(f"there is no monitor {asked.monitor[:64]!r}"))
        answer = asdict(run(parse_question(asked, monitor.id, application.now_ms(), limits), store, limits))
    answer["from"], answer["to"] = answer.pop("from_ms"), answer.pop("to_ms")
    told: dict[str, Any] = msgspec.json.decode(encoded(answer))
    return told


# ── Shown ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _print(told: dict[str, Any], zone: ZoneInfo) -> None:
    columns: list[str] = told["columns"]
    by = len(columns) - _measures_in(columns)
    doubtful = {(hint["row"], hint["measure"]): hint["needed"] for hint in told["hints"]}
    rows = [
        [_cell(value) + (" ?" if (index, column) in doubtful else "") for column, value in zip(columns, row, strict=True)]
        for index, row in enumerate(_with_times(told, zone))
    ]  # fmt: skip
    if told["totals"] is not None:
        shown = dict(zip(_measures_of(columns), told["totals"], strict=True))
        rows.append([*(["all"] + [""] * by)[:by], *(_cell(shown.get(column)) for column in columns[by:])])
    print_table(columns, rows, right=set(columns[by:]))
    if doubtful:
        say(f"? stands on few samples: a percentile needs {min(doubtful.values())} or more")
    if told["truncated"]:
        say(f"… cut at {len(told['rows'])} rows")


def drawn(told: dict[str, Any], zone: ZoneInfo, width: int) -> list[str]:
    """The chart of an answer: a line over time, else bars; one below the other for each measure."""
    columns: list[str] = told["columns"]
    by = columns[: len(columns) - _measures_in(columns)]
    lines: list[str] = []
    for measure in columns[len(by) :]:
        at = columns.index(measure)
        unit = MEASURES[measure.removesuffix("_previous")].unit
        lines += ["", fitted(f"{measure} ({unit})" if unit else measure, width).rstrip()]
        if not told["rows"]:
            lines.append("nothing is there")
        elif TIME not in by:
            labels = [_label([_cell(cell) for cell in row[: len(by)]]) for row in told["rows"]]
            lines += bars(labels, [row[at] for row in told["rows"]], width, _cell)
        elif len(by) == 1:
            lines += line([row[at] for row in told["rows"]], width, _LINE_HEIGHT, _cell)
            lines.append(_ends(told["rows"], zone, width))
        else:
            lines += _series(told["rows"], by.index(TIME), len(by), at, width)
    return lines[1:]


def _series(rows: Sequence[list[Any]], time_at: int, width_of_by: int, at: int, width: int) -> list[str]:
    """A row of blocks for each group, over one time."""
    series: dict[str, dict[int, Any]] = {}
    for row in rows:
        label = _label([_cell(cell) for index, cell in enumerate(row[:width_of_by]) if index != time_at])
        series.setdefault(label, {})[row[time_at]] = row[at]
    starts = sorted({row[time_at] for row in rows})
    label_width = min(max(len(label) for label in series), width // 3)
    shown = []
    for label, values in list(series.items())[:_SERIES_MAX]:
        told = [values.get(start) for start in starts]
        most = _cell(max((value for value in told if value is not None), default=None))
        room = max(1, width - label_width - len(most) - 2)
        shown.append(f"{fitted(label, label_width)} {fitted(sparkline(told, room), room)} {most}")
    if len(series) > _SERIES_MAX:
        shown.append(f"… and {len(series) - _SERIES_MAX} more")
    return shown


def _ends(rows: Sequence[list[Any]], zone: ZoneInfo, width: int) -> str:
    """The first and the last bucket's time below the two ends of a line."""
    first, last = (_moment(row[0], zone) for row in (rows[0], rows[-1]))
    return fitted(first, width - len(last)) + last if len(first) + len(last) < width else fitted(first, width)


def _label(cells: Sequence[str]) -> str:
    return printable(" · ".join(cell or "(none)" for cell in cells))


def _with_times(told: dict[str, Any], zone: ZoneInfo) -> list[list[Any]]:
    if TIME not in told["columns"]:
        return list(told["rows"])
    at = told["columns"].index(TIME)
    return [[*row[:at], _moment(row[at], zone), *row[at + 1 :]] for row in told["rows"]]


def _moment(epoch_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def _cell(value: object) -> str:
    """As people read it; nothing is empty."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}"
        case float() if value == 0:
            return "0"
        case float():
            digits = 0 if abs(value) >= 1_000 else 1 if abs(value) >= 10 else 4
            return f"{value:,.{digits}f}"
    return str(value)


def _measures_of(columns: Sequence[str]) -> list[str]:
    return [column for column in columns if column in MEASURES]


def _measures_in(columns: Sequence[str]) -> int:
    return sum(column.removesuffix("_previous") in MEASURES for column in columns)
