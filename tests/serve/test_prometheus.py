"""Answers as Prometheus scrapes them: a gauge for each measure, values of strangers only inside of labels."""

import json
import re
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.serve.prometheus import Metric, Sample, label_names, text_of

_LINE = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')


def samples(text):
    """Name, labels and value of every line that is one, as the format has them."""
    found = []
    for line in text.split("\n")[:-1]:
        if line.startswith("# "):
            continue
        match = _LINE.fullmatch(line)
        assert match, line
        pairs = _LABEL.findall(match["labels"] or "")
        assert "".join(f'{name}="{value}",' for name, value in pairs).rstrip(",") == (match["labels"] or "")
        plain = {name: re.sub(r"\\(.)", lambda each: {"n": "\n"}.get(each[1], each[1]), value) for name, value in pairs}
        found.append((match["name"], plain, float(match["value"])))
    return found


@pytest.fixture
def scrape(server, keys):
    """What a scrape with these parameters answers: status, media type and text."""

    def scrape(**members):
        parameters = {name: json.dumps(value) if isinstance(value, list) else value for name, value in members.items()}
        path = f"/api/v1/prometheus?{urlencode({'monitor': 'blog', 'from': '-1h', **parameters})}"
        status, body = server.request("GET", path, headers=keys["viewer"])
        return status, body.decode()

    return scrape


def test_each_measure_is_a_gauge_with_a_sample_for_each_row(blog, scrape):
    status, text = scrape(measures=["page_views", "js_errors"], by=["page"])
    assert status == 200, text
    assert "# TYPE openrum_page_views gauge\n" in text
    assert sorted(samples(text), key=str) == sorted([
        ("openrum_page_views", {"monitor": "blog", "page": "/"}, 1.0),
        ("openrum_page_views", {"monitor": "blog", "page": "/cart"}, 1.0),
        ("openrum_js_errors", {"monitor": "blog", "page": "/"}, 0.0),
        ("openrum_js_errors", {"monitor": "blog", "page": "/cart"}, 1.0),
    ], key=str)  # fmt: skip


def test_what_has_no_value_has_no_sample_and_filters_count(blog, scrape):
    status, text = scrape(measures=["lcp_p75", "sessions"], where=[{"dimension": "page", "values": ["/cart"]}])
    assert (status, samples(text)) == (200, [("openrum_sessions", {"monitor": "blog"}, 1.0)])
    assert "# HELP openrum_lcp_p75 " in text


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"measures": ["page_views"], "by": ["time:1h"]}, "by"),
        ({"measures": ["page_vews"]}, "measures[0]"),
        ({"measures": "page_views"}, "measures"),
        ({}, None),
        ({"measures": ["page_views"], "compare": "previous"}, None),
    ],
    ids=str,
)
def test_what_cannot_be_scraped_is_refused_by_the_member(blog, scrape, members, field):
    status, text = scrape(**members)
    assert status == 400
    assert field in (None, json.loads(text)["error"]["field"])


def test_nobody_scrapes_without_a_key(server):
    status, _ = server.request("GET", "/api/v1/prometheus?monitor=shop&measures=%5B%22events%22%5D")
    assert status == 401


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_value_of_a_stranger_stays_in_its_label(value, number):
    text = text_of([Metric("openrum_x", "gauge", "a\nb", [Sample(number, {"page": value})])]).decode()
    [(name, labels, told)] = samples(text)
    assert (name, labels) == ("openrum_x", {"page": value})
    assert told == pytest.approx(number, rel=1e-9)


def test_labels_that_come_out_alike_are_numbered():
    names = ["attribute:a-b", "attribute:a.b", "page", "attribute:a b"]
    assert label_names(names) == ["attribute_a_b", "attribute_a_b__2", "page", "attribute_a_b__3"]
