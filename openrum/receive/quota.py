"""A token bucket per monitor: how many requests a second it may send. Off unless the monitor has a rate.

A bucket holds one second's worth, at least one request, so a burst of that size passes at once. Nothing is shared
between processes or kept over a restart.
"""

import math
from collections.abc import Callable

from openrum.errors import Throttled
from openrum.receive.ports import Monitor


class Quota:
    """The buckets of all monitors. `now_ms` is epoch milliseconds; a clock that jumps back costs and gives nothing."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._buckets: dict[str, tuple[float, int]] = {}  # monitor → tokens, and when there were that many

    def take(self, monitor: Monitor) -> None:
        """Take one token, or raise Throttled with the whole seconds until there will be one."""
        if monitor.requests_per_second is not None:
            self._take(monitor.id, monitor.requests_per_second)

    def _take(self, monitor: str, requests_per_second: float) -> None:
        now = self._now_ms()
        size = max(1.0, requests_per_second)
        tokens, then = self._buckets.get(monitor, (size, now))
        tokens = min(size, tokens + max(0, now - then) / 1000 * requests_per_second)
        if tokens < 1:
            self._buckets[monitor] = (tokens, now)
            raise Throttled(
                f"this app monitor takes {requests_per_second:g} requests a second",
                retry_after_s=math.ceil((1 - tokens) / requests_per_second),
            )
        self._buckets[monitor] = (tokens - 1, now)
