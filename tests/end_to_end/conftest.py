"""A site on one origin, OpenRUM on another."""

import json

import pytest

from tests.end_to_end.browsing import serving_site
from tests.server import Server


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The address of a site of two pages, on an origin of its own."""
    with serving_site(tmp_path_factory.mktemp("site")) as url:
        yield url


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
def monitor_ids(openrum):
    """The id of each monitor by its name."""
    return {
        name: json.loads(openrum.command("monitors", "show", name, "--json").stdout)["Id"]
        for name in ("public", "signed")
    }


@pytest.fixture(scope="session")
def credentials(openrum):
    """An ingest key, in the form that the web client takes."""
    key = json.loads(openrum.command("keys", "create", "--name", "site", "--role", "ingest", "--json").stdout)
    return {"accessKeyId": key["access_key_id"], "secretAccessKey": key["secret_access_key"], "sessionToken": ""}
