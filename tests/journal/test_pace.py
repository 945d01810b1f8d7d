"""Commits keep a pace where requests share them, and wait for nobody where they do not."""

import pytest

from openrum.journal.pace import PACE_S, Pace


class Clock:
    """A clock that we turn."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def paced(requests, took_s, commits=100):
    """How long each of so many commits waited to begin, once it is known how many requests share one."""
    clock = Clock()
    pace = Pace(clock)
    waited = []
    for _ in range(commits):
        waited.append(pace.wait_s())
        clock.now_s += waited[-1]
        pace.begins(requests)
        clock.now_s += took_s
    return waited


def test_who_sends_one_after_the_other_never_waits():
    assert set(paced(1, 0.001)) == {0.0}


def test_where_some_share_a_commit_they_gather_for_the_next():
    waited = paced(2, 0.002)
    assert waited[0] == 0.0
    assert waited[-1] == pytest.approx(PACE_S - 0.002)


def test_a_disk_that_is_slower_than_the_pace_sets_it():
    assert set(paced(3, 0.02)) == {0.0}


def test_where_many_share_a_commit_nobody_waits():
    assert paced(30, 0.002)[-1] == 0.0


def test_the_first_after_a_pause_does_not_wait():
    clock = Clock()
    pace = Pace(clock)
    for _ in range(50):
        pace.begins(3)
    assert pace.wait_s() > 0
    clock.now_s += 1
    assert pace.wait_s() == 0.0
