"""Fills the demo's monitor with fourteen days of visits, as records of the journal. Reads no clock; is handed the journal."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from openrum.demo.population import Visit, batches
from openrum.events import Received

DAYS = 14
SESSIONS = 2_500
_SEED = 20_261_123
_AT_ONCE = 8
"""So few that share a commit that the door does not count as crowded, for which the drain would wait: the days come to be seen while
they are filled, and the first event of a newcomer's own with them."""
_DAY_MS = 86_400_000


async def fill(append: Callable[[bytes, int], asyncio.Future[Any]], monitor_id: str, now_ms: int) -> int:
    """Append the visits of the last fourteen days, a few at a time so that the door stays open, and the newest first: who looks meanwhile
    sees a site that is visited, and not one that nobody visits any more. Returns the events.
    """
    waiting: list[asyncio.Future[Any]] = []
    events = 0
    for visit in batches(_SEED, now_ms - DAYS * _DAY_MS, now_ms, SESSIONS, newest_first=True):
        waiting.append(append(_record(visit, monitor_id, now_ms), len(visit.body["RumEvents"])))
        events += len(visit.body["RumEvents"])
        if len(waiting) >= _AT_ONCE:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    return events


def _record(visit: Visit, monitor_id: str, now_ms: int) -> bytes:
    return msgspec.msgpack.encode(
        Received(
            monitor=monitor_id,
            received_ms=now_ms,
            events=len(visit.body["RumEvents"]),
            country=visit.country,
            subdivision=None,
            user_agent=visit.user_agent,
            body=msgspec.json.encode(visit.body),
        )
    )
