"""The demo shop in a real browser: what it does wrong is in OpenRUM a moment later, and the page shows that."""

import json

import pytest

from tests.demo_data import demo_data
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(demo_data(tmp_path_factory), ("--demo",)) as running:
        yield running


@pytest.fixture
def page(chromium, server):
    context = chromium.new_context()
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{server.url}/demo/")
    yield page
    context.close()


def shown(page, event_type):
    page.wait_for_function(
        "type => [...document.querySelectorAll('#live tbody tr')].some(row => row.cells[0].textContent === type)",
        arg=event_type,
    )


def test_what_the_shop_does_wrong_is_shown_live_on_its_own_page(page):
    assert page.url.endswith("/demo/")
    shown(page, "page_view_event")
    page.click("[data-do=error]")
    shown(page, "js_error_event")
    page.click("[data-do=broken]")
    shown(page, "http_event")
    page.click("[data-do=event]")
    shown(page, "shop.wish")


def test_who_visits_the_shop_is_recorded(page):
    page.click("[data-do=slow]")
    shown(page, "rrweb_event")
    assert page.problems == []


def test_every_page_of_the_shop_is_there_and_keeps_to_its_policy(page):
    links = page.eval_on_selector_all("nav a, .shelf a", "links => links.map(link => link.href)")
    assert len(links) > 8
    for link in links[:8]:
        assert page.goto(link).status == 200
        shown(page, "page_view_event")
    assert not [text for text in page.problems if "Content Security Policy" in text]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/demo/categories/none", 404),
        ("/demo/products/none", 404),
        ("/demo/pictures/none.svg", 404),
        ("/demo/site/page.html", 404),
        ("/demo/site/..%2fshop.py", 404),
        ("/demo/cart", 200),
        ("/demo/live?session=nobody", 200),
        ("/demo/live?session=%27%20OR%201=1", 200),
    ],
)
def test_what_is_asked_for_is_there_or_404(server, path, status):
    assert server.request("GET", path)[0] == status


def test_fourteen_days_of_visits_are_there_and_a_restart_does_not_double_them(server):
    server.wait_until_drained()
    question = {"monitor": "demo", "measures": ["events", "sessions"], "from": "-14d", "by": ["time:1d"]}
    before = server.api("POST", "/api/v1/query", {**question, "to": "-1h"})["rows"]
    assert sum(events for _, events, _ in before) > 50_000
    assert all(events for _, events, _ in before[1:-1]), (
        "the last day has only begun, at night perhaps with nobody there"
    )
    totals = server.api("GET", "/api/v1/ledger?monitor=demo&from=-1d")["totals"]
    assert totals["received"] == totals["stored"]
    assert server.stop() == 0
    server.start()
    server.wait_until_drained()
    assert server.api("POST", "/api/v1/query", {**question, "to": before[-1][0]})["rows"][1:] == before[1:-1]
    assert json.loads(server.request("GET", "/readyz")[1])["problems"] == []
