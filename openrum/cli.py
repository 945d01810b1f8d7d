"""The command line. Each command says what went wrong and what to do, in one line, and exits with 1.

here              `serve`; `keys` and `audit` work beside a running server
cli_monitors.py   `monitors …` works beside a running server
cli_users.py      `users …` works beside a running server
cli_query.py      `query`: a question of the vocabulary
cli_data.py       `sql`, `ledger`, `import`, `export`: data asked for, brought in, taken out
cli_upkeep.py     `forget`, `receipt`, `rebuild`, `check`: what is taken away, and whether all is well
cli_access.py     how a command gets at the data
cli_output.py     what it prints
"""

import os
import sqlite3
import sys
from typing import Annotated

import duckdb
import typer

from openrum import __version__, logs
from openrum import app as application
from openrum.cli_access import AsJson, DataDir, noted, settings_of, url_of
from openrum.cli_data import data
from openrum.cli_monitors import monitors
from openrum.cli_output import print_json, print_table, say, warn
from openrum.cli_query import query
from openrum.cli_upkeep import upkeep
from openrum.cli_users import users
from openrum.control.dates import iso
from openrum.control.keys import ROLES, AccessKey
from openrum.control.migrations import ControlVersion
from openrum.control.secrets import SecretKeyProblem
from openrum.data_directory import DataDirectory, FirstStart
from openrum.errors import OpenRumError
from openrum.export_folder import FolderTaken
from openrum.journal import DirectoryTaken
from openrum.places import GeoDatabaseProblem
from openrum.running_server import NotRunning, ServerTrouble
from openrum.settings import Settings, SettingsError, read_limits, read_settings
from openrum.store import QueryFailed, StoreVersion

cli = typer.Typer(
    name="openrum",
    help="Self-hosted Real User Monitoring that speaks Amazon CloudWatch RUM's API.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Access keys: make, list, rotate, revoke.", no_args_is_help=True)
cli.add_typer(monitors, name="monitors")
cli.add_typer(keys, name="keys")
cli.add_typer(users, name="users")
cli.add_typer(query)
cli.add_typer(data)
cli.add_typer(upkeep)

_HOUR_MS = 3_600_000
_EXPECTED = (
    OpenRumError, SettingsError, DirectoryTaken, StoreVersion, ControlVersion, SecretKeyProblem, QueryFailed, duckdb.Error,
    GeoDatabaseProblem, sqlite3.Error, FolderTaken, NotRunning, ServerTrouble,
)  # fmt: skip


def main() -> None:
    """The entry point: expected trouble is one line on standard error, not a traceback."""
    try:
        cli()
    except _EXPECTED as error:
        what, _, _pointer = str(error).partition("\n\nLINE ")  # the place in a statement, for those who see it
        warn(" ".join(what.split("\n")))
        sys.exit(1)


@cli.callback()
def options(
    *, version: Annotated[bool, typer.Option("--version", help="tell the version, and end", is_eager=True)] = False
) -> None:
    """Self-hosted Real User Monitoring that speaks Amazon CloudWatch RUM's API."""
    if version:
        say(f"openrum {__version__}")
        raise typer.Exit


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


def _say_where(settings: Settings, first: FirstStart | None) -> None:
    url = url_of(settings)
    directory = DataDirectory(settings.data_dir)
    lines = [f"OpenRUM is running at {url}"]
    if settings.demo:
        lines.append(f"The demo shop is at {url}/demo/")
    if not settings.auth:
        lines.append("AUTHENTICATION IS OFF: everyone who reaches this port may read and write everything.")
    if first is not None and first.user:
        lines += [
            "",
            f"Sign in to the console at {url}/console/ with the password that is shown this once:",
            f"  name      {first.user}",
            f"  password  {first.password}",
        ]
    if first is not None:
        lines += [
            "",
            "The first access key, with the role admin, shown this once:",
            f"  access key id      {first.credentials.access_key_id}",
            f"  secret access key  {first.credentials.secret_access_key}",
            f"It is kept in {directory.credentials_file}, for AWS clients:",
            f"  AWS_SHARED_CREDENTIALS_FILE={directory.credentials_file} AWS_PROFILE=openrum \\",
            f"    aws rum list-app-monitors --endpoint-url {url}",
        ]
    say("\n".join(lines))


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="what the key is for")],
    role: Annotated[str, typer.Option(help=" or ".join(ROLES))],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make an access key. Its secret is shown this once."""
    control = application.Control(settings_of(data_dir))
    with noted(control, "keys create", name):
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
    control = application.Control(settings_of(data_dir))
    with noted(control, "keys rotate", access_key_id):
        key = control.keys.rotate(access_key_id, round(overlap_hours * _HOUR_MS))
    _print_key(key, as_json=as_json)


@keys.command("list")
def list_keys(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the access keys, without their secrets."""
    found = application.Control(settings_of(data_dir)).keys.list()
    states = {each.id: each.state(application.now_ms()) for each in found}
    if as_json:
        print_json(
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
        print_table(["Access key id", "Name", "Role", "Created", ""], rows)


@keys.command("revoke")
def revoke_key(access_key_id: str, data_dir: DataDir = None) -> None:
    """Revoke an access key. A running server stops taking it within seconds."""
    control = application.Control(settings_of(data_dir))
    with noted(control, "keys revoke", access_key_id):
        control.keys.revoke(access_key_id)
    say(f"{access_key_id} is revoked")


def _print_key(key: AccessKey, *, as_json: bool) -> None:
    content = {"access_key_id": key.id, "secret_access_key": key.secret, "name": key.name, "role": key.role}
    if as_json:
        print_json(content)
    else:
        print_table(["", key.name], [[label, value] for label, value in content.items() if label != "name"])


# ── The trail ─────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def audit(
    target: Annotated[str | None, typer.Option(help="a monitor's name or ARN, or an access key")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many, the latest first")] = 100,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Who did what to what, when, from where, and how it ended: every control operation that changes something."""
    found = application.Control(settings_of(data_dir)).audit.latest(limit, target)
    names = ("actor", "operation", "target", "source", "outcome")
    if as_json:
        print_json(
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
        print_table(["At", "Who", "What", "To what", "From", "Outcome"], rows)
