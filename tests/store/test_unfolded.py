"""Which files know a session of what is not folded yet: they are found, once for each block, as the question itself sees the rows."""

from contextlib import closing

import pytest

from openrum.limits import DEFAULTS
from openrum.store import DuckDBStore
from openrum.store.transaction import transaction
from openrum.store.unfolded import Unfolded
from tests.store.test_alone import FIRST, SECOND, lcp, put

THIRD = SECOND + 1


@pytest.fixture
def store(tmp_path):
    """Two days that are settled, and one of which a part is folded."""
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        for day, number in ((FIRST, 1), (SECOND, 2)):
            put(store, lcp(number, day), lcp(9, day, interaction=day))
            store.rewrite(day, settled=True)
        put(store, lcp(3, THIRD))
        store.fold(THIRD)
        yield store


class Listening:
    """A cursor that remembers what it was asked."""

    def __init__(self, cursor):
        self._cursor, self.asked = cursor, []

    def execute(self, text, *more):
        self.asked.append(text)
        return self._cursor.execute(text, *more)


def met(store, unfolded=None, files=None):
    """The days in which sessions are met, and how many statements it took."""
    cursor = Listening(store._connection.cursor())
    with transaction(cursor._cursor):
        found = (unfolded or Unfolded()).met(cursor, files or list(store.days().values()))
    return sorted(file.day for file in store.days().values() if file.catalog in found), len(cursor.asked)


def test_where_everything_is_folded_nobody_is_asked(store):
    assert met(store) == ([], 0)


def test_of_a_file_that_is_folded_in_part_any_row_may_be_of_such_a_session(store):
    put(store, lcp(4, THIRD, block=2))
    assert met(store)[0] == [THIRD]


def test_a_settled_day_that_has_seen_the_session_is_found(store):
    put(store, lcp(2, THIRD, block=2))
    assert met(store)[0] == [SECOND, THIRD]
    put(store, lcp(9, THIRD, block=3))
    assert met(store)[0] == [FIRST, SECOND, THIRD]


def test_who_has_no_session_is_met_nowhere(store):
    put(store, lcp(4, THIRD, block=2, session=None))
    assert met(store)[0] == [THIRD]


def test_of_a_day_that_is_not_folded_at_all_every_row_counts(store):
    put(store, lcp(1, THIRD + 1))
    assert met(store)[0] == [FIRST]


def test_what_was_looked_through_is_not_looked_through_again_until_more_comes(store):
    unfolded = Unfolded()
    put(store, lcp(2, THIRD, block=2))
    first, again = met(store, unfolded), met(store, unfolded)
    assert first == ([SECOND, THIRD], 2)
    assert again == ([SECOND, THIRD], 1)
    put(store, lcp(1, THIRD, block=3))
    assert met(store, unfolded) == ([FIRST, SECOND, THIRD], 2)


def test_after_a_fold_it_begins_anew(store):
    unfolded = Unfolded()
    put(store, lcp(2, THIRD, block=2))
    met(store, unfolded)
    store.fold(THIRD)
    put(store, lcp(5, THIRD, block=3))
    assert met(store, unfolded)[0] == [THIRD]


def test_rows_that_came_since_the_question_began_count_too(store):
    unfolded = Unfolded()
    put(store, lcp(4, THIRD, block=2))
    files = list(store.days().values())
    assert met(store, unfolded, files)[0] == [THIRD]
    put(store, lcp(1, THIRD, block=3))
    assert met(store, unfolded, files)[0] == [FIRST, THIRD]


def test_a_day_of_which_more_is_folded_is_looked_through_anew(store):
    """Nothing was taken back in it for a session whose other rows are folded nowhere."""
    unfolded = Unfolded()
    put(store, lcp(7, THIRD + 1))
    assert met(store, unfolded)[0] == []
    put(store, lcp(7, THIRD, block=2))
    store.fold(THIRD)
    assert met(store, unfolded)[0] == [THIRD]
