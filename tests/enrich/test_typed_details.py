"""Details of a known type: a field that does not fit costs that field alone, and what is no JSON is refused as ever."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openrum import strict_json
from openrum.enrich import typed_details
from openrum.enrich.event_types import DETAILS, JsError, LargestContentfulPaint, Replay
from openrum.enrich.typed_details import read_typed
from openrum.events import BUILT_IN_TYPE_PREFIX, REPLAY_TYPE, Flag
from openrum.outcomes import Reason
from tests.wire import suites

DEPTH = 64
PAINT = BUILT_IN_TYPE_PREFIX + "largest_contentful_paint_event"
ERROR = BUILT_IN_TYPE_PREFIX + "js_error_event"
NAVIGATION = BUILT_IN_TYPE_PREFIX + "performance_navigation_event"
TRACE = BUILT_IN_TYPE_PREFIX + "xray_trace_event"
CUSTOM = "shop.bought"
KNOWN = {
    PAINT: ("version", "value", "attribution"),
    ERROR: ("message", "lineno"),
    TRACE: ("error", "http", "subsegments", "metadata"),
    REPLAY_TYPE: ("events", "eventCount"),
}
PLACES = [
    "{case}",
    '{{"unknown":{case}}}',
    '{{"value":1,"unknown":[{{"a":{case}}}],"version":"1.0.0"}}',
    '{{"attribution":{{"unknown":{case}}}}}',
    *(f'{{{{"{field}":{{case}}}}}}' for fields in KNOWN.values() for field in fields),
]
NOTHING = Flag(0)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(sorted({name for kind in DETAILS.values() for _, name, _ in typed_details._fields(kind)}))
objects = st.dictionaries(fields | st.sampled_from(["events", "attribution", "unknown"]), anything, max_size=6)


def read(event_type, text, depth_max=DEPTH):
    return read_typed(event_type, text, depth_max=depth_max)


def verdict(text, depth_max=DEPTH):
    try:
        value = strict_json.loads(text, depth_max)
    except strict_json.TooDeep:
        return Reason.DETAILS_TOO_DEEP
    except strict_json.NotJson:
        return Reason.DETAILS_NOT_JSON
    return Reason.NONE if isinstance(value, dict) else Reason.DETAILS_NOT_AN_OBJECT


def verdict_of_types(text, depth_max=DEPTH):
    """What all types say of a text, which must be the same."""
    answers = {event_type: read(event_type, text, depth_max) for event_type in (*KNOWN, NAVIGATION, CUSTOM)}
    said = {answer if isinstance(answer, Reason) else Reason.NONE for answer in answers.values()}
    assert len(said) == 1, (text, answers)
    return said.pop()


def surrogates(raw):
    return raw.decode("utf-8", "surrogateescape")


def replaced(raw):
    return raw.decode("utf-8", "replace")


@suites.needed
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("decoded", [replaced, surrogates])
def test_every_case_of_the_json_suite_gets_the_verdict_of_strict_json_wherever_it_stands(place, decoded):
    cases = suites.json_cases()
    assert len(cases) > 300
    for name, raw in cases.items():
        text = place.format(case=decoded(raw))
        assert verdict_of_types(text) == verdict(text), (name, text[:200])


@given(objects, st.data())
def test_a_text_with_one_character_amiss_gets_the_verdict_of_strict_json(sent, data):
    text = json.dumps(sent, ensure_ascii=data.draw(st.booleans()))
    at = data.draw(st.integers(0, len(text)))
    amiss = data.draw(st.sampled_from(["", *'{}[],:"\\\n\t 0-+.eEnNtf\x00\x7fé\ud800\ufeff']))
    text = text[:at] + amiss + text[at + data.draw(st.integers(0, 1)) :]
    assert verdict_of_types(text) == verdict(text)


@given(st.text(st.sampled_from('{}[],:"\\u0dDc8e-1. at\n'), max_size=12), st.sampled_from(PLACES))
@example("\\", PLACES[0])
def test_any_text_gets_the_verdict_of_strict_json_wherever_it_stands(case, place):
    text = place.format(case=case)
    assert verdict_of_types(text) == verdict(text)


@given(st.sampled_from(sorted(DETAILS)), objects)
def test_the_fast_road_and_the_slow_one_lead_to_the_same_place(event_type, sent):
    text = json.dumps(sent)
    assert read(event_type, text) == typed_details._read_slowly(DETAILS[event_type], text, DEPTH)


@given(st.sampled_from(sorted(DETAILS)), objects)
def test_a_field_that_does_not_fit_leaves_the_others_as_they_are(event_type, sent):
    amiss, _ = read(event_type, json.dumps({**sent, "version": 5}))
    fine, flags = read(event_type, json.dumps({**sent, "version": "1.0.0"}))
    assert amiss.version is None
    assert fine.version == "1.0.0"
    fine.version = None
    assert amiss == fine
    assert read(event_type, json.dumps({**sent, "version": 5}))[1] == flags | Flag.FIELD_NULLED


@pytest.mark.parametrize(
    ("event_type", "attribute", "sent", "kept"),
    [
        (PAINT, "value", "1", 1.0),
        (PAINT, "value", "1.5", 1.5),
        (PAINT, "value", "-0.0", 0.0),
        (PAINT, "value", "1e-999", 0.0),
        (PAINT, "value", "18446744073709551616", 18446744073709551616.0),
        (PAINT, "value", "true", None),
        (PAINT, "value", '"5"', None),
        (PAINT, "value", "[1]", None),
        (PAINT, "value", "1e999", None),
        (PAINT, "value", "-1e999", None),
        pytest.param(PAINT, "value", "1" + "0" * 399, None, id="400 digits"),
        pytest.param(PAINT, "value", "1" + "0" * 4999, None, id="5000 digits"),
        (PAINT, "attribution", "[]", None),
        (PAINT, "attribution", '"body"', None),
        (ERROR, "lineno", "12", 12),
        (ERROR, "lineno", "9223372036854775807", 9223372036854775807),
        (ERROR, "lineno", "-9223372036854775808", -9223372036854775808),
        (ERROR, "lineno", "9223372036854775808", None),
        (ERROR, "lineno", "-9223372036854775809", None),
        (ERROR, "lineno", "18446744073709551616", None),
        (ERROR, "lineno", "1e999", None),
        (ERROR, "lineno", "1.5", None),
        (ERROR, "lineno", "12.0", None),
        (ERROR, "lineno", "false", None),
        (ERROR, "message", '"\\ud800"', "\ufffd"),
        (ERROR, "message", "7", None),
        (ERROR, "message", "{}", None),
        (TRACE, "error", "true", True),
        (TRACE, "error", "1", None),
        (TRACE, "metadata", '{"a":[1e999]}', {"a": [float("inf")]}),
        (TRACE, "metadata", "[]", None),
        (TRACE, "subsegments", "{}", None),
    ],
)
def test_a_value_fits_or_it_is_null_and_flagged(event_type, attribute, sent, kept):
    details, flags = read(event_type, f'{{"version":"1.0.0","{attribute}":{sent}}}')
    assert getattr(details, attribute) == kept
    assert type(getattr(details, attribute)) is type(kept)
    assert details.version == "1.0.0"
    assert flags == (Flag.FIELD_NULLED if kept is None else NOTHING)


@pytest.mark.parametrize("event_type", DETAILS)
def test_null_is_absent_and_not_odd(event_type):
    sent = {name: None for _, name, _ in typed_details._fields(DETAILS[event_type])}
    assert read(event_type, json.dumps({**sent, "events": None})) == (DETAILS[event_type](), NOTHING)
    assert read(event_type, "{}") == (DETAILS[event_type](), NOTHING)


def test_a_field_inside_a_part_that_does_not_fit_costs_that_field_alone():
    details, flags = read(PAINT, '{"value":1,"attribution":{"element":5,"url":"/a","elementRenderDelay":"x"}}')
    assert details.value == 1
    assert details.attribution.url == "/a"
    assert (details.attribution.element, details.attribution.element_render_delay) == (None, None)
    assert flags == Flag.FIELD_NULLED


def test_a_member_of_a_list_that_is_no_object_is_left_out_and_flagged():
    for amiss in ("7", "null", "[]", '"b"'):
        details, flags = read(TRACE, f'{{"subsegments":[{amiss},{{"id":"a","subsegments":[{{"id":"b"}},{amiss}]}}]}}')
        (outer,) = details.subsegments
        (inner,) = outer.subsegments
        assert (outer.id, inner.id) == ("a", "b")
        assert flags == Flag.FIELD_NULLED


def test_a_field_that_does_not_fit_in_a_member_of_a_list_is_flagged():
    details, flags = read(TRACE, '{"subsegments":[{"id":"a","error":"no"},{"id":"b"}]}')
    assert [(part.id, part.error) for part in details.subsegments] == [("a", None), ("b", None)]
    assert flags == Flag.FIELD_NULLED


def test_fields_that_no_struct_has_are_not_odd():
    assert read(ERROR, '{"message":"a","more":{"than":[1e999,"\\ud800"]}}') == (JsError(message="a"), NOTHING)


def test_of_two_fields_of_one_name_the_last_counts():
    assert read(ERROR, '{"lineno":"x","lineno":2}') == (JsError(lineno=2), NOTHING)
    assert read(ERROR, '{"lineno":2,"lineno":"x"}') == (JsError(), Flag.FIELD_NULLED)


def test_a_name_may_be_written_with_escapes():
    assert read(ERROR, '{"mess\\u0061ge":"a"}') == (JsError(message="a"), NOTHING)


@pytest.mark.parametrize("text", ['{"version":"1.0.0","events":[%s],"eventCount":2}', '{"version":7,"events":[%s]}'])
def test_replay_events_stay_the_text_they_were(text):
    events = ' {"type" : 2,"n":1e999, "n":0.10 } ,[ ]'
    details, _ = read(REPLAY_TYPE, text % events)
    assert bytes(details.events) == f"[{events}]".encode()


def test_a_lone_surrogate_in_a_replay_is_replaced_and_nothing_else():
    details, flags = read(REPLAY_TYPE, '{"events":[{"text":"a\\ud83d","emoji":"\\ud83d\\ude00","n":1e999}]}')
    assert bytes(details.events) == rb'[{"text":"a\ufffd","emoji":"\ud83d\ude00","n":1e999}]'
    assert flags == NOTHING


@pytest.mark.parametrize("sent", ["{}", '"[]"', "5", "true", '"\\ud800"', "1e999"])
def test_replay_events_that_are_no_array_are_absent_and_flagged(sent):
    assert read(REPLAY_TYPE, f'{{"events":{sent},"eventCount":3}}') == (Replay(event_count=3), Flag.FIELD_NULLED)


@pytest.mark.parametrize(
    "event_type", [PAINT, TRACE, REPLAY_TYPE, NAVIGATION, CUSTOM, BUILT_IN_TYPE_PREFIX + "new_event"]
)
@pytest.mark.parametrize("field", ["unknown", "attribution", "subsegments", "metadata", "events"])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"metadata":', "}]")])
def test_depth_is_counted_wherever_it_lies(event_type, field, opening, closing):
    for levels in (DEPTH // len(closing) - 1, DEPTH // len(closing) + 1):
        text = f'{{"{field}":{opening * levels}1{closing * levels}}}'
        answer = read(event_type, text)
        assert (answer is Reason.DETAILS_TOO_DEEP) == (1 + levels * len(closing) > DEPTH), text
        assert (answer is Reason.DETAILS_TOO_DEEP) == (verdict(text) is Reason.DETAILS_TOO_DEEP)


@pytest.mark.parametrize("event_type", [PAINT, CUSTOM])
@pytest.mark.parametrize("bracket", ["{", "["])
def test_what_opens_too_much_is_too_deep_before_it_is_no_json(event_type, bracket):
    assert read(event_type, bracket * DEPTH) is Reason.DETAILS_NOT_JSON
    assert read(event_type, bracket * (DEPTH + 1)) is Reason.DETAILS_TOO_DEEP


@pytest.mark.parametrize("event_type", [PAINT, CUSTOM])
def test_depth_is_counted_where_nothing_stands_between_the_brackets(event_type):
    assert not isinstance(read(event_type, '{"":' * (DEPTH - 1) + "{}" + "}" * (DEPTH - 1)), Reason)
    assert read(event_type, '{"":' * DEPTH + "{}" + "}" * DEPTH) is Reason.DETAILS_TOO_DEEP


def test_brackets_inside_a_text_are_not_depth():
    text = json.dumps({"message": '\\"' + "[{" * 100})
    assert read(ERROR, text) == (JsError(message='\\"' + "[{" * 100), NOTHING)


def test_an_object_whose_many_brackets_lie_side_by_side_is_not_deep():
    text = json.dumps({"subsegments": [{"id": str(index)} for index in range(500)]})
    assert len(read(TRACE, text)[0].subsegments) == 500


def test_a_type_that_is_not_known_is_an_object_as_it_was():
    assert read("com.amazon.rum.new_event", '{"a":[1,{"b":null}]}') == ({"a": [1, {"b": None}]}, NOTHING)


@pytest.mark.parametrize("kind", [PAINT, CUSTOM])
@pytest.mark.parametrize("text", ["", " ", "null", "[]", '"{}"', "5", "{", "{}x", "\ufeff{}", "{'a':1}", "\ud800"])
def test_what_is_no_object_gets_its_reason(kind, text):
    answer = read(kind, text)
    assert answer == verdict(text) != Reason.NONE


@suites.needed
def test_naughty_strings_are_kept_as_they_are():
    for text in suites.naughty_strings():
        assert read(ERROR, json.dumps({"message": text})) == (JsError(message=text), NOTHING)


def test_a_struct_is_what_comes_of_a_known_type():
    assert isinstance(read(PAINT, '{"value":2}')[0], LargestContentfulPaint)
