"""Of a group's rows the store knows what it needs before the engine reads them, and the first of an id is the one that stays."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.events import Flag, ReplayChunk, Row
from openrum.outcomes import Outcome, Reason
from openrum.store import incoming
from openrum.store.incoming import Incoming, of_those
from openrum.store.store import HOUR_MS

MONITORS = ("one", "other")
NOON_MS = 20_780 * 24 * HOUR_MS + 12 * HOUR_MS
ENDINGS = [
    (Outcome.STORED, Reason.NONE),
    (Outcome.QUARANTINED, Reason.POISON),
    (Outcome.DROPPED, Reason.CUSTOM_EVENTS_DISABLED),
]


def row(index, *, monitor="one", id="a", time=NOON_MS, received=NOON_MS, ending=ENDINGS[0], **members):
    return Row(monitor, id, time, received, "com.amazon.rum.page_view_event", 20_780, 1, 0, index, *ending, **members)


def lines(rows):
    return msgspec.json.Encoder().encode_lines(rows)


rows = st.lists(
    st.builds(
        dict,
        monitor=st.sampled_from(MONITORS),
        id=st.sampled_from("abcd"),
        time=st.integers(NOON_MS - 3 * HOUR_MS, NOON_MS),
        received=st.sampled_from([NOON_MS - 1, NOON_MS, NOON_MS + HOUR_MS]),
        ending=st.sampled_from(ENDINGS),
        title=st.sampled_from([None, "a title", "two\nlines", "\u2028"]),
    ),
    max_size=30,
).map(lambda found: [row(index, **members) for index, members in enumerate(found)])
stored_before = st.sets(st.tuples(st.sampled_from(MONITORS), st.sampled_from("abcd")))


@given(rows, stored_before)
def test_the_first_one_to_be_stored_stays_and_each_that_comes_after_it_is_a_duplicate(rows, before):
    found = Incoming.of(lines(rows))
    found.judge(before)
    seen, staying, counts, samples = set(before), [], Counter(), {}
    for each in rows:
        key, ending = (each.monitor, each.id), (each.outcome, each.reason)
        if key in seen:
            ending = (Outcome.DUPLICATE, Reason.NONE)
        elif each.outcome == Outcome.STORED:
            seen.add(key)
            staying.append(each.index)
        line = (each.monitor, each.received // HOUR_MS * HOUR_MS, *ending)
        counts[line] += 1
        samples.setdefault(line, (each.day, each.block, each.record, each.index))
    assert [each.index for each in found.staying()] == staying
    assert found.counted() == (counts, samples)
    assert sum(counts.values()) == len(rows)


@given(rows)
def test_for_each_hour_the_first_time_and_the_last_are_known(rows):
    spans = Incoming.of(lines(rows)).spans
    assert {hour for hour, _ in spans.items()} == {each.time // HOUR_MS for each in rows}
    for hour, (first, last) in spans.items():
        times = [each.time for each in rows if each.time // HOUR_MS == hour]
        assert (first, last) == (min(times), max(times))


@pytest.mark.parametrize(("flags", "flagged"), [(0, False), (Flag.TIME_REPLACED, True), (~Flag.TIME_REPLACED, False)])
def test_it_is_known_whether_a_time_was_replaced(flags, flagged):
    assert Incoming.of(lines([row(0), row(1, flags=int(flags))])).flagged == flagged


def test_lines_and_files_are_read_in_their_order_a_slice_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "_SLICE_BYTES", 100)
    many = [row(index, id=str(index), title="x" * index) for index in range(300)]
    files = [tmp_path / "first", tmp_path / "empty", tmp_path / "second"]
    files[0].write_bytes(lines(many[:100]))
    files[1].touch()
    files[2].write_bytes(lines(many[100:]))
    assert [each.index for each in Incoming.of(b"", files).rows] == list(range(300))
    assert Incoming.of(bytearray(lines(many))).rows == Incoming.of(b"", files).rows


def test_a_line_that_is_no_row_is_told():
    with pytest.raises(msgspec.MsgspecError):
        Incoming.of(lines([row(0)]) + b'{"monitor": 5}\n')


def test_of_replays_those_stay_whose_rows_do():
    events = [row(0, id="a"), row(1, id="a"), row(2, id="b")]
    chunks = [
        ReplayChunk("one", each.id, each.time, None, None, each.day, each.block, each.record, each.index, 1, b"x")
        for each in events
    ]
    encoded = msgspec.json.Encoder(enc_hook=bytes.decode).encode_lines(chunks)
    found = Incoming.of(lines(events))
    found.judge(set())
    assert of_those(encoded, found.staying()) == b"".join(encoded.splitlines(keepends=True)[::2])
