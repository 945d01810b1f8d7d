"""Events as a site's own client would send them, for tests that send some and look for them."""

import json
import time
import uuid


def event(kind, details=None, metadata=None):
    """One event of now, of the client's own types unless the name has a dot."""
    return {
        "id": str(uuid.uuid4()),
        "timestamp": int(time.time()),
        "type": kind if "." in kind else f"com.amazon.rum.{kind}",
        "details": json.dumps({"version": "1.0.0", **(details or {})}),
        "metadata": json.dumps({"version": "1.0.0", "domain": "localhost", "pageId": "/sent", **(metadata or {})}),
    }


def batch(events, session=None):
    """The body of a PutRumEvents of one session."""
    return {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": "x", "version": "1.0.0"},
        "UserDetails": {"userId": str(uuid.uuid4()), "sessionId": session or str(uuid.uuid4())},
        "RumEvents": events,
    }


def send(server, monitor, body):
    """Send a batch to a public monitor; it is acknowledged."""
    path, encoded = f"/appmonitors/{monitor}/", json.dumps(body).encode()
    assert server.request("POST", path, encoded, {"content-type": "application/json"})[0] == 200
