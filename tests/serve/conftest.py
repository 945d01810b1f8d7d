"""The real server, once for this folder, with a monitor, a key of each role and three events."""

import base64
import json
import time
import uuid

import pytest

from tests.crash.load import Witness, public_monitor
from tests.server import Server

SESSION = "5e551011-0000-4000-8000-000000000001"
STACK = "TypeError: x is undefined\n    at total (https://shop.example/js/cart.js:12:7)"


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


@pytest.fixture(scope="package")
def blog(server):
    """A monitor with one session of two views and an error."""
    monitor = public_monitor(server, "blog")
    now = int(time.time())
    kinds = [
        ("page_view_event", now - 3, {"pageId": "/"}, "/"),
        ("page_view_event", now - 2, {"pageId": "/cart"}, "/cart"),
        ("js_error_event", now - 1, {"type": "TypeError", "message": "x is undefined", "stack": STACK}, "/cart"),
    ]
    events = [
        {
            "id": str(uuid.uuid4()),
            "timestamp": at,
            "type": f"com.amazon.rum.{kind}",
            "metadata": json.dumps({"version": "1.0.0", "domain": "localhost", "pageId": page}),
            "details": json.dumps({"version": "1.0.0", "huge": 10**30, **details}),
        }
        for kind, at, details, page in kinds
    ]
    body = {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": monitor, "version": "1.0.0"},
        "UserDetails": {"userId": str(uuid.uuid4()), "sessionId": SESSION},
        "RumEvents": events,
    }
    headers = {"content-type": "application/json"}
    status, answer = server.request("POST", f"/appmonitors/{monitor}", json.dumps(body).encode(), headers)
    assert status == 200, answer
    server.wait_until_drained()
    return events


@pytest.fixture
def ask(server, keys):
    """Call /api/v1 as a viewer: (status, content)."""

    def ask(method, path, content=None, headers=keys["viewer"]):
        body = None if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
        status, answer = server.request(method, path, body, headers)
        return status, json.loads(answer)

    return ask
