"""The views that a user's SQL reads, column by column: types as the engine has them, and what each means.

docs/sql.md says the same; tests/test_docs.py holds the two together. Asks no store: the engine describes the views of
`schema.py` over an empty table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import duckdb

from openrum.store.schema import EVENT_COLUMNS, VIEWS


@dataclass(frozen=True, slots=True)
class ColumnTold:
    """A column of a view."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ViewTold:
    """A view with its columns in their order."""

    name: str
    meaning: str
    columns: tuple[ColumnTold, ...]


VIEW_MEANINGS: dict[str, str] = {
    "events": "every stored event of every type",
    "page_views": "page views, each with the one before and the one after it",
    "web_vitals": "LCP, INP, CLS, FCP, TTFB and FID with their parts",
    "errors": "JavaScript errors with their groups and stacks",
    "requests": "HTTP requests with status and host",
    "sessions": "a row for each session, with its pages and counts",
}

_EVENTS: dict[str, str] = {
    "monitor id": "UUIDs of the monitor and of the event",
    "time": "when it happened; the receive time where the client's is out of range",
    "received": "when it was received",
    "type": "as sent: `com.amazon.rum.page_view_event`, or a type of the site's own",
    "flags": "1 time replaced, 2 another monitor in the body, 4 session metadata ignored, 8 attributes removed, 16 a field nulled",
    "session user": "UUIDs",
    "page page_group page_tags title": "the page's id as the client gives it, its route, its tags, its title",
    "interaction": "the how manieth view of its session",
    "release": "`aws:releaseId`, else the version of the app monitor details",
    "browser browser_version os os_version device language": "one name a brand; `device` is desktop, mobile, tablet, embedded or bot",
    "client_version": "of the web client",
    "country subdivision domain": "ISO 3166-1, ISO 3166-2 without the country, host of the page",
    "bot": "why the sender is held to be no person; null for people",
    "attributes": "custom attributes, JSON",
    "payload_size": "of `details` and `metadata` as they were sent",
    "value": "of a web vital: milliseconds, a plain number for CLS",
    "duration": "of a navigation, a resource, a trace",
    "transfer_size start_time initiator_type": "of a navigation or a resource",
    "target": "the element: of LCP, INP, CLS, FID, a DOM event",
    "load_state": "of the page when a vital was taken",
    "url url_host first_party": "route (no host, no query, ids replaced) and host of a resource, a request, the LCP's picture; whose it is",
    "time_to_first_byte dns connect": "parts of a navigation or a vital",
    "trace_id segment_id": "of X-Ray or W3C traces",
    "parent_page referrer referrer_domain time_on_parent_page": "of a page view",
    "navigation_type next_hop_protocol redirect_time worker_time fetch_start tls_time response_start response_time"
    " dom_interactive dom_content_loaded dom_complete dom_processing_time load_event_time header_size": "of a navigation; the"
    " `…_start`, `dom_interactive`, `dom_content_loaded` and `dom_complete` are offsets, the others spans",
    "file_type": "of a resource: document, script, stylesheet, image, font, other",
    "resource_load_delay resource_load_time element_render_delay": "parts of LCP, beside `time_to_first_byte`",
    "first_byte_to_fcp": "part of FCP",
    "waiting_duration cache_duration request_duration": "parts of TTFB, beside `dns` and `connect`",
    "interaction_type interaction_time input_delay processing_duration presentation_delay": "of INP and FID",
    "largest_shift_value": "of CLS",
    "error error_title": "fingerprint and title of an error's group",
    "error_type error_message error_file error_line error_column error_stack": "what an error, or a request that failed, says of itself",
    "http_method http_status": "of a request; the status is null where there was no answer",
    "dom_event": "the name of a DOM event",
    "replay_events": "how many records a stretch of session replay holds",
    "details": "of a type of the site's own, JSON",
}  # fmt: skip
_OWN: dict[str, dict[str, str]] = {
    "page_views": {
        "previous_page next_page": "of the same session",
        "time_to_next_view": "milliseconds",
        "is_entry is_exit": "whether it is the first, the last of its session",
    },
    "web_vitals": {"vital": "LCP, INP, CLS, FCP, TTFB or FID"},
    "sessions": {
        "began ended duration": "its first and last event, and the milliseconds between",
        "events page_views js_errors http_errors": "counts; an HTTP error is a 4xx, a 5xx, or no answer",
        "bounced": "whether it has exactly one page view",
        "entry_page exit_page pages": "the first, the last, all in their order",
        "release browser os device country bot": "of one of its events",
    },
}


def documented(view: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names and meaning, a row of docs/sql.md each: what a view has of its own; of `events` all."""
    for names, meaning in (_EVENTS if view == "events" else _OWN.get(view, {})).items():
        yield tuple(names.split()), meaning


@cache
def views_told() -> tuple[ViewTold, ...]:
    """All views. Blocks for some milliseconds, once."""
    of_events = {name: meaning for names, meaning in documented("events") for name in names}
    with duckdb.connect(":memory:", config={"threads": 1}) as engine:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in EVENT_COLUMNS.items())
        engine.execute(f"CREATE TABLE event_rows ({columns})")
        told = []
        for view, meaning in VIEW_MEANINGS.items():
            own = {name: each for names, each in documented(view) for name in names}
            found = engine.execute(f"DESCRIBE {VIEWS[view]}").fetchall()
            described = (ColumnTold(row[0], row[1], own.get(row[0]) or of_events[row[0]]) for row in found)
            told.append(ViewTold(view, meaning, tuple(described)))
    return tuple(told)
