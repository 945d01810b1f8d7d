"""What the journal acknowledged is on disk, in order, whole, and found again by its position."""

import asyncio
import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from openrum.days import DAY_MS, day_name
from openrum.errors import Unavailable
from openrum.journal import Damaged, DirectoryLock, DirectoryTaken, Journal, JournalReader, day_file
from openrum.journal.block import BlockCodec
from openrum.journal.day_file import days_in, path_of
from openrum.limits import DEFAULTS

DAY = 20_780
NOON_MS = DAY * DAY_MS + DAY_MS // 2


class Clock:
    """A clock that we turn."""

    def __init__(self, now_ms=NOON_MS):
        self.now_ms = now_ms

    def __call__(self):
        return self.now_ms


def write(directory, payloads, *, clock=None, limits=DEFAULTS, one_by_one=False):
    """Append all payloads in one life of the journal; their positions."""

    async def live():
        journal = Journal(directory, now_ms=clock or Clock(), limits=limits)
        journal.start()
        try:
            if one_by_one:
                return [await journal.append(payload, 1) for payload in payloads], journal
            futures = [journal.append(payload, 1) for payload in payloads]
            return await asyncio.gather(*futures), journal
        finally:
            await journal.close()

    return asyncio.run(live())


def read_all(directory):
    reader = JournalReader(directory)
    try:
        found, at = [], None
        while blocks := reader.read(at, 1 << 40):  # a day at a time
            found += [record for block in blocks for record in block.records]
            at = (blocks[-1].day, blocks[-1].number)
        return found
    finally:
        reader.close()


def payloads(count, seed=1):
    rng = random.Random(seed)
    return [rng.randbytes(rng.randint(0, 3_000)) for _ in range(count)]


def test_what_was_appended_is_read_back_in_order_and_by_position(tmp_path):
    sent = payloads(300)
    positions, _ = write(tmp_path, sent)
    reader = JournalReader(tmp_path)
    assert read_all(tmp_path) == sent
    assert [reader.fetch(position) for position in positions] == sent
    assert positions == sorted(positions)


def test_all_who_wait_share_one_commit(tmp_path):
    _, journal = write(tmp_path, payloads(500))
    assert journal.commits <= 10
    assert journal.committed_events == 500


def test_a_block_is_bounded_but_one_payload_may_be_larger(tmp_path):
    limits = replace(DEFAULTS, journal_block_bytes=10_000)
    sent = [os.urandom(size) for size in (6_000, 6_000, 50_000, 10, 10)]
    write(tmp_path, sent, limits=limits)
    blocks = JournalReader(tmp_path).read(None, 1 << 40)
    assert [record for block in blocks for record in block.records] == sent
    assert all(len(block.records) == 1 or sum(map(len, block.records)) <= 10_000 for block in blocks)


def test_a_read_takes_whole_blocks_up_to_its_bound_and_goes_on_behind_them(tmp_path):
    sent = [os.urandom(1_000) for _ in range(10)]
    write(tmp_path, sent, one_by_one=True)
    reader, after, found = JournalReader(tmp_path), None, []
    while blocks := reader.read(after, 3_500):
        assert len(blocks) <= 3
        found += [record for block in blocks for record in block.records]
        after = (blocks[-1].day, blocks[-1].number)
        assert reader.events_after(after) == len(sent) - len(found)
    assert found == sent


def test_positions_go_on_rising_over_restarts_midnight_and_a_clock_set_back(tmp_path):
    clock = Clock()
    positions = []
    for now_ms in (NOON_MS, NOON_MS, NOON_MS + DAY_MS, NOON_MS - 3 * DAY_MS, NOON_MS + DAY_MS + 5):
        clock.now_ms = now_ms
        positions += write(tmp_path, payloads(3), clock=clock, one_by_one=True)[0]
    assert positions == sorted(set(positions))
    assert [day_name(day) for day in days_in(tmp_path)] == ["2026-11-23", "2026-11-24"]
    assert len(read_all(tmp_path)) == 15


def test_too_much_waiting_is_refused_at_once(tmp_path):
    limits = replace(DEFAULTS, journal_waiting_bytes=DEFAULTS.body_unpacked_bytes)

    async def flood():
        journal = Journal(tmp_path, now_ms=Clock(), limits=limits)
        journal.start()
        futures = []
        with pytest.raises(Unavailable) as refusal:
            for _ in range(200):
                futures.append(journal.append(bytes(1 << 20), 1))
        await asyncio.gather(*futures)
        journal.append(b"there is room again", 1)
        await journal.close()
        return refusal.value, len(futures)

    refusal, taken = asyncio.run(flood())
    assert (refusal.status, refusal.retry_after_s, taken) == (503, 5, 16)


def test_closing_commits_what_waits_and_refuses_what_comes_after(tmp_path):
    async def live():
        journal = Journal(tmp_path, now_ms=Clock(), limits=DEFAULTS)
        journal.start()
        futures = [journal.append(payload, 1) for payload in payloads(50)]
        await journal.close()
        with pytest.raises(Unavailable, match="shutting down"):
            journal.append(b"late", 1)
        return await asyncio.gather(*futures)

    assert len(asyncio.run(live())) == 50
    assert read_all(tmp_path) == payloads(50)


def test_a_caller_who_went_away_hurts_nobody(tmp_path):
    async def live():
        journal = Journal(tmp_path, now_ms=Clock(), limits=DEFAULTS)
        journal.start()
        gone, stays = journal.append(b"gone", 1), journal.append(b"stays", 1)
        gone.cancel()
        await stays
        await journal.close()

    asyncio.run(live())
    assert read_all(tmp_path) == [b"gone", b"stays"]


def test_an_acknowledged_payload_survives_kill_9(tmp_path):
    """The child prints each acknowledgement; it is killed while it writes."""
    program = f"""
import asyncio, sys
from pathlib import Path
from openrum.journal import Journal
from openrum.limits import DEFAULTS
async def live():
    journal = Journal(Path({str(tmp_path)!r}), now_ms=lambda: {NOON_MS}, limits=DEFAULTS)
    journal.start()
    for number in range(1_000_000):
        await journal.append(b"%d" % number, 1)
        sys.stdout.write(f"{{number}}\\n"); sys.stdout.flush()
asyncio.run(live())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        acknowledged = [int(child.stdout.readline()) for _ in range(200)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout.read().splitlines()]
    found = [int(record) for record in read_all(tmp_path)]
    assert found[: len(acknowledged)] == acknowledged
    assert len(found) - len(acknowledged) in (0, 1)


def copy_of(directory, target):
    target.mkdir()
    for path in directory.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


@pytest.fixture
def torn(tmp_path):
    """A journal as a power cut leaves it: five blocks in the WAL, nothing checkpointed."""
    live = tmp_path / "live"

    async def write_and_copy():
        journal = Journal(live, now_ms=Clock(), limits=DEFAULTS)
        journal.start()
        for number in range(5):
            await journal.append(b"block %d " % number * 20, 1)
        copy = copy_of(live, tmp_path / "torn")
        await journal.close()
        return copy

    return asyncio.run(write_and_copy())


def test_a_torn_tail_cut_at_any_byte_of_the_last_block_loses_that_block_alone(torn, tmp_path):
    wal = torn / f"{day_name(DAY)}.sqlite-wal"
    whole = wal.read_bytes()
    frame = day_file._PAGE_BYTES + 24
    for cut in range(len(whole) - frame, len(whole)):
        wal.write_bytes(whole[:cut])
        (torn / f"{day_name(DAY)}.sqlite-shm").unlink(missing_ok=True)
        assert [record[:7] for record in read_all(torn)] == [b"block %d" % n for n in range(4)], cut
    wal.write_bytes(whole)
    write(torn, [b"goes on"])
    assert len(read_all(torn)) == 6


def test_a_flipped_bit_is_found_reported_by_position_and_contained(tmp_path):
    positions, _ = write(tmp_path, [bytes(range(256)) * 40 + os.urandom(5_000) for _ in range(8)], one_by_one=True)
    path = path_of(tmp_path, DAY)
    content = bytearray(path.read_bytes())
    with sqlite3.connect(path) as connection:
        victim = connection.execute("SELECT data FROM block WHERE number = ?", (positions[3].block,)).fetchone()[0]
    connection.close()
    content[content.index(victim[-3_000:-2_900]) + 50] ^= 4
    path.write_bytes(content)

    reader = JournalReader(tmp_path)
    sound = []
    findings = list(reader.verify(sound.append))
    assert [(finding.day, finding.block) for finding in findings] == [(DAY, positions[3].block)]
    assert len(sound) == 7
    blocks = reader.read(None, 1 << 40)
    assert [bool(block.damaged) for block in blocks] == [index == 3 for index in range(8)]
    assert [block.events for block in blocks] == [1] * 8
    with pytest.raises(Damaged):
        reader.fetch(positions[3])
    assert reader.fetch(positions[4])


def test_a_day_file_that_cannot_be_opened_is_set_aside_and_the_door_stays_open(tmp_path):
    write(tmp_path, payloads(3))
    path_of(tmp_path, DAY).write_bytes(b"not a database at all, but long enough to look like one" * 200)
    before = max(position.block for position in write(tmp_path, [b"after"])[0])
    assert read_all(tmp_path) == [b"after"]
    assert before >= DAY_MS // 2, "numbers go on by the clock, so that no position is used twice"
    assert any("set aside" in finding.what for finding in JournalReader(tmp_path).verify())


def test_a_primer_that_blocks_were_written_with_never_changes():
    text = Path(day_file.__file__).with_name("primer-1.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() == "b855fa1687ddf0af6a5af759ae3a7c57afeff06759a9efdf40cc16dfa02fd4f1"


def test_a_block_of_an_unknown_primer_is_damaged_and_nothing_else():
    codec = BlockCodec()
    data, size = codec.pack([(1, b"payload")])
    for spoilt in (b"", b"\x00" + data[1:], b"\xff" + data[1:]):
        with pytest.raises(Damaged, match="primer"):
            codec.unpack(spoilt, size, records=1, events=1)


def test_a_small_block_of_usual_events_takes_much_less_than_it_would_alone():
    event = '{"id":"%s","timestamp":1795000000,"type":"com.amazon.rum.page_view_event","details":"{\\"version\\":\\"1.0.0\\"}"}'
    payload = (event % "5e0f7a52-0d2b-4b8e-9a53-3f1f0e6f5b11").encode()
    assert len(BlockCodec().pack([(1, payload)])[0]) < 0.7 * len(zlib.compress(payload))


def test_foreign_and_empty_files_are_ignored(tmp_path):
    for name in ("notes.txt", "2026-13-45.sqlite", "2026-1-1.sqlite", "backup.sqlite", "..sqlite"):
        (tmp_path / name).write_bytes(b"")
    write(tmp_path, [b"here"])
    assert read_all(tmp_path) == [b"here"]


def test_retention_deletes_whole_days(tmp_path):
    for days_ago in (3, 2, 1, 0):
        write(tmp_path, [b"%d" % days_ago], clock=Clock(NOON_MS - days_ago * DAY_MS))
    reader = JournalReader(tmp_path)
    first = reader.read(None, 1)[0]
    assert reader.trim(DAY - 1) == [DAY - 3, DAY - 2]
    assert read_all(tmp_path) == [b"1", b"0"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(day_name(DAY - 3))]
    with pytest.raises(KeyError):
        reader.fetch(_position(first))


def _position(block):
    from openrum.events import Position

    return Position(block.day, block.number, 0)


def test_a_full_disk_is_unavailable_and_heals_by_itself(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system in memory")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)], check=True)
    try:
        asyncio.run(_fill_and_heal(small))
    finally:
        subprocess.run(["umount", str(small)], check=True)


async def _fill_and_heal(directory: Path):
    limits = replace(DEFAULTS, disk_reserve_bytes=0)
    journal = Journal(directory, now_ms=Clock(), limits=limits)
    journal.start()
    acknowledged = []
    with pytest.raises(Unavailable) as refusal:
        for _ in range(100):
            payload = os.urandom(300_000)
            await journal.append(payload, 1)
            acknowledged.append(payload)
    assert refusal.value.status == 503
    assert not journal.healthy
    assert read_all(directory) == acknowledged
    subprocess.run(["mount", "-o", "remount,size=32m", str(directory)], check=True)
    await journal.append(b"again", 1)
    assert journal.healthy
    await journal.close()
    reader = JournalReader(directory)
    assert reader.fetch(_position(reader.read(None, 1 << 40)[-1])) == b"again"
    reader.close()


def test_a_second_process_is_told_who_holds_the_directory(tmp_path):
    lock = DirectoryLock(tmp_path)
    with pytest.raises(DirectoryTaken, match=str(os.getpid())):
        DirectoryLock(tmp_path)
    lock.close()
    DirectoryLock(tmp_path).close()
