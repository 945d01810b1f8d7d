"""Turns are given in the order they were asked for, so many at once, and none is ever lost."""

import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openrum.errors import Throttled
from openrum.turns import Turns


async def settle():
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


class Asker:
    """Takes a turn, notes it, and keeps it until told."""

    def __init__(self, turns, name, noted):
        self.done = asyncio.Event()
        self.left = False
        self.task = asyncio.create_task(self._ask(turns, name, noted))

    def leave(self):
        self.left = True
        self.task.cancel()

    async def _ask(self, turns, name, noted):
        async with turns.turn():
            noted.append(name)
            await self.done.wait()


def turns(at_once=2, waiting_max=10, wait_s=30):
    return Turns(at_once, waiting_max=waiting_max, wait_s=wait_s)


def test_so_many_at_once_and_the_others_in_their_order():
    async def ask():
        queue, noted = turns(), []
        askers = [Asker(queue, name, noted) for name in "abcde"]
        await settle()
        assert (noted, queue.running, queue.waiting) == (["a", "b"], 2, 3)
        for finished, expected in ((1, "abc"), (0, "abcd"), (2, "abcde")):
            askers[finished].done.set()
            await settle()
            assert noted == list(expected)
        for asker in askers:
            asker.done.set()
        await asyncio.gather(*(asker.task for asker in askers))
        assert (queue.running, queue.waiting) == (0, 0)

    asyncio.run(ask())


def test_who_fails_in_a_turn_gives_it_on():
    async def ask():
        queue = turns(at_once=1)
        with pytest.raises(ZeroDivisionError):
            async with queue.turn():
                raise ZeroDivisionError
        async with queue.turn():
            assert queue.running == 1

    asyncio.run(ask())


def test_beyond_those_who_may_wait_one_is_told_when_to_come_back():
    async def ask():
        queue, noted = turns(at_once=1, waiting_max=2), []
        askers = [Asker(queue, name, noted) for name in "abc"]
        await settle()
        with pytest.raises(Throttled, match="2 questions wait already") as refused:
            async with queue.turn():
                pass
        assert refused.value.retry_after_s >= 1
        assert queue.refused == 1
        for asker in askers:
            asker.done.set()
        await asyncio.gather(*(asker.task for asker in askers))
        assert noted == list("abc")

    asyncio.run(ask())


def test_who_has_waited_too_long_leaves_the_queue():
    async def ask():
        queue, noted = turns(at_once=1, wait_s=0.01), []
        holder = Asker(queue, "a", noted)
        await settle()
        with pytest.raises(Throttled, match=r"no turn came in 0\.01 seconds"):
            async with queue.turn():
                pass
        assert queue.waiting == 0
        holder.done.set()
        await holder.task
        assert queue.running == 0

    asyncio.run(ask())


class InOrder(list):
    """Notes who has a turn, and that nobody before them waits for one still.

    Of two that have their turns at once the later one may be the first to go on: the earlier one is woken when the
    loop comes round to it.
    """

    def __init__(self, queue, askers):
        super().__init__()
        self._queue = queue
        self._askers = askers

    def append(self, name):
        super().append(name)
        inside = sum(not asker.left and not asker.task.done() for asker in map(self._askers.__getitem__, self))
        before = sum(
            not asker.left and not asker.task.done() and each not in self
            for each, asker in enumerate(self._askers[:name])
        )
        assert before <= self._queue.running - inside


@given(st.lists(st.tuples(st.sampled_from(["ask", "leave", "finish", "step"]), st.integers(0, 30)), max_size=60))
@example(
    [*[("ask", 0)] * 6, ("leave", 0), ("leave", 1), ("leave", 2), ("step", 0), ("leave", 3), ("leave", 4), ("ask", 0)]
)
def test_whatever_people_do_no_turn_is_lost_and_none_is_given_twice(deeds):
    async def live():
        queue, askers = turns(at_once=2, waiting_max=5), []
        noted = InOrder(queue, askers)
        for deed, which in deeds:
            match deed:
                case "ask":
                    askers.append(Asker(queue, len(askers), noted))
                case "leave" if askers:
                    askers[which % len(askers)].leave()
                case "finish" if askers:
                    askers[which % len(askers)].done.set()
                case "step":
                    await asyncio.sleep(0)
            assert 0 <= queue.running <= 2
        for asker in askers:
            asker.done.set()
        ended = await asyncio.gather(*(asker.task for asker in askers), return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError | Throttled | None) for each in ended)
        assert (queue.running, queue.waiting) == (0, 0)

    asyncio.run(live())
