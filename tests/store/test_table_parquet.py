"""An answer as a file of Parquet: what goes in is what every reader finds, in types that hold it."""

import datetime as dt
import decimal
import uuid

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.store.table_parquet import to_parquet

NOON_MS = 1_767_355_200_123
NOON = dt.datetime(2026, 1, 2, 12, 0, 0, 123_000)  # noqa: DTZ001 - as the engine's timestamps are


@pytest.fixture
def read(tmp_path):
    """Write a table, and read it back: (types by name, rows)."""

    def read(columns, rows, *moments):
        path = tmp_path / "answer.parquet"
        path.write_bytes(to_parquet(columns, rows, frozenset(moments)))
        with duckdb.connect() as reader:
            found = reader.execute(f"FROM '{path}'")
            return {name: str(kind) for name, kind, *_ in found.description}, found.fetchall()

    return read


@pytest.mark.parametrize(
    ("values", "kind", "found"),
    [
        ([1, None, -(2**63)], "BIGINT", [1, None, -(2**63)]),
        ([1, 2.5, None], "DOUBLE", [1.0, 2.5, None]),
        ([2**70], "DOUBLE", [float(2**70)]),
        ([decimal.Decimal("1.5")], "DOUBLE", [1.5]),
        ([True, None], "BOOLEAN", [True, None]),
        ([True, 2], "VARCHAR", ["true", "2"]),
        (["a", None, ""], "VARCHAR", ["a", None, ""]),
        ([None, None], "VARCHAR", [None, None]),
        ([NOON], "TIMESTAMP", [NOON]),
        ([dt.date(2026, 1, 2)], "DATE", [dt.date(2026, 1, 2)]),
        ([uuid.UUID(int=7)], "VARCHAR", [str(uuid.UUID(int=7))]),
        ([["a", None], []], "VARCHAR[]", [["a", None], []]),
        ([[1, 2], {"b": None}], "VARCHAR", ["[1,2]", '{"b":null}']),
    ],
)
def test_a_column_has_the_plainest_type_that_holds_its_values(read, values, kind, found):
    types, rows = read(["x"], [[value] for value in values])
    assert (types, [row[0] for row in rows]) == ({"x": kind}, found)


def test_epoch_milliseconds_are_moments_where_the_column_is_said_to_have_them(read):
    types, rows = read(["time", "began"], [[NOON_MS, NOON_MS], [None, 1]], "time")
    assert types == {"time": "TIMESTAMP", "began": "BIGINT"}
    assert rows == [(NOON, NOON_MS), (None, 1)]
    assert read(["time"], [[2**62]], "time")[0] == {"time": "BIGINT"}


def test_two_columns_of_one_name_are_both_there(read):
    types, rows = read(["a", "A", 'a"b'], [[1, 2, 3]])
    assert (list(types), rows) == (["a", "A_2", 'a"b'], [(1, 2, 3)])


def test_a_table_without_rows_has_its_columns(read):
    assert read(["a", "b"], []) == ({"a": "VARCHAR", "b": "VARCHAR"}, [])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(), st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=20))
def test_texts_and_whole_numbers_come_back_as_they_went(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("parquet") / "answer.parquet"
    path.write_bytes(to_parquet(["a", "b"], rows))
    with duckdb.connect() as reader:
        found = reader.execute(f"FROM '{path}'").fetchall()
    assert [row[0] for row in found] == [row[0] for row in rows]
    if any(row[1] is not None for row in rows):
        assert [row[1] for row in found] == [row[1] for row in rows]
