"""The canary goes through the real door to what nobody else can open, and what it finds is told as it is."""

import asyncio
import base64
import json
import uuid
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from openrum.app import OpenRum
from openrum.bridges import _canary_metrics
from openrum.canary import KEY_ID, Canary, Identity, WithCanaryKey, WithCanaryMonitor
from openrum.control.secrets import Sealer
from openrum.errors import AccessDenied
from openrum.limits import Limits
from openrum.settings import Settings
from tests.server import PATIENCE_S, Server
from tests.wire.door import MONITOR, Door, FakeMonitor, Memory, NoGuests, ask, batch, encoded, served, signed

NOW_MS = 1_767_323_045_678
IDENTITY = Identity.derive(Sealer(b"k" * 32), lambda name: f"arn:aws:rum:us-east-1:000000000000:appmonitor/{name}")


def canary(seen=None, **options):
    async def at_once(session, sent_ms):
        return True

    return Canary(
        IDENTITY, seen or at_once, **{"now_ms": lambda: NOW_MS, "region": "us-east-1", "interval_s": 60, **options}
    )


@pytest.fixture
def door():
    return Door(
        monitors=WithCanaryMonitor(IDENTITY, Memory(FakeMonitor())),
        guests=WithCanaryKey(IDENTITY, NoGuests()),
        now_ms=lambda: NOW_MS,
    )


def rounds(canary, port, times=1):
    async def live():
        for _ in range(times):
            await canary.round("0.0.0.0", port)

    asyncio.run(live())


# ── Through the door ──────────────────────────────────────────────────────────────────────────────────────────────


def port_of(caller):
    return caller.connection.port


@pytest.mark.parametrize("auth", [True, False], ids=["signed", "auth off"])
def test_a_round_is_timed_until_its_event_is_in_answers(door, auth):
    door.auth = auth
    asked = []

    async def seen(session, sent_ms):
        asked.append((session, sent_ms))
        return len(asked) == 3

    each = canary(seen)
    with served(door) as caller:
        rounds(each, port_of(caller))
    [received] = door.journal.received
    body = json.loads(received.body)
    assert received.monitor == IDENTITY.monitor.id
    assert [event["type"] for event in body["RumEvents"]] == ["com.amazon.rum.page_view_event"]
    assert body["RumEvents"][0]["timestamp"] == NOW_MS / 1000
    assert asked == [(body["UserDetails"]["sessionId"], NOW_MS)] * 3
    assert 0 < each.acknowledged_s < each.round_trip_s
    assert (each.failures, each.problem, each.last_success_ms) == (0, None, NOW_MS)


def test_every_round_is_a_session_of_its_own_and_the_next_comes_by_itself(door):
    done = asyncio.Event()

    async def seen(session, sent_ms):
        sessions.append(session)
        if len(sessions) == 3:
            done.set()
        return True

    async def live(port):
        running = asyncio.create_task(canary(seen, interval_s=0).run("127.0.0.1", port))
        await asyncio.wait_for(done.wait(), PATIENCE_S)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    sessions = []
    with served(door) as caller:
        asyncio.run(live(port_of(caller)))
    assert len(set(sessions)) == len(sessions) >= 3


def test_only_a_signature_opens_the_canary_s_monitor(door):
    body = encoded(batch())
    with served(door) as caller:
        answer = caller.send(
            path=f"/appmonitors/{IDENTITY.monitor.id}", body=body, headers={"content-type": "application/json"}
        )
        assert answer.error[:2] == (403, "MissingAuthenticationTokenException")


def test_the_canary_s_key_opens_no_other_monitor(door):
    body = encoded(batch())
    ours = Door(monitors=door.monitors, guests=door.guests)  # with the clock that botocore signs by
    with served(ours) as caller:
        for monitor_id, status in ((IDENTITY.monitor.id, 200), (MONITOR, 403)):
            path, headers = signed(f"{caller.url}/appmonitors/{monitor_id}", body, KEY_ID, secret=IDENTITY.key.secret)
            answer = caller.send(path=path, body=body, headers=headers)
            assert answer.status == status
    assert answer.error[1] == "AccessDeniedException"
    assert [each.monitor for each in ours.journal.received] == [IDENTITY.monitor.id]


# ── Who it is ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_installation_has_one_canary_and_no_other_has_the_same():
    def derived(key):
        return Identity.derive(Sealer(key), str)

    assert derived(b"a" * 32) == derived(b"a" * 32)
    one, other = derived(b"a" * 32), derived(b"b" * 32)
    assert one.monitor.id != other.monitor.id
    assert one.key.secret != other.key.secret
    assert str(uuid.UUID(one.monitor.id)) == one.monitor.id
    assert (len(one.key.id), one.key.role, one.monitor.policy) == (20, "ingest", None)
    assert one.key.secret not in repr(one)


def test_what_is_not_the_canary_s_is_asked_of_others():
    class Guests:
        def secret(self, access_key_id):
            return f"secret of {access_key_id}"

        def admit(self, *asked):
            return asked

    shop = FakeMonitor()
    monitors, guests = WithCanaryMonitor(IDENTITY, Memory(shop)), WithCanaryKey(IDENTITY, Guests())
    assert (monitors.get(shop.id), monitors.get(IDENTITY.monitor.id)) == (shop, IDENTITY.monitor)
    assert monitors.get(str(uuid.UUID(int=7))) is None
    assert guests.secret("ASIAGUEST") == "secret of ASIAGUEST"
    assert guests.admit("ASIAGUEST", "token", shop.id) == ("ASIAGUEST", "token", shop.id)
    assert guests.admit(KEY_ID, None, IDENTITY.monitor.id) is IDENTITY.key
    with pytest.raises(AccessDenied):
        guests.admit(KEY_ID, "token", shop.id)


# ── What goes wrong ───────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def answering(answer):
    """A server that says `answer` to whatever comes; None lets it hang. Gives its port."""

    writers = []

    async def serve(reader, writer):
        writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        if answer is not None:
            writer.write(answer)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in writers:
        writer.transport.abort()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "the canary is answered with 503 by the door"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the canary has no answer from the door"),
        (b"SSH-2.0 200 OK\r\n", "the canary has no answer from the door"),
        (b"HTTP/1.1 two hundred\r\n\r\n", "the canary has no answer from the door"),
        (b"", "the canary has no answer from the door"),
        (b"x" * 200_000, "the canary has no answer from the door"),
        (None, "the canary has no answer from the door within 0.1 s"),
    ],
    ids=["refused", "no HTTP", "another protocol", "no status", "closed", "endless", "hanging"],
)
def test_a_door_that_does_not_take_the_event_is_said_in_words(answer, problem):
    each = canary(answer_s=0.1)

    async def live():
        async with answering(answer) as port:
            await each.round("127.0.0.1", port)
            assert each.problem is None, "one failure may be a mishap"
            await each.round("127.0.0.1", port)

    asyncio.run(live())
    assert each.problem == problem
    assert (each.failures, each.acknowledged_s, each.last_success_ms) == (2, None, None)


def test_an_event_that_never_comes_into_answers_is_a_failure(door):
    async def never(session, sent_ms):
        return False

    each = canary(never, seen_s=0.05)
    with served(door) as caller:
        rounds(each, port_of(caller), 2)
    assert each.problem == "the canary is acknowledged, and not in answers within 0.05 s"
    assert each.acknowledged_s is not None
    assert each.round_trip_s is None


def test_what_the_store_says_is_in_the_log_and_not_in_readyz(door):
    async def broken(session, sent_ms):
        raise RuntimeError("SELECT of something secret")

    each = canary(broken)
    with served(door) as caller, capture_logs() as logged:
        rounds(each, port_of(caller), 2)
    assert each.problem == "the canary is not answered by the store"
    assert [entry["detail"] for entry in logged] == ["SELECT of something secret"]


def test_a_change_of_state_is_logged_once_and_a_success_ends_the_problem(door):
    well = [False, False, False, True, True, False]
    turns = iter(well)

    async def seen(session, sent_ms):
        if not next(turns):
            raise RuntimeError
        return True

    each = canary(seen)
    with served(door) as caller, capture_logs() as logged:
        rounds(each, port_of(caller), 3)
        assert each.problem is not None
        rounds(each, port_of(caller))
        assert each.problem is None
        rounds(each, port_of(caller), 2)
    assert each.problem is None
    assert each.failures == 4
    assert [entry["log_level"] for entry in logged] == ["warning", "info", "warning"]


def test_what_is_not_known_yet_has_no_sample():
    names = {
        "openrum_canary_acknowledged_seconds": 0,
        "openrum_canary_round_trip_seconds": 0,
        "openrum_canary_failures_total": 1,
        "openrum_canary_last_success_timestamp_seconds": 0,
    }
    assert {metric.name: len(metric.samples) for metric in _canary_metrics(canary())} == names


# ── The whole server ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("canary") / "data", environment={"OPENRUM_CANARY_S": "60"}) as running:
        yield running
        assert running.stop() == 0
        assert "everything is accounted for" in running.command("check").stdout
        assert "the canary" not in running.last_words()


def metrics(server):
    lines = server.request("GET", "/metrics")[1].decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if line.startswith("openrum_canary"))


@pytest.fixture(scope="module")
def monitor_id(server):
    """Of the server's canary, once its first event is in answers."""
    while "openrum_canary_round_trip_seconds" not in metrics(server):
        assert metrics(server)["openrum_canary_failures_total"] == "0"
        server._pause(0.05)
    told = json.loads(server.command("sql", "SELECT CAST(monitor AS VARCHAR) AS m FROM events", "--json").stdout)
    assert len(told) == 1
    return told[0]["m"]


@pytest.mark.slow
def test_a_server_tells_how_its_canary_is(server, monitor_id):
    told = {name: float(value) for name, value in metrics(server).items()}
    assert 0 < told["openrum_canary_acknowledged_seconds"] < told["openrum_canary_round_trip_seconds"] < PATIENCE_S
    assert told["openrum_canary_last_success_timestamp_seconds"] > NOW_MS / 1000
    assert json.loads(server.request("GET", "/readyz")[1])["problems"] == []


@pytest.mark.slow
def test_nobody_is_shown_the_canary_s_monitor_or_key(server, monitor_id):
    rum = server.rum()
    assert rum.list_app_monitors()["AppMonitorSummaries"] == []
    with pytest.raises(rum.exceptions.ResourceNotFoundException):
        rum.get_app_monitor(Name="openrum-canary")
    assert KEY_ID not in server.command("keys", "list").stdout
    assert server.command("monitors", "show", "openrum-canary", check=False).returncode == 1


def test_the_canary_s_key_is_no_key_at_any_other_door(server, monitor_id):
    secret = Sealer.open(server.data_dir).derive(b"canary").hex()
    rum = server.rum(key=(KEY_ID, secret))
    for call in (rum.list_app_monitors, lambda: rum.create_app_monitor(Name="x", Domain="localhost")):
        with pytest.raises(rum.exceptions.ClientError, match="UnrecognizedClientException"):
            call()
    basic = {"authorization": "Basic " + base64.b64encode(f"{KEY_ID}:{secret}".encode()).decode()}
    assert server.request("GET", f"/api/v1/ledger?monitor={monitor_id}", None, basic)[0] == 401


def test_without_a_canary_nothing_is_said_of_one_and_its_monitor_is_unknown(tmp_path):
    async def live():
        app = OpenRum(Settings(data_dir=tmp_path / "data", canary_s=0), Limits())
        await app.start()
        app.listening(("127.0.0.1", 1))
        said = await ask(app, "GET", b"/metrics")
        path = f"/appmonitors/{app._control.canary.monitor.id}".encode()
        sent = await ask(app, "POST", path, b"", [(b"content-type", b"application/json")], encoded(batch()))
        await app.stop()
        return said.body, sent.status

    text, status = asyncio.run(live())
    assert b"openrum_pending_events 0" in text
    assert b"canary" not in text
    assert status == 404
