"""The watch interrupts what is overdue, unwanted or greedy, until it has ended, and nothing else."""

import threading
from contextlib import closing

import pytest

from openrum.store.watch import Halt, Watch

PATIENCE_S = 20


class Cursor:
    """Counts its interrupts, and tells of each."""

    def __init__(self):
        self.interrupts = threading.Semaphore(0)

    def interrupt(self):
        self.interrupts.release()

    def interrupted(self):
        return self.interrupts.acquire(timeout=PATIENCE_S)


@pytest.fixture
def memory():
    return [0]


@pytest.fixture
def watch(memory):
    with closing(Watch(lambda: memory[0])) as watch:
        yield watch


def test_what_is_overdue_is_interrupted_until_it_ends(watch):
    cursor = Cursor()
    with watch.over(cursor, timeout_s=0.01) as watched:
        assert cursor.interrupted()
        assert cursor.interrupted()
        assert watched.why == "overdue"


def test_a_wish_to_end_is_heard_at_once_whenever_it_is_given(watch):
    early, late = Halt(), Halt()
    early.give()
    first, second = Cursor(), Cursor()
    with watch.over(first, timeout_s=1_000, halt=early) as watched:
        assert first.interrupted()
        assert watched.why == "halted"
    with watch.over(second, timeout_s=1_000, halt=late) as watched:
        late.give()
        assert second.interrupted()
        assert watched.why == "halted"


def test_a_later_statement_with_less_time_is_not_kept_waiting_by_an_earlier_one(watch):
    slow, quick = Cursor(), Cursor()
    with watch.over(slow, timeout_s=1_000) as waiting, watch.over(quick, timeout_s=0.01) as overdue:
        assert quick.interrupted()
        assert (waiting.why, overdue.why) == (None, "overdue")


def test_memory_is_held_against_those_alone_who_have_a_bound(watch, memory):
    ours, users = Cursor(), Cursor()
    with watch.over(ours, timeout_s=1_000) as our, watch.over(users, timeout_s=1_000, memory_bytes=100) as user:
        memory[0] = 101
        assert users.interrupted()
        assert (our.why, user.why) == (None, "memory")


def test_what_has_ended_is_not_interrupted(watch):
    ended, other = Cursor(), Cursor()
    halt = Halt()
    with watch.over(ended, timeout_s=0.05, halt=halt):
        pass
    halt.give()
    with watch.over(other, timeout_s=0.1):
        assert other.interrupted()
    assert not ended.interrupts.acquire(blocking=False)


def test_the_first_reason_counts(watch):
    halt, cursor = Halt(), Cursor()
    with watch.over(cursor, timeout_s=0.01, halt=halt) as watched:
        assert cursor.interrupted()
        halt.give()
        assert cursor.interrupted()
        assert watched.why == "overdue"


def test_the_thread_ends_with_the_store():
    watch = Watch(lambda: 0)
    with watch.over(Cursor(), timeout_s=1_000):
        [thread] = [each for each in threading.enumerate() if each is watch._thread]
    watch.close()
    assert not thread.is_alive()
    Watch(lambda: 0).close()
