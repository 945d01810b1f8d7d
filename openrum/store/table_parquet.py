"""An answer as a Parquet file: its columns in the plainest types that hold all their values, so that every reader reads it.

Whole numbers are BIGINT, others DOUBLE, moments TIMESTAMP in UTC; lists of texts stay lists, whatever else is nested is JSON.
Knows no store: it is handed the table.
"""

import datetime as dt
import decimal
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

_MEMORY = "256MiB"
_BIGINT = range(-(2**63), 2**63)
_MOMENTS = range(-(10**14), 10**14)  # of four-digit years
_NUMBERS = (int, float, decimal.Decimal)
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - as the engine's timestamps are: in UTC, and silent about it


def to_parquet(columns: Sequence[str], rows: Sequence[Sequence[Any]], moments: frozenset[str] = frozenset()) -> bytes:
    """The file. `moments` names columns whose whole numbers are epoch milliseconds. Blocks."""
    # Of two columns of one name a reader finds one: the others are numbered.
    names = _distinct(columns)
    lists: dict[str, list[Any]] = {}
    selected: list[str] = []
    for at, name in enumerate(names):
        kind, values = _typed([row[at] for row in rows], moment=columns[at] in moments)
        lists[f"c{at}"] = values
        selected.append(f"unnest($c{at}::{kind}[]) AS {_quoted(name)}")
    with (
        tempfile.TemporaryDirectory(prefix="openrum-") as folder,
        duckdb.connect(":memory:", config=_config()) as engine,
    ):
        path = Path(folder) / "answer.parquet"
        table = f"SELECT {', '.join(selected)}" if selected else "SELECT NULL AS nothing WHERE false"
        engine.execute(f"COPY ({table}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)", lists)
        return path.read_bytes()


def _config() -> dict[str, str | bool | int | float | list[str]]:
    return {"threads": 1, "memory_limit": _MEMORY, "autoinstall_known_extensions": False}


def _distinct(columns: Sequence[str]) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    for column in columns:
        name, number = column, 1
        while name.lower() in taken:  # the engine's names have no case
            number += 1
            name = f"{column}_{number}"
        taken.add(name.lower())
        names.append(name)
    return names


def _typed(values: list[Any], *, moment: bool) -> tuple[str, list[Any]]:
    """The type of a column and its values in it."""
    there = [value for value in values if value is not None]
    kinds = {type(value) for value in there}
    if kinds == {bool}:
        return "BOOLEAN", values
    if moment and kinds == {int} and all(value in _MOMENTS for value in there):
        return "TIMESTAMP", [None if each is None else _EPOCH + dt.timedelta(milliseconds=each) for each in values]
    if kinds == {int} and all(value in _BIGINT for value in there):
        return "BIGINT", values
    if kinds and all(issubclass(kind, _NUMBERS) and kind is not bool for kind in kinds):
        return "DOUBLE", [None if value is None else float(value) for value in values]
    if kinds == {dt.datetime}:
        return "TIMESTAMP", values
    if kinds == {dt.date}:
        return "DATE", values
    if kinds == {list} and all(item is None or isinstance(item, str) for value in there for item in value):
        return "VARCHAR[]", values
    return "VARCHAR", [None if value is None else _text(value) for value in values]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, uuid.UUID | dt.date | dt.time | dt.timedelta):
        return str(value)
    return msgspec.json.encode(value, enc_hook=str).decode()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
