"""The real server as a subprocess, for tests and benchmarks: start it, kill it, ask it, through its public doors alone."""

import configparser
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.forked import ForkedProcess, Forker

START_S_MAX = 30
PATIENCE_S = 30
forker: Forker | None = None
"""What begins our processes; the tests set it. Without it, each is an interpreter started anew."""


class ServerDied(AssertionError):
    """The server ended when it should run. The message carries its last words."""


@dataclass
class Server:
    """`openrum serve` on a port of the system's choice."""

    data_dir: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()  # such as strace and its options
    anew: bool = False  # never forked
    process: subprocess.Popen | ForkedProcess | None = None
    port: int = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    def start(self, *, wait: bool = True) -> "Server":
        """Start, and wait until it answers."""
        (self.data_dir / "serving.json").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = self._begin(
                ["-m", "openrum", "serve", "--port", "0", "--data-dir", str(self.data_dir), *self.options],
                stdout=log,
                stderr=log,
                env={**os.environ, "OPENRUM_LOG_FORMAT": "json", "OPENRUM_CANARY_S": "0", **self.environment},
                start_new_session=True,
            )
        if wait:
            self.wait_until_serving()
        return self

    def wait_until_serving(self) -> None:
        """Return once /healthz answers 200; ServerDied when the process ends first."""
        deadline = time.monotonic() + START_S_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerDied(f"exit {self.process.returncode}: {self.last_words()}")
            try:
                self.port = json.loads((self.data_dir / "serving.json").read_text())["port"]
                if self.request("GET", "/healthz")[0] == 200:
                    return
            except (OSError, ValueError, KeyError):
                self._pause(0.01)
        raise ServerDied(f"not serving after {START_S_MAX} s: {self.last_words()}")

    def kill(self) -> None:
        """SIGKILL to the whole process group, as an out-of-memory killer or a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, and wait for the graceful end. Returns the exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerDied(f"did not end on SIGTERM: {self.last_words()}") from None

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3_000:]

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request on a connection of its own. OSError or HTTPException where there is no whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def api(self, method: str, path: str, question: object = None) -> dict:
        """A call of /api/v1 as the first admin."""
        headers = self.as_admin()
        body = None
        if question is not None:
            body = json.dumps(question).encode()
            headers["content-type"] = "application/json"
        status, answer = self.request(method, path, body, headers)
        assert status == 200, (status, answer)
        return json.loads(answer)

    def as_admin(self) -> dict[str, str]:
        """The header that says so."""
        return {"authorization": "Basic " + b64encode(":".join(self.credentials()).encode()).decode()}

    def credentials(self) -> tuple[str, str]:
        """Access key id and secret of the first start."""
        parser = configparser.ConfigParser()
        parser.read(self.data_dir / "credentials")
        return parser["openrum"]["aws_access_key_id"], parser["openrum"]["aws_secret_access_key"]

    def rum(self, key: tuple[str, str] | None = None, **config: object):
        """A stock boto3 client, of the first admin or with another key."""
        import boto3
        from botocore.config import Config

        access_key, secret = key or self.credentials()
        return boto3.client(
            "rum",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key=secret,
            config=Config(inject_host_prefix=False, **config),
        )

    def command(self, *arguments: str, check: bool = True, text_in: str = "") -> subprocess.CompletedProcess:
        """Any other openrum command on the same data directory."""
        arguments, environment = self._here(arguments), {**os.environ, **self.environment}
        if forker and not self.anew:
            return forker.run(arguments, text_in=text_in, env=environment, check=check)
        return subprocess.run(
            [sys.executable, *arguments],
            input=text_in,
            capture_output=True,
            text=True,
            check=check,
            timeout=300,
            env=environment,
        )

    def begin_command(self, *arguments: str) -> subprocess.Popen | ForkedProcess:
        """The same, not waited for."""
        return self._begin(
            self._here(arguments),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
        )

    def _begin(self, arguments: list[str], **streams: object) -> subprocess.Popen | ForkedProcess:
        if forker and not self.anew and not self.prefix:
            return forker.start(arguments, **streams)
        return subprocess.Popen([*self.prefix, sys.executable, *arguments], **streams)

    def _here(self, arguments: tuple[str, ...]) -> list[str]:
        return ["-m", "openrum", *arguments, "--data-dir", str(self.data_dir)]

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, *self._here(arguments)]

    def pending(self) -> int:
        return json.loads(self.request("GET", "/readyz")[1])["pending_events"]

    def wait_until_drained(self) -> None:
        """Return once everything acknowledged is in answers. A machine with much to do may take long; standing still is a fault."""
        waiting, deadline = self.pending(), time.monotonic() + PATIENCE_S
        while waiting:
            assert time.monotonic() < deadline, f"the drain stands still before {waiting} events"
            self._pause(0.02)
            before, waiting = waiting, self.pending()
            if waiting < before:
                deadline = time.monotonic() + PATIENCE_S

    def rss_bytes(self) -> int:
        """Resident memory of the process."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ServerDied("no such process")

    def _pause(self, seconds: float) -> None:
        """Wait, but wake at once when the process ends."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
