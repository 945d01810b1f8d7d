"""A store made anew is the same store; a check finds what is wrong and nothing else; retention takes whole days."""

from contextlib import closing

import pytest

from openrum.enrich.rules import Rulebook, Wishes
from openrum.limits import DEFAULTS
from openrum.outcomes import Reason
from openrum.store import FOLDER, DuckDBStore, Leaving
from openrum.upkeep import check, rebuild
from tests.drained import BOOK, DAY_MS, MONITOR, NOW_MS, RETENTION_MS, Drained, event_id, request

TODAY = NOW_MS // DAY_MS


@pytest.fixture
def rooms(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield rooms


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
