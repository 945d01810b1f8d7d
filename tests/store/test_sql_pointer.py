"""Errors point at their place in the text, those of the engine and those of the door in one form."""

import re
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.store import DuckDBStore, QueryFailed
from openrum.store.sql_pointer import pointer

POINTER = re.compile(r"\n\nLINE ([0-9]+): (.*)\n( *)(\^+)\Z", re.DOTALL)


@given(st.text(alphabet="ab é\n田", max_size=400), st.data())
def test_the_marks_stand_under_the_very_character(text, data):
    at = data.draw(st.integers(0, len(text)))
    number, line, space, marks = POINTER.fullmatch(pointer(text, len(text[:at].encode()), 1)).groups()
    column = len(space) - len(f"LINE {number}: ")
    assert int(number) == text[:at].count("\n") + 1
    rest = text[at:].partition("\n")[0]
    assert line[column:].removesuffix("...") == rest[: len(line[column:].removesuffix("..."))]
    assert len(marks) == 1
    assert len(line) <= 170


def test_where_no_place_is_known_nothing_points():
    assert pointer("SELECT 1", None) == pointer("SELECT 1", -1) == pointer("SELECT 1", 99) == ""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("pointer") / "store", DEFAULTS)) as store:
        yield store


@pytest.mark.parametrize(
    ("sql", "marked"),
    [
        ("SELECT 'é' AS x,\n  pge FROM page_views", "pge"),
        ("SELECT 'é' AS x\nFROM page_views LIMI 3", "3"),
        ("SELECT 'é' AS x,\n from from page_views", "from"),
        ("SELECT 1\nFROM events AS é, page_view", "page_view"),
        ("SELECT page\nFROM page_view", "page_view"),
        ("SELECT page, repeat(page, 7)\nFROM page_views", "repeat(page, 7)"),
        ("SELECT * FROM glob('*')", "glob('*')"),
    ],
)
def test_every_error_points_at_its_place(store, sql, marked):
    with pytest.raises(QueryFailed) as failed:
        store.run_user_sql(sql, timeout_s=5, rows_max=1)
    number, line, space, marks = POINTER.search(str(failed.value)).groups()
    assert line == sql.split("\n")[int(number) - 1]
    column = len(space) - len(f"LINE {number}: ")
    assert line[column : column + len(marks)] == marked


def test_an_answer_tells_the_types_of_its_columns(store):
    sql = "SELECT 1 AS a, 'x' AS b, now() AS c, [1.5] AS d"
    answer = store.run_user_sql(sql, timeout_s=5, rows_max=1)
    assert answer.columns == ["a", "b", "c", "d"]
    assert answer.types == ["INTEGER", "VARCHAR", "TIMESTAMP", "DECIMAL(2,1)[]"]
