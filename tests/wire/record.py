"""Records PutRumEvents as real clients send it, for test_recorded.py: `python -m tests.wire.record`.

Needs Chromium, and npm for the web clients. Keeps of the headers only what the door reads, so that a recording says
nothing of the machine it was made on.
"""

import contextlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import CHROMIUM_OPTIONS
from tests.end_to_end.browsing import VERSIONS, serving, serving_site, visit
from tests.wire.door import MONITOR, SECRET, batch, encoded, event

RECORDED = Path(__file__).parent / "recorded"
KEY = "AKIARECORDED"
KEPT = ("host", "origin", "referer", "content-type", "content-encoding", "authorization", "x-amz-date")
KEPT_OF_BROWSERS = (*KEPT, "user-agent", "x-amz-content-sha256", "x-amz-security-token")


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers 200 to every batch, lets every origin send, and keeps what came in `taken`."""

    protocol_version = "HTTP/1.1"
    taken: list[dict] = []  # noqa: RUF012 - one recorder in the process

    def do_OPTIONS(self):
        self.answer()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        kept = KEPT_OF_BROWSERS if "origin" in self.headers else KEPT
        self.taken.append(
            {
                "at_ms": time.time_ns() // 1_000_000,
                "target": self.path,
                "headers": {name: self.headers[name] for name in kept if name in self.headers},
                "body": body.decode("latin-1"),  # each character is one byte
            }
        )
        self.answer()

    def answer(self):
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", self.headers.get("origin", "*"))
        self.send_header("Access-Control-Allow-Methods", "POST, OPTIONS")
        self.send_header("Access-Control-Allow-Headers", self.headers.get("access-control-request-headers", "*"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        pass


def keep(name: str) -> None:
    """Write the last of what was taken down as `name`, and begin anew."""
    (RECORDED / f"{name}.json").write_text(json.dumps(Recorder.taken[-1], indent=1) + "\n", encoding="utf-8")
    Recorder.taken.clear()


def keep_visit(name: str) -> None:
    """The last fetch of a visit, and its beacon."""
    beacon = Recorder.taken.pop()
    assert beacon["headers"]["content-type"].startswith("text/plain"), "the last of a visit is a beacon"
    keep(f"{name}-fetch")
    Recorder.taken.append(beacon)
    keep(f"{name}-beacon")


def _beacon_came(_sent) -> bool:
    return Recorder.taken[-1]["headers"]["content-type"].startswith("text/plain")


def record_browsers(endpoint: str, site: str) -> None:
    """Every version of the web client, by every road that it knows."""
    from playwright.sync_api import sync_playwright

    credentials = {"accessKeyId": KEY, "secretAccessKey": SECRET, "sessionToken": "a/session+token="}
    roads = {
        "unsigned": {"config": {"signing": False}},
        "signed": {"config": {}, "credentials": credentials},
        "packed": {"config": {"signing": False, "compressionStrategy": {"enabled": True}}},
        "packed-signed": {"config": {"compressionStrategy": {"enabled": True}}, "credentials": credentials},
    }
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        for client in VERSIONS:
            for road, how in roads.items():
                if road.startswith("packed") and client == "rum1":
                    continue  # 1.x cannot
                visit(chromium, site, endpoint, client=client, monitor=MONITOR, arrived=_beacon_came, **how)
                keep_visit(f"{client}-{road}")
        chromium.close()


def record_sdk(endpoint: str) -> None:
    """boto3, signed and unsigned."""
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    for road, config in {"signed": {}, "unsigned": {"signature_version": UNSIGNED}}.items():
        client = boto3.client(
            "rum",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(inject_host_prefix=False, **config),
        )
        client.put_rum_events(Id=MONITOR, **batch(event(), event()))
        keep(f"boto3-{road}")


def record_command_line(endpoint: str) -> None:
    """The AWS CLI, signed and unsigned."""
    aws = shutil.which("aws", path=Path(sys.executable).parent)
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_RUM": endpoint,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
    for road, options in {"signed": [], "unsigned": ["--no-sign-request"]}.items():
        members = encoded({"Id": MONITOR, **batch(event(), event())}).decode()
        command = [aws, "rum", "put-rum-events", "--cli-input-json", members, *options]
        subprocess.run(command, check=True, env=environment)
        keep(f"cli-{road}")


def main() -> None:
    RECORDED.mkdir(exist_ok=True)
    with contextlib.ExitStack() as open_until_done:
        folder = open_until_done.enter_context(tempfile.TemporaryDirectory())
        endpoint = open_until_done.enter_context(serving(Recorder))
        site = open_until_done.enter_context(serving_site(Path(folder)))
        record_browsers(endpoint, site)
        record_sdk(endpoint)
        record_command_line(endpoint)


if __name__ == "__main__":
    main()
