"""The questions that are held against plain Python: the API's own form, with absolute times."""

from typing import Any

from tests.query.oracle.visit import BEGIN_MS, DAY_MS, OTHER, SHOP, THIRD

Question = dict[str, Any]

HOUR_MS = 3_600_000
PERCENTS = ("p50", "p75", "p90", "p95", "p99")
VITALS = ("lcp", "inp", "cls", "fcp", "ttfb", "fid")
STEMS = (*VITALS, "load", "resource", "request", "session_duration", "time_on_page", "payload_size")

COUNTS = [
    "events", "page_views", "js_errors", "http_requests", "http_errors", "http_4xx", "http_5xx", "http_network_errors",
    "sessions", "session_starts", "users", "error_sessions", "impacted_sessions", "viewing_sessions",
]  # fmt: skip
RATIOS = [
    "error_session_rate", "impacted_session_rate", "http_error_rate", "pages_per_session", "bounce_rate",
    *(f"{name}_per_{of}" for name in ("js_errors", "http_4xx", "http_5xx") for of in ("session", "page_view")),
]  # fmt: skip
NAVIGATIONS = [
    "load_count",
    "navigation_satisfied",
    "navigation_tolerated",
    "navigation_frustrated",
    "apdex",
    "load_avg",
]
STATISTICS = [f"{stem}_{statistic}" for stem in STEMS for statistic in (*PERCENTS, "avg", "count")]
RATINGS = [f"{vital}_{rating}" for vital in VITALS for rating in ("good", "needs_improvement", "poor")]
EVERYTHING = [*COUNTS, *RATIOS, *NAVIGATIONS[1:5], *STATISTICS, *RATINGS, "score", "score_count", "payload_size_sum"]
CORE = [
    "events", "page_views", "sessions", "users", "js_errors", "error_sessions", "http_requests", "http_errors", "http_4xx",
    "http_5xx", "lcp_p75", "inp_p75", "cls_p75", "fcp_p75", "ttfb_p90", "fid_p50", "load_p95", "resource_p99", "apdex",
    "bounce_rate", "session_duration_avg", "pages_per_session", "time_on_page_p50", "score", "lcp_good", "payload_size_avg",
]  # fmt: skip
FEW = ["events", "page_views", "sessions", "lcp_p75", "bounce_rate"]
ALL_TIME = {"from": BEGIN_MS - DAY_MS, "to": BEGIN_MS + 20 * DAY_MS}
THREE_DAYS = {"from": BEGIN_MS + 4 * DAY_MS, "to": BEGIN_MS + 7 * DAY_MS}
ONE_DAY = {"from": BEGIN_MS + 5 * DAY_MS, "to": BEGIN_MS + 6 * DAY_MS}
CLOCKS = {
    "from": 1_792_792_800_000,
    "to": 1_792_792_800_000 + 73 * HOUR_MS,
    "timezone": "Europe/Berlin",
}  # 2026-10-24 to 26
SMALL_DIMENSIONS = [
    "type", "page_group", "page_tag", "title", "domain", "referrer_domain", "navigation_type", "release", "browser", "browser_version",
    "os", "os_version", "device", "language", "client_version", "country", "subdivision", "bot", "error_type", "http_url", "http_host",
    "http_method", "http_status", "resource_url", "resource_host", "resource_type", "first_party", "lcp_element", "inp_target", "inp_type",
    "cls_target", "load_state", "dom_event", "attribute:plan", "attribute:seats", "attribute:beta", "attribute:shop:tier",
]  # fmt: skip


def asked(*measures: str, by: list[str] | None = None, **members: Any) -> Question:
    """A question of three days of the first site, unless it says more."""
    return {**THREE_DAYS, "monitor": SHOP, "measures": list(measures), "by": by or [], **members}


def where(dimension: str, op: str, *values: Any) -> Question:
    """A filter."""
    return {"dimension": dimension, "op": op, "values": list(values)}


FILTERS = [
    where("page_group", "is", "/"), where("page_group", "is", "/", "/cart", "no such page"), where("page_group", "is_not", "/", "/cart"),
    where("page", "contains", "/products/"), where("page", "contains", "%"), where("page", "not_contains", "products", "cart"),
    where("page", "matches", "/products/41*"), where("page", "matches", "*_*"), where("page", "matches", "*/menu", "/search"),
    where("page", "is_null"), where("referrer_domain", "is_not_null"), where("referrer_domain", "is", ""),
    where("browser", "is", "Chrome", "Safari"), where("browser_version", "gt", "20"), where("browser_version", "lt", 100),
    where("http_status", "is", 404), where("http_status", "is_not", 200, 304), where("http_status", "gt", 499), where("http_status", "lt", 400),
    where("http_status", "contains", "40"), where("http_status", "is_null"), where("bot", "is", True), where("bot", "is_not", True),
    where("bot", "is", "false"), where("first_party", "is", True), where("first_party", "is_not", "true"), where("first_party", "is_null"),
    where("country", "is", "de", "US"), where("country", "is_not", "DE"), where("type", "is", "com.amazon.rum.page_view_event"),
    where("type", "is", "shop.checkout"), where("type", "contains", "page"), where("type", "is_not", "js_error_event"),
    where("page_tag", "is", "shop", "home"), where("page_tag", "is_not", "product"), where("page_tag", "contains", "o"),
    where("page_tag", "not_contains", "m"), where("page_tag", "is_null"), where("page_tag", "matches", "pro*"),
    where("attribute:plan", "is", "pro"), where("attribute:plan", "is_not", "pro", "free"), where("attribute:plan", "contains", '"'),
    where("attribute:plan", "is", ""), where("attribute:plan", "is", "Ünïcode"), where("attribute:plan", "is_null"), where("attribute:seats", "gt", 2),
    where("attribute:seats", "is", 12), where("attribute:beta", "is", True), where("attribute:shop:tier", "is_not_null"),
    where("user", "is", "00000000-0000-0000-0000-000000000000"), where("session", "is_null"), where("session", "contains", "ab"),
    where("time", "gt", BEGIN_MS + 5 * DAY_MS), where("release", "matches", "2.*"), where("error_type", "is", "TypeError"),
    where("title", "contains", "Ö"), where("title", "matches", "*☕"), where("lcp_element", "matches", "*>img"),
]  # fmt: skip


def _questions() -> dict[str, Question]:
    found: dict[str, Question] = {
        "everything of everybody": asked(*EVERYTHING, **ALL_TIME),
        "everything of another site": asked(*EVERYTHING, monitor=OTHER, **ALL_TIME),
        "everything of a third": asked(*EVERYTHING, monitor=THIRD, **ALL_TIME),
        "everything of nobody": asked(
            *EVERYTHING, monitor=THIRD, **{"from": BEGIN_MS - 9 * DAY_MS, "to": BEGIN_MS - 8 * DAY_MS}
        ),
        "everything by device": asked(*EVERYTHING, by=["device"], **ALL_TIME),
        "everything by page tag": asked(*EVERYTHING, by=["page_tag"]),
        "everything but robots": asked(*EVERYTHING, where=[where("bot", "is", False)]),
        "page groups by a rule of the owner": asked(*CORE, by=["page_group"], monitor=OTHER, **ALL_TIME),
        "errors by group": asked("js_errors", "error_sessions", "events", by=["error"], **ALL_TIME),
    }
    for dimension in SMALL_DIMENSIONS:
        found[f"core by {dimension}"] = asked(*CORE, by=[dimension])
    for filter_ in FILTERS:
        name = f"{filter_['dimension']} {filter_['op']} {' '.join(map(str, filter_['values']))}"
        found[name.strip()] = asked(*FEW, "http_requests", "js_errors", where=[filter_])
    return found | _limited() | _in_time() | _compared()


def _limited() -> dict[str, Question]:
    """Many groups, a limit, what stands behind it, orders."""
    pages = {"by": ["page"], "limit": 7, "totals": True, "other": True}
    return {
        "pages, totals and others": asked(*CORE, **pages),
        "pages by sessions, fewest first": asked(*FEW, **pages, order=[{"by": "sessions"}]),
        "pages by name": asked(*FEW, **pages, order=[{"by": "page", "desc": True}]),
        "countries, others, no robots": asked(*CORE, by=["country"], limit=3, other=True, totals=True, where=[where("bot", "is", False)]),
        "two dimensions and others": asked(*CORE, by=["device", "browser"], limit=4, other=True, totals=True),
        "nobody is among the shown": asked(*FEW, by=["referrer_domain"], limit=1, other=True),
        "others of numbers": asked(*COUNTS, by=["http_status"], limit=3, other=True),
        "others of robots": asked(*COUNTS, by=["bot"], limit=1, other=True),
        "sessions as rows": asked("events", "page_views", "session_duration_avg", by=["session"], limit=25, **ALL_TIME),
        "users as rows": asked("events", "sessions", "page_views", by=["user"], limit=25, **ALL_TIME),
        "users and others": asked("events", "sessions", "users", by=["user"], limit=3, other=True, totals=True),
        "page tags, of which there are more": asked("events", "page_views", by=["page_tag"], limit=2, totals=True),
        "three dimensions": asked(*FEW, by=["release", "os", "attribute:beta"], limit=50),
        "worst pages first": asked("lcp_p75", "lcp_count", by=["page_group"], order=[{"by": "lcp_p75", "desc": True}], limit=4),
        "ties in the order of their labels": asked("js_errors", by=["parent_page"], limit=40, where=[where("page_group", "is", "/cart")]),
        "several filters": asked(*CORE, where=[where("device", "is", "mobile"), where("country", "is_not", "US"), where("release", "is_not_null")]),
        "the parents of pages": asked("page_views", by=["parent_page"], limit=30, order=[{"by": "page_views", "desc": True}, {"by": "parent_page"}]),
    }  # fmt: skip


def _in_time() -> dict[str, Question]:
    """Buckets: empty ones, zones, a day of 25 hours."""
    night = {"from": BEGIN_MS - 3 * HOUR_MS, "to": BEGIN_MS + 5 * HOUR_MS + 1}
    return {
        "hours": asked(*CORE, by=["time:1h"], **ONE_DAY),
        "days": asked(*CORE, by=["time:1d"], **ALL_TIME),
        "minutes, most of them empty": asked(*FEW, by=["time:5m"], monitor=THIRD, **ONE_DAY, limit=1_000),
        "before anything happened": asked(*FEW, by=["time:1h"], **night),
        "days of Berlin, one of 25 hours": asked(*CORE, by=["time:1d"], **CLOCKS),
        "hours of Berlin, one of them twice": asked(*FEW, by=["time:1h"], **CLOCKS),
        "three hours of Berlin": asked(*FEW, by=["time:3h"], **CLOCKS),
        "quarters of Berlin": asked("events", by=["time:15m"], limit=1_000, **CLOCKS),
        "hours of Kathmandu": asked(*FEW, by=["time:1h"], **ONE_DAY, timezone="Asia/Kathmandu"),
        "days of Honolulu": asked(*FEW, by=["time:1d"], **THREE_DAYS, timezone="Pacific/Honolulu"),
        "hours by device": asked(*FEW, by=["time:6h", "device"], limit=1_000),
        "browsers by hours": asked(*FEW, by=["browser", "time:6h"], order=[{"by": "browser"}, {"by": "time", "desc": True}], limit=1_000),
        "page tags by day": asked("events", "page_views", by=["page_tag", "time:1d"], limit=1_000),
        "no such page in any hour": asked(*FEW, by=["time:1h"], **ONE_DAY, where=[where("page", "is", "/nowhere")]),
        "no such page in any hour of a browser": asked(*FEW, by=["time:1h", "browser"], **ONE_DAY, where=[where("page", "is", "/nowhere")]),
        "busiest hours": asked("page_views", by=["time:1h"], order=[{"by": "page_views", "desc": True}], limit=10),
        "a range that begins within a bucket": asked(*FEW, by=["time:1h"], **{"from": ONE_DAY["from"] + 1_234_567, "to": ONE_DAY["to"] - 1}),
    }  # fmt: skip


def _compared() -> dict[str, Question]:
    last = {"from": BEGIN_MS + 9 * DAY_MS, "to": BEGIN_MS + 12 * DAY_MS}
    return {
        "with the days before": asked(*CORE, **last, compare="previous"),
        "pages with the days before": asked(*CORE, by=["page_group"], **last, compare="previous"),
        "pages that were not there before": asked(*FEW, by=["page"], **last, compare="previous", limit=20, order=[{"by": "page"}]),
        "hours with the day before": asked(*FEW, by=["time:1h"], **ONE_DAY, compare="previous"),
        "hours of a device with those of last week": asked(*FEW, by=["time:6h", "device"], **last, compare="last_week", limit=1_000),
        "with last week": asked(*CORE, by=["device"], **last, compare="last_week"),
        "with a range of one's own": asked(*CORE, by=["browser"], **ONE_DAY, compare={"from": BEGIN_MS, "to": BEGIN_MS + 2 * DAY_MS}),
        "one release with another": asked(*CORE, compare={"release": "1.0.0"}, where=[where("release", "is", "1.1.0")], **last),
        "pages of one release with those of another": asked(
            *CORE, by=["page_group"], compare={"release": "1.0.0"}, where=[where("release", "is", "1.1.0"), where("bot", "is", False)], **last),
        "with a time before everything": asked(*CORE, **ONE_DAY, compare={"from": BEGIN_MS - 3 * DAY_MS, "to": BEGIN_MS - 2 * DAY_MS}),
    }  # fmt: skip


QUESTIONS = _questions()
