"""The doors work from memory: fresh within a second, usable while the database is away; secrets lie sealed."""

import asyncio
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from openrum.aws.policy import public_policy
from openrum.control.secrets import Sealer, SecretKeyProblem
from openrum.control.shapes import CreateAppMonitorRequest
from openrum.control.snapshot import CachedKeys, CachedMonitors
from openrum.errors import ResourceNotFound, Unavailable, ValidationError
from tests.control.conftest import NOW_MS, World


@pytest.fixture
def quiet(tmp_path):
    world = World(tmp_path, lambda: NOW_MS)
    world.snapshot.load()
    yield world
    world.database.close()


def create(world, name):
    return world.service.create_app_monitor(CreateAppMonitorRequest(name, "localhost")).Id


def test_what_another_process_made_is_found_on_the_first_ask(quiet, tmp_path):
    other = World(tmp_path, lambda: NOW_MS)
    monitor_id = create(other, "shop")
    key = other.keys.create("ci", "ingest")
    other.database.close()
    monitors, keys = CachedMonitors(quiet.snapshot), CachedKeys(quiet.snapshot)
    assert monitors.get(monitor_id) is None
    found = asyncio.run(monitors.find(monitor_id))
    assert (found.name, found.domains, found.policy, found.arn[-15:]) == (
        "shop",
        ("localhost",),
        None,
        "appmonitor/shop",
    )
    assert asyncio.run(keys.find(key.id)).secret == key.secret


def test_a_crowd_that_asks_for_what_is_not_there_shares_its_looks_at_the_database(quiet, monkeypatch):
    loads = []
    load = quiet.snapshot.load
    monkeypatch.setattr(quiet.snapshot, "load", lambda: (loads.append(1), load()))
    monitors = CachedMonitors(quiet.snapshot)

    async def crowd():
        return await asyncio.gather(*(monitors.find("no such id") for _ in range(500)))

    assert set(asyncio.run(crowd())) == {None}
    assert len(loads) <= 2


def away(*_arguments, **_options):
    raise Unavailable("the control database is away")


def test_while_the_database_is_away_what_is_known_works_and_what_is_not_known_is_503(quiet, monkeypatch):
    monitor_id = create(quiet, "shop")
    quiet.snapshot.load()
    monkeypatch.setattr(quiet.database, "revision", away)
    monitors = CachedMonitors(quiet.snapshot)
    with pytest.raises(Unavailable):
        quiet.snapshot.load()
    assert not quiet.snapshot.healthy
    assert monitors.get(monitor_id).name == "shop"
    with pytest.raises(Unavailable):
        asyncio.run(monitors.find("perhaps just made"))


def test_a_deleted_monitor_is_unknown_at_once(quiet):
    monitor_id = create(quiet, "shop")
    quiet.snapshot.load()
    quiet.monitors.delete("shop")
    quiet.snapshot.load()
    assert CachedMonitors(quiet.snapshot).get(monitor_id) is None


def test_secrets_lie_sealed_and_only_their_owner_opens_them(quiet, tmp_path):
    key = quiet.keys.create("ci", "admin")
    quiet.database.close()
    for path in tmp_path.iterdir():
        assert key.secret.encode() not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert key.secret not in repr(key)
    sealer = Sealer.open(tmp_path)
    sealed = sealer.seal("secret", "a")
    assert sealer.unseal(sealed, "a") == "secret"
    for wrong in (lambda: sealer.unseal(sealed, "b"), lambda: Sealer(bytes(32)).unseal(sealed, "a")):
        with pytest.raises(SecretKeyProblem, match="put the right key file back"):
            wrong()


def test_a_damaged_key_file_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(SecretKeyProblem, match="32 bytes"):
        Sealer.open(tmp_path)


def test_keys_are_made_listed_and_revoked(quiet):
    first, second = quiet.keys.create("one", "admin"), quiet.keys.create("two", "viewer")
    assert len(first.id) == 20
    assert len(first.secret) == 40
    quiet.keys.revoke(first.id)
    listed = {each.id: (each.name, each.role, each.revoked_ms) for each in quiet.keys.list()}
    assert listed == {first.id: ("one", "admin", NOW_MS), second.id: ("two", "viewer", None)}
    with pytest.raises(ResourceNotFound):
        quiet.keys.revoke(first.id)
    with pytest.raises(ValidationError, match="admin, viewer, ingest"):
        quiet.keys.create("three", "root")


def test_a_monitor_that_is_made_public_is_never_known_without_its_policy(quiet):
    """Two steps would leave a moment in which the door refuses, and a page that is refused once stays silent."""
    seen = []
    write = quiet.database.write

    @contextmanager
    def looking_after_each(*arguments):
        with write(*arguments) as connection:
            yield connection
        quiet.snapshot.load()
        seen.extend(monitor.policy is not None for monitor in quiet.snapshot.monitors_by_id.values())

    quiet.database.write = looking_after_each
    quiet.service.create_app_monitor(
        CreateAppMonitorRequest("shop", "localhost"), public_policy(quiet.monitors.arn("shop"))
    )
    assert seen == [True]


def test_a_slow_load_does_not_put_back_what_a_later_one_replaced(quiet, monkeypatch):
    create(quiet, "first")
    read_old, go_on = threading.Event(), threading.Event()
    living = quiet.monitors.living

    def slow_once(connection):
        monkeypatch.setattr(quiet.monitors, "living", living)
        found = living(connection)
        read_old.set()
        assert go_on.wait(30)
        return found

    monkeypatch.setattr(quiet.monitors, "living", slow_once)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(quiet.snapshot.load)
        assert read_old.wait(30)
        second = create(quiet, "second")
        later = pool.submit(quiet.snapshot.load)
        with suppress(TimeoutError):
            later.result(0.05)  # time enough to be done, were it not made to wait
        go_on.set()
        slow.result(30)
        later.result(30)
    assert second in quiet.snapshot.monitors_by_id
