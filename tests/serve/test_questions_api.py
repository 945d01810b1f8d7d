"""The questions beyond one table by their doors, what there is to ask about, and who asks by a query string."""

import http.client
import json
import time
from urllib.parse import urlencode

import pytest

from openrum.query.catalogue import SPECIAL
from openrum.query.dimensions import DIMENSIONS
from openrum.query.measures import MEASURES
from openrum.serve import questions_api
from tests.serve.conftest import SESSION, STACK

NEEDED = {
    "session": {"session": SESSION},
    "error": {"error": "no such group"},
    "funnel": {"steps": [{"where": [{"dimension": "page", "values": [page]}]} for page in ("/", "/cart")]},
    "verdict": {"baseline": {"release": "1.0.0"}, "candidate": {"release": "1.1.0"}},
    "correlation": {"subset": {"where": [{"dimension": "page", "values": ["/"]}]}},
}
"""What a question cannot be asked without."""


def get(ask, path, **members):
    return ask("GET", f"/api/v1/{path}?{urlencode({'monitor': 'blog', 'from': '-1h', **members})}")


def records(answer):
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


@pytest.mark.parametrize("name", SPECIAL)
def test_every_question_is_answered_by_post_and_by_get_alike(ask, blog, name):
    form = {"monitor": "blog", "from": "-7d", **NEEDED.get(name, {})}
    status, posted = ask("POST", f"/api/v1/{name}", form)
    assert status == 200, posted
    assert {"columns", "rows", "sql", "elapsed_ms", "from", "to"} <= set(posted)
    assert posted["to"] - posted["from"] == 7 * 86_400_000
    text = {member: value if isinstance(value, str) else json.dumps(value) for member, value in form.items()}
    status, gotten = ask("GET", f"/api/v1/{name}?{urlencode(text)}")
    assert (status, gotten["columns"], gotten["rows"]) == (200, posted["columns"], posted["rows"])


@pytest.mark.parametrize("name", SPECIAL)
@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"monitor": "nobody"}, 404, None),
        ({"from": "never"}, 400, "from"),
        ({"from": "now", "to": "-1h"}, 400, "from"),
        ({"where": [{"dimension": "contry", "values": ["DE"]}]}, 400, "where[0].dimension"),
        ({"where": {}}, 400, "where"),
        ({"nonsense": 1}, 400, "body"),
    ],
)
def test_every_question_says_where_it_is_wrong(ask, blog, name, changed, status, field):
    form = {"monitor": "blog", **NEEDED.get(name, {}), **changed}
    answered, answer = ask("POST", f"/api/v1/{name}", form)
    assert (answered, answer["error"]["field"]) == (status, field)


def test_a_misspelt_member_is_told_what_is_near(ask):
    answer = ask("POST", "/api/v1/sessions", {"monitor": "shop", "wher": []})[1]
    assert answer["error"]["message"] == "body: 'wher' is not known; did you mean where?"


# ── The doors that are read ───────────────────────────────────────────────────────────────────────────────────────


def test_sessions_are_listed_and_told_event_by_event(ask, blog):
    [session] = records(get(ask, "sessions")[1])
    assert (session["session"], session["page_views"], session["js_errors"]) == (SESSION, 2, 1)
    status, timeline = get(ask, f"sessions/{SESSION}")
    assert status == 200
    assert [record["id"] for record in records(timeline)] == [event["id"] for event in blog]
    assert "raw" not in timeline["columns"]
    assert timeline["rows"] == get(ask, f"sessions/{SESSION.upper()}")[1]["rows"]


def test_a_timeline_has_the_raw_events_on_request(ask, blog):
    raw = [record["raw"] for record in records(get(ask, f"sessions/{SESSION}", raw=1)[1])]
    assert [event["event_id"] for event in raw] == [event["id"] for event in blog]
    assert [event["event_details"] for event in raw] == [json.loads(event["details"]) for event in blog]
    assert {event["application_name"] for event in raw} == {"blog"}


def test_what_has_no_events_has_no_raw_ones(ask, blog):
    status, answer = get(ask, "journeys", raw=1)
    assert (status, answer["error"]["field"]) == (400, "raw")


def test_journeys_are_pairs_of_pages(ask, blog):
    assert records(get(ask, "journeys")[1])[0] == {"from": "/", "to": "/cart", "count": 1}


def test_where_in_a_query_string_is_the_json_of_the_list(ask, blog):
    there = json.dumps([{"dimension": "page", "op": "is", "values": ["/cart"]}])
    elsewhere = json.dumps([{"dimension": "page", "op": "is", "values": ["/elsewhere"]}])
    assert len(get(ask, "sessions", where=there)[1]["rows"]) == 1
    assert get(ask, "sessions", where=elsewhere)[1]["rows"] == []
    for broken in ("[", "{", "page=/cart", "[1]"):
        status, answer = get(ask, "sessions", where=broken)
        assert (status, answer["error"]["field"].partition("[")[0]) == (400, "where"), answer


def test_numbers_in_a_query_string_are_numbers(ask, blog):
    assert get(ask, "sessions", limit="1", desc="false")[0] == 200
    assert get(ask, "sessions", limit="0")[1]["error"]["field"] == "limit"
    assert get(ask, "sessions", limit="many")[1]["error"]["field"] == "limit"


@pytest.mark.parametrize("session", ["nobody", "%00", "5e551011", "%ff"])
def test_a_session_that_is_no_id_is_refused(ask, blog, session):
    status, answer = get(ask, f"sessions/{session}")
    assert (status, answer["error"]["field"]) == (400, "session")


def test_the_stack_of_an_error_is_told_in_frames(ask, blog):
    [group] = records(get(ask, "errors")[1])
    answer = ask("POST", "/api/v1/error?raw=1", {"monitor": "blog", "error": group["error"]})[1]
    [sample] = records(answer)
    [frame] = sample["frames"]
    assert (frame["function"], frame["line"], frame["column"]) == ("total", 12, 7)
    assert frame["file"].endswith("cart.js")
    assert sample["raw"]["event_details"]["stack"] == STACK


# ── What there is to ask about ────────────────────────────────────────────────────────────────────────────────────


def test_monitors_are_told_by_name_and_id_and_whether_anything_came(ask, server):
    status, answer = ask("GET", "/api/v1/monitors")
    assert status == 200
    shop = {"name": "shop", "id": server.witness.monitor, "active": True, "demo": False, "session_sample_rate": 1.0}
    assert shop in answer["monitors"]
    assert [each["name"] for each in answer["monitors"]] == sorted(each["name"] for each in answer["monitors"])


def test_the_vocabulary_is_all_that_may_be_asked(ask):
    status, answer = ask("GET", "/api/v1/vocabulary")
    assert status == 200
    assert [each["name"] for each in answer["measures"]] == list(MEASURES)
    assert {*DIMENSIONS, "attribute:<name>"} == {each["name"] for each in answer["dimensions"]}
    assert {each["name"]: each["kind"] for each in answer["dimensions"]}["http_status"] == "number"
    assert {each["name"] for each in answer["questions"]} == set(SPECIAL)
    assert all(each["meaning"] for kind in ("measures", "dimensions", "questions") for each in answer[kind])
    assert {"monitor", "from", "to", "where", "session"} <= set(
        next(each["members"] for each in answer["questions"] if each["name"] == "session")
    )


@pytest.mark.parametrize("path", ["monitors", "vocabulary", "sessions", f"sessions/{SESSION}", "journeys"])
def test_strangers_and_senders_are_told_nothing(server, keys, path):
    assert server.request("GET", f"/api/v1/{path}?monitor=shop")[0] == 401
    assert server.request("GET", f"/api/v1/{path}?monitor=shop", None, keys["ingest"])[0] == 403


# ── Asked again ───────────────────────────────────────────────────────────────────────────────────────────────────


def counted(server, name):
    text = server.request("GET", "/metrics")[1].decode()
    return float(next(line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name + " ")))


def test_the_same_question_is_found_once_until_something_changes(ask, server, blog):
    question = {"monitor": "shop", "measures": ["events"], "from": 0, "to": 4_000_000_000_000}
    first = ask("POST", "/api/v1/query", question)[1]
    kept = counted(server, 'openrum_questions_total{how="kept"}')
    assert ask("POST", "/api/v1/query", question)[1] == first  # to the millisecond it took
    assert counted(server, 'openrum_questions_total{how="kept"}') == kept + 1
    assert counted(server, "openrum_kept_answers") >= 1
    assert server.witness.send_some(server, 1) == [200]
    server.wait_until_drained()
    events = sum(len(batch.events) for batch in server.witness.batches)
    assert ask("POST", "/api/v1/query", question)[1]["rows"] == [[events]] != first["rows"]


@pytest.mark.parametrize(("at", "now"), [(1_000, 1_000), (1_001, 2_000), (1_999, 2_000)])
def test_now_is_the_end_of_this_second(at, now):
    api = questions_api.QuestionsApi(
        api=None, answers=None, frames_of=None, engine=None, limits=None, now_ms=lambda: at
    )
    assert api._now() == now


def test_who_goes_away_ends_what_they_asked(server, keys):
    endless = b'{"sql": "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b"}'
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/api/v1/sql", endless, {**keys["viewer"], "content-type": "application/json"})
    deadline = time.monotonic() + 8  # less than a question may take
    while counted(server, "openrum_questions_running") == 0:
        assert time.monotonic() < deadline
    connection.close()
    while counted(server, "openrum_questions_running"):
        assert time.monotonic() < deadline, "the engine works on for nobody"
