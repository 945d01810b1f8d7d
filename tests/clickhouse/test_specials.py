"""Both engines answer every special question alike, form by form."""

import msgspec
import pytest

from openrum.limits import DEFAULTS
from openrum.query.catalogue import SPECIAL
from openrum.query.events_page import events_page
from openrum.query.sessions import Figure, Kept
from tests.clickhouse.conftest import assert_same
from tests.clickhouse.population import longest_session
from tests.query.conftest import HOUR_MS, MONITOR, NOW_MS

pytestmark = pytest.mark.slow

PEOPLE = [{"dimension": "bot", "values": [False]}]
GERMANS = [{"dimension": "country", "values": ["DE"]}, {"dimension": "attribute:plan", "op": "is_not", "values": ["'"]}]
NOWHERE = [{"dimension": "page", "values": ["/nowhere"]}]
ON_PAGE = {"where": [{"dimension": "type", "values": ["page_view_event"]}], "name": "seen"}
BROKEN = {"where": [{"dimension": "type", "values": ["js_error_event", "http_event"]}]}
CHECKOUT = {
    "where": [{"dimension": "type", "op": "matches", "values": ["shop.*"]}, {"dimension": "page", "op": "is_not_null"}]
}
RELEASES = {"baseline": {"release": "1.0"}, "candidate": {"release": "1.1"}}
SESSION = longest_session(MONITOR)

FORMS = {
    "waterfall": [{}, {"where": [{"dimension": "page", "values": ["/"]}]}],
    "resources": [{}, {"by": "type"}, {"by": "party", "slow_ms": 250}, {"by": "host", "limit": 2, "where": GERMANS}],
    "lcp-parts": [{}, {"limit": 1}],
    "inp-parts": [{}, {"by": "type"}],
    "cls-targets": [{}, {"limit": 2}],
    "distribution": [{}, *({"timing": name} for name in ("inp", "cls", "load", "resource"))],
    "slowest": [{}, {"timing": "cls", "limit": 5}, {"timing": "load", "at_most": 2_000.0}],
    "http-routes": [{}, {"order": "failures"}, {"order": "failure_rate", "limit": 3}, {"order": "affected_sessions"}],
    "http-route": [
        *(
            {"host": "api.example", "route": "/v1/cart", "method": "GET", "show": show, "samples": 7}
            for show in ("failed", "newest", "slowest")
        ),
    ],
    "impact": [{}, {"vitals": ["fcp", "ttfb", "fid"], "limit": 3}],
    "sessions": [
        {},
        *({"order": figure, "desc": desc, "limit": 7} for figure in Figure.__args__ for desc in (True, False)),
        {"order": "lcp_max", "limit": 7, "behind": [None, SESSION]},
        *({"only": [kept]} for kept in Kept.__args__),
        {"order": "events", "limit": 7, "behind": [4, SESSION], "where": GERMANS},
    ],
    "session": [
        {"session": SESSION},
        {"session": SESSION, "limit": 2},
        {"session": SESSION, "limit": 2, "behind": [NOW_MS - 40 * HOUR_MS, 20_000, 1, 0, 7]},
    ],
    "events": [
        {},
        {"limit": 7, "where": GERMANS, "stacks": True},
        {"limit": 7, "behind": [NOW_MS - 40 * HOUR_MS, 20_000, 1, 0, 7]},
        {"received_from": 0, "limit": 3},
    ],
    "errors": [
        {},
        *({"order": order, "limit": 2, "buckets": 7} for order in ("sessions", "users", "first_seen", "last_seen")),
    ],
    "error": [{"error": "e1"}, {"error": "e3", "samples": 3, "buckets": 1}],
    "journeys": [
        {},
        {"limit": 3},
        {"steps": 3},
        {"steps": 4, "direction": "backward", "start": "/cart"},
        {"steps": 2, "start": "/café/☕", "top": 2, "by": "page_group"},
    ],
    "funnel": [
        {"steps": [ON_PAGE, CHECKOUT]},
        {"steps": [ON_PAGE, BROKEN, CHECKOUT], "by": "user"},
        {"steps": [ON_PAGE, BROKEN, CHECKOUT], "within_ms": 60_000},
        {"steps": [ON_PAGE, ON_PAGE, ON_PAGE], "by": "user", "within_ms": 3_600_000},
        {"steps": [ON_PAGE, BROKEN, CHECKOUT], "left_after": 1},
        {"steps": [ON_PAGE, BROKEN, CHECKOUT], "left_after": 2, "by": "user", "within_ms": 60_000},
    ],
    "correlation": [
        {"subset": {"slow": {}}},
        {"subset": {"slow": {"timing": "load", "above": 2_000}}, "dimensions": ["page_group", "bot", "attribute:plan"]},
        {"subset": {"sessions": "with_errors"}},
        {"subset": {"where": [{"dimension": "page", "values": ["/cart"]}]}, "where": GERMANS},
        {"subset": {"slow": {"timing": "lcp", "above": 2_500}}, "combine": 2},
        {"subset": {"where": BROKEN["where"]}, "combine": 3, "dimensions": ["browser", "device", "country"]},
    ],
    "verdict": [
        {**RELEASES},
        {**RELEASES, "timing": "load", "percentile": 50, "by": ["page_group"], "mix": ["page_group"]},
        {**RELEASES, "mix": []},
        {
            **RELEASES,
            "timing": "inp",
            "percentile": 90,
            "mix": ["attribute:plan", "bot"],
            "by": ["bot"],
            "where": GERMANS,
        },
        {
            "baseline": {"from": "-72h", "to": "-36h"},
            "candidate": {"from": "-36h", "to": "now"},
            "mix": ["country", "device"],
            "confidence": 0.9,
        },
    ],
    "returning": [{}, {"by": "week", "from": "-60d"}, {"timezone": "Asia/Kathmandu"}],
}
"""Forms of each special question, without the monitor; each is asked of everything, of people and of nobody, too."""


def test_every_special_question_has_forms_here():
    assert set(FORMS) == set(SPECIAL)


def _answers(both, name, form):
    asked = msgspec.convert({"monitor": "shop", "from": "-72h", **form}, SPECIAL[name].form)
    return [SPECIAL[name].run(asked, MONITOR, NOW_MS, store, DEFAULTS) for store in both.stores]


@pytest.mark.parametrize(("name", "form"), [(name, form) for name, forms in FORMS.items() for form in forms], ids=str)
def test_a_special_question_has_one_answer(both, name, form):
    left, right = _answers(both, name, form)
    assert left.rows or left.more.get("verdict")
    for part in ("columns", "rows", "more", "sql"):
        assert_same(getattr(left, part), getattr(right, part), f"{name} {part}")


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("where", [PEOPLE, NOWHERE], ids=["people", "nobody"])
def test_a_special_question_has_one_answer_about_some_and_about_nobody(both, name, where):
    form = FORMS[name][0]
    left, right = _answers(both, name, {**form, "where": [*form.get("where", []), *where]})
    for part in ("columns", "rows", "more", "sql"):
        assert_same(getattr(left, part), getattr(right, part), f"{name} {part}")


@pytest.mark.parametrize(
    "filters",
    [
        [],
        [("Browser", ["chrome", "FIREFOX"]), ("Country", ["de"])],
        [("EventType", ["page_view_event", "shop.checkout"]), ("Page", ["/café/☕", "/it's"])],
        [("Invert", ["Chrome", "dom_event"])],
    ],
    ids=str,
)
def test_the_places_of_raw_events_are_the_same_page_by_page(both, filters):
    def pages(store):
        behind = None
        while True:
            page = events_page(
                store, DEFAULTS, monitor=MONITOR, after_ms=NOW_MS - 40 * HOUR_MS, before_ms=NOW_MS,
                filters=filters, size=200, behind=behind,
            )  # fmt: skip
            yield page.places
            behind = page.further
            if behind is None:
                return

    left, right = (list(pages(store)) for store in both.stores)
    assert left[0]
    assert_same(left, right)
