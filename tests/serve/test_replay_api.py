"""/api/v1/replay gives readers a session's recording, part by part, as the real client sent it; and of nobody who is forgotten."""

import asyncio
import http.client
import json
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from openrum.errors import ResourceNotFound
from openrum.limits import DEFAULTS
from openrum.serve import answer_forms
from openrum.serve.replay_api import ReplayApi
from openrum.store import Answer
from tests.crash.load import public_monitor
from tests.drained import REPLAY, event_id

RECORDED = Path(__file__).parent.parent / "enrich/recorded_events/rum3.json"
NEVER = "5e551011-0000-4000-8000-00000000dead"


def send(server, monitor, session, events):
    body = {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": monitor, "version": "1.0.0"},
        "UserDetails": {"userId": str(uuid.uuid4()), "sessionId": session},
        "RumEvents": events,
    }
    status, answer = server.request(
        "POST", f"/appmonitors/{monitor}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    assert status == 200, answer


@pytest.fixture(scope="module")
def film(server):
    """A monitor with one session as the real client records it, moved to now: its id, and its replay events in order."""
    monitor, session = public_monitor(server, "film"), str(uuid.uuid4())
    batches = [each["body"]["RumEvents"] for each in json.loads(RECORDED.read_text())]
    sent = [event for events in batches for event in events if event["type"] == REPLAY]
    moved = int(time.time()) - 60 - max(event["timestamp"] for event in sent)
    sent = [{**event, "id": str(uuid.uuid4()), "timestamp": event["timestamp"] + moved} for event in sent]
    for event in reversed(sent):  # as they come is not as they are played
        send(server, monitor, session, [event])
    send(server, public_monitor(server, "other-film"), session, [{**sent[0], "id": str(uuid.uuid4())}])
    server.wait_until_drained()
    return session, sent


@pytest.fixture
def replay(server, keys):
    """What /api/v1/replay answers: status and body."""

    def replay(session, *, monitor="film", headers=keys["viewer"], **members):
        path = f"/api/v1/replay?{urlencode({'monitor': monitor, 'session': session, **members})}"
        return server.request("GET", path, headers=headers)

    return replay


def listed(replay, session, **members):
    status, body = replay(session, **members)
    assert status == 200, body
    return json.loads(body)


def test_parts_come_in_the_order_they_are_played(replay, film):
    session, sent = film
    told = listed(replay, session)
    assert [(part["id"], part["time"]) for part in told["parts"]] == [
        (event["id"], event["timestamp"] * 1_000) for event in sent
    ]
    assert told["truncated"] is False
    assert [part["events"] for part in told["parts"]] == [
        json.loads(event["details"]).get("eventCount") for event in sent
    ]
    assert all(0 < part["bytes"] < len(event["details"]) for part, event in zip(told["parts"], sent, strict=True))
    assert told == listed(replay, session.upper())


def test_each_part_is_what_was_sent(replay, film):
    session, sent = film
    for part, event in zip(listed(replay, session)["parts"], sent, strict=True):
        status, body = replay(session, part=part["id"], time=part["time"])
        assert status == 200
        assert body.decode() in event["details"]
        assert json.loads(body) == json.loads(event["details"])["events"]


def test_a_range_limits_the_list(replay, film):
    session, sent = film
    second = sent[1]["timestamp"] * 1_000
    told = listed(replay, session, **{"from": second, "to": sent[2]["timestamp"] * 1_000})
    assert [part["id"] for part in told["parts"]] == [sent[1]["id"]]
    assert len(listed(replay, session, **{"from": "-1h"})["parts"]) == len(sent)
    assert listed(replay, session, **{"from": "2020-01-01", "to": "2020-02-01"}) == {"parts": [], "truncated": False}


def test_a_session_of_the_same_id_of_another_monitor_is_not_seen(replay, film):
    session, sent = film
    [other] = listed(replay, session, monitor="other-film")["parts"]
    assert other["id"] not in {event["id"] for event in sent}
    assert replay(session, part=other["id"], time=other["time"])[0] == 404
    assert replay(session, monitor="other-film", part=other["id"], time=other["time"])[0] == 200


def test_a_session_without_a_replay_has_an_empty_list(replay, film):
    assert listed(replay, NEVER) == {"parts": [], "truncated": False}


def test_a_part_that_is_gone_is_not_found_and_told_why_that_may_be(replay, film):
    status, body = replay(film[0], part=event_id(1), time=film[1][0]["timestamp"] * 1_000)
    error = json.loads(body)["error"]
    assert (status, error["type"], error["field"]) == (404, "unknown_replay_part", None)
    assert event_id(1) in error["message"]
    assert "retention" in error["message"]
    assert "forgotten" in error["message"]


def test_what_is_told_is_kept_by_nobody_and_no_page(server, keys, film):
    path = f"/api/v1/replay?{urlencode({'monitor': 'film', 'session': film[0]})}"
    for asked in (path, f"{path}&part={film[1][0]['id']}&time={film[1][0]['timestamp'] * 1_000}"):
        status, headers = head_of(server, asked, keys["viewer"])
        assert (status, headers["content-type"], headers["cache-control"]) == (200, "application/json", "no-store")
        assert headers["x-content-type-options"] == "nosniff"


def head_of(server, path, headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("viewer", 200), ("ingest", 403), (None, 401)])
def test_readers_alone_watch(replay, keys, film, role, status):
    headers = keys[role] if role else {}
    session, [first, *_] = film
    assert replay(session, headers=headers)[0] == status
    assert replay(session, headers=headers, part=first["id"], time=first["timestamp"] * 1_000)[0] == status


@pytest.mark.parametrize(
    ("members", "status", "field"),
    [
        ({"monitor": "nobody"}, 404, None),
        ({"session": ""}, 400, "session"),
        ({"session": "'; DROP TABLE"}, 400, "session"),
        ({"from": "never"}, 400, "from"),
        ({"to": "never"}, 400, "to"),
        ({"from": "now", "to": "-1d"}, 400, "from"),
        ({"part": "1", "time": 1}, 400, "part"),
        ({"part": event_id(1)}, 400, "time"),
        ({"part": event_id(1), "time": "now"}, 400, "time"),
        ({"part": event_id(1), "time": "-1"}, 400, "time"),
    ],
)
def test_what_is_wrong_is_named(replay, film, members, status, field):
    answered, body = replay(**{"session": NEVER, **members})
    assert (answered, json.loads(body)["error"]["field"]) == (status, field)


def test_a_session_that_is_forgotten_has_no_replay(server, ask, keys, replay, film):
    session, event = str(uuid.uuid4()), {**film[1][0], "id": str(uuid.uuid4())}
    send(server, public_monitor(server, "forgetful"), session, [event])
    server.wait_until_drained()
    [part] = listed(replay, session, monitor="forgetful")["parts"]
    asked = {"monitor": "forgetful", "part": part["id"], "time": part["time"]}
    assert replay(session, **asked)[0] == 200
    status, receipt = ask("POST", "/api/v1/forget", {"monitor": "forgetful", "session": session}, keys["admin"])
    assert (status, receipt["rows"]) == (200, 1)
    assert listed(replay, session, monitor="forgetful") == {"parts": [], "truncated": False}
    assert replay(session, **asked)[0] == 404


def test_a_part_that_is_damaged_counts_as_gone():
    class Monitor:
        id = NEVER

    class Damaged:
        def run(self, *_, **__):
            return Answer(["data"], [(b"no frame",)], truncated=False)

    class Answers:
        async def tell(self, finding):
            return finding.find(Damaged())

    async def named(_):
        return Monitor

    async def stays():
        await asyncio.Event().wait()

    api = ReplayApi(monitor_named=named, answers=Answers(), limits=DEFAULTS, now_ms=lambda: 0)
    query = urlencode({"monitor": "film", "session": NEVER, "part": event_id(1), "time": 1})
    with pytest.raises(ResourceNotFound, match="damaged"):
        asyncio.run(api.replay(Request({"type": "http", "query_string": query.encode()}, stays)))


def test_the_list_has_the_members_that_are_described(replay, film):
    [first, *_] = listed(replay, film[0])["parts"]
    assert first.keys() == {*answer_forms.ReplayPart.__struct_fields__}
