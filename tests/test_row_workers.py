"""Rows made in a process beside this one are the rows made here, whatever becomes of the process."""

import json
import os
import random
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import openrum
from openrum import row_workers
from openrum.enrich.rules import Rulebook, Wishes
from openrum.enrich.scrub import ScrubRules
from openrum.events import Forgotten, Refusals
from openrum.journal import BlockCodec, PackedBlock
from openrum.limits import DEFAULTS
from openrum.make_rows import Maker
from openrum.outcomes import Reason
from openrum.row_workers import RowWorkers
from tests.drained import BOOK, DAY_MS, MONITOR, NOW_MS, OTHER, TODAY, Drained, batch, event_id, replay, request

pytestmark = pytest.mark.slow

PATIENCE_S = 30
CODEC = BlockCodec()
RANDOM = random.Random(4)
SMALL = replace(DEFAULTS, journal_block_bytes=1_000, drain_group_bytes=2_000)  # a few requests are a group


@pytest.fixture(autouse=True)
def _all_go_away(monkeypatch):
    monkeypatch.setattr(row_workers, "AWAY", 0)
    monkeypatch.setattr(row_workers, "SHARE", 1)


@pytest.fixture
def workers(tmp_path):
    with closing(RowWorkers(DEFAULTS, 2, tmp_path)) as workers:
        yield workers


def blocks_of(*records):
    """A block for each list of records."""
    return [packed(number, each) for number, each in enumerate(records, 1)]


def packed(number, held, *, damaged=False):
    """A block as it lies in the journal."""
    data, size = CODEC.pack([(1, record) for record in held])
    return PackedBlock(TODAY, number, len(held), len(held), size, data[:-1] if damaged else data)


def bulky(size):
    """Details that no compression makes small."""
    return json.dumps({"a": RANDOM.randbytes(size // 2).hex()})


def some_blocks(number=6):
    return blocks_of(*[[request(10 * n, 10 * n + 1), batch(replay(10 * n + 2))] for n in range(1, number + 1)])


def made(workers, blocks, book=BOOK):
    return whole(workers.make(blocks, book))


def whole(found):
    """What was made, with its rows in memory wherever they were left."""
    lines = found.lines + b"".join(file.read_bytes() for file in found.files)
    for file in found.files:
        file.unlink()
    return replace(found, lines=lines, files=[])


def here(blocks, book=BOOK):
    return Maker(DEFAULTS).make(blocks, book)


def pids(workers):
    return [worker._process.pid for worker in workers._workers if worker._process is not None]


def has_ended(pid):
    """Waits for any process to end, whoever's child it is."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE_S)[0])
    finally:
        os.close(descriptor)


# ── The same rows ─────────────────────────────────────────────────────────────────────────────────────────────────

events = st.fixed_dictionaries(
    {
        "id": st.integers(0, 9).map(event_id),
        "type": st.sampled_from(
            ["a.b", "com.amazon.rum.page_view_event", "com.amazon.rum.js_error_event", "com.amazon.rum.rrweb_event"]
        ),
        "details": st.sampled_from(
            [
                "{}",
                "{",
                "[]",
                '{"message":"a@shop.example","stack":"at f (a.js:1:2)"}',
                '{"events":[{"a":1}]}',
                '{"a":1e999}',
            ]
        )
        | st.text(max_size=20),
        "timestamp": st.integers(0, 2 * NOW_MS // 1000) | st.just(NOW_MS / 1000 + 0.25),
    },
    optional={"metadata": st.sampled_from(['{"pageId":"/a/17"}', '{"plan":"é"}', "null", ""])},
)
records = st.one_of(
    st.builds(
        lambda sent, monitor, ago: batch(*sent, monitor=monitor, received_ms=NOW_MS - ago),
        st.lists(events, min_size=1, max_size=5),
        st.sampled_from([MONITOR, OTHER]),
        st.integers(0, 3 * 3_600_000),
    ),
    st.builds(
        lambda count, reason: msgspec.msgpack.encode(Forgotten(MONITOR, NOW_MS, count, reason)),
        st.integers(1, 9),
        st.sampled_from([Reason.FORGOTTEN, Reason.PAST_RETENTION]),
    ),
    st.just(msgspec.msgpack.encode(Refusals(NOW_MS, [(MONITOR, Reason.INVALID, 3), ("", Reason.THROTTLED, 1)]))),
    st.just(request(1).replace(b'"RumEvents"', b'"RumXvents"')),  # what the door never let in
    st.binary(max_size=10),
)
journals = st.lists(
    st.builds(
        lambda number, held, damaged: packed(number, held, damaged=damaged),
        st.integers(1, 1_000),
        st.lists(records, max_size=4),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=6,
)
books = st.builds(
    lambda others, **named: Rulebook(90 * DAY_MS, others, named and {MONITOR: Wishes(**named)}),
    st.sampled_from([Wishes(), Wishes(custom_events=True)]),
    deleted=st.booleans(),
    pages=st.sampled_from([(), ("/a/*",)]),
    scrub=st.sampled_from([ScrubRules(), ScrubRules(emails=False)]),
    keep_after_ms=st.sampled_from([0, NOW_MS - 3_600_000]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=journals, book=books)
def test_rows_made_in_a_worker_are_those_made_here_to_the_byte(workers, blocks, book):
    there, expected = made(workers, blocks, book), here(blocks, book)
    assert bytes(there.lines) == bytes(expected.lines)
    assert bytes(there.replays) == bytes(expected.replays)
    assert there.counted == expected.counted
    assert there.monitors == expected.monitors


def test_a_group_of_any_size_is_made_whole_and_in_order(workers):
    blocks = some_blocks(40)
    assert made(workers, blocks) == here(blocks)
    assert made(workers, blocks[:1]) == here(blocks[:1])
    large = blocks_of(*[[request(*range(900), details=bulky(2_000))] for _ in range(5)])
    assert made(workers, large) == here(large)


def test_small_groups_start_no_process(monkeypatch, workers):
    monkeypatch.setattr(row_workers, "AWAY", 1_000)
    assert made(workers, some_blocks()) == here(some_blocks())
    assert pids(workers) == []


def test_a_group_that_is_not_large_has_one_process(monkeypatch, workers):
    monkeypatch.setattr(row_workers, "SHARE", 1_000)
    assert made(workers, some_blocks()) == here(some_blocks())
    assert len(pids(workers)) == 1


def test_without_processes_everything_is_made_here(tmp_path):
    with closing(RowWorkers(DEFAULTS, 0, tmp_path)) as workers:
        assert made(workers, some_blocks()) == here(some_blocks())


def test_a_changed_rulebook_reaches_the_workers(workers):
    blocks = some_blocks()
    for book in (BOOK, Rulebook(BOOK.retention_ms), BOOK, Rulebook(BOOK.retention_ms, Wishes(deleted=True)), BOOK):
        assert made(workers, blocks, book) == here(blocks, book)
        assert made(workers, blocks, book) == here(blocks, book), "and is not forgotten"
    assert len({bytes(here(blocks, book).lines) for book in (BOOK, Rulebook(BOOK.retention_ms))}) == 2


# ── Processes that end ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_worker_that_was_killed_costs_nothing_and_another_takes_its_place(workers):
    blocks = some_blocks()
    made(workers, blocks)
    before = pids(workers)
    assert len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)
        assert has_ended(pid)
    assert made(workers, blocks) == here(blocks)
    assert made(workers, blocks) == here(blocks)
    assert not set(pids(workers)) & set(before)


def test_a_worker_that_is_killed_while_it_works_costs_nothing(workers):
    """It is held before it can read, so that the group is on its way when it dies."""
    made(workers, some_blocks())
    before = pids(workers)
    for pid in before:
        os.kill(pid, signal.SIGSTOP)
    large = blocks_of(*[[request(*range(900), details=bulky(1_000))] for _ in range(4)])
    with ThreadPoolExecutor(1) as beside:
        under_way = beside.submit(workers.make, large, Rulebook(BOOK.retention_ms))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert whole(under_way.result(timeout=PATIENCE_S)) == here(large, Rulebook(BOOK.retention_ms))
    assert made(workers, large) == here(large)


def test_a_worker_that_ends_as_it_is_asked_costs_nothing(workers, monkeypatch):
    blocks = some_blocks()
    made(workers, blocks)
    doomed = set(pids(workers))
    send = row_workers.send

    def killed_first(pipe, data):
        for pid in doomed.copy():
            os.kill(pid, signal.SIGKILL)
            assert has_ended(pid)
            doomed.discard(pid)
        send(pipe, data)

    monkeypatch.setattr(row_workers, "send", killed_first)
    for _ in range(2):
        assert made(workers, blocks) == here(blocks)


def test_a_worker_that_answers_nonsense_is_put_away(workers, monkeypatch):
    made(workers, some_blocks())
    before = pids(workers)
    with monkeypatch.context() as amiss:
        amiss.setattr(row_workers, "receive", lambda _: b"\xc1")
        assert made(workers, some_blocks()) == here(some_blocks())
    assert all(map(has_ended, before))


def test_a_worker_without_work_ends_and_another_begins_when_there_is_some(tmp_path):
    with closing(RowWorkers(DEFAULTS, 1, tmp_path, idle_s=0.05)) as workers:
        blocks = some_blocks()
        for _ in range(3):
            assert made(workers, blocks) == here(blocks)
            assert all(map(has_ended, pids(workers)))


def test_a_worker_ends_without_a_word(tmp_path, capfd):
    with closing(RowWorkers(DEFAULTS, 1, tmp_path, idle_s=0.05)) as workers:
        made(workers, some_blocks())
        assert all(map(has_ended, pids(workers)))
    assert capfd.readouterr().err == ""


def test_the_workers_end_with_their_keeper(tmp_path):
    workers = RowWorkers(DEFAULTS, 2, tmp_path)
    made(workers, some_blocks())
    running = pids(workers)
    workers.close()
    assert len(running) == 2
    assert all(map(has_ended, running))


PROGRAM = """
import os, signal, sys
from pathlib import Path
from openrum import row_workers
from openrum.enrich.rules import Rulebook
from openrum.journal import PackedBlock
from openrum.limits import DEFAULTS
row_workers.AWAY, row_workers.SHARE = 0, 1
workers = row_workers.RowWorkers(DEFAULTS, 2, Path(sys.argv[1]))
workers.make([PackedBlock(1, 1, 0, 1, 0, b""), PackedBlock(1, 2, 0, 1, 0, b"")], Rulebook(0))
print(*[worker._process.pid for worker in workers._workers], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_ends_when_its_parent_was_killed(tmp_path):
    root = Path(openrum.__file__).parents[1]
    parent = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        timeout=PATIENCE_S,
        check=False,
    )
    assert parent.returncode == -signal.SIGKILL
    orphans = list(map(int, parent.stdout.split()))
    assert len(orphans) == 2
    assert all(map(has_ended, orphans))


# ── In the drain ──────────────────────────────────────────────────────────────────────────────────────────────────


def refuse(_path, _target):
    raise OSError("this file system has no links")


@pytest.mark.parametrize("links", [True, False])
def test_groups_are_applied_in_their_order_and_give_the_store_that_one_thread_gives(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    contents = []
    for folder, processes in (("here", 0), ("one", 1), ("there", 2)):
        (tmp_path / folder).mkdir()
        with (
            closing(Drained(tmp_path / folder)) as rooms,
            closing(RowWorkers(DEFAULTS, processes, rooms.store.staging)) as workers,
        ):
            for block in range(30):
                rooms.write(request(*range(block * 3, block * 3 + 1 + block % 7)), batch(replay(block)))
            applied, real = [], rooms.store.apply

            def apply(group, applied=applied, real=real):
                applied.append(group.position)
                real(group)

            monkeypatch.setattr(rooms.store, "apply", apply)
            drain = rooms.drain(maker=workers)
            drain._limits = SMALL
            list(drain.drain_waiting())
            assert list(rooms.store.staging.glob("*-*.ndjson")) == [], "nothing of it lies on"
            assert applied == sorted(applied)
            assert len(applied) > 5
            contents.append((rooms.ask('SELECT * FROM event_rows ORDER BY block, record, "index"'), rooms.chunks()))
            assert rooms.findings() == []
    assert contents[0] == contents[1] == contents[2]
