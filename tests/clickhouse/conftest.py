"""The same rows in both engines, and one way to hold their answers together. ClickHouse's engine runs in this process."""

import math
from contextlib import closing

import msgspec
import pytest

from openrum.limits import DEFAULTS
from openrum.query.build import build
from openrum.query.run import run as answer
from openrum.query.run import scan
from openrum.store import ClickHouseReader, DuckDBStore, Group, clickhouse_statements
from openrum.store.clickhouse_schema import TABLE
from tests.clickhouse.population import DAYS, population
from tests.query.conftest import Asker

FLOATS_WITHIN = 1e-6  # values are FLOAT, of seven digits
ROWS_MAX = DEFAULTS.query_rows
EVERYTHING = {"from": f"-{DAYS * 24}h", "limit": ROWS_MAX}


def assert_same(left, right, where=""):
    """The same values of the same types; floats within what their columns can hold."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        assert len(left) == len(right), f"{where}: {len(left)} and {len(right)}\n{left}\n{right}"
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            assert_same(one, other, f"{where}[{index}]")
    elif isinstance(left, dict) and isinstance(right, dict):
        assert left.keys() == right.keys(), where
        for key in left:
            assert_same(left[key], right[key], f"{where}.{key}")
    elif isinstance(left, float) and isinstance(right, float):
        assert math.isclose(left, right, rel_tol=FLOATS_WITHIN, abs_tol=1e-9), f"{where}: {left} and {right}"
    else:
        assert type(left) is type(right), f"{where}: {left!r} and {right!r}"
        assert left == right, f"{where}: {left!r} and {right!r}"


class Both:
    """Asks DuckDB and ClickHouse."""

    def __init__(self, duckdb, clickhouse):
        self.stores = (duckdb, clickhouse)
        self.clickhouse = clickhouse
        self.parse = Asker(duckdb).parse

    def rows(self, measures=("events",), **members):
        """The rows of a question, as both engines give them."""
        built = build(self.parse(measures, **{**EVERYTHING, **members})).built
        left, right = (scan(built, store, DEFAULTS, rows_max=ROWS_MAX + 1) for store in self.stores)
        assert not left.truncated
        assert_same(left.rows, right.rows, built.text("clickhouse"))
        return left.rows

    def answer(self, measures=("events",), **members):
        """The whole answer to a question, as both engines give it."""
        question = self.parse(measures, **{**EVERYTHING, **members})
        left, right = (answer(question, store, DEFAULTS) for store in self.stores)
        for name in ("columns", "rows", "samples", "hints", "totals", "other", "rows_scanned", "truncated", "sql"):
            assert_same(getattr(left, name), getattr(right, name), name)
        return left


@pytest.fixture(scope="session")
def both(tmp_path_factory):
    pytest.importorskip("chdb", reason="chdb, ClickHouse's engine, is not installed; it is among the dev dependencies")
    lines = msgspec.json.Encoder().encode_lines(population())
    with (
        closing(DuckDBStore(tmp_path_factory.mktemp("both") / "store", DEFAULTS)) as duckdb,
        closing(ClickHouseReader.connect("chdb://memory?ch_max_threads=1", DEFAULTS)) as clickhouse,
    ):
        duckdb.apply(Group(lines, (20_000, 1)))
        load(clickhouse, lines)
        yield Both(duckdb, clickhouse)


def load(reader, lines):
    """The rows of these JSON lines as the table of the reader's engine."""
    client = reader._client
    for statement in clickhouse_statements():
        client.command(statement)
    as_they_are = {"input_format_skip_unknown_fields": 1, "input_format_json_read_objects_as_strings": 1}
    client.raw_insert(TABLE, insert_block=bytes(lines), fmt="JSONEachRow", settings=as_they_are)
