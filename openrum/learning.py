"""Learns routes: where one place of a path has ever more values, `/blog/how-to-glaze` and `/blog/why-clay` are one group.

Looks at the groups that the rows of the last day have, monitor by monitor; what it learned is kept beside the monitor, so
that a rebuild goes by it too, and the rows that are there get their new groups.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from openrum.days import DAY_MS
from openrum.drain import Drain
from openrum.enrich.routes import Routes, learn
from openrum.store import DuckDBStore, Reads

_log = structlog.get_logger()
_GROUPS_MAX = 20_000
_REGROUPED_MAX = 500_000
_PATIENCE_S = 30.0
_LEARNED_MAX = 500


class Rules(Protocol):
    """What is known of a monitor's routes."""

    @property
    def pages(self) -> tuple[str, ...]: ...

    @property
    def urls(self) -> tuple[str, ...]: ...

    @property
    def learned_pages(self) -> tuple[str, ...]: ...

    @property
    def learned_urls(self) -> tuple[str, ...]: ...


class Known(Protocol):
    """The rules of all monitors, from memory."""

    @property
    def owner_rules(self) -> Mapping[str, Rules]: ...

    def load(self) -> None:
        """Look again."""


class Learner:
    """Learns from the rows of one store."""

    def __init__(
        self,
        store: DuckDBStore,
        drain: Drain,
        keep: Callable[[str, tuple[str, ...], tuple[str, ...]], None],
        known: Known,
        now_ms: Callable[[], int],
    ) -> None:
        """`keep` keeps what was learned for a monitor: templates of pages, and of URLs."""
        self._store = store
        self._drain = drain
        self._keep = keep
        self._known = known
        self._now_ms = now_ms

    def learn(self) -> None:
        """Once over all monitors."""
        pages, urls = self._groups("page_group"), self._groups("url")
        for monitor in pages.keys() | urls.keys():
            rules = self._known.owner_rules.get(monitor)
            known_pages = rules.learned_pages if rules else ()
            known_urls = rules.learned_urls if rules else ()
            new_pages = learn(pages[monitor], known=known_pages)
            new_urls = learn(urls[monitor], known=known_urls)
            if not new_pages and not new_urls:
                continue
            learned_pages = (*known_pages, *new_pages)[:_LEARNED_MAX]
            learned_urls = (*known_urls, *new_urls)[:_LEARNED_MAX]
            if (learned_pages, learned_urls) == (known_pages, known_urls):
                continue  # it knows as much as it may
            self._keep(monitor, learned_pages, learned_urls)
            self._known.load()
            _log.info("routes learned", monitor=monitor, pages=new_pages, urls=new_urls)
            own_pages, own_urls = (rules.pages, rules.urls) if rules else ((), ())
            if new_pages:
                self._regroup(monitor, "page_group", Routes(own_pages, learned_pages).page)
            if new_urls:
                self._regroup(monitor, "url", _route_of(Routes(own_urls, learned_urls)))

    def _groups(self, column: str) -> dict[str, dict[str, int]]:
        """Monitor → group → events, of the last day."""
        now_ms = self._now_ms()
        answer = self._store.run(
            f'SELECT monitor::VARCHAR, "{column}", count(*) FROM event_rows'
            f' WHERE "{column}" IS NOT NULL AND "time" >= $since GROUP BY ALL ORDER BY 3 DESC, 2',
            {"since": now_ms - DAY_MS},
            timeout_s=_PATIENCE_S,
            rows_max=_GROUPS_MAX,
            reads=Reads(frozenset(("monitor", "time", column)), now_ms - DAY_MS, now_ms + DAY_MS),
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for monitor, group, events in answer.rows:
            found[monitor][group] = events
        return found

    def _regroup(self, monitor: str, column: str, route: Callable[[str], str]) -> None:
        """Give the rows that are there, of whatever day, the groups that they would have now."""
        answer = self._store.run(
            f'SELECT DISTINCT "{column}" FROM event_rows WHERE monitor = $monitor::UUID AND "{column}" IS NOT NULL',
            {"monitor": monitor},
            timeout_s=_PATIENCE_S,
            rows_max=_REGROUPED_MAX,
        )
        changed = {group: new for (group,) in answer.rows if (new := route(group)) != group}
        if not changed:
            return
        newest = max(self._store.days(), default=0)
        for day in list(self._store.days()):
            if day < newest:
                self._store.regroup(day, monitor, column, changed)
            else:
                with self._drain.stopped():
                    self._store.regroup(day, monitor, column, changed)


def _route_of(routes: Routes) -> Callable[[str], str]:
    return lambda url: routes.url(url, None).route
