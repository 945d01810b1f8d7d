"""What a user's own SQL sees, held against a small set that was worked out by hand."""

from contextlib import closing

import msgspec
import pytest

from openrum.events import Row
from openrum.limits import DEFAULTS
from openrum.store import DuckDBStore, Group
from openrum.store.schema import VIEWS

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
OTHER = "0a0a0a0a-0000-4000-8000-000000000002"
DAY = 20_780
NOON_MS = DAY * 86_400_000 + 12 * 3_600_000
LONG, SHORT, SILENT = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))


def row(number, kind, after_ms, session=None, *, monitor=MONITOR, **members):
    return Row(
        monitor=monitor,
        id=f"{number:08x}-0000-4000-8000-000000000000",
        time=NOON_MS + after_ms,
        received=NOON_MS,
        type=kind if "." in kind else f"com.amazon.rum.{kind}",
        day=DAY,
        block=1,
        record=0,
        index=number,
        session=session,
        **members,
    )


ROWS = [
    # A session of four views, two of them in the same second; it came in two batches, out of order.
    row(3, "page_view_event", 9_000, LONG, page="/cart", page_group="/cart", user=OTHER, bot="headless"),
    row(1, "page_view_event", 1_000, LONG, page="/", page_group="/", browser="Chrome", country="DE", release="r1"),
    row(2, "page_view_event", 1_000, LONG, page="/list", page_group="/list", browser="Chrome"),
    row(4, "page_view_event", 9_000, LONG, page="/paid", page_group="/paid"),
    row(5, "js_error_event", 10_000, LONG, error="f1", error_title="TypeError", error_type="TypeError", page="/paid",
        error_message="x", error_file="/a.js", error_line=3, error_column=4, error_stack="at a"),
    row(6, "http_event", 500, LONG, http_method="GET", http_status=200, url="/v1/cart", url_host="api.example"),
    row(7, "http_event", 700, LONG, http_method="POST", http_status=503, url="/v1/pay", first_party=True, trace_id="t"),
    row(8, "http_event", 800, LONG, http_method="GET", url="/v1/x", error_type="TypeError", error_message="Failed"),
    row(9, "http_event", 800, LONG, http_status=404, segment_id="s"),
    # One view, nothing else; the same session id under another monitor is another session.
    row(10, "page_view_event", 5_000, SHORT, page="/only"),
    row(11, "page_view_event", 5_000, SHORT, monitor=OTHER, page="/elsewhere"),
    row(12, "page_view_event", 6_000, SHORT, monitor=OTHER, page="/elsewhere"),
    # No view at all; an own type.
    row(13, "shop.bought", 7_000, SILENT, page="/hidden"),
    row(14, "largest_contentful_paint_event", 8_000, SILENT, value=2_500.5, target="img", time_to_first_byte=100.0,
        resource_load_delay=200.0, resource_load_time=300.0, element_render_delay=400.0),
    row(15, "interaction_to_next_paint_event", 8_000, SILENT, value=80.0, target="button", interaction_type="pointer",
        interaction_time=5.0, input_delay=1.0, processing_duration=2.0, presentation_delay=3.0, load_state="complete"),
    row(16, "cumulative_layout_shift_event", 8_000, SILENT, value=0.25, target="p", largest_shift_value=0.125),
    row(17, "first_contentful_paint_event", 8_000, SILENT, value=0.0, first_byte_to_fcp=7.0),
    row(18, "time_to_first_byte_event", 8_000, SILENT, value=90.0, waiting_duration=1.0, cache_duration=2.0, dns=3.0,
        connect=4.0, request_duration=5.0),
    row(19, "first_input_delay_event", 8_000, SILENT, value=16.0, target="a"),
    row(20, "time_to_interactive_event", 8_000, SILENT, value=1.0),
    # Views that nobody can put into a session.
    row(21, "page_view_event", 2_000, None, page="/lone"),
    row(22, "page_view_event", 3_000, None, page="/lonely"),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("views") / "store", DEFAULTS)) as store:
        store.apply(Group(msgspec.json.Encoder().encode_lines(ROWS), (DAY, 1)))
        yield store


def ask(store, sql):
    answer = store.run_user_sql(sql, timeout_s=10, rows_max=1_000)
    return [dict(zip(answer.columns, found, strict=True)) for found in answer.rows]


def only(found, *names):
    return [tuple(each[name] for name in names) for each in found]


def test_page_views_know_the_view_before_and_after_in_their_session(store):
    views = ask(store, "SELECT * FROM page_views ORDER BY id")
    names = ("page", "previous_page", "next_page", "time_to_next_view", "is_entry", "is_exit")
    assert only(views, *names) == [
        ("/", None, "/list", 0, True, False),
        ("/list", "/", "/cart", 8_000, False, False),
        ("/cart", "/list", "/paid", 0, False, False),
        ("/paid", "/cart", None, None, False, True),
        ("/only", None, None, None, True, True),
        ("/elsewhere", None, "/elsewhere", 1_000, True, False),
        ("/elsewhere", "/elsewhere", None, None, False, True),
        ("/lone", None, None, None, True, True),
        ("/lonely", None, None, None, True, True),
    ]


def test_sessions_have_length_bounce_entry_exit_and_pages_in_order(store):
    found = ask(store, "SELECT * FROM sessions ORDER BY monitor, session")
    names = ("duration", "events", "page_views", "bounced", "entry_page", "exit_page", "pages")
    assert [(str(each["session"]), *only([each], *names)[0]) for each in found] == [
        (LONG, 9_500, 9, 4, False, "/", "/paid", ["/", "/list", "/cart", "/paid"]),
        (SHORT, 0, 1, 1, True, "/only", "/only", ["/only"]),
        (SILENT, 1_000, 8, 0, False, None, None, None),
        (SHORT, 1_000, 2, 2, False, "/elsewhere", "/elsewhere", ["/elsewhere", "/elsewhere"]),
    ]


def test_sessions_count_their_errors_and_say_who_it_was(store):
    found = ask(store, "SELECT * FROM sessions ORDER BY monitor, session")
    names = ("js_errors", "http_errors", "browser", "country", "release", "bot")
    assert only(found, *names) == [
        (1, 3, "Chrome", "DE", "r1", "headless"),
        (0, 0, None, None, None, None),
        (0, 0, None, None, None, None),
        (0, 0, None, None, None, None),
    ]
    assert [str(each["user"]) for each in found] == [OTHER, "None", "None", "None"]
    assert (found[0]["ended"] - found[0]["began"]).total_seconds() == 9.5


def test_web_vitals_have_their_names_and_parts_and_nothing_else_is_one(store):
    vitals = {each["vital"]: each for each in ask(store, "SELECT * FROM web_vitals")}
    assert {vital: each["value"] for vital, each in vitals.items()} == {
        "LCP": 2_500.5, "INP": 80.0, "CLS": 0.25, "FCP": 0.0, "TTFB": 90.0, "FID": 16.0,
    }  # fmt: skip
    assert ask(store, "SELECT count(*) AS n FROM web_vitals") == [{"n": 6}]
    expected = dict(zip(("LCP", "INP", "CLS", "FCP", "TTFB", "FID"), ROWS[13:19], strict=True))
    parts = [name for name in vitals["LCP"] if name in Row.__struct_fields__ and name not in ("monitor", "id", "time")]
    assert len(parts) > 25
    for vital, sent in expected.items():
        for name in parts:
            value = vitals[vital][name]
            assert (str(value) if name == "session" else value) == getattr(sent, name), (vital, name)


def test_errors_are_those_of_scripts_with_what_they_say(store):
    (error,) = ask(store, "SELECT * FROM errors")
    names = ("error", "error_title", "error_type", "error_message", "error_file", "error_line", "error_column")
    assert only([error], *names, "error_stack", "page") == [
        ("f1", "TypeError", "TypeError", "x", "/a.js", 3, 4, "at a", "/paid")
    ]


def test_requests_are_those_of_the_page_with_what_became_of_them(store):
    requests = ask(store, "SELECT * FROM requests ORDER BY id")
    names = ("http_method", "url_host", "url", "http_status", "first_party", "trace_id", "segment_id", "error_message")
    assert only(requests, *names) == [
        ("GET", "api.example", "/v1/cart", 200, None, None, None, None),
        ("POST", None, "/v1/pay", 503, True, "t", None, None),
        ("GET", None, "/v1/x", None, None, None, None, "Failed"),
        (None, None, None, 404, None, None, "s", None),
    ]


def test_events_are_all_of_them_without_what_only_the_store_needs(store):
    events = ask(store, "SELECT * FROM events ORDER BY id")
    assert len(events) == len(ROWS)
    left_out = {"day", "block", "record", "index", "client_time", "outcome", "reason"}
    assert set(events[0]) == set(Row.__struct_fields__) - left_out
    assert events[0]["time"].isoformat() == "2026-11-23T12:00:01"


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_over_no_days_is_empty_and_has_its_columns(store, tmp_path, view):
    with closing(DuckDBStore(tmp_path / "empty", DEFAULTS)) as empty:
        sql = f"SELECT * FROM {view}"
        answer, full = (each.run_user_sql(sql, timeout_s=10, rows_max=10) for each in (empty, store))
        assert (answer.columns, answer.rows) == (full.columns, [])
