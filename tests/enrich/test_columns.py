"""What the real client sends stands in the right columns; what does not fit is null and flagged, and never costs the rest."""

import json
import re
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from openrum.enrich.pipeline import enrich
from openrum.enrich.row import to_row
from openrum.enrich.rules import ReadyRules, Rulebook, Wishes
from openrum.events import BUILT_IN_TYPE_PREFIX, Flag, Position, Received
from openrum.limits import DEFAULTS
from openrum.outcomes import Outcome
from tests.drained import MONITOR, NOW_MS, Drained, batch, event_id

RECORDED = Path(__file__).parent / "recorded_events"
RULES = ReadyRules(DEFAULTS).of(Rulebook(90 * 86_400_000, Wishes(custom_events=True)), MONITOR)

# Type → column → where its value stands in the details.
COLUMNS = {
    "page_view_event": {
        "time_on_parent_page": "timeOnParentPage",
        "referrer_domain": "referrerDomain",
        "interaction": "interaction",
    },
    "page_close_event": {"duration": "duration"},
    "performance_navigation_event": {
        "initiator_type": "initiatorType",
        "navigation_type": "navigationType",
        "next_hop_protocol": "nextHopProtocol",
        "redirect_time": "redirectTime",
        "worker_time": "workerTime",
        "fetch_start": "fetchStart",
        "dns": "dns",
        "connect": "connect",
        "tls_time": "tlsTime",
        "time_to_first_byte": "timeToFirstByte",
        "response_start": "responseStart",
        "response_time": "responseTime",
        "dom_interactive": "domInteractive",
        "dom_content_loaded": "domContentLoadedEventStart",
        "dom_complete": "domComplete",
        "dom_processing_time": "domProcessingTime",
        "load_event_time": "loadEventTime",
        "duration": "duration",
        "header_size": "headerSize",
        "transfer_size": "transferSize",
    },
    "performance_resource_event": {
        "initiator_type": "initiatorType",
        "file_type": "fileType",
        "start_time": "startTime",
        "duration": "duration",
        "transfer_size": "transferSize",
        "time_to_first_byte": "timeToFirstByte",
        "dns": "dns",
        "connect": "connect",
    },
    "largest_contentful_paint_event": {
        "value": "value",
        "target": "attribution.element",
        "time_to_first_byte": "attribution.timeToFirstByte",
        "resource_load_delay": "attribution.resourceLoadDelay",
        "resource_load_time": "attribution.resourceLoadTime",
        "element_render_delay": "attribution.elementRenderDelay",
    },
    "first_input_delay_event": {
        "value": "value",
        "target": "attribution.eventTarget",
        "interaction_type": "attribution.eventType",
        "interaction_time": "attribution.eventTime",
        "load_state": "attribution.loadState",
    },
    "cumulative_layout_shift_event": {
        "value": "value",
        "target": "attribution.largestShiftTarget",
        "largest_shift_value": "attribution.largestShiftValue",
        "load_state": "attribution.loadState",
    },
    "interaction_to_next_paint_event": {
        "value": "value",
        "target": "attribution.interactionTarget",
        "interaction_type": "attribution.interactionType",
        "interaction_time": "attribution.interactionTime",
        "input_delay": "attribution.inputDelay",
        "processing_duration": "attribution.processingDuration",
        "presentation_delay": "attribution.presentationDelay",
        "load_state": "attribution.loadState",
    },
    "first_contentful_paint_event": {
        "value": "value",
        "time_to_first_byte": "attribution.timeToFirstByte",
        "first_byte_to_fcp": "attribution.firstByteToFCP",
        "load_state": "attribution.loadState",
    },
    "time_to_first_byte_event": {
        "value": "value",
        "waiting_duration": "attribution.waitingDuration",
        "cache_duration": "attribution.cacheDuration",
        "dns": "attribution.dnsDuration",
        "connect": "attribution.connectionDuration",
        "request_duration": "attribution.requestDuration",
    },
    "time_to_interactive_event": {"value": "value"},
    "js_error_event": {
        "error_type": "type",
        "error_line": "lineno",
        "error_column": "colno",
    },
    "http_event": {
        "http_method": "request.method",
        "http_status": "response.status",
        "error_type": "error.type",
        "error_line": "error.lineno",
        "trace_id": "trace_id",
        "segment_id": "segment_id",
    },
    "xray_trace_event": {
        "trace_id": "trace_id",
        "segment_id": "id",
    },
    "dom_event": {"dom_event": "event"},
    "rrweb_event": {"replay_events": "eventCount"},
    "session_start_event": {},
}  # fmt: skip
# Columns that are made of URLs and texts, and where those stand.
PLACES = {
    "performance_resource_event": "targetUrl",
    "largest_contentful_paint_event": "attribution.url",
    "http_event": "request.url",
    "xray_trace_event": "http.request.url",
}
OF_ALL_TYPES = frozenset(
    [
        "monitor",
        "id",
        "time",
        "received",
        "type",
        "day",
        "block",
        "record",
        "index",
        "payload_size",
        "outcome",
        "reason",
        "flags",
        "client_time",
        "session",
        "user",
        "page",
        "page_group",
        "page_tags",
        "title",
        "interaction",
        "release",
        "browser",
        "browser_version",
        "os",
        "os_version",
        "device",
        "language",
        "client_version",
        "country",
        "subdivision",
        "domain",
        "bot",
        "attributes",
        "parent_page",
    ]
)
DERIVED = frozenset(
    [
        "url",
        "url_host",
        "first_party",
        "referrer",
        "error",
        "error_title",
        "error_message",
        "error_file",
        "error_stack",
        "target",
        "duration",
        "http_method",
        "http_status",
        "details",
    ]
)


def rows_of(body, user_agent=None):
    received = Received(MONITOR, NOW_MS, len(body["RumEvents"]), None, None, user_agent, json.dumps(body).encode())
    return [to_row(event, RULES) for event in enrich(received, Position(1, 2, 3), RULES)]


def row(event_type, details, metadata=None):
    """The row of one event; `details` is an object, or its text."""
    text = details if isinstance(details, str) else json.dumps(details)
    full = event_type if "." in event_type else BUILT_IN_TYPE_PREFIX + event_type
    event = {"id": event_id(1), "timestamp": NOW_MS // 1000, "type": full, "details": text}
    if metadata:
        event["metadata"] = json.dumps(metadata)
    body = {"BatchId": MONITOR, "AppMonitorDetails": {}, "UserDetails": {}, "RumEvents": [event]}
    return rows_of(body)[0]


def recorded():
    """(short type, details as sent, row) of every recorded event."""
    for path in sorted(RECORDED.glob("*.json")):
        for request in json.loads(path.read_text(encoding="utf-8")):
            rows = rows_of(request["body"], request["user_agent"])
            for event, made in zip(request["body"]["RumEvents"], rows, strict=True):
                yield event["type"].removeprefix(BUILT_IN_TYPE_PREFIX), well_formed(event["details"]), made


def well_formed(text):
    """As JSON, a lone surrogate read as U+FFFD."""
    return json.loads(re.sub(r"\\ud83d(?!\\u)", "\\\\ufffd", text))


def request_of(trace):
    return trace.get("http") or trace["subsegments"][0]["http"]


def at(value, path):
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


EVENTS = list(recorded())


def test_every_field_of_a_recorded_event_stands_in_its_column():
    filled = Counter()
    for kind, details, made in EVENTS:
        assert made.outcome is Outcome.STORED
        for column, path in COLUMNS.get(kind, {}).items():
            sent = at(details, path)
            if column == "interaction" and sent is None:
                continue  # the metadata has it
            expected = None if (column, sent) == ("referrer_domain", "") else sent
            assert getattr(made, column) == expected, (kind, column)
            filled[kind, column] += sent is not None
    never = {(kind, column) for kind, of_kind in COLUMNS.items() for column in of_kind} - set(+filled)
    assert never == {
        ("page_close_event", "duration"),  # the client never sends one
        ("http_event", "error_line"),
        *(("performance_resource_event", column) for column in ("time_to_first_byte", "dns", "connect")),
    }


def test_a_column_that_no_type_fills_is_empty():
    """So that `duration` of a paint, or `value` of a request, is never somebody else's."""
    for kind, _, made in EVENTS:
        allowed = OF_ALL_TYPES | DERIVED | COLUMNS.get(kind, {}).keys()
        filled = {name for name in made.__struct_fields__ if getattr(made, name) not in (None, msgspec.UNSET)}
        assert filled <= allowed, (kind, filled - allowed)


def test_urls_become_host_and_route_and_the_query_goes():
    seen = Counter()
    for kind, details, made in EVENTS:
        url = at(details, PLACES[kind]) if kind in PLACES else None
        if kind == "xray_trace_event":
            url = request_of(details)["request"]["url"]
        if not url or url.startswith("data:"):
            continue
        parts = urlsplit(url)
        seen[kind] += 1
        if parts.netloc:
            assert made.url_host == parts.netloc.lower()
            assert made.first_party == (parts.hostname == made.domain)
        assert "?" not in made.url
        if not re.search(r"\d|=", parts.path):
            assert made.url == (parts.path or "/")
    assert seen.keys() == PLACES.keys()


def test_an_error_has_group_title_message_file_and_stack():
    errors = [(details, made) for kind, details, made in EVENTS if kind == "js_error_event"]
    assert len(errors) > 10
    for details, made in errors:
        assert made.error
        assert made.error_title
        assert made.error_message == details["message"]
        assert (made.error_stack is None) == (details.get("stack") is None)
        assert made.error_file == (details["filename"].partition("?")[0] if details.get("filename") else None)


def test_a_trace_has_the_milliseconds_it_took_and_the_request_it_is_of():
    traces = [(details, made) for kind, details, made in EVENTS if kind == "xray_trace_event"]
    for details, made in traces:
        if "end_time" in details:
            assert made.duration == pytest.approx((details["end_time"] - details["start_time"]) * 1000)
        assert made.http_method == at(request_of(details), "request.method")
        assert made.http_status == at(request_of(details), "response.status")
    assert any(made.duration for _, made in traces)


def test_the_element_of_a_dom_event_is_the_locator_else_the_id_else_the_name():
    assert row("dom_event", {"event": "click", "element": "A", "elementId": "b", "cssLocator": "#c"}).target == "#c"
    assert row("dom_event", {"event": "click", "element": "A", "elementId": "b"}).target == "b"
    assert row("dom_event", {"event": "click", "element": "A"}).target == "A"


def test_a_custom_event_keeps_its_details():
    bought = [(details, made) for kind, details, made in EVENTS if kind == "shop.bought"]
    assert bought
    for details, made in bought:
        assert json.loads(bytes(made.details)) == details
    assert row("shop.empty", {}).details is msgspec.UNSET
    assert json.loads(bytes(row("com.amazon.rum.new_event", {"a": [1, None]}).details)) == {"a": [1, None]}


# ── What does not fit ─────────────────────────────────────────────────────────────────────────────────────────────


def with_value(path, value):
    outer = inner = {}
    *above, last = path.split(".")
    for name in above:
        inner[name] = inner = {}
    inner[last] = value
    return outer


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if COLUMNS[kind]])
def test_a_field_of_the_wrong_type_is_null_and_flagged(kind):
    for column, path in COLUMNS[kind].items():
        for wrong in ([], {"a": 1}, True):
            found = row(kind, with_value(path, wrong))
            assert (getattr(found, column), found.flags, found.outcome) == (None, Flag.FIELD_NULLED, Outcome.STORED)


def number_columns():
    for kind, of_kind in COLUMNS.items():
        whole = row(kind, "{}").__struct_fields__
        hints = msgspec.structs.fields(type(row(kind, "{}")))
        kinds = {field.name: str(field.type) for field in hints}
        for column, path in of_kind.items():
            assert column in whole
            if "float" in kinds[column] or "int" in kinds[column]:
                yield kind, column, path, "float" in kinds[column]


NUMBERS = sorted(set(number_columns()))
TOO_LARGE = ["1e300", "-1e300", "-1e39", "3.5e38", "1e999", "1" + "0" * 400, "-1" + "0" * 60]
TOO_LARGE_WHOLE = [str(2**63), str(-(2**63) - 1), "18446744073709551616", "1e300", "1" + "0" * 400]


@pytest.mark.parametrize("number", TOO_LARGE)
def test_a_number_beyond_a_columns_reach_is_null_and_flagged(number):
    for kind, column, path, is_float in NUMBERS:
        if is_float:
            text = json.dumps(with_value(path, "HERE")).replace('"HERE"', number)
            found = row(kind, text)
            assert (getattr(found, column), found.flags) == (None, Flag.FIELD_NULLED), (kind, column)


@pytest.mark.parametrize("number", TOO_LARGE_WHOLE)
def test_a_whole_number_beyond_a_columns_reach_is_null_and_flagged(number):
    for kind, column, path, is_float in NUMBERS:
        if not is_float:
            text = json.dumps(with_value(path, "HERE")).replace('"HERE"', number)
            found = row(kind, text)
            assert (getattr(found, column), found.flags) == (None, Flag.FIELD_NULLED), (kind, column)


def test_a_trace_longer_than_a_column_can_hold_has_no_duration():
    for start, end in (("0", "3.39e38"), ("-1e300", "1e300"), ("-1e308", "1.7e308")):
        found = row("xray_trace_event", f'{{"id":"a","start_time":{start},"end_time":{end}}}')
        assert (found.duration, found.segment_id) == (None, "a")


def test_no_number_of_a_stranger_makes_the_engine_refuse_a_row(tmp_path):
    """Through the real store: the neighbours are stored, the event is, and its value is null or as it was sent."""
    extremes = [*TOO_LARGE, *TOO_LARGE_WHOLE, "3.4e38", "-3.4e38", "1e-300", "-0.0", str(2**63 - 1), str(-(2**63))]
    events = []
    for kind, _, path, _ in NUMBERS:
        for number in extremes:
            text = json.dumps(with_value(path, "HERE")).replace('"HERE"', number)
            events.append({"id": event_id(len(events)), "type": BUILT_IN_TYPE_PREFIX + kind, "details": text})
    for number in extremes:
        metadata = f'{{"interaction":{number},"seats":{number}}}'
        events.append({"id": event_id(len(events)), "type": "shop.big", "metadata": metadata,
                       "details": f'{{"a":{number},"b":[{number},{{"c":{number}}}]}}'})  # fmt: skip
    with closing(Drained(tmp_path)) as rooms:
        for start in range(0, len(events), 900):
            rooms.write(batch(*events[start : start + 900]))
        rooms.drain_all()
        assert rooms.counts() == {"received": len(events), "stored": len(events)}
        assert rooms.ask("SELECT count(*) FROM event_rows WHERE isinf(duration) OR isnan(duration)") == [(0,)]


# ── Privacy, and details of the site's own ────────────────────────────────────────────────────────────────────────


def test_messages_files_stacks_and_referrers_lose_what_is_nobodys_business():
    found = row(
        "js_error_event",
        {
            "type": "Error",
            "message": "no account for ann@shop.example",
            "filename": "https://shop.example/a.js?token=abc",
            "stack": "Error: ann@shop.example\n    at f (https://shop.example/a.js?u=ann:1:2)",
        },
    )
    assert (found.error_message, found.error_file) == ("no account for [email]", "https://shop.example/a.js")
    assert "ann" not in found.error_stack
    thrown = row("js_error_event", {"type": "no account for ann@shop.example"})
    assert "ann" not in thrown.error_type + thrown.error_title
    assert "a.js:1:2" in found.error_stack
    view = row("page_view_event", {"referrer": "https://mail.example/read?to=ann@shop.example"})
    assert view.referrer == "https://mail.example/read"
    failed = row(
        "http_event", {"request": {"url": "/v1/u/ann@shop.example?x=1"}, "error": {"message": "ann@shop.example"}}
    )
    assert "ann" not in failed.url
    assert failed.error_message == "[email]"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (str(2**63 - 1), 2**63 - 1),
        (str(2**64 + 1), float(2**64 + 1)),
        (str(-(2**64)), float(-(2**64))),
        ("1" + "0" * 300, 1e300),
        ("1" + "0" * 400, None),
        ("-1" + "0" * 400, None),
        ("1e999", None),
        ("-1e999", None),
        ("0.1", 0.1),
        ("null", None),
        ("true", True),
        ('"mail ann@shop.example"', "mail [email]"),
        ('[{"to":["ann@shop.example"]}]', [{"to": ["[email]"]}]),
        ('{"ann@shop.example":1}', {"[email]": 1}),
        ('"\\ud800"', "\ufffd"),
    ],
)
def test_details_of_the_sites_own_are_kept_as_json_that_the_engine_can_read(sent, kept):
    for text, expected in ((f'{{"a":{sent}}}', {"a": kept}), (f'{{"a":[{{"b":{sent}}}]}}', {"a": [{"b": kept}]})):
        found = row("shop.bought", text)
        assert json.loads(bytes(found.details)) == expected
        assert found.outcome is Outcome.STORED


def test_a_trace_falls_back_on_the_request_of_its_first_part():
    part = {
        "http": {"request": {"method": "PUT", "url": "https://api.example/v1/users/17"}, "response": {"status": 201}}
    }
    found = row("xray_trace_event", {"id": "a", "subsegments": [part]})
    assert (found.http_method, found.http_status, found.url_host, found.url) == (
        "PUT",
        201,
        "api.example",
        "/v1/users/:id",
    )
