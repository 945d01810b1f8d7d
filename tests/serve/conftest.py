"""The real server, once for this folder, with a monitor, a key of each role and three events."""

import base64
import json

import pytest

from tests.crash.load import Witness, public_monitor
from tests.server import Server


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("serve") / "data") as running:
        running.witness = Witness(public_monitor(running, "shop"), seed=3)
        assert running.witness.send_some(running, 3) == [200] * 3
        running.wait_until_drained()
        yield running
        assert running.stop() == 0
        running.command("check")


@pytest.fixture(scope="package")
def keys(server):
    """Authorization headers by role."""

    def header(role):
        made = json.loads(server.command("keys", "create", "--name", role, "--role", role, "--json").stdout)
        pair = f"{made['access_key_id']}:{made['secret_access_key']}"
        return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    return {role: header(role) for role in ("admin", "viewer", "ingest")}


@pytest.fixture
def ask(server, keys):
    """Call /api/v1 as a viewer: (status, content)."""

    def ask(method, path, content=None, headers=keys["viewer"]):
        body = None if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
        status, answer = server.request(method, path, body, headers)
        return status, json.loads(answer)

    return ask
