"""What only the joined rooms can show: a deleted monitor's events go when its grace is over, and stay gone."""

import asyncio
import json

import pytest

from openrum.app import OpenRum
from openrum.control.shapes import CreateAppMonitorRequest
from openrum.limits import Limits
from openrum.settings import Settings
from tests.contract.model import SAMPLES
from tests.wire.door import ask

HEADERS = [(b"content-type", b"application/json"), (b"host", b"localhost")]


def stored(app, monitor_id):
    return app._store.summary().rows.get(monitor_id, 0)


async def send(app, monitor_id):
    """One event; returns once it is in the store."""
    body = {name: value for name, value in SAMPLES["PutRumEvents"][0].items() if name != "Id"}
    answer = await ask(app, "POST", f"/appmonitors/{monitor_id}".encode(), b"", HEADERS, json.dumps(body).encode())
    assert answer.status == 200
    while not stored(app, monitor_id):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(("grace_days", "left"), [(0, 0), (7, 1)])
def test_the_events_of_a_deleted_monitor_go_when_its_grace_is_over(tmp_path, grace_days, left):
    async def live():
        app = OpenRum(Settings(data_dir=tmp_path / "data", deletion_grace_days=grace_days), Limits())
        control = app._control
        gone, stays = (
            control.create_monitor(CreateAppMonitorRequest(name, "localhost"), public=True)
            for name in ("gone", "stays")
        )
        await app.start()
        await send(app, gone)
        await send(app, stays)
        control.monitors.delete("gone")
        await asyncio.sleep(0.002)  # the grace is over once its time has passed
        for _ in range(2):
            await asyncio.to_thread(app._keeper.purge)
            assert (stored(app, gone), stored(app, stays)) == (left, 1)
        totals = app._store.totals()
        assert totals[gone, "received"] == totals[gone, "stored" if left else "dropped"] == 1
        assert len(control.monitors.deleted()) == left
        await app.stop()

    asyncio.run(live())
