"""An event is given back as it was sent, to the digit, with what the service adds and without what it removes."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich.pipeline import open_batch
from openrum.enrich.raw_form import milliseconds_text, raw_form
from openrum.events import Position, Received
from openrum.limits import DEFAULTS

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"


def raw_text(details="{}", metadata=None, session=None, timestamp=1_767_323_045, country="DE", header=None):
    body = {
        "BatchId": MONITOR,
        "AppMonitorDetails": {"version": "1.2.3"},
        "UserDetails": {"sessionId": MONITOR},
        "RumEvents": [{"id": MONITOR, "timestamp": timestamp, "type": "t", "details": details, "metadata": metadata}],
        "SessionMetadata": session,
    }
    received = Received(MONITOR, 1_767_323_046_000, 1, country, None, header, json.dumps(body).encode())
    envelope, batch = open_batch(received, Position(0, 0, 0), DEFAULTS)
    return raw_form(envelope, batch.SessionMetadata, batch.RumEvents[0], "shop", DEFAULTS)


def raw(**members):
    return json.loads(raw_text(**members))


def test_the_envelope_is_that_of_the_log():
    assert raw(details='{"version": "1.0.0", "pageId": "/"}', metadata='{"pageId": "/", "pageTags": ["a"]}') == {
        "event_id": MONITOR,
        "event_timestamp": 1_767_323_045_000,
        "event_type": "t",
        "event_version": "1.0.0",
        "log_stream": "2026-01-02T03",
        "application_id": MONITOR,
        "application_name": "shop",
        "application_version": "1.2.3",
        "metadata": {"pageId": "/", "pageTags": ["a"], "countryCode": "DE"},
        "user_details": {"sessionId": MONITOR},
        "event_details": {"version": "1.0.0", "pageId": "/"},
        "metadata_values": ["pageId=/", 'pageTags=["a"]', "countryCode=DE"],
    }


def test_numbers_nulls_and_odd_texts_come_back_as_they_came():
    details = '{"a":1.0,"b":1e2,"c":1E400,"d":' + "9" * 500 + ',"e":null,"f":-0,"g":"x\\u0000y"}'
    metadata = '{"version":1.0,"title":null,"interaction":1E400,"aws:userAgent":"x\\u0000y"'
    text = raw_text(details=details, metadata=metadata + "}")
    assert f'"event_details":{details}' in text
    assert f'"metadata":{metadata},"countryCode":"DE"}}' in text


def test_what_the_service_removes_is_gone_and_what_the_client_says_of_its_place_stays():
    found = raw(metadata='{"bad-key": 1, "good": true, "countryCode": "FR"}', session='{"domain": "a", "good": false}')
    assert found["metadata"] == {"domain": "a", "good": True, "countryCode": "FR"}
    assert found["metadata_values"] == ["domain=a", "good=true", "countryCode=FR"]


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
READ = {
    "browserName": "Firefox",
    "browserVersion": "130.0",
    "osName": "Windows",
    "osVersion": "10",
    "deviceType": "desktop",
}


def test_what_the_user_agent_says_is_added_where_the_client_sent_none():
    assert raw(header=FIREFOX, country=None)["metadata"] == READ
    own = {"aws:userAgent": FIREFOX, "deviceType": "mobile"}
    assert raw(metadata=json.dumps(own), country=None)["metadata"] == {**READ, **own}
    said = {"browserName": "unknown", "osName": None, "deviceType": 7}
    assert raw(metadata=json.dumps(said), header=FIREFOX, country=None)["metadata"] == said


def test_a_lone_surrogate_is_given_as_the_replacement_character():
    assert raw(details='{"a": "\\ud800", "b": "\\ud83d\\ude00"}')["event_details"] == {"a": "\ufffd", "b": "😀"}


def test_keys_stand_in_the_order_they_were_sent_the_sessions_first():
    found = raw(session='{"version":"1.0.0","domain":"a","title":"s"}', metadata='{"title":"e","pageId":"/"}')
    assert list(found["metadata"]) == ["version", "domain", "title", "pageId", "countryCode"]
    assert found["metadata"]["title"] == "e"


def test_every_kind_of_value_has_its_text_among_the_metadata_values():
    metadata = '{"pageTags":["a", "b"],"title":"x=\\"y\\"","interaction":1.0,"url":null,"flag":true,"pageUrl":{"a":1}}'
    assert raw(metadata=metadata, country=None)["metadata_values"] == [
        'pageTags=["a", "b"]', 'title=x="y"', "interaction=1.0", "url=null", "flag=true", 'pageUrl={"a":1}'
    ]  # fmt: skip


@pytest.mark.parametrize("sent", ['"FR"', '"de"', "null", "7", '""'])
def test_a_place_is_added_only_where_the_client_sent_none(sent):
    assert f'"countryCode":{sent}}}' in raw_text(metadata=f'{{"countryCode":{sent}}}')


SUITES = Path(__file__).parents[3] / "shared/suites"


@pytest.mark.skipif(not SUITES.is_dir(), reason="the naughty strings (../shared/suites) are not here")
def test_naughty_strings_come_back_as_they_were_sent():
    for text in json.loads((SUITES / "naughty-strings.json").read_text(encoding="utf-8")):
        found = raw(details=json.dumps({text: text}), metadata=json.dumps({"pageId": text}), country=None)
        assert found["event_details"] == {text: text}
        assert (found["metadata"], found["metadata_values"]) == ({"pageId": text}, [f"pageId={text}"])


def test_a_session_metadata_that_was_ignored_is_not_in_it():
    assert raw(session="[1]", country=None)["metadata"] == {}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1000"), (1.5, "1500"), (1767323045.678, "1767323045678"), (1767323045.6789, "1767323045678.9"), (0.1, "100"),
     (-1, "-1000"), (10**30, "1" + "0" * 33), (1e-7, "0.0001"), (1e22, "1" + "0" * 25),
     (0, "0"), (-0.0, "0"), (123456789 * 10**40 + 7, str(123456789 * 10**40 + 7) + "000"), (10**4299, "1" + "0" * 4302),
     (1767323045.1234567, "1767323045123.4567")],
)  # fmt: skip
def test_a_timestamp_in_milliseconds_loses_no_digit(seconds, text):
    assert milliseconds_text(seconds) == text


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_any_timestamp_comes_back_exactly(timestamp):
    found = json.loads(raw_text(timestamp=timestamp), parse_float=Fraction)["event_timestamp"]
    assert found == Fraction(repr(timestamp)) * 1000


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=20,
        ),
    )
)
def test_any_object_comes_back_equal(details):
    assert raw(details=json.dumps(details))["event_details"] == details
