"""One route of requests: which single requests are shown, in which order, with which durations; and what failures said."""

import pytest

from openrum.query.http_route import COLUMNS
from openrum.query.question import BadQuestion
from tests.query.conftest import row, session

CART = {"url_host": "api.example", "url": "/v1/cart/:id", "http_method": "GET"}
ORDER = {"url_host": "api.example", "url": "/v1/orders", "http_method": "POST"}
OF_CART = {"host": "api.example", "route": "/v1/cart/:id", "method": "GET"}


def request(status, **members):
    return row("http_event", **{**CART, "http_status": status, **members})


def trace(duration, name=None, **members):
    return row("xray_trace_event", **{**CART, "duration": duration, "trace_id": name, **members})


def told(table, *names):
    places = [COLUMNS.index(name) for name in names]
    return [tuple(cells[place] for place in places) for cells in table.rows]


def test_failed_requests_come_newest_first_and_others_are_not_among_them(ask):
    ask.add(
        request(500, ago_ms=3_000, session=session(1)), request(404, ago_ms=1_000, session=session(2)), request(200),
        request(None, ago_ms=2_000, error_type="TypeError", error_message="Failed to fetch"),
        request(500, **ORDER), trace(9.0, http_status=500),
    )  # fmt: skip
    table = ask.special("http-route", **OF_CART)
    assert told(table, "status", "error_type", "error_message") == [
        (404, None, None),
        (None, "TypeError", "Failed to fetch"),
        (500, None, None),
    ]
    assert told(table, "session")[0] == (session(2),)
    assert told(ask.special("http-route", **OF_CART, samples=1), "status") == [(404,)]
    assert (200,) in told(ask.special("http-route", **OF_CART, show="newest"), "status")


def test_a_request_has_the_duration_of_the_trace_that_it_names(ask):
    ask.add(
        request(500, trace_id="1-a"), request(503, trace_id="1-b"), request(404), trace(12.5, "1-a"), trace(7.0, "1-c")
    )
    found = dict(told(ask.special("http-route", **OF_CART), "status", "duration"))
    assert found == {500: 12.5, 503: None, 404: None}


def test_the_slowest_are_traces_whatever_is_filtered_of_requests(ask):
    ask.add(trace(5.0, "1-a"), trace(80.0, "1-b"), trace(20.0, "1-c"), trace(None), trace(99.0, **ORDER), request(500))
    where = [{"dimension": "http_url", "values": ["/v1/cart/:id"]}, {"dimension": "type", "values": ["http_event"]}]
    table = ask.special("http-route", **OF_CART, show="slowest", where=where)
    assert told(table, "trace_id", "duration") == [("1-b", 80), ("1-c", 20), ("1-a", 5)]


def test_what_failures_said_is_counted_with_the_sessions_that_met_it(ask):
    lost = {"error_type": "TypeError", "error_message": "Failed to fetch"}
    ask.add(
        *(request(503, session=session(number)) for number in (1, 1, 2)), request(200, session=session(1)),
        request(None, session=session(3), **lost), request(404, **ORDER),
    )  # fmt: skip
    messages = ask.special("http-route", **OF_CART).more["messages"]
    assert messages == [[503, None, None, 3, 2], [None, *lost.values(), 1, 1]]


def test_a_route_without_a_name_is_one_of_its_own(ask):
    ask.add(request(500), row("http_event", http_status=418))
    assert told(ask.special("http-route"), "status") == [(418,)]


@pytest.mark.parametrize("samples", [0, 101])
def test_samples_are_bounded(ask, samples):
    with pytest.raises(BadQuestion, match="samples: must be 1 to 100"):
        ask.special("http-route", samples=samples)
