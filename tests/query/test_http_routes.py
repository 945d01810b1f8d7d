"""Requests by route: what failed, how, for whom, and how long it took where a trace tells."""

import itertools
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.http_routes import HttpRoutesForm
from openrum.store import DuckDBStore
from tests.query.conftest import Asker, row, session

CART = {"url_host": "api.example", "url": "/v1/cart/:id", "http_method": "GET"}
ORDER = {"url_host": "api.example", "url": "/v1/orders", "http_method": "POST"}
COLUMNS = [
    "host", "route", "method", "requests", "failures", "failure_rate", "http_2xx", "http_3xx", "http_4xx", "http_5xx",
    "network_errors", "other", "affected_sessions", "traces", "duration_p50", "duration_p75", "duration_p95",
]  # fmt: skip


def request(status, **members):
    return row("http_event", http_status=status, **members)


def trace(duration, **members):
    return row("xray_trace_event", duration=duration, **members)


@pytest.fixture
def requested(ask):
    ask.add(
        *(request(status, session=session(1), **CART) for status in (200, 204, 301, 404, 503, None)),
        request(500, session=session(2), **CART), request(200, session=session(3), **CART),
        request(500, session=session(4), **ORDER), request(None, **ORDER),
        trace(100.0, **CART), trace(200.0, **CART), trace(400.0, http_status=500, **CART), trace(None, **ORDER),
    )  # fmt: skip
    return ask


def test_a_route_has_its_failures_by_class_and_the_sessions_they_hit(requested):
    table = requested.special("http-routes")
    assert table.columns == COLUMNS
    assert table.rows == [
        [*CART.values(), 8, 4, 0.5, 3, 1, 1, 2, 1, 0, 2, 3, 200, 300, pytest.approx(380)],
        [*ORDER.values(), 2, 2, 1, 0, 0, 0, 1, 1, 0, 1, 0, None, None, None],
    ]
    assert table.more["groups"] == 2


@pytest.mark.parametrize(
    ("order", "first"), [("requests", CART), ("failures", CART), ("failure_rate", ORDER), ("affected_sessions", CART)]
)
def test_the_worst_comes_first_as_one_wants_it(requested, order, first):
    table = requested.special("http-routes", order=order, limit=1)
    assert [cells[:3] for cells in table.rows] == [list(first.values())]
    assert table.more["groups"] == 2


def test_every_order_can_be_asked_for(requested):
    for order in HttpRoutesForm.__annotations__["order"].__args__:
        assert len(requested.special("http-routes", order=order).rows) == 2


def test_a_filter_of_requests_keeps_the_durations_of_their_traces(requested):
    for dimension, value in (("http_host", "api.example"), ("http_url", "/v1/cart/:id"), ("type", "http_event")):
        found = requested.special("http-routes", where=[{"dimension": dimension, "values": [value]}]).rows
        assert found[0][-4:-1] == [3, 200, 300]
    [failed] = requested.special("http-routes", where=[{"dimension": "http_status", "values": [500]}], limit=1).rows
    assert failed[-4:-1] == [1, 400, 400]


def test_a_request_of_a_status_beyond_the_classes_is_among_the_others(ask):
    ask.add(*(request(status, **CART) for status in (0, 101, 700)))
    [cells] = ask.special("http-routes").rows
    assert cells[3:13] == [
        3,
        1,
        pytest.approx(1 / 3),
        0,
        0,
        0,
        0,
        0,
        3,
        0,
    ]  # at 400 and more it failed, as in http_errors


def test_one_request_of_no_name_stands_in_a_row_of_null(ask):
    ask.add(request(200))
    assert ask.special("http-routes").rows == [
        [None, None, None, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, None, None, None],
    ]  # fmt: skip


def test_a_route_that_was_only_traced_is_no_request(ask):
    ask.add(trace(5.0, **CART))
    table = ask.special("http-routes")
    assert (table.rows, table.more["groups"], table.more["hints"]) == ([], 0, [])


def test_the_durations_of_all_routes_are_a_measure_over_the_same_traces(requested):
    requested.add(trace(-5.0, **CART))
    assert requested.rows(["request_count", "request_p50", "request_avg"]) == [[3, 200, pytest.approx(700 / 3)]]


def test_few_traces_are_told(requested):
    told = [(hint.row, hint.measure, hint.samples) for hint in requested.special("http-routes").more["hints"]]
    assert told == [(0, "duration_p50", 3), (0, "duration_p75", 3), (0, "duration_p95", 3)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("routes"), DEFAULTS)) as store:
        yield Asker(store)


_examples = itertools.count(1)
_statuses = st.none() | st.sampled_from([0, 101, 200, 204, 302, 399, 400, 499, 500, 599, 600])
_requests = st.lists(st.tuples(_statuses, st.sampled_from([CART, ORDER]), st.integers(1, 3)), min_size=1, max_size=30)


@settings(max_examples=10, deadline=None)
@given(_requests)
def test_classes_add_up_to_the_requests_and_routes_to_the_measures(shared, sent):
    release = f"r{next(_examples)}"
    shared.add(*(request(status, session=session(who), release=release, **route) for status, route, who in sent))
    where = [{"dimension": "release", "values": [release]}]
    found = [dict(zip(COLUMNS, cells, strict=True)) for cells in shared.special("http-routes", where=where).rows]
    for each in found:
        classes = ("http_2xx", "http_3xx", "http_4xx", "http_5xx", "network_errors", "other")
        assert sum(each[name] for name in classes) == each["requests"]
        assert each["failure_rate"] == each["failures"] / each["requests"]
        assert each["affected_sessions"] <= min(each["failures"], 3)
    sums = [
        sum(each[name] for each in found) for name in ("requests", "failures", "http_4xx", "http_5xx", "network_errors")
    ]
    measures = ["http_requests", "http_errors", "http_4xx", "http_5xx", "http_network_errors"]
    assert shared.rows(measures, where=where) == [sums]
