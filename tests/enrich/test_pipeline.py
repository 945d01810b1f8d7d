"""What becomes of an event: stored with what is known of it, or ended with a reason; its neighbours never pay."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich.pipeline import STEPS, enrich
from openrum.enrich.row import to_row
from openrum.enrich.rules import Rules
from openrum.enrich.scrub import Scrubber, ScrubRules
from openrum.events import Event, Flag, Position, Received
from openrum.limits import DEFAULTS
from openrum.outcomes import Outcome, Reason

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
NOW_MS = 1_795_000_000_000
DAY_MS = 86_400_000
RULES = Rules(limits=DEFAULTS, retention_ms=90 * DAY_MS)
PAGE_VIEW = "com.amazon.rum.page_view_event"


def event(**members):
    return {
        "id": "AAAAAAAA-0000-4000-8000-00000000000A",
        "timestamp": NOW_MS // 1000,
        "type": PAGE_VIEW,
        "details": "{}",
        **members,
    }


def received(*events, **members):
    body = {
        "BatchId": "00000000-0000-4000-8000-000000000002",
        "AppMonitorDetails": {"id": MONITOR, "version": "1.2.3"},
        "UserDetails": {"userId": "00000000-0000-4000-8000-0000000000BB", "sessionId": MONITOR},
        "RumEvents": list(events),
        **members,
    }
    return Received(MONITOR, NOW_MS, len(events), "DE", "BE", "agent", json.dumps(body).encode())


def judged(*events, rules=RULES, **members):
    return enrich(received(*events, **members), Position(1, 2, 3), rules)


def row(rules=RULES, batch=None, **members):
    return to_row(judged(event(**members), rules=rules, **(batch or {}))[0], rules)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, Reason.NONE),
        ({"details": ""}, Reason.DETAILS_NOT_JSON),
        ({"details": "NaN"}, Reason.DETAILS_NOT_JSON),
        ({"details": '{"a": NaN}'}, Reason.DETAILS_NOT_JSON),
        ({"details": "{'a': 1}"}, Reason.DETAILS_NOT_JSON),
        ({"details": '{"a": 1,}'}, Reason.DETAILS_NOT_JSON),
        ({"details": "null"}, Reason.DETAILS_NOT_AN_OBJECT),
        ({"details": "[]"}, Reason.DETAILS_NOT_AN_OBJECT),
        ({"details": '"{}"'}, Reason.DETAILS_NOT_AN_OBJECT),
        ({"details": '{"a": 1e999}'}, Reason.NONE),
        ({"details": '{"a": "\\ud800"}'}, Reason.NONE),
        ({"details": '{"a": ' + "9" * 5_000 + "}"}, Reason.NONE),
        ({"details": '{"a":' * 64 + "1" + "}" * 64}, Reason.NONE),
        ({"details": '{"a":' * 65 + "1" + "}" * 65}, Reason.DETAILS_TOO_DEEP),
        ({"details": '{"a": "' + "[" * 500 + '"}'}, Reason.NONE),
        ({"details": json.dumps({"a": "x" * (256 * 1024 - 9)})}, Reason.NONE),
        ({"details": json.dumps({"a": "x" * 256 * 1024})}, Reason.DETAILS_TOO_LARGE),
        ({"details": json.dumps({"a": "é" * 140_000}, ensure_ascii=False)}, Reason.DETAILS_TOO_LARGE),
        ({"type": "com.amazon.rum.rrweb_event", "details": json.dumps({"a": "x" * 300_000})}, Reason.NONE),
        ({"type": "com.amazon.rum.not_yet_known_event"}, Reason.NONE),
        ({"metadata": None}, Reason.NONE),
        ({"metadata": ""}, Reason.METADATA_NOT_JSON),
        ({"metadata": "null"}, Reason.METADATA_NOT_AN_OBJECT),
        ({"metadata": "{" * 65 + "}" * 65}, Reason.METADATA_TOO_DEEP),
        ({"metadata": json.dumps({"a": "x" * 256 * 1024})}, Reason.METADATA_TOO_LARGE),
        ({"type": "shop.checkout"}, Reason.CUSTOM_EVENTS_DISABLED),
        ({"type": "shop.checkout", "details": "broken"}, Reason.CUSTOM_EVENTS_DISABLED),
    ],
    ids=lambda value: str(value)[:60],
)
def test_contents_are_judged_event_by_event(members, reason):
    before, this, after = judged(event(), event(**members), event())
    assert (before.reason, this.reason, after.reason) == (Reason.NONE, reason, Reason.NONE)


def test_a_custom_event_is_stored_where_the_owner_enabled_them_and_bounded():
    enabled = Rules(limits=DEFAULTS, retention_ms=DAY_MS, custom_events=True)
    assert row(enabled, type="shop.checkout").outcome is Outcome.STORED
    large = row(enabled, type="shop.checkout", details=json.dumps({"a": "x" * 64 * 1024}))
    assert (large.outcome, large.reason) == (Outcome.QUARANTINED, Reason.DETAILS_TOO_LARGE)


def test_session_metadata_is_merged_and_the_events_own_value_wins():
    batch = {"SessionMetadata": json.dumps({"domain": "a.example", "pageId": "/session"})}
    first, second = judged(event(metadata='{"pageId": "/own"}'), event(), **batch)
    assert first.metadata.values == {"domain": "a.example", "pageId": "/own"}
    assert second.metadata.values == {"domain": "a.example", "pageId": "/session"}


def test_what_one_event_takes_from_the_session_is_there_for_the_next():
    session = {"domain": "a.example", "plan": "pro", "bad-key": 1, "pageTags": ["a"]}
    found = judged(event(metadata='{"plan": "own"}'), event(), event(), SessionMetadata=json.dumps(session))
    assert [each.metadata.attributes for each in found] == [{"plan": "own"}, {"plan": "pro"}, {"plan": "pro"}]
    assert {to_row(each, RULES).flags for each in found} == {Flag.ATTRIBUTES_REMOVED}
    assert found[0].envelope.session_metadata == session


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "null", "{" * 65 + "}" * 65, '{"a": NaN}'])
def test_a_bad_session_metadata_is_ignored_and_flagged(text):
    found = row(batch={"SessionMetadata": text}, metadata='{"pageId": "/own"}')
    assert (found.page, found.flags) == ("/own", Flag.SESSION_METADATA_IGNORED)


@pytest.mark.parametrize(
    ("timestamp", "time", "flagged"),
    [
        (NOW_MS // 1000, NOW_MS, False),
        (NOW_MS / 1000 + 0.678, NOW_MS + 678, False),
        (NOW_MS // 1000 - 90 * 86_400, NOW_MS - 90 * DAY_MS, False),
        (NOW_MS // 1000 - 90 * 86_400 - 1, NOW_MS, True),
        (NOW_MS // 1000 + 86_400, NOW_MS + DAY_MS, False),
        (NOW_MS // 1000 + 86_401, NOW_MS, True),
        (0, NOW_MS, True),
        (-1, NOW_MS, True),
        (NOW_MS, NOW_MS, True),
        (10**30, NOW_MS, True),
        (1e300, NOW_MS, True),
    ],
)
def test_a_time_out_of_range_is_replaced_by_the_receive_time_and_flagged(timestamp, time, flagged):
    found = row(timestamp=timestamp)
    assert (found.time, bool(found.flags & Flag.TIME_REPLACED)) == (time, flagged)
    assert isinstance(found.client_time, int) == (flagged and abs(timestamp) < 10**15)


def test_custom_attributes_follow_the_rules_of_the_service():
    metadata = {
        "pageId": "/",
        "plan": "pro",
        "seats": 3,
        "trial": False,
        "ns:name": 0.5,
        "bad-key": "x",
        "with space": "x",
        "dot.ted": "x",
        "aws:mine": "x",
        "pageTagsMine": "x",
        "long": "x" * 257,
        "object": {},
        "nothing": None,
    }
    found = row(metadata=json.dumps(metadata))
    assert found.attributes == {"plan": "pro", "seats": 3, "trial": False, "ns:name": 0.5}
    assert found.flags == Flag.ATTRIBUTES_REMOVED


def test_at_most_ten_custom_attributes_are_kept():
    found = row(metadata=json.dumps({f"a{number}": number for number in range(12)}))
    assert found.attributes == {f"a{number}": number for number in range(10)}


def test_a_row_has_one_name_per_brand_and_ids_in_lower_case():
    metadata = {
        "browserName": "Google Chrome",
        "browserVersion": "120.0.6099.71",
        "osName": "Mac OS X",
        "deviceType": "Desktop",
        "pageId": "/cart",
        "pageTags": ["shop", "cart"],
        "domain": "shop.example",
        "aws:releaseId": "r7",
    }
    found = row(metadata=json.dumps(metadata))
    assert (found.browser, found.browser_version, found.os, found.device) == ("Chrome", "120", "macOS", "desktop")
    assert (found.page, found.page_tags, found.domain, found.release) == (
        "/cart",
        ["shop", "cart"],
        "shop.example",
        "r7",
    )
    assert (found.country, found.subdivision) == ("DE", "BE")
    assert found.id == "aaaaaaaa-0000-4000-8000-00000000000a"
    assert found.user == "00000000-0000-4000-8000-0000000000bb"
    assert (found.day, found.block, found.record, found.index) == (1, 2, 3, 0)


def test_the_clients_place_wins_over_that_of_its_address_and_the_version_stands_in_for_a_release():
    found = row(metadata='{"countryCode": "FR"}')
    assert (found.country, found.release) == ("FR", "1.2.3")


def test_a_value_of_the_wrong_type_is_null_and_the_event_is_stored():
    found = row(metadata='{"pageId": 7, "pageTags": ["a", 1], "domain": {"a": 1}, "osName": "Linux"}')
    assert (found.page, found.page_tags, found.domain, found.os) == (None, msgspec.UNSET, None, "Linux")
    assert (found.outcome, found.flags) == (Outcome.STORED, Flag.FIELD_NULLED)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 309, "-" + "9" * 4_000, "9" * 5_000])
def test_a_number_no_column_can_hold_is_null_and_the_event_is_stored(number):
    found = row(metadata=f'{{"plan": {number}, "seats": 3}}')
    assert (found.attributes, found.outcome, found.flags) == ({"seats": 3}, Outcome.STORED, Flag.FIELD_NULLED)


def test_a_null_is_a_missing_value_and_nothing_odd():
    found = row(metadata='{"pageId": null, "pageTags": null, "countryCode": null}')
    assert (found.page, found.page_tags, found.country, found.flags) == (None, msgspec.UNSET, "DE", 0)


@pytest.mark.parametrize("name", ["", "unknown", "Unknown"])
def test_a_name_the_client_does_not_know_is_missing(name):
    metadata = {"browserName": name, "browserVersion": name, "osName": name, "deviceType": name}
    found = row(metadata=json.dumps(metadata))
    assert [found.browser, found.browser_version, found.os, found.device] == [None] * 4


def test_another_monitor_in_the_body_is_flagged_and_the_paths_counts():
    found = row(batch={"AppMonitorDetails": {"id": "ffffffff-0000-4000-8000-000000000000"}})
    assert (found.monitor, found.flags) == (MONITOR, Flag.MONITOR_DIFFERS)


def test_a_row_without_a_place_in_the_answers_carries_no_content():
    found = msgspec.to_builtins(row(details="broken", metadata='{"pageId": "/"}'))
    assert set(found) == {
        *("monitor", "id", "time", "received", "type", "day", "block", "record", "index", "outcome", "reason")
    }


def test_the_size_of_a_payload_is_that_of_its_two_texts_as_they_were_sent():
    details, metadata = '{ "version": "1.0.0" }', '{"pageId": "/", "title": "Größe ☕"}'
    assert row(details=details).payload_size == len(details)
    assert row(details=details, metadata=metadata).payload_size == len(details) + len(metadata) + 4
    assert row(details=metadata, metadata="{}").payload_size == len(metadata) + 4 + 2
    same = judged(event(metadata=metadata), event(metadata=metadata, details=details))
    assert [to_row(each, RULES).payload_size for each in same] == [len(metadata) + 6, len(metadata) + 4 + len(details)]


def test_a_defect_of_ours_costs_one_event_alone(monkeypatch):
    def defect(event, rules):
        if event.index == 1:
            raise RuntimeError

    monkeypatch.setattr("openrum.enrich.pipeline.STEPS", (*STEPS, defect))
    assert [each.reason for each in judged(event(), event(), event())] == [Reason.NONE, Reason.POISON, Reason.NONE]


def test_a_defect_of_ours_in_a_row_costs_one_event_alone(monkeypatch):
    def defect(name):
        raise RuntimeError

    monkeypatch.setattr("openrum.enrich.names.system", defect)
    found = row(metadata='{"pageId": "/"}')
    assert (found.outcome, found.reason, found.page) == (Outcome.QUARANTINED, Reason.POISON, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    details=st.text() | JSON.map(json.dumps),
    metadata=st.none() | st.text() | JSON.map(json.dumps),
    session=st.none() | JSON.map(json.dumps),
    timestamp=st.integers() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_whatever_a_stranger_sends_becomes_a_row(details, metadata, session, timestamp):
    batch = {} if session is None else {"SessionMetadata": session}
    found = judged(event(details=details, metadata=metadata, timestamp=timestamp), **batch)[0]
    assert isinstance(found, Event)
    assert found.reason is not Reason.POISON
    assert msgspec.json.decode(msgspec.json.encode(to_row(found, RULES)))


SUITES = Path(__file__).parents[3] / "shared/suites"


def parsing_suite():
    """(name, text) of each case that can be the content of a JSON string at all."""
    for path in sorted((SUITES / "json-parsing").glob("*.json")):
        try:
            yield path.name, path.read_bytes().decode()
        except UnicodeDecodeError:
            continue


@pytest.mark.skipif(not SUITES.is_dir(), reason="the JSON parsing suite (../shared/suites/json-parsing) is not here")
@pytest.mark.parametrize("part", ["details", "metadata"])
def test_contents_are_judged_as_the_parsing_suite_says(part):
    stored, not_json = Reason.NONE, Reason(f"{part} not JSON")
    not_an_object, too_deep = Reason(f"{part} not an object"), Reason(f"{part} too deep")
    judgements = set()
    for name, text in parsing_suite():
        reason = judged(event(**{part: text}))[0].reason
        if name.startswith("y_"):
            assert reason is (stored if text.strip().startswith("{") else not_an_object), name
        elif name.startswith("n_"):
            assert reason in (not_json, too_deep), name
        else:
            assert reason in (stored, not_json, not_an_object, too_deep), name
        judgements.add(reason)
    assert judgements == {stored, not_json, not_an_object, too_deep}


@pytest.mark.skipif(not SUITES.is_dir(), reason="the naughty strings (../shared/suites) are not here")
def test_naughty_strings_stand_in_the_row_as_they_were_sent():
    as_sent = replace(RULES, scrubber=Scrubber(ScrubRules("keep", emails=False, card_numbers=False, tokens=False)))
    for text in json.loads((SUITES / "naughty-strings.json").read_text(encoding="utf-8")):
        found = row(
            rules=as_sent, type=f"com.amazon.rum.{text}", metadata=json.dumps({"pageId": text, "pageTags": [text]})
        )
        assert (found.type, found.page, found.page_tags) == (f"com.amazon.rum.{text}", text, [text])


def test_nul_and_lone_surrogates_are_text():
    found = row(metadata='{"pageId": "a\\u0000b", "domain": "\\ud83d", "plan": "\\udc00"}')
    assert (found.page, found.domain, found.attributes) == ("a\0b", "\ufffd", {"plan": "\ufffd"})
    assert json.loads(msgspec.json.encode(found))["page"] == "a\0b"
