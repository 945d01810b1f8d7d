"""A statement is read once, and asked as often as anybody likes: by any thread, of whatever is there by then."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import duckdb
import pytest

from openrum.store import statements
from openrum.store.statements import Statements


@pytest.fixture
def connection():
    with closing(duckdb.connect()) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT range AS number FROM range(1000)")
        yield connection


def test_a_text_is_read_once(connection):
    known = Statements()
    text = "SELECT 1"
    assert known.read(connection, text) is known.read(connection.cursor(), text)
    assert known.read(connection, "SELECT 2") is not known.read(connection, text)


def test_each_asks_with_values_of_its_own_at_the_same_time(connection):
    known = Statements()

    def ask(below):
        with closing(connection.cursor()) as cursor:
            statement = known.read(cursor, "SELECT count(*) FROM numbers WHERE number < $below")
            return cursor.execute(statement, {"below": below}).fetchone()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(500))) == [(below,) for below in range(500)]


def test_what_a_name_stands_for_is_found_out_each_time(connection):
    known = Statements()
    text = "FROM numbers"
    connection.execute(known.read(connection, text)).fetchall()
    connection.execute("CREATE OR REPLACE TABLE numbers AS SELECT 'one' AS word, true AS other")
    assert connection.execute(known.read(connection, text)).fetchall() == [("one", True)]


def test_no_more_are_kept_than_may_be_and_those_that_were_asked_last(connection, monkeypatch):
    monkeypatch.setattr(statements, "_KEPT_MAX", 2)
    known = Statements()
    first = known.read(connection, "SELECT 1")
    known.read(connection, "SELECT 2")
    assert known.read(connection, "SELECT 1") is first
    known.read(connection, "SELECT 3")
    assert len(known) == 2
    assert known.read(connection, "SELECT 1") is first


def test_a_long_text_is_read_and_not_kept(connection, monkeypatch):
    monkeypatch.setattr(statements, "_CHARS_MAX", 10)
    known = Statements()
    statement = known.read(connection, "SELECT 1234567")
    assert connection.execute(statement).fetchall() == [(1234567,)]
    assert len(known) == 0


def test_what_is_no_statement_is_refused_and_not_kept(connection):
    known = Statements()
    with pytest.raises(duckdb.Error):
        known.read(connection, "SELECT FROM WHERE")
    assert len(known) == 0
