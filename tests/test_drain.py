"""What was made durable comes into answers once, whatever stands between; what cannot be read is counted, and passed by."""

import threading
from contextlib import closing

import msgspec
import pytest

from openrum import drain as drain_module
from openrum import make_rows
from openrum.events import Refusals
from openrum.outcomes import Reason
from openrum.store import StoreUnavailable
from tests.drained import MONITOR, NOW_MS, Drained, event_id, request


@pytest.fixture
def rooms(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield rooms


def test_every_event_of_every_block_comes_into_answers_once(rooms):
    rooms.write(request(1, 2), request(3), request(2, 4))
    drain = rooms.drain()
    assert drain.backlog_at_start == 5
    assert list(drain.drain_waiting()) == [5]
    assert list(drain.drain_waiting()) == []
    assert rooms.ids() == [event_id(number) for number in (1, 2, 3, 4)]
    assert rooms.counts() == {"received": 5, "stored": 4, "duplicate": 1}


def test_a_drain_begins_behind_what_the_store_has(rooms):
    rooms.write(request(1))
    rooms.drain_all()
    rooms.write(request(2))
    again = rooms.drain()
    assert again.backlog_at_start == 1
    assert list(again.drain_waiting()) == [1]
    assert rooms.counts() == {"received": 2, "stored": 2}


def test_a_group_that_is_drained_again_after_a_crash_changes_nothing(rooms):
    rooms.write(request(1), request(2))
    first, second = rooms.drain(), rooms.drain()
    assert list(first.drain_waiting()) == [2]
    assert list(second.drain_waiting()) == [2], "as if the first had died before it noted its position"
    assert rooms.ids() == [event_id(1), event_id(2)]
    assert rooms.counts()["stored"] == 2


def test_refusals_are_counted_beside_the_identity(rooms):
    counted = Refusals(NOW_MS, [(MONITOR, Reason.INVALID, 3), ("", Reason.UNKNOWN_MONITOR, 2)])
    rooms.write(msgspec.msgpack.encode(counted), events=0)
    rooms.drain_all()
    assert rooms.counts() == {"refused": 3}
    assert rooms.counts("") == {"refused": 2}


def test_a_record_that_nobody_can_read_is_passed_by(rooms):
    rooms.write(request(1))
    rooms.write(b"\xc1 not MessagePack", events=0)
    rooms.write(request(2))
    rooms.drain_all()
    assert rooms.ids() == [event_id(1), event_id(2)]


def test_a_request_that_breaks_the_enrichment_is_poison_and_its_neighbours_are_stored(rooms, monkeypatch):
    def fails_for_the_second(received, position, rules, real=make_rows.enrich):
        if event_id(2).encode() in received.body:
            raise RuntimeError("a defect")
        return real(received, position, rules)

    monkeypatch.setattr(make_rows, "enrich", fails_for_the_second)
    rooms.write(request(1), request(2, 22), request(3))
    rooms.drain_all()
    assert rooms.ids() == [event_id(1), event_id(3)]
    assert rooms.counts() == {"received": 4, "stored": 2, "quarantined": 2}


def test_a_row_that_the_engine_refuses_is_poison_and_its_neighbours_are_stored(rooms, monkeypatch):
    def spoils_the_second(event, rules, real=make_rows.to_row):
        row = real(event, rules)
        if row.id == event_id(2):
            row.session = "not a UUID at all"
        return row

    monkeypatch.setattr(make_rows, "to_row", spoils_the_second)
    rooms.write(request(1, 2, 3))
    rooms.drain_all()
    assert rooms.ids() == [event_id(1), event_id(3)]
    ledger = rooms.store.ledger(MONITOR, 0, NOW_MS + 1)
    assert {(row.outcome, row.reason): row.count for row in ledger} == {
        ("received", ""): 3,
        ("stored", ""): 2,
        ("quarantined", "poison"): 1,
    }
    sample = next(row.sample for row in ledger if row.reason == "poison")
    assert sample[3] == 1, "the ledger says where it stands, to be looked at"


def test_a_store_that_is_away_stops_nothing_for_good(rooms, monkeypatch):
    monkeypatch.setattr(drain_module, "RETRY_S", 0.01)
    monkeypatch.setattr(drain_module, "LINGER_S", 0.0)
    real, tried, stored = rooms.store.apply, threading.Semaphore(0), threading.Event()
    away = threading.Event()
    away.set()

    def apply(group):
        if away.is_set():
            tried.release()
            raise StoreUnavailable("no space left")
        real(group)
        stored.set()

    monkeypatch.setattr(rooms.store, "apply", apply)
    rooms.write(request(1))
    drain = rooms.drain()
    drain.start()
    assert tried.acquire(timeout=30)
    assert tried.acquire(timeout=30), "it tries again by itself"
    assert not drain.healthy
    away.clear()
    assert stored.wait(30)
    drain.close()
    assert drain.healthy
    assert rooms.ids() == [event_id(1)]


def test_it_is_told_of_monitors_that_events_came_for(rooms):
    other = "0a0a0a0a-0000-4000-8000-000000000002"
    rooms.write(request(1), request(2, monitor=other))
    told = []
    list(rooms.drain(on_stored=told.append).drain_waiting())
    assert told == [{MONITOR, other}]


def test_a_crowded_door_goes_first_and_the_drain_follows(rooms, monkeypatch):
    """While each commit carries many requests the drain waits; once they are few, it drains."""
    monkeypatch.setattr(drain_module, "LINGER_S", 0.001)
    looks, crowded, drained = threading.Semaphore(0), threading.Event(), threading.Event()
    crowded.set()
    commits = [0, 0]

    def busy():
        commits[0] += 1
        commits[1] += 100 if crowded.is_set() else 1
        looks.release()
        return commits[0], commits[1]

    drain = rooms.drain(commits=busy, on_stored=lambda _: drained.set())
    drain.start()
    drain.wake()
    for _ in range(6):
        assert looks.acquire(timeout=30)
    rooms.write(request(1))
    drain.wake()
    assert looks.acquire(timeout=30)
    assert not drained.is_set()
    crowded.clear()
    drain.wake()
    assert drained.wait(30)
    drain.close()
