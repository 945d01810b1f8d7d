"""Records every event type that the real web client can send, for test_event_types.py:
`python -m tests.enrich.record_events`.

Needs Chromium, and npm for the clients. Keeps of a request its User-Agent and its body, unpacked.
"""

import contextlib
import gzip
import json
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

from build_client import bundle, install
from tests.conftest import CHROMIUM_OPTIONS
from tests.end_to_end.browsing import CACHE, CLIENTS, PATIENCE_S, VERSIONS, QuietHandler, kept_in_cache, serving
from tests.wire.door import MONITOR
from tests.wire.record import Recorder

HERE = Path(__file__).parent
RECORDED = HERE / "recorded_events"
PARTS = "AwsRum, TTIPlugin"
BUTTONS = ("slow", "errors", "requests", "route", "custom")
HIDE_BRANDS = "Object.defineProperty(navigator, 'userAgentData', { value: undefined })"
WITHOUT_BRANDS = {
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Safari": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Safari/605.1.15",
    "Safari on a telephone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
}


class Site(QuietHandler):
    """The pages, and addresses that answer with a wanted status, or never."""

    def do_GET(self):  # noqa: N802 - the name is http.server's
        if self.path.startswith("/status/"):
            self.answer(int(self.path.removeprefix("/status/")))
        elif self.path == "/late":
            self.rfile.read(1)  # nothing comes: the browser gives up
        else:
            super().do_GET()

    def do_POST(self):  # noqa: N802 - the name is http.server's
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def whole_clients() -> Path:
    """A folder with rum1.js, rum2.js and rum3.js, as in `browsing`, but with the plugins that are to be asked for."""
    return kept_in_cache(CLIENTS / "package-lock.json", "whole-clients", _bundle_clients)


def _bundle_clients(made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        workshop = Path(name)
        install(CLIENTS, workshop)
        for version in VERSIONS:
            entry = workshop / f"{version}.js"
            entry.write_text(f"import {{ {PARTS} }} from '{version}'; Object.assign(window, {{ {PARTS} }});")
            bundle(workshop, entry.name, made / entry.name)


def look(page, site: str, name: str, client: str, config: dict) -> None:
    """Come from the start page, and stay until the page has been still for so long that it counts as interactive."""
    wanted = {
        "client": client,
        "monitor": MONITOR,
        "telemetries": ["replay"] if client == "rum3" else [],
        "config": {
            "sessionSampleRate": 1,
            "allowCookies": True,
            "cookieAttributes": {"secure": False},
            "signing": False,
            "enableXRay": True,
            "alias": "shop",
            "releaseId": "2026.05/1",
            "sessionAttributes": {"plan": "pro", "beta": True},
            "dispatchInterval": 2000,
            **config,
        },
    }
    page.goto(f"{site}/start.html")
    page.evaluate("wanted => sessionStorage.setItem('wanted', wanted)", json.dumps(wanted))
    page.evaluate("name => location.assign(name)", name)
    page.wait_for_function("window.rum !== undefined")
    _wait(page, lambda: "com.amazon.rum.time_to_interactive_event" in _types())


def press(page) -> None:
    """Press every button."""
    for button in BUTTONS:
        page.click(f"#{button}")
        page.wait_for_timeout(500)
    page.wait_for_function("document.body.dataset.requests === 'done'")


def leave(page, site: str) -> None:
    """What was held back leaves now; a beacon goes its way after the page is gone."""
    before = len(Recorder.taken)
    page.goto(f"{site}/start.html")
    _wait(page, lambda: len(Recorder.taken) > before)
    page.wait_for_timeout(500)


def record(chromium, site: str, endpoint: str, client: str) -> None:
    """Two pages of one session, with every button pressed; then one page in each browser that says no brands."""
    context = chromium.new_context()
    page = context.new_page()
    look(page, site, "shop.html", client, {"endpoint": endpoint})
    press(page)
    leave(page, site)
    first = _take()
    look(page, site, "basket.html", client, {"endpoint": endpoint, "enableW3CTraceId": True, "legacySPASupport": True})
    press(page)
    leave(page, site)
    context.close()
    requests = first + _take()
    for user_agent in WITHOUT_BRANDS.values():
        context = chromium.new_context(user_agent=user_agent)
        context.add_init_script(HIDE_BRANDS)
        page = context.new_page()
        look(page, site, "shop.html", client, {"endpoint": endpoint})
        leave(page, site)
        context.close()
        # Only a browser that really is another one says so in a beacon, too.
        requests += [request for request in _take() if request["user_agent"] == user_agent]
    (RECORDED / f"{client}.json").write_text(json.dumps(requests, indent=1) + "\n", encoding="utf-8")


def _take() -> list[dict]:
    requests = [{"user_agent": request["headers"]["user-agent"], "body": _body(request)} for request in Recorder.taken]
    Recorder.taken.clear()
    return requests


def _body(request: dict) -> dict:
    body = request["body"].encode("latin-1")
    return json.loads(gzip.decompress(body) if request["headers"].get("content-encoding") == "gzip" else body)


def _types() -> set[str]:
    return {event["type"] for request in Recorder.taken for event in _body(request)["RumEvents"]}


def _wait(page, arrived) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not arrived():
        assert time.monotonic() < deadline, f"only {_types()} came"
        page.wait_for_timeout(20)


def main() -> None:
    from playwright.sync_api import sync_playwright

    RECORDED.mkdir(exist_ok=True)
    with contextlib.ExitStack() as open_until_done:
        folder = Path(open_until_done.enter_context(tempfile.TemporaryDirectory()))
        for source in (*(HERE / "site").iterdir(), *whole_clients().glob("*.js")):
            shutil.copyfile(source, folder / source.name)
        shutil.copyfile(folder / "shop.html", folder / "basket.html")
        site = open_until_done.enter_context(serving(partial(Site, directory=folder)))
        endpoint = open_until_done.enter_context(serving(Recorder))
        playwright = open_until_done.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        for client in VERSIONS:
            record(chromium, site, endpoint, client)
        chromium.close()


if __name__ == "__main__":
    main()
