"""Answers are found once for all who ask the same, kept until something changes, and given up when nobody waits."""

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrum.answering import KeptAnswers, StoreAnswers
from openrum.events import Row
from openrum.limits import DEFAULTS
from openrum.outcomes import Outcome, Reason
from openrum.query.question import Order, Question
from openrum.query.run import run
from openrum.query.scope import Scope
from openrum.serve.ports import Finding
from openrum.store import DuckDBStore, Group, QueryFailed, QueryHalted, QueryTimeout
from openrum.store.store import Reads

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
DAY, DAY_MS = 20_780, 86_400_000
PATIENCE_S = 20
ENDLESS = "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b"
_numbers = itertools.count(1)


class World:
    """A store, and who answers from it."""

    def __init__(self, folder, **limits):
        self.limits = replace(DEFAULTS, **{"query_at_once": 4, **limits})
        self.store = DuckDBStore(folder, self.limits)
        at_once = self.limits.query_at_once
        self.pool = ThreadPoolExecutor(at_once)
        self.answers = StoreAnswers(self.store, None, self.limits, self.pool, lambda: 0, at_once=at_once)
        self.blocks = {}

    def add(self, day=DAY, time_ms=None):
        """An event of a day of receipt."""
        number = next(_numbers)
        row = Row(
            monitor=MONITOR, id=f"11111111-0000-4000-8000-{number:012d}", received=day * DAY_MS,
            time=day * DAY_MS if time_ms is None else time_ms, type="com.amazon.rum.page_view_event",
            day=day, block=1, record=0, index=number, outcome=Outcome.STORED, reason=Reason.NONE, page="/a",
        )  # fmt: skip
        self.blocks[day] = self.blocks.get(day, 0) + 1
        self.store.apply(Group(msgspec.json.Encoder().encode_lines([row]), (day, self.blocks[day])))

    def close(self):
        self.pool.shutdown()
        self.store.close()


@pytest.fixture
def world(tmp_path):
    with closing(World(tmp_path / "store")) as world:
        yield world


def question(day=DAY, days=1):
    scope = Scope(MONITOR, day * DAY_MS, (day + days) * DAY_MS)
    return Question(scope, measures=("events",), order=(Order("events", descending=True),))


class Found:
    """A finding that counts how often it is found, and waits where it is told to."""

    def __init__(self, world, asked=None, *, waits=False, key=b"key", keep=True):
        self.world, self.asked = world, asked or question()
        self.times = 0
        self.begun, self.may_end = threading.Event(), threading.Event()
        if not waits:
            self.may_end.set()
        self.finding = Finding(key, self._find, keep=keep)

    def _find(self, store):
        self.times += 1
        [[events]] = run(self.asked, store, self.world.limits).rows
        self.begun.set()
        assert self.may_end.wait(PATIENCE_S)
        return str(events).encode()


async def begun(found):
    assert await asyncio.to_thread(found.begun.wait, PATIENCE_S)


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


# ── Found once ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_asks_the_same_at_the_same_time_has_the_same_answer(world):
    async def ask():
        found = Found(world, waits=True)
        askers = [asyncio.create_task(world.answers.tell(found.finding)) for _ in range(20)]
        await begun(found)
        found.may_end.set()
        assert await asyncio.gather(*askers) == [b"0"] * 20
        assert (found.times, world.answers.tally.found, world.answers.tally.shared) == (1, 1, 19)

    asyncio.run(ask())


def test_other_questions_are_answered_beside_it(world):
    async def ask():
        slow, quick = Found(world, waits=True), Found(world, key=b"other")
        waiting = asyncio.create_task(world.answers.tell(slow.finding))
        await begun(slow)
        assert await world.answers.tell(quick.finding) == b"0"
        slow.may_end.set()
        assert await waiting == b"0"

    asyncio.run(ask())


def test_who_asks_after_a_change_is_not_told_what_was_read_before(world):
    async def ask():
        before, after = Found(world, waits=True), Found(world)
        early = asyncio.create_task(world.answers.tell(before.finding))
        await begun(before)  # it has read
        await asyncio.to_thread(world.add)
        assert await world.answers.tell(after.finding) == b"1"
        before.may_end.set()
        assert await early == b"0"
        assert await world.answers.tell(after.finding) == b"1"

    asyncio.run(ask())


def test_who_asks_after_a_change_shares_what_has_yet_to_be_read(tmp_path):
    async def ask(world):
        holder, found = Found(world, waits=True, key=b"holder"), Found(world)
        holding = asyncio.create_task(world.answers.tell(holder.finding))
        await begun(holder)
        askers = [asyncio.create_task(world.answers.tell(found.finding))]
        await settle()
        await asyncio.to_thread(world.add)
        askers.append(asyncio.create_task(world.answers.tell(found.finding)))
        await settle()
        holder.may_end.set()
        assert await asyncio.gather(*askers) == [b"1", b"1"]
        assert found.times == 1
        await holding

    with closing(World(tmp_path / "store", query_at_once=1)) as world:
        asyncio.run(ask(world))


def test_what_fails_fails_for_all_who_asked_and_is_asked_anew(world):
    async def ask():
        def find(store):
            times.append(1)
            return store.run("SELECT nonsense", {}, timeout_s=1, rows_max=1)

        times = []
        askers = [world.answers.tell(Finding(b"key", find)) for _ in range(3)]
        assert all(isinstance(each, QueryFailed) for each in await asyncio.gather(*askers, return_exceptions=True))
        with pytest.raises(QueryFailed):
            await world.answers.tell(Finding(b"key", find))
        assert len(times) == 2
        assert world.answers.turns.running == 0

    asyncio.run(ask())


# ── Kept ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_kept_until_its_range_changes(world):
    async def ask():
        found = Found(world)
        tell, add = world.answers.tell, lambda *given: asyncio.to_thread(world.add, *given)
        await add()
        assert [await tell(found.finding) for _ in range(3)] == [b"1"] * 3
        assert found.times == 1
        await add(DAY + 1)  # another day's file
        assert (await tell(found.finding), found.times) == (b"1", 1)
        await add(DAY + 1, DAY * DAY_MS + 5)  # of this range, received the day after
        assert (await tell(found.finding), found.times) == (b"2", 2)
        await add()
        assert (await tell(found.finding), found.times) == (b"3", 3)

    asyncio.run(ask())


@pytest.mark.parametrize("how", ["rewrite", "remove", "regroup"])
def test_an_answer_is_not_kept_where_rows_leave_or_change(world, how):
    async def ask():
        found = Found(world)
        await asyncio.to_thread(world.add)
        assert await world.answers.tell(found.finding) == b"1"
        match how:
            case "rewrite":
                await asyncio.to_thread(world.store.rewrite, DAY)
            case "remove":
                await asyncio.to_thread(world.store.remove, [DAY])
            case "regroup":
                await asyncio.to_thread(world.store.regroup, DAY, MONITOR, "page", {"/a": "/b"})
        assert await world.answers.tell(found.finding) == (b"0" if how == "remove" else b"1")
        assert found.times == 2

    asyncio.run(ask())


def test_what_is_not_to_be_kept_is_found_again_and_what_is_kept_can_be_forgotten(world):
    async def ask():
        found, kept = Found(world, keep=False), Found(world, key=b"kept")
        for _ in range(2):
            await world.answers.tell(found.finding)
            await world.answers.tell(kept.finding)
        assert (found.times, kept.times, len(world.answers.kept)) == (2, 1, 1)
        world.answers.forget_kept()
        assert (len(world.answers.kept), world.answers.kept.bytes) == (0, 0)
        await world.answers.tell(kept.finding)
        assert kept.times == 2

    asyncio.run(ask())


def test_a_question_that_compares_is_kept_by_all_the_ranges_it_reads(world):
    async def ask():
        asked = replace(question(), compare=question(DAY - 3).scope)
        found = Found(world, asked)
        found.finding = replace(found.finding, find=lambda store: _compared(found, store))
        await asyncio.to_thread(world.add)
        assert await world.answers.tell(found.finding) == b"[1, 0]"
        await asyncio.to_thread(world.add, DAY - 3)
        assert await world.answers.tell(found.finding) == b"[1, 1]"

    def _compared(found, store):
        [row] = run(found.asked, store, world.limits).rows
        return str(row).encode()

    asyncio.run(ask())


@given(
    deeds=st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 3), st.integers(0, 3)),
            st.tuples(st.just("remove"), st.integers(0, 3), st.just(0)),
            st.tuples(st.just("ask"), st.integers(0, 3), st.integers(1, 3)),
        ),
        max_size=25,
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
def test_whatever_comes_and_goes_an_answer_is_what_the_store_says_now(tmp_path_factory, deeds):
    async def live(world):
        for deed, day, other in deeds:
            match deed:
                case "add":
                    world.add(DAY + day, (DAY + other) * DAY_MS)
                case "remove":
                    world.store.remove([DAY + day])
                    world.blocks.pop(DAY + day, None)
                case "ask":
                    found = Found(world, question(DAY + day, other), key=f"{day} {other}".encode())
                    [[now]] = run(found.asked, world.store, world.limits).rows
                    assert await world.answers.tell(found.finding) == str(now).encode()

    with closing(World(tmp_path_factory.mktemp("kept") / "store")) as world:
        asyncio.run(live(world))


def test_what_is_kept_is_bounded_and_the_oldest_goes_first():
    def now(*_):
        return 0

    kept = KeptAnswers(10_000)
    for number in range(8):
        kept.keep(str(number).encode(), b"x" * 1_500, (0, 1), now)
        kept.get(b"0", now)
        assert kept.bytes <= 10_000
    assert [number for number in range(8) if kept.get(str(number).encode(), now)] == [0, 5, 6, 7]
    kept.keep(b"large", b"x" * 3_000, (0, 1), now)
    assert kept.get(b"large", now) is None
    assert KeptAnswers(0).get(b"0", now) is None


# ── Given up ──────────────────────────────────────────────────────────────────────────────────────────────────────


def endless(begins):
    def find(store):
        begins.set()
        try:
            store.run(ENDLESS, {}, timeout_s=PATIENCE_S, rows_max=1)
        except QueryHalted:
            begins.halted = True
            raise

    begins.halted = False
    return Finding(b"endless", find)


def test_while_somebody_waits_the_engine_goes_on_and_then_it_is_interrupted(world):
    async def ask():
        begins = threading.Event()
        finding = endless(begins)
        askers = [asyncio.create_task(world.answers.tell(finding)) for _ in range(3)]
        assert await asyncio.to_thread(begins.wait, PATIENCE_S)
        for asker in askers[:2]:
            asker.cancel()
        await settle()
        assert (world.answers.turns.running, begins.halted) == (1, False)
        askers[2].cancel()
        async with asyncio.timeout(PATIENCE_S / 2):
            while not world.answers.tally.halted:
                await asyncio.sleep(0)
        assert begins.halted
        assert world.answers.turns.running == 0

    asyncio.run(ask())


def test_who_asks_what_was_just_given_up_has_it_found_anew(world):
    async def ask():
        found = Found(world, waits=True)
        gone = asyncio.create_task(world.answers.tell(found.finding))
        await begun(found)
        gone.cancel()
        await settle()
        found.may_end.set()
        assert await world.answers.tell(found.finding) == b"0"
        assert found.times == 2

    asyncio.run(ask())


def test_who_goes_away_while_waiting_is_never_asked_for(tmp_path):
    async def ask(world):
        holder, found = Found(world, waits=True, key=b"holder"), Found(world)
        holding = asyncio.create_task(world.answers.tell(holder.finding))
        await begun(holder)
        gone = asyncio.create_task(world.answers.tell(found.finding))
        await settle()
        assert world.answers.turns.waiting == 1
        gone.cancel()
        await settle()
        assert world.answers.turns.waiting == 0
        holder.may_end.set()
        await holding
        assert found.times == 0

    with closing(World(tmp_path / "store", query_at_once=1)) as world:
        asyncio.run(ask(world))


def test_a_halt_between_two_statements_ends_the_question(world):
    async def ask():
        between, may_go_on = threading.Event(), threading.Event()

        def find(store):
            store.run("SELECT 1", {}, timeout_s=1, rows_max=1)
            between.set()
            assert may_go_on.wait(PATIENCE_S)
            with pytest.raises(QueryHalted) as halted:
                store.run("SELECT 2", {}, timeout_s=1, rows_max=1)
            between.error = halted.value
            raise halted.value

        asker = asyncio.create_task(world.answers.tell(Finding(b"key", find)))
        assert await asyncio.to_thread(between.wait, PATIENCE_S)
        asker.cancel()
        await settle()
        may_go_on.set()
        async with asyncio.timeout(PATIENCE_S):
            while world.answers.turns.running:
                await asyncio.sleep(0)
        assert isinstance(between.error, QueryHalted)

    asyncio.run(ask())


def test_all_statements_of_a_question_share_its_time(tmp_path):
    async def ask(world):
        def find(store):
            with pytest.raises(QueryTimeout):
                store.run(ENDLESS, {}, timeout_s=100, rows_max=1)
            return store.run("SELECT 1", {}, timeout_s=100, rows_max=1)

        with pytest.raises(QueryTimeout, match="longer than 1 seconds"):
            await world.answers.tell(Finding(b"key", find))

    with closing(World(tmp_path / "store", query_s=1)) as world:
        asyncio.run(ask(world))


def test_what_is_under_way_at_the_end_is_interrupted(world):
    async def ask():
        begins = threading.Event()
        asker = asyncio.create_task(world.answers.tell(endless(begins)))
        sql = asyncio.create_task(world.answers.ask_sql(ENDLESS, lambda answer: answer))
        assert await asyncio.to_thread(begins.wait, PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S):
            while not (asker.done() and sql.done()):
                world.answers.close()
                await asyncio.sleep(0)
        assert isinstance(asker.exception(), QueryHalted)
        assert isinstance(sql.exception(), QueryHalted)

    asyncio.run(ask())


# ── SQL ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sql_takes_half_of_the_turns_at_most_and_ends_when_its_asker_goes(world):
    async def ask():
        askers = [asyncio.create_task(world.answers.ask_sql(ENDLESS, lambda answer: answer)) for _ in range(5)]
        async with asyncio.timeout(PATIENCE_S):
            while world.answers.turns.running < 2:
                await asyncio.sleep(0)
        assert world.answers.turns.running == 2
        assert world.answers.sql_turns.waiting == 3
        assert await world.answers.tell(Found(world).finding) == b"0"
        for asker in askers:
            asker.cancel()
        ended = await asyncio.gather(*askers, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended)
        assert (world.answers.turns.running, world.answers.sql_turns.running) == (0, 0)

    asyncio.run(ask())


def test_reads_that_say_nothing_read_everything(world):
    async def ask():
        def find(store):
            store.run("SELECT count(*) FROM event_rows", {}, timeout_s=1, rows_max=1)
            store.run("SELECT 1", {}, timeout_s=1, rows_max=1, reads=Reads(frozenset(("time",)), 0, 1))
            times.append(1)
            return b"x"

        times = []
        for _ in range(2):
            await world.answers.tell(Finding(b"key", find))
        await asyncio.to_thread(world.add, DAY + 300)
        await world.answers.tell(Finding(b"key", find))
        assert len(times) == 2

    asyncio.run(ask())
