"""The command line. Each command says what went wrong and what to do, in one line, and exits with 1.

`serve` is the server. `monitors`, `keys` and `audit` work beside a running one. `ledger` asks the running server, `import` sends to
it; `sql` asks it, or opens the store itself where none runs. `rebuild` and `check` need the server stopped.
"""

import base64
import getpass
import http.client
import json
import os
import sqlite3
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import urlencode

import duckdb
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from openrum import app as application
from openrum import logs
from openrum.bridges import MonitorRules
from openrum.cloudwatch_logs import Bodies
from openrum.control.dates import iso
from openrum.control.deeds import Deed
from openrum.control.keys import ROLES, AccessKey
from openrum.control.migrations import ControlVersion
from openrum.control.monitors import full_form, summary
from openrum.control.secrets import SecretKeyProblem
from openrum.control.shapes import CreateAppMonitorRequest, NamedRequest, read_request
from openrum.data_directory import Credentials, DataDirectory
from openrum.errors import OpenRumError
from openrum.import_logs import DoorOfMonitor, Import, files_of, size_of
from openrum.journal import DirectoryLock, DirectoryTaken, JournalReader
from openrum.places import GeoDatabaseProblem
from openrum.settings import Settings, SettingsError, read_limits, read_settings
from openrum.snippet import Snippet
from openrum.store import Answer, QueryFailed, StoreVersion
from openrum.upkeep import check as check_everything
from openrum.upkeep import open_store
from openrum.upkeep import rebuild as rebuild_store

cli = typer.Typer(
    name="openrum",
    help="Self-hosted Real User Monitoring that speaks Amazon CloudWatch RUM's API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
monitors = typer.Typer(
    help="App monitors: make, list, show, delete, restore, and the snippet for a site.", no_args_is_help=True
)
keys = typer.Typer(help="Access keys: make, list, rotate, revoke.", no_args_is_help=True)
cli.add_typer(monitors, name="monitors")
cli.add_typer(keys, name="keys")

# What is piped on is not folded to the width of a terminal that is not there.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 10_000)
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="where everything is kept [default: openrum-data]")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
_HOUR_MS = 3_600_000
_EXPECTED = (
    OpenRumError, SettingsError, DirectoryTaken, StoreVersion, ControlVersion, SecretKeyProblem, QueryFailed, duckdb.Error,
    GeoDatabaseProblem, sqlite3.Error,
)  # fmt: skip


def main() -> None:
    """The entry point: expected trouble is one line on standard error, not a traceback."""
    try:
        cli()
    except _EXPECTED as error:
        print(f"openrum: {error}", file=sys.stderr)  # noqa: T201 - the last word of a command
        sys.exit(1)


# ── The server ────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on; 0 lets the system choose")] = None,
    data_dir: DataDir = None,
    demo: Annotated[bool | None, typer.Option("--demo", help="with the demo shop and 14 days of visits")] = None,
    auth: Annotated[str | None, typer.Option(help="on, or off for laptops and CI")] = None,
) -> None:
    """Run OpenRUM until it is told to stop."""
    environment = dict(os.environ)
    if auth is not None:
        environment["OPENRUM_AUTH"] = auth
    settings = read_settings(environment, host=host, port=port, data_dir=data_dir, demo=demo)
    logs.configure(settings.log_format, settings.log_level)
    application.serve(settings, read_limits(environment), on_start=_say_where)


def _say_where(settings: Settings, credentials: Credentials | None) -> None:
    url = _url(settings)
    directory = DataDirectory(settings.data_dir)
    lines = [f"OpenRUM is running at {url}"]
    if settings.demo:
        lines.append(f"The demo shop is at {url}/demo/")
    if not settings.auth:
        lines.append("AUTHENTICATION IS OFF: everyone who reaches this port may read and write everything.")
    if credentials is not None:
        lines += [
            "",
            "The first access key, with the role admin, shown this once:",
            f"  access key id      {credentials.access_key_id}",
            f"  secret access key  {credentials.secret_access_key}",
            f"It is kept in {directory.credentials_file}, for AWS clients:",
            f"  AWS_SHARED_CREDENTIALS_FILE={directory.credentials_file} AWS_PROFILE=openrum \\",
            f"    aws rum list-app-monitors --endpoint-url {url}",
        ]
    out.print(Text("\n".join(lines)))


# ── Monitors ──────────────────────────────────────────────────────────────────────────────────────────────────────


@monitors.command("create")
def create_monitor(
    name: str,
    domain: Annotated[list[str], typer.Option(help="whose pages may send; give it again for more, up to five")],
    public: Annotated[bool, typer.Option("--public", help="take unsigned batches, as from browsers")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make an app monitor. All sessions are sampled and custom events are taken."""
    members: dict[str, Any] = {
        "Name": name,
        "AppMonitorConfiguration": {"SessionSampleRate": 1.0, "AllowCookies": True},
        "CustomEvents": {"Status": "ENABLED"},
        **({"Domain": domain[0]} if len(domain) == 1 else {"DomainList": domain}),
    }
    control = application.Control(_settings(data_dir))
    with _noted(control, "monitors create", name):
        monitor_id = control.create_monitor(read_request(members, CreateAppMonitorRequest), public=public)
    if as_json:
        _print_json({"Id": monitor_id, "Name": name})
    else:
        out.print(Text(f"{name} is {monitor_id}\nWhat a site pastes: openrum monitors snippet {name}"))


@monitors.command("list")
def list_monitors(
    deleted: Annotated[bool, typer.Option("--deleted", help="those that can be restored")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the app monitors."""
    control = application.Control(_settings(data_dir))
    found: list[Any] = []
    if deleted:
        found += control.monitors.deleted()
    else:
        while page := control.monitors.page(found[-1].name if found else "", 100):
            found += page
    shown = [summary(row) for row in found]
    if as_json:
        _print_json([{name: getattr(each, name) for name in each.__struct_fields__} for each in shown])
    else:
        _print_table(["Name", "Id", "State", "Created"], [[m.Name, m.Id, m.State, m.Created] for m in shown])


@monitors.command("show")
def show_monitor(name: str, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show one app monitor as GetAppMonitor gives it."""
    import msgspec  # noqa: PLC0415 - this command alone prints shapes

    control = application.Control(_settings(data_dir))
    row = control.monitors.get(read_request({"Name": name}, NamedRequest).Name)
    content = msgspec.to_builtins(full_form(row))
    if as_json:
        _print_json(content)
    else:
        policy = "takes unsigned batches by its policy" if row.policy else "takes signed batches alone"
        rows = [
            [key, json.dumps(value) if isinstance(value, dict | list) else str(value)] for key, value in content.items()
        ]
        _print_table(["", name], [*rows, ["Policy", policy]])


@monitors.command("delete")
def delete_monitor(name: str, data_dir: DataDir = None) -> None:
    """Delete an app monitor. Clients that still send to it are told 404 from now on."""
    settings = _settings(data_dir)
    control = application.Control(settings)
    with _noted(control, "monitors delete", name):
        control.monitors.delete(read_request({"Name": name}, NamedRequest).Name)
    out.print(
        Text(
            f"{name} is deleted. Its events are kept for {settings.deletion_grace_days} days more;"
            f" until then: openrum monitors restore {name}"
        )
    )


@monitors.command("restore")
def restore_monitor(name: str, data_dir: DataDir = None) -> None:
    """Bring a deleted app monitor back, by its name or its id, with its events, policy and metrics."""
    control = application.Control(_settings(data_dir))
    with _noted(control, "monitors restore", name):
        restored = control.monitors.restore(name)
    out.print(Text(f"{restored} is back"))


@monitors.command("snippet")
def snippet(
    name: str,
    npm: Annotated[bool, typer.Option("--npm", help="for an application that bundles its scripts")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print what a site pastes into its pages."""
    settings = _settings(data_dir)
    row = application.Control(settings).monitors.get(read_request({"Name": name}, NamedRequest).Name)
    made = Snippet(
        monitor_id=row.id,
        region=settings.region,
        url=settings.public_url.rstrip("/") or _url(settings),
        public=row.policy is not None,
        sample_rate=row.configuration.get("SessionSampleRate", 1.0),
        cookies=row.configuration.get("AllowCookies", True),
    )
    out.print(Text(made.npm() if npm else made.cdn()), end="")


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="what the key is for")],
    role: Annotated[str, typer.Option(help=" or ".join(ROLES))],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make an access key. Its secret is shown this once."""
    control = application.Control(_settings(data_dir))
    with _noted(control, "keys create", name):
        key = control.keys.create(name, role)
    _print_key(key, as_json=as_json)


@keys.command("rotate")
def rotate_key(
    access_key_id: str,
    overlap_hours: Annotated[float, typer.Option(min=0, max=8_760, help="how long the old key is still taken")] = 24,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a new key of the same name and role, and end the old one. The new secret is shown this once."""
    control = application.Control(_settings(data_dir))
    with _noted(control, "keys rotate", access_key_id):
        key = control.keys.rotate(access_key_id, round(overlap_hours * _HOUR_MS))
    _print_key(key, as_json=as_json)


@keys.command("list")
def list_keys(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the access keys, without their secrets."""
    found = application.Control(_settings(data_dir)).keys.list()
    states = {each.id: each.state(application.now_ms()) for each in found}
    if as_json:
        _print_json(
            [
                {
                    "access_key_id": each.id,
                    "name": each.name,
                    "role": each.role,
                    "created": iso(each.created_ms),
                    "revoked": each.revoked_ms is not None,
                    "state": states[each.id],
                }
                for each in found
            ]
        )
    else:
        rows = [[each.id, each.name, each.role, iso(each.created_ms), states[each.id]] for each in found]
        _print_table(["Access key id", "Name", "Role", "Created", ""], rows)


@keys.command("revoke")
def revoke_key(access_key_id: str, data_dir: DataDir = None) -> None:
    """Revoke an access key. A running server stops taking it within seconds."""
    control = application.Control(_settings(data_dir))
    with _noted(control, "keys revoke", access_key_id):
        control.keys.revoke(access_key_id)
    out.print(Text(f"{access_key_id} is revoked"))


def _print_key(key: AccessKey, *, as_json: bool) -> None:
    content = {"access_key_id": key.id, "secret_access_key": key.secret, "name": key.name, "role": key.role}
    if as_json:
        _print_json(content)
    else:
        _print_table(["", key.name], [[label, value] for label, value in content.items() if label != "name"])


# ── The trail ─────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def audit(
    target: Annotated[str | None, typer.Option(help="a monitor's name or ARN, or an access key")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many, the latest first")] = 100,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Who did what to what, when, from where, and how it ended: every control operation that changes something."""
    found = application.Control(_settings(data_dir)).audit.latest(limit, target)
    names = ("actor", "operation", "target", "source", "outcome")
    if as_json:
        _print_json(
            [
                {
                    "at": iso(row.at_ms) + "Z",
                    **{name: getattr(row, name) for name in names},
                    "request_id": row.request_id,
                }
                for row in found
            ]
        )
    else:
        rows = [[iso(row.at_ms) + "Z", *(getattr(row, name) for name in names)] for row in found]
        _print_table(["At", "Who", "What", "To what", "From", "Outcome"], rows)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"user {os.getuid()}"


@contextmanager
def _noted(control: application.Control, command: str, target: str) -> Iterator[None]:
    """What a command changes stands in the audit trail, too."""
    deed = Deed(
        at_ms=application.now_ms(),
        actor=f"{_user()}, by command",
        operation=f"openrum {command}",
        target=ascii(target)[1:-1],
        source="this machine",
        request_id=str(uuid.uuid4()),
    )
    with control.audit.noting(deed):
        yield


# ── The data ──────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def sql(
    text: Annotated[str, typer.Argument(help="one SELECT over the view `events`")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask the store in SQL, read-only: no files, no network, within the limits of time and memory."""
    settings = _settings(data_dir)
    told = _ask_server(settings, "POST", "/api/v1/sql", {"sql": text})
    if told is None:
        answer = _ask_store(settings, text)
    else:
        answer = Answer(told["columns"], [tuple(row) for row in told["rows"]], told["truncated"])
    if as_json:
        _print_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
    else:
        _print_table(answer.columns, [["" if value is None else str(value) for value in row] for row in answer.rows])
        if answer.truncated:
            out.print(Text(f"… cut at {len(answer.rows)} rows"))


@cli.command()
def ledger(
    name: Annotated[str, typer.Argument(help="a monitor")],
    since: Annotated[
        str, typer.Option("--from", help="since when they were received, such as -24h or a date")
    ] = "-24h",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """What became of the events of a monitor, by hour of receipt. Asks the running server."""
    query = urlencode({"monitor": name, "from": since})
    told = _ask_server(_settings(data_dir), "GET", f"/api/v1/ledger?{query}")
    if told is None:
        _fail("no server runs on this data directory; start it with `openrum serve`")
    if as_json:
        _print_json(told)
        return
    rows = [[iso(hour) + "Z", outcome, reason, f"{count:,}"] for hour, outcome, reason, count in told["rows"]]
    _print_table(["Hour", "Outcome", "Reason", "Count"], rows)
    out.print(Text("  ".join(f"{outcome.replace('_', ' ')} {count:,}" for outcome, count in told["totals"].items())))


@cli.command("import")
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
    settings, limits = _settings(data_dir), read_limits(os.environ)
    row = application.Control(settings).monitors.get(read_request({"Name": name}, NamedRequest).Name)
    try:
        files = files_of(paths)
    except FileNotFoundError as error:
        _fail(f"there is no file {error}")
    directory = DataDirectory(settings.data_dir)
    serving = directory.read_serving()
    if serving is None and not dry_run:
        _fail("no server runs on this data directory; start it with `openrum serve`")
    if row.custom_events != "ENABLED":
        print(f"{name} has CustomEvents DISABLED: events of custom types will be dropped", file=sys.stderr)  # noqa: T201
    now_ms = application.now_ms
    bodies = Bodies(now_ms=now_ms, retention_days=settings.retention_days, limits=limits)
    door = DoorOfMonitor(
        serving or ("", 0), row.id, credentials=directory.read_credentials(),
        region=settings.signing_region or settings.region, now_ms=now_ms, limits=limits,
    )  # fmt: skip
    size = size_of(files)
    with _progress("Importing", "bytes") as tell:
        work = Import(bodies, (lambda _content: None) if dry_run else door.send, lambda done: tell(done, size))
        work.run(files)
    door.close()
    _print_table(["", "Events", "First at"], work.summary(dry_run=dry_run))
    if len(bodies.monitors) > 1:
        out.print(Text(f"They are of {len(bodies.monitors)} app monitors: {', '.join(sorted(bodies.monitors))}"))
    if work.stopped or work.refused:
        _fail(work.stopped or "the server refused some of the events")


@cli.command()
def rebuild(data_dir: DataDir = None) -> None:
    """Make the store anew from the journal. Killed half-way, it changes nothing."""
    settings, limits = _settings(data_dir), read_limits(os.environ)
    with _stopped(settings) as (control, journal), _progress("Rebuilding", "events") as tell:
        control.snapshot.load()
        book = MonitorRules(control.snapshot, settings.retention_ms, application.now_ms)()
        events = rebuild_store(settings.data_dir, journal, rulebook=book, limits=limits, on_progress=tell)
    out.print(Text(f"The store is made anew from {events:,} events."))


@cli.command()
def check(data_dir: DataDir = None) -> None:
    """Read everything, verify the checksums and the accounting. Exits with 1 where something is wrong."""
    settings, limits = _settings(data_dir), read_limits(os.environ)
    with _stopped(settings) as (_, journal):
        store = open_store(settings.data_dir, limits)
        findings = list(check_everything(journal, store))
        store.close()
    for finding in findings:
        out.print(Text(finding))
    if findings:
        raise typer.Exit(1)
    out.print(Text("Everything is there, and everything is accounted for."))


def _settings(data_dir: Path | None) -> Settings:
    settings = read_settings(os.environ, data_dir=data_dir)
    logs.configure(settings.log_format, settings.log_level)
    return settings


def _url(settings: Settings) -> str:
    serving = DataDirectory(settings.data_dir).read_serving()
    host, port = serving or (settings.host, settings.port)
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - what to open, not where to listen
    return f"http://{host}:{port}"


@contextmanager
def _stopped(settings: Settings) -> Iterator[tuple[application.Control, JournalReader]]:
    """The data directory to ourselves. DirectoryTaken while a server runs on it."""
    if not settings.data_dir.is_dir():
        _fail(f"there is no data directory {settings.data_dir}; name the right one with --data-dir")
    lock = DirectoryLock(settings.data_dir)
    control = application.Control(settings)
    journal = JournalReader(control.directory.journal)
    try:
        yield control, journal
    finally:
        journal.close()
        control.database.close()
        lock.close()


@contextmanager
def _progress(doing: str, unit: str) -> Iterator[Callable[[int, int | None], None]]:
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _ask_store(settings: Settings, text: str) -> Answer:
    limits = read_limits(os.environ)
    with _stopped(settings):
        store = open_store(settings.data_dir, limits)
        try:
            return store.run_user_sql(text, timeout_s=limits.query_s, rows_max=limits.query_rows)
        finally:
            store.close()


def _ask_server(settings: Settings, method: str, path: str, question: Any = None) -> dict[str, Any] | None:
    """The running server's answer; None where none runs."""
    directory = DataDirectory(settings.data_dir)
    serving, credentials = directory.read_serving(), directory.read_credentials()
    if serving is None:
        return None
    headers = {"content-type": "application/json"}
    if credentials is not None:
        pair = f"{credentials.access_key_id}:{credentials.secret_access_key}".encode()
        headers["authorization"] = "Basic " + base64.b64encode(pair).decode()
    connection = http.client.HTTPConnection(*serving, timeout=60)
    try:
        connection.request(method, path, None if question is None else json.dumps(question), headers)
        response = connection.getresponse()
        content: dict[str, Any] = json.loads(response.read())
    except ConnectionRefusedError:
        return None  # killed: its address outlived it
    except (OSError, http.client.HTTPException, ValueError) as error:
        _fail(f"the server at {serving[0]}:{serving[1]} does not answer: {error}")
    finally:
        connection.close()
    if response.status != http.client.OK:
        _fail(content["error"]["message"])
    return content


def _print_json(content: Any) -> None:
    sys.stdout.write(json.dumps(content, indent=2, default=str) + "\n")


def _print_table(columns: list[str], rows: list[list[str]]) -> None:
    """Values of strangers are printed as text, with control characters escaped."""
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(Text(_printable(column)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_printable(value)) for value in row))
    out.print(table)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _fail(message: str) -> NoReturn:
    print(f"openrum: {message}", file=sys.stderr)  # noqa: T201 - the last word of a command
    raise typer.Exit(1)
