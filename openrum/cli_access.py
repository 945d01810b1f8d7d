"""How a command gets at the data: its settings, the running server, or the data directory to itself; and the audit trail."""

import getpass
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from openrum import app as application
from openrum import logs
from openrum.cli_output import fail
from openrum.control.deeds import Deed
from openrum.data_directory import DataDirectory
from openrum.journal import DirectoryLock, JournalReader
from openrum.limits import Limits
from openrum.readback import ReadBack
from openrum.running_server import NotRunning, RunningServer, server_of
from openrum.settings import Settings, read_limits, read_settings
from openrum.store import DuckDBStore
from openrum.upkeep import open_store

T = TypeVar("T")

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="where everything is kept [default: openrum-data]")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
NO_SERVER = "no server runs on this data directory; start it with `openrum serve`"
THIS_MACHINE = "this machine"
"""Where a command comes from, for the trail."""


def settings_of(data_dir: Path | None) -> Settings:
    """Of the environment and the option. Raises SettingsError."""
    settings = read_settings(os.environ, data_dir=data_dir)
    logs.configure(settings.log_format, settings.log_level)
    return settings


def limits_in_force() -> Limits:
    """Of the environment. Raises SettingsError."""
    return read_limits(os.environ)


def url_of(settings: Settings) -> str:
    """Where the server listens, or would."""
    serving = DataDirectory(settings.data_dir).read_serving()
    host, port = serving or (settings.host, settings.port)
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - what to open, not where to listen
    return f"http://{host}:{port}"


def by_server_or_alone(settings: Settings, asked: Callable[[RunningServer], T], by_ourselves: Callable[[], T]) -> T:
    """What the running server says; where none runs, what we find ourselves. Raises ServerTrouble."""
    server = server_of(DataDirectory(settings.data_dir))
    if server is not None:
        try:
            return asked(server)
        except NotRunning:  # killed: its address outlived it
            pass
    return by_ourselves()


@contextmanager
def stopped(settings: Settings) -> Iterator[tuple[application.Control, JournalReader]]:
    """The data directory to ourselves. DirectoryTaken while a server runs on it."""
    if not settings.data_dir.is_dir():
        fail(f"there is no data directory {settings.data_dir}; name the right one with --data-dir")
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
def alone(settings: Settings) -> Iterator[tuple[application.Control, ReadBack, DuckDBStore]]:
    """The store of a data directory that no server runs on, and the way back to what was sent."""
    limits = limits_in_force()
    with stopped(settings) as (control, journal):
        store = open_store(settings.data_dir, limits)
        try:
            yield control, ReadBack(journal.fetch, limits), store
        finally:
            store.close()


@contextmanager
def noted(control: application.Control, command: str, target: str) -> Iterator[None]:
    """What a command changes stands in the audit trail, too."""
    deed = Deed(
        at_ms=application.now_ms(),
        actor=actor(),
        operation=f"openrum {command}",
        target=ascii(target)[1:-1],
        source=THIS_MACHINE,
        request_id=str(uuid.uuid4()),
    )
    with control.audit.noting(deed):
        yield


def actor() -> str:
    """Who gives the command, for the trail."""
    return f"{_user()}, by command"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"user {os.getuid()}"
