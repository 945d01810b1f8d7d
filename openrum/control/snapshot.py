"""Monitors and keys in memory, for the doors: asked on every request, refreshed when the database says it changed.

Works on from what it knows while the database is away. Another process (the command line) may change the database at any
time: `poll` notices within a second, and who is not found is looked for once more before a door says that it is unknown.
"""

import asyncio
import threading
from collections.abc import Callable

import structlog

from openrum.control.database import Database
from openrum.control.keys import AccessKey, Keys
from openrum.control.monitors import Monitor, Monitors
from openrum.control.owner_rules import OwnerRules, all_rules
from openrum.errors import Unavailable

_log = structlog.get_logger()
POLL_S = 1.0


class Snapshot:
    """One consistent view, replaced as a whole. `load` runs off the loop; the rest belongs to the loop."""

    def __init__(self, database: Database, monitors: Monitors, keys: Keys, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._monitors = monitors
        self._keys = keys
        self._now_ms = now_ms
        self._revision: int | None = None
        self._loads = 0
        self._looking: asyncio.Lock = asyncio.Lock()
        self._loading = threading.Lock()
        self.monitors_by_id: dict[str, Monitor] = {}
        self.monitors_by_name: dict[str, Monitor] = {}
        self.custom_events_ids: frozenset[str] = frozenset()
        self.purged_ids: frozenset[str] = frozenset()
        self.owner_rules: dict[str, OwnerRules] = {}
        self._keys_by_id: dict[str, AccessKey] = {}
        self.healthy = False

    def key(self, access_key_id: str) -> AccessKey | None:
        """A key that opens something at this moment."""
        found = self._keys_by_id.get(access_key_id)
        if found is None or (found.expires_ms is not None and found.expires_ms <= self._now_ms()):
            return None
        return found

    def load(self) -> None:
        """Read everything if something changed. Unavailable where the database is away; what is known stays known.

        One at a time: a load that began before must not put back what a later one has already replaced.
        """
        with self._loading:
            try:
                revision = self._database.revision()
                if revision == self._revision and self.healthy:
                    return
                with self._database.read() as connection:
                    monitors, keys = self._monitors.living(connection), self._keys.living(connection)
                    custom_events = self._monitors.with_custom_events(connection)
                    purged = self._monitors.purged(connection)
                    rules = all_rules(connection)
            except Unavailable:
                self.healthy = False
                raise
            self.monitors_by_id = monitors
            self.monitors_by_name = {monitor.name: monitor for monitor in monitors.values()}
            self.custom_events_ids = custom_events
            self.purged_ids = purged
            self.owner_rules = rules
            self._keys_by_id = keys
            self._revision = revision
            self.healthy = True

    async def poll(self) -> None:
        """Look for changes of other processes, for ever."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await asyncio.to_thread(self.load)
            except Unavailable as error:
                _log.warning("working from what is known", error=error.message)

    async def look_again(self) -> None:
        """Load what changed up to now. Whoever asks while a load is under way shares the next one, so that a crowd of
        strangers costs two. Unavailable where the database is away.
        """
        asked = self._loads
        async with self._looking:
            if self._loads > asked:
                return  # a load began after this was asked for
            self._loads += 1
            await asyncio.to_thread(self.load)


class CachedMonitors:
    """The monitors, as the door of PutRumEvents asks for them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def get(self, monitor_id: str) -> Monitor | None:
        """From memory."""
        return self._snapshot.monitors_by_id.get(monitor_id)

    async def find(self, monitor_id: str) -> Monitor | None:
        """Once more from the database. Unavailable where it is away: who is not known may have just been made."""
        await self._snapshot.look_again()
        return self.get(monitor_id)


class CachedKeys:
    """The access keys, as the doors ask for them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def get(self, access_key_id: str) -> AccessKey | None:
        """From memory."""
        return self._snapshot.key(access_key_id)

    async def find(self, access_key_id: str) -> AccessKey | None:
        """Once more from the database."""
        await self._snapshot.look_again()
        return self.get(access_key_id)

    async def look_again(self) -> None:
        """Read the database once more."""
        await self._snapshot.look_again()


class CachedPools:
    """The monitors by their identity pool, as the door of guests asks for them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    async def monitors_of(self, pool: str) -> list[Monitor]:
        """Those that name the pool with this UUID, or whose own id it is; looked for once more where there is none."""
        found = self._known(pool)
        if not found:
            await self._snapshot.look_again()
            found = self._known(pool)
        return found

    def _known(self, pool: str) -> list[Monitor]:
        monitors = self._snapshot.monitors_by_id.values()
        return [each for each in monitors if each.id == pool or (each.identity_pool_id or "").endswith(f":{pool}")]
