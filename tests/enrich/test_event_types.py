"""Every event that the real client sends, in three major versions, is understood whole."""

import json
from pathlib import Path

import msgspec
import pytest

from openrum.enrich.event_types import DETAILS
from openrum.enrich.typed_details import read_typed
from openrum.events import BUILT_IN_TYPE_PREFIX, Flag
from openrum.limits import DEFAULTS

RECORDED = Path(__file__).parent / "recorded_events"
CLIENTS = {"rum1": "1.25.0", "rum2": "2.1.0", "rum3": "3.2.1"}
NOT_SENT_BY = {
    "rum1": {"first_contentful_paint_event", "time_to_first_byte_event", "rrweb_event", "page_close_event"},
    "rum2": {"first_contentful_paint_event", "time_to_first_byte_event", "rrweb_event", "page_close_event"},
    "rum3": {"page_close_event"},
}
BY_HAND = {  # the client has a schema for it, and no part that sends it
    BUILT_IN_TYPE_PREFIX + "page_close_event": {
        "version": "1.0.0",
        "pageId": "/shop.html",
        "pageInteractionId": "/shop.html-0",
        "interaction": 0,
        "duration": 1234.5,
    }
}
OF_THE_BROWSER = {
    "version", "domain", "platformType", "deviceType", "browserLanguage", "browserName", "browserVersion", "osName",
    "aws:client", "aws:clientVersion", "aws:releaseId",
}  # fmt: skip
OF_THE_SITE = {"plan", "beta", "seats"}
OF_THE_PAGE = {"title", "pageId", "interaction", "parentPageId", "pageTags", "colour"}


def requests(client):
    return json.loads((RECORDED / f"{client}.json").read_text(encoding="utf-8"))


def events(client):
    return [event for request in requests(client) for event in request["body"]["RumEvents"]]


def names(objects):
    return set().union(*map(json.loads, objects))


def plain(value):
    """A struct as the JSON it was read from: names as on the wire, and nothing of what is absent."""
    match value:
        case msgspec.Struct():
            fields = {field.encode_name: getattr(value, field.name) for field in msgspec.structs.fields(value)}
            return {name: plain(inner) for name, inner in fields.items() if inner not in (None, msgspec.Raw())}
        case msgspec.Raw():
            return json.loads(bytes(value))
        case list():
            return [plain(inner) for inner in value]
    return value


def well_formed(text):
    """A lone surrogate in a text is read as U+FFFD, which no comparison may hold against us."""
    return (
        json.dumps(json.loads(text), ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_every_recorded_event_is_read_with_no_field_lost(client):
    for event in events(client):
        details, flags = read_typed(event["type"], event["details"], depth_max=DEFAULTS.json_depth)
        assert plain(details) == json.loads(well_formed(event["details"])), event
        assert flags == Flag(0), event
        assert isinstance(details, DETAILS.get(event["type"], dict))


@pytest.mark.parametrize(("event_type", "sent"), BY_HAND.items())
def test_what_no_client_sends_but_has_a_schema_for_is_read_with_no_field_lost(event_type, sent):
    details, flags = read_typed(event_type, json.dumps(sent), depth_max=DEFAULTS.json_depth)
    assert (plain(details), flags) == (sent, Flag(0))


@pytest.mark.parametrize("client", CLIENTS)
def test_the_recordings_hold_every_type_that_their_client_can_send(client):
    missing = DETAILS.keys() - {event["type"] for event in events(client)}
    assert missing == {BUILT_IN_TYPE_PREFIX + name for name in NOT_SENT_BY[client]}
    assert {event["type"] for event in events(client)} - DETAILS.keys() == {"shop.bought"}


def test_every_type_is_recorded_or_written_by_hand():
    recorded = {event["type"] for client in CLIENTS for event in events(client)}
    assert recorded & DETAILS.keys() == DETAILS.keys() - BY_HAND.keys()


def test_the_recordings_hold_the_fields_of_nested_parts():
    read = [read_typed(event["type"], event["details"], depth_max=64)[0] for event in events("rum3")]
    by_type = {type(details).__name__: [] for details in read}
    for details in read:
        by_type[type(details).__name__].append(details)
    assert any(paint.attribution.lcp_resource_entry for paint in by_type["LargestContentfulPaint"])
    assert any(http.error and http.error.stack for http in by_type["Http"])
    assert {len(http.trace_id) for http in by_type["Http"]} == {35, 32}, "X-Ray's trace ids, and W3C's"
    assert any(trace.subsegments[0].cause for trace in by_type["XrayTrace"])
    assert any(trace.throttle for trace in by_type["XrayTrace"])
    assert any(view.parent_page_interaction_id for view in by_type["PageView"])
    assert all(paint.attribution.first_byte_to_fcp is not None for paint in by_type["FirstContentfulPaint"])


def test_route_changes_are_recorded_of_the_versions_that_time_them():
    def initiators(client):
        return {json.loads(event["details"]).get("initiatorType") for event in events(client)}

    assert "route_change" in initiators("rum1") & initiators("rum2")  # 2.x only when asked
    assert "route_change" not in initiators("rum3")


@pytest.mark.parametrize("client", ["rum1", "rum2"])
def test_old_clients_say_all_metadata_with_every_event(client):
    assert not any("SessionMetadata" in request["body"] for request in requests(client))
    said = names(event["metadata"] for event in events(client))
    assert said == OF_THE_BROWSER | OF_THE_SITE | OF_THE_PAGE | {"osVersion"}
    for event in events(client):
        metadata = json.loads(event["metadata"])
        assert metadata["aws:clientVersion"] == CLIENTS[client]
        assert metadata.keys() >= OF_THE_BROWSER


def test_new_clients_say_once_in_a_batch_what_its_events_share():
    brands = set()
    for request in requests("rum3"):
        shared = json.loads(request["body"]["SessionMetadata"])
        assert shared["aws:clientVersion"] == CLIENTS["rum3"]
        assert shared.keys() <= OF_THE_BROWSER | OF_THE_SITE | {"aws:userAgent"}
        brands.add("browserName" in shared)
        # A browser that says no brands is for the server to recognise.
        assert ("browserName" in shared) == ("osName" in shared) == ("aws:userAgent" not in shared)
        assert shared.get("aws:userAgent", request["user_agent"]) == request["user_agent"]
    assert brands == {True, False}
    assert names(event["metadata"] for event in events("rum3")) == OF_THE_PAGE
