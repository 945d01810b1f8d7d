"""/api/v1 answers those who may read, says in one shape what was wrong, and takes no more than its bounds."""

import base64
import gzip
import json

import pytest

QUESTION = {"monitor": "shop", "measures": ["events"], "from": "-1h"}


def basic(text):
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_a_question_is_answered_in_the_form_of_the_definitions(ask, server):
    status, answer = ask("POST", "/api/v1/query", QUESTION)
    assert status == 200
    members = {"columns", "rows", "sql", "rows_scanned", "elapsed_ms", "from", "to"}
    assert set(answer) == members | {"samples", "hints", "totals", "other", "truncated", "weight"}
    assert answer["rows"] == [[sum(len(batch.events) for batch in server.witness.batches)]]
    assert answer["to"] - answer["from"] == 3_600_000


def test_a_monitor_is_named_or_given_by_its_id(ask, server):
    by_id = ask("POST", "/api/v1/query", {**QUESTION, "monitor": server.witness.monitor})[1]
    assert by_id["rows"] == ask("POST", "/api/v1/query", QUESTION)[1]["rows"]


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("viewer", 200), ("ingest", 403)])
def test_admins_and_viewers_read_and_a_key_for_sending_does_not(ask, keys, role, status):
    answered, content = ask("POST", "/api/v1/query", QUESTION, keys[role])
    assert answered == status
    assert status == 200 or content["error"]["type"] == "forbidden"


@pytest.mark.parametrize(
    "headers",
    [{}, basic("AKIANOBODY:secret"), basic("no colon"), {"authorization": "Basic %%%"}, {"authorization": "Bearer x"},
     {"authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()}],
)  # fmt: skip
def test_whoever_is_not_known_is_told_how_to_sign_in(server, headers):
    status, answer = server.request("GET", "/api/v1/ledger?monitor=shop", None, headers)
    assert status == 401
    assert json.loads(answer)["error"]["type"] == "unauthenticated"


def test_a_wrong_secret_and_an_unknown_key_are_answered_alike(server):
    known = server.credentials()[0]
    answers = {server.request("GET", "/api/v1/ledger", None, basic(f"{key}:wrong")) for key in (known, "AKIANOBODY")}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "kind", "field"),
    [
        ("POST", "/api/v1/query", {**QUESTION, "measures": ["page_viws"]}, 400, "invalid_question", "measures[0]"),
        ("POST", "/api/v1/query", {**QUESTION, "monitor": "nobody"}, 404, "unknown_monitor", None),
        ("POST", "/api/v1/query", {"monitor": "shop"}, 400, "invalid_question", "body"),
        ("POST", "/api/v1/query", {**QUESTION, "limits": 5}, 400, "invalid_question", "body"),
        ("POST", "/api/v1/query", {**QUESTION, "limit": "5"}, 400, "invalid_question", "limit"),
        ("POST", "/api/v1/query", {**QUESTION, "where": [{"op": "is"}]}, 400, "invalid_question", "where[0]"),
        ("POST", "/api/v1/query", b"{", 400, "invalid_question", "body"),
        ("POST", "/api/v1/query", b"\xff", 400, "invalid_question", "body"),
        ("POST", "/api/v1/query", b"[" * 100_000, 400, "invalid_question", "body"),
        ("POST", "/api/v1/query", b" " * (5 << 20), 413, "too_large", None),
        ("POST", "/api/v1/sql", {"sql": "DROP TABLE event_rows"}, 400, "query_failed", None),
        ("POST", "/api/v1/sql", {"sql": "SELECT * FROM read_text('/etc/passwd')"}, 400, "query_failed", None),
        ("POST", "/api/v1/sql", {"sql": "SELECT nonsense"}, 400, "query_failed", None),
        ("POST", "/api/v1/sql", {"sql": "SELECT '" + "x" * 70_000 + "'"}, 400, "invalid_question", "sql"),
        ("GET", "/api/v1/ledger?monitor=shop&from=never", None, 400, "invalid_question", "from"),
        ("GET", "/api/v1/ledger", None, 404, "unknown_monitor", None),
    ],
)  # fmt: skip
def test_every_error_has_one_shape(ask, method, path, content, status, kind, field):
    answered, answer = ask(method, path, content)
    assert (answered, answer["error"]["type"], answer["error"]["field"]) == (status, kind, field)
    assert answer["error"]["message"]


def test_a_body_may_be_packed_and_a_bomb_is_too_large(ask, keys):
    packed = {**keys["viewer"], "content-encoding": "gzip"}
    assert ask("POST", "/api/v1/query", gzip.compress(json.dumps(QUESTION).encode()), packed)[0] == 200
    assert ask("POST", "/api/v1/query", gzip.compress(b" " * (64 << 20)), packed)[0] == 413


def test_sql_is_answered_and_cut_where_there_is_too_much(ask):
    status, answer = ask("POST", "/api/v1/sql", {"sql": "SELECT range AS n FROM range(20000)"})
    assert (status, answer["columns"], len(answer["rows"]), answer["truncated"]) == (200, ["n"], 10_000, True)


def test_the_ledger_adds_up(ask, server):
    status, answer = ask("GET", "/api/v1/ledger?monitor=shop&from=-1h")
    totals = answer["totals"]
    assert status == 200
    assert totals["received"] == totals["stored"] == sum(len(batch.events) for batch in server.witness.batches)
    assert totals["pending_events"] == 0
    assert {row[1] for row in answer["rows"]} == {"stored"}


def test_answers_are_for_nobody_else(server, keys):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/api/v1/ledger?monitor=shop", headers=keys["viewer"])
    headers = dict(connection.getresponse().getheaders())
    connection.close()
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
