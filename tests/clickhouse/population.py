"""A few thousand made-up events of every kind, with gaps: the same for both engines, and the same each time."""

import random
from collections import Counter

from tests.query.conftest import HOUR_MS, row

SEED = 20_261_122
MONITORS = ("0a0a0a0a-0000-4000-8000-000000000001", "0a0a0a0a-0000-4000-8000-000000000002")
NIL = "00000000-0000-0000-0000-000000000000"
SESSIONS = 340
DAYS = 3

PAGES = ["/", "/cart", "/café/☕", "/a_b", "/a%b", "/a\\b", "/it's", "/item/1", "/item/2", "/", "/"]
TAGS = [["shop"], ["shop", "sale"], ["ürban", "it's", "a\\b"], [], None, None]
BROWSERS = [("Chrome", "148"), ("Chrome", "147"), ("Firefox", "150"), ("Safari", "19"), (None, None)]
OSES = [("macOS", "15"), ("Windows", "11"), ("Android", "16"), (None, None)]
# Values as a site may send them: numbers of any size and form, truth, and text that looks like either, or like SQL.
ATTRIBUTES = [
    {"plan": "pro", "shop:plan": "gold", "n": 1, "vip": True},
    {"plan": "free", "shop:plan": "silver", "n": 2.5, "vip": False},
    {"plan": "", "n": "3", "shop:a:b": "x"},
    {"plan": "日本 ☕ 'quoted' \"twice\" \\ \n line\t{p0:String} $1", "n": -7},
    {"plan": 12345678901234567890, "n": 1e20, "shop:plan": 0.1},
    {"plan": True, "n": 1e-7, "shop:plan": "true"},
    {"plan": "null", "n": 0, "shop:plan": 1.0},
    {"other": "y"},
    None,
    None,
]
# Borders of the ratings are among them, which no float holds exactly.
LCP = [0.0, 999.9, 2499.5, 2500.0, 2500.1, 4000.0, 4000.3, 12345.678]
CLS = [0.0, 0.01, 0.1, 0.1000001, 0.2, 0.25, 0.3, 1.7]
SHORT = [0.0, 3.3, 99.9, 100.0, 200.0, 300.0, 499.99, 500.0, 800.0, 1800.0, 2_400.0, 3000.1]
LOADS = [0.0, 120.5, 1999.99, 2000.0, 2000.01, 8000.0, 8000.1, 30_000.0]
TARGETS = ["div.hero > img", "#menu", "button[data-x='1']", "p::before", None]
STATUSES = [200, 200, 200, 204, 301, 404, 429, 500, 503, None]
ERRORS = [
    ("e1", "TypeError: x is undefined", "TypeError", "x is undefined"),
    ("e2", "Error: Größe", "Error", "Größe"),
    ("e3", None, None, None),
]


def session_id(number):
    """The session of a number. ClickHouse puts UUIDs in order by their second half first: both halves differ."""
    return f"{number % 7:08x}-0000-4000-8000-{number * 7_919_191_919 % (1 << 47):012x}"


def _members_of_session(rng):
    browser, version = rng.choice(BROWSERS)
    os, os_version = rng.choice(OSES)
    country, subdivision = rng.choice([("DE", "BE"), ("DE", None), ("US", "CA"), ("FR", None), (None, None)])
    return {
        "user": rng.choice([NIL, None] + [f"22222222-0000-4000-8000-{n:012x}" for n in range(90)]),
        "browser": browser, "browser_version": version, "os": os, "os_version": os_version,
        "device": rng.choice(["desktop", "mobile", "tablet", None]), "language": rng.choice(["de-DE", "en", None]),
        "country": country, "subdivision": subdivision, "domain": rng.choice(["shop.example", "www.shop.example"]),
        "release": rng.choice(["1.0", "1.1", "1.2-rc", None]), "bot": rng.choice([None] * 8 + ["crawler"]),
        "client_version": rng.choice(["1.25.0", "3.2.1"]),
    }  # fmt: skip


def _timing(rng, *, of=SHORT):
    return {
        "value": rng.choice([*of, None]),
        "target": rng.choice(TARGETS),
        "load_state": rng.choice(["complete", "loading", None]),
    }


def _spans(rng, names):
    return {name: rng.choice([None, 0.0, round(rng.random() * 900, 3)]) for name in names.split()}


def _navigation(rng):
    spans = _spans(
        rng,
        "dns connect time_to_first_byte redirect_time worker_time fetch_start tls_time response_start response_time"
        " dom_interactive dom_content_loaded dom_complete dom_processing_time load_event_time start_time header_size",
    )
    kinds = ["navigate", "reload", "route_change", None]
    return {**spans, "duration": rng.choice([*LOADS, None]), "navigation_type": rng.choice(kinds),
            "transfer_size": rng.choice([None, 0.0, 1234.0])}  # fmt: skip


def _resource(rng):
    return {
        "duration": round(rng.random() * 500, 2), "transfer_size": rng.choice([None, 0.0, 300.0, 250_000.0]),
        "url": rng.choice(["/app.js", "/logo-*.png", "/style.css", "/ü.woff2"]), "start_time": round(rng.random() * 2_000, 2),
        "url_host": rng.choice(["shop.example", "cdn.example", None]), "first_party": rng.choice([True, False, None]),
        "file_type": rng.choice(["script", "image", "stylesheet", "font", None]),
        "initiator_type": rng.choice(["script", "img", None]), **_spans(rng, "dns connect time_to_first_byte"),
    }  # fmt: skip


def _request(rng):
    status = rng.choice(STATUSES)
    failure = {"error_type": "TypeError", "error_message": "Failed to fetch"} if status is None else {}
    return {
        "http_method": rng.choice(["GET", "POST", None]), "http_status": status, "url": rng.choice(["/v1/cart", "/v1/item/*", None]),
        "url_host": rng.choice(["api.example", "shop.example"]), "first_party": rng.choice([True, False]),
        "duration": rng.choice([None, 12.5, 250.0, 3_000.0]), **failure,
    }  # fmt: skip


def _trace(request):
    """What X-Ray's trace of a request says of it."""
    return {
        name: value for name, value in request.items() if name not in ("first_party", "error_type", "error_message")
    }


def _error(rng):
    group, title, kind, message = rng.choice(ERRORS)
    return {"error": group, "error_title": title, "error_type": kind, "error_message": message,
            "error_file": rng.choice(["/app.js", None]), "error_line": rng.choice([1, 200, None]),
            "error_column": rng.choice([1, 7, None]),
            "error_stack": rng.choice([None, "TypeError: x\n    at f (/app.js:1:7)"])}  # fmt: skip


def _lcp(rng):
    parts = "time_to_first_byte resource_load_delay resource_load_time element_render_delay"
    return {**_timing(rng, of=LCP), **_spans(rng, parts), "url": rng.choice(["/hero.jpg", None])}


def _inp(rng):
    phases = "interaction_time input_delay processing_duration presentation_delay"
    return {**_timing(rng), **_spans(rng, phases), "interaction_type": rng.choice(["pointer", "keyboard", None])}


KINDS = {
    "largest_contentful_paint_event": _lcp,
    "interaction_to_next_paint_event": _inp,
    "cumulative_layout_shift_event": lambda rng: {**_timing(rng, of=CLS), **_spans(rng, "largest_shift_value")},
    "first_contentful_paint_event": lambda rng: {**_timing(rng), **_spans(rng, "time_to_first_byte first_byte_to_fcp")},
    "time_to_first_byte_event": lambda rng: {
        **_timing(rng),
        **_spans(rng, "waiting_duration cache_duration dns connect request_duration"),
    },
    "first_input_delay_event": _timing,
    "performance_navigation_event": _navigation,
    "performance_resource_event": _resource,
    "http_event": _request,
    "js_error_event": _error,
    "dom_event": lambda rng: {"dom_event": rng.choice(["click", "submit"]), "target": rng.choice(TARGETS)},
    "session_start_event": lambda rng: {},
    "shop.checkout": lambda rng: {},
    "shop.ünïcode": lambda rng: {},
}
COMMON = ["largest_contentful_paint_event"] * 6
"""More of these, so that there are some in every stratum of a comparison."""


def _view(rng, previous):
    return {"parent_page": previous, "title": rng.choice(["Shop", "Größe & Farbe", None]),
            "referrer": rng.choice(["https://search.example/q", None]), "referrer_domain": rng.choice(["search.example", "", None]),
            "time_on_parent_page": rng.choice([None, 1_500.0])}  # fmt: skip


def _visit(rng, number):
    """A session of one monitor: views, and what happened on each. Clients say whole seconds, so many are of one time."""
    shared = _members_of_session(rng) | {"monitor": MONITORS[rng.random() < 0.2]}
    shared["session"] = (
        None if number % 23 == 0 else f"00000000-0000-4000-8000-{number * 7_919_191_919 % (1 << 47):012x}"
    )
    ago_ms = rng.randrange(DAYS * 24 * HOUR_MS) // 1000 * 1000
    previous = None
    for interaction in range(rng.choice([0, 1, 1, 2, 3, 5])):
        page = rng.choice([*PAGES, None])
        here = {**shared, "page": page, "page_group": page and "/item/:id" if page and "item" in page else page,
                "interaction": interaction}  # fmt: skip
        here |= {name: value for name, value in {"page_tags": rng.choice(TAGS), "attributes": rng.choice(ATTRIBUTES)}.items()
                 if value is not None}  # fmt: skip
        if rng.random() < 0.9:
            size = rng.choice([None, 300, 70_000])
            yield row("page_view_event", ago_ms=ago_ms, payload_size=size, **here, **_view(rng, previous))
        for _ in range(rng.randrange(8)):
            kind = rng.choice([*KINDS, *COMMON])
            ago_ms = max(0, ago_ms - rng.choice([0, 0, 1_000, 40_000]))
            event = {**here, **KINDS[kind](rng)}
            if kind == "http_event" and event["duration"]:
                event["trace_id"] = f"1-{number:08x}-{ago_ms:024x}"
                yield row("xray_trace_event", ago_ms=ago_ms, **_trace(event))
            yield row(kind, ago_ms=ago_ms, payload_size=rng.randrange(200, 5_000), **event)
        if number % 40 == 0:
            yield row("rrweb_event", ago_ms=ago_ms, replay_events=interaction + 1, **here)
        previous = page


def population():
    """Some 2,500 rows."""
    rng = random.Random(SEED)
    return [made for number in range(1, SESSIONS + 1) for made in _visit(rng, number)]


def longest_session(monitor):
    """The session with the most events."""
    return Counter(made.session for made in population() if made.monitor == monitor and made.session).most_common(1)[0][
        0
    ]
