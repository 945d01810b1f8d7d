"""A user's SQL reads the views and computes. Whatever else it tries is refused before the engine sees it."""

import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.events import Row
from openrum.limits import DEFAULTS, MIB
from openrum.outcomes import Outcome, Reason
from openrum.store import DuckDBStore, Group, Halt, QueryFailed, QueryHalted, QueryTimeout, sql_door
from openrum.store.schema import VIEWS

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
DAY = 20_780
ENDLESS = "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b"


def row(number):
    return Row(
        monitor=MONITOR, id=f"{number:08x}-0000-4000-8000-000000000000", time=DAY * 86_400_000 + number,
        received=DAY * 86_400_000, type="com.amazon.rum.page_view_event", day=DAY, block=number, record=0, index=0,
        outcome=Outcome.STORED, reason=Reason.NONE, page=f"/{number % 3}", page_tags=["a", "b"],
        attributes={"plan": "pro"}, session="00000000-0000-4000-8000-000000000001",
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("door") / "store", DEFAULTS)) as store:
        store.apply(Group(msgspec.json.Encoder().encode_lines([row(number) for number in range(1, 7)]), (DAY, 1)))
        yield store


def ask(store, sql, **options):
    return store.run_user_sql(sql, **{"timeout_s": 10, "rows_max": 1_000, **options})


# ── Refused ───────────────────────────────────────────────────────────────────────────────────────────────────────

FILES = [
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'file.csv'",
    'SELECT * FROM "file.parquet"',
    "SELECT * FROM 'https://example.com/x.csv'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "FROM 'file.json'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_parquet('x.parquet')",
    "SELECT * FROM parquet_scan('x.parquet')",
    "SELECT * FROM parquet_metadata('x.parquet')",
    "SELECT * FROM read_json('x.json')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM READ_TEXT('/etc/passwd')",
    "SELECT * FROM \"read_text\"('/etc/passwd')",
    "SELECT * FROM main.read_text('/etc/passwd')",
    "SELECT * FROM system.main.read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_duckdb('x.duckdb')",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT 1 WHERE EXISTS (SELECT * FROM read_text('/etc/passwd'))",
    "SELECT * FROM events WHERE page IN (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM events ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM events LIMIT (SELECT length(content) FROM read_text('/etc/passwd'))",
    "SELECT * FROM range((SELECT length(content) FROM read_text('/etc/passwd')))",
    "SELECT count(*) OVER (ORDER BY (SELECT content FROM read_text('/etc/passwd'))) FROM events",
    "SELECT list_transform([1], lambda x: (SELECT content FROM read_text('/etc/passwd')))",
    "SELECT * FROM events JOIN read_text('/etc/passwd') ON true",
    "SELECT 1 UNION ALL SELECT size FROM read_text('/etc/passwd')",
    "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "WITH x AS MATERIALIZED (FROM glob('*')) FROM x",
    "WITH x AS NOT MATERIALIZED (SELECT 1) FROM x",  # each level of it doubles
    "SELECT /* harmless */ * FROM /* very */ read_text /* indeed */ ('/etc/passwd') -- FROM events",
    "SELECT * FROM\n\tread_text\n('/etc/passwd')",
    "SELECT '/etc/passwd'.read_text()",
    "SELECT * FROM (VALUES ('/etc/passwd')) v(f), LATERAL (SELECT * FROM read_text(f))",
    "SELECT * FROM (PIVOT read_text('/etc/passwd') ON filename IN ('x') USING count(*))",
    "SELECT * FROM (DESCRIBE SELECT * FROM read_text('/etc/passwd'))",
    "SUMMARIZE '/etc/passwd'",
    "DESCRIBE 'file.csv'",
    "COPY events TO '/tmp/x.csv'",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "ATTACH '/tmp/x.duckdb' AS x",
    "DETACH memory",
]

REVEALING = [
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_columns",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM duckdb_functions()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT * FROM duckdb_memory()",
    "SELECT * FROM duckdb_variables()",
    "SELECT * FROM duckdb_logs",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_database_size()",
    "SELECT * FROM pragma_storage_info('events')",
    "SELECT * FROM pragma_table_info('events')",
    "SELECT * FROM pragma_version()",
    "SELECT * FROM pragma_platform()",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW DATABASES",
    "SELECT * FROM (SHOW TABLES)",
    "SELECT current_setting('temp_directory')",
    "SELECT CURRENT_SETTING('memory_limit')",
    "SELECT system.main.current_setting('memory_limit')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT version()",
    "SELECT current_query()",
    "SELECT current_schemas(true)",
    "SELECT current_database()",
    "SELECT txid_current()",
    "SELECT json_serialize_plan('SELECT * FROM event_rows')",
    "SELECT json_serialize_sql('SELECT 1')",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('event_rows')",
    "SELECT * FROM query_table(['events', 'event_rows'])",
    "SELECT nextval('x')",
    "SELECT * FROM seq_scan('event_rows')",
    "SELECT write_log('x')",
    "SELECT pg_sleep(5)",
    "SELECT sleep_ms(5000)",
]

HIDDEN = [
    "SELECT * FROM event_rows",
    "SELECT * FROM EVENT_ROWS",
    'SELECT * FROM "event_rows"',
    "SELECT * FROM memory.event_rows",
    "SELECT * FROM memory.main.events",
    "SELECT * FROM main.events",
    f"SELECT * FROM day_{DAY}_1.event_rows",
    f"SELECT * FROM day_{DAY}_1.main.ledger",
    f"TABLE day_{DAY}_1.replay_chunks",
    "SELECT * FROM ledger",
    "SELECT * FROM incoming",
    "SELECT * FROM temp.incoming",
    # A name is known behind its WITH, not before it, not in itself, not outside.
    "WITH event_rows AS (SELECT * FROM event_rows) SELECT * FROM event_rows",
    "WITH a AS (SELECT * FROM event_rows), event_rows AS (SELECT 1) SELECT * FROM a",
    "WITH a AS (WITH event_rows AS (SELECT 1) SELECT * FROM event_rows) SELECT * FROM event_rows",
    "SELECT * FROM (WITH event_rows AS (SELECT 1) SELECT 1), event_rows",
    "(WITH event_rows AS (SELECT 1) SELECT 1) UNION ALL SELECT day FROM event_rows",
    "WITH RECURSIVE a AS (SELECT day FROM event_rows UNION ALL SELECT * FROM a) SELECT * FROM a",
    "WITH RECURSIVE event_rows AS (SELECT day FROM event_rows UNION ALL SELECT 1 FROM event_rows) FROM event_rows",
    'WITH "replay_chun\u212as" AS (SELECT 1) SELECT * FROM replay_chunks',  # the Kelvin sign is no K
    "WITH x AS (SELECT 1) SELECT * FROM main.x",
    "SELECT * FROM events AT (VERSION => 1)",
    "SELECT * FROM store",
    "SELECT * FROM row",
]

WRITING = [
    "INSERT INTO events VALUES (1)",
    "WITH x AS (INSERT INTO event_rows DEFAULT VALUES RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM event_rows RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE event_rows SET page = 1 RETURNING *) SELECT * FROM x",
    "DELETE FROM event_rows",
    "UPDATE event_rows SET page = 'x'",
    "TRUNCATE event_rows",
    "DROP VIEW events",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW events AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "CREATE FUNCTION f() AS TABLE FROM glob('*')",
    "ALTER VIEW events RENAME TO x",
    "SET memory_limit = '1TB'",
    "SET SESSION search_path = 'day_20780_1'",
    "SET SCHEMA 'day_20780_1'",
    "RESET memory_limit",
    "SET VARIABLE x = 1",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "USE day_20780_1",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL pragma_version()",
    "CALL force_checkpoint()",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "COMMIT",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT * FROM event_rows",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "DEALLOCATE p",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW events",
    "SELECT 1;;; COPY events TO 'x'",
    "SELECT ?",
    "SELECT $1",
    "SELECT $name",
    "PIVOT events ON page USING count(*)",
    "SELECT 1 INTO x",
    "",
    ";",
    "-- nothing",
    "SELECT 1 FROM events) AS x; SELECT (1",
    "SELECT 1\0; DROP VIEW events",
    "no SQL at all",
]

GREEDY = [
    "SELECT repeat('x', 4000000000)",
    "SELECT lpad('', 2000000000, 'x')",
    "SELECT rpad('', 2000000000, 'x')",
    "SELECT range(3000000000)",
    "SELECT generate_series(1, 3000000000)",
    "SELECT unnest(range(3000000000))",
    "SELECT list_resize([1], 3000000000)",
    "SELECT bitstring('1', 2000000000)",
    "SELECT format('{:>2000000000}', 1)",
    "SELECT printf('%2000000000d', 1)",
    "SELECT bar(1, 0, 1, 2000000000)",
    "SELECT reservoir_quantile(1, 0.5, 2000000000)",
    "SELECT * FROM repeat('x', 4000000000)",
    "SELECT levenshtein(page, page) FROM events",
    "SELECT jaro_winkler_similarity(page, page) FROM events",
    "SELECT list_reduce(page_tags, lambda x, y: x || y) FROM events",
    "SELECT * FROM repeat_row('x', num_rows := 4000000000)",
]


@pytest.mark.parametrize("sql", [*FILES, *REVEALING, *HIDDEN, *WRITING, *GREEDY])
def test_it_is_refused(store, sql):
    with pytest.raises(QueryFailed) as refused:
        ask(store, sql)
    assert not isinstance(refused.value, QueryTimeout)
    assert "root:" not in str(refused.value)
    assert str(store.staging) not in str(refused.value)
    assert ask(store, "SELECT count(*) FROM events").rows == [(6,)]


def test_the_engine_itself_would_refuse_files_and_settings_too(store):
    """Were the door open by mistake."""
    for sql in ("SELECT * FROM read_text('/etc/passwd')", "COPY (SELECT 1) TO '/tmp/x'", "SET threads = 1", "LOAD httpfs"):  # fmt: skip
        with pytest.raises(QueryFailed):
            store.run(sql, {}, timeout_s=5, rows_max=1)
    store_days = [file.catalog for file in store.days().values()]
    assert store_days == [f"day_{DAY}_1"]


def test_a_variable_of_the_server_is_no_table(store):
    sql_door_rows = [{"x": 1}]  # noqa: F841 - what a query must not find
    with pytest.raises(QueryFailed):
        store.run("SELECT * FROM sql_door_rows", {}, timeout_s=5, rows_max=1)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM event", "did you mean events?"),
        ("SELECT * FROM web_vital", "did you mean web_vitals?"),
        ("SELECT * FROM nothing_near", "there are events, page_views, web_vitals, errors, requests, sessions"),
        ("SELECT quantile_count(value, 0.5) FROM web_vitals", "did you mean quantile_cont"),
        ("SELECT unnest(range(3))", "range is taken as a table alone: FROM range(…)"),
        ("SELECT 1; SELECT 2", "one SELECT statement"),
        ("SELECT FROM WHERE", "syntax error"),
        ("SELECT nonsense FROM events", "nonsense"),
        ("SHOW TABLES", "DESCRIBE"),
        ("SELECT $1", "write the values into the text"),
    ],
)
def test_what_is_refused_is_told_what_would_do(store, sql, told):
    with pytest.raises(QueryFailed) as refused:
        ask(store, sql)
    assert told in str(refused.value)


@pytest.mark.slow
@given(st.text(max_size=60))
def test_no_text_gets_past_the_parser_that_runs_it(text):
    with duckdb.connect() as connection:
        try:
            sql_door.check(connection, f"SELECT 1 {text}")
        except QueryFailed:
            return
        assert len(connection.extract_statements(f"SELECT 1 {text}")) == 1


@pytest.mark.slow
@given(
    name=st.sampled_from(["read_text('/etc/passwd')", "event_rows", "duckdb_settings()", "'x.csv'", "main.events"]),
    wrappers=st.lists(
        st.sampled_from(
            ["SELECT * FROM ({})", "SELECT (SELECT count(*) FROM ({}))", "SELECT * FROM events WHERE EXISTS ({})",
             "WITH w AS ({}) SELECT * FROM w", "SELECT 1 UNION ALL ({})", "SELECT * FROM events, LATERAL ({}) AS l",
             "SELECT * FROM events AS e JOIN ({}) AS j ON true", "SELECT page FROM events GROUP BY page HAVING EXISTS ({})",
             "SELECT CASE WHEN EXISTS ({}) THEN 1 END", "SELECT [x FOR x IN [1] IF EXISTS ({})]",
             "SELECT sum(CASE WHEN EXISTS ({}) THEN 1 END) OVER () FROM events", "FROM (DESCRIBE {})"]
        ),
        max_size=5,
    ),
)  # fmt: skip
def test_what_is_refused_is_refused_however_deep_it_stands(name, wrappers):
    sql = f"SELECT * FROM {name}"
    for wrapper in wrappers:
        sql = wrapper.format(sql)
    with duckdb.connect() as connection, pytest.raises(QueryFailed, match="is not taken here"):
        sql_door.check(connection, sql)


@pytest.mark.parametrize(
    "nested", ["(" * 3_000 + "1" + ")" * 3_000, "NOT " * 20_000 + "true", "[" * 9_000 + "]" * 9_000]
)
def test_a_query_that_is_nested_too_deep_is_refused(store, nested):
    with pytest.raises(QueryFailed):
        ask(store, f"SELECT {nested}")


def test_every_function_that_is_taken_is_there_and_takes_no_file():
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT DISTINCT lower(function_name), function_type FROM duckdb_functions()"
        ).fetchall()
    names = {name for name, kind in found if kind in ("scalar", "aggregate", "macro", "window")}
    rewritten = {"current_timestamp", "unnest", "->"}  # by the parser or the binder, not in the engine's list
    assert sql_door.FUNCTIONS - rewritten <= names
    tables = {name for name, kind in found if kind == "table"}
    assert tables & sql_door.FUNCTIONS <= {"unnest", "histogram"}
    assert tables >= sql_door.TABLE_FUNCTIONS


# ── Taken ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ANALYTIC = [
    *(f"SELECT * FROM {view}" for view in VIEWS),
    "FROM events",
    "TABLE sessions",
    "VALUES (1, 'a'), (2, 'b')",
    "DESCRIBE events",
    "SUMMARIZE web_vitals",
    "select COUNT(*) from EVENTS",
    'SELECT "type", count(*) AS n FROM "events" GROUP BY ALL ORDER BY n DESC, 1 LIMIT 5 OFFSET 0;',
    "SELECT page, quantile_cont(value, 0.75), quantile_cont(value, [0.5, 0.99]), median(value) FROM web_vitals GROUP BY page",
    "SELECT percentile_cont(0.75) WITHIN GROUP (ORDER BY value) FROM web_vitals WHERE vital = 'LCP'",
    "SELECT date_trunc('hour', time) AS hour, count(*) FILTER (WHERE bot IS NULL) FROM page_views GROUP BY 1 ORDER BY 1",
    "SELECT time_bucket(INTERVAL 5 MINUTE, time), count(DISTINCT session) FROM events GROUP BY 1",
    "SELECT count(*) FROM events WHERE time > now() - INTERVAL 1 DAY OR time >= TIMESTAMP '2020-01-01 00:00:00'",
    "SELECT strftime(time, '%Y-%m-%d'), dayname(time), extract(hour FROM time AT TIME ZONE 'Europe/Berlin') FROM events",
    "SELECT attributes ->> 'plan', attributes -> '$.plan', json_extract_string(attributes, '$.plan') FROM events",
    "SELECT j.key, j.value FROM events, json_each(attributes) AS j",
    "SELECT tag, count(*) FROM events, unnest(page_tags) AS t(tag) GROUP BY tag",
    "SELECT unnest(page_tags), list_filter(page_tags, lambda t: t <> 'a'), [upper(t) FOR t IN page_tags] FROM events",
    "SELECT *, row_number() OVER w, lag(page) OVER w FROM page_views WINDOW w AS (PARTITION BY session ORDER BY time)",
    "SELECT sum(1) OVER (PARTITION BY session ORDER BY time ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM page_views",
    "SELECT page FROM page_views QUALIFY row_number() OVER (PARTITION BY session ORDER BY time) = 1",
    "WITH a AS (SELECT page FROM events), b AS (SELECT * FROM a) SELECT * FROM a JOIN b USING (page)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n",
    "WITH events AS (SELECT 1 AS x) SELECT * FROM events",
    "WITH event_rows AS (SELECT 1 AS x) SELECT * FROM event_rows",
    "SELECT * FROM sessions s LEFT JOIN errors e ON s.session = e.session ASOF JOIN requests r ON e.time >= r.time",
    "SELECT * FROM (SELECT page, type FROM events) PIVOT (count(*) FOR type IN ('a', 'b') GROUP BY page)",
    "SELECT * FROM (UNPIVOT (SELECT duration, events FROM sessions) ON duration, events INTO NAME what VALUE much)",
    "SELECT page FROM events UNION SELECT page FROM requests EXCEPT SELECT 'x' INTERSECT SELECT 'y'",
    "SELECT * EXCLUDE (attributes) REPLACE (upper(page) AS page), COLUMNS('.*_type') FROM events",
    "SELECT regexp_extract(page, '/(.*)', 1), page LIKE '/%', page ILIKE '/A', page SIMILAR TO '.*', page ~ '.*' FROM events",
    "SELECT CASE WHEN value > 2500 THEN 'slow' ELSE 'fine' END, coalesce(value, 0)::INT, try_cast('x' AS INT) FROM web_vitals",
    "SELECT i, (SELECT count(*) FROM events WHERE epoch_ms(time) % 3 = i) FROM range(3) AS r(i)",
    "SELECT day FROM generate_series(DATE '2026-01-01', DATE '2026-01-07', INTERVAL 1 DAY) AS g(day)",
    "SELECT page FROM events GROUP BY GROUPING SETS ((page), ()) HAVING count(*) > 0",
    "SELECT page FROM events USING SAMPLE 10 ROWS",
    "SELECT {'a': 1}, [1, 2], MAP {'a': 1}, (1, 2), s.a FROM (SELECT {'a': 1} AS s)",
    "SELECT string_agg(DISTINCT page, ', ' ORDER BY page), list(page), histogram(page), mode(page), arg_max(page, time) FROM events",
    "SELECT corr(value, 1), stddev(value), approx_count_distinct(session), any_value(page) FROM web_vitals",
    "SELECT page -- which\nFROM events /* of all */ LIMIT 1",
    "SELECT 'it''s; DROP TABLE events -- no' AS text, $$read_text('/etc/passwd')$$ AS other",
    "SELECT \"session\", 'event_rows' AS \"event_rows\", 1 AS read_text FROM events",
    "SELECT unicode('é'), 'ü' || 'x', length('日本') FROM events LIMIT 1",
]  # fmt: skip


@pytest.mark.parametrize("sql", ANALYTIC)
def test_ordinary_analysis_is_answered(store, sql):
    answer = ask(store, sql)
    assert len(answer.columns) == len(answer.rows[0]) if answer.rows else answer.columns


def test_names_order_and_duplicates_of_columns_are_as_written(store):
    answer = ask(store, "SELECT 1 AS a, 2 AS a, now() - now() AS b, 'x' FROM range(3) ORDER BY range DESC")
    assert answer.columns[:3] == ["a", "a", "b"]
    assert ask(store, "SELECT range AS n FROM range(5) ORDER BY n DESC").rows == [(4,), (3,), (2,), (1,), (0,)]


def test_moments_are_in_utc_wherever_the_server_stands(tmp_path):
    code = f"""
import datetime
from pathlib import Path
from openrum.limits import DEFAULTS
from openrum.store import DuckDBStore
store = DuckDBStore(Path({str(tmp_path)!r}) / "store", DEFAULTS)
sql = "SELECT now(), i, now() FROM range(2) t(i) ORDER BY i DESC; -- now"
rows = store.run_user_sql(sql, timeout_s=5, rows_max=5).rows
now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
assert [row[1] for row in rows] == [1, 0]
assert all(abs((now - moment).total_seconds()) < 60 for row in rows for moment in (row[0], row[2])), rows
[[close]] = store.run_user_sql(f"SELECT TIMESTAMP '{{now}}' BETWEEN now() - INTERVAL 1 MINUTE AND now()", timeout_s=5, rows_max=5).rows
assert close
store.close()
"""
    environment = {**os.environ, "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=120)


# ── Bounds ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rows_are_cut_at_their_bound(store):
    answer = ask(store, "SELECT * FROM range(1000000000000)", rows_max=700)
    assert (len(answer.rows), answer.truncated, answer.rows[699]) == (700, True, (699,))
    whole = ask(store, "SELECT * FROM range(700)", rows_max=700)
    assert (len(whole.rows), whole.truncated) == (700, False)


def test_an_answer_that_is_too_large_is_refused_before_it_is_whole(tmp_path):
    wide = "SELECT string_agg(i, ',') AS text, [text], {'a': text}, j FROM range(2000) t(i), range(600) u(j) GROUP BY j"
    with closing(DuckDBStore(tmp_path / "store", replace(DEFAULTS, query_answer_bytes=MIB))) as store:
        with pytest.raises(QueryFailed, match=r"larger than 1,048,576 bytes"):
            ask(store, wide)
        assert len(ask(store, "SELECT i, 'x' FROM range(900) t(i)").rows) == 900


def test_time_is_bounded_and_whoever_goes_away_ends_it(store):
    with pytest.raises(QueryTimeout, match=r"longer than 0\.2 seconds"):
        ask(store, ENDLESS, timeout_s=0.2)
    halt = Halt()
    threading.Timer(0.1, halt.give).start()
    begun = time.monotonic()
    with pytest.raises(QueryHalted):
        ask(store, ENDLESS, halt=halt)
    assert time.monotonic() - begun < 5
    with pytest.raises(QueryHalted):
        ask(store, "SELECT 1", halt=halt)


EATERS = {
    "lists": "SELECT len(list(i)) FROM range(1000000000) AS t(i)",
    "texts": "SELECT length(string_agg(i, ',')) FROM range(1000000000) AS t(i)",
    "groups": "SELECT count(*) FROM (SELECT i, list(i) FROM range(100000000) AS t(i) GROUP BY i)",
    "growing texts": "WITH RECURSIVE t AS (SELECT 'xxxxxxxx' AS s UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t",
}


def growing(first, following, last, levels=24):
    """A query that doubles with each level."""
    text = first
    for level in range(levels):
        text += following.format(level, level + 1)
    return text + last.format(levels)


def nested(first, around, levels=24):
    for _ in range(levels):
        first = around.format(first)
    return first


BOMBS = {
    "columns of names": growing("WITH t0 AS (SELECT 1 AS a)", ", t{1} AS (SELECT x.*, y.* FROM t{0} x, t{0} y)", " SELECT 1 FROM t{0}"),
    "columns of subqueries": nested("SELECT 1 AS a", "SELECT *, * FROM ({})"),
    "columns made of columns": growing("SELECT 1 AS a0", ", a{0} + a{0} AS a{1}", " FROM events"),
    "columns made of columns, from the end": growing("SELECT i AS a0", ", [a{0}, a{0}] AS a{1}", " FROM range(2) AS t(i)"),
    "types": nested("SELECT 1 AS s FROM events", "SELECT {{'a': s, 'b': s}} AS s FROM ({})"),
    "patterns": "SELECT " + ", ".join(["COLUMNS(*)"] * 3_000) + " FROM events AS a, events AS b, events AS c",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_query_that_grows_while_it_is_planned_is_given_up(store, bomb):
    begun, before = time.monotonic(), memory_peak_bytes()
    with pytest.raises(QueryFailed, match="too large to plan"):
        ask(store, BOMBS[bomb])
    assert time.monotonic() - begun < 15
    assert memory_peak_bytes() - before < 200 * MIB
    assert ask(store, "WITH a AS (SELECT count(*) AS n FROM events) SELECT n FROM a").rows == [(6,)]


def memory_peak_bytes():
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.parametrize(
    ("sql", "plain"),
    [
        ("SELECT page AS p, count(*) AS n FROM events WHERE bot IS NULL GROUP BY p HAVING n > 1 ORDER BY n DESC", True),
        ("FROM sessions", True),
        ("SELECT *, upper(page) AS page_ FROM page_views", True),
        ("SELECT 1 AS a, a + a AS b", False),
        ("SELECT A + a AS b, 1 AS a", False),
        ("SELECT *, * FROM events", False),
        ("SELECT COLUMNS(*) FROM events", False),
        ("SELECT 1 UNION SELECT 2", False),
        ("SELECT (SELECT 1)", False),
        ("WITH a AS (SELECT 1) FROM a", False),
        ("SELECT '" + "x" * 2_000 + "'", False),
    ],
)
def test_what_is_plain_need_not_be_planned_elsewhere_first(sql, plain):
    with duckdb.connect() as connection:
        assert sql_door.check(connection, sql) is plain


def test_a_process_that_plans_is_used_again_and_ends_with_the_store(tmp_path):
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        for _ in range(3):
            ask(store, "SELECT 1 UNION SELECT 2")
        [taster] = store._tasting._idle
        taster._process.kill()  # as the system might
        taster._process.wait()
        assert len(ask(store, "SELECT 1 UNION SELECT 2").rows) == 2
        [taster] = store._tasting._idle
        halt = Halt()
        halt.give()
        with pytest.raises(QueryHalted):
            ask(store, "SELECT 1 UNION SELECT 2", halt=halt)
    assert not taster.lives


def test_what_the_engine_says_of_a_query_is_about_the_query_itself(store):
    with pytest.raises(QueryFailed) as refused:
        ask(store, "SELECT 1 UNION SELECT nonsense FROM events")
    assert "EXPLAIN" not in str(refused.value)
    assert "LINE 1: SELECT 1 UNION SELECT nonsense" in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("eater", EATERS)
def test_a_query_that_eats_memory_fails_alone(tmp_path, eater):
    limits = replace(DEFAULTS, query_sql_memory_bytes=100 * MIB)
    with closing(DuckDBStore(tmp_path / "store", limits)) as store:
        over, turned, failed, blocks = threading.Event(), threading.Semaphore(0), [], iter(range(1, 100_000))

        def go_on():
            while not over.is_set():
                try:
                    block = next(blocks)
                    rows = [row(block * 100 + number) for number in range(100)]
                    store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (DAY, block)))
                    [(count,)] = store.run("SELECT count(*) FROM event_rows", {}, timeout_s=10, rows_max=1).rows
                    assert count == block * 100
                except Exception as error:  # noqa: BLE001 - told below
                    failed.append(error)
                turned.release()

        others = threading.Thread(target=go_on)
        others.start()
        try:
            assert turned.acquire(timeout=20)
            with pytest.raises(QueryFailed):
                ask(store, EATERS[eater], timeout_s=5)
            assert turned.acquire(timeout=20)
        finally:
            over.set()
            others.join()
        assert failed == []
        assert ask(store, "SELECT 1").rows == [(1,)]
