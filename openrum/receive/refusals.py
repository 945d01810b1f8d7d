"""What the door refused, counted until it is written to the journal, from where the ledger has it.

Requests that were never acknowledged need no fsync each: a count is written once a second, and at the end.
"""

from collections import Counter

from openrum.events import Refusals
from openrum.outcomes import Reason


class RefusalTally:
    """Counts on the loop. Monitors are known ones or "", so that a stranger cannot make it grow."""

    def __init__(self) -> None:
        self._waiting: Counter[tuple[str, Reason]] = Counter()
        self.total: Counter[Reason] = Counter()

    def count(self, monitor: str, reason: Reason) -> None:
        """One request refused."""
        self._waiting[monitor, reason] += 1
        self.total[reason] += 1

    def take(self, now_ms: int) -> Refusals | None:
        """What was counted since the last time; None where nothing was."""
        if not self._waiting:
            return None
        counts = [(monitor, reason, requests) for (monitor, reason), requests in self._waiting.items()]
        self._waiting.clear()
        return Refusals(now_ms, counts)

    def put_back(self, refusals: Refusals) -> None:
        """It could not be written; count it again."""
        for monitor, reason, requests in refusals.counts:
            self._waiting[monitor, reason] += requests
