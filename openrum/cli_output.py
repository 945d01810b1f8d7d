"""What commands print: tables, JSON, progress, and the one line of a command that fails.

Texts of strangers are printed as text, with control characters escaped: none of them may steer the terminal.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

# What is piped on is not folded to the width of a terminal that is not there.
_out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 10_000)


def say(text: str, *, end: str = "\n") -> None:
    """Print our own words. What is a stranger's in them went through `printable`."""
    _out.print(Text(text), end=end)


def warn(text: str) -> None:
    """One line beside the output."""
    print(f"openrum: {text}", file=sys.stderr)  # noqa: T201 - that is what it is for


def fail(message: str) -> NoReturn:
    """The last word of a command: one line that says what is wrong and what to do. Exits with 1."""
    warn(message)
    raise typer.Exit(1)


def print_json(content: Any) -> None:
    """JSON for another program; its escapes are ASCII."""
    sys.stdout.write(json.dumps(content, indent=2, default=str) + "\n")


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """A row a line."""
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(Text(printable(column)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    _out.print(table)


def printable(text: str) -> str:
    """The text with every control character escaped."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


@contextmanager
def progress(doing: str, unit: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error, told of done and all."""
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
