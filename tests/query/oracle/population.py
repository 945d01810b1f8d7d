"""Some weeks of visits to three sites, told twice: as the requests that clients send, and as what is true of each event.

Deterministic: one seed, one population. What is stored is judged here by definitions.md alone: the first of an id wins, a
dropped or quarantined one does not count as seen, a wrong clock gives way to the time of receipt.
"""

from random import Random
from typing import Any

from tests.query.oracle import world
from tests.query.oracle.visit import BEGIN_MS, DAYS, OTHER, PREFIX, SHOP, THIRD, Fact, Request, Visit, uuid

__all__ = ["BEGIN_MS", "DAYS", "OTHER", "SHOP", "THIRD", "Fact", "Population"]

_EVENTS_A_USER = 60


class Population:
    """`requests` in the order of their receipt; `stored` by monitor, in the order of arrival."""

    def __init__(self, seed: int, events: int) -> None:
        """At least so many events are sent."""
        self.requests = _requests(Random(seed), events)
        self.sent = sum(len(request.told) for request in self.requests)
        self.stored: dict[str, list[Fact]] = {SHOP: [], OTHER: [], THIRD: []}
        self.counts = dict.fromkeys(("stored", "duplicate", "quarantined", "dropped"), 0)
        self._judge()

    def _judge(self) -> None:
        seen: set[tuple[str, str]] = set()
        for request in self.requests:
            for sent, fact in request.told:
                key = request.monitor, sent["id"].lower()
                if key in seen:
                    self.counts["duplicate"] += 1
                elif request.monitor == OTHER and not sent["type"].startswith(PREFIX):
                    self.counts["dropped"] += 1
                elif fact is None:
                    self.counts["quarantined"] += 1
                else:
                    seen.add(key)
                    self.counts["stored"] += 1
                    self._store(request, fact)

    def _store(self, request: Request, fact: Fact) -> None:
        """The same event may have been sent to several monitors, whose owners have other rules."""
        stored = self.stored[request.monitor]
        shared = fact.shared
        if request.monitor == OTHER and fact.get("page_group") == world.REVIEWS:
            shared = {**shared, "page_group": world.REVIEWS_RULE}
        time = request.received_ms if fact.time is None else fact.time
        stored.append(Fact(shared, fact.own, fact.type, time, len(stored)))


def _requests(rng: Random, events: int) -> list[Request]:
    users = [uuid(rng) for _ in range(events // _EVENTS_A_USER)]
    made: list[Request] = []
    count = 0
    while count < events:
        for request in Visit(rng, users).requests():
            made.append(request)
            count += len(request.told)
    return sorted(made, key=_received)


def _received(request: Request) -> Any:
    return request.received_ms
