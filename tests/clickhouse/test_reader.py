"""ClickHouse as a store that is read: its table and views are those of DuckDB, and its errors are the store's."""

import json

import pytest

from openrum.limits import DEFAULTS
from openrum.query.replays import recording
from openrum.query.scope import Scope
from openrum.store import EVENT_COLUMNS, ClickHouseReader, QueryFailed, QueryTimeout
from openrum.store import schema as duckdb_schema
from openrum.store.clickhouse_schema import NEVER_NULL, TABLE, VIEWS, kind
from tests.clickhouse.conftest import assert_same

pytestmark = pytest.mark.slow

ALL = 100_000
_ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1"


def ask(store, sql, **parameters):
    return store.run(sql, parameters, timeout_s=10, rows_max=ALL)


def test_the_table_has_the_columns_of_the_schema_and_what_may_be_missing_may_be_null(both):
    described = ask(
        both.clickhouse, f"SELECT name, type FROM system.columns WHERE table = '{TABLE}' ORDER BY position"
    ).rows
    assert [row[0] for row in described] == list(EVENT_COLUMNS)
    assert {row[0]: row[1] for row in described} == {name: kind(name) for name in EVENT_COLUMNS}
    for name in EVENT_COLUMNS:
        assert ("Nullable" in kind(name)) == (name not in NEVER_NULL and name != "page_tags"), name


def test_monitor_time_and_session_are_looked_up_in_the_order_of_the_table(both):
    where = "monitor = {m: UUID} AND `time` < {end: Int64} AND session = {s: UUID}"
    values = {"m": "0a0a0a0a-0000-4000-8000-000000000001", "s": "0a0a0a0a-0000-4000-8000-000000000002", "end": 1_000}
    sql = f"EXPLAIN indexes = 1 SELECT count() FROM {TABLE} WHERE {where}"
    explained = both.clickhouse._client.query(sql, parameters=values).result_rows
    [condition] = [row[0] for row in explained if "time in" in row[0]]
    for name in ("monitor in", "time in (-Inf, 999]", "session in"):
        assert name in condition


@pytest.mark.parametrize("name", duckdb_schema.VIEWS)
def test_a_view_shows_what_the_view_of_duckdb_shows(both, name):
    duckdb, clickhouse = both.stores
    key = '"session"' if name == "sessions" else "id"
    left = ask(duckdb, f"SELECT * FROM ({duckdb_schema.VIEWS[name]}) ORDER BY monitor, {key}")
    # UUIDs have another order there.
    right = ask(clickhouse, f"SELECT * FROM {name} ORDER BY toString(monitor), toString({key})")
    assert left.columns == right.columns
    assert len(left.rows) > 50
    assert_same(_alike(left), _alike(right), name)


def _alike(answer):
    """A list that was not sent is null in DuckDB, and empty in ClickHouse; JSON may be written in several ways."""
    reads = {"page_tags": list, "pages": list, "attributes": json.loads, "details": json.loads}
    empty = {"page_tags": [], "pages": []}
    return [
        [empty.get(name) if value is None else reads.get(name, lambda as_it_is: as_it_is)(value)
         for name, value in zip(answer.columns, row, strict=True)]
        for row in answer.rows
    ]  # fmt: skip


def test_no_view_is_missing():
    assert list(VIEWS) == list(duckdb_schema.VIEWS)


def test_values_are_bound_whatever_they_hold(both):
    for value in ["", "'", "\\", "\\N", "\t\n\r\0", "{x:String}", "日本 ☕", "%", "$1", "NULL", "x" * 100_000]:
        assert ask(both.clickhouse, "SELECT {x: String}", x=value).rows == [(value,)]
    assert ask(both.clickhouse, "SELECT {x: Array(String)}", x=["'", "\\", ""]).rows == [(["'", "\\", ""],)]
    assert ask(both.clickhouse, "SELECT {x: Nullable(String)}", x=None).rows == [(None,)]


def test_a_recording_is_not_there_and_that_is_said(both):
    monitor = session = "0a0a0a0a-0000-4000-8000-000000000001"
    with pytest.raises(QueryFailed, match="kept in DuckDB alone"):
        recording(session, Scope(monitor, 0, 1), both.clickhouse, DEFAULTS)


def test_an_answer_is_cut_behind_the_most_rows_that_it_may_have(both):
    cut = both.clickhouse.run("SELECT number FROM numbers(5)", {}, timeout_s=10, rows_max=3)
    assert cut.rows == [(0,), (1,), (2,)]
    assert cut.truncated
    whole = both.clickhouse.run("SELECT number FROM numbers(5)", {}, timeout_s=10, rows_max=5)
    assert len(whole.rows) == 5
    assert not whole.truncated


def test_what_takes_too_long_ends_and_says_what_would_do(both):
    with pytest.raises(QueryTimeout, match=r"longer than 0\.2 seconds; ask for a shorter range"):
        both.clickhouse.run(_ENDLESS, {}, timeout_s=0.2, rows_max=1)


def test_nothing_of_a_question_that_failed_is_in_the_next_answer(both):
    failing = "SELECT number, throwIf(number = 150000) FROM numbers(200000)"
    with pytest.raises(QueryFailed, match="throwIf"):
        both.clickhouse.run(failing, {}, timeout_s=10, rows_max=200_000)
    assert ask(both.clickhouse, "SELECT 5").rows == [(5,)]


@pytest.mark.parametrize(
    "sql",
    [
        f"DROP TABLE {TABLE}",
        f"TRUNCATE TABLE {TABLE}",
        "CREATE TABLE other (a Int8) ENGINE = Memory",
        "SELECT nothing",
        "SELEC",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    ],
)
def test_what_is_wrong_or_writes_is_refused_with_a_reason(both, sql):
    with pytest.raises(QueryFailed, match=r"Code: |one SELECT"):
        ask(both.clickhouse, sql)
    assert ask(both.clickhouse, f"SELECT count() > 0 FROM {TABLE}").rows == [(1,)]


def test_nobody_answers_at_a_wrong_address():
    with pytest.raises(QueryFailed):
        ClickHouseReader.connect("clickhouse://nobody:secret@127.0.0.1:1/none", DEFAULTS)
