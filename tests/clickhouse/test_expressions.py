"""What is written in DuckDB's SQL means the same in ClickHouse's, part by part."""

import pytest
import sqlglot

from openrum.query.clickhouse import to_clickhouse
from tests.clickhouse.conftest import assert_same

pytestmark = pytest.mark.slow

NUMBERS = "(SELECT CAST(arrived.x AS DOUBLE) AS x FROM (VALUES (0.5), (1.5), (-0.5), (-2.4), (7)) AS arrived(x)) AS n"

EXPRESSIONS = [
    # numbers
    "7 // 2", "-7 // 2", "7 % 3", "-7 % 3", "1 / 2", "1 / nullif(0, 0)", "power(2, 0.5)", "ln(2)", "abs(-3)", "least(2, NULL)", "greatest(1, NULL, 3)",
    "9007199254740993 // 2", "CAST(1 AS HUGEINT) * 1000000000000 * 1000000000000 > 0", "-CAST(3 AS BIGINT)",
    # truth is true or false, not 1 or 0; and null
    "1 = 1", "NOT (1 = 1)", "(1 = 1)", "1 = 1 AND 2 = 1", "NULL = 1", "NULL IS NULL", "1 IN (1, 2)", "3 BETWEEN 1 AND 2",
    "CASE WHEN 1 = 1 THEN 2 = 2 END", "CASE WHEN 1 = 2 THEN 'a' END", "CASE 3 WHEN 3 THEN 'x' ELSE 'y' END",
    "NULL IS NOT DISTINCT FROM NULL", "1 IS NOT DISTINCT FROM NULL", "coalesce(NULL, 1 = 1)", "starts_with('ab', 'a')",
    "CAST(1 = 1 AS VARCHAR)", "TRY_CAST(CAST(1 = 1 AS BOOLEAN) AS DOUBLE)",
    # texts
    "length('日本')", "lower('ÄÖ')", "upper('äö')", "substr('日本語', 2)", "substr('日本語', 2, 1)", "'a' || NULL", "'a' || 'ü'",
    "contains('日本', '本')", "contains('a', '')", "'a%b' LIKE 'a\\%b' ESCAPE '\\'", "'axb' LIKE 'a\\%b' ESCAPE '\\'",
    "'é' LIKE '_'", "'it''s'", "'back\\slash'", "CAST(404 AS VARCHAR)",
    # texts that may be something else
    *(f"TRY_CAST('{text}' AS DOUBLE)" for text in ("1.5", " 2 ", "1e5", "1_000", "_1", "1_", "", "x", "0x10", "-.5", "1e400")),
    *(f"CAST(TRY_CAST('{text}' AS UUID) AS VARCHAR)" for text in (
        "ABCDEF00-0000-4000-8000-000000000001", "{abcdef00-0000-4000-8000-000000000001}", "abcdef00000040008000000000000001", "x",
    )),
    # JSON
    *(f"""json_extract_string('{{"a": {value}, "a:b": 1}}', '$."a"')""" for value in (
        '"x"', '""', '"\\u00e9\\n"', "1", "1.0", "-0.0", "1.50", "1e20", "1e-7", "12345678901234567890", "true", "null",
    )),
    """json_extract_string('{"a:b": 1}', '$."a:b"')""", """json_extract_string('{"a": 1}', '$."b"')""",
    """json_extract_string(NULL, '$."b"')""", """'{"a": {"b": "c"}}' ->> '$.a.b'""",
]  # fmt: skip

AGGREGATES = [
    "count(*)", "count(x)", "count(DISTINCT x)", "count(DISTINCT x) FILTER (WHERE x > 0)", "sum(x)", "avg(x)", "min(x)", "max(x)",
    "quantile_cont(x, 0.5)", "quantile_cont(x, 0.75) FILTER (WHERE x < 2)", "quantile_cont(x, [0.25, 0.5, 0.99])",
    "arg_min(CAST(x AS VARCHAR) || '', x) IS NULL", "arg_max(x, -x)", "max(x) FILTER (WHERE x > 100)", "bool_or(x > 5)",
    "bool_and(x > 5)", "sum(CASE WHEN x > 0 THEN 1 ELSE 0 END)", "count(*) FILTER (WHERE x > 0) = 3",
]  # fmt: skip
OF_NOTHING = [
    each for each in AGGREGATES if "[" not in each
]  # a list of percentiles of nothing: ask for the count beside it

ROW_BY_ROW = [
    "round(x)",
    "CASE WHEN x > 0 THEN x ELSE -1 END",
    "CASE WHEN x > 0 THEN row_number() OVER (ORDER BY x) ELSE -1 END",
    "floor(x)",
    "lead(x) OVER (ORDER BY x)", "lag(x) OVER (ORDER BY x)", "row_number() OVER (ORDER BY x DESC)", "sum(x) OVER ()",
    "dense_rank() OVER (ORDER BY x > 0)", "count(*) OVER (PARTITION BY x > 0)", "max(x) OVER (ORDER BY x)",
    "sum(x) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)", "first_value(x) OVER (ORDER BY x)",
]  # fmt: skip


def _same(both, text, **parameters):
    duckdb, clickhouse = both.stores
    tree = sqlglot.parse_one(text, dialect="duckdb")
    translated = to_clickhouse(tree, parameters).sql("clickhouse")
    left = duckdb.run(tree.sql("duckdb"), parameters, timeout_s=10, rows_max=1_000).rows
    right = clickhouse.run(translated, parameters, timeout_s=10, rows_max=1_000).rows
    assert_same(left, right, translated)
    return left


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression(both, text):
    _same(both, f"SELECT {text} AS value_")


@pytest.mark.parametrize("text", AGGREGATES)
def test_an_aggregate(both, text):
    _same(both, f"SELECT {text} AS value_ FROM {NUMBERS}")


@pytest.mark.parametrize("text", OF_NOTHING)
def test_an_aggregate_of_nothing(both, text):
    _same(both, f"SELECT {text} AS value_ FROM {NUMBERS} WHERE x > 1000")


@pytest.mark.parametrize("text", ROW_BY_ROW)
def test_a_value_of_each_row(both, text):
    _same(both, f"SELECT x, {text} AS value_ FROM {NUMBERS} ORDER BY x")


@pytest.mark.parametrize(
    "text",
    [
        # a name that is a column and a result: the column, but in ORDER BY
        "SELECT max(x) AS x, sum(x) AS s FROM {n} WHERE x > 0",
        "SELECT x > 0 AS up, max(x) AS x FROM {n} GROUP BY x > 0 ORDER BY x DESC",
        "SELECT -x AS x FROM {n} ORDER BY x",
        # a column of one of two tables keeps its own name
        "WITH t AS (SELECT x FROM {n}), m AS (SELECT a.x, b.x AS y FROM t AS a JOIN t AS b ON a.x = -b.x) SELECT m.y, m.x FROM m",
        "WITH t AS (SELECT x FROM {n}), m AS (SELECT a.x, b.x AS y FROM t AS a JOIN t AS b ON a.x > b.x) SELECT max(m.x) AS c FROM m",
        # what is not there is null
        "SELECT n.x, m.y FROM {n} LEFT JOIN (SELECT CAST(7 AS DOUBLE) AS y) AS m ON m.y = n.x ORDER BY n.x",
        "SELECT n.x, m.y FROM {n} LEFT JOIN (SELECT x AS y FROM {n}) AS m ON m.y IS NOT DISTINCT FROM n.x ORDER BY n.x",
        "SELECT nullif(x, 7) AS y FROM {n} ORDER BY y DESC NULLS LAST",
        "SELECT x FROM {n} WHERE x IN (SELECT y FROM (SELECT CAST(7 AS DOUBLE) AS y) AS m)",
        "WITH a AS (SELECT x FROM {n}), b AS (SELECT x FROM a WHERE x > 0) SELECT count(*) AS c FROM a JOIN b ON a.x = b.x",
        "SELECT x FROM {n} WHERE x > 0 UNION ALL SELECT 100 AS x ORDER BY x DESC LIMIT 3",
    ],
)  # fmt: skip
def test_a_statement(both, text):
    assert _same(both, text.format(n=NUMBERS))


def test_columns_of_single_precision_are_compared_as_such(both):
    """0.1 is none of their values."""
    cls = "\"type\" = 'com.amazon.rum.cumulative_layout_shift_event'"
    for condition in (
        "value <= 0.1",
        "value > 0.1",
        "0.1 >= value",
        "value = 0.1",
        "value BETWEEN 0.1 AND 0.3",
        "value < 0.3",
    ):
        [[count]] = _same(both, f"SELECT count(*) AS n FROM event_rows WHERE {cls} AND {condition}")
        assert count


def test_ids_are_in_the_order_of_their_text(both):
    ids = _same(
        both, 'SELECT CAST("session" AS VARCHAR) AS s FROM event_rows ORDER BY "session" DESC NULLS LAST, id LIMIT 50'
    )
    assert ids == sorted(ids, reverse=True)
    _same(both, "SELECT CAST(id AS VARCHAR) AS id FROM event_rows ORDER BY id LIMIT 50")


def test_a_list_that_holds_something_is_not_null(both):
    for value in ("page_tags IS NULL", "len(page_tags) > 1", "len(list_filter(page_tags, tag -> tag = $tag)) > 0"):
        of_list = value.replace("page_tags", "CASE WHEN len(page_tags) > 0 THEN page_tags END")
        _same(
            both, f"SELECT count(*) AS n FROM event_rows WHERE {of_list}", **({"tag": "sale"} if "$" in value else {})
        )


@pytest.mark.parametrize("value", [1, 2**63, -1.5, True, "x", None, ["a", "it's"], [1.5, 2.0], []], ids=str)
def test_a_value_is_bound_with_its_type(both, value):
    assert _same(both, "SELECT $value AS value_", value=value) in ([(value,)], [(str(value),)])
