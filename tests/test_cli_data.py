"""The commands of the data, as a person uses them: export, forget, receipt, the rules of a monitor, samples of the ledger.

Each with a server beside it and with none, where it promises both.
"""

import json
import os
import pty
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime

import duckdb
import pytest

from openrum.receipts import subject_hash
from tests.crash.load import public_monitor
from tests.server import Server
from tests.visitors import DAY_S, Visitor, in_control_database, raw_traces, traces

pytestmark = pytest.mark.slow

NOBODY = "12345678-1234-4123-8123-123456789abc"


def monitor_data(server, name="shop"):
    """Every event as GetAppMonitorData gives it, by id."""
    pages = server.rum().get_paginator("get_app_monitor_data").paginate(
        Name=name, TimeRange={"After": int(time.time() - 30 * DAY_S) * 1000}, MaxResults=100
    )  # fmt: skip
    return {(event := json.loads(text))["event_id"]: event for page in pages for text in page["Events"]}


def totals(server):
    told = server.api("GET", "/api/v1/ledger?monitor=shop&from=-2d&to=now")["totals"]
    ended = told["stored"] + told["duplicate"] + told["quarantined"] + told["dropped"]
    assert told["received"] == ended, told
    return told


# ── Exports ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A stopped directory with two visitors of today and the day before yesterday, and what GetAppMonitorData gives."""
    with Server(tmp_path_factory.mktemp("export") / "data") as server:
        monitor = public_monitor(server, "shop")
        for number in range(3):
            visitor = Visitor(f"word-{number}")
            visitor.visit(server, monitor)
            visitor.visit(server, monitor, days_ago=2)
        public_monitor(server, "empty")
        server.wait_until_drained()
        server.told = monitor_data(server)
    assert len(server.told) == 3 * 2 * 5
    return server


def exported(folder):
    """Rows of all files as DuckDB reads them: id, time in ms, the date of the folder, the raw form, and the file's name."""
    return duckdb.sql(
        f"SELECT id, epoch_ms(time), date::VARCHAR, raw, parse_filename(filename) FROM read_parquet('{folder}/*/*.parquet',"
        " hive_partitioning = true, filename = true)"
    ).fetchall()


@pytest.fixture(params=["running", "stopped"])
def either_way(request, shop):
    """The same directory, with a server on it and without."""
    if request.param == "stopped":
        yield shop
        return
    with shop:
        yield shop


def test_an_export_reads_back_as_what_get_app_monitor_data_gives(either_way, tmp_path):
    folder = tmp_path / "new/out"
    done = either_way.command("export", "shop", "--to", str(folder))
    assert done.stdout.startswith("30 events of 2 dates in 2 files, ")
    rows = exported(folder)
    assert sorted(row[0] for row in rows) == sorted(either_way.told)
    for event_id, time_ms, date, raw, name in rows:
        assert json.loads(raw) == either_way.told[event_id]
        assert time_ms == either_way.told[event_id]["event_timestamp"]
        assert date == datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()
        assert name == "events-00000.parquet"
    assert {path.name for path in folder.iterdir()} == {f"date={row[2]}" for row in rows}  # yesterday has no folder
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]


def test_a_range_of_dates_is_exported_and_a_date_that_is_there_is_not_replaced_unasked(either_way, tmp_path):
    folder = tmp_path / "out"
    assert "15 events of 1 dates" in either_way.command("export", "shop", "--to", str(folder), "--until", "-1d").stdout
    [old] = folder.iterdir()
    before = {path: path.stat().st_ino for path in old.iterdir()}
    refused = either_way.command("export", "shop", "--to", str(folder), check=False)
    assert (refused.returncode, "--overwrite" in refused.stderr) == (1, True)
    assert [*folder.iterdir()] == [old]  # nothing was written at all
    (old / "notes.txt").write_text("mine")
    (old / "events-00001.parquet").write_text("of an earlier, longer export")
    either_way.command("export", "shop", "--to", str(folder), "--from", "-1h")
    either_way.command("export", "shop", "--to", str(folder), "--overwrite")
    assert len(exported(folder)) == 30
    assert {path.name for path in old.iterdir()} == {"events-00000.parquet", "notes.txt"}
    assert all(path.stat().st_ino != inode for path, inode in before.items())


def test_an_export_of_nothing_writes_nothing_and_one_of_nobody_is_refused(either_way, tmp_path):
    assert "0 events of 0 dates" in either_way.command("export", "empty", "--to", str(tmp_path / "out")).stdout
    for asked in (("nobody", "--to", str(tmp_path)), ("shop", "--to", str(tmp_path), "--from", "whenever")):
        refused = either_way.command("export", *asked, check=False)
        last = refused.stderr.strip().splitlines()[-1]
        assert (refused.returncode, last.startswith("openrum: ")) == (1, True), refused.stderr
        assert "nobody" in last or "from" in last
    file = tmp_path / "file"
    file.touch()
    refused = either_way.command("export", "shop", "--to", str(file), check=False)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)


# ── Forgetting ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def visited(tmp_path):
    """A running server with two visitors, one of whom wrote their id in several ways."""
    with Server(tmp_path / "data") as server:
        server.monitor = public_monitor(server, "shop")
        server.ana, server.ben = Visitor("planted-secret-of-ana"), Visitor("word-of-ben")
        for days_ago, user in ((0, None), (2, server.ana.user.upper()), (0, None)):
            server.ana.visit(server, server.monitor, days_ago=days_ago, user=user)
            server.ben.visit(server, server.monitor, days_ago=days_ago)
        server.wait_until_drained()
        yield server


def replays(server, session):
    """How many replay events of a session are left, by the rows."""
    sql = f"SELECT count(*) AS n FROM events WHERE session = '{session}' AND replay_events IS NOT NULL"
    return json.loads(server.command("sql", sql, "--json").stdout)[0]["n"]


@pytest.mark.parametrize(
    ("kind", "running"), [("user", True), ("user", False), ("session", True)], ids=["running", "stopped", "a session"]
)
def test_who_is_forgotten_is_in_no_answer_and_in_no_file_and_stays_gone(visited, running, kind):
    server, ana, ben = visited, visited.ana, visited.ben
    before = totals(server)
    told = monitor_data(server)
    assert replays(server, ana.session) == 3
    server.stop()
    found = traces(ana, server.data_dir)
    assert {line.partition(" ")[0] for line in found} >= {"journal"}  # the search finds what is there
    assert any(line.endswith("event_rows") for line in found)
    assert any(line.endswith("replay_chunks") for line in found)
    if running:
        server.start()
    whom = getattr(ana, kind)
    receipt = json.loads(server.command("forget", "shop", f"--{kind}", whom.upper(), "--yes", "--json").stdout)
    assert (receipt["requests"], receipt["rows"], receipt["subject"]) == (3, 15, kind)
    assert receipt["subject_sha256"] == subject_hash(server.monitor, kind, whom)
    assert raw_traces(ana, server.data_dir) == set()
    if not running:
        server.start()
    assert_only_ben_is_there(server, told, before)
    again = json.loads(server.command("forget", "shop", f"--{kind}", whom, "--yes", "--json").stdout)
    assert (again["requests"], again["rows"], again["journal_days"], again["store_days"]) == (0, 0, 0, 0)
    server.stop()
    assert traces(ana, server.data_dir) == set()
    assert not in_control_database(ana, server.data_dir)
    assert "everything is accounted for" in server.command("check").stdout
    server.command("rebuild")
    assert traces(ana, server.data_dir) == set()
    assert traces(ben, server.data_dir)
    server.command("check")
    server.start()
    assert_only_ben_is_there(server, told, before)


def assert_only_ben_is_there(server, told, before):
    ana, ben = server.ana, server.ben
    assert monitor_data(server) == {event_id: told[event_id] for event_id in ben.sent}
    assert (replays(server, ana.session), replays(server, ben.session)) == (0, 3)
    asked = {"monitor": "shop", "from": "-7d", "measures": ["events"], "where": []}
    asked["where"] = [{"dimension": "user", "op": "is", "values": [ana.user]}]
    assert server.api("POST", "/api/v1/query", asked)["rows"] == [[0]]
    after = totals(server)
    assert (after["received"], after["stored"]) == (before["received"], before["stored"] - len(ana.sent))
    assert after["dropped"] >= len(ana.sent)


def test_what_is_sent_afterwards_is_stored_and_another_user_is_as_before(visited):
    server, ana = visited, visited.ana
    server.command("forget", "shop", "--user", ana.user, "--yes")
    again = Visitor("word-of-ana", user=ana.user, session=ana.session)
    again.visit(server, server.monitor)
    server.wait_until_drained()
    assert set(monitor_data(server)) == {*again.sent, *server.ben.sent}
    server.stop()
    server.command("rebuild")
    server.start()
    assert set(monitor_data(server)) == {*again.sent, *server.ben.sent}
    assert totals(server)["stored"] == len(again.sent) + len(server.ben.sent)


def test_what_waits_for_the_drain_is_forgotten_too(tmp_path):
    with Server(tmp_path / "data") as server:
        monitor = public_monitor(server, "shop")
        ana = Visitor("planted-secret-of-ana")
        ana.visit(server, monitor)
        server.kill()  # acknowledged; perhaps not drained
    told = server.command("forget", "shop", "--user", ana.user, "--yes").stdout
    assert "1 request on 1 day\n" in told
    assert raw_traces(ana, server.data_dir) == set()
    with server:
        server.wait_until_drained()
        assert monitor_data(server) == {}
        assert totals(server)["dropped"] == 7
    assert traces(ana, server.data_dir) == set()


def test_a_receipt_is_verified_and_one_that_was_tampered_with_is_refused(visited, tmp_path):
    server = visited
    file = tmp_path / "receipt.json"
    shown = server.command("forget", "shop", "--user", server.ana.user, "--yes", "--receipt", str(file)).stdout
    receipt = json.loads(file.read_text())
    assert receipt["subject_sha256"] in shown
    assert server.ana.user not in shown + file.read_text()
    assert "what this data directory signed" in server.command("receipt", str(file)).stdout
    told = json.loads(server.command("receipt", str(file), "--json").stdout)
    assert told == {"genuine": True, "signed_by_this_data_directory": True}
    elsewhere = Server(tmp_path / "elsewhere").command("receipt", str(file))
    assert "what another data directory signed" in elsewhere.stdout
    assert not (tmp_path / "elsewhere").exists()
    for text in (json.dumps({**receipt, "rows": 0}), "[]", "{"):
        file.write_text(text)
        refused = server.command("receipt", str(file), check=False)
        assert (refused.returncode, refused.stderr.count("\n"), refused.stdout) == (1, 1, "")


def test_a_forgetting_stands_in_the_trail_by_the_hash_of_whom(visited):
    server, ana = visited, visited.ana
    server.command("forget", "shop", "--user", ana.user, "--yes")
    server.stop()
    server.command("forget", "shop", "--session", ana.session, "--yes")
    alone, asked = json.loads(server.command("audit", "--limit", "2", "--json").stdout)
    assert (asked["operation"], asked["source"], asked["actor"]) == ("forget", "/api/v1", server.credentials()[0])
    assert (alone["operation"], alone["source"]) == ("openrum forget", "this machine")
    assert asked["target"] == f"shop user sha256:{subject_hash(server.monitor, 'user', ana.user)}"
    assert alone["target"] == f"shop session sha256:{subject_hash(server.monitor, 'session', ana.session)}"


def test_nobody_is_forgotten_unasked(shop):
    refused = shop.command("forget", "shop", "--user", NOBODY, check=False)
    assert (refused.returncode, "--yes" in refused.stderr) == (1, True)
    typed = {b"n\n": (1, 30), b"y\n": (0, 30)}
    for answer, (code, events) in typed.items():
        ours, theirs = pty.openpty()
        os.write(ours, answer)
        asked = subprocess.run(
            [sys.executable, "-m", "openrum", "forget", "shop", "--user", NOBODY, "--data-dir", str(shop.data_dir)],
            stdin=theirs, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        os.close(ours)
        os.close(theirs)
        assert "This cannot be undone" in asked.stderr
        assert asked.returncode == code, asked.stderr
        assert json.loads(shop.command("sql", "SELECT count(*) AS n FROM events", "--json").stdout) == [{"n": events}]


@pytest.mark.parametrize(
    "whom",
    [(), ("--user", "ana"), ("--user", NOBODY, "--session", NOBODY), ("--user", str(uuid.UUID(int=0)))],
    ids=["nobody", "no id", "both", "everyone without an id"],
)
def test_who_is_to_be_forgotten_is_named_by_one_id(shop, whom):
    refused = shop.command("forget", "shop", *whom, "--yes", check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    unknown = shop.command("forget", "nobody", "--user", NOBODY, "--yes", check=False)
    assert (unknown.returncode, "nobody" in unknown.stderr) == (1, True)


# ── Rules ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def rules(server, *arguments, **options):
    return server.command("monitors", "rules", *arguments, **options)


def test_rules_are_shown_replaced_and_given_back_as_they_were_shown(shop, tmp_path):
    file = tmp_path / "rules.json"
    none = json.loads(rules(shop, "shop").stdout)
    assert none["pages"] == none["learned_pages"] == []
    assert none["retention_days"] == 0
    wanted = {"pages": ["/products/*/reviews"], "scrub": {"texts": ["Ticket *"]}, "retention_days": 30}
    file.write_text(json.dumps(wanted))
    shown = json.loads(rules(shop, "shop", "--set", str(file)).stdout)
    assert wanted.items() <= shown.items()
    assert json.loads(rules(shop, "shop").stdout) == shown
    file.write_text(json.dumps(shown))
    assert json.loads(rules(shop, "shop", "--set", str(file)).stdout) == shown
    file.write_text("{}")
    assert json.loads(rules(shop, "shop", "--set", str(file)).stdout) == none
    [row] = json.loads(shop.command("audit", "--limit", "1", "--json").stdout)
    assert (row["operation"], row["target"], row["outcome"]) == ("openrum monitors rules", "shop", "done")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"page": []}', "page"),
        ('{"pages": ["no//rule/**/*"], "urls": 7}', "urls"),
        ('{"retention_days": 91}', "OPENRUM_RETENTION_DAYS"),
        ('{"learned_pages": ["/a/:b"]}', "learned_pages"),
        ('{"scrub": {"emails": "yes"}}', "emails"),
        ('{"scrub": {"texts": ["*"]}}', "texts"),
    ],
)
def test_rules_that_make_no_sense_are_refused_in_one_line(shop, tmp_path, text, named):
    file = tmp_path / "rules.json"
    file.write_text(text)
    refused = rules(shop, "shop", "--set", str(file), check=False)
    assert (refused.returncode, refused.stderr.count("\n"), named in refused.stderr) == (1, 1, True), refused.stderr


def test_a_running_server_goes_by_new_rules_and_a_rebuild_takes_them_to_what_is_there(visited, tmp_path):
    server = visited
    groups = ("sql", "SELECT DISTINCT page_group AS g FROM events WHERE page_group IS NOT NULL ORDER BY 1", "--json")
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"pages": ["/*"]}))
    rules(server, "shop", "--set", str(file))
    deadline, late = time.monotonic() + 30, Visitor("word-of-eve")
    while {"g": "/*"} not in json.loads(server.command(*groups).stdout):
        assert time.monotonic() < deadline, "the new rule is not gone by"
        late.visit(server, server.monitor)
        server.wait_until_drained()
    server.stop()
    server.command("rebuild")
    assert json.loads(server.command(*groups).stdout) == [{"g": "/*"}]


# ── Samples ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_ledger_shows_a_sample_of_each_reason_that_cannot_steer_the_terminal(shop):
    with shop:
        plain = shop.command("ledger", "shop").stdout
        shown = shop.command("ledger", "shop", "--samples").stdout
        told = json.loads(shop.command("ledger", "shop", "--samples", "--json").stdout)
    assert "is no JSON" not in plain
    assert "quarantined, details not JSON" in shown
    assert "is no JSON" in shown
    assert "\x1b" not in shown
    [sample] = told["samples"]
    assert sample["event"]["details"].startswith("\x1b word-")


def test_a_sample_is_shown_to_a_bound_and_its_absence_is_said():
    from openrum.cli_data import _shown

    assert len(_shown({"details": "\x1b" * 300_000})) < 5_000
    assert "no more" in _shown(None)
