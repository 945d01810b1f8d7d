"""The command line as a person uses it: each command on a real data directory, with and without a server beside it."""

import json
import re
import subprocess
import sys
import time
from dataclasses import replace

import duckdb
import pytest

from openrum import __version__
from tests.crash.load import Witness, public_monitor
from tests.server import Server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("cli") / "data"


@pytest.fixture(scope="module")
def stopped(data_dir):
    """A data directory that a server has run on, with a few events."""
    with Server(data_dir) as server:
        witness = Witness(public_monitor(server, "shop"), seed=4)
        assert witness.send_some(server, 2) == [200, 200]
        server.wait_until_drained()
    server.events = sum(len(batch.events) for batch in witness.batches)
    return server


NEEDED_BY_FEW = {
    "alembic",  # a first start, or one of a new version
    "openrum.demo",
    "rich.progress",
    "sqlalchemy.dialects.postgresql",
    "clickhouse_connect",
    "numpy",
}
"""At rest a server has 150 MB at most (benchmarks/rest.py), of which each of these would take 1 to 25."""


def test_the_version_is_told():
    command = [sys.executable, "-m", "openrum", "--version"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == f"openrum {__version__}\n"


def test_nothing_is_loaded_that_most_commands_and_servers_never_need():
    tell = "import sys, openrum.cli; print(*sys.modules, sep='\\n')"
    ended = subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True)
    loaded = set(ended.stdout.splitlines())
    assert "openrum.app" in loaded
    assert not loaded & NEEDED_BY_FEW


def test_monitors_are_made_listed_shown_and_deleted(stopped):
    made = json.loads(
        stopped.command("monitors", "create", "blog", "--domain", "a.example", "--domain", "b.example", "--json").stdout
    )
    listed = json.loads(stopped.command("monitors", "list", "--json").stdout)
    assert {"blog": made["Id"]}.items() <= {each["Name"]: each["Id"] for each in listed}.items()
    shown = json.loads(stopped.command("monitors", "show", "blog", "--json").stdout)
    assert shown["DomainList"] == ["a.example", "b.example"]
    assert shown["AppMonitorConfiguration"]["SessionSampleRate"] == 1.0
    assert "signed batches alone" in stopped.command("monitors", "show", "blog").stdout
    assert "blog is deleted" in stopped.command("monitors", "delete", "blog").stdout
    gone = stopped.command("monitors", "show", "blog", check=False)
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)


def test_a_deleted_monitor_is_listed_as_such_and_restored(stopped):
    made = json.loads(stopped.command("monitors", "create", "wiki", "--domain", "localhost", "--json").stdout)
    assert "openrum monitors restore wiki" in stopped.command("monitors", "delete", "wiki").stdout
    deleted = json.loads(stopped.command("monitors", "list", "--deleted", "--json").stdout)
    assert made["Id"] in [each["Id"] for each in deleted]
    assert stopped.command("monitors", "restore", made["Id"]).stdout == "wiki is back\n"
    assert json.loads(stopped.command("monitors", "show", "wiki", "--json").stdout)["Id"] == made["Id"]
    assert stopped.command("monitors", "restore", "wiki", check=False).returncode == 1


def test_what_commands_change_stands_in_the_audit_trail(stopped):
    key = json.loads(stopped.command("keys", "create", "--name", "old", "--role", "viewer", "--json").stdout)
    new = json.loads(stopped.command("keys", "rotate", key["access_key_id"], "--overlap-hours", "0", "--json").stdout)
    stopped.command("keys", "revoke", "AKIANOBODY", check=False)
    rows = json.loads(stopped.command("audit", "--limit", "3", "--json").stdout)
    assert [(row["operation"], row["target"], row["outcome"]) for row in rows] == [
        ("openrum keys revoke", "AKIANOBODY", "ResourceNotFoundException"),
        ("openrum keys rotate", key["access_key_id"], "done"),
        ("openrum keys create", "old", "done"),
    ]
    assert key["secret_access_key"] not in json.dumps(rows)
    keys = {each["access_key_id"]: each for each in json.loads(stopped.command("keys", "list", "--json").stdout)}
    assert keys[key["access_key_id"]]["state"] == "expired"
    assert keys[new["access_key_id"]]["state"] == "in use"
    assert "openrum keys rotate" in stopped.command("audit", "--target", key["access_key_id"]).stdout


def test_a_user_without_a_name_is_noted_by_number(monkeypatch):
    from openrum import cli_access

    def nameless():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(cli_access.getpass, "getuser", nameless)
    monkeypatch.setattr(cli_access.os, "getuid", lambda: 4711)
    assert cli_access.actor() == "user 4711, by command"


def test_a_revoked_key_stops_within_seconds_beside_a_running_server(stopped):
    with stopped:
        key = json.loads(stopped.command("keys", "create", "--name", "ci", "--role", "viewer", "--json").stdout)
        rum = stopped.rum(key=(key["access_key_id"], key["secret_access_key"]))
        rum.list_app_monitors()
        stopped.command("keys", "revoke", key["access_key_id"])
        revoked = time.monotonic()
        with pytest.raises(rum.exceptions.ClientError, match="UnrecognizedClientException"):
            while time.monotonic() < revoked + 3:
                rum.list_app_monitors()


def test_a_name_that_is_taken_is_refused_in_one_line(stopped):
    again = stopped.command("monitors", "create", "shop", "--domain", "localhost", check=False)
    assert again.returncode == 1
    assert re.fullmatch(r"openrum: .*shop.*\n", again.stderr)


def test_a_snippet_names_the_monitor_the_endpoint_and_whether_to_sign(stopped):
    cdn = stopped.command("monitors", "snippet", "shop").stdout
    npm = stopped.command("monitors", "snippet", "shop", "--npm").stdout
    monitor = json.loads(stopped.command("monitors", "show", "shop", "--json").stdout)["Id"]
    for text in (cdn, npm):
        assert monitor in text
        assert '"signing": false' in text
        assert '"endpoint": "http://127.0.0.1:8080"' in text
    assert "/client/3.x/cwr.js" in cdn
    assert "from 'aws-rum-web'" in npm


def test_a_key_s_secret_is_shown_once_and_a_revoked_key_is_listed_as_such(stopped):
    made = json.loads(stopped.command("keys", "create", "--name", "ci", "--role", "viewer", "--json").stdout)
    listed = stopped.command("keys", "list").stdout
    assert made["access_key_id"] in listed
    assert made["secret_access_key"] not in listed
    stopped.command("keys", "revoke", made["access_key_id"])
    keys = {each["access_key_id"]: each for each in json.loads(stopped.command("keys", "list", "--json").stdout)}
    assert keys[made["access_key_id"]]["revoked"] is True


def test_a_role_that_does_not_exist_is_refused(stopped):
    refused = stopped.command("keys", "create", "--name", "x", "--role", "root", check=False)
    assert refused.returncode == 1
    assert "admin" in refused.stderr


def test_sql_is_answered_with_the_server_running_or_stopped(stopped):
    asked = ("sql", "SELECT count(*) AS n FROM events", "--json")
    assert json.loads(stopped.command(*asked).stdout) == [{"n": stopped.events}]
    with stopped:
        assert json.loads(stopped.command(*asked).stdout) == [{"n": stopped.events}]
        assert str(stopped.events) in stopped.command("sql", "SELECT count(*) FROM events").stdout


def test_the_ledger_tells_what_became_of_the_events(stopped):
    alone = stopped.command("ledger", "shop", check=False)
    assert (alone.returncode, "openrum serve" in alone.stderr) == (1, True)
    with stopped:
        told = json.loads(stopped.command("ledger", "shop", "--from", "-1h", "--json").stdout)
        assert told["totals"]["received"] == told["totals"]["stored"] == stopped.events
        shown = stopped.command("ledger", "shop").stdout
        assert f"received {stopped.events}  stored {stopped.events}  duplicate 0" in shown
        unknown = stopped.command("ledger", "gone", check=False)
        assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM event_rows", "SELECT * FROM '/etc/passwd'", "ATTACH 'x.db'", "SELECT", "SELECT 1; SELECT 2"]
)
def test_sql_reads_and_does_nothing_else(stopped, sql):
    refused = stopped.command("sql", sql, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("openrum: ")
    assert "Traceback" not in refused.stderr


def test_text_of_strangers_cannot_steer_the_terminal(stopped):
    shown = stopped.command("sql", "SELECT chr(27) || '[31mred' AS x").stdout
    assert "\x1b" not in shown
    assert "\\x1b[31mred" in shown


def test_check_and_rebuild_end_well_on_a_sound_directory(stopped):
    assert "everything is accounted for" in stopped.command("check").stdout
    rebuilt = stopped.command("rebuild")
    assert f"{stopped.events:,} events" in rebuilt.stdout
    assert stopped.command("check").returncode == 0


def test_a_server_that_was_asked_ends_without_a_word(stopped):
    before = stopped.log.stat().st_size
    with replace(stopped, anew=True, process=None) as server:
        for path, asked in (("query", {"measures": ["events", "sessions"]}), ("errors", {})):
            server.api("POST", f"/api/v1/{path}", {"monitor": "shop", "from": "-1d", "to": "now", **asked})
        server.api("POST", "/api/v1/sql", {"sql": "SELECT count(*) FROM events"})
    lines = stopped.log.read_text()[before:].splitlines()
    assert [line for line in lines if not line.startswith("OpenRUM is running at ")] == []


def test_a_store_that_somebody_else_has_open_is_said_in_one_line(stopped):
    [day, *_] = (stopped.data_dir / "store").glob("*.duckdb")
    with duckdb.connect(day):
        ended = replace(stopped, anew=True).command("serve", "--port", "0", check=False)
    assert ended.returncode == 1
    assert (ended.stderr.count("\n"), "Conflicting lock" in ended.stderr) == (1, True), ended.stderr


@pytest.mark.parametrize("command", ["check", "rebuild"])
def test_a_directory_that_is_not_there_is_named(tmp_path, command):
    refused = Server(tmp_path / "nowhere").command(command, check=False)
    assert refused.returncode == 1
    assert "nowhere" in refused.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_port_that_is_taken_is_said_in_one_line(stopped, tmp_path):
    with stopped:
        second = Server(tmp_path / "other").command("serve", "--port", str(stopped.port), check=False)
    assert second.returncode == 1
    assert re.fullmatch(
        rf"openrum: cannot listen on 127\.0\.0\.1:{stopped.port}: .*--port\n",
        second.stderr.splitlines(keepends=True)[-1],
    )


def test_a_setting_that_makes_no_sense_is_named(tmp_path):
    refused = subprocess.run(
        [sys.executable, "-m", "openrum", "serve", "--data-dir", str(tmp_path), "--auth", "maybe"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "auth is 'maybe'" in refused.stderr


def test_without_authentication_everyone_is_an_admin_and_the_banner_says_so(tmp_path):
    with Server(tmp_path / "data", ("--auth", "off")) as server:
        monitor = public_monitor(server, "open")
        assert "AUTHENTICATION IS OFF" in server.last_words()
        status, answer = server.request("GET", f"/api/v1/ledger?monitor={monitor}")
        assert (status, json.loads(answer)["totals"]["received"]) == (200, 0)
        assert server.request("GET", "/appmonitor/open")[0] == 200


def test_the_first_key_is_shown_once_and_kept_for_its_owner_alone(tmp_path):
    with Server(tmp_path / "data") as server:
        secret = server.credentials()[1]
        assert server.last_words().count(secret) == 1
        private = [path for path in server.data_dir.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
        assert not private or server.data_dir.stat().st_mode & 0o077 == 0
        assert (server.data_dir / "credentials").stat().st_mode & 0o077 == 0
        assert (server.data_dir / "secret.key").stat().st_mode & 0o077 == 0
    server.log.unlink()
    with server:
        assert server.credentials()[1] == secret
        assert secret not in server.last_words()
