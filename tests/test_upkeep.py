"""A store made anew is the same store; a check finds what is wrong and nothing else; retention takes whole days."""

import itertools
from collections import Counter
from contextlib import closing
from itertools import groupby

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.enrich.rules import Rulebook, Wishes
from openrum.events import Forgotten
from openrum.limits import DEFAULTS
from openrum.outcomes import Reason
from openrum.store import FOLDER, DuckDBStore, Leaving
from openrum.upkeep import check, rebuild
from tests.drained import (
    BOOK,
    DAY_MS,
    MONITOR,
    NOW_MS,
    OTHER,
    REPLAY,
    RETENTION_MS,
    TODAY,
    Drained,
    batch,
    event_id,
    request,
)


@pytest.fixture
def rooms(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield rooms


# What a history is made of: requests of a few events each, of two monitors, in three days.
sent = st.tuples(
    st.integers(0, 5),  # which id
    st.sampled_from(["built in", "own", "replay", "bad details", "bad metadata"]),
    st.integers(0, 3),  # how many hours ago the client says it was
)
requests = st.tuples(
    st.sampled_from([2, 1, 0]),  # days ago
    st.sampled_from([MONITOR, OTHER]),
    st.lists(sent, min_size=1, max_size=4) | st.integers(1, 5),  # a number: so many events, forgotten
)
histories = st.lists(requests, min_size=1, max_size=8).map(lambda found: sorted(found, key=lambda each: -each[0]))
settings_of = st.fixed_dictionaries({"custom_events": st.booleans(), "deleted": st.booleans()})


def record_of(days_ago, monitor, contents):
    moment = NOW_MS - days_ago * DAY_MS
    if isinstance(contents, int):
        return msgspec.msgpack.encode(Forgotten(monitor, moment, contents, Reason.FORGOTTEN))
    forms = {
        "built in": {"type": "com.amazon.rum.page_view_event"},
        "own": {"type": "shop.bought"},
        "replay": {"type": REPLAY, "details": '{"events":[1],"eventCount":1}'},
        "bad details": {"type": "com.amazon.rum.page_view_event", "details": "{"},
        "bad metadata": {"type": "com.amazon.rum.dom_event", "metadata": "[]"},
    }
    events = [
        {"id": event_id(number), "timestamp": moment // 1000 - 3_600 * hours_ago, **forms[form]}
        for number, form, hours_ago in contents
    ]
    return batch(*events, received_ms=moment, monitor=monitor)


def expected(history, wishes):
    """The oracle: what becomes of each event, and whose recordings are kept."""
    seen, counts, replays = set(), Counter(), set()
    for _, monitor, contents in history:
        if isinstance(contents, int):
            counts[monitor, "received"] += contents
            counts[monitor, "dropped"] += contents
            continue
        for number, form, _ in contents:
            counts[monitor, "received"] += 1
            dropped = wishes[monitor]["deleted"] or (form == "own" and not wishes[monitor]["custom_events"])
            ended = "dropped" if dropped else "quarantined" if form.startswith("bad") else "stored"
            ended = "duplicate" if (monitor, number) in seen else ended
            counts[monitor, ended] += 1
            if ended == "stored":
                seen.add((monitor, number))
                replays |= {(monitor, number)} if form == "replay" else set()
    return +counts, sorted(f"{monitor}{event_id(number)}" for monitor, number in seen), len(replays)


def outcome_of(rooms):
    rows = [row[0] for row in rooms.ask("SELECT monitor || id::VARCHAR FROM event_rows ORDER BY 1")]
    return Counter(rooms.store.totals()), rows, len(rooms.chunks())


@pytest.mark.slow
@settings(max_examples=12)
@given(
    history=histories,
    wishes=st.fixed_dictionaries({MONITOR: settings_of, OTHER: settings_of}),
    later=st.fixed_dictionaries({MONITOR: settings_of, OTHER: settings_of}),
)
def test_any_history_is_accounted_for_to_the_event_and_a_rebuild_goes_by_the_settings_of_its_moment(
    tmp_path_factory, history, wishes, later
):
    with closing(Drained(tmp_path_factory.mktemp("history"))) as rooms:
        by_day = groupby(history, key=lambda each: each[0])
        for days_ago, of_day in by_day:
            rooms.write(*itertools.starmap(record_of, of_day), now_ms=NOW_MS - days_ago * DAY_MS)
        for settings_now in (wishes, later):
            named = {monitor: Wishes(**each) for monitor, each in settings_now.items()}
            rooms.book = Rulebook(RETENTION_MS, Wishes(), named)
            if settings_now is wishes:
                rooms.drain_all()
            else:
                rooms.rebuild()
            assert outcome_of(rooms) == expected(history, settings_now)
            assert rooms.findings() == []
        keeper = rooms.keeper()
        keeper.settle()
        for day in list(rooms.store.days())[:-1]:
            keeper._renew(day)
        assert outcome_of(rooms) == expected(history, later)
        assert rooms.findings() == []


def findings(rooms):
    return list(check(rooms.reader, rooms.store))


def execute(rooms, sql):
    rooms.store._connection.execute(sql.replace("DAY", f"day_{TODAY}_1"))


def everything(rooms):
    """Rows and ledger, as they stand in all days."""
    rows = 'SELECT * EXCLUDE (day, block, record, "index") FROM event_rows ORDER BY id'
    return rooms.store.run(rows, {}, timeout_s=10, rows_max=1_000).rows, rooms.store.summary()


def made_anew(rooms, **options):
    rooms.store.close()
    count = rebuild(rooms.folder, rooms.reader, **{"rulebook": BOOK, "limits": DEFAULTS, **options})
    rooms.store = DuckDBStore(rooms.folder / FOLDER, DEFAULTS)
    return count


def test_what_is_sound_is_found_sound_drained_or_not(rooms):
    assert findings(rooms) == []
    rooms.write(request(1, 2), request(2), request(3, details="{"))
    assert findings(rooms) == [], "what waits for the drain is not missing"
    rooms.drain_all()
    assert rooms.counts() == {"received": 4, "stored": 2, "duplicate": 1, "quarantined": 1}
    assert findings(rooms) == []


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("DELETE FROM DAY.event_rows WHERE id::VARCHAR LIKE '00000001%'", "1 rows, the ledger has 2 stored"),
        ("INSERT INTO DAY.event_rows FROM DAY.event_rows LIMIT 1", "3 rows with 2 distinct ids"),
        ("UPDATE DAY.ledger SET count = count + 1 WHERE outcome = 'duplicate'", "4 events received, 5 accounted for"),
        (
            "UPDATE DAY.ledger SET count = count - 1 WHERE outcome = 'received'",
            "the journal has 4 events, the ledger 3",
        ),
    ],
)
def test_what_does_not_add_up_is_found_and_a_rebuild_mends_it(rooms, damage, finding):
    rooms.write(request(1, 2), request(2), request(3, details="{"))
    rooms.drain_all()
    execute(rooms, damage)
    assert any(finding in each for each in findings(rooms)), findings(rooms)
    made_anew(rooms)
    assert findings(rooms) == []


def test_a_store_made_anew_is_the_same_store(rooms):
    rooms.write(request(1, 2), now_ms=NOW_MS - 3 * DAY_MS)
    rooms.write(request(2, 3), request(4, details="[]"))
    rooms.drain_all()
    before = everything(rooms)
    position = rooms.store.position()
    progress = []
    assert made_anew(rooms, on_progress=lambda done, total: progress.append((done, total))) == 5
    assert everything(rooms) == before
    assert rooms.store.position() == position
    assert progress[0] == (0, 5)
    assert progress[-1] == (5, 5)


def test_retention_takes_whole_days_of_journal_and_store_alike(rooms):
    for days_ago, number in ((3, 1), (2, 2), (1, 3), (0, 4)):
        moment = NOW_MS - days_ago * DAY_MS
        rooms.write(request(number, received_ms=moment), now_ms=moment)
    rooms.drain_all()
    assert rooms.reader.trim(TODAY - 1) == [TODAY - 3, TODAY - 2]
    assert findings(rooms) == [], "as after a kill between the two halves"
    assert rooms.store.remove([TODAY - 3, TODAY - 2]) == [TODAY - 3, TODAY - 2]
    assert rooms.ids() == [event_id(3), event_id(4)]
    assert findings(rooms) == []
    made_anew(rooms)
    assert rooms.ids() == [event_id(3), event_id(4)]
    assert findings(rooms) == []


def test_an_event_sent_again_is_known_for_as_long_as_it_is_kept(rooms):
    moment = NOW_MS - 80 * DAY_MS
    rooms.write(request(1, received_ms=moment), now_ms=moment)
    rooms.drain_all()
    rooms.write(request(1, timestamp=moment // 1000))
    rooms.drain_all()
    assert rooms.counts(MONITOR) == {"received": 2, "stored": 1, "duplicate": 1}


def test_what_was_stored_of_a_purged_monitor_is_dropped_and_a_rebuild_keeps_it_so(rooms):
    other = MONITOR.replace("0a", "0b")
    rooms.write(request(1, 2), request(2), request(3, details="{"), request(4, 5, monitor=other))
    rooms.drain_all()
    leaving = Leaving(Reason.MONITOR_DELETED, monitors=[MONITOR])
    assert rooms.store.holds(TODAY, leaving)
    assert rooms.store.rewrite(TODAY, leaving) == 2
    after = {"received": 4, "dropped": 2, "duplicate": 1, "quarantined": 1}
    assert rooms.counts() == after
    assert findings(rooms) == []
    assert not rooms.store.holds(TODAY, leaving)

    made_anew(rooms, rulebook=Rulebook(RETENTION_MS, BOOK.others, {MONITOR: Wishes(deleted=True)}))
    assert rooms.ids() == [event_id(4), event_id(5)]
    assert rooms.counts()["received"] == 4
    assert rooms.counts().get("stored", 0) == 0
    assert findings(rooms) == []


def test_days_that_the_journal_has_no_more_are_taken_over_by_a_rebuild(rooms):
    for days_ago, number in ((1, 1), (0, 2)):
        moment = NOW_MS - days_ago * DAY_MS
        rooms.write(request(number, received_ms=moment), now_ms=moment)
    rooms.drain_all()
    before = everything(rooms)
    rooms.reader.trim(TODAY)
    assert made_anew(rooms) == 1
    assert everything(rooms) == before
    assert findings(rooms) == []
