"""What a row takes of its leaf is what SQLite makes of it, and a changed row can be kept to that."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.journal import cell, day_file
from openrum.journal.day_file import DayRewriter, DayWriter, path_of

DAY = 20_780
NUMBER = 100  # of one byte
PAGE = day_file._PAGE_BYTES

INTEGERS = st.integers(0, 1 << 33)
BLOBS = st.integers(0, 3_000) | st.integers(15_000, 18_000)


def on_disk(directory, integers, blob):
    """The bytes of the one cell of a day file with one row, but for its key."""
    with closing(DayWriter(directory, DAY)) as writer:
        writer._connection.execute("DELETE FROM block")
        writer._connection.execute("INSERT INTO block VALUES (?, ?, ?, ?, zeroblob(?))", (NUMBER, *integers, blob))
    leaf = root_page(directory)
    assert (leaf[0], leaf[3:5]) == (13, b"\0\1"), "the table is a leaf with one cell"
    return PAGE - int.from_bytes(leaf[5:7], "big") - 1


def root_page(directory):
    """The first page of the table."""
    with closing(sqlite3.connect(path_of(directory, DAY))) as connection:
        number = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'block'").fetchone()[0]
    return path_of(directory, DAY).read_bytes()[(number - 1) * PAGE : number * PAGE]


@pytest.mark.parametrize(
    "blob",
    [
        0,
        1,
        50,
        56,
        57,
        58,
        117,
        118,
        119,
        120,
        440,
        465,
        466,
        467,
        468,
        469,
        470,
        970,
        977,
        978,
        979,
        980,
        981,
        982,
        1_000,
    ],
)
@pytest.mark.parametrize("integers", [(0, 1, 2), (127, 128, 40_000), (1, 9_000_000, 1 << 40)])
def test_a_row_takes_of_its_leaf_what_is_said(tmp_path, integers, blob):
    assert cell.leaf_bytes(integers, blob, PAGE) == on_disk(tmp_path, integers, blob)


@given(st.data())
def test_so_does_any_row(tmp_path_factory, data):
    integers, blob = data.draw(st.tuples(INTEGERS, INTEGERS, INTEGERS)), data.draw(BLOBS)
    assert cell.leaf_bytes(integers, blob, PAGE) == on_disk(tmp_path_factory.mktemp("day"), integers, blob)


@given(INTEGERS, INTEGERS, INTEGERS, INTEGERS, BLOBS, BLOBS)
def test_a_changed_row_is_kept_to_its_room_at_the_cost_of_less_than_a_page(a, b, size, before, old, least):
    """But for one too small to begin with, and one that has no byte to spare for the length of its length."""
    room = cell.leaf_bytes((a, b, before), old, PAGE)
    length = cell.blob_bytes(least, (a, b, size), room, PAGE)
    assert least <= length < least + PAGE
    kept = cell.leaf_bytes((a, b, size), length, PAGE) <= room
    assert kept == any(cell.leaf_bytes((a, b, size), least + more, PAGE) <= room for more in range(PAGE))
    assert kept or length == least
    assert kept or old < cell.LEAST_BLOB_BYTES or old < 16_384 <= least + PAGE


def test_rows_stay_on_their_pages_while_none_needs_more_than_it_had(tmp_path):
    """The habit of SQLite that all of this stands on; what is longer and what is shorter is made to fit."""
    sizes = {number: 100 + 70 * number for number in range(1, 41)}
    with closing(DayWriter(tmp_path, DAY)) as writer:
        for number, size in sizes.items():
            assert writer.write(0, 1, 1, 100, bytes(size)) == number
    before = rows_by_leaf(tmp_path)
    with closing(DayRewriter(path_of(tmp_path, DAY), DAY)) as rewriter:
        for number, size in sizes.items():
            assert rewriter.replace(rewriter.get(number), 40_000, bytes(size + 400 - 20 * number))
    assert rows_by_leaf(tmp_path) == before
    assert len(before) > 10


def rows_by_leaf(directory):
    """[(page, number of rows)] of a table that one page of pointers is enough for."""
    content, root = path_of(directory, DAY).read_bytes(), root_page(directory)
    assert root[0] == 5, "the table's first page points to leaves"
    cells = [int.from_bytes(root[at : at + 2], "big") for at in range(12, 12 + 2 * int.from_bytes(root[3:5], "big"), 2)]
    leaves = [int.from_bytes(root[at : at + 4], "big") for at in (*cells, 8)]
    return [(leaf, content[(leaf - 1) * PAGE + 3 : (leaf - 1) * PAGE + 5]) for leaf in leaves]
