"""What a disk, an operator and time do to a data directory: it is refused, found or contained, and never costs more."""

import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import contextmanager

import pytest

from tests.crash.load import Witness, public_monitor, read_everything
from tests.server import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path):
    with Server(tmp_path / "data") as running:
        yield running


@pytest.fixture
def witness(server):
    return Witness(public_monitor(server), seed=7)


# ── One process ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_server_on_the_same_directory_ends_at_once_and_says_why(server, witness):
    second = server.command("serve", "--port", "0", check=False)
    assert second.returncode == 1
    assert f"in use by process {server.process.pid}" in second.stderr
    assert "--data-dir" in second.stderr
    assert set(witness.send_some(server, 3)) == {200}, "the first goes on"
    witness.verify(server)


@pytest.mark.parametrize("command", ["rebuild", "check"])
def test_a_command_that_needs_the_server_stopped_says_so(server, command):
    refused = server.command(command, check=False)
    assert refused.returncode == 1
    assert "in use by process" in refused.stderr
    assert "Traceback" not in refused.stderr


# ── The disk ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def small_disk(directory, size):
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system in memory")
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(directory)], check=True)


def test_a_full_disk_is_503_while_reading_goes_on_and_it_heals_by_itself(tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, "64m"), Server(disk / "data") as server:
        witness = Witness(public_monitor(server), seed=8)
        assert set(witness.send_some(server, 20)) == {200}
        witness.verify(server)
        ballast = disk / "ballast"
        with ballast.open("wb") as file:
            file.truncate(0)
            os.posix_fallocate(file.fileno(), 0, os.statvfs(disk).f_bavail * 4096 - (1 << 20))

        assert set(witness.send_some(server, 5)) == {503}
        body = witness.batches[-1].body
        status, headers = _put(server, witness.monitor, body)
        assert (status, int(headers["retry-after"]) > 0) == (503, True)
        assert headers["x-amzn-errortype"] == "ServiceUnavailableException"
        assert server.request("GET", "/readyz")[0] == 503
        assert server.request("GET", "/healthz")[0] == 200, "nobody restarts a server for a full disk"
        acknowledged = {i for batch in witness.batches if batch.acknowledged for i in batch.events}
        assert {event["event_id"] for event in read_everything(server, witness.monitor)} == acknowledged

        ballast.unlink()
        assert set(witness.send_some(server, 5)) == {200}
        assert server.request("GET", "/readyz")[0] == 200
        witness.resend_everything(server)
        witness.verify(server)
        assert server.stop() == 0
        assert server.command("check").returncode == 0


def _put(server, monitor, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", f"/appmonitors/{monitor}", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def test_a_flipped_bit_is_found_by_check_and_costs_its_block_alone(server, witness):
    witness.send_some(server, 30)
    witness.verify(server)
    server.stop()
    path = next((server.data_dir / "journal").glob("*.sqlite"))
    with sqlite3.connect(path) as connection:
        number, events, data = connection.execute("SELECT number, events, data FROM block LIMIT 1 OFFSET 12").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    content[content.index(data[-64:]) + 32] ^= 8
    path.write_bytes(content)

    found = server.command("check", check=False)
    assert found.returncode == 1
    assert f"block {number}:" in found.stdout
    assert f"({events} events)" in found.stdout
    assert len(found.stdout.splitlines()) == 1, found.stdout
    server.command("rebuild")
    with server:
        there = {event["event_id"] for event in read_everything(server, witness.monitor)}
        sent = [set(batch.events) for batch in witness.batches]
        assert [len(ids - there) for ids in sent if ids - there] == [events], "the damaged block, and nothing else"
        assert set(witness.send_some(server, 3)) == {200}


# ── Retention ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_journal_day_that_is_gone_takes_nothing_from_answers_and_nothing_comes_back_twice(server, witness):
    """As after a kill between the two halves of retention: the day file is deleted, its rows are still there.

    This day is still written to, which retention never deletes: that the journal has less than was counted is found.
    """
    witness.send_some(server, 10)
    witness.verify(server)
    stored = sum(len(batch.events) for batch in witness.batches)
    server.stop()
    for path in (server.data_dir / "journal").glob("*.sqlite*"):
        path.unlink()
    found = server.command("check")
    assert found.returncode == 0, found.stdout
    with server:
        question = {"monitor": witness.monitor, "measures": ["events"], "from": "-1h"}
        assert server.api("POST", "/api/v1/query", question)["rows"] == [[stored]]
        assert read_everything(server, witness.monitor) == [], "the raw form went with the journal"
        witness.resend_everything(server)
        server.wait_until_drained()
        totals = server.api("GET", f"/api/v1/ledger?monitor={witness.monitor}")["totals"]
        assert (totals["stored"], totals["duplicate"]) == (stored, stored)
        witness.send_some(server, 2)
        server.wait_until_drained()
        new = {i for batch in witness.batches[-2:] for i in batch.events}
        assert {event["event_id"] for event in read_everything(server, witness.monitor)} == new
    server.stop()
    found = server.command("check", check=False)
    assert (found.returncode, found.stdout.count("the ledger")) == (1, len(found.stdout.splitlines()))


# ── Rebuild ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_killed_rebuild_changes_nothing(server, witness):
    for _ in range(10):
        witness.send_some(server, 20)
    witness.verify(server)
    server.stop()
    before = _contents(server)
    command = server.begin_command("rebuild")
    _wait_for(lambda: any(server.data_dir.glob("store.rebuild/*.duckdb*")) or command.poll() is not None)
    command.kill()
    command.wait()
    assert _contents(server) == before
    server.command("rebuild")
    assert not list(server.data_dir.glob("store.rebuild*"))
    assert server.command("check").returncode == 0
    with server:
        witness.verify(server)


def _contents(server):
    return json.loads(server.command("sql", "SELECT count(*), sum(hash(id)) FROM events", "--json").stdout)


def _wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline


def test_a_store_that_is_gone_is_made_anew_from_the_journal_at_the_next_start(server, witness):
    witness.send_some(server, 10)
    server.stop()
    shutil.rmtree(server.data_dir / "store")
    with server:
        witness.verify(server)


def test_a_day_of_the_store_that_is_damaged_is_set_aside_and_made_anew(server, witness):
    witness.send_some(server, 10)
    witness.verify(server)
    server.stop()
    (day,) = (server.data_dir / "store").glob("*.duckdb")
    day.write_bytes(b"this was a file once" * 1_000)
    with server:
        witness.verify(server)
    assert [path.name for path in day.parent.glob("*.damaged-*")] == [f"{day.name}.damaged-1"]


def test_sigterm_finishes_what_was_acknowledged_and_exits_with_0(server, witness):
    witness.send_some(server, 30)
    assert server.stop() == 0
    assert not (server.data_dir / "serving.json").exists()
    with server:
        witness.verify(server)
