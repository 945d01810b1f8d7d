"""The running server, as commands ask it: /api/v1 on its address, with the first access key.

Speaks HTTP and JSON; knows neither what is asked nor how an answer is shown.
"""

import base64
import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from openrum.data_directory import Credentials, DataDirectory

_PATIENCE_S = 60.0
_CHUNK_BYTES = 1 << 20


class NotRunning(Exception):
    """No server answers at the address: it was killed, and its address outlived it."""


class ServerTrouble(Exception):
    """The server's own words on why it did not do what it was asked, or why nothing more is heard of it."""


class RunningServer:
    """One server. Raises NotRunning and ServerTrouble."""

    def __init__(self, address: tuple[str, int], credentials: Credentials | None) -> None:
        self._address = address
        self._headers = {"content-type": "application/json"}
        if credentials is not None:
            pair = f"{credentials.access_key_id}:{credentials.secret_access_key}".encode()
            self._headers["authorization"] = "Basic " + base64.b64encode(pair).decode()

    def ask(
        self, method: str, path: str, question: Any = None, *, patience_s: float | None = _PATIENCE_S
    ) -> dict[str, Any]:
        """What it answers. Without `patience_s` it may take as long as it takes."""
        with self._answer(method, path, question, patience_s) as answer:
            content: dict[str, Any] = json.loads(answer.read())
        return content

    def save(self, path: str, to: Path) -> None:
        """Write what it answers to a GET into a file, piece by piece."""
        with self._answer("GET", path, None, None) as answer, to.open("wb") as file:
            expected = answer.length
            while chunk := answer.read(_CHUNK_BYTES):
                file.write(chunk)
            if expected is not None and file.tell() != expected:
                raise http.client.IncompleteRead(b"", expected - file.tell())

    @contextmanager
    def _answer(
        self, method: str, path: str, question: Any, patience_s: float | None
    ) -> Iterator[http.client.HTTPResponse]:
        host, port = self._address
        body = None if question is None else json.dumps(question)
        with closing(http.client.HTTPConnection(host, port, timeout=patience_s)) as connection:
            try:
                try:
                    connection.request(method, path, body, self._headers)
                    answer = connection.getresponse()
                except ConnectionRefusedError:
                    raise NotRunning(f"no server answers at {host}:{port}") from None
                except OSError as error:
                    raise ConnectionError(str(error)) from error
                if answer.status != http.client.OK:
                    raise ServerTrouble(_said(answer.status, answer.read()))
                yield answer  # what happens to the caller's own files is the caller's trouble
            except (http.client.HTTPException, ConnectionError, TimeoutError, ValueError) as error:
                raise ServerTrouble(f"the server at {host}:{port} does not answer: {error}") from error


def server_of(directory: DataDirectory) -> RunningServer | None:
    """The server that runs on a data directory; None where none says that it does."""
    serving = directory.read_serving()
    return None if serving is None else RunningServer(serving, directory.read_credentials())


def _said(status: int, body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the server answers with status {status}; its log says why"
