"""Settled days are gathered in memory, the newest first, as far as there is room; what changes one of them lets all of them go."""

from contextlib import closing
from dataclasses import replace

import duckdb
import pytest

from openrum.limits import DEFAULTS
from openrum.store import DuckDBStore, Leaving, Reads
from openrum.store.folding import SESSIONS_TABLE, TABLE
from openrum.store.gathered import DAY_ROWS_MAX
from openrum.store.reading import read_tables
from tests.store.test_alone import FIRST, MONITOR, SECOND, lcp, put, session

THIRD, TODAY = SECOND + 1, SECOND + 2
DAY_MS = 24 * 3_600_000


@pytest.fixture
def store(tmp_path):
    """Three days that are settled, of two sessions each, and one that is written."""
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        filled(store)
        yield store


def filled(store):
    for number, day in enumerate((FIRST, SECOND, THIRD)):
        put(store, lcp(10 * number + 1, day, page_group="/a"), lcp(10 * number + 2, day, page_group="/b"))
        store.rewrite(day, settled=True)
    put(store, lcp(31, TODAY))
    store.fold(TODAY)


def days(store):
    return sorted(store._gathering.now.days.values())


def sessions(store, of="alone"):
    """The numbers of the sessions that are so in memory."""
    catalog = store._gathering.now.catalog
    rows = store._connection.cursor().execute(f'SELECT "session"::VARCHAR FROM {catalog}.{SESSIONS_TABLE} WHERE {of}')
    return sorted(int(each[-12:]) for (each,) in rows.fetchall())


def tables(store, first=FIRST, last=TODAY, columns=("alone", "session", "time")):
    """The tables of a question over these days, by what they read of them."""
    hours = first * DAY_MS, (last + 1) * DAY_MS
    reads = Reads(frozenset(columns), *hours, hours, sessions=True)
    return read_tables(reads, store.days(), frozenset(), store._gathering.now)


def test_days_that_are_settled_are_gathered_and_others_are_not(store):
    store.gather()
    assert days(store) == [FIRST, SECOND, THIRD]
    assert sessions(store) == [1, 2, 11, 12, 21, 22]


def test_a_question_reads_one_table_for_all_of_them(store):
    before = tables(store)
    store.gather()
    after = tables(store)
    for table in (TABLE, SESSIONS_TABLE):
        assert before[table].count(f".{table}") > after[table].count(f".{table}")
    assert after[SESSIONS_TABLE].count("gathered_") == 1
    assert " day " not in after[SESSIONS_TABLE]


@pytest.mark.parametrize(
    ("first", "last", "condition"),
    [
        (FIRST, TODAY, None),
        (SECOND, TODAY, f"AND day BETWEEN {SECOND} AND {THIRD}"),
        (SECOND, SECOND, f"AND day BETWEEN {SECOND} AND {SECOND}"),
    ],
)
def test_a_question_reads_no_day_that_it_does_not_ask_after(store, first, last, condition):
    store.gather()
    text = tables(store, first, last)[SESSIONS_TABLE]
    assert condition in text if condition else " day " not in text


def test_a_day_between_that_is_read_by_itself_is_left_out(store):
    store.gather()
    now = store._gathering.now
    some = [file for day, file in store.days().items() if day in (FIRST, THIRD)]
    assert now.only(some).endswith(f"AND day IN ({FIRST}, {THIRD})")


@pytest.mark.parametrize("later", [(SECOND, THIRD), (FIRST,)])
def test_a_day_that_comes_while_a_question_is_made_does_not_come_into_it(store, later):
    """It is read in its own file, and would count twice."""
    real = store._days
    store._days = {day: file for day, file in real.items() if day not in later}
    store.gather()
    reads = Reads(frozenset(("alone", "session")), 0, 2**53, (0, 2**53), sessions=True)
    made = read_tables(reads, real, frozenset(), store._gathering.now)
    store._days = real
    store.gather()
    assert days(store) == [FIRST, SECOND, THIRD]
    cursor = store._connection.cursor()
    assert [cursor.execute(f"SELECT count(*) FROM ({made[each]})").fetchone() for each in (TABLE, SESSIONS_TABLE)] == [
        (7,),
        (7,),
    ]


def test_a_day_that_a_range_cuts_is_read_by_itself(store):
    store.gather()
    end, hour = (TODAY + 1) * DAY_MS, 3_600_000
    reads = Reads(frozenset(("session",)), FIRST * DAY_MS, end, (FIRST * DAY_MS + hour, end), sessions=True)
    text = read_tables(reads, store.days(), frozenset(), store._gathering.now)[TABLE]
    assert f"day_{FIRST}_" in text
    assert f"day BETWEEN {SECOND} AND {THIRD}" in text


def test_a_day_whose_sessions_are_not_all_folded_is_read_by_itself(store):
    store.gather()
    reads = Reads(frozenset(("alone", "session")), 0, 2**53, (0, 2**53), sessions=True)
    met = frozenset((store.days()[SECOND].catalog,))
    text = read_tables(reads, store.days(), met, store._gathering.now)[SESSIONS_TABLE]
    assert f"FROM day_{SECOND}_" in text
    assert f"day IN ({FIRST}, {THIRD})" in text


def test_what_goes_on_is_not_alone_any_more_in_memory_either(store):
    store.gather()
    put(store, lcp(2, TODAY, block=2), lcp(32, TODAY, block=2))
    store.fold(TODAY)
    assert sessions(store) == [1, 11, 12, 21, 22]
    assert sessions(store, "NOT alone") == [2]


def test_a_day_that_is_settled_later_joins_them_and_takes_back_there(store):
    store.gather()
    catalog = store._gathering.now.catalog
    put(store, lcp(12, TODAY, block=2))
    put(store, lcp(51, TODAY + 1))
    store.rewrite(TODAY, settled=True)
    store.gather()
    assert days(store) == [FIRST, SECOND, THIRD, TODAY]
    assert store._gathering.now.catalog == catalog  # the others were not gathered again
    assert sessions(store) == [1, 2, 11, 21, 22, 31]


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.rewrite(SECOND, Leaving(monitors=[MONITOR], sessions=[session(11)])),
        lambda store: store.remove([SECOND]),
        lambda store: store.regroup(SECOND, MONITOR, "page_group", {"/a": "/c"}),
    ],
    ids=["rewrite", "remove", "regroup"],
)
def test_what_changes_a_day_lets_them_go_and_they_are_gathered_as_they_are_then(store, change):
    store.gather()
    gone = store._gathering.now.catalog
    change(store)
    assert days(store) == []
    with pytest.raises(duckdb.Error):
        store._connection.cursor().execute(f"FROM {gone}.{TABLE}")
    store.gather()
    there = {day for day in (FIRST, SECOND, THIRD) if day in store.days()}
    assert set(days(store)) == there
    cursor = store._connection.cursor()
    for day in there:
        own = cursor.execute(f"SELECT * FROM {store.days()[day].catalog}.{TABLE} ORDER BY ALL").fetchall()
        mine = (
            f"SELECT * EXCLUDE (place, day) FROM {store._gathering.now.catalog}.{TABLE} WHERE day = {day} ORDER BY ALL"
        )
        assert cursor.execute(mine).fetchall() == own != []


def test_a_day_that_is_not_gathered_may_change_beside_them(store):
    store.gather()
    store.rewrite(TODAY)
    assert days(store) == [FIRST, SECOND, THIRD]


def test_a_question_that_was_under_way_is_asked_again(store, monkeypatch):
    store.gather()
    reads = Reads(frozenset(("session", "alone", "time")), 0, 2**53, (0, 2**53), sessions=True)
    count = f"SELECT count(*) FROM {SESSIONS_TABLE}"
    answers = [store.run(count, {}, timeout_s=5, rows_max=1, reads=reads).rows]
    real, goes = store._tables, iter((True, False))

    def tables(*arguments):
        made = real(*arguments)
        if next(goes):
            store.rewrite(THIRD, settled=True)
        return made

    monkeypatch.setattr(store, "_tables", tables)
    answers.append(store.run(count, {}, timeout_s=5, rows_max=1, reads=reads).rows)
    assert answers[0] == answers[1] == [(7,)]


@pytest.mark.parametrize(
    ("room", "there", "then"),
    [
        (0, [], []),
        (3, [THIRD], [THIRD, TODAY]),
        (4, [SECOND, THIRD], [THIRD, TODAY]),
        (6, [FIRST, SECOND, THIRD], [SECOND, THIRD, TODAY]),
    ],
)
def test_the_newest_are_gathered_as_far_as_there_is_room(tmp_path, room, there, then):
    with closing(DuckDBStore(tmp_path / "store", replace(DEFAULTS, gathered_rows=room))) as store:
        filled(store)
        store.gather()
        assert days(store) == there
        store.rewrite(TODAY, settled=True)
        store.gather()
        assert days(store) == then


def test_gathering_ends_between_days_where_the_server_ends(store):
    ends = iter((False, True))
    store.gather(lambda: next(ends))
    assert days(store) == [FIRST]
    store.gather()
    assert days(store) == [FIRST, SECOND, THIRD]


def test_a_large_day_stays_by_itself(store, monkeypatch):
    assert DAY_ROWS_MAX > 100_000
    monkeypatch.setattr("openrum.store.gathered.DAY_ROWS_MAX", 2)
    put(store, lcp(33, TODAY, block=2), lcp(34, TODAY, block=2))
    store.rewrite(TODAY, settled=True)
    store.gather()
    assert days(store) == [FIRST, SECOND, THIRD]


def test_after_trouble_with_the_disk_nothing_is_gathered_until_it_is_done_again(store):
    store.gather()
    store._reopen(thoroughly=False)
    assert days(store) == []
    store.gather()
    assert sessions(store) == [1, 2, 11, 12, 21, 22]
