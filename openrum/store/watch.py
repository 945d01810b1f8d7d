"""Who watches statements under way: interrupts what is overdue, what nobody waits for, and a user's SQL that eats memory.

One thread for a store, which sleeps until something is due. It interrupts again and again until the statement has ended,
because an interrupt that comes before the engine begins is lost.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

AGAIN_S = 0.05
"""From one interrupt to the next."""

LOOK_S = 0.02
"""From one look at the memory to the next, while a user's SQL is under way: a query can take a GiB in a second."""

Why = Literal["overdue", "halted", "memory"]


class Interruptible(Protocol):
    """A cursor."""

    def interrupt(self) -> None:
        """End what is under way. Any thread may."""


class Halt:
    """Somebody's wish that a question end. Given once, from any thread, and never taken back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self.given = False

    def give(self) -> None:
        """Statements under way end, and no other begins."""
        with self._lock:
            self.given = True
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    @contextmanager
    def heard_by(self, listener: Callable[[], None]) -> Iterator[None]:
        """Inside, the listener is called when the wish is given."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)


@dataclass(slots=True, eq=False)
class Watched:
    """One statement, and why it was interrupted, if it was."""

    cursor: Interruptible
    ends_s: float  # by the steady clock
    halt: Halt
    memory_bytes: int | None  # of the engine, above which it must go
    why: Why | None = None

    def judge(self, now_s: float, memory_bytes: int) -> None:
        """Find a reason to interrupt it. The first one counts."""
        if self.why is not None:
            return
        if self.halt.given:
            self.why = "halted"
        elif now_s >= self.ends_s:
            self.why = "overdue"
        elif self.memory_bytes is not None and memory_bytes > self.memory_bytes:
            self.why = "memory"


class Watch:
    """Watches the statements of one store."""

    def __init__(self, memory_bytes: Callable[[], int]) -> None:
        """`memory_bytes` tells what the engine takes, of what it cannot put aside."""
        self._memory_bytes = memory_bytes
        self._condition = threading.Condition()
        self._under_way: set[Watched] = set()
        self._looks_s = 0.0  # when the thread looks next
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    @contextmanager
    def over(
        self, cursor: Interruptible, *, timeout_s: float, halt: Halt | None = None, memory_bytes: int | None = None
    ) -> Iterator[Watched]:
        """Watch what the cursor does inside."""
        halt = halt or Halt()
        watched = Watched(cursor, time.monotonic() + timeout_s, halt, memory_bytes)
        with halt.heard_by(self._look_now):
            with self._condition:
                self._under_way.add(watched)
                if self._looks_s > watched.ends_s or memory_bytes is not None or halt.given:
                    self._condition.notify()
            try:
                yield watched
            finally:
                with self._condition:  # from now on nobody interrupts the cursor
                    self._under_way.discard(watched)

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join()

    def _look_now(self) -> None:
        with self._condition:
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                thirsty = any(watched.memory_bytes is not None for watched in self._under_way)
            memory_bytes = self._memory_bytes() if thirsty else 0  # asks the engine, so not under the lock
            with self._condition:
                if self._closing:
                    return
                now_s = time.monotonic()
                for watched in self._under_way:
                    watched.judge(now_s, memory_bytes)
                    if watched.why is not None:
                        watched.cursor.interrupt()
                self._looks_s = now_s + self._pause_s(now_s)
                self._condition.wait(self._looks_s - now_s)

    def _pause_s(self, now_s: float) -> float:
        pauses = [watched.ends_s - now_s if watched.why is None else AGAIN_S for watched in self._under_way]
        if any(watched.memory_bytes is not None for watched in self._under_way):
            pauses.append(LOOK_S)
        return max(0.0, min(pauses, default=threading.TIMEOUT_MAX / 2))
