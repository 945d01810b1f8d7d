"""`openrum monitors …`: app monitors and the rules of their owners. All of it works beside a running server."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from openrum import app as application
from openrum.cli_access import AsJson, DataDir, noted, settings_of, url_of
from openrum.cli_output import fail, print_json, print_table, say
from openrum.control.monitors import full_form, summary
from openrum.control.owner_rules import OwnerRules
from openrum.control.shapes import CreateAppMonitorRequest, NamedRequest, read_request
from openrum.snippet import Snippet

_STDIN = Path("-")
_LEARNED = ("learned_pages", "learned_urls")

monitors = typer.Typer(
    help="App monitors: make, list, show, delete, restore, their rules, and the snippet for a site.",
    no_args_is_help=True,
)


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
    control = application.Control(settings_of(data_dir))
    with noted(control, "monitors create", name):
        monitor_id = control.create_monitor(read_request(members, CreateAppMonitorRequest), public=public)
    if as_json:
        print_json({"Id": monitor_id, "Name": name})
    else:
        say(f"{name} is {monitor_id}\nWhat a site pastes: openrum monitors snippet {name}")


@monitors.command("list")
def list_monitors(
    deleted: Annotated[bool, typer.Option("--deleted", help="those that can be restored")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the app monitors."""
    control = application.Control(settings_of(data_dir))
    found: list[Any] = []
    if deleted:
        found += control.monitors.deleted()
    else:
        while page := control.monitors.page(found[-1].name if found else "", 100):
            found += page
    shown = [summary(row) for row in found]
    if as_json:
        print_json([{name: getattr(each, name) for name in each.__struct_fields__} for each in shown])
    else:
        print_table(["Name", "Id", "State", "Created"], [[m.Name, m.Id, m.State, m.Created] for m in shown])


@monitors.command("show")
def show_monitor(name: str, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show one app monitor as GetAppMonitor gives it."""
    control = application.Control(settings_of(data_dir))
    row = control.monitors.get(read_request({"Name": name}, NamedRequest).Name)
    content = msgspec.to_builtins(full_form(row))
    if as_json:
        print_json(content)
    else:
        policy = "takes unsigned batches by its policy" if row.policy else "takes signed batches alone"
        rows = [
            [key, json.dumps(value) if isinstance(value, dict | list) else str(value)] for key, value in content.items()
        ]
        print_table(["", name], [*rows, ["Policy", policy]])


@monitors.command("delete")
def delete_monitor(name: str, data_dir: DataDir = None) -> None:
    """Delete an app monitor. Clients that still send to it are told 404 from now on."""
    settings = settings_of(data_dir)
    control = application.Control(settings)
    with noted(control, "monitors delete", name):
        control.monitors.delete(read_request({"Name": name}, NamedRequest).Name)
    say(
        f"{name} is deleted. Its events are kept for {settings.deletion_grace_days} days more;"
        f" until then: openrum monitors restore {name}"
    )


@monitors.command("restore")
def restore_monitor(name: str, data_dir: DataDir = None) -> None:
    """Bring a deleted app monitor back, by its name or its id, with its events, policy and metrics."""
    control = application.Control(settings_of(data_dir))
    with noted(control, "monitors restore", name):
        restored = control.monitors.restore(name)
    say(f"{restored} is back")


@monitors.command("snippet")
def snippet(
    name: str,
    npm: Annotated[bool, typer.Option("--npm", help="for an application that bundles its scripts")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print what a site pastes into its pages."""
    settings = settings_of(data_dir)
    row = application.Control(settings).monitors.get(read_request({"Name": name}, NamedRequest).Name)
    made = Snippet.made_of(
        row.configuration,
        monitor_id=row.id,
        region=settings.region,
        url=settings.public_url.rstrip("/") or url_of(settings),
        public=row.policy is not None,
    )
    say(made.npm() if npm else made.cdn(), end="")


@monitors.command("rules")
def owner_rules(
    name: str,
    new: Annotated[
        Path | None, typer.Option("--set", help="replace them by the JSON of this file; - is standard input")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Show the rules of an app monitor as JSON, or replace them: page groups, scrubbing, retention.

    A running server goes by new rules within seconds, for what comes from then on; `openrum rebuild` applies them to all.
    """
    control = application.Control(settings_of(data_dir))
    rules = control.owner_rules.get(name)
    if new is not None:
        members = _without_learned(_read_object(new), rules)
        with noted(control, "monitors rules", name):
            control.owner_rules.put(name, members)
        rules = control.owner_rules.get(name)
    print_json({member: msgspec.to_builtins(getattr(rules, member)) for member in rules.__struct_fields__})


def _read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(sys.stdin.read() if path == _STDIN else path.read_text(encoding="utf-8"))
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        fail(f"{path} is not JSON: {error}")
    if not isinstance(content, dict):
        fail(f"{path} must hold a JSON object; `openrum monitors rules NAME` shows one")
    return content


def _without_learned(members: dict[str, Any], rules: OwnerRules) -> dict[str, Any]:
    """What was shown may be given back: the learned members are left out as long as they are what is known."""
    known = {name: list(getattr(rules, name)) for name in _LEARNED}
    return {name: value for name, value in members.items() if known.get(name) != value}
