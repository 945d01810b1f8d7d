"""The details of every built-in event type, as structs: what a reader may rely on, one attribute per field on the wire.

Types only, no work; `typed_details.py` reads them. Every field may be absent, also those that the client's schema
requires: the text comes from a stranger. `None` stands for absent, for null, and for a value of the wrong type alike.
Times and sizes are floats, in milliseconds and bytes, for browsers give fractions; only what counts things is an int.
Both reach as far as the column that keeps them, so that a number beyond is null and flagged, and no row is ever refused.
The fields stand in the order in which the client sends them: read in that order, they are read twice as fast.
A field that is not listed here is not lost: the journal keeps the text, and the raw form of an event quotes it.

`DETAILS`, at the end, is the list: full type name → struct. Any other type is custom, or generic.
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from openrum.enrich.xray import Int64, XrayTrace
from openrum.events import BUILT_IN_TYPE_PREFIX, REPLAY_TYPE

FLOAT32_MAX = 3.4e38
Float32 = Annotated[float, Meta(ge=-FLOAT32_MAX, le=FLOAT32_MAX)]
"""A number that a column of single precision can hold."""


class SessionStart(Struct, gc=False):
    """A session began."""

    version: str | None = None


class PageView(Struct, gc=False, rename="camel"):
    """A page was shown. All but `page_id` come only with cookies, or with a session that is resumed."""

    version: str | None = None
    page_id: str | None = None
    page_interaction_id: str | None = None  # <page id>-<interaction>
    interaction: Int64 | None = None
    parent_page_interaction_id: str | None = None
    time_on_parent_page: Float32 | None = None
    referrer: str | None = None
    referrer_domain: str | None = None


class PageClose(Struct, gc=False, rename="camel"):
    """A page was left. The client has the schema, and never sends it."""

    version: str | None = None
    page_id: str | None = None
    page_interaction_id: str | None = None
    interaction: Int64 | None = None
    duration: Float32 | None = None


class Navigation(Struct, gc=False, rename="camel"):
    """A page was loaded, or (1.x, `initiator_type` route_change) a route: then `start_time` is in epoch milliseconds.
    `…_start` are offsets, the others spans or sizes.
    """

    version: str | None = None
    initiator_type: str | None = None
    navigation_type: str | None = None  # navigate | reload | back_forward | reserved
    start_time: Float32 | None = None
    unload_event_start: Float32 | None = None
    prompt_for_unload: Float32 | None = None
    redirect_count: Int64 | None = None
    redirect_start: Float32 | None = None
    redirect_time: Float32 | None = None
    worker_start: Float32 | None = None
    worker_time: Float32 | None = None
    fetch_start: Float32 | None = None
    domain_lookup_start: Float32 | None = None
    dns: Float32 | None = None
    next_hop_protocol: str | None = None
    connect_start: Float32 | None = None
    connect: Float32 | None = None
    secure_connection_start: Float32 | None = None
    tls_time: Float32 | None = None
    request_start: Float32 | None = None
    time_to_first_byte: Float32 | None = None
    response_start: Float32 | None = None
    response_time: Float32 | None = None
    dom_interactive: Float32 | None = None
    dom_content_loaded_event_start: Float32 | None = None
    dom_content_loaded: Float32 | None = None
    dom_complete: Float32 | None = None
    dom_processing_time: Float32 | None = None
    load_event_start: Float32 | None = None
    load_event_time: Float32 | None = None
    duration: Float32 | None = None
    header_size: Float32 | None = None
    transfer_size: Float32 | None = None
    compression_ratio: Float32 | None = None  # decoded / encoded
    navigation_timing_level: Int64 | None = None


class Resource(Struct, gc=False, rename="camel"):
    """A file was fetched. The client sends the first seven; the others stand in its schema."""

    version: str | None = None
    initiator_type: str | None = None
    start_time: Float32 | None = None
    duration: Float32 | None = None
    file_type: str | None = None  # other | stylesheet | document | script | image | font
    transfer_size: Float32 | None = None
    target_url: str | None = None
    redirect_start: Float32 | None = None
    redirect_time: Float32 | None = None
    worker_start: Float32 | None = None
    worker_time: Float32 | None = None
    fetch_start: Float32 | None = None
    domain_lookup_start: Float32 | None = None
    dns: Float32 | None = None
    next_hop_protocol: str | None = None
    connect_start: Float32 | None = None
    connect: Float32 | None = None
    secure_connection_start: Float32 | None = None
    tls_time: Float32 | None = None
    request_start: Float32 | None = None
    time_to_first_byte: Float32 | None = None
    response_start: Float32 | None = None
    response_time: Float32 | None = None
    header_size: Float32 | None = None
    compression_ratio: Float32 | None = None


class LargestContentfulPaintAttribution(Struct, gc=False, rename="camel"):
    """Of which parts the largest contentful paint is made; the two entries are ids of events."""

    element: str | None = None
    url: str | None = None
    time_to_first_byte: Float32 | None = None
    resource_load_delay: Float32 | None = None
    resource_load_time: Float32 | None = None
    element_render_delay: Float32 | None = None
    navigation_entry: str | None = None
    lcp_resource_entry: str | None = None


class LargestContentfulPaint(Struct, gc=False, rename="camel"):
    """LCP, in milliseconds."""

    version: str | None = None
    value: Float32 | None = None
    attribution: LargestContentfulPaintAttribution | None = None


class FirstInputDelayAttribution(Struct, gc=False, rename="camel"):
    """Which input had to wait."""

    event_target: str | None = None
    event_type: str | None = None
    event_time: Float32 | None = None
    load_state: str | None = None  # loading | dom-interactive | dom-content-loaded | complete


class FirstInputDelay(Struct, gc=False, rename="camel"):
    """FID, in milliseconds."""

    version: str | None = None
    value: Float32 | None = None
    attribution: FirstInputDelayAttribution | None = None


class CumulativeLayoutShiftAttribution(Struct, gc=False, rename="camel"):
    """What moved most."""

    largest_shift_target: str | None = None
    largest_shift_value: Float32 | None = None
    largest_shift_time: Float32 | None = None
    load_state: str | None = None


class CumulativeLayoutShift(Struct, gc=False, rename="camel"):
    """CLS, a number without a unit."""

    version: str | None = None
    value: Float32 | None = None
    attribution: CumulativeLayoutShiftAttribution | None = None


class InteractionToNextPaintAttribution(Struct, gc=False, rename="camel"):
    """Which interaction was the slow one, and where its time went."""

    interaction_target: str | None = None
    interaction_time: Float32 | None = None
    next_paint_time: Float32 | None = None
    interaction_type: str | None = None  # pointer | keyboard
    input_delay: Float32 | None = None
    processing_duration: Float32 | None = None
    presentation_delay: Float32 | None = None
    load_state: str | None = None


class InteractionToNextPaint(Struct, gc=False, rename="camel"):
    """INP, in milliseconds."""

    version: str | None = None
    value: Float32 | None = None
    attribution: InteractionToNextPaintAttribution | None = None


class FirstContentfulPaintAttribution(Struct, gc=False, rename="camel"):
    """The two parts of a first contentful paint."""

    time_to_first_byte: Float32 | None = None
    first_byte_to_fcp: Float32 | None = field(default=None, name="firstByteToFCP")
    load_state: str | None = None


class FirstContentfulPaint(Struct, gc=False, rename="camel"):
    """FCP, in milliseconds."""

    version: str | None = None
    value: Float32 | None = None
    attribution: FirstContentfulPaintAttribution | None = None


class TimeToFirstByteAttribution(Struct, gc=False, rename="camel"):
    """The parts of the time to first byte."""

    waiting_duration: Float32 | None = None
    cache_duration: Float32 | None = None
    dns_duration: Float32 | None = None
    connection_duration: Float32 | None = None
    request_duration: Float32 | None = None


class TimeToFirstByte(Struct, gc=False, rename="camel"):
    """TTFB, in milliseconds."""

    version: str | None = None
    value: Float32 | None = None
    attribution: TimeToFirstByteAttribution | None = None


class TimeToInteractive(Struct, gc=False, rename="camel"):
    """TTI, in milliseconds."""

    version: str | None = None
    value: Float32 | None = None


class JsError(Struct, gc=False, rename="camel"):
    """An error that nobody caught, a promise that nobody awaited, or what recordError was given."""

    version: str | None = None
    type: str | None = None
    message: str | None = None
    filename: str | None = None
    lineno: Int64 | None = None
    colno: Int64 | None = None
    stack: str | None = None
    unminified_stack: str | None = None  # never sent: the service adds it, so it stands in its exports


class HttpRequest(Struct, gc=False, rename="camel"):
    """What was asked."""

    method: str | None = None
    url: str | None = None


class HttpResponse(Struct, gc=False, rename="camel"):
    """What was answered."""

    status: Int64 | None = None
    status_text: str | None = None


class Http(Struct, gc=False, rename="camel"):
    """A request of the page that was answered, or failed: `response` or `error`."""

    version: str | None = None
    request: HttpRequest | None = None
    response: HttpResponse | None = None
    error: JsError | None = None
    trace_id: str | None = field(default=None, name="trace_id")
    segment_id: str | None = field(default=None, name="segment_id")


class DomEvent(Struct, gc=False, rename="camel"):
    """An event of an element that the site's owner wanted to hear of."""

    version: str | None = None
    event: str | None = None
    element: str | None = None
    element_id: str | None = None
    css_locator: str | None = None
    interaction_id: str | None = None


class Replay(Struct, gc=False, rename="camel"):
    """Some records of a session replay, unread: they may be megabytes, are kept compressed, and only a player reads them.
    As objects they would take some ten times their text. They stay one piece, as a list of pieces a stranger could make
    of two megabytes a million objects.
    """

    version: str | None = None
    events: Raw = Raw()  # a JSON array; empty stands for what None is elsewhere
    event_count: Int64 | None = None


DETAILS: dict[str, type[Struct]] = {
    BUILT_IN_TYPE_PREFIX + "session_start_event": SessionStart,
    BUILT_IN_TYPE_PREFIX + "page_view_event": PageView,
    BUILT_IN_TYPE_PREFIX + "page_close_event": PageClose,
    BUILT_IN_TYPE_PREFIX + "performance_navigation_event": Navigation,
    BUILT_IN_TYPE_PREFIX + "performance_resource_event": Resource,
    BUILT_IN_TYPE_PREFIX + "largest_contentful_paint_event": LargestContentfulPaint,
    BUILT_IN_TYPE_PREFIX + "first_input_delay_event": FirstInputDelay,
    BUILT_IN_TYPE_PREFIX + "cumulative_layout_shift_event": CumulativeLayoutShift,
    BUILT_IN_TYPE_PREFIX + "interaction_to_next_paint_event": InteractionToNextPaint,
    BUILT_IN_TYPE_PREFIX + "first_contentful_paint_event": FirstContentfulPaint,
    BUILT_IN_TYPE_PREFIX + "time_to_first_byte_event": TimeToFirstByte,
    BUILT_IN_TYPE_PREFIX + "time_to_interactive_event": TimeToInteractive,
    BUILT_IN_TYPE_PREFIX + "js_error_event": JsError,
    BUILT_IN_TYPE_PREFIX + "http_event": Http,
    BUILT_IN_TYPE_PREFIX + "xray_trace_event": XrayTrace,
    BUILT_IN_TYPE_PREFIX + "dom_event": DomEvent,
    REPLAY_TYPE: Replay,
}
"""Full type name → what its details are read into."""
