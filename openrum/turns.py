"""Turns: so many at once, the others in the order they came, and no more of them than may wait. On the loop alone.

Knows nothing of what is done in a turn. Whoever gives up while waiting leaves the queue, and costs nobody a turn.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from openrum.errors import Throttled

_RETRY_S_MAX = 30
_WEIGHT = 0.2  # of the latest turn in the running mean


class Turns:
    """One queue."""

    def __init__(self, at_once: int, *, waiting_max: int, wait_s: float) -> None:
        self._free = at_once
        self._at_once = at_once
        self._waiting_max = waiting_max
        self._wait_s = wait_s
        self._queue: deque[asyncio.Future[None]] = deque()
        self._turn_s = 0.0  # how long one takes, about
        self.waited_s = 0.0  # all together
        self.refused = 0

    @property
    def running(self) -> int:
        """Turns that are taken."""
        return self._at_once - self._free

    @property
    def waiting(self) -> int:
        """How many stand in the queue."""
        return len(self._queue)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it inside. Throttled where too many wait, or it does not come in time."""
        begin_s = time.monotonic()
        await self._take()
        taken_s = time.monotonic()
        self.waited_s += taken_s - begin_s
        try:
            yield
        finally:
            self._turn_s += _WEIGHT * (time.monotonic() - taken_s - self._turn_s)
            self._give_on()

    async def _take(self) -> None:
        if self._free and not self._queue:
            self._free -= 1
            return
        if len(self._queue) >= self._waiting_max:
            raise self._too_many(f"{len(self._queue)} questions wait already")
        mine = asyncio.get_running_loop().create_future()
        self._queue.append(mine)
        try:
            async with asyncio.timeout(self._wait_s):
                await mine
        except BaseException as error:
            if mine.done() and not mine.cancelled():
                self._give_on()  # the turn came in the same moment
            elif mine in self._queue:
                self._queue.remove(mine)
            if isinstance(error, TimeoutError):
                raise self._too_many(f"no turn came in {self._wait_s:g} seconds") from None
            raise

    def _give_on(self) -> None:
        """The turn is the next one's; nobody's where nobody waits."""
        while self._queue:
            following = self._queue.popleft()
            if not following.done():  # nobody gave up on it in this moment
                following.set_result(None)
                return
        self._free += 1

    def _too_many(self, what: str) -> Throttled:
        self.refused += 1
        retry_s = math.ceil(self._turn_s * len(self._queue) / self._at_once)
        return Throttled(
            f"too many questions at once: {what}; try again",
            retry_after_s=max(1, min(retry_s, _RETRY_S_MAX)),
            quota_code="Questions",
        )
