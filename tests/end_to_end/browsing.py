"""A site on its own origin, the real web client in three major versions, and a visit to it in Chromium."""

import hashlib
import http.server
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from build_client import bundle, install

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache"
CLIENTS = HERE / "clients"
PATIENCE_S = 20
VERSIONS = ("rum1", "rum2", "rum3")  # the names under which clients/package.json has them


def client_bundles() -> Path:
    """A folder with rum1.js, rum2.js and rum3.js, built once from the lock and kept."""
    return kept_in_cache(CLIENTS / "package-lock.json", "clients", _bundle_clients)


def _bundle_clients(made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        workshop = Path(name)
        install(CLIENTS, workshop)
        for version in VERSIONS:
            entry = workshop / f"{version}.js"
            entry.write_text(f"import {{ AwsRum }} from '{version}'; window.AwsRum = AwsRum;")
            bundle(workshop, entry.name, made / entry.name)


def kept_in_cache(lock: Path, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, once for each state of a lock file."""
    made_from = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder = CACHE / f"{name}-{made_from}"
    if not folder.is_dir():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as parent:
            made = Path(parent) / "made"
            made.mkdir()
            make(made)
            try:
                made.rename(folder)
            except OSError:
                assert folder.is_dir(), "another worker made it first"
    return folder


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_arguments):
        pass


@contextmanager
def serving(handler) -> Iterator[str]:
    """An HTTP server of its own origin. Yields its address."""
    server = http.server.ThreadingHTTPServer(("localhost", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving_site(folder: Path) -> Iterator[str]:
    """The site of two pages with the clients beside them, copied into `folder`."""
    for source in (*(HERE / "site").iterdir(), *client_bundles().glob("*.js")):
        shutil.copyfile(source, folder / source.name)
    with serving(partial(QuietHandler, directory=folder)) as url:
        yield url


@dataclass(frozen=True)
class Visit:
    """What the page noted of its own sending: (id, type) of each event, counts of its roads, and what went wrong."""

    sent: list[tuple[str, str]]
    beacons: int
    packed: int
    problems: list[str]


def visit(chromium, site, endpoint, *, client, monitor, config, credentials=None, arrived) -> Visit:
    """One visit to the site: look, press both buttons, leave. `monitor` is an id, `config` the client's options.

    The browser stays until `arrived` says of the events that were sent that they are all there: a beacon goes its way
    after the page is gone, and no answer of it is to be seen.
    """
    wanted = {
        "client": client,
        "monitor": monitor,
        "config": {
            "endpoint": endpoint,
            "sessionSampleRate": 1,
            "telemetries": ["performance", "errors", "http"],
            "allowCookies": True,
            "cookieAttributes": {"secure": False},
            "dispatchInterval": 300,
            **config,
        },
        "credentials": credentials,
    }
    context = chromium.new_context()
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    with page.expect_response(_of_a_batch):
        page.goto(f"{site}/shop.html?wanted={quote(json.dumps(wanted))}")
        page.wait_for_function("window.rum !== undefined")
    with page.expect_response(_of_a_batch):
        page.click("#slow")
        page.click("#error")
    page.goto(f"{site}/away.html")  # the page is hidden: what was held back leaves now
    noted = page.evaluate("({...localStorage})")
    sent = [tuple(event) for event in json.loads(noted["sent"])]
    deadline = time.monotonic() + PATIENCE_S
    while not arrived(sent) and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    context.close()
    return Visit(
        sent=sent,
        beacons=int(noted.get("beacons", 0)),
        packed=int(noted.get("packed", 0)),
        problems=[text for text in problems if "the button failed" not in text],
    )


def _of_a_batch(response) -> bool:
    return "/appmonitors/" in response.url and response.request.method == "POST"
