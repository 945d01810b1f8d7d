"""The demo is filled so that nobody waits for it."""

import asyncio

from openrum.demo.fill import fill
from openrum.drain import CROWD
from tests.drained import MONITOR, NOW_MS


def test_what_is_filled_in_at_once_is_no_crowd_that_the_drain_would_wait_for():
    under_way, together = set(), []

    async def filled():
        loop = asyncio.get_running_loop()

        def append(_record, _events):
            made = loop.create_future()
            under_way.add(made)
            if len(under_way) == 1:
                loop.call_soon(commit)
            return made

        def commit():
            together.append(len(under_way))
            for each in under_way:
                each.set_result(None)
            under_way.clear()

        return await fill(append, MONITOR, NOW_MS)

    assert asyncio.run(filled()) > 10_000
    assert 1 < max(together) < CROWD
