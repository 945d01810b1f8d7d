"""Waits between attempts grow and end: who guesses gets slower, and who knows the password always gets a turn."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.errors import Throttled
from openrum.serve.attempts import FIRST_MS, FORGET_MS, FREE, KEYS_MAX, LONGEST_MS, AFew, Backoff, Turns

ADDRESS, OTHER_ADDRESS = ("address", "192.0.2.1"), ("address", "192.0.2.2")
NAME, OTHER_NAME = ("name", "ada"), ("name", "eve")


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.ms = 1_000_000

    def __call__(self):
        return self.ms


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def backoff(watch):
    return Backoff(watch)


def waits(backoff, *keys):
    """Try, and fail; or the seconds to wait."""
    try:
        backoff.take(keys)
    except Throttled as error:
        return error.retry_after_s
    return 0


def test_a_few_failures_are_free_and_then_each_doubles_the_wait_up_to_a_minute(backoff, watch):
    assert [waits(backoff, NAME) for _ in range(FREE)] == [0] * FREE
    seen = []
    for _ in range(10):
        seen.append(waits(backoff, NAME))
        watch.ms += seen[-1] * 1_000
        assert waits(backoff, NAME) == 0
    assert seen == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_what_is_tried_during_the_wait_does_not_lengthen_it(backoff, watch):
    for _ in range(FREE + 3):
        while waits(backoff, NAME):
            watch.ms += 1_000
    told = waits(backoff, NAME)
    for step in range(told * 10):
        assert waits(backoff, NAME) == told - step // 10
        watch.ms += 100
    assert waits(backoff, NAME) == 0


@given(st.lists(st.tuples(st.integers(0, 90_000), st.booleans()), max_size=60))
def test_who_waits_as_long_as_told_is_let_try_whatever_went_before(history):
    """Nobody is locked out: the told wait is at most a minute, and enough."""
    watch = Watch()
    backoff = Backoff(watch)
    for pause_ms, try_ in history:
        watch.ms += pause_ms
        if try_:
            waits(backoff, ADDRESS, NAME)
    told = waits(backoff, ADDRESS, NAME)
    assert told <= LONGEST_MS / 1_000
    watch.ms += told * 1_000
    if told:
        assert waits(backoff, ADDRESS, NAME) == 0


@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=400))
def test_however_one_tries_a_name_is_tried_no_more_than_once_a_minute_in_the_long_run(pauses):
    watch = Watch()
    backoff = Backoff(watch)
    tried = 0
    began_ms = watch.ms
    for pause_ms in pauses:
        watch.ms += pause_ms
        tried += waits(backoff, NAME) == 0
    grown = next(n for n in range(30) if FIRST_MS << n >= LONGEST_MS)
    assert tried <= FREE + grown + 1 + (watch.ms - began_ms) / LONGEST_MS


def test_all_of_the_keys_must_be_open_and_none_is_charged_where_one_is_not(backoff):
    for _ in range(FREE):
        waits(backoff, ADDRESS, NAME)
    assert waits(backoff, ADDRESS, OTHER_NAME) == 1
    assert waits(backoff, OTHER_ADDRESS, NAME) == 1
    assert [waits(backoff, OTHER_ADDRESS, OTHER_NAME) for _ in range(FREE)] == [0] * FREE


def test_many_at_once_are_no_way_round(backoff):
    """An attempt counts from its beginning: while the hashes are made, the next ones are counted already."""
    begun = [backoff.take([NAME]) for _ in range(FREE)]
    with pytest.raises(Throttled):
        backoff.take([NAME])
    for attempt in begun:
        backoff.give_back(attempt)
    assert len(backoff) == 0


def test_a_success_clears_the_name_and_leaves_the_address_as_it_was(backoff, watch):
    """Or an account of one's own would be a way to try others without waiting."""
    for _ in range(FREE + 1):
        watch.ms += waits(backoff, ADDRESS, OTHER_NAME) * 1_000
        waits(backoff, ADDRESS, OTHER_NAME)
    watch.ms += LONGEST_MS
    attempt = backoff.take([ADDRESS, NAME])
    backoff.give_back(attempt)
    backoff.clear(NAME)
    assert waits(backoff, ADDRESS, OTHER_NAME) == 0, "a success makes nobody else wait"
    assert waits(backoff, ADDRESS, NAME) >= 2, "and what failed before it still counts"


def test_what_is_given_back_leaves_what_others_failed_meanwhile(backoff):
    mine = backoff.take([NAME])
    for _ in range(FREE - 1):
        backoff.take([NAME])
    backoff.give_back(mine)
    assert waits(backoff, NAME) == 0
    assert waits(backoff, NAME) == 1


def test_failures_are_forgotten_after_a_while(backoff, watch):
    for _ in range(FREE):
        waits(backoff, NAME)
    watch.ms += FORGET_MS
    assert [waits(backoff, NAME) for _ in range(FREE)] == [0] * FREE


def test_memory_is_bounded_however_many_are_tried(backoff, watch):
    for number in range(KEYS_MAX + 500):
        waits(backoff, ("name", str(number)))
    assert len(backoff) == KEYS_MAX
    watch.ms += FORGET_MS
    waits(backoff, NAME)
    assert len(backoff) == 1


def test_one_hash_at_a_time_in_order_and_a_crowd_is_sent_away():
    at_once, most, done = 0, 0, []
    going = threading.Event()

    def work(number):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        assert going.wait(30)
        done.append(number)
        at_once -= 1
        return number

    async def crowd():
        turns = Turns()
        tasks = [asyncio.create_task(turns.take(lambda number=number: work(number))) for number in range(40)]
        await asyncio.sleep(0)
        going.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(crowd())
    assert most == 1
    assert done == answers[:32] == list(range(32))
    assert all(isinstance(answer, Throttled) for answer in answers[32:])


def test_rows_that_are_kept_for_ever_are_so_many_an_hour(watch):
    few = AFew(3, watch)
    assert [few.one_more() for _ in range(5)] == [True, True, True, False, False]
    watch.ms += 3_600_000
    assert few.one_more()
