"""Details → columns, one function a type of event. URLs become routes, and texts lose what is nobody's business.

    before   Resource(target_url="https://cdn.shop.example/img/1f3a9c.webp?u=7", duration=81.2, file_type="image")
    after    row.url "/img/:hash.webp", row.url_host "cdn.shop.example", row.first_party True, row.duration 81.2, …

What a type says and no column keeps is read back from the journal.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Raw, Struct
from msgspec.json import Encoder

from openrum.enrich import event_types as types
from openrum.enrich.error_groups import group_of
from openrum.enrich.rules import Rules
from openrum.enrich.scrub import Scrubber
from openrum.enrich.xray import XrayTrace
from openrum.events import Row

_ENCODER = Encoder()
_STACK_CHARS = 16_384
_LARGEST_INT = 2**63 - 1


def fill_details(row: Row, details: Struct | dict[str, Any], rules: Rules) -> None:
    """Fill in what the type's columns are. A type that only the site's own code knows keeps its details as JSON."""
    if isinstance(details, dict):
        if details:
            row.details = _as_json(details, rules.scrubber)
    else:
        fill = _FILL.get(type(details))
        if fill is not None:
            fill(row, details, rules)


def _place(row: Row, url: str | None, rules: Rules) -> None:
    """Host, route, and whose it is."""
    if url:
        host, route, first_party = rules.urls.url(url, row.domain)
        row.url, row.url_host, row.first_party = rules.scrubber.text(route), host, first_party


def _page_view(row: Row, view: types.PageView, rules: Rules) -> None:
    row.time_on_parent_page = view.time_on_parent_page
    row.referrer = rules.scrubber.url(view.referrer) if view.referrer else None
    row.referrer_domain = view.referrer_domain or None
    if row.interaction is None:
        row.interaction = view.interaction


def _page_close(row: Row, close: types.PageClose, _rules: Rules) -> None:
    row.duration = close.duration


def _navigation(row: Row, navigation: types.Navigation, _rules: Rules) -> None:
    row.initiator_type = navigation.initiator_type
    row.navigation_type = navigation.navigation_type
    row.next_hop_protocol = navigation.next_hop_protocol
    row.redirect_time = navigation.redirect_time
    row.worker_time = navigation.worker_time
    row.fetch_start = navigation.fetch_start
    row.dns = navigation.dns
    row.connect = navigation.connect
    row.tls_time = navigation.tls_time
    row.time_to_first_byte = navigation.time_to_first_byte
    row.response_start = navigation.response_start
    row.response_time = navigation.response_time
    row.dom_interactive = navigation.dom_interactive
    row.dom_content_loaded = navigation.dom_content_loaded_event_start
    row.dom_complete = navigation.dom_complete
    row.dom_processing_time = navigation.dom_processing_time
    row.load_event_time = navigation.load_event_time
    row.duration = navigation.duration
    row.header_size = navigation.header_size
    row.transfer_size = navigation.transfer_size


def _resource(row: Row, resource: types.Resource, rules: Rules) -> None:
    _place(row, resource.target_url, rules)
    row.initiator_type = resource.initiator_type
    row.file_type = resource.file_type
    row.start_time = resource.start_time
    row.duration = resource.duration
    row.transfer_size = resource.transfer_size
    row.time_to_first_byte = resource.time_to_first_byte
    row.dns = resource.dns
    row.connect = resource.connect


def _lcp(row: Row, lcp: types.LargestContentfulPaint, rules: Rules) -> None:
    row.value = lcp.value
    parts = lcp.attribution
    if parts is not None:
        _place(row, parts.url, rules)
        row.target = parts.element
        row.time_to_first_byte = parts.time_to_first_byte
        row.resource_load_delay = parts.resource_load_delay
        row.resource_load_time = parts.resource_load_time
        row.element_render_delay = parts.element_render_delay


def _fid(row: Row, fid: types.FirstInputDelay, _rules: Rules) -> None:
    row.value = fid.value
    if fid.attribution is not None:
        row.target = fid.attribution.event_target
        row.interaction_type = fid.attribution.event_type
        row.interaction_time = fid.attribution.event_time
        row.load_state = fid.attribution.load_state


def _cls(row: Row, cls: types.CumulativeLayoutShift, _rules: Rules) -> None:
    row.value = cls.value
    if cls.attribution is not None:
        row.target = cls.attribution.largest_shift_target
        row.largest_shift_value = cls.attribution.largest_shift_value
        row.load_state = cls.attribution.load_state


def _inp(row: Row, inp: types.InteractionToNextPaint, _rules: Rules) -> None:
    row.value = inp.value
    parts = inp.attribution
    if parts is not None:
        row.target = parts.interaction_target
        row.interaction_type = parts.interaction_type
        row.interaction_time = parts.interaction_time
        row.input_delay = parts.input_delay
        row.processing_duration = parts.processing_duration
        row.presentation_delay = parts.presentation_delay
        row.load_state = parts.load_state


def _fcp(row: Row, fcp: types.FirstContentfulPaint, _rules: Rules) -> None:
    row.value = fcp.value
    if fcp.attribution is not None:
        row.time_to_first_byte = fcp.attribution.time_to_first_byte
        row.first_byte_to_fcp = fcp.attribution.first_byte_to_fcp
        row.load_state = fcp.attribution.load_state


def _ttfb(row: Row, ttfb: types.TimeToFirstByte, _rules: Rules) -> None:
    row.value = ttfb.value
    parts = ttfb.attribution
    if parts is not None:
        row.waiting_duration = parts.waiting_duration
        row.cache_duration = parts.cache_duration
        row.dns = parts.dns_duration
        row.connect = parts.connection_duration
        row.request_duration = parts.request_duration


def _tti(row: Row, tti: types.TimeToInteractive, _rules: Rules) -> None:
    row.value = tti.value


def _js_error(row: Row, error: types.JsError, rules: Rules) -> None:
    _said(row, error, rules.scrubber)
    group = group_of(row.error_type, row.error_message, row.error_stack, row.error_file)
    row.error, row.error_title = group.fingerprint, group.title


def _said(row: Row, error: types.JsError, scrubber: Scrubber) -> None:
    """What an error says of itself, without what it should not have said."""
    row.error_type = scrubber.text(error.type) if error.type else error.type  # where a text was thrown, this is it
    row.error_message = scrubber.text(error.message) if error.message else None
    row.error_file = scrubber.url(error.filename) if error.filename else None
    row.error_line = error.lineno
    row.error_column = error.colno
    row.error_stack = scrubber.text(error.stack[:_STACK_CHARS]) if error.stack else None


def _http(row: Row, http: types.Http, rules: Rules) -> None:
    if http.request is not None:
        row.http_method = http.request.method
        _place(row, http.request.url, rules)
    if http.response is not None:
        row.http_status = http.response.status
    if http.error is not None:
        _said(row, http.error, rules.scrubber)
    row.trace_id = http.trace_id
    row.segment_id = http.segment_id


def _xray_trace(row: Row, trace: XrayTrace, rules: Rules) -> None:
    row.trace_id = trace.trace_id
    row.segment_id = trace.id
    if trace.start_time is not None and trace.end_time is not None:
        duration = (trace.end_time - trace.start_time) * 1000
        row.duration = duration if abs(duration) <= types.FLOAT32_MAX else None
    http = trace.http or (trace.subsegments[0].http if trace.subsegments else None)
    if http is not None and http.request is not None:
        row.http_method = http.request.method
        _place(row, http.request.url, rules)
    if http is not None and http.response is not None:
        row.http_status = http.response.status


def _dom_event(row: Row, event: types.DomEvent, _rules: Rules) -> None:
    row.dom_event = event.event
    row.target = event.css_locator or event.element_id or event.element


def _replay(row: Row, replay: types.Replay, _rules: Rules) -> None:
    row.replay_events = replay.event_count


_FILL: dict[type[Struct], Callable[[Row, Any, Rules], None]] = {
    types.PageView: _page_view,
    types.PageClose: _page_close,
    types.Navigation: _navigation,
    types.Resource: _resource,
    types.LargestContentfulPaint: _lcp,
    types.FirstInputDelay: _fid,
    types.CumulativeLayoutShift: _cls,
    types.InteractionToNextPaint: _inp,
    types.FirstContentfulPaint: _fcp,
    types.TimeToFirstByte: _ttfb,
    types.TimeToInteractive: _tti,
    types.JsError: _js_error,
    types.Http: _http,
    XrayTrace: _xray_trace,
    types.DomEvent: _dom_event,
    types.Replay: _replay,
}


def _as_json(details: dict[str, Any], scrubber: Scrubber) -> Raw:
    return Raw(_ENCODER.encode(_members(details, scrubber)))


def _members(members: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    return {scrubber.text(name): _cleaned(name, value, scrubber) for name, value in members.items()}


def _cleaned(name: str, value: Any, scrubber: Scrubber) -> Any:
    """The value of a member: texts scrubbed, and integers that no column can hold as the nearest number."""
    if isinstance(value, str):
        # {"password": "hunter2"} is as telling as password=hunter2, and read as that.
        found = scrubber.text(f"{name}={value}")
        return found[len(name) + 1 :] if found.startswith(f"{name}=") else scrubber.text(value)
    if isinstance(value, dict):
        return _members(value, scrubber)
    if isinstance(value, list):
        return [_cleaned(name, each, scrubber) for each in value]
    if isinstance(value, int) and abs(value) > _LARGEST_INT:
        return float(value) if abs(value) < 1e308 else None
    return value
