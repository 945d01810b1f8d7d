"""`openrum import`: exports of CloudWatch Logs, read file by file and sent to the running server by its own door.

What the rows are is `cloudwatch_logs.py`'s business. Here files are opened (packed ones by their first bytes, folders with
all below them, `-` is standard input), and each body is sent, signed, until it is on disk: the server's word to wait is
heeded, a broken connection is made anew. What was sent twice is stored once, so a command that ended may be given again.
"""

import gzip
import http.client
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import cast

from openrum.aws.signing import sign
from openrum.cloudwatch_logs import Bodies, Stream
from openrum.data_directory import Credentials
from openrum.limits import Limits

STDIN = Path("-")
_GZIP = b"\x1f\x8b"
_ANSWER_S = 60
_PATIENCE_S = 300
_PAUSE_S_MAX = 30
_NEXT_BATCH = frozenset({400, 413})  # what is wrong with one batch; every other refusal would meet the next one too


class ImportStopped(Exception):
    """The server takes nothing more. The message says why, and what to do."""


class _Refused(Exception):
    """The server does not take one batch. The message is the server's."""


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files that are meant, folders with all that is below them but hidden files. FileNotFoundError names one."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
        elif path == STDIN or path.exists():
            found.append(path)
        else:
            raise FileNotFoundError(path)
    return found


def size_of(files: Sequence[Path]) -> int | None:
    """Bytes on disk of them all; None where one is a stream that nobody knows the length of."""
    sizes = [path.stat().st_size if path.is_file() else None for path in files]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _opened(path: Path) -> tuple[BufferedReader, Stream]:
    """A file as it lies there, and its content, unpacked."""
    file = cast("BufferedReader", sys.stdin.buffer) if path == STDIN else path.open("rb")
    return file, gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == _GZIP else file


# ── The door ──────────────────────────────────────────────────────────────────────────────────────────────────────


class DoorOfMonitor:
    """Sends to one monitor over one connection. Without `credentials` it sends unsigned. `now_ms` is epoch milliseconds."""

    def __init__(
        self,
        address: tuple[str, int],
        monitor_id: str,
        *,
        credentials: Credentials | None,
        region: str,
        now_ms: Callable[[], int],
        limits: Limits,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        host, port = address
        self._host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_S)
        self._path = f"/appmonitors/{monitor_id}"
        self._credentials = credentials
        self._region = region
        self._now_ms = now_ms
        self._wire_bytes_max = limits.body_wire_bytes
        self._pause = pause
        self._answered = False

    def send(self, content: bytes) -> None:
        """Return once it is on disk. Raises _Refused for a batch, ImportStopped where nothing more can be sent."""
        waited = 0.0
        while True:
            try:
                status, retry_after, message = self._put(content)
            except ConnectionRefusedError:
                if not self._answered:
                    raise ImportStopped(
                        "no server runs on this data directory; start it with `openrum serve`"
                    ) from None
                status, retry_after, message = 0, 1.0, "it does not run"
            except (OSError, http.client.HTTPException) as error:
                status, retry_after, message = 0, 1.0, f"the connection broke: {error}"
            if status == http.client.OK:
                return
            if status in _NEXT_BATCH:
                raise _Refused(message)
            if status not in (0, 429) and status < 500:
                raise ImportStopped(f"the server refuses the events: {message}")
            if waited >= _PATIENCE_S:
                raise ImportStopped(f"the server has taken nothing for {_PATIENCE_S} s ({message}); try again later")
            self._pause(retry_after)
            waited += retry_after

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _put(self, content: bytes) -> tuple[int, float, str]:
        """Status, seconds to wait, and what the server says."""
        headers = {"Content-Type": "application/json"}
        if len(content) > self._wire_bytes_max:
            headers["Content-Encoding"], content = "gzip", gzip.compress(content, 1)
        if self._credentials is not None:
            headers |= sign(
                "POST", self._host, self._path, headers, content,
                key_id=self._credentials.access_key_id, secret=self._credentials.secret_access_key,
                region=self._region, now_ms=self._now_ms(),
            )  # fmt: skip
        try:
            self._connection.request("POST", self._path, content, headers)
            response = self._connection.getresponse()
            answer = response.read()
        except BaseException:
            self._connection.close()  # the next request opens it anew
            raise
        self._answered = True
        told = response.getheader("Retry-After", "")
        seconds = float(told) if told.isascii() and told.isdigit() else 1.0
        return response.status, min(max(seconds, 1.0), _PAUSE_S_MAX), _message(answer) or f"status {response.status}"


def _message(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["message"])
    except (ValueError, KeyError, TypeError):
        return ""


# ── The work ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Import:
    """One import. `sent`: events that the server has on disk; `refused`: events of batches it did not take, by its reason;
    `stopped`: why it ended early.
    """

    bodies: Bodies
    send: Callable[[bytes], None]
    tell: Callable[[int], None]
    sent: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stopped: str | None = None

    def run(self, files: Sequence[Path]) -> None:
        """Send all. `tell` is told how many bytes of the files are read."""
        try:
            before = 0
            for path in files:
                before += self._send_file(path, before)
            self._send_all(self.bodies.finish(), lambda: before)
        except ImportStopped as stopped:
            self.stopped = str(stopped)

    def _send_file(self, path: Path, before: int) -> int:
        try:
            file, content = _opened(path)
        except OSError as error:
            raise ImportStopped(f"cannot read {path}: {error.strerror}") from None
        with file:
            known = path.is_file()
            self._send_all(self.bodies.add(str(path), content), lambda: before + (file.tell() if known else 0))
        return path.stat().st_size if known else 0

    def _send_all(self, bodies: Iterator[tuple[bytes, int]], position: Callable[[], int]) -> None:
        for content, events in bodies:
            try:
                self.send(content)
            except _Refused as refused:
                self.refused[str(refused)] += events
            else:
                self.sent += events
            self.tell(position())

    def summary(self, *, dry_run: bool) -> list[list[str]]:
        """Rows of a table: what, how many events, and where the first of them stands."""
        rows = [["read", f"{self.bodies.read:,}", ""], ["would be sent" if dry_run else "sent", f"{self.sent:,}", ""]]
        if self.bodies.custom:
            rows.append(["of these, of custom types", f"{self.bodies.custom:,}", ""])
        rows += [[f"left out: {why}", f"{each.count:,}", each.first] for why, each in self.bodies.left_out.items()]
        rows += [[f"refused: {why}", f"{count:,}", ""] for why, count in self.refused.items()]
        return rows
