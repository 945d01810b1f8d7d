"""What is alone is all that is folded of its page load, or of its session; what is not alone any more is never said to be."""

from contextlib import closing
from itertools import count

import msgspec
import pytest

from openrum.events import Row
from openrum.limits import DEFAULTS
from openrum.store import HOUR_MS, DuckDBStore, Group, Leaving
from openrum.store.folding import FIRST_ON_PAGE, SESSIONS_TABLE, TABLE

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
FIRST, SECOND = 20_780, 20_781
_ids = count(1)


def session(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def lcp(number, day=FIRST, *, block=1, **members):
    """A sample of the first page load of a session."""
    members = {"session": session(number), "interaction": 0, "page": "/", "value": 1_200.0, **members}
    return Row(
        monitor=MONITOR, id=f"{next(_ids):08x}-0000-4000-8000-000000000000",
        time=members.pop("time", day * 24 * HOUR_MS), received=day * 24 * HOUR_MS, day=day, block=block, record=0, index=0,
        type="com.amazon.rum.largest_contentful_paint_event", **members,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        yield store


def put(store, *rows):
    day, block = rows[0].day, rows[0].block
    store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (day, block)))


def alone(store, day=FIRST):
    """The numbers of the sessions whose page loads are alone, and of those that are alone."""
    catalog, cursor = store.days()[day].catalog, store._connection.cursor()

    def of(table):
        found = cursor.execute(f'SELECT "session"::VARCHAR FROM {catalog}.{table} WHERE alone').fetchall()
        return sorted(int(each[-12:]) for (each,) in found)

    return of(TABLE), of(SESSIONS_TABLE)


def test_a_page_load_in_one_row_is_alone_and_so_is_a_session_in_one(store):
    put(store, lcp(1), lcp(2, browser="Chrome"), lcp(2, browser="Safari", interaction=1))
    store.rewrite(FIRST, settled=True)
    assert alone(store) == ([1, 2, 2], [1])


def test_a_page_load_of_two_hours_is_not_alone(store):
    late = FIRST * 24 * HOUR_MS + HOUR_MS
    put(store, lcp(1), lcp(1, time=late), lcp(2), lcp(2, interaction=1, time=late))
    store.rewrite(FIRST, settled=True)
    assert alone(store) == ([2, 2], [1, 2])


def test_where_the_client_numbers_no_views_the_page_tells_loads_apart(store):
    late = FIRST * 24 * HOUR_MS + HOUR_MS
    put(store, lcp(1, interaction=None), lcp(1, interaction=None, page="/b"), lcp(2), lcp(2, page="/b", time=late))
    store.rewrite(FIRST, settled=True)
    assert alone(store)[0] == [1, 1]


def test_what_has_no_session_is_never_alone(store):
    put(store, lcp(1, session=None), lcp(2))
    store.rewrite(FIRST, settled=True)
    assert alone(store) == ([2], [2])


def test_what_is_folded_of_a_day_that_is_not_over_may_be_alone(store):
    put(store, lcp(1), lcp(2), lcp(2, browser="Safari", interaction=1))
    assert not store.days()[FIRST].settled
    store.fold(FIRST)
    assert alone(store) == ([1, 2, 2], [1])


def test_a_session_that_goes_on_after_it_was_folded_is_alone_no_more(store):
    put(store, lcp(1), lcp(2))
    store.fold(FIRST)
    put(store, lcp(1, block=2, interaction=1), lcp(3, block=2))
    store.fold(FIRST)
    assert alone(store) == ([2, 3], [2, 3])
    put(store, lcp(1, block=3, interaction=2))
    store.fold(FIRST)
    assert alone(store) == ([2, 3], [2, 3])


def test_a_day_that_is_settled_knows_again_what_was_folded_in_parts(store):
    for block in (1, 2):
        put(store, lcp(1, block=block, interaction=block))
        store.fold(FIRST)
    assert alone(store) == ([], [])
    store.rewrite(FIRST, settled=True)
    assert alone(store) == ([1, 1], [1])


@pytest.mark.parametrize("order", [(FIRST, SECOND), (SECOND, FIRST)])
def test_a_session_of_two_days_is_alone_in_neither(store, order):
    put(store, lcp(1), lcp(2))
    put(store, lcp(1, SECOND), lcp(3, SECOND))
    for day in order:
        store.rewrite(day, settled=True)
    assert alone(store, FIRST) == ([2], [2])
    assert alone(store, SECOND) == ([3], [3])


def test_a_session_that_is_folded_today_is_not_alone_in_the_days_before(store):
    put(store, lcp(1), lcp(2))
    store.rewrite(FIRST, settled=True)
    put(store, lcp(1, SECOND))
    assert alone(store) == ([1, 2], [1, 2])  # a question sees for itself what is not folded
    store.fold(SECOND)
    assert alone(store) == ([2], [2])


def test_a_day_that_is_settled_looks_at_what_is_folded_today(store):
    put(store, lcp(1), lcp(2))
    put(store, lcp(1, SECOND))
    store.fold(SECOND)
    store.rewrite(FIRST, settled=True)
    assert alone(store) == ([2], [2])


def test_what_comes_late_to_a_settled_day_takes_back_what_is_there(store):
    put(store, lcp(1), lcp(2))
    store.rewrite(FIRST, settled=True)
    put(store, lcp(1, block=2))
    store.fold(FIRST)
    assert alone(store) == ([2], [2])
    assert store.days()[FIRST].wholly_folded


def test_a_day_that_is_written_anew_finds_again_what_is_alone(store):
    put(store, lcp(1), lcp(2), lcp(4))
    put(store, lcp(1, SECOND), lcp(3, SECOND))
    for day in (FIRST, SECOND):
        store.rewrite(day, settled=True)
    store.rewrite(FIRST, Leaving(monitors=[MONITOR], sessions=[session(4)]))
    assert alone(store, FIRST) == ([2], [2])
    assert alone(store, SECOND) == ([3], [3])


def test_what_is_alone_is_known_after_a_start(tmp_path):
    for opened in range(2):
        with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
            if opened == 0:
                put(store, lcp(1))
                store.rewrite(FIRST, settled=True)
            assert alone(store) == ([1], [1])


def first(store, day=FIRST):
    """Session and page group of the rows that are first there, and of how many rows that is not known."""
    catalog, cursor = store.days()[day].catalog, store._connection.cursor()
    rows = cursor.execute(f'SELECT "session"::VARCHAR, page_group, {FIRST_ON_PAGE} FROM {catalog}.{TABLE}').fetchall()
    are = sorted((int(who[-12:]), group) for who, group, is_first in rows if is_first)
    return are, sum(is_first is None for *_, is_first in rows)


def test_of_the_rows_of_a_session_on_a_page_group_one_is_first(store):
    views = [lcp(1, interaction=n, page_group=group) for n, group in enumerate(("/a", "/a", "/b", "/a"))]
    put(store, *views, lcp(2, page_group="/a"))
    store.rewrite(FIRST, settled=True)
    assert first(store) == ([(1, "/a"), (1, "/b"), (2, "/a")], 0)


def test_of_a_session_that_changes_its_browser_no_row_is_first_nor_of_none(store):
    changed = lcp(1, browser="Chrome"), lcp(1, browser="Safari", interaction=1)
    put(store, *changed, lcp(2, session=None), lcp(3, page_group="/a"))
    store.rewrite(FIRST, settled=True)
    assert first(store) == ([(3, "/a")], 3)


def test_of_a_session_that_goes_on_another_day_no_row_is_first_any_more(store):
    put(store, lcp(1, page_group="/a"), lcp(1, interaction=1, page_group="/a"), lcp(2, page_group="/a"))
    store.rewrite(FIRST, settled=True)
    put(store, lcp(1, SECOND))
    store.fold(SECOND)
    assert first(store) == ([(2, "/a")], 2)
