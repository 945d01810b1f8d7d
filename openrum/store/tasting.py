"""A user's SQL is planned in a process of its own first, over empty tables: to plan can take for ever, and all memory.

A text of a few lines can ask for a million columns, or for an expression that doubles with each line. The engine cannot be
interrupted while it plans, and what that takes is not bound by its limits; a process can be ended. It is started when it is
needed and ends by itself when nothing came for a while. It is sent texts with their length in front.
"""

import os
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO

from openrum.store.store import QueryFailed, QueryHalted
from openrum.store.watch import Halt

IDLE_S = 60.0
PLAN_S = 5.0
"""How long planning may take. What is asked in earnest takes milliseconds."""

START_S = 30.0
_LOOK_S = 0.05  # from one look at the halt to the next
_LENGTH_BYTES = 8
DONE = b"."
_TOO_MUCH = "the query is too large to plan: it makes too many columns, or expressions that grow; make it simpler"


class Tasting:
    """Plans texts. Any thread may ask; each has a process to itself meanwhile."""

    def __init__(self, *, idle_s: float = IDLE_S, plan_s: float = PLAN_S) -> None:
        self._idle_s = idle_s
        self._plan_s = plan_s
        self._lock = threading.Lock()
        self._idle: list[_Taster] = []

    def taste(self, text: str, halt: Halt | None = None) -> None:
        """Return where the text can be planned in time, or is refused in time. QueryFailed with what to do; QueryHalted."""
        halt = halt or Halt()
        taster = self._take()
        try:
            taster.ask(text, self._plan_s, halt)
        except (OSError, EOFError, TimeoutError):
            taster.end()
            raise QueryFailed(_TOO_MUCH) from None
        except BaseException:
            taster.end()
            raise
        with self._lock:
            self._idle.append(taster)

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for taster in idle:
            taster.end()

    def _take(self) -> "_Taster":
        with self._lock:
            while self._idle:
                taster = self._idle.pop()
                if taster.lives:
                    return taster
                taster.end()
        return _Taster(self._idle_s)


class _Taster:
    """One process. Asked by one thread at a time."""

    def __init__(self, idle_s: float) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-m", "openrum.store.sql_taster", str(idle_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._ready = False

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, text: str, plan_s: float, halt: Halt) -> None:
        """Return once it is done. OSError or EOFError where it ended, TimeoutError, QueryHalted."""
        assert self._process.stdin is not None
        if not self._ready:
            self._hear(START_S, halt)
            self._ready = True
        send(self._process.stdin, text.encode())
        self._hear(plan_s, halt)

    def end(self) -> None:
        """Whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _hear(self, patience_s: float, halt: Halt) -> None:
        assert self._process.stdout is not None
        ends_s = time.monotonic() + patience_s
        while not select.select([self._process.stdout], [], [], _LOOK_S)[0]:
            if halt.given:
                raise QueryHalted
            if time.monotonic() > ends_s:
                raise TimeoutError
        if os.read(self._process.stdout.fileno(), len(DONE)) != DONE:
            raise EOFError


def send(pipe: IO[bytes], data: bytes) -> None:
    """The length, then the bytes."""
    rest = memoryview(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
    while rest:
        rest = rest[pipe.write(rest) :]


def receive(pipe: IO[bytes]) -> bytes:
    """In the process: the bytes that were sent. EOFError where the other side is gone."""
    head = pipe.read(_LENGTH_BYTES)
    data = pipe.read(int.from_bytes(head, "big"))
    if len(head) < _LENGTH_BYTES or len(data) < int.from_bytes(head, "big"):
        raise EOFError
    return data
