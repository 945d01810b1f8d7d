"""Forgetting in the middle of things: whatever comes while it works, journal and store agree afterwards."""

import json
import threading

import msgspec
import pytest

from openrum.events import Received
from openrum.forget import Forgetting, Subject
from openrum.journal import JournalRewriter
from openrum.keeping import Rewrites
from tests.drained import DAY_MS, MONITOR, NOW_MS, Drained, event_id

USER = "9c0ffee9-1234-4abc-8def-0123456789ab"
OTHER = "aaaaaaaa-1234-4abc-8def-0123456789ab"


@pytest.fixture
def drained(tmp_path):
    rooms = Drained(tmp_path)
    yield rooms
    rooms.close()


def request(*numbers, user=USER, now_ms=NOW_MS, monitor=MONITOR, details="{}"):
    """The journal's record of one batch of a user's, whose id stands in it as it is given."""
    events = [
        {"id": event_id(number), "timestamp": now_ms // 1000, "type": "a.b", "details": details} for number in numbers
    ]
    batch = {"BatchId": MONITOR, "AppMonitorDetails": {}, "UserDetails": {"userId": "?"}, "RumEvents": events}
    body = json.dumps(batch).replace('"?"', f'"{user}"').encode()
    return msgspec.msgpack.encode(Received(monitor, now_ms, len(numbers), None, None, None, body))


class Interrupted(JournalRewriter):
    """Lets something happen after the first pass over each day."""

    def __init__(self, drained, then):
        super().__init__(drained.folder / "journal", drained.reader)
        self._then = then

    def rewrite_day(self, day, change, *, after=0):
        rewritten = super().rewrite_day(day, change, after=after)
        then, self._then = self._then, lambda: None
        then()
        return rewritten


def forgetting(drained, then=lambda: None, drain=None):
    rewrites = Rewrites(drained.store, drain or drained.drain())
    return Forgetting(drained.reader, Interrupted(drained, then), drained.store, rewrites)


def rebuilt_ids(drained, tmp_path):
    """What a store made anew from the journal holds."""
    anew = Drained(tmp_path / "anew")
    anew.reader.close()
    anew.reader = drained.reader
    anew.drain_all()
    ids, counts = anew.ids(), anew.counts()
    anew.store.close()
    return ids, counts


@pytest.mark.parametrize("later_ms", [0, DAY_MS])
def test_what_comes_while_it_works_is_gone_from_the_journal_if_it_is_gone_from_the_store(drained, tmp_path, later_ms):
    drained.write(request(1, 2), request(3, user=OTHER))
    drained.drain_all()

    def more():
        drained.write(request(4, now_ms=NOW_MS + later_ms), now_ms=NOW_MS + later_ms)
        drained.drain_all()

    counts = forgetting(drained, more).forget(Subject(MONITOR, user=USER))
    assert (counts.requests, counts.rows) == (2, 3)
    assert drained.ids() == [event_id(3)]
    ids, ledger = rebuilt_ids(drained, tmp_path)
    assert ids == [event_id(3)]
    assert ledger == drained.counts() == {"received": 4, "stored": 1, "dropped": 3}


def test_what_the_drain_had_read_before_is_applied_first_and_goes_with_the_rest(drained):
    drained.write(request(1))
    drain = drained.drain()
    reads, may_go_on = threading.Event(), threading.Event()
    read = drained.reader.read_packed

    def slow_read(*arguments):
        blocks = read(*arguments)
        reads.set()
        assert may_go_on.wait(30)
        return blocks

    drained.reader.read_packed = slow_read
    drain.start()
    drain.wake()
    assert reads.wait(30)  # the user's request is in the drain's hands
    forgetting(drained, may_go_on.set, drain).forget(Subject(MONITOR, user=USER))
    drain.close()
    assert drained.ids() == []
    assert drained.counts() == {"received": 1, "dropped": 1}


@pytest.mark.parametrize(
    "written",
    [USER.upper(), USER.replace("c0ffee", "C0ffEE"), "".join(f"\\u{ord(char):04x}" for char in USER)],
    ids=["upper case", "mixed case", "escaped"],
)
def test_an_id_is_found_however_it_was_written(drained, written):
    drained.write(request(1, user=written), request(2, user=OTHER))
    drained.drain_all()
    counts = forgetting(drained).forget(Subject(MONITOR, user=USER))
    assert (counts.requests, counts.rows) == (1, 1)
    assert drained.ids() == [event_id(2)]


def test_an_id_that_is_no_user_s_but_in_a_text_costs_nobody_their_events(drained):
    drained.write(request(1, user=OTHER, details=json.dumps({"invited": USER})), request(2, monitor=OTHER))
    drained.drain_all()
    counts = forgetting(drained).forget(Subject(MONITOR, user=USER))
    assert (counts.requests, counts.rows) == (0, 0)
    assert drained.ids() == [event_id(1), event_id(2)]


def test_a_body_that_nobody_can_read_goes_if_it_names_the_user(drained):
    record = Received(MONITOR, NOW_MS, 1, None, None, None, b'{"cut": "' + USER.encode())
    drained.write(msgspec.msgpack.encode(record))
    drained.drain_all()
    assert forgetting(drained).forget(Subject(MONITOR, user=USER)).requests == 1
    [block] = drained.reader.read(None, 1 << 20)
    assert USER.encode() not in block.records[0]


def test_files_that_were_set_aside_are_counted_for_somebody_to_delete(drained):
    drained.write(request(1))
    drained.drain_all()
    (drained.folder / "store/2026-11-20.1.duckdb.damaged-1").write_bytes(b"")
    (drained.folder / "journal/2026-11-20.sqlite.damaged-1").write_bytes(b"")
    assert forgetting(drained).forget(Subject(MONITOR, user=USER)).files_set_aside == 2


def test_what_a_killed_process_left_in_the_staging_folder_is_gone_at_the_next_start(tmp_path):
    Drained(tmp_path).close()
    leftovers = [tmp_path / "store/staging" / name for name in ("rows.ndjson", "export-1.parquet")]
    for leftover in leftovers:
        leftover.write_text(USER)
    Drained(tmp_path).close()
    assert not any(leftover.exists() for leftover in leftovers)
