"""When the next commit may begin. Pure but for the clock that is handed in.

A commit has a price in processor time that is the same for one request and for ten, so where some requests share one anyway
they gather a little longer. Who sends one request after the other shares with nobody, and never waits; where many share one,
the disk sets the pace already, and nobody waits either.
"""

from collections.abc import Callable

PACE_S = 0.010
"""From the beginning of one commit to that of the next, at least. An acknowledgement waits half of it on average."""

SHARED_FROM, SHARED_ENOUGH = 1.15, 6.0
"""Requests a commit: from the first on they gather, from the second on there are enough of them."""

_REMEMBERED = 0.9


class Pace:
    """Told of each commit as it begins. Belongs to the journal's thread."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._began_s = -PACE_S
        self._sharing = 1.0  # requests a commit, of late

    def wait_s(self) -> float:
        """How long the next group is to gather."""
        if SHARED_FROM <= self._sharing < SHARED_ENOUGH:
            return max(0.0, self._began_s + PACE_S - self._now_s())
        return 0.0

    def begins(self, requests: int) -> None:
        """A commit of so many begins."""
        self._began_s = self._now_s()
        self._sharing = _REMEMBERED * self._sharing + (1 - _REMEMBERED) * requests
