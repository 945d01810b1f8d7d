"""The built console as a browser gets it, from a build of the test's own."""

import asyncio
import gzip
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from openrum.serve.console_files import ConsoleFiles

SCRIPT = b"console.log('a script that is long enough to be packed');" * 20


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"<!doctype html><title>OpenRUM</title>")
    (tmp_path / "favicon.svg").write_bytes(b"<svg/>")
    (tmp_path / "assets" / "index-d3EEdNpv.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-d3EEdNpv.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "built-from.txt").write_text("a stamp")
    return tmp_path


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes = b""


def get(folder, path, method="GET", **headers):
    """What the files of a folder answer."""
    app = Starlette(routes=[Route("/console/{path:path}", ConsoleFiles(folder).serve, methods=["GET"])])
    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": f"/console/{path}", "headers": asked, "query_string": b""}
    told = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        told.append(message)

    asyncio.run(app({**scope, "root_path": "", "server": ("console.test", 80), "scheme": "http"}, receive, send))
    begin, *parts = told
    found = {name.decode(): value.decode() for name, value in begin["headers"]}
    return Answer(begin["status"], found, b"".join(part.get("body", b"") for part in parts))


@pytest.mark.parametrize(
    "path", ["", "monitors", "shop/overview", "shop/sessions/abc", "built-from.txt", "../../../etc/passwd"]
)
def test_every_place_of_the_console_is_its_page_and_is_asked_for_again(folder, path):
    answer = get(folder, path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.body == (folder / "index.html").read_bytes()
    assert answer.headers["cache-control"] == "no-cache"


def test_a_file_with_a_hash_in_its_name_is_kept_for_ever(folder):
    answer = get(folder, "assets/index-d3EEdNpv.js")
    assert answer.body == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert get(folder, "favicon.svg").headers["cache-control"] == "no-cache"


def test_a_file_goes_packed_to_who_takes_that(folder):
    plain = get(folder, "assets/index-d3EEdNpv.js")
    packed = get(folder, "assets/index-d3EEdNpv.js", accept_encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == SCRIPT
    assert len(packed.body) < len(SCRIPT) / 2
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


def test_what_the_browser_has_is_not_sent_again(folder):
    etag = get(folder, "").headers["etag"]
    again = get(folder, "", if_none_match=f'W/"other", {etag}')
    assert (again.status, again.body) == (304, b"")
    assert get(folder, "", if_none_match='"other"').status == 200


def test_a_script_of_another_build_is_404_and_no_page_in_its_place(folder):
    assert get(folder, "assets/index-00000000.js").status == 404
    # A monitor may be called assets.
    assert get(folder, "assets/overview").status == 200


@pytest.mark.parametrize("path", ["", "assets/index-d3EEdNpv.js", "assets/none.js"])
def test_everything_carries_the_policy_without_exceptions(folder, path):
    headers = get(folder, path).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"


def test_only_reading_is_allowed(folder):
    assert get(folder, "", method="HEAD").status == 200
    assert get(folder, "", method="POST").status == 405


def test_without_a_build_it_says_how_to_make_one(tmp_path):
    answer = get(tmp_path / "nothing", "")
    assert answer.status == 503
    assert b"make console" in answer.body


def test_the_front_leads_to_the_console(server):
    status, _ = server.request("GET", "/")
    assert status == 307
    status, body = server.request("GET", "/console/")
    assert status == 200
    assert b"<title>OpenRUM</title>" in body
