"""What the enrichment goes by: the wishes of each monitor's owner at the moment of draining, and the bounds of all.

Wishes     what one owner decided: plain data, fit to be sent to another process
Rulebook   the wishes of all monitors at one moment
Rules      wishes made ready for the steps: routes, scrubber, bounds
"""

from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct

from openrum.enrich.routes import Routes
from openrum.enrich.scrub import Scrubber, ScrubRules
from openrum.limits import Limits

_READY = 512  # monitors whose rules are kept ready


class Wishes(Struct, frozen=True, array_like=True):
    """What the owner of one monitor decided. Times are epoch milliseconds of receipt."""

    custom_events: bool = False  # CustomEvents.Status is ENABLED
    deleted: bool = False  # so long ago that its events are gone
    keep_after_ms: int = 0  # what was received before is past the monitor's own retention
    keep_replays_after_ms: int = 0
    pages: tuple[str, ...] = ()  # rules of page groups
    learned_pages: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()  # rules of the routes of requests and resources
    learned_urls: tuple[str, ...] = ()
    scrub: ScrubRules = ScrubRules()


class Rulebook(Struct, frozen=True, array_like=True):
    """The wishes of all monitors at one moment; `others` are those of monitors that are not named."""

    retention_ms: int
    others: Wishes = Wishes()
    named: dict[str, Wishes] = {}

    def of(self, monitor: str) -> Wishes:
        """The wishes for a monitor."""
        return self.named.get(monitor, self.others)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the steps ask for beside the event."""

    limits: Limits
    retention_ms: int
    custom_events: bool = False
    deleted: bool = False
    keep_after_ms: int = 0
    keep_replays_after_ms: int = 0
    pages: Routes = field(default_factory=Routes)
    urls: Routes = field(default_factory=Routes)
    scrubber: Scrubber = field(default_factory=Scrubber)


class ReadyRules:
    """Rules from wishes. The same wishes have the same rules, whose routes and scrubber know what they have seen."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._make = lru_cache(_READY)(self._rules)

    def of(self, book: Rulebook, monitor: str) -> Rules:
        """The rules of a monitor by a book."""
        return self._make(book.of(monitor), book.retention_ms)

    def _rules(self, wishes: Wishes, retention_ms: int) -> Rules:
        return Rules(
            limits=self._limits,
            retention_ms=retention_ms,
            custom_events=wishes.custom_events,
            deleted=wishes.deleted,
            keep_after_ms=wishes.keep_after_ms,
            keep_replays_after_ms=wishes.keep_replays_after_ms,
            pages=Routes(wishes.pages, wishes.learned_pages),
            urls=Routes(wishes.urls, wishes.learned_urls),
            scrubber=Scrubber(wishes.scrub),
        )
