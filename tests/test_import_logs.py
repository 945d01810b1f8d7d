"""`openrum import` brings a history in, exactly once, by the door of a running server; what the server says is heeded."""

import gzip
import http.server
import json
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager

import pytest

from openrum.aws.sigv4 import SignedRequest, verify
from openrum.cloudwatch_logs import BROKEN_OFF, NO_EVENT, NOT_JSON, Bodies
from openrum.data_directory import Credentials
from openrum.import_logs import DoorOfMonitor, Import, ImportStopped, _Refused, files_of, size_of
from openrum.limits import Limits
from tests.server import Server

MONITOR = "11111111-aaaa-4bbb-8ccc-222222222222"
SESSIONS = [str(uuid.UUID(int=n, version=4)) for n in range(1, 8)]
NIL = str(uuid.UUID(int=0))


def now_ms():
    return time.time_ns() // 1_000_000


def row(number=0, **members):
    """A row of this week, as CloudWatch RUM writes it."""
    return {
        "event_timestamp": (now_ms() // 1000 - 60 * number) * 1000,
        "event_type": "com.amazon.rum.page_view_event",
        "event_id": str(uuid.uuid4()),
        "event_version": "1.0.0",
        "log_stream": "2026-01-01T19",
        "application_id": "c1a7a4b2-0000-4000-8000-000000000001",
        "application_version": "1.2.3",
        "metadata": {"version": "1.0.0", "domain": "shop.example", "pageId": f"/p/{number}", "countryCode": "DE"},
        "user_details": {"sessionId": SESSIONS[number % len(SESSIONS)], "userId": NIL},
        "event_details": {"version": "1.0.0", "pageId": f"/p/{number}"},
        **members,
    }


def lines(rows):
    return "".join(json.dumps(each) + "\n" for each in rows).encode()


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_all_that_is_below_it_in_order(tmp_path):
    for name in ("b/2/x.gz", "b/1/y.json", "a.json", ".hidden", "b/.DS_Store"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12")
    files = files_of([tmp_path, tmp_path / ".hidden"])
    assert [str(path.relative_to(tmp_path)) for path in files] == ["a.json", "b/1/y.json", "b/2/x.gz", ".hidden"]
    assert size_of(files) == 8
    with pytest.raises(FileNotFoundError, match="nowhere"):
        files_of([tmp_path / "nowhere"])


def work_on(files, send=lambda content: None):
    told = []
    work = Import(Bodies(now_ms=now_ms, retention_days=90, limits=Limits()), send, told.append)
    work.run(files)
    return work, told


def test_packed_files_are_known_by_their_first_bytes_and_a_cut_one_costs_its_end_alone(tmp_path):
    whole = gzip.compress(lines(row(n) for n in range(20)))
    (tmp_path / "1.json").write_bytes(whole)
    (tmp_path / "2.gz").write_bytes(whole + whole)
    (tmp_path / "3.gz").write_bytes(lines([row()]))
    (tmp_path / "4.gz").write_bytes(whole[:-9])
    (tmp_path / "5.gz").write_bytes(whole[:30] + b"\xff" * 40 + whole[70:])
    (tmp_path / "6").write_bytes(b"")
    work, told = work_on(files_of([tmp_path]))
    assert 61 <= work.sent <= 81
    assert work.bodies.left_out[BROKEN_OFF].count == 2
    assert told == sorted(told)
    assert told[-1] == size_of(files_of([tmp_path]))


# ── The door ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def answering(*answers):
    """A server that gives these answers, one a request: (status, headers), or None to hang up. Gives its port, what came,
    and the server.
    """
    came, left = [], list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            answer = left.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, headers = answer
            content = json.dumps({"message": f"message {status}"}).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_address[1], came
        server.shutdown()
        thread.join()


@contextmanager
def door_to(port, pauses=None, credentials=None, limits=None):
    door = DoorOfMonitor(
        ("127.0.0.1", port),
        MONITOR,
        credentials=credentials,
        region="eu-central-1",
        now_ms=now_ms,
        limits=limits or Limits(),
        pause=(pauses if pauses is not None else []).append,
    )
    yield door
    door.close()


def test_a_batch_is_signed_and_unpacked_by_the_door_where_it_is_large():
    key = Credentials("AKIAEXAMPLE234567ABC", "secret")
    limits = Limits(body_wire_bytes=1_000)
    with answering((200, {}), (200, {})) as (port, came), door_to(port, credentials=key, limits=limits) as door:
        door.send(b"{}")
        door.send(b" " * 5_000)
    for path, headers, body in came:
        assert path == f"/appmonitors/{MONITOR}"
        arrived = SignedRequest(
            "POST", path.encode(), b"", [(name.encode(), value.encode()) for name, value in headers.items()], body
        )
        signed = verify(arrived, {key.access_key_id: "secret"}.get, now_ms(), skew_s=60, region="eu-central-1")
        assert signed.access_key_id == key.access_key_id
        assert "content-encoding" in headers["authorization"] or body == b"{}"
    assert gzip.decompress(came[1][2]) == b" " * 5_000


def test_a_server_that_asks_to_wait_is_waited_for_and_the_batch_is_sent_again():
    pauses = []
    answers = [
        (429, {"Retry-After": "7"}),
        (503, {"Retry-After": "900"}),
        (500, {}),
        (503, {"Retry-After": "soon"}),
        None,
    ]
    with answering(*answers, (200, {})) as (port, came), door_to(port, pauses) as door:
        door.send(b"{}")
    assert pauses == [7, 30, 1, 1, 1]
    assert [body for _, _, body in came] == [b"{}"] * 6
    assert "authorization" not in came[0][1]


def test_waiting_has_an_end():
    pauses = []
    with (
        answering(*[(503, {"Retry-After": "30"})] * 20) as (port, _),
        door_to(port, pauses) as door,
        pytest.raises(ImportStopped, match=r"nothing for 300 s \(message 503\)"),
    ):
        door.send(b"{}")
    assert sum(pauses) == 300


@pytest.mark.parametrize(
    ("status", "error"), [(400, _Refused), (413, _Refused), (403, ImportStopped), (404, ImportStopped)]
)
def test_what_is_wrong_with_one_batch_does_not_stop_the_next(status, error):
    with (
        answering((status, {})) as (port, _),
        door_to(port) as door,
        pytest.raises(error, match=f"message {status}"),
    ):
        door.send(b"{}")


def test_a_server_that_went_away_is_waited_for_and_one_that_never_was_is_not():
    pauses = []
    with answering((200, {})) as (port, _), door_to(port, pauses) as door:
        door.send(b"{}")
        gone = door
    with pytest.raises(ImportStopped, match="it does not run"):
        gone.send(b"{}")
    assert sum(pauses) == 300
    with door_to(port, pauses) as never, pytest.raises(ImportStopped, match="openrum serve"):
        never.send(b"{}")
    assert sum(pauses) == 300


def test_refused_events_are_counted_by_the_server_s_reason_and_a_stop_is_told(tmp_path):
    (tmp_path / "rows").write_bytes(lines(row(n) for n in range(4)))
    answers = iter([None, _Refused("too odd"), _Refused("too odd"), ImportStopped("enough")])

    def send(content):
        answer = next(answers)
        if answer is not None:
            raise answer

    work, _ = work_on([tmp_path / "rows"], send)
    assert (work.sent, dict(work.refused), work.stopped) == (1, {"too odd": 2}, "enough")
    assert work.summary(dry_run=False) == [["read", "4", ""], ["sent", "1", ""], ["refused: too odd", "2", ""]]


# ── The command, and a real server ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("import") / "data") as running:
        yield running
        assert running.stop() == 0
        assert "everything is accounted for" in running.command("check").stdout


def monitor(server, name):
    server.command("monitors", "create", name, "--domain", "shop.example")
    return name


def shown(command):
    """The table that a command printed: what → (events, first)."""
    table = {}
    for line in command.stdout.splitlines()[1:]:
        what, _, rest = line.strip().partition("  ")
        table[what] = tuple(rest.split())
    return table


def totals(server, name):
    server.wait_until_drained()
    told = server.api("GET", f"/api/v1/ledger?monitor={name}&from=-1h")["totals"]
    return {outcome: count for outcome, count in told.items() if count}


def read_back(server, name):
    pages = server.rum().get_paginator("get_app_monitor_data").paginate(
        Name=name, TimeRange={"After": now_ms() - 30 * 86_400_000}, MaxResults=100
    )  # fmt: skip
    return [json.loads(event) for page in pages for event in page["Events"]]


@pytest.mark.slow
def test_a_history_is_there_exactly_once_however_often_it_is_imported(server, tmp_path):
    name = monitor(server, "history")
    rows = [row(n) for n in range(450)]
    folder = tmp_path / "export" / "0a1b"
    folder.mkdir(parents=True)
    (folder / "aws-logs-write-test").write_bytes(b"Permission Check Successful")
    (folder / "000000.gz").write_bytes(
        gzip.compress(b"".join(b"2026-01-01T19:00:00.000Z " + lines([each]) for each in rows[:200]))
    )
    found = {"events": [{"message": json.dumps(each), "timestamp": 1} for each in rows[200:400]]}
    (tmp_path / "found.json").write_text(json.dumps(found, indent=4))
    (tmp_path / "rows.jsonl").write_bytes(lines([*rows[400:], row(event_timestamp=0), {"a": 1}]))
    paths = [str(tmp_path / each) for each in ("export", "found.json", "rows.jsonl")]

    table = shown(server.command("import", name, *paths))
    assert table.pop("read") == ("453",)
    assert table.pop("sent") == ("450",)
    assert table == {
        f"left out: {NOT_JSON}": ("1", f"{folder}/aws-logs-write-test:1"),
        "left out: older than the retention of 90 days": ("1", f"{tmp_path}/rows.jsonl:51"),
        f"left out: {NO_EVENT}": ("1", f"{tmp_path}/rows.jsonl:52"),
    }
    assert totals(server, name) == {"received": 450, "stored": 450}
    events = {event["event_id"]: event for event in read_back(server, name)}
    assert len(events) == 450
    for each in rows:
        event = events[each["event_id"]]
        for member in (
            "event_timestamp", "event_type", "event_details", "metadata", "user_details", "application_version",
        ):  # fmt: skip
            assert event[member] == each[member], member

    assert shown(server.command("import", name, *paths))["sent"] == ("450",)
    assert totals(server, name) == {"received": 900, "stored": 450, "duplicate": 450}
    assert len(read_back(server, name)) == 450


@pytest.mark.slow
def test_standard_input_is_read_where_a_dash_is_given(server):
    name = monitor(server, "piped")
    command = [*server._command(("import", name, "-"))]
    done = subprocess.run(command, input=lines(row(n) for n in range(30)), capture_output=True, check=True, timeout=60)
    assert b"sent" in done.stdout
    assert totals(server, name) == {"received": 30, "stored": 30}


@pytest.mark.slow
def test_a_dry_run_counts_and_sends_nothing(server, tmp_path):
    name = monitor(server, "dry")
    (tmp_path / "rows").write_bytes(lines([row(), row(event_type="my.type", application_id="other")]))
    done = server.command("import", name, str(tmp_path / "rows"), "--dry-run")
    assert shown(done)["would be sent"] == ("2",)
    assert shown(done)["of these, of custom types"] == ("1",)
    assert "They are of 2 app monitors" in done.stdout
    assert totals(server, name) == {}


@pytest.mark.slow
def test_custom_types_that_will_be_dropped_are_told_beforehand(server, tmp_path):
    server.rum().create_app_monitor(Name="plain", Domain="shop.example")
    (tmp_path / "rows").write_bytes(lines([row(), row(event_type="my.type")]))
    done = server.command("import", "plain", str(tmp_path / "rows"))
    assert "plain has CustomEvents DISABLED: events of custom types will be dropped" in done.stderr
    assert totals(server, "plain") == {"received": 2, "stored": 1, "dropped": 1}


@pytest.mark.slow
def test_what_cannot_be_done_is_said_in_one_line(tmp_path):
    (tmp_path / "rows").write_bytes(lines([row()]))

    def refused(*arguments):
        done = server.command("import", *arguments, check=False)
        assert done.returncode == 1
        return done.stderr.strip().splitlines()[-1]

    with Server(tmp_path / "data") as server:
        name = monitor(server, "refusing")
        assert "nobody" in refused("nobody", str(tmp_path / "rows"))
        assert refused(name, str(tmp_path / "gone")) == f"openrum: there is no file {tmp_path / 'gone'}"
        server.command("keys", "revoke", server.credentials()[0])
        assert "the server refuses the events: The access key" in refused(name, str(tmp_path / "rows"))
        server.kill()  # its address outlives it
    for _ in range(2):
        assert refused(name, str(tmp_path / "rows")).endswith("start it with `openrum serve`")
        (server.data_dir / "serving.json").unlink(missing_ok=True)
