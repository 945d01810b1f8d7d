"""`openrum export`: a folder of Parquet files, `date=2026-11-25/events-00000.parquet`, asked for part by part.

    ServerParts   who gives the parts where a server runs
    StoreParts    and where none does
    export_to     writes them into a folder

A part is written beside its place and moved there once its date is complete, so that whoever reads the folder meets whole
files alone. Nothing of anybody else's is touched.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import duckdb

from openrum.days import day_name, day_named
from openrum.durable_files import put_in_place
from openrum.export import Exporter
from openrum.running_server import RunningServer

_OURS = "events-*.parquet"
_BESIDE = ".events-*.parquet.new"  # hidden: Spark reads every other file of a folder


class Parts(Protocol):
    """Who gives the events of one monitor, date by date."""

    part_events: int
    dates: list[tuple[str, int]]
    """("2026-11-25", events) of each date that has any."""

    def write_part(self, date: str, part: int, to: Path) -> None:
        """A Parquet file of the `part`-th so many events of a date."""


class ServerParts:
    """Asks GET /api/v1/export. Raises NotRunning and ServerTrouble."""

    def __init__(self, server: RunningServer, monitor: str, span: dict[str, str]) -> None:
        """`span` may have a `from` and a `to`, as the server reads them."""
        self._server = server
        told = server.ask("GET", f"/api/v1/export?{urlencode({'monitor': monitor, **span})}", patience_s=None)
        self._asked = {"monitor": monitor, "as_of": told["as_of"]}
        self.part_events: int = told["part_events"]
        self.dates: list[tuple[str, int]] = [(date, events) for date, events in told["rows"]]

    def write_part(self, date: str, part: int, to: Path) -> None:
        """Over the wire, piece by piece."""
        self._server.save(f"/api/v1/export?{urlencode({**self._asked, 'date': date, 'part': part})}", to)


class StoreParts:
    """Exports from a store that nobody else has open."""

    def __init__(self, exporter: Exporter, monitor_id: str, monitor_name: str, from_ms: int, to_ms: int) -> None:
        self._exporter = exporter
        self._monitor = (monitor_id, monitor_name)
        self.part_events = exporter.part_events
        self.dates = [(day_name(date.day), date.events) for date in exporter.dates(monitor_id, from_ms, to_ms)]

    def write_part(self, date: str, part: int, to: Path) -> None:
        """A copy of what the exporter makes."""
        day = day_named(date)
        assert day is not None
        with self._exporter.part(*self._monitor, day, part) as made:
            shutil.copyfile(made, to)


class FolderTaken(Exception):
    """A date was exported to this folder before. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    dates: int
    files: int
    events: int
    bytes: int


def export_to(folder: Path, parts: Parts, *, overwrite: bool, tell: Callable[[int, int], None]) -> Exported:
    """Write all dates there are. `tell` is told of events done and all. Raises FolderTaken before anything is written."""
    dates = parts.dates
    total = sum(events for _, events in dates)
    taken = [date for date, _ in dates if any(_folder_of(folder, date).glob(_OURS))]
    if taken and not overwrite:
        raise FolderTaken(
            f"{folder} has files of {taken[0]}{f' and {len(taken) - 1} more dates' if taken[1:] else ''} from an earlier"
            " export; choose another folder, or replace them with --overwrite"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tell(0, total)
    files = events = size = done = 0
    for date, expected in dates:
        with _date_of(folder, date) as beside:
            for part in range(-(-expected // parts.part_events)):
                path = beside(part)
                parts.write_part(date, part, path)
                events += _events_in(path)
                size += path.stat().st_size
                files += 1
                tell(done + min(expected, (part + 1) * parts.part_events), total)
        done += expected
    return Exported(len(dates), files, events, size)


def _folder_of(folder: Path, date: str) -> Path:
    return folder / f"date={date}"


@contextmanager
def _date_of(folder: Path, date: str) -> Iterator[Callable[[int], Path]]:
    """Where to write the parts of a date; they get their places at the end, and earlier ones go."""
    inside = _folder_of(folder, date)
    inside.mkdir(mode=0o700, exist_ok=True)
    _remove(inside, _BESIDE)
    try:
        yield lambda part: inside / f".events-{part:05d}.parquet.new"
        made = sorted(inside.glob(_BESIDE))
        _remove(inside, _OURS)
        for path in made:
            put_in_place(path, inside / path.name.removeprefix(".").removesuffix(".new"))
    finally:
        _remove(inside, _BESIDE)
        if not any(inside.iterdir()):
            inside.rmdir()


def _remove(folder: Path, names: str) -> None:
    for path in folder.glob(names):
        path.unlink()


def _events_in(path: Path) -> int:
    """By the file's own footer, so that what cannot be read is found now. Raises duckdb.Error."""
    with duckdb.connect() as connection:
        row = connection.execute("SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]).fetchone()
    assert row is not None
    return int(row[0])
