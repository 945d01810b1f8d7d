"""How often a password may be tried: waits that grow with each failure, and one hash at a time. In memory, of bounded size.

A key is what tries or is tried: an address, a name. Its first failures are free; from then on each doubles the wait until
the next attempt, up to a minute. A wait always ends, whatever is tried meanwhile: who waits as long as told gets a turn, so
nobody is locked out for good. Knows neither requests nor users.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from openrum.errors import Throttled

Key = tuple[str, str]
"""What kind of thing, and which."""
T = TypeVar("T")

FREE = 5
FIRST_MS = 1_000
LONGEST_MS = 60_000
FORGET_MS = 900_000  # without another failure
KEYS_MAX = 20_000  # more than one hash at a time can fail before the first is forgotten
_WAITING_MAX = 32
_QUOTA = "SignIn"


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_ms: int

    @property
    def open_ms(self) -> int:
        """From when on it may be tried again."""
        beyond = self.count - FREE
        return self.last_ms if beyond < 0 else self.last_ms + min(LONGEST_MS, FIRST_MS << min(beyond, 20))


_NONE = _Failures(0, 0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was begun, and what had failed before it."""

    at_ms: int
    before: dict[Key, _Failures]


class Backoff:
    """The failures of all keys. Used on the loop alone."""

    def __init__(self, steady_ms: Callable[[], int]) -> None:
        """`steady_ms` never jumps: a wait must end though the wall clock is set back."""
        self._steady_ms = steady_ms
        self._failures: OrderedDict[Key, _Failures] = OrderedDict()  # the latest stands last

    def take(self, keys: Sequence[Key]) -> Attempt:
        """Begin an attempt. Throttled while one of the keys must wait.

        It counts as failed until it is given back, so that many at once are no way round.
        """
        now_ms = self._steady_ms()
        self._forget(now_ms)
        before = {key: self._failures.get(key, _NONE) for key in keys}
        wait_ms = max(failures.open_ms for failures in before.values()) - now_ms
        if wait_ms > 0:
            seconds = -(-wait_ms // 1_000)
            raise Throttled(
                f"too many failed attempts; try again in {seconds} s", retry_after_s=seconds, quota_code=_QUOTA
            )
        for key, failures in before.items():
            self._failures[key] = _Failures(failures.count + 1, now_ms)
            self._failures.move_to_end(key)
        while len(self._failures) > KEYS_MAX:
            self._failures.popitem(last=False)
        return Attempt(now_ms, before)

    def give_back(self, attempt: Attempt) -> None:
        """It did not fail, or was none: as if it had not been. What others failed meanwhile stays."""
        for key, before in attempt.before.items():
            now = self._failures.get(key, _NONE)
            if now == _Failures(before.count + 1, attempt.at_ms):
                now = before
            elif now.count:
                now = _Failures(now.count - 1, now.last_ms)
            self._put(key, now)

    def clear(self, key: Key) -> None:
        """Forget what failed before, too."""
        self._failures.pop(key, None)

    def __len__(self) -> int:
        return len(self._failures)

    def _put(self, key: Key, failures: _Failures) -> None:
        if failures.count:
            self._failures[key] = failures
        else:
            self._failures.pop(key, None)

    def _forget(self, now_ms: int) -> None:
        while self._failures:
            key, oldest = next(iter(self._failures.items()))
            if now_ms - oldest.last_ms < FORGET_MS:
                return
            del self._failures[key]


class Turns:
    """One hash at a time, in order: however many try, one core and the memory of one hash is all they take."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def take(self, work: Callable[[], T]) -> T:
        """Do the work off the loop, once it is its turn. Throttled where too many wait."""
        if self._waiting >= _WAITING_MAX:
            raise Throttled("too many sign in at once; try again", quota_code=_QUOTA)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


class AFew:
    """So many an hour and no more, for rows that are kept for ever."""

    def __init__(self, an_hour: int, steady_ms: Callable[[], int]) -> None:
        self._an_hour = an_hour
        self._steady_ms = steady_ms
        self._hour = -1
        self._count = 0

    def one_more(self) -> bool:
        """Whether there may be one more in this hour."""
        hour = self._steady_ms() // 3_600_000
        if hour != self._hour:
            self._hour, self._count = hour, 0
        self._count += 1
        return self._count <= self._an_hour
