"""What is kept for how long, and what the disk may take: rows and journal go together, and the ledger keeps the count."""

import threading
from contextlib import closing

import pytest

from openrum.enrich.rules import Rulebook, Wishes
from openrum.events import Forgotten, Received
from openrum.keeping import Budget, Clock, Retention
from openrum.make_rows import decode
from openrum.outcomes import Reason
from openrum.store.schema import ORDER
from tests.drained import (
    BOOK,
    DAY_MS,
    MONITOR,
    NOW_MS,
    OTHER,
    RETENTION_MS,
    TODAY,
    Drained,
    event_id,
    replay,
    request,
)


@pytest.fixture
def rooms(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield rooms


@pytest.fixture
def days(rooms):
    """Four days; in each two monitors, of each two events, a bad one, one again, and a replay."""
    for days_ago in (3, 2, 1, 0):
        for monitor, base in ((MONITOR, 100), (OTHER, 500)):
            first = base + 10 * days_ago
            bad = {"id": event_id(first + 3), "details": "{"}
            rooms.write_day(days_ago, first, first + 1, first, bad, replay(first + 2), monitor=monitor)
    rooms.drain_all()
    return rooms


def ids_of(*days_ago, base=100, events=3):
    return [event_id(base + 10 * ago + number) for ago in sorted(days_ago) for number in range(events)]


def wishing(rooms, monitor=MONITOR, **wishes):
    rooms.book = Rulebook(RETENTION_MS, BOOK.others, {monitor: Wishes(custom_events=True, **wishes)})


def records(rooms, day):
    found = []
    at = (day, 0)
    while (blocks := rooms.reader.read(at, 1 << 20)) and blocks[0].day == day:
        found += [decode(record) for block in blocks for record in block.records]
        at = (day, blocks[-1].number)
    return found


ALL = {"received": 20, "stored": 12, "duplicate": 4, "quarantined": 4}


# ── By days ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_days_past_retention_go_from_journal_and_store(days):
    days.keeper(retention=Retention(1, 1, 1)).trim()
    assert list(days.store.days()) == days.reader.days() == [TODAY - 1, TODAY]
    assert days.ids() == ids_of(0, 1) + ids_of(0, 1, base=500)
    assert days.counts() == {outcome: count // 2 for outcome, count in ALL.items()}
    assert days.findings() == []
    days.rebuild()
    assert days.ids() == ids_of(0, 1) + ids_of(0, 1, base=500)


@pytest.mark.parametrize(("rows_days", "journal_days"), [(1, 3), (3, 1)])
def test_rows_and_journal_may_be_kept_for_different_lengths(days, rows_days, journal_days):
    keeper = days.keeper(retention=Retention(rows_days, journal_days, 90))
    keeper.trim()
    assert list(days.store.days()) == [TODAY - ago for ago in range(rows_days, -1, -1)]
    assert days.reader.days() == [TODAY - ago for ago in range(journal_days, -1, -1)]
    keeper.renew()
    assert list(days.store.days()) == [TODAY - ago for ago in range(rows_days, -1, -1)], "nothing comes back"
    days.rebuild()
    days.keeper(retention=Retention(rows_days, journal_days, 90)).trim()
    assert days.ids() == sorted(ids_of(*range(rows_days + 1)) + ids_of(*range(rows_days + 1), base=500))


def test_replays_may_go_before_their_rows(days):
    ids, counts = days.ids(), days.counts()
    days.keeper(retention=Retention(90, 90, 1)).trim()
    assert [event for event, _ in days.chunks()] == [
        event_id(base + 10 * ago + 2) for base in (100, 500) for ago in (0, 1)
    ]
    assert (days.ids(), days.counts()) == (ids, counts)
    assert days.findings() == []


@pytest.mark.parametrize("jump_ms", [40 * DAY_MS, 2 * 3_600_000, -40 * DAY_MS])
def test_a_clock_that_jumped_deletes_nothing(days, jump_ms):
    walls = iter([NOW_MS, *[NOW_MS + jump_ms] * 9])
    steady = iter([5, *[65] * 9])
    keeper = days.keeper(retention=Retention(1, 1, 1), clock=Clock(lambda: next(walls), lambda: next(steady)))
    keeper.trim()
    assert len(days.store.days()) == len(days.reader.days()) == 4
    assert days.counts() == ALL


def test_a_clock_that_goes_on_as_it_should_is_believed(days):
    walls, steady = iter([NOW_MS, NOW_MS + 2 * DAY_MS]), iter([5, 5 + 2 * DAY_MS])
    days.keeper(retention=Retention(3, 3, 3), clock=Clock(lambda: next(walls), lambda: next(steady))).trim()
    assert list(days.store.days()) == [TODAY - 1, TODAY]


# ── By monitor ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_monitors_own_retention_takes_its_rows_replays_and_what_the_journal_has_of_them(days):
    wishing(days, keep_after_ms=(TODAY - 1) * DAY_MS)
    days.keeper().trim()
    assert days.ids() == ids_of(0, 1) + ids_of(0, 1, 2, 3, base=500)
    assert [event for event, _ in days.chunks() if event < event_id(500)] == [event_id(102), event_id(112)]
    assert days.reasons() == {
        ("received", ""): 20,
        ("stored", ""): 6,
        ("duplicate", ""): 4,
        ("quarantined", Reason.DETAILS_NOT_JSON): 4,
        ("dropped", Reason.PAST_RETENTION): 6,
    }
    assert days.counts(OTHER) == ALL
    for ago in (3, 2):
        gone, kept = records(days, TODAY - ago)
        assert gone == Forgotten(MONITOR, NOW_MS - ago * DAY_MS, 5, Reason.PAST_RETENTION)
        assert isinstance(kept, Received)
    assert all(isinstance(record, Received) for ago in (1, 0) for record in records(days, TODAY - ago))
    assert days.findings() == []


def test_what_is_past_a_monitors_retention_stays_so_after_a_rebuild(days):
    wishing(days, keep_after_ms=(TODAY - 1) * DAY_MS)
    days.keeper().trim()
    generations = [file.generation for file in days.store.days().values()]
    days.keeper().trim()
    assert [file.generation for file in days.store.days().values()] == generations, "what is done is not done again"
    days.rebuild()
    assert days.ids() == ids_of(0, 1) + ids_of(0, 1, 2, 3, base=500)
    assert days.counts() == {"received": 20, "stored": 6, "duplicate": 2, "quarantined": 2, "dropped": 10}
    assert days.findings() == []


def test_a_kill_between_journal_and_store_is_made_good_the_next_time(days, monkeypatch):
    wishing(days, keep_after_ms=(TODAY - 1) * DAY_MS)
    with monkeypatch.context() as killed:
        killed.setattr(days.store, "rewrite", lambda *_, **__: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            days.keeper().trim()
    days.keeper().trim()
    assert days.ids() == ids_of(0, 1) + ids_of(0, 1, 2, 3, base=500)
    assert days.findings() == []


def test_the_day_that_is_written_to_is_trimmed_with_the_drain_stopped(days):
    """Nothing came since yesterday: the store's newest day is not today's."""
    drain = days.drain()
    stopped = []
    real = days.store.rewrite

    def rewrite(day, leaving):
        stopped.append((day, drain._under_way.locked()))
        return real(day, leaving)

    days.store.rewrite = rewrite
    wishing(days, keep_after_ms=(TODAY + 1) * DAY_MS)
    days.keeper(now_ms=NOW_MS + DAY_MS, drain=drain).trim()
    assert stopped == [(TODAY - 3, False), (TODAY - 2, False), (TODAY - 1, False), (TODAY, True)]
    assert days.ids() == ids_of(0, 1, 2, 3, base=500)
    assert days.findings() == []


def noise(number):
    """An event that does not compress well."""
    return {"id": event_id(number), "details": f'{{"a":"{number * 7919**9}{number * 104_729**8}{number**30}"}}'}


def test_journal_space_of_a_monitor_past_its_retention_is_given_back(rooms):
    for ago in (2, 0):
        rooms.write_day(ago, *map(noise, range(1_000 * ago, 1_000 * ago + 900)))
    rooms.drain_all()
    before = rooms.reader.size_bytes()
    wishing(rooms, keep_after_ms=TODAY * DAY_MS)
    rooms.keeper().trim()
    assert rooms.reader.size_bytes() < 0.7 * before
    assert rooms.findings() == []


# ── Deleted monitors ──────────────────────────────────────────────────────────────────────────────────────────────


def test_events_of_a_purged_monitor_go_from_every_day_and_stay_away(days):
    keeper = days.keeper(purge_due=lambda: frozenset((MONITOR,)))
    keeper.purge()
    assert days.ids() == ids_of(0, 1, 2, 3, base=500)
    assert days.reasons()["dropped", Reason.MONITOR_DELETED] == 12
    assert [event for event, _ in days.chunks()] == [event_id(500 + 10 * ago + 2) for ago in range(4)]
    assert days.counts(OTHER) == ALL
    assert days.findings() == []
    generations = [file.generation for file in days.store.days().values()]
    keeper.purge()
    assert [file.generation for file in days.store.days().values()] == generations
    wishing(days, deleted=True)
    days.rebuild()
    assert days.ids() == ids_of(0, 1, 2, 3, base=500)
    assert days.findings() == []


def test_nothing_is_purged_where_nobody_was_deleted(days):
    days.keeper().purge()
    assert days.counts() == ALL


# ── The disk budget ───────────────────────────────────────────────────────────────────────────────────────────────


def taken(rooms):
    return rooms.reader.size_bytes() + rooms.store.size_bytes()


def test_without_a_bound_nothing_is_said_or_taken(days):
    keeper = days.keeper()
    keeper.keep_budget()
    assert (keeper.budget.problem, days.counts()) == (None, ALL)


def test_it_warns_when_little_is_left_and_takes_nothing(days):
    keeper = days.keeper(budget=Budget(int(taken(days) * 1.05)))
    keeper.keep_budget()
    assert keeper.budget.problem == "95% of the disk budget is used"
    assert days.counts() == ALL
    keeper.budget.bytes_max *= 2
    keeper.keep_budget()
    assert keeper.budget.problem is None


@pytest.fixture
def large_days(rooms):
    """Three days, large enough that a day's going can be seen."""
    for ago in (2, 1, 0):
        for start in range(10_000 * ago, 10_000 * ago + 8_000, 1_000):
            rooms.write_day(ago, *map(noise, range(start, start + 900)))
    rooms.drain_all()
    rooms.keeper().settle()
    rooms.reopen()
    return rooms


def test_beyond_it_the_oldest_day_goes_and_the_ledger_shows_it(large_days):
    before = taken(large_days)
    assert large_days.counts() == {"received": 21_600, "stored": 21_600}
    keeper = large_days.keeper(budget=Budget(before - 1))
    keeper.keep_budget()
    assert taken(large_days) < before
    assert large_days.reader.days() == [TODAY - 1, TODAY]
    assert list(large_days.store.days()) == [TODAY - 2, TODAY - 1, TODAY]
    assert large_days.reasons() == {
        ("received", ""): 21_600,
        ("stored", ""): 14_400,
        ("dropped", Reason.DISK_BUDGET): 7_200,
    }
    assert large_days.findings() == []

    ledger = large_days.store.summary().ledger
    large_days.rebuild()
    assert large_days.store.summary().ledger == ledger, "what the journal has no more is taken over"
    assert large_days.findings() == []


def test_today_is_never_taken(large_days):
    keeper = large_days.keeper(budget=Budget(1))
    keeper.keep_budget()
    assert large_days.reader.days() == [TODAY]
    assert keeper.budget.problem.startswith("the disk budget is used up by today alone:")
    assert large_days.counts() == {"received": 21_600, "stored": 7_200, "dropped": 14_400}
    assert large_days.findings() == []


def test_what_the_drain_has_not_read_yet_is_not_taken(rooms):
    rooms.write_day(2, 1, 2)
    rooms.drain_all()
    rooms.write_day(1, 3, 4)
    rooms.write_day(0, 5, 6)
    rooms.keeper(budget=Budget(1)).keep_budget()
    rooms.drain_all()
    assert rooms.ids() == [event_id(number) for number in range(1, 7)]
    assert rooms.findings() == []


# ── Settling ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_that_is_over_is_written_once_more_in_order_and_then_left_alone(days):
    before = days.ids(), days.store.summary(), days.chunks()
    keeper = days.keeper()
    keeper.settle()
    files = days.store.days()
    assert [file.settled for file in files.values()] == [True, True, True, False]
    assert [file.generation for file in files.values()] == [2, 2, 2, 1]
    order = f"SELECT id FROM {files[TODAY - 1].catalog}.event_rows"
    assert days.ask(f"{order} ORDER BY rowid") == days.ask(f"{order} ORDER BY {ORDER}")
    keeper.settle()
    assert days.store.days() == files
    assert (days.ids(), days.store.summary(), days.chunks()) == before
    assert days.findings() == []


def test_a_day_is_not_settled_before_late_events_had_their_time(days):
    midnight = TODAY * DAY_MS
    days.keeper(now_ms=midnight + 3_600_000).settle()
    assert [file.settled for file in days.store.days().values()] == [True, True, False, False]
    days.keeper(now_ms=midnight + 2 * 3_600_000 + 1).settle()
    assert [file.settled for file in days.store.days().values()] == [True, True, True, False]


def test_settled_days_are_at_hand_once_the_server_has_begun(days, monkeypatch):
    keeper = days.keeper()
    keeper.settle()
    real, done = days.store.gather, threading.Event()

    def gather(ending):
        real(ending)
        done.set()

    monkeypatch.setattr(days.store, "gather", gather)
    keeper.start()
    assert done.wait(60)
    keeper.close()
    keeper._drain.close()
    assert sorted(days.store._gathering.now.days.values()) == [TODAY - 3, TODAY - 2, TODAY - 1]


def test_after_all_of_it_a_rebuild_gives_the_same_rows(days):
    wishing(days, keep_after_ms=(TODAY - 1) * DAY_MS)
    keeper = days.keeper(purge_due=lambda: frozenset((OTHER,)))
    for task in (keeper.renew_newest, keeper.renew, keeper.settle, keeper.trim, keeper.purge, keeper.settle):
        task()
    days.book = Rulebook(RETENTION_MS, BOOK.others, {**days.book.named, OTHER: Wishes(deleted=True)})
    rows = "SELECT * FROM event_rows ORDER BY monitor, id"
    before, received = days.ask(rows), (days.counts()["received"], days.counts(OTHER)["received"])
    assert days.ids() == ids_of(0, 1)
    days.rebuild()
    assert days.ask(rows) == before
    assert (days.counts()["received"], days.counts(OTHER)["received"]) == received
    assert days.findings() == []


# ── The thread ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_drain_begins_when_the_newest_day_is_ready_and_the_rest_follows(days, monkeypatch):
    path = days.day_file(TODAY - 2)
    days.store.close()
    path.write_bytes(b"")
    days.reopen()
    days.write(request(7))
    steps, renewed = [], threading.Event()
    drain = days.drain()
    keeper = days.keeper(drain=drain)
    for part, name in ((keeper, "renew_newest"), (drain, "start"), (keeper, "renew")):
        real = getattr(part, name)

        def step(real=real, name=name):
            steps.append(name)
            real()
            if name == "renew":
                renewed.set()

        step.__name__ = name
        monkeypatch.setattr(part, name, step)
    keeper.start()
    assert renewed.wait(30)
    keeper.close()
    drain.close()
    assert steps == ["renew_newest", "start", "renew"]
    days.drain_all()
    assert len(days.ids()) == 25
    assert days.findings() == []


def test_a_task_that_fails_stops_no_other(days):
    keeper = days.keeper()
    ran = []

    def fails():
        raise RuntimeError("a defect")

    keeper._try(fails)

    def succeeds():
        ran.append(True)

    keeper._try(succeeds)
    assert ran == [True]


def test_a_record_that_nobody_can_read_stays_where_it_is(rooms):
    moment = NOW_MS - 2 * DAY_MS
    rooms.write(request(1, received_ms=moment), now_ms=moment)
    rooms.write(b"\xc1 not MessagePack", now_ms=moment, events=0)
    rooms.write_day(0, 2)
    rooms.drain_all()
    wishing(rooms, keep_after_ms=TODAY * DAY_MS)
    rooms.keeper().trim()
    assert records(rooms, TODAY - 2) == [Forgotten(MONITOR, moment, 1, Reason.PAST_RETENTION), None]
    assert rooms.ids() == [event_id(2)]
