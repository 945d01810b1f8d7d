"""What OpenRUM says of itself, and the web client's files as a CDN would serve them."""

import gzip
import http.client
import json
import re

import pytest


@pytest.fixture
def get(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def get(path, **headers):
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    yield get
    connection.close()


def test_health_is_told_to_everyone_and_kept_by_nobody(get):
    status, headers, body = get("/healthz")
    assert (status, headers["cache-control"], body) == (200, "no-store", b"ok\n")
    status, _, body = get("/readyz")
    assert (status, json.loads(body)) == (200, {"status": "ready", "pending_events": 0, "problems": []})


def test_metrics_are_prometheus_text_and_count_what_was_sent(get, server):
    status, headers, body = get("/metrics")
    assert status == 200
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = body.decode().splitlines()
    line = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+')
    assert all(each.startswith("# ") or line.fullmatch(each) for each in lines)
    sent = sum(len(batch.events) for batch in server.witness.batches)
    assert f"openrum_events_received_total {sent}" in lines
    assert f'openrum_events_total{{outcome="stored"}} {sent}' in lines


def version(get):
    return re.search(rb"\d+\.\d+\.\d+", get("/client/none/cwr.js")[2])[0].decode()


def test_a_whole_version_never_changes_and_a_moving_one_is_asked_for_again(get):
    whole = version(get)
    major, minor, _ = whole.split(".")
    caching = {
        pin: get(f"/client/{pin}/cwr.js")[1]["cache-control"] for pin in (whole, f"{major}.x", f"{major}.{minor}.x")
    }
    assert "immutable" in caching.pop(whole)
    assert set(caching.values()) == {"public, max-age=600"}


def test_the_client_is_packed_for_who_takes_that_and_not_sent_twice(get):
    path = f"/client/{version(get)}/cwr.js"
    _, plain_headers, plain = get(path)
    _, headers, packed = get(path, accept_encoding="gzip, br")
    assert gzip.decompress(packed) == plain
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")
    assert len(packed) < len(plain) / 2
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert get(path, if_none_match=plain_headers["etag"])[0] == 304


@pytest.mark.parametrize(
    "path", ["/client/9.9.9/cwr.js", "/client/..%2f..%2fetc%2fpasswd/cwr.js", "/nothing", "/api/v1/nothing"]
)
def test_what_is_not_there_is_404(get, path):
    assert get(path)[0] == 404
