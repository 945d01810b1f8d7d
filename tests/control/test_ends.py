"""How monitors and keys end: deleted ones come back until they are purged, keys are rotated, revoked and expire."""

import pytest

from openrum.bridges import MonitorRules
from openrum.control.shapes import CreateAppMonitorRequest, CustomEventsSwitch
from openrum.enrich.rules import Wishes
from openrum.errors import Conflict, ResourceNotFound, ServiceQuotaExceeded
from tests.control.conftest import World

HOUR_MS = 3_600_000


class Clock:
    """Shows what it was set to."""

    now_ms = 1_767_323_045_000

    def __call__(self):
        return self.now_ms

    def forward(self, hours):
        self.now_ms += round(hours * HOUR_MS)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def quiet(tmp_path, database_url, clock):
    world = World(tmp_path, clock, database_url)
    world.snapshot.load()
    yield world
    world.database.close()


def create(world, name="shop"):
    return world.service.create_app_monitor(CreateAppMonitorRequest(name, "localhost")).Id


# ── Monitors ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_deleted_monitor_comes_back_as_it_was(quiet, by):
    monitor_id = create(quiet)
    before = quiet.monitors.get("shop")
    quiet.monitors.delete("shop")
    quiet.snapshot.load()
    assert quiet.snapshot.monitors_by_id == {}
    assert [row.id for row in quiet.monitors.deleted()] == [monitor_id]
    assert quiet.monitors.restore("shop" if by == "name" else monitor_id) == "shop"
    assert quiet.monitors.get("shop") == before
    quiet.snapshot.load()
    assert quiet.snapshot.monitors_by_id.keys() == {monitor_id}


def test_a_deleted_monitor_takes_custom_events_as_before_until_it_is_purged(quiet, clock):
    """What was acknowledged before the deletion is drained after it, and a rebuild may fall in the grace."""
    rules = MonitorRules(quiet.snapshot, 1, clock)
    request = CreateAppMonitorRequest("shop", "localhost", CustomEvents=CustomEventsSwitch("ENABLED"))
    monitor_id = quiet.service.create_app_monitor(request).Id
    other_id = create(quiet, "other")
    for end in (lambda: None, lambda: quiet.monitors.delete("shop")):
        end()
        quiet.snapshot.load()
        assert rules().of(monitor_id) == Wishes(custom_events=True)
        assert rules().of(other_id) == Wishes()
    clock.forward(1)
    quiet.monitors.purge(clock())
    quiet.snapshot.load()
    assert rules().of(monitor_id) == Wishes(deleted=True)


def test_of_several_with_a_name_the_latest_deleted_comes_back(quiet, clock):
    ids = []
    for _ in range(3):
        ids.append(create(quiet))
        clock.forward(1)
        quiet.monitors.delete("shop")
    quiet.monitors.restore("shop")
    assert quiet.monitors.get("shop").id == ids[2]
    assert [row.id for row in quiet.monitors.deleted()] == [ids[1], ids[0]]


def test_a_name_that_is_taken_again_keeps_a_monitor_from_coming_back(quiet):
    create(quiet)
    quiet.monitors.delete("shop")
    create(quiet)
    with pytest.raises(Conflict):
        quiet.monitors.restore("shop")


def test_after_the_grace_it_is_purged_and_does_not_come_back(quiet, clock):
    monitor_id = create(quiet)
    other_id = create(quiet, "other")
    quiet.monitors.delete("shop")
    clock.forward(5)
    quiet.monitors.delete("other")
    assert quiet.monitors.purge(clock() - 4 * HOUR_MS) == 1
    assert quiet.monitors.purge(clock() - 4 * HOUR_MS) == 0
    quiet.snapshot.load()
    assert quiet.snapshot.purged_ids == {monitor_id}
    with pytest.raises(ResourceNotFound):
        quiet.monitors.restore("shop")
    assert [row.id for row in quiet.monitors.deleted()] == [other_id]


def test_there_are_as_many_monitors_as_the_account_may_have(tmp_path, database_url, clock):
    world = World(tmp_path, clock, database_url, monitors_max=2)
    create(world, "a")
    create(world, "b")
    with pytest.raises(ServiceQuotaExceeded, match="OPENRUM_MONITORS_MAX"):
        create(world, "c")
    world.monitors.delete("a")
    create(world, "c")
    world.database.close()


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def known(world, key_id):
    world.snapshot.load()
    return world.snapshot.key(key_id) is not None


def test_a_rotated_key_is_taken_until_the_overlap_ends_and_the_new_one_at_once(quiet, clock):
    old = quiet.keys.create("ci", "ingest")
    new = quiet.keys.rotate(old.id, 24 * HOUR_MS)
    assert (new.name, new.role) == ("ci", "ingest")
    assert (new.id, new.secret) != (old.id, old.secret)
    clock.forward(23.9)
    assert (known(quiet, old.id), known(quiet, new.id)) == (True, True)
    clock.forward(0.2)
    assert (known(quiet, old.id), known(quiet, new.id)) == (False, True)
    assert {key.id: key.state(clock()) for key in quiet.keys.list()} == {old.id: "expired", new.id: "in use"}


def test_a_key_ends_by_the_clock_alone_without_a_look_at_the_database(quiet, clock):
    old = quiet.keys.create("ci", "ingest")
    quiet.keys.rotate(old.id, HOUR_MS)
    assert known(quiet, old.id)
    clock.forward(1)
    assert quiet.snapshot.key(old.id) is None


def test_no_rotation_lengthens_a_life(quiet, clock):
    old = quiet.keys.create("ci", "ingest")
    quiet.keys.rotate(old.id, HOUR_MS)
    quiet.keys.rotate(old.id, 24 * HOUR_MS)
    clock.forward(1)
    assert not known(quiet, old.id)


def test_a_revoked_key_ends_at_once_and_is_not_rotated(quiet, clock):
    key = quiet.keys.create("ci", "ingest")
    quiet.keys.revoke(key.id)
    assert not known(quiet, key.id)
    for again in (quiet.keys.revoke, lambda key_id: quiet.keys.rotate(key_id, 0)):
        with pytest.raises(ResourceNotFound):
            again(key.id)
    assert [each.state(clock()) for each in quiet.keys.list()] == ["revoked"]
