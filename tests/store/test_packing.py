"""Rows leave the write-ahead log when a row group is all but full."""

from contextlib import closing, contextmanager
from itertools import cycle, islice
from pathlib import Path

import duckdb
import msgspec
import pytest

from openrum.limits import DEFAULTS
from openrum.store import DuckDBStore, Group, packing
from openrum.store.packing import ROW_GROUP, Packing
from openrum.store.transaction import transaction
from tests.query.conftest import row


class Engine:
    """Notes what it is told."""

    def __init__(self):
        self.told = []

    def execute(self, statement):
        self.told.append(statement)


@pytest.mark.parametrize(
    ("groups", "packed"),
    [
        ([ROW_GROUP // 2] * 3, [1]),
        ([40_000] * 7, [2, 5]),
        ([10_000, 100_000, 10_000], [1]),
        ([ROW_GROUP + 1, 1], [0]),
        ([0] * 9, []),
    ],
)
def test_a_file_is_packed_where_as_many_rows_would_not_fit_in_once_more(groups, packed):
    engine, of_files = Engine(), Packing()
    found = []
    for number, rows in enumerate(groups):
        before = len(engine.told)
        of_files.appended(engine, "day", rows)
        found += [number] * (len(engine.told) - before)
    assert found == packed
    assert set(engine.told) <= {"CHECKPOINT day"}


def test_what_does_not_fit_in_beside_what_waits_is_packed_apart():
    engine, of_files = Engine(), Packing()
    of_files.appended(engine, "day", 59_000)
    of_files.coming(engine, "day", 63_000)
    assert engine.told == []
    of_files.coming(engine, "day", 64_000)
    assert engine.told == ["CHECKPOINT day"]
    of_files.coming(engine, "day", ROW_GROUP + 1)
    assert engine.told == ["CHECKPOINT day"]


def test_each_file_is_counted_by_itself():
    engine, of_files = Engine(), Packing()
    for catalog in ("day", "other", "day", "other"):
        of_files.appended(engine, catalog, 40_000)
    assert engine.told == []
    of_files.appended(engine, "other", 40_000)
    assert engine.told == ["CHECKPOINT other"]


@pytest.fixture
def store(tmp_path, monkeypatch):
    """One whose files are packed before they have a hundred rows."""
    monkeypatch.setattr(packing, "ROW_GROUP", 100)
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        yield store


def put(store, block):
    """Apply forty rows. Returns the bytes that the log has afterwards."""
    lines = msgspec.json.Encoder().encode_lines([msgspec.structs.replace(row(), block=block) for _ in range(40)])
    store.apply(Group(lines, (20_000, block)))
    [file] = store.days().values()
    return log_of(file.path.parent)


@contextmanager
def question(store):
    """Is under way inside, and sees what was there before."""
    cursor = store._connection.cursor()
    with transaction(cursor):
        cursor.execute(f"SELECT count(*) FROM {store.days()[20_000].catalog}.event_rows").fetchall()
        yield


def test_what_is_applied_is_packed_in_time(store):
    assert [put(store, block) > 0 for block in range(1, 5)] == [True, False, True, False]


def test_what_is_applied_is_packed_beside_a_question_that_began_before(store):
    put(store, 1)
    with question(store):
        assert not put(store, 2)


def test_a_file_that_cannot_be_packed_beside_a_question_is_packed_later_and_stays_open(store):
    put(store, 1)
    engine = store._connection
    with question(store):
        store.fold(20_000)
        waiting = put(store, 2)
    assert 0 < put(store, 3) < waiting
    assert not put(store, 4)
    assert store._connection is engine
    assert store.position() == (20_000, 4)


def test_what_a_file_says_about_itself_is_one_row_after_a_fold(store):
    about = "day_20000_1.about"
    for block in (1, 2, 3):
        put(store, block)
    counted = f"SELECT count(*), max(block) FROM {about}"
    assert store._connection.execute(counted).fetchall() == [(4, 3)]
    store.fold(20_000)
    assert store._connection.execute(counted).fetchall() == [(1, 3)]


@pytest.mark.parametrize(
    "groups",
    [[40_000], [6_000, 5_000, 9_000, 4_000, 5_500, 8_000], [20_000, 30_000, 25_000]],
    ids=["alike", "of many sizes", "larger"],
)
def test_the_engine_leaves_what_was_packed_as_it_is(tmp_path: Path, groups):
    with duckdb.connect() as engine:
        engine.execute(f"ATTACH '{tmp_path / 'rows.duckdb'}' AS d")
        engine.execute("CREATE TABLE d.r (n BIGINT)")
        of_files = Packing()
        packed: list[int] = []
        for rows in islice(cycle(groups), 6 * ROW_GROUP * len(groups) // sum(groups)):
            of_files.coming(engine, "d", rows)
            engine.execute(f"INSERT INTO d.r FROM range({rows})")
            of_files.appended(engine, "d", rows)
            found = row_groups(engine)
            assert found[: len(packed)] == packed
            if log_of(tmp_path) == 0:
                packed = found
    assert len(packed) >= 5
    assert all(ROW_GROUP - max(groups) <= each <= ROW_GROUP for each in packed)


def row_groups(engine):
    """The rows of each that is packed, or to be packed."""
    found = engine.execute(
        "SELECT sum(count)::BIGINT FROM pragma_storage_info('d.r') WHERE segment_type = 'BIGINT'"
        " GROUP BY row_group_id ORDER BY row_group_id"
    ).fetchall()
    return [count for (count,) in found]


def log_of(folder):
    """Its bytes."""
    return sum(log.stat().st_size for log in folder.glob("*.wal"))
