"""The measures. Formulas are ours, written in DuckDB's SQL over the rows that pass the filters; sqlglot reads them.

Where nothing is there, a count is 0 and everything else is null.
"""

from dataclasses import dataclass

from openrum.events import NIL_UUID


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `empty` is what stands in a bucket without rows."""

    name: str
    meaning: str
    unit: str
    formula: str
    empty: int | None = 0


def _count_of(event_type: str) -> str:
    return f"count(*) FILTER (WHERE \"type\" = 'com.amazon.rum.{event_type}')"


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("events", "events of all types", "events", "count(*)"),
        Measure("page_views", "page views", "events", _count_of("page_view_event")),
        Measure("js_errors", "JavaScript errors", "events", _count_of("js_error_event")),
        Measure("http_requests", "requests that the page made and the client recorded", "events", _count_of("http_event")),
        Measure("sessions", "distinct sessions", "sessions", 'count(DISTINCT "session")'),
        Measure(
            "users",
            "distinct users, without those whose client keeps no id",
            "users",
            f"count(DISTINCT \"user\") FILTER (WHERE \"user\" <> '{NIL_UUID}')",
        ),
        Measure(
            "error_sessions",
            "sessions with at least one JavaScript error",
            "sessions",
            "count(DISTINCT \"session\") FILTER (WHERE \"type\" = 'com.amazon.rum.js_error_event')",
        ),
    )
}  # fmt: skip
