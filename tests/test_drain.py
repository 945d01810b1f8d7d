"""What was made durable comes into answers once, whatever stands between; what cannot be read is counted, and passed by."""

import threading
import time
from contextlib import closing
from dataclasses import replace

import msgspec
import pytest

from openrum import drain as drain_module
from openrum import make_rows
from openrum.events import Refusals
from openrum.limits import DEFAULTS
from openrum.outcomes import Reason
from openrum.store import StoreUnavailable
from tests.drained import MONITOR, NOW_MS, Drained, batch, event_id, replay, request


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


def test_where_it_goes_on_is_for_the_store_to_say_whoever_brought_it_there(rooms):
    rooms.write(request(1), request(2))
    first, second = rooms.drain(), rooms.drain()
    assert list(first.drain_waiting()) == [2]
    assert list(second.drain_waiting()) == [], "as if the first had died before it noted its position"
    rooms.write(request(3))
    assert list(second.drain_waiting()) == [1]
    assert list(first.drain_waiting()) == []
    assert rooms.counts() == {"received": 3, "stored": 3}
    assert rooms.findings() == []


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


def test_a_replay_that_the_engine_refuses_is_poison_too_and_its_neighbours_are_kept(rooms, monkeypatch):
    def spoils_the_second(event, rules, real=make_rows.to_row):
        row = real(event, rules)
        if row.id == event_id(2):
            row.session = "not a UUID at all"
        return row

    monkeypatch.setattr(make_rows, "to_row", spoils_the_second)
    rooms.write(batch(replay(1), replay(2), replay(3)))
    rooms.drain_all()
    assert rooms.counts() == {"received": 3, "stored": 2, "quarantined": 1}
    assert [event for event, _ in rooms.chunks()] == [event_id(1), event_id(3)]
    assert rooms.findings() == []


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


# ── Gathering ─────────────────────────────────────────────────────────────────────────────────────────────────────

MANY = drain_module.GATHERING[0]


def many(first):
    return request(*range(first, first + MANY))


def test_what_comes_while_a_group_gathers_is_of_one_group(rooms):
    told = []

    def gather(_, events):
        told.append(events)
        for number in (10_000, 20_000) if len(told) == 1 else ():
            rooms.write(request(number))

    rooms.write(many(1))
    assert list(rooms.drain().drain_waiting(gather)) == [MANY, 2]
    assert told == [MANY, 2]


@pytest.mark.parametrize("events", [1, MANY - 1, drain_module.GATHERING[-1] + 1])
def test_behind_few_events_and_behind_very_many_nothing_gathers(rooms, monkeypatch, events):
    monkeypatch.setattr(drain_module, "GATHER_S", 3_600)
    rooms.drain()._gather(time.monotonic(), events)


def test_a_group_gathers_no_longer_than_it_may(rooms, monkeypatch):
    monkeypatch.setattr(drain_module, "GATHER_S", 0.02)
    begin = time.monotonic()
    rooms.drain()._gather(begin, MANY)
    assert time.monotonic() - begin >= 0.02
    monkeypatch.setattr(drain_module, "GATHER_S", 3_600)
    rooms.drain()._gather(time.monotonic() - 3_600, MANY)


@pytest.mark.parametrize("ending", [True, False], ids=["ends", "stops"])
def test_whoever_ends_or_stops_the_drain_does_not_wait_for_a_group_to_gather(rooms, monkeypatch, ending):
    monkeypatch.setattr(drain_module, "GATHER_S", 3_600)
    stored = threading.Event()
    rooms.write(many(1))
    drain = rooms.drain(on_stored=lambda _: stored.set())
    drain.start()
    assert stored.wait(30)
    if not ending:
        with drain.stopped():
            assert len(rooms.ids()) == MANY
    drain.close()


# ── Stopped ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Watched:
    """A drain under load, and what it does: reads of the journal that found something, and groups that were applied."""

    def __init__(self, rooms, monkeypatch, **options):
        self.rooms = rooms
        self.done = []
        self.applied = threading.Semaphore(0)
        monkeypatch.setattr(drain_module, "LINGER_S", 0.0)
        read, apply = rooms.reader.read, rooms.store.apply

        def watched_read(*arguments):
            found = read(*arguments)
            self.done += ["read"] if found else []
            return found

        def watched_apply(group):
            apply(group)
            self.done.append("applied")
            self.applied.release()

        monkeypatch.setattr(rooms.reader, "read", watched_read)
        monkeypatch.setattr(rooms.store, "apply", watched_apply)
        self.drain = rooms.drain(**options)
        self.drain._limits = replace(DEFAULTS, journal_block_bytes=1, drain_group_bytes=1)  # a block is a group


@pytest.fixture
def watched(rooms, monkeypatch):
    """A hundred blocks wait; the drain is at work among them."""
    rooms.write(*[request(2 * number, 2 * number + 1) for number in range(100)])
    watched = Watched(rooms, monkeypatch)
    watched.drain.start()
    assert watched.applied.acquire(timeout=30)
    yield watched
    watched.drain.close()


def test_while_it_is_stopped_nothing_is_read_or_applied_and_the_door_goes_on(watched):
    rooms, drain = watched.rooms, watched.drain
    for turn in range(5):
        with drain.stopped():
            done, position = len(watched.done), rooms.store.position()
            drain.wake()
            rooms.write(request(1_000 + turn))
            drain.wake()
            assert len(watched.done) == done
            assert watched.done.count("applied") < 80, "it does not wait until nothing waits"
            assert rooms.store.position() == position
        assert watched.applied.acquire(timeout=30), "and it goes on"
    drain.close()
    rooms.drain_all()
    assert rooms.counts() == {"received": 205, "stored": 205}


def test_what_was_read_before_it_stopped_is_applied_when_it_has(watched):
    with watched.drain.stopped():
        events = watched.rooms.counts()["received"]
        assert events == 2 * watched.done.count("applied")
        assert watched.drain._position == watched.rooms.store.position()


def test_several_may_stop_it_at_once_and_none_is_disturbed(watched):
    """Each finds it stopped, and it goes on when all are done."""
    disturbed, inside = [], threading.Lock()

    def stop():
        for _ in range(10):
            with watched.drain.stopped():
                if not inside.acquire(blocking=False):
                    disturbed.append("two at once")
                    continue
                done = len(watched.done)
                watched.rooms.ids()
                if len(watched.done) != done:
                    disturbed.append("it worked on")
                inside.release()

    threads = [threading.Thread(target=stop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert disturbed == []
    watched.drain.close()
    watched.rooms.drain_all()
    assert watched.rooms.counts() == {"received": 200, "stored": 200}
    assert watched.rooms.findings() == []


def test_it_can_be_closed_while_it_is_stopped_by_somebody_else(rooms, monkeypatch):
    rooms.write(request(1))
    drain = Watched(rooms, monkeypatch).drain
    with drain.stopped():
        drain.start()
        closing_it = threading.Thread(target=drain.close)
        closing_it.start()
    closing_it.join(30)
    assert not closing_it.is_alive()


class ClosedMeanwhile(threading.Event):
    """Whoever takes the wish to wake is told to end at that very moment."""

    def __init__(self, drain):
        super().__init__()
        self._closing = drain._closing

    def clear(self):
        self._closing.set()
        self.set()
        super().clear()


def test_to_be_told_to_end_while_it_wakes_is_not_missed(rooms):
    drain = rooms.drain()
    drain._wake = ClosedMeanwhile(drain)
    drain.wake()
    drain.start()
    drain._thread.join(30)
    assert not drain._thread.is_alive()
    drain.close()
