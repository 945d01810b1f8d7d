"""The tables of one day's file, and the views that questions are asked of.

No primary key and no secondary index: DuckDB is reported to persist them corrupt after a kill, and zone maps serve the
one look-up that needs speed. Times are epoch milliseconds, UTC. Spans and values are FLOAT: seven digits, and half the
room. Texts that repeat are dictionaries by the engine's own choice.
"""

from collections.abc import Iterable

VERSION = 3
"""Of the form of a day's file. A file of an older form answers on, and is made anew from the journal in the background."""

_FLOATS = (
    "value duration transfer_size start_time time_to_first_byte dns connect time_on_parent_page redirect_time worker_time"
    " fetch_start tls_time response_start response_time dom_interactive dom_content_loaded dom_complete"
    " dom_processing_time load_event_time header_size resource_load_delay resource_load_time element_render_delay"
    " first_byte_to_fcp waiting_duration cache_duration request_duration interaction_time input_delay"
    " processing_duration presentation_delay largest_shift_value"
)

# Those that are no text. The names are the fields of `openrum.events.Row`; tests/store holds the two together.
_TYPES: dict[str, str] = {
    "monitor": "UUID",
    "id": "UUID",
    "time": "BIGINT",
    "received": "BIGINT",
    "day": "INTEGER",
    "block": "INTEGER",
    "record": "INTEGER",
    "index": "INTEGER",
    "flags": "SMALLINT",
    "client_time": "BIGINT",
    "session": "UUID",
    "user": "UUID",
    "page_tags": "VARCHAR[]",
    "interaction": "BIGINT",
    "attributes": "JSON",
    "payload_size": "INTEGER",
    "first_party": "BOOLEAN",
    "error_line": "BIGINT",
    "error_column": "BIGINT",
    "http_status": "BIGINT",
    "replay_events": "BIGINT",
    "details": "JSON",
    **dict.fromkeys(_FLOATS.split(), "FLOAT"),
}

_NAMES = [
    "monitor",
    "id",
    "time",
    "received",
    "type",
    "day",
    "block",
    "record",
    "index",
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
    "payload_size",
    "value",
    "duration",
    "transfer_size",
    "start_time",
    "initiator_type",
    "target",
    "load_state",
    "url",
    "url_host",
    "first_party",
    "time_to_first_byte",
    "dns",
    "connect",
    "trace_id",
    "segment_id",
    "parent_page",
    "referrer",
    "referrer_domain",
    "time_on_parent_page",
    "navigation_type",
    "next_hop_protocol",
    "redirect_time",
    "worker_time",
    "fetch_start",
    "tls_time",
    "response_start",
    "response_time",
    "dom_interactive",
    "dom_content_loaded",
    "dom_complete",
    "dom_processing_time",
    "load_event_time",
    "header_size",
    "file_type",
    "resource_load_delay",
    "resource_load_time",
    "element_render_delay",
    "first_byte_to_fcp",
    "waiting_duration",
    "cache_duration",
    "request_duration",
    "interaction_type",
    "interaction_time",
    "input_delay",
    "processing_duration",
    "presentation_delay",
    "largest_shift_value",
    "error",
    "error_title",
    "error_type",
    "error_message",
    "error_file",
    "error_line",
    "error_column",
    "error_stack",
    "http_method",
    "http_status",
    "dom_event",
    "replay_events",
    "details",
]

EVENT_COLUMNS: dict[str, str] = {name: _TYPES.get(name, "VARCHAR") for name in _NAMES}
"""Column → type."""

REPLAY_COLUMNS: dict[str, str] = {
    **{name: EVENT_COLUMNS[name] for name in ("monitor", "id", "time", "session", "user")},
    **dict.fromkeys(("day", "block", "record", "index"), "INTEGER"),
    "events": "BIGINT",
    "data": "BLOB",
}


_LEDGER = "monitor VARCHAR, hour BIGINT, outcome VARCHAR, reason VARCHAR, count BIGINT, sample INTEGER[]"


def quoted(names: Iterable[str]) -> str:
    """'"monitor", "id", …'."""
    return ", ".join(f'"{name}"' for name in names)


def _columns(columns: dict[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def tables(catalog: str) -> tuple[str, ...]:
    """The statements that make the tables of a day's file."""
    return (
        # A row for each group: how far the day's journal is applied; `settled` once the day is over and its rows stand in
        # their last order.
        f"CREATE TABLE {catalog}.about (version INTEGER, block INTEGER, settled BOOLEAN)",
        f"CREATE TABLE {catalog}.event_rows ({_columns(EVENT_COLUMNS)})",
        f"CREATE TABLE {catalog}.replay_chunks ({_columns(REPLAY_COLUMNS)})",
        # monitor '' where a refused request named no known one; hour of receipt; sample: day, block, record, index
        f"CREATE TABLE {catalog}.ledger ({_LEDGER})",
    )


ABOUT = "SELECT max(version) AS version, max(block) AS block, bool_or(settled) AS settled FROM {catalog}.about"
"""What a file says about itself. Of each column NULL where it says nothing."""

ORDER = 'monitor, "time" // 3600000, "session", "time", day, block, record, "index"'
"""The last order of a day's rows: hour by hour, so that a range reads what it needs; in it session by session."""

# What a user's own SQL may see. docs/sql.md tells of each column.
_BUILT_IN = "'com.amazon.rum.' || "
_AT = 'make_timestamp_ms("time") AS "time"'
_IN_ORDER = '"time", day, block, record, "index"'  # clients say whole seconds: many events are of one time
_SESSION_OR_NONE = 'coalesce("session", id)'  # a view of no session is a visit of its own
_WHO = '"session", "user", page, page_group, "release", browser, browser_version, os, device, country, subdivision, bot'

VIEWS: dict[str, str] = {
    "events": f"""
SELECT monitor, id, {_AT}, make_timestamp_ms(received) AS received,
       "type", * EXCLUDE (monitor, id, "time", received, "type", day, block, record, "index", client_time)
FROM event_rows""",
    "page_views": f"""
SELECT monitor, id, {_AT}, {_WHO}, page_tags, title, interaction, parent_page, referrer, referrer_domain,
       time_on_parent_page,
       lag(page) OVER visit AS previous_page, lead(page) OVER visit AS next_page,
       lead("time") OVER visit - "time" AS time_to_next_view,
       row_number() OVER visit = 1 AS is_entry, lead(id) OVER visit IS NULL AS is_exit
FROM event_rows WHERE "type" = {_BUILT_IN}'page_view_event'
WINDOW visit AS (PARTITION BY monitor, {_SESSION_OR_NONE} ORDER BY {_IN_ORDER})""",
    "web_vitals": f"""
SELECT monitor, id, {_AT}, {_WHO},
       CASE "type" {
        " ".join(
            f"WHEN 'com.amazon.rum.{name}_event' THEN '{short}'"
            for name, short in {
                "largest_contentful_paint": "LCP",
                "interaction_to_next_paint": "INP",
                "cumulative_layout_shift": "CLS",
                "first_contentful_paint": "FCP",
                "time_to_first_byte": "TTFB",
                "first_input_delay": "FID",
            }.items()
        )
    } END AS vital, value, target, load_state,
       time_to_first_byte, resource_load_delay, resource_load_time, element_render_delay, first_byte_to_fcp,
       waiting_duration, cache_duration, dns, connect, request_duration,
       interaction_type, interaction_time, input_delay, processing_duration, presentation_delay, largest_shift_value
FROM event_rows WHERE vital IS NOT NULL""",
    "errors": f"""
SELECT monitor, id, {_AT}, {_WHO}, error, error_title, error_type, error_message, error_file, error_line, error_column,
       error_stack
FROM event_rows WHERE "type" = {_BUILT_IN}'js_error_event'""",
    "requests": f"""
SELECT monitor, id, {_AT}, {_WHO}, http_method, url_host, url, http_status, error_type, error_message, first_party,
       trace_id, segment_id
FROM event_rows WHERE "type" = {_BUILT_IN}'http_event'""",
    "sessions": f"""
SELECT monitor, "session", any_value("user") AS "user",
       make_timestamp_ms(min("time")) AS began, make_timestamp_ms(max("time")) AS ended,
       max("time") - min("time") AS duration, count(*) AS events,
       count(*) FILTER (view) AS page_views, count(*) FILTER (view) = 1 AS bounced,
       first(page ORDER BY {_IN_ORDER}) FILTER (view) AS entry_page, last(page ORDER BY {_IN_ORDER}) FILTER (view) AS exit_page,
       list(page ORDER BY {_IN_ORDER}) FILTER (view) AS pages,
       count(*) FILTER ("type" = {_BUILT_IN}'js_error_event') AS js_errors,
       count(*) FILTER ("type" = {_BUILT_IN}'http_event' AND (http_status >= 400 OR http_status IS NULL)) AS http_errors,
       any_value("release") AS "release", any_value(browser) AS browser, any_value(os) AS os,
       any_value(device) AS device, any_value(country) AS country, max(bot) AS bot
FROM (SELECT *, "type" = {_BUILT_IN}'page_view_event' AS view FROM event_rows WHERE "session" IS NOT NULL)
GROUP BY monitor, "session\"""",
}
"""Name → SELECT over `event_rows`."""
