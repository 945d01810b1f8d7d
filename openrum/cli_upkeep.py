"""What is taken away, and whether all is well: `forget`, `receipt`, `rebuild`, `check`.

`forget` asks the running server, or does it alone where none runs; `rebuild` and `check` need the server stopped.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from openrum import app as application
from openrum.bridges import Forgetter, MonitorRules
from openrum.cli_access import (
    THIS_MACHINE,
    AsJson,
    DataDir,
    actor,
    by_server_or_alone,
    limits_in_force,
    settings_of,
    stopped,
)
from openrum.cli_output import counted, fail, print_json, printable, progress, say, warn
from openrum.control.shapes import NamedRequest, read_request
from openrum.drain import Drain
from openrum.durable_files import write_whole
from openrum.forget import Forgetting, Subject
from openrum.journal import JournalReader, JournalRewriter
from openrum.keeping import Rewrites
from openrum.receipts import is_genuine
from openrum.serve.data_api import check_subject
from openrum.settings import Settings
from openrum.upkeep import check as check_everything
from openrum.upkeep import open_store
from openrum.upkeep import rebuild as rebuild_store

_STDIN = Path("-")

upkeep = typer.Typer()


# ── Taken away ────────────────────────────────────────────────────────────────────────────────────────────────────


@upkeep.command()
def forget(
    name: Annotated[str, typer.Argument(help="a monitor")],
    user: Annotated[str | None, typer.Option(help="a userId")] = None,
    session: Annotated[str | None, typer.Option(help="a sessionId")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    receipt_file: Annotated[
        Path | None, typer.Option("--receipt", help="write the signed receipt to this file")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Forget a user or a session: gone from journal, store and replays, for good. Gives a signed receipt of the counts."""
    settings = settings_of(data_dir)
    check_subject(user, session)
    if not settings.data_dir.is_dir():
        fail(f"there is no data directory {settings.data_dir}; name the right one with --data-dir")
    row = application.Control(settings).monitors.get(read_request({"Name": name}, NamedRequest).Name)
    _ask_first(f"Forget {f'user {user}' if user else f'session {session}'} of {name}? This cannot be undone.", yes=yes)
    subject = Subject(row.id, user and user.lower(), session and session.lower())
    receipt = by_server_or_alone(
        settings,
        lambda server: server.ask(
            "POST", "/api/v1/forget", {"monitor": row.id, "user": user, "session": session}, patience_s=None
        ),
        lambda: _forget_alone(settings, row.name, subject),
    )
    if receipt_file is not None:
        _write_receipt(receipt_file, receipt)
    if as_json:
        print_json(receipt)
    else:
        _tell(receipt)


def _ask_first(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        fail("nobody is there to be asked, and forgetting cannot be undone: say --yes")
    if not typer.confirm(question, err=True):
        fail("nothing was forgotten")


def _forget_alone(settings: Settings, monitor_name: str, subject: Subject) -> dict[str, Any]:
    limits = limits_in_force()
    with stopped(settings) as (control, journal):
        store = open_store(settings.data_dir, limits)
        try:
            control.snapshot.load()
            rules = MonitorRules(control.snapshot, settings.retention_ms, application.now_ms)
            idle = Drain(journal, store, rulebook=rules, limits=limits)  # what waits is drained at the next start
            rewriter = JournalRewriter(control.directory.journal, journal)
            forgetter = Forgetter(
                Forgetting(journal, rewriter, store, Rewrites(store, idle)),
                control.receipts,
                control.audit,
                application.now_ms,
                operation="openrum forget",
                source=THIS_MACHINE,
            )
            return forgetter(subject.monitor, monitor_name, subject, actor())
        finally:
            store.close()


def _write_receipt(path: Path, receipt: dict[str, Any]) -> None:
    try:
        write_whole(path, json.dumps(receipt, indent=2).encode() + b"\n")
    except OSError as error:
        print_json(receipt)  # there is no second one of it
        fail(f"it is done, but the receipt cannot be written to {path}: {error.strerror}; it is printed above")


def _tell(receipt: dict[str, Any]) -> None:
    say(f"The {receipt['subject']} is forgotten: sha256 {receipt['subject_sha256']}")
    say(f"  journal  {counted(receipt['requests'], 'request')} on {counted(receipt['journal_days'], 'day')}")
    say(f"  store    {counted(receipt['rows'], 'row')} on {counted(receipt['store_days'], 'day')}")
    if receipt["unreadable_blocks"]:
        warn(f"{receipt['unreadable_blocks']:,} damaged blocks of the journal could not be looked through")
    if receipt["files_set_aside"]:
        warn(
            f"{receipt['files_set_aside']:,} files were set aside as damaged and not looked through; delete them:"
            " journal/*.damaged-*, store/*.damaged-*"
        )


@upkeep.command()
def receipt(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="a receipt; - is standard input")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Verify the receipt of a forgetting, and say whether this data directory signed it. Exits with 1 where it is not sound."""
    content = _read_receipt(path)
    genuine, ours = is_genuine(content), content.get("public_key") == _own_key(settings_of(data_dir))
    if as_json:
        print_json({"genuine": genuine, "signed_by_this_data_directory": genuine and ours})
    elif genuine:
        who = "this data directory" if ours else "another data directory"
        say(f"The receipt is genuine: it is what {who} signed, whose key is {printable(content['public_key'])}")
    if not genuine:
        fail(f"{path} is not genuine: it is not what its key signed")


def _read_receipt(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(sys.stdin.read() if path == _STDIN else path.read_text(encoding="utf-8"))
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        fail(f"{path} is no receipt: {error}")
    if not isinstance(content, dict):
        fail(f"{path} is no receipt: it is no JSON object")
    return content


def _own_key(settings: Settings) -> str | None:
    """None where there is no data directory: a receipt can be verified anywhere."""
    return application.Control(settings).receipts.public_key if settings.data_dir.is_dir() else None


# ── All is well ───────────────────────────────────────────────────────────────────────────────────────────────────


@upkeep.command()
def rebuild(data_dir: DataDir = None) -> None:
    """Make the store anew from the journal. Killed half-way, it changes nothing."""
    settings, limits = settings_of(data_dir), limits_in_force()
    with stopped(settings) as (control, journal), progress("Rebuilding", "events") as tell:
        control.snapshot.load()
        book = MonitorRules(control.snapshot, settings.retention_ms, application.now_ms)()
        events = rebuild_store(settings.data_dir, journal, rulebook=book, limits=limits, on_progress=tell)
    say(f"The store is made anew from {events:,} events.")


@upkeep.command()
def check(data_dir: DataDir = None) -> None:
    """Read everything, verify the checksums and the accounting. Exits with 1 where something is wrong."""
    settings = settings_of(data_dir)
    with stopped(settings) as (_, journal):
        findings = _findings(settings, journal)
    for finding in findings:
        say(printable(finding))
    if findings:
        raise typer.Exit(1)
    say("Everything is there, and everything is accounted for.")


def _findings(settings: Settings, journal: JournalReader) -> list[str]:
    store = open_store(settings.data_dir, limits_in_force())
    try:
        return list(check_everything(journal, store))
    finally:
        store.close()
