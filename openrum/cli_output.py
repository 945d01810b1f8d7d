"""What commands print: tables, CSV, JSON, progress, and the one line of a command that fails.

Texts of strangers are printed as text, with control characters escaped: none of them may steer the terminal.
"""

import csv
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

# What is piped on is not folded to the width of a terminal that is not there.
_out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 10_000)


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDTH, _WIDTH_MIN, _WIDTH_MAX = 80, 20, 500


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


def print_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """RFC 4180, for spreadsheets and programs. What a spreadsheet would run as a formula has an apostrophe in front."""
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow([_csv_cell(column) for column in columns])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)


def _csv_cell(value: Any) -> Any:
    """Lists and the like as JSON; nothing is empty. On a terminal, control characters are escaped."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if text.startswith(_FORMULA):
        text = f"'{text}"
    return printable(text) if sys.stdout.isatty() else text


def chart_width() -> int:
    """How many cells a chart may take: the terminal's, or 80 where there is none."""
    try:
        return max(_WIDTH_MIN, min(os.get_terminal_size(sys.stdout.fileno()).columns, _WIDTH_MAX))
    except (OSError, ValueError):
        return _WIDTH


def print_table(columns: list[str], rows: list[list[str]], *, right: Collection[str] = ()) -> None:
    """A row a line; the columns of numbers that are named stand to the right."""
    table = Table(box=None, header_style="bold")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(Text(printable(column)), overflow="fold", justify=justify)
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    _out.print(table)


def counted(number: int, what: str) -> str:
    """'1 day', '2 days', '12,000 days'."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def printable(text: str, *, lines: bool = False) -> str:
    """The text with every control character escaped; line ends stay where `lines`."""
    kept = "\n" if lines else ""
    return "".join(char if char.isprintable() or char in kept else repr(char)[1:-1] for char in text)


@contextmanager
def progress(doing: str, unit: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error, told of done and all."""
    # Most commands, and the server, need not load it.
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
