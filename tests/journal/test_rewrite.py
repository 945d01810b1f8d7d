"""Other bytes stand in the place of the chosen ones, the old ones are in no file, and everything else is as it was."""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import tracemalloc
from contextlib import closing, suppress

import pytest

from openrum.days import DAY_MS
from openrum.events import Position
from openrum.journal import Journal, JournalReader, JournalRewriter, LogInUse, Rewritten, day_file
from openrum.journal.block import BlockCodec
from openrum.journal.day_file import DayReader, DayWriter, path_of
from openrum.limits import DEFAULTS

pytestmark = pytest.mark.slow

DAY = 20_780
NOON_MS = DAY * DAY_MS + DAY_MS // 2
WINDOW = 16  # so many bytes of a kind that nobody would make twice are a trace
NOTHING = Rewritten(0, 0, 0)


def pack_into(writer, blocks):
    """Write blocks of (events, payload) through a day's writer; their numbers."""
    codec = BlockCodec()
    numbers = []
    for records in blocks:
        data, size = codec.pack(records)
        numbers.append(writer.write(0, len(records), sum(events for events, _ in records), size, data))
    return numbers


def write(directory, blocks, day=DAY):
    with closing(DayWriter(directory, day)) as writer:
        return pack_into(writer, blocks)


def read_all(directory):
    """Every block there is, sound."""
    with closing(JournalReader(directory)) as reader:
        assert list(reader.verify()) == []
        blocks, after = [], None
        while found := reader.read(after, 1 << 20):
            blocks += found
            after = (found[-1].day, found[-1].number)
        return blocks


def secret(rng, size):
    return b"secret" + rng.randbytes(size)


def hide(payload):
    """What `forget` does: a small payload in the place of one that tells too much."""
    return b"gone" if payload.startswith(b"secret") else None


@pytest.fixture
def reader(tmp_path):
    with closing(JournalReader(tmp_path)) as reader:
        yield reader


@pytest.fixture
def rewriter(tmp_path, reader):
    return JournalRewriter(tmp_path, reader)


# ── What changes, and what does not ───────────────────────────────────────────────────────────────────────────────


def test_chosen_payloads_change_while_positions_and_numbers_of_events_stay(tmp_path, reader, rewriter):
    rng = random.Random(1)
    blocks = [
        [(number, secret(rng, 900) if (number + block) % 5 == 0 else rng.randbytes(900)) for number in range(7)]
        for block in range(20)
    ]
    numbers = write(tmp_path, blocks)
    write(tmp_path, blocks[:1], DAY + 1)
    fetched = [reader.fetch(Position(DAY, number, 0)) for number in numbers]
    assert fetched == [records[0][1] for records in blocks]

    assert rewriter.rewrite_day(DAY, hide) == Rewritten(blocks=20, records=28, damaged=0)

    found = [block for block in read_all(tmp_path) if block.day == DAY]
    assert [block.records for block in found] == [[hide(p) or p for _, p in records] for records in blocks]
    assert [(block.number, block.events) for block in found] == [(number, 21) for number in numbers]
    assert reader.events_after(None) == 21 * 21
    for number, records in zip(numbers, blocks, strict=True):
        for index, (_, payload) in enumerate(records):
            assert reader.fetch(Position(DAY, number, index)) == (hide(payload) or payload)
    assert reader.fetch(Position(DAY + 1, 1, 0)).startswith(b"secret"), "another day"


def test_what_is_as_it_should_be_is_not_written(tmp_path, rewriter):
    write(tmp_path, [[(1, b"secret"), (1, b"plain")], [(1, b"plain")]])
    assert rewriter.rewrite_day(DAY, hide) == Rewritten(1, 1, 0)
    before = path_of(tmp_path, DAY).read_bytes()
    assert rewriter.rewrite_day(DAY, hide) == NOTHING
    assert rewriter.rewrite_day(DAY, lambda payload: payload) == NOTHING
    assert path_of(tmp_path, DAY).read_bytes() == before


def test_a_day_that_there_is_not_has_nothing_to_change(rewriter, tmp_path):
    assert rewriter.rewrite_day(DAY, hide) == NOTHING
    assert rewriter.compact_day(DAY) == 0
    assert not list(tmp_path.iterdir())


def test_a_damaged_block_is_left_and_counted_and_costs_no_other(tmp_path, reader, rewriter):
    rng = random.Random(2)
    numbers = write(tmp_path, [[(1, secret(rng, 5_000))] for _ in range(5)])
    path = path_of(tmp_path, DAY)
    with closing(sqlite3.connect(path)) as connection:
        data = connection.execute("SELECT data FROM block WHERE number = ?", (numbers[2],)).fetchone()[0]
    content = bytearray(path.read_bytes())
    content[content.index(data[2_100:2_200])] ^= 1
    path.write_bytes(content)
    assert rewriter.rewrite_day(DAY, hide) == Rewritten(blocks=4, records=4, damaged=1)
    assert [finding.block for finding in reader.verify()] == [numbers[2]]


def test_files_that_nothing_reaches_are_named(tmp_path, rewriter):
    write(tmp_path, [[(1, b"secret")]])
    assert rewriter.out_of_reach() == []
    aside = day_file.set_aside(tmp_path, DAY)
    assert rewriter.out_of_reach() == [aside]


def test_two_at_once_do_not_undo_each_other(tmp_path, rewriter):
    """The second comes while the first has a block in its hands, read but not written yet."""
    write(tmp_path, [[(1, b"red"), (1, b"green")]])
    meanwhile = []

    def first(payload):
        if not meanwhile:
            meanwhile.append(rewriter.rewrite_day(DAY, lambda payload: b"GREEN" if payload == b"green" else None))
        return b"RED" if payload == b"red" else None

    assert (rewriter.rewrite_day(DAY, first), meanwhile) == (Rewritten(1, 1, 0), [Rewritten(1, 1, 0)])
    assert read_all(tmp_path)[0].records == [b"RED", b"GREEN"]


def test_one_block_at_a_time_is_in_memory(tmp_path, rewriter):
    rng = random.Random(3)
    block = [(1, secret(rng, 400_000)), (1, rng.randbytes(600_000))]
    write(tmp_path, [block] * 40)
    tracemalloc.start()
    try:
        assert rewriter.rewrite_day(DAY, hide).blocks == 40
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


# ── No trace ──────────────────────────────────────────────────────────────────────────────────────────────────────


def windows(texts):
    """Some of the places at which to recognise a text: every stretch of 31 bytes of it has one of them, but for zeros."""
    found = {text[at : at + WINDOW] for text in texts for at in range(0, len(text) - WINDOW + 1, WINDOW)}
    return {window for window in found if len(set(window)) > WINDOW // 2}


def traces(directory, copy, payloads, frames=()):
    """Names of the files, and numbers of the blocks, that have bytes of the payloads, or of what blocks looked like.

    The files are copied by another process: SQLite loses its locks where its own process closes a file of its.
    """
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-r", str(directory), str(copy)], check=True)
    payload_windows = windows(payloads)
    wanted = payload_windows | windows(frames)
    found = {}
    for path in copy.iterdir():
        content = path.read_bytes()
        hits = {w for at in range(len(content) - WINDOW + 1) if (w := content[at : at + WINDOW]) in wanted}
        if hits:
            found[path.name] = hits
    with closing(JournalReader(copy)) as reader:
        texts = {(block.day, block.number): b"".join(block.records) for block in read_all(copy)}
        stored = b"".join(stored.data for day in reader.days() for stored in reader._reader(day).after(0))
    named = [name for name, hits in found.items() if any(w in payload_windows or w not in stored for w in hits)]
    blocks = [where for where, text in texts.items() if any(window in text for window in payload_windows)]
    return sorted(named) + blocks


def frames_of(directory, numbers):
    with closing(DayReader(path_of(directory, DAY), DAY)) as file:
        return [file.get(number).data for number in numbers]


# blocks, records in each, sizes of a record (of one kind, or of two), by how much the new is longer than the old
SHAPES = {
    "one small record": (60, 1, [(20, 400)], (-400, 0)),
    "one record on a page or two": (60, 1, [(300, 2_000)], (-2_000, 0)),
    "some records": (30, 5, [(100, 1_500)], (-1_500, 0)),
    "many records": (3, 20, [(500, 2_000)], (-2_000, 0)),
    "a little shorter": (60, 1, [(300, 3_000)], (-300, 0)),
    "longer": (60, 1, [(300, 3_000)], (0, 300)),
    "small and large, longer or shorter": (150, 1, [(20, 300), (990, 1_100)], (-100, 300)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_of_the_old_bytes_is_in_any_file(tmp_path, shape):
    """In three waves, over a writer and a reader that keep the file open, and go on."""
    count, each, kinds, longer = SHAPES[shape]
    rng = random.Random(6)  # one of those at which rows that move would leave traces
    live, copy = tmp_path / "live", tmp_path / "copy"
    live.mkdir()

    def replaced(payload):
        if not payload.startswith(waves[-1]) or rng.random() < 0.1:
            return None
        forgotten.append(payload)
        return b"gone" + rng.randbytes(max(0, len(payload) + rng.randint(*longer) - 4))

    def some(count):
        return [
            [(1, b"wave%d" % rng.randint(1, 3) + rng.randbytes(rng.randint(*rng.choice(kinds)))) for _ in range(each)]
            for _ in range(count)
        ]

    waves, forgotten, frames = [], [], []
    with closing(DayWriter(live, DAY)) as writer, closing(JournalReader(live)) as reader:
        numbers = pack_into(writer, some(count))
        for wave in (b"wave1", b"wave2", b"wave3"):
            waves.append(wave)
            before = frames_of(live, numbers)
            assert JournalRewriter(live, reader).rewrite_day(DAY, replaced).records > 0
            frames += [frame for frame in before if frame not in frames_of(live, numbers)]
            assert traces(live, copy, forgotten, frames) == []
            numbers += pack_into(writer, some(1 + count // 5))
        last = b"".join(block.records[0] for block in reader.read((DAY, numbers[-2]), 1))
        assert f"{path_of(live, DAY).name}-wal" in traces(live, copy, [last]), "what is there would have been found"
    assert path_of(live, DAY).name in traces(live, copy, [last]), "what is there would have been found"


def test_beside_a_running_journal_and_its_readers_everything_goes_on(tmp_path):
    """The journal commits, the drain reads, positions are fetched, all while blocks are changed under them."""
    live, copy, rng = tmp_path / "live", tmp_path / "copy", random.Random(4)
    live.mkdir()
    secrets = [secret(rng, 1_000) for _ in range(200)]
    old = [Position(DAY, number, 0) for number in write(live, [[(1, payload)] for payload in secrets])]
    done = threading.Event()

    def read_on(reader):
        reads = 0
        while not done.is_set() or not reads:
            found = [reader.fetch(position) for position in rng.sample(old, 20)]
            found += [record for block in reader.read(None, 100_000) for record in block.records]
            assert all(p == b"gone" or p in secrets or p.startswith(b"new") for p in found)
            reads += 1
        return reads

    async def append_on(journal, reader):
        sent = {}
        while not done.is_set() or not sent:
            payload = b"new" + rng.randbytes(50)
            position = await journal.append(payload, 1)
            assert await asyncio.to_thread(reader.fetch, position) == payload
            sent[position] = payload
        return sent

    async def run():
        journal, reader = Journal(live, now_ms=lambda: NOON_MS, limits=DEFAULTS), JournalReader(live)
        journal.start()
        rewriter = JournalRewriter(live, reader)
        others = asyncio.gather(append_on(journal, reader), asyncio.to_thread(read_on, reader))
        try:
            rewritten = await asyncio.to_thread(rewriter.rewrite_day, DAY, hide)
        finally:
            done.set()
        sent, _ = await others
        fetched = [reader.fetch(position) for position in (*old, *sent)]
        left = traces(live, copy, secrets)
        await journal.close()
        reader.close()
        return rewritten, sent, fetched, left

    rewritten, sent, fetched, left = asyncio.run(run())
    assert rewritten == Rewritten(200, 200, 0)
    assert fetched == [b"gone"] * 200 + list(sent.values())
    assert left == []
    assert [record for block in read_all(live) for record in block.records] == fetched


def test_a_read_that_does_not_end_is_told_of_and_the_next_run_finishes(tmp_path):
    live, copy, rng = tmp_path / "live", tmp_path / "copy", random.Random(5)
    live.mkdir()
    secrets = [secret(rng, 3_000) for _ in range(10)]
    numbers = write(live, [[(1, payload)] for payload in secrets])
    with closing(DayWriter(live, DAY)) as writer, closing(JournalReader(live)) as reader:
        impatient = JournalRewriter(live, reader, patience_s=0)
        pack_into(writer, [[(1, b"so that there is a log to read from")]])
        with closing(DayReader(path_of(live, DAY), DAY)) as slow:
            blocks = slow.after(0)
            read = [next(blocks)]
            with pytest.raises(LogInUse, match=r"2026-11-23.*run the same again") as said:
                impatient.rewrite_day(DAY, hide)
            assert said.value.rewritten == Rewritten(10, 10, 0)
            assert reader.fetch(Position(DAY, numbers[0], 0)) == b"gone"
            assert traces(live, copy, secrets) != []
            pack_into(writer, [[(1, b"the writer waits for nobody")]])
            read += blocks
            assert len(read) == 11, "the slow one reads on in what it began with"
            assert all(len(stored.data) > 3_000 for stored in read[:10])
        assert impatient.rewrite_day(DAY, hide) == NOTHING
        assert traces(live, copy, secrets) == []


# ── Space given back ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_that_is_over_gives_its_free_pages_back(tmp_path, reader, rewriter):
    rng = random.Random(6)
    kept = [rng.randbytes(1_000) for _ in range(50)]
    write(tmp_path, [[(1, payload), (2, secret(rng, 9_000))] for payload in kept])
    write(tmp_path, [[(1, b"today")]], DAY + 1)
    rewriter.rewrite_day(DAY, hide)
    before = read_all(tmp_path)
    size = path_of(tmp_path, DAY).stat().st_size
    assert size > 50 * 10_000
    with closing(DayReader(path_of(tmp_path, DAY), DAY)) as other:
        assert other.events_after(0) == 150
        assert rewriter.compact_day(DAY) == size - path_of(tmp_path, DAY).stat().st_size
        assert other.events_after(0) == 150
        assert reader.fetch(Position(DAY, before[7].number, 0)) == kept[7]
    assert path_of(tmp_path, DAY).stat().st_size < 50 * 2_500
    assert read_all(tmp_path) == before
    assert rewriter.compact_day(DAY) == 0


def test_the_day_that_is_written_to_is_not_compacted(tmp_path, rewriter):
    write(tmp_path, [[(1, b"today")]])
    with pytest.raises(ValueError, match="2026-11-23 is still written to"):
        rewriter.compact_day(DAY)


def test_a_read_that_does_not_end_keeps_the_space_until_the_next_run(tmp_path, reader):
    rng = random.Random(7)
    write(tmp_path, [[(1, secret(rng, 9_000))] for _ in range(20)])
    write(tmp_path, [[(1, b"today")]], DAY + 1)
    impatient = JournalRewriter(tmp_path, reader, patience_s=0)
    impatient.rewrite_day(DAY, hide)
    with closing(DayReader(path_of(tmp_path, DAY), DAY)) as slow:
        blocks = slow.after(0)
        next(blocks)
        with pytest.raises(LogInUse):
            impatient.compact_day(DAY)
        assert len(list(blocks)) == 19
    assert impatient.compact_day(DAY) > 150_000


def test_a_disk_without_room_for_compacting_is_left_alone(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system in memory")
    small, rng = tmp_path / "small", random.Random(8)
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)], check=True)
    try:
        with closing(JournalReader(small)) as reader:
            rewriter = JournalRewriter(small, reader)
            write(small, [[(1, rng.randbytes(200_000))] for _ in range(8)] + [[(1, secret(rng, 50_000))]])
            write(small, [[(1, b"today")]], DAY + 1)
            rewriter.rewrite_day(DAY, hide)
            with pytest.raises(OSError, match="3 MiB must be free"):
                rewriter.compact_day(DAY)
            subprocess.run(["mount", "-o", "remount,size=16m", str(small)], check=True)
            assert rewriter.compact_day(DAY) > 45_000
    finally:
        subprocess.run(["umount", str(small)], check=True)


# ── Killed at any moment ──────────────────────────────────────────────────────────────────────────────────────────

PROGRAM = """
import sys
from pathlib import Path
from openrum.journal import JournalReader, JournalRewriter
directory, day = Path(sys.argv[1]), int(sys.argv[2])
def change(payload):
    print("looked", flush=True)
    return b"gone" if payload.startswith(b"secret") else None
rewriter = JournalRewriter(directory, JournalReader(directory))
if "rewrite" in sys.argv:
    rewriter.rewrite_day(day, change)
if "compact" in sys.argv:
    print("compact", flush=True)
    rewriter.compact_day(day)
print("done", flush=True)
"""


def child(directory, *words, prefix=()):
    return (*prefix, sys.executable, "-c", PROGRAM, str(directory), str(DAY), *words)


def killed(command, lines, delay_s):
    """Run it, and kill it so many lines and seconds after its start; whether it was not done by then."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(lines):
            process.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            process.wait(delay_s)
        process.send_signal(signal.SIGKILL)
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


def assert_old_or_new(directory, blocks):
    """Every record is what it was or what it shall be, and how many are not yet."""
    found = [block for block in read_all(directory) if block.day == DAY]
    assert [block.events for block in found] == [sum(events for events, _ in records) for records in blocks]
    old = 0
    for block, records in zip(found, blocks, strict=True):
        before, after = [p for _, p in records], [hide(p) or p for _, p in records]
        assert block.records in (before, after), "a block is the old or the new one, whole"
        old += block.records != after
    return old


@pytest.fixture
def blocks(tmp_path):
    """Sixty blocks of three records, one of which is to go, in a day that is over."""
    rng, live = random.Random(9), tmp_path / "live"
    live.mkdir()
    blocks = [[(1, rng.randbytes(300)), (2, secret(rng, 4_000)), (3, rng.randbytes(300))] for _ in range(60)]
    write(live, blocks)
    write(live, [[(1, b"today")]], DAY + 1)
    return blocks


def test_killed_at_any_moment_a_block_is_old_or_new_and_the_next_run_finishes(tmp_path, blocks):
    live, rng = tmp_path / "live", random.Random(10)
    shutil.copytree(live, tmp_path / "pristine")
    kills, old = 0, 60
    while kills < 12:
        if not old:
            shutil.rmtree(live)
            shutil.copytree(tmp_path / "pristine", live)
            old = 60
        kills += killed(child(live, "rewrite"), 1 + 3 * (60 - old) + rng.randint(0, 20), rng.random() / 1_000)
        before, old = old, assert_old_or_new(live, blocks)
        assert old <= before
    subprocess.run(child(live, "rewrite"), check=True, stdout=subprocess.PIPE)
    assert traces(live, tmp_path / "copy", [records[1][1] for records in blocks]) == []


def test_a_killed_compacting_changes_nothing_and_the_next_run_finishes(tmp_path, blocks):
    live, rng = tmp_path / "live", random.Random(11)
    subprocess.run(child(live, "rewrite"), check=True, stdout=subprocess.PIPE)
    before = read_all(live)
    shutil.copytree(live, tmp_path / "before")
    kills = 0
    for _ in range(6):
        kills += killed(child(live, "compact"), 1, rng.random() / 100)
        assert read_all(live) == before
    assert kills, "the kills do not come where they should"
    subprocess.run(child(live, "compact"), check=True, stdout=subprocess.PIPE)
    assert read_all(live) == before
    assert path_of(live, DAY).stat().st_size < path_of(tmp_path / "before", DAY).stat().st_size / 2


CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_a_kill_at_any_call_on_the_files_leaves_blocks_old_or_new(tmp_path, call):
    if shutil.which("strace") is None:
        pytest.skip("no strace on this machine (as root: apt-get install strace)")
    rng, live, pristine = random.Random(12), tmp_path / "live", tmp_path / "pristine"
    pristine.mkdir()
    blocks = [[(1, secret(rng, 3_000)), (1, rng.randbytes(100))] for _ in range(3)]
    write(pristine, blocks)
    write(pristine, [[(1, b"today")]], DAY + 1)
    kills, at, step = 0, 1, 5 if call == "pwrite64" else 1
    while True:
        shutil.rmtree(live, ignore_errors=True)
        shutil.copytree(pristine, live)
        inject = (
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:signal=KILL:when={at}",
        )
        ended = subprocess.run(child(live, "rewrite", "compact", prefix=inject), check=False, stdout=subprocess.PIPE)
        assert_old_or_new(live, blocks)
        if ended.returncode == 0:
            break
        subprocess.run(child(live, "rewrite", "compact"), check=True, stdout=subprocess.PIPE)
        assert assert_old_or_new(live, blocks) == 0
        assert traces(live, tmp_path / "copy", [records[0][1] for records in blocks]) == []
        kills, at = kills + 1, at + step
    assert kills, "the kills do not come where they should"
