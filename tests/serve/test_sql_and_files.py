"""Answers as files, what SQL may read, queries that are kept, and how OpenRUM tells of itself."""

import http.client
import json

import duckdb
import pytest

from openrum.outcomes import Reason
from openrum.store import schema

PARQUET = "application/vnd.apache.parquet"


@pytest.fixture
def file(server, keys, tmp_path):
    """Ask for a file: (headers, columns by name and type, rows)."""

    def file(path, form):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        headers = {**keys["viewer"], "accept": PARQUET, "content-type": "application/json"}
        connection.request("POST", path, json.dumps(form), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200, body
        (tmp_path / "answer.parquet").write_bytes(body)
        with duckdb.connect() as reader:
            found = reader.execute(f"FROM '{tmp_path / 'answer.parquet'}'")
            return (
                dict(answer.getheaders()),
                {name: str(kind) for name, kind, *_ in found.description},
                found.fetchall(),
            )

    return file


def test_a_question_is_answered_as_a_file_with_what_it_is_answered_with_else(file, ask):
    form = {"monitor": "shop", "from": "-1h", "measures": ["events"], "by": ["time:1h", "type"]}
    headers, types, rows = file("/api/v1/query", form)
    assert (headers["content-type"], headers["content-disposition"]) == (
        PARQUET,
        'attachment; filename="query.parquet"',
    )
    assert types == {"time": "TIMESTAMP", "type": "VARCHAR", "events": "BIGINT"}
    answer = ask("POST", "/api/v1/query", form)[1]
    assert [[kind, count] for _, kind, count in rows] == [row[1:] for row in answer["rows"]]
    assert rows


def test_a_question_beyond_one_table_is_answered_as_a_file_too(file):
    _, types, rows = file("/api/v1/sessions", {"monitor": "shop", "from": "-1h"})
    assert types["session"] == "VARCHAR"
    assert rows


def test_sql_is_answered_as_a_file_with_its_own_types(file):
    sql = "SELECT time, session, payload_size, page_tags FROM events ORDER BY time LIMIT 2"
    _, types, rows = file("/api/v1/sql", {"sql": sql})
    assert list(types.values())[:3] == ["TIMESTAMP", "VARCHAR", "BIGINT"]
    assert len(rows) == 2


def test_sql_tells_the_types_of_its_columns_and_how_long_it_took(ask):
    status, answer = ask("POST", "/api/v1/sql", {"sql": "SELECT 1 AS one, 'a' AS a, now() AS at"})
    assert (status, answer["types"]) == (200, ["INTEGER", "VARCHAR", "TIMESTAMP"])
    assert answer["elapsed_ms"] > 0


def test_the_vocabulary_has_every_view_with_its_columns_and_every_outcome_with_what_to_do(ask):
    told = ask("GET", "/api/v1/vocabulary")[1]
    assert {view["name"] for view in told["views"]} == set(schema.VIEWS)
    for view in told["views"]:
        described = ask("POST", "/api/v1/sql", {"sql": f"DESCRIBE {view['name']}"})[1]["rows"]
        assert [(each["name"], each["type"]) for each in view["columns"]] == [(row[0], row[1]) for row in described]
        assert all(each["meaning"] for each in view["columns"])
    assert {each["reason"] for each in told["outcomes"]} == set(map(str, Reason))
    assert all(each["remedy"] for each in told["outcomes"] if each["reason"])


def test_health_tells_what_is_degraded_and_what_is_kept(ask):
    status, told = ask("GET", "/api/v1/health")
    assert (status, told["status"], told["durable"], told["problems"]) == (200, "ready", True, [])
    assert told["keeping"]["rows_days"] == 90
    assert told["keeping"]["journal_bytes"] > 0
    assert told["keeping"]["days"] == 1
    assert told["canary"] is None  # none is sent in tests


def test_a_query_is_kept_for_who_saved_it(ask, keys):
    path, name = "/api/v1/saved-queries", "café / \U0001f600 & co?"
    assert ask("PUT", path, {"name": name, "sql": "SELECT 1"}) == (200, {})
    assert ask("PUT", path, {"name": name, "sql": "SELECT 2"}) == (200, {})
    [query] = ask("GET", path)[1]["queries"]
    assert (query["name"], query["sql"]) == (name, "SELECT 2")
    assert ask("GET", path, headers=keys["admin"])[1] == {"queries": []}
    assert ask("DELETE", path, {"name": name}, headers=keys["admin"])[0] == 404
    assert ask("DELETE", path, {"name": name}) == (200, {})
    assert ask("GET", path)[1] == {"queries": []}


@pytest.mark.parametrize(
    ("name", "sql", "field"),
    [("x" * 121, "SELECT 1", "name"), ("a\nb", "SELECT 1", "name"), ("a", "", "sql"), ("a", "\0", "sql")],
)
def test_a_query_that_cannot_be_kept_is_refused_by_its_member(ask, name, sql, field):
    status, answer = ask("PUT", "/api/v1/saved-queries", {"name": name, "sql": sql})
    assert (status, answer["error"]["field"]) == (400, field)
