"""Data asked for, brought in, taken out: `sql`, `ledger`, `import`, `export`.

`ledger` asks the running server, `import` sends to it; `sql` and `export` ask it, or open the store where none runs.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
import typer

from openrum import app as application
from openrum.cli_access import (
    NO_SERVER,
    AsJson,
    DataDir,
    alone,
    by_server_or_alone,
    limits_in_force,
    settings_of,
)
from openrum.cli_output import fail, print_csv, print_json, print_table, printable, progress, say, warn
from openrum.cloudwatch_logs import Bodies
from openrum.control.dates import iso
from openrum.control.shapes import NamedRequest, read_request
from openrum.data_directory import DataDirectory
from openrum.days import DAY_MS
from openrum.export import Exporter
from openrum.export_folder import Exported, Parts, ServerParts, StoreParts, export_to
from openrum.import_logs import DoorOfMonitor, Import, files_of, size_of
from openrum.query.question import parse_range
from openrum.serve.answers import encoded
from openrum.settings import Settings
from openrum.store import Answer

_SAMPLE_CHARS = 1_000

data = typer.Typer()


# ── Asked for ─────────────────────────────────────────────────────────────────────────────────────────────────────


@data.command()
def sql(
    text: Annotated[str, typer.Argument(help="one SELECT over the views, such as `events`; docs/sql.md tells of them")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print CSV")] = False,
) -> None:
    """Ask the store in SQL, read-only: no files, no network, within the limits of time and memory."""
    settings = settings_of(data_dir)
    answer = by_server_or_alone(
        settings,
        lambda server: _answer_of(server.ask("POST", "/api/v1/sql", {"sql": text})),
        lambda: _ask_store(settings, text),
    )
    if as_json:
        print_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
    elif as_csv:
        print_csv(answer.columns, answer.rows)
    else:
        print_table(answer.columns, [["" if value is None else str(value) for value in row] for row in answer.rows])
        if answer.truncated:
            say(f"… cut at {len(answer.rows)} rows")


def _answer_of(told: dict[str, Any]) -> Answer:
    return Answer(told["columns"], [tuple(row) for row in told["rows"]], told["truncated"])


def _ask_store(settings: Settings, text: str) -> Answer:
    limits = limits_in_force()
    with alone(settings) as (_, _, store):
        answer = store.run_user_sql(text, timeout_s=limits.query_s, rows_max=limits.query_rows)
    return _answer_of(msgspec.json.decode(encoded(asdict(answer))))


@data.command()
def ledger(
    name: Annotated[str, typer.Argument(help="a monitor")],
    since: Annotated[
        str, typer.Option("--from", help="since when they were received, such as -24h or a date")
    ] = "-24h",
    samples: Annotated[bool, typer.Option("--samples", help="with one event of each reason, as it was sent")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """What became of the events of a monitor, by hour of receipt. Asks the running server."""
    query = urlencode({"monitor": name, "from": since, **({"samples": 1} if samples else {})})
    told = by_server_or_alone(
        settings_of(data_dir), lambda server: server.ask("GET", f"/api/v1/ledger?{query}"), lambda: fail(NO_SERVER)
    )
    if as_json:
        print_json(told)
        return
    rows = [[iso(hour) + "Z", outcome, reason, f"{count:,}"] for hour, outcome, reason, count in told["rows"]]
    print_table(["Hour", "Outcome", "Reason", "Count"], rows)
    say("  ".join(f"{outcome.replace('_', ' ')} {count:,}" for outcome, count in told["totals"].items()))
    for sample in told.get("samples", ()):
        say(f"\n{sample['outcome']}, {sample['reason']}, {iso(sample['hour'])}Z:\n{_shown(sample['event'])}")


def _shown(event: object) -> str:
    """An event on its way to a terminal: bounded, and unable to steer it."""
    if event is None:
        return "the journal has it no more"
    text = json.dumps(event, ensure_ascii=False)
    cut = text if len(text) <= _SAMPLE_CHARS else f"{text[:_SAMPLE_CHARS]}… ({len(text):,} characters)"
    return printable(cut)


# ── Brought in ────────────────────────────────────────────────────────────────────────────────────────────────────


@data.command("import")
def import_history(
    name: Annotated[str, typer.Argument(help="a monitor")],
    paths: Annotated[list[Path], typer.Argument(help="files or folders, packed or not; - is standard input")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="read and count, and send nothing")] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring the history of a CloudWatch RUM monitor: what it exported to CloudWatch Logs, sent to the running server.

    Takes the JSON lines of the log group, its export to S3, and what the AWS CLI and Logs Insights print of it. Events keep their
    ids, so whoever imports twice stores nothing twice.
    """
    settings, limits = settings_of(data_dir), limits_in_force()
    row = application.Control(settings).monitors.get(read_request({"Name": name}, NamedRequest).Name)
    try:
        files = files_of(paths)
    except FileNotFoundError as error:
        fail(f"there is no file {error}")
    directory = DataDirectory(settings.data_dir)
    serving = directory.read_serving()
    if serving is None and not dry_run:
        fail(NO_SERVER)
    if row.custom_events != "ENABLED":
        warn(f"{name} has CustomEvents DISABLED: events of custom types will be dropped")
    now_ms = application.now_ms
    bodies = Bodies(now_ms=now_ms, retention_days=settings.retention_days, limits=limits)
    door = DoorOfMonitor(
        serving or ("", 0), row.id, credentials=directory.read_credentials(),
        region=settings.signing_region or settings.region, now_ms=now_ms, limits=limits,
    )  # fmt: skip
    size = size_of(files)
    with progress("Importing", "bytes") as tell:
        work = Import(bodies, (lambda _content: None) if dry_run else door.send, lambda done: tell(done, size))
        work.run(files)
    door.close()
    print_table(["", "Events", "First at"], work.summary(dry_run=dry_run))
    if len(bodies.monitors) > 1:
        say(printable(f"They are of {len(bodies.monitors)} app monitors: {', '.join(sorted(bodies.monitors))}"))
    if work.stopped or work.refused:
        fail(work.stopped or "the server refused some of the events")


# ── Taken out ─────────────────────────────────────────────────────────────────────────────────────────────────────


@data.command()
def export(
    name: Annotated[str, typer.Argument(help="a monitor")],
    to: Annotated[Path, typer.Option("--to", help="a folder; each date gets one in it, date=2026-11-25")],
    since: Annotated[
        str | None, typer.Option("--from", help="the first date, by the events' own time, such as -7d or 2026-11-23")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="the end, which is left out")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="replace dates that were exported before")] = False,
    data_dir: DataDir = None,
) -> None:
    """Write the events of a monitor as Parquet, a folder a date, for DuckDB, ClickHouse, Spark and pandas.

    Dates are whole, and in UTC: those that the range touches. Without a range, all there are.
    """
    settings = settings_of(data_dir)
    span = {key: value for key, value in (("from", since), ("to", until)) if value is not None}

    def write(parts: Parts) -> Exported:
        with progress("Exporting", "events") as tell:
            return export_to(to, parts, overwrite=overwrite, tell=tell)

    def from_store() -> Exported:
        with alone(settings) as (control, readback, store):
            row = control.monitors.get(read_request({"Name": name}, NamedRequest).Name)
            now_ms = application.now_ms()
            from_ms, to_ms = parse_range(span.get("from", 0), span.get("to", now_ms + DAY_MS), now_ms)
            return write(StoreParts(Exporter(store, readback), row.id, row.name, from_ms, to_ms))

    parts = by_server_or_alone(settings, lambda server: ServerParts(server, name, span), lambda: None)
    try:
        done = from_store() if parts is None else write(parts)
    except OSError as error:
        fail(f"cannot write to {to}: {error.strerror or error}")
    say(f"{done.events:,} events of {done.dates:,} dates in {done.files:,} files, {done.bytes:,} bytes: {to}")
