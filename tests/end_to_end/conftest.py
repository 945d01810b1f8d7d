"""A site on one origin, OpenRUM on another, the real web client in three major versions, and Chromium between them."""

import hashlib
import http.server
import json
import shutil
import tempfile
import threading
from functools import partial
from pathlib import Path

import pytest

from build_client import bundle, install
from tests.server import Server

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache"
CLIENTS = HERE / "clients"


@pytest.fixture(scope="session")
def client_bundles():
    """A folder with rum1.js, rum2.js and rum3.js, built once from the lock and kept."""
    made_from = hashlib.sha256((CLIENTS / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = CACHE / f"clients-{made_from}"
    if not folder.is_dir():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            workshop = Path(name)
            install(CLIENTS, workshop)
            made = workshop / "made"
            made.mkdir()
            for version in ("rum1", "rum2", "rum3"):
                entry = workshop / f"{version}.js"
                entry.write_text(f"import {{ AwsRum }} from '{version}'; window.AwsRum = AwsRum;")
                bundle(workshop, entry.name, made / entry.name)
            try:
                made.rename(folder)
            except OSError:
                assert folder.is_dir(), "another worker made it first"
    return folder


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves the site and says nothing."""

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="session")
def site(client_bundles, tmp_path_factory):
    """The address of a site of two pages, on an origin of its own."""
    folder = tmp_path_factory.mktemp("site")
    for source in (*(HERE / "site").iterdir(), *client_bundles.glob("*.js")):
        shutil.copyfile(source, folder / source.name)
    server = http.server.ThreadingHTTPServer(("localhost", 0), partial(QuietHandler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def openrum(tmp_path_factory):
    """The real server, with a public monitor, one that takes signed batches alone, and an ingest key."""
    with Server(tmp_path_factory.mktemp("end-to-end") / "data") as server:
        server.command("monitors", "create", "public", "--domain", "localhost", "--public")
        server.command("monitors", "create", "signed", "--domain", "localhost")
        yield server
        assert server.stop() == 0
        server.command("check")


@pytest.fixture(scope="session")
def ingest_key(openrum):
    return json.loads(openrum.command("keys", "create", "--name", "site", "--role", "ingest", "--json").stdout)
