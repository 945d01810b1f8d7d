"""/api/v1/export gives readers a monitor's events as Parquet; /api/v1/forget is for admins alone."""

import http.client
import json
import uuid
from urllib.parse import urlencode

import duckdb
import pytest

from openrum.receipts import is_genuine

NOBODY = "12345678-1234-4123-8123-123456789abc"


def export(monitor="shop", **members):
    return f"/api/v1/export?{urlencode({'monitor': monitor, **members})}"


@pytest.fixture
def events(server):
    return {event_id for batch in server.witness.batches for event_id in batch.events}


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_readers_export_date_by_date_and_part_by_part(server, keys, tmp_path, events, role):
    status, answer = server.request("GET", export(), None, keys[role])
    told = json.loads(answer)
    assert (status, told["columns"], told["part_events"]) == (200, ["date", "events"], 50_000)
    assert sum(count for _, count in told["rows"]) == len(events)
    found = []
    for date, count in told["rows"]:
        status, part = server.request("GET", export(date=date, part=0, as_of=told["as_of"]), None, keys[role])
        assert status == 200
        file = tmp_path / f"{date}.parquet"
        file.write_bytes(part)
        rows = duckdb.sql(f"SELECT id, \"time\"::DATE::VARCHAR FROM '{file}'").fetchall()
        assert (len(rows), {day for _, day in rows}) == (count, {date})
        found += [event_id for event_id, _ in rows]
    assert sorted(found) == sorted(events)


def test_a_part_behind_the_last_is_empty_and_a_part_as_of_before_is_as_it_was(server, keys, tmp_path):
    date = json.loads(server.request("GET", export(), None, keys["viewer"])[1])["rows"][0][0]
    for asked in ({"part": 7}, {"part": 0, "as_of": "0.0"}):
        status, part = server.request("GET", export(date=date, **asked), None, keys["viewer"])
        assert status == 200
        (tmp_path / "part.parquet").write_bytes(part)
        assert duckdb.sql(f"SELECT count(*) FROM '{tmp_path / 'part.parquet'}'").fetchall() == [(0,)]


def test_a_range_means_the_whole_dates_that_it_touches(ask):
    everything = ask("GET", export())[1]["rows"]
    assert ask("GET", export(**{"from": "-1m", "to": "now"}))[1]["rows"] == everything[-1:]
    assert ask("GET", export(**{"from": "2020-01-01", "to": "2020-02-01"}))[1]["rows"] == []


def test_nothing_of_an_export_stays_behind_whether_or_not_it_was_heard_out(server, keys):
    date = json.loads(server.request("GET", export(), None, keys["viewer"])[1])["rows"][0][0]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", export(date=date), headers=keys["viewer"])
    connection.sock.close()
    for _ in range(50):  # the one that was hung up on may still be in the making
        assert server.request("GET", export(date=date), None, keys["viewer"])[0] == 200
        left = list((server.data_dir / "store/staging").glob("export-*"))
        if not left:
            break
    assert not left


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("ingest", 403), (None, 401)])
def test_admins_alone_forget(server, keys, role, status):
    body = json.dumps({"monitor": "shop", "user": NOBODY}).encode()
    assert server.request("POST", "/api/v1/forget", body, keys[role] if role else {})[0] == status


def test_a_key_for_sending_does_not_export(ask, keys):
    assert ask("GET", export(), None, keys["ingest"])[0] == 403


def test_nobody_is_forgotten_with_a_receipt_of_noughts(ask, keys, server, events):
    status, receipt = ask("POST", "/api/v1/forget", {"monitor": "shop", "user": NOBODY}, keys["admin"])
    assert status == 200
    assert is_genuine(receipt)
    assert (receipt["requests"], receipt["rows"], receipt["subject"]) == (0, 0, "user")
    assert NOBODY not in json.dumps(receipt)
    [row] = json.loads(server.command("audit", "--limit", "1", "--json").stdout)
    assert (row["operation"], row["source"], row["outcome"]) == ("forget", "/api/v1", "done")
    assert row["target"] == f"shop user sha256:{receipt['subject_sha256']}"
    assert sum(count for _, count in ask("GET", export())[1]["rows"]) == len(events)


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "field"),
    [
        ("GET", export("nobody"), None, 404, None),
        ("GET", export(date="2026-13-01"), None, 400, "date"),
        ("GET", export(date="2026-11-25", part="-1"), None, 400, "part"),
        ("GET", export(date="2026-11-25", part="٣"), None, 400, "part"),
        ("GET", export(date="2026-11-25", part=0, as_of="now"), None, 400, "as_of"),
        ("GET", export(**{"from": "now", "to": "-1d"}), None, 400, "from"),
        ("POST", "/api/v1/forget", {"monitor": "nobody", "user": NOBODY}, 404, None),
        ("POST", "/api/v1/forget", {"monitor": "shop"}, 400, "user"),
        ("POST", "/api/v1/forget", {"monitor": "shop", "user": NOBODY, "session": NOBODY}, 400, "user"),
        ("POST", "/api/v1/forget", {"monitor": "shop", "user": "x" * 36}, 400, "user"),
        ("POST", "/api/v1/forget", {"monitor": "shop", "session": NOBODY + "\n"}, 400, "session"),
        ("POST", "/api/v1/forget", {"monitor": "shop", "user": str(uuid.UUID(int=0))}, 400, "user"),
        ("POST", "/api/v1/forget", {"monitor": "shop", "users": [NOBODY]}, 400, "body"),
        ("POST", "/api/v1/forget", {"monitor": "shop", "user": "x" * 5_000}, 400, "body"),
    ],
)
def test_what_is_wrong_is_named(ask, keys, method, path, content, status, field):
    answered, answer = ask(method, path, content, keys["admin"])
    assert (answered, answer["error"]["field"]) == (status, field)
