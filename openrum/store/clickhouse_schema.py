"""The table and the views in ClickHouse: the columns of schema.py, in ClickHouse's types and its SQL.

Nullable throughout, so that what was not sent is null there too; but for the columns that every row has, and lists, which
cannot be null: a missing one is empty. Spans and values are Float32, as they are FLOAT in DuckDB.
"""

from openrum.store.schema import EVENT_COLUMNS

TABLE = "event_rows"

NEVER_NULL = frozenset(("monitor", "id", "time", "received", "type", "day", "block", "record", "index", "flags"))
"""What every row has."""

_KINDS = {
    "BIGINT": "Int64",
    "INTEGER": "Int32",
    "SMALLINT": "Int16",
    "FLOAT": "Float32",
    "BOOLEAN": "Bool",
    "UUID": "UUID",
    "VARCHAR": "String",
    "VARCHAR[]": "Array(String)",
    "JSON": "String",
}

# Texts that hardly repeat: a dictionary of them would be as large as they are.
_EACH_ITS_OWN = frozenset(
    ("trace_id", "segment_id", "referrer", "error_message", "error_stack", "details", "attributes")
)


def kind(name: str) -> str:
    """The type of a column of `event_rows` in ClickHouse."""
    made = _KINDS[EVENT_COLUMNS[name]]
    if made.startswith("Array"):
        return made
    if name not in NEVER_NULL:
        made = f"Nullable({made})"
    return f"LowCardinality({made})" if EVENT_COLUMNS[name] == "VARCHAR" and name not in _EACH_ITS_OWN else made


# A partition is a day of receipt, as DuckDB's files are: a day past its retention goes whole, one made anew is put in
# its place whole. The order is that of a settled day: hour by hour, in it session by session.
EVENT_ROWS = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} ("
    + ", ".join(f"`{name}` {kind(name)}" for name in EVENT_COLUMNS)
    + ") ENGINE = MergeTree PARTITION BY `day`"
    " ORDER BY (`monitor`, intDiv(`time`, 3600000), `session`, `time`, `day`, `block`, `record`, `index`)"
    " SETTINGS allow_nullable_key = 1"
)
"""The statement that makes the table."""

# Columns are named with their table: a name alone would mean the result of that name beside it.
_AT = "fromUnixTimestamp64Milli(e.`time`, 'UTC') AS `time`"
_WHO = "session user page page_group release browser browser_version os device country subdivision bot"
_IN_ORDER = "e.`time`, e.`day`, e.`block`, e.`record`, e.`index`"
_PLACE = ("monitor", "id", "time", "received", "type", "day", "block", "record", "index", "client_time")


def _named(names: str) -> str:
    return ", ".join(f"e.`{name}` AS `{name}`" for name in names.split())


def _is(event_type: str) -> str:
    return f"e.`type` = 'com.amazon.rum.{event_type}_event'"


_VITALS = {
    "largest_contentful_paint": "LCP",
    "interaction_to_next_paint": "INP",
    "cumulative_layout_shift": "CLS",
    "first_contentful_paint": "FCP",
    "time_to_first_byte": "TTFB",
    "first_input_delay": "FID",
}
_VITAL = "multiIf(" + ", ".join(f"{_is(name)}, '{short}'" for name, short in _VITALS.items()) + ", NULL)"
_FAILED = "(e.`http_status` >= 400 OR e.`http_status` IS NULL)"
# Of a tuple, for a view without a page is the first one all the same.
_FIRST, _LAST = (
    f"tupleElement({function}If(tuple(e.`page`), ({_IN_ORDER}), {_is('page_view')}), 1)"
    for function in ("argMin", "argMax")
)
_VIEWED = f"groupArrayIf((({_IN_ORDER}), tuple(e.`page`)), {_is('page_view')})"

VIEWS: dict[str, str] = {
    "events": f"""
SELECT e.`monitor` AS `monitor`, e.`id` AS `id`, {_AT},
       fromUnixTimestamp64Milli(e.`received`, 'UTC') AS `received`, e.`type` AS `type`,
       {_named(" ".join(name for name in EVENT_COLUMNS if name not in _PLACE))}
FROM {TABLE} AS e""",
    "page_views": f"""
SELECT {_named("monitor id")}, {_AT},
       {_named(_WHO + " page_tags title interaction parent_page referrer referrer_domain time_on_parent_page")},
       lagInFrame(toNullable(e.`page`)) OVER whole AS previous_page,
       leadInFrame(toNullable(e.`page`)) OVER whole AS next_page,
       leadInFrame(toNullable(e.`time`)) OVER whole - e.`time` AS time_to_next_view,
       CAST(row_number() OVER whole = 1 AS Bool) AS is_entry,
       CAST(leadInFrame(toNullable(e.`id`)) OVER whole IS NULL AS Bool) AS is_exit
FROM {TABLE} AS e WHERE {_is("page_view")}
WINDOW whole AS (PARTITION BY e.`monitor`, coalesce(e.`session`, e.`id`) ORDER BY {_IN_ORDER}
                 ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)""",
    "web_vitals": f"""
SELECT {_named("monitor id")}, {_AT}, {_named(_WHO)}, {_VITAL} AS vital,
       {
        _named(
            "value target load_state time_to_first_byte resource_load_delay resource_load_time element_render_delay"
            " first_byte_to_fcp waiting_duration cache_duration dns connect request_duration interaction_type"
            " interaction_time input_delay processing_duration presentation_delay largest_shift_value"
        )
    }
FROM {TABLE} AS e WHERE {_VITAL} IS NOT NULL""",
    "errors": f"""
SELECT {_named("monitor id")}, {_AT}, {_named(_WHO)},
       {_named("error error_title error_type error_message error_file error_line error_column error_stack")}
FROM {TABLE} AS e WHERE {_is("js_error")}""",
    "requests": f"""
SELECT {_named("monitor id")}, {_AT}, {_named(_WHO)},
       {_named("http_method url_host url http_status error_type error_message first_party trace_id segment_id")}
FROM {TABLE} AS e WHERE {_is("http")}""",
    "sessions": f"""
SELECT e.`monitor` AS `monitor`, e.`session` AS `session`, any(e.`user`) AS `user`,
       fromUnixTimestamp64Milli(min(e.`time`), 'UTC') AS began, fromUnixTimestamp64Milli(max(e.`time`), 'UTC') AS ended,
       max(e.`time`) - min(e.`time`) AS duration, count() AS events,
       countIf({_is("page_view")}) AS page_views, CAST(countIf({_is("page_view")}) = 1 AS Bool) AS bounced,
       {_FIRST} AS entry_page, {_LAST} AS exit_page,
       arrayMap(view -> view.2.1, arraySort(view -> view.1, {_VIEWED})) AS pages,
       countIf({_is("js_error")}) AS js_errors, countIf({_is("http")} AND {_FAILED}) AS http_errors,
       any(e.`release`) AS `release`, any(e.`browser`) AS browser, any(e.`os`) AS os, any(e.`device`) AS device,
       any(e.`country`) AS country, max(e.`bot`) AS bot
FROM {TABLE} AS e WHERE e.`session` IS NOT NULL
GROUP BY e.`monitor`, e.`session`""",
}
"""Name → SELECT over `event_rows`: the views of schema.py, column for column."""


def statements() -> tuple[str, ...]:
    """The statements that make the table and the views, in their order; they change nothing that is there."""
    return (EVENT_ROWS, *(f"CREATE VIEW IF NOT EXISTS {name} AS {select.strip()}" for name, select in VIEWS.items()))
