"""The measures. Formulas are ours, written in DuckDB's SQL; sqlglot reads them, and writes them for either engine.

A formula stands over one of four sources, each made of the rows that pass the filters: the events themselves, their
sessions, their page loads, their page views with the time until the next one. Where nothing is there, a count is 0 and
everything else is null. docs/measures.md is made of this table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from openrum.events import BUILT_IN_TYPE_PREFIX, NIL_UUID
from openrum.vitals import POINTS_MAX, VITALS


class Source(StrEnum):
    """What a formula stands over; see sources.py for how each is made."""

    EVENTS = "events"
    SESSIONS = "sessions"
    LOADS = "loads"
    VISITS = "visits"


class From(StrEnum):
    """Whose definition it is."""

    OPENRUM = "definitions"
    CLOUDWATCH = "CloudWatch RUM"
    WEB_DEV = "web.dev"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `empty` is what stands in a bucket without rows.

    `samples` is the measure that counts what it stands on, for a statistic; `beyond` the share of the samples that must lie
    behind a percentile, so that too few can be told.
    """

    name: str
    meaning: str
    unit: str
    formula: str
    empty: int | None = 0
    source: Source = Source.EVENTS
    samples: str | None = None
    beyond: float | None = None
    defined_by: From = From.OPENRUM


@dataclass(frozen=True, slots=True)
class Timing:
    """A number that events of one type carry, and web.dev's thresholds where it has any."""

    name: str
    meaning: str
    unit: str
    event_type: str
    column: str
    good: float | None = None
    poor: float | None = None

    @property
    def is_its(self) -> str:
        """The condition of its events."""
        return is_type(self.event_type)


def is_type(event_type: str) -> str:
    """The condition of events of a type of the client's own."""
    return f"\"type\" = '{BUILT_IN_TYPE_PREFIX}{event_type}_event'"


def _rated(name: str, meaning: str, unit: str = "ms") -> Timing:
    vital = VITALS[name]
    return Timing(name, meaning, unit, vital.event_type, "value", vital.good, vital.poor)


TIMINGS: dict[str, Timing] = {
    timing.name: timing
    for timing in (
        _rated("lcp", "Largest Contentful Paint"),
        _rated("inp", "Interaction to Next Paint"),
        _rated("cls", "Cumulative Layout Shift", unit=""),
        _rated("fcp", "First Contentful Paint"),
        _rated("ttfb", "Time to First Byte"),
        _rated("fid", "First Input Delay"),
        Timing("load", "duration of navigations, route changes included", "ms", "performance_navigation", "duration"),
        Timing("resource", "duration of resources", "ms", "performance_resource", "duration"),
    )
}
PERCENTILES = (50, 75, 90, 95, 99)

_VIEW = is_type("page_view")
_ERROR = is_type("js_error")
_HTTP = is_type("http")
_LOAD = is_type("performance_navigation")
_FAILED = "(http_status >= 400 OR http_status IS NULL)"
_SATISFIED_MS, _TOLERATED_MS = 2_000, 8_000


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _ratio(above: str, below: str) -> str:
    return f"{above} / nullif({below}, 0)"


_SESSIONS = 'count(DISTINCT "session")'


def _counts() -> Iterator[Measure]:
    yield Measure("events", "events of all types", "events", "count(*)")
    yield Measure("page_views", "page views", "events", _count(_VIEW))
    yield Measure("js_errors", "JavaScript errors", "events", _count(_ERROR))
    yield Measure("http_requests", "requests that the page made and the client recorded", "events", _count(_HTTP))
    yield Measure(
        "http_errors",
        "requests answered with 4xx or 5xx, or not at all",
        "events",
        _count(f"{_HTTP} AND {_FAILED}"),
    )
    yield Measure(
        "http_4xx",
        "requests answered with 400 to 499",
        "events",
        _count(f"{_HTTP} AND http_status BETWEEN 400 AND 499"),
    )
    yield Measure(
        "http_5xx",
        "requests answered with 500 to 599",
        "events",
        _count(f"{_HTTP} AND http_status BETWEEN 500 AND 599"),
    )
    yield Measure(
        "http_network_errors",
        "requests without an answer",
        "events",
        _count(f"{_HTTP} AND http_status IS NULL"),
    )
    yield Measure("sessions", "distinct sessions", "sessions", _SESSIONS)
    yield Measure(
        "session_starts",
        "`session_start` events, which is what CloudWatch counts as SessionCount",
        "events",
        _count(is_type("session_start")),
        defined_by=From.CLOUDWATCH,
    )
    yield Measure(
        "users",
        "distinct users, without those whose client keeps no id",
        "users",
        f'count(DISTINCT "user") FILTER (WHERE "user" <> \'{NIL_UUID}\')',
    )
    yield Measure(
        "error_sessions",
        "sessions with at least one JavaScript error",
        "sessions",
        f'count(DISTINCT "session") FILTER (WHERE {_ERROR})',
    )
    yield Measure(
        "impacted_sessions", "sessions with a JavaScript error or a request that failed", "sessions",
        f'count(DISTINCT "session") FILTER (WHERE {_ERROR} OR ({_HTTP} AND {_FAILED}))',
    )  # fmt: skip


def _shares() -> Iterator[Measure]:
    yield Measure(
        "error_session_rate",
        "`error_sessions` ÷ `sessions`",
        "share",
        _ratio(f'count(DISTINCT "session") FILTER (WHERE {_ERROR})', _SESSIONS),
        None,
    )
    yield Measure(
        "impacted_session_rate",
        "`impacted_sessions` ÷ `sessions`",
        "share",
        _ratio(f'count(DISTINCT "session") FILTER (WHERE {_ERROR} OR ({_HTTP} AND {_FAILED}))', _SESSIONS),
        None,
    )
    yield Measure(
        "http_error_rate",
        "`http_errors` ÷ `http_requests`",
        "share",
        _ratio(_count(f"{_HTTP} AND {_FAILED}"), _count(_HTTP)),
        None,
    )
    yield Measure(
        "pages_per_session",
        "page views ÷ sessions; CloudWatch's PageViewCountPerSession",
        "page views",
        _ratio(_count(_VIEW), _SESSIONS),
        None,
    )
    for name, meaning, condition in (
        ("js_errors", "JavaScript errors", _ERROR),
        ("http_4xx", "requests answered with 4xx", f"{_HTTP} AND http_status BETWEEN 400 AND 499"),
        ("http_5xx", "requests answered with 5xx", f"{_HTTP} AND http_status BETWEEN 500 AND 599"),
    ):
        yield Measure(
            f"{name}_per_session",
            f"{meaning} ÷ sessions",
            "events",
            _ratio(_count(condition), _SESSIONS),
            None,
            defined_by=From.CLOUDWATCH,
        )
        yield Measure(
            f"{name}_per_page_view",
            f"{meaning} ÷ page views",
            "events",
            _ratio(_count(condition), _count(_VIEW)),
            None,
            defined_by=From.CLOUDWATCH,
        )
    yield Measure(
        "viewing_sessions",
        "sessions with at least one page view",
        "sessions",
        _count("views >= 1"),
        0,
        Source.SESSIONS,
    )
    yield Measure(
        "bounce_rate", "sessions with exactly one page view ÷ sessions with at least one", "share",
        _ratio(_count("views = 1"), _count("views >= 1")), None, Source.SESSIONS, samples="viewing_sessions",
    )  # fmt: skip


def _navigations() -> Iterator[Measure]:
    satisfied, tolerated = f"duration < {_SATISFIED_MS}", f"duration BETWEEN {_SATISFIED_MS} AND {_TOLERATED_MS}"
    for name, meaning, condition in (
        ("satisfied", "under 2 s", satisfied),
        ("tolerated", "2 to 8 s", tolerated),
        ("frustrated", "over 8 s", f"duration > {_TOLERATED_MS}"),
    ):
        yield Measure(
            f"navigation_{name}",
            f"navigations that took {meaning}",
            "events",
            _count(f"{_LOAD} AND {condition}"),
            defined_by=From.CLOUDWATCH,
        )
    good = _count(f"{_LOAD} AND duration <= {_SATISFIED_MS}")
    fair = _count(f"{_LOAD} AND duration > {_SATISFIED_MS} AND duration <= {_TOLERATED_MS}")
    yield Measure(
        "apdex", "(loads up to 2 s + half of those up to 8 s) ÷ all loads", "0 to 1",
        _ratio(f"({good} + {fair} / 2)", f"count(duration) FILTER (WHERE {_LOAD})"), None, samples="load_count",
    )  # fmt: skip


def _statistics(
    stem: str,
    meaning: str,
    unit: str,
    column: str,
    condition: str,
    source: Source = Source.EVENTS,
    by: From = From.OPENRUM,
) -> Iterator[Measure]:
    """`_p50` … `_p99`, `_avg` and `_count`."""
    only = f" FILTER (WHERE {condition})" if condition else ""
    samples = f"{stem}_count"
    for percent in PERCENTILES:
        yield Measure(
            f"{stem}_p{percent}",
            f"{meaning}: {percent}th percentile, linear between ranks",
            unit,
            f"quantile_cont({column}, {percent / 100:.2f}){only}",
            None,
            source,
            samples,
            1 - percent / 100,
            defined_by=by,
        )
    yield Measure(f"{stem}_avg", f"{meaning}: mean", unit, f"avg({column}){only}", None, source, samples, defined_by=by)
    yield Measure(samples, f"{meaning}: number of samples", "samples", f"count({column}){only}", 0, source, defined_by=by)  # fmt: skip


def _ratings() -> Iterator[Measure]:
    for timing in TIMINGS.values():
        if timing.good is None or timing.poor is None:
            continue
        column, samples = timing.column, f"{timing.name}_count"
        # In the columns' single precision: there 0.1 is a little more, and still good.
        good, poor = (f"CAST({border} AS FLOAT)" for border in (timing.good, timing.poor))
        everything = f"count({column}) FILTER (WHERE {timing.is_its})"
        for rating, border, condition in (
            ("good", f"at most {timing.good:g}", f"{column} <= {good}"),
            (
                "needs_improvement",
                f"over {timing.good:g}, at most {timing.poor:g}",
                f"{column} > {good} AND {column} <= {poor}",
            ),
            ("poor", f"over {timing.poor:g}", f"{column} > {poor}"),
        ):
            within = f"{border} {timing.unit}".rstrip()
            yield Measure(
                f"{timing.name}_{rating}", f"{timing.meaning}: share of samples that are {within}", "share",
                _ratio(_count(f"{timing.is_its} AND {condition}"), everything), None, samples=samples, defined_by=From.WEB_DEV,
            )  # fmt: skip


def _measures() -> Iterator[Measure]:
    yield from _counts()
    yield from _shares()
    for timing in TIMINGS.values():
        yield from _statistics(timing.name, timing.meaning, timing.unit, timing.column, timing.is_its)
    yield from _statistics(
        "request",
        "duration of requests that X-Ray traced",
        "ms",
        "duration",
        f"{is_type('xray_trace')} AND duration >= 0",
    )
    yield from _navigations()
    yield from _ratings()
    yield Measure(
        "score",
        "0 to 100: mean over page loads of the mean of what the load's LCP, INP and CLS are worth, each 90 at web.dev's border"
        " of good and 50 at that of poor",
        "points",
        f"avg(points / scored) / {POINTS_MAX // 100}",
        None,
        Source.LOADS,
        "score_count",
    )
    yield Measure("score_count", "page loads with a Core Web Vital", "samples", "count(*)", 0, Source.LOADS)
    yield from _statistics(
        "session_duration", "last less first event of a session", "ms", "duration", "", Source.SESSIONS
    )
    yield from _statistics(
        "time_on_page", "from a page view to the next of its session; of the last, to the session's last event", "ms",
        "time_on_page", "", Source.VISITS, From.CLOUDWATCH,
    )  # fmt: skip
    yield Measure(
        "payload_size_sum", "bytes of `details` and `metadata` of an event, as they were sent: all together", "bytes",
        "CAST(coalesce(sum(payload_size), 0) AS BIGINT)", defined_by=From.CLOUDWATCH,
    )  # fmt: skip
    yield from _statistics(
        "payload_size", "bytes of `details` and `metadata` of an event, as they were sent", "bytes", "payload_size", "",
        by=From.CLOUDWATCH,
    )  # fmt: skip


MEASURES: dict[str, Measure] = {measure.name: measure for measure in _measures()}
