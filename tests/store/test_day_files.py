"""A file a day: every question sees all of them, each is whole or made anew, and what is replaced is never missed."""

import itertools
import os
import sqlite3
import threading
from contextlib import closing

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.days import day_name
from openrum.events import Flag, Row
from openrum.limits import DEFAULTS
from openrum.store import (
    DuckDBStore,
    Group,
    Leaving,
    Reads,
    StoreUnavailable,
    StoreVersion,
    duplicates,
    schema,
)
from openrum.store import duckdb as duckdb_module
from tests.drained import DAY_MS, MONITOR, NOW_MS, TODAY, event_id, request

HOUR_MS = 3_600_000


def row(number, day=TODAY, *, time=None, **members):
    time = day * DAY_MS + 12 * HOUR_MS if time is None else time
    return Row(MONITOR, event_id(number), time, time, "com.amazon.rum.page_view_event", day, 1, 0, number, **members)


blocks = itertools.count(1)


def apply(store, *rows, day=TODAY, anew=False):
    store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (day, next(blocks)), anew=anew))


def ask(store, sql="SELECT id::VARCHAR FROM event_rows ORDER BY 1", reads=None):
    return store.run(sql, {}, timeout_s=30, rows_max=100_000, reads=reads).rows


@pytest.fixture
def store(tmp_path):
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as opened:
        yield opened


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.suffix != ".wal")


# ── Days ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_whose_free_end_the_engine_cut_off_is_no_damaged_one(tmp_path):
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        apply(store, row(1))
        path = store.days()[TODAY].path
    large = "CREATE TABLE large AS SELECT hash(range)::VARCHAR AS text FROM range(800_000)"
    anew = f"BEGIN; DROP TABLE large; {large}; COMMIT"
    for statement in (large, anew, anew, "DROP TABLE large", "SELECT 1"):
        with closing(duckdb.connect(str(path))) as engine:
            [(counted,)] = engine.execute("SELECT block_size * total_blocks FROM pragma_database_size()").fetchall()
            engine.execute(statement)
            engine.execute("CHECKPOINT")
    assert path.stat().st_size < counted
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        assert ask(store) == [(event_id(1),)]
        assert store.out_of_reach() == []


def test_a_group_goes_to_the_file_of_its_day_and_a_question_sees_all_days(store):
    for number, day in enumerate((TODAY - 2, TODAY - 1, TODAY, TODAY - 1)):
        apply(store, row(number, day), day=day)
    assert names(store._folder) == [f"{day_name(day)}.1.duckdb" for day in (TODAY - 2, TODAY - 1, TODAY)]
    assert list(store.days()) == [TODAY - 2, TODAY - 1, TODAY]
    assert len(ask(store)) == 4
    assert ask(store, f"SELECT count(*) FROM day_{TODAY - 1}_1.event_rows") == [(2,)]
    assert store.position() == (TODAY, store.days()[TODAY].block)


def test_a_store_that_is_opened_again_is_the_same(three_days):
    before, days, position = three_days.everything(), three_days.store.days(), three_days.store.position()
    three_days.reopen()
    assert three_days.everything() == before
    assert three_days.store.days() == days
    assert three_days.store.position() == position


COLUMNS = ("id", "time", "page", "duration", "session")


@pytest.fixture(scope="module")
def forty_rows(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("reads") / "store", DEFAULTS)) as store:
        for number in range(40):
            day = TODAY - number % 4
            time = day * DAY_MS + (number * 7919 % 100 - 20) * HOUR_MS // 2  # some of the day before, or after
            apply(store, row(number, day, time=time, page=f"/{number % 3}", duration=float(number)), day=day)
        yield store


@settings(max_examples=25)
@given(
    columns=st.sets(st.sampled_from(COLUMNS), min_size=1),
    days=st.tuples(st.integers(-100, 60), st.integers(-100, 60)).map(sorted),
)
def test_what_a_question_says_it_reads_never_changes_the_answer(forty_rows, columns, days):
    low, high = (TODAY * DAY_MS + hours * HOUR_MS for hours in days)
    listed = ", ".join(f'"{name}"' for name in sorted(columns))
    sql = (
        f'SELECT {listed}, count(*) FROM event_rows WHERE "time" >= {low} AND "time" < {high} GROUP BY ALL ORDER BY ALL'
    )
    reads = Reads(frozenset({*columns, "time"}), low, high)
    assert ask(forty_rows, sql, reads) == ask(forty_rows, sql)


def test_a_question_about_no_day_has_an_empty_answer_of_the_right_types(store):
    reads = Reads(frozenset(("time", "page", "attributes")), 0, 1)
    sql = "SELECT count(*), max(page), max(\"time\") + 1, any_value(attributes->>'a') FROM event_rows"
    assert ask(store, sql, reads) == [(0, None, None, None)]
    apply(store, row(1))
    assert ask(store, sql, reads) == [(0, None, None, None)]


# ── Duplicates over files ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def narrow(monkeypatch):
    """The look-up among the newest rows made so small that the others must find what it cannot."""
    monkeypatch.setattr(duplicates, "NEWEST_ROWS", 3)


MIDNIGHT_MS = TODAY * DAY_MS


@pytest.mark.parametrize("days_ago", [1, 2, 40])
@pytest.mark.parametrize("time", [MIDNIGHT_MS - 1, MIDNIGHT_MS, MIDNIGHT_MS + 1, None])
def test_a_duplicate_is_found_in_the_file_of_another_day(store, narrow, days_ago, time):
    day = TODAY - days_ago
    time = day * DAY_MS + HOUR_MS if time is None else time
    apply(store, row(1, day, time=time), *[row(number, day) for number in range(10, 20)], day=day)
    apply(store, *[row(number) for number in range(30, 40)])
    apply(store, row(1, time=time), row(2, time=time))
    assert store.totals() == {(MONITOR, "stored"): 22, (MONITOR, "duplicate"): 1}
    assert len(ask(store)) == 22


def test_a_duplicate_whose_time_was_replaced_is_found_in_the_file_of_another_day(store, narrow):
    flags = int(Flag.TIME_REPLACED)
    day = TODAY - 3
    apply(store, row(1, day, flags=flags, client_time=5), row(2, day, flags=flags), row(3, day), day=day)
    apply(store, *[row(number) for number in range(30, 40)])
    apply(store, row(1, flags=flags, client_time=5), row(2, flags=flags), row(4, flags=flags))
    assert store.totals() == {(MONITOR, "stored"): 14, (MONITOR, "duplicate"): 2}


def test_a_duplicate_is_found_after_its_day_was_written_anew_and_after_a_new_start(rooms):
    rooms.write_day(1, 1, 2)
    rooms.drain_all()
    rooms.store.rewrite(TODAY - 1, settled=True)
    rooms.write(request(1, timestamp=NOW_MS // 1000 - 86_400))
    rooms.drain_all()
    rooms.reopen()
    rooms.write(request(2, timestamp=NOW_MS // 1000 - 86_400))
    rooms.drain_all()
    assert rooms.counts() == {"received": 4, "stored": 2, "duplicate": 2}


def test_an_event_of_a_day_that_is_being_made_anew_is_a_duplicate_before_the_day_is_seen(store):
    store.begin_anew(TODAY - 1)
    apply(store, row(1, TODAY - 1), day=TODAY - 1, anew=True)
    apply(store, row(1, time=row(1, TODAY - 1).time), row(2))
    assert ask(store) == [(event_id(2),)]
    store.reveal(TODAY - 1)
    assert ask(store) == [(event_id(1),), (event_id(2),)]


# ── What is found at the start ────────────────────────────────────────────────────────────────────────────────────


def test_leftovers_of_a_kill_are_cleared_at_the_start(three_days):
    before = three_days.everything()
    path = three_days.day_file()
    three_days.store.close()
    older = path.read_bytes()
    path.rename(path.with_name(f"{day_name(TODAY)}.12.duckdb"))
    path.write_bytes(older[:5_000])
    for leftover in ("2026-11-23.3.duckdb.new", "2026-11-23.3.duckdb.new.wal", "staging/rows.ndjson"):
        (path.parent / leftover).write_bytes(b"{")
    three_days.reopen()
    assert three_days.everything() == before
    files = [
        f"{day_name(day)}.{generation}.duckdb" for day, generation in ((TODAY - 2, 1), (TODAY - 1, 1), (TODAY, 12))
    ]
    assert names(path.parent) == files
    assert names(path.parent / "staging") == []


def test_files_that_are_not_ours_are_left_alone(three_days):
    before = three_days.everything()
    folder = three_days.day_file().parent
    for name in ("notes.txt", "2026-11-32.1.duckdb", "2026-11-23.one.duckdb", "duckdb"):
        (folder / name).write_text("mine")
    three_days.reopen()
    assert three_days.everything() == before
    assert (folder / "2026-11-23.one.duckdb").read_text() == "mine"


def sqlite_file(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE about (version)")


def other_tables(path, statement="CREATE TABLE elsewhere (a INTEGER)"):
    path.unlink()
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(statement)


def only_about(path):
    other_tables(path, "CREATE TABLE about AS SELECT 2 AS version, 1 AS block, false AS settled")


def cut(share):
    return lambda path: os.truncate(path, int(path.stat().st_size * share))


def flipped(at):
    def damage(path):
        content = bytearray(path.read_bytes())
        content[at] ^= 0x5A
        path.write_bytes(content)

    return damage


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"this was a file once" * 1_000),
    "of SQLite": sqlite_file,
    "of other tables": other_tables,
    "without rows": only_about,
    "cut in its header": cut(0.001),
    "cut in its catalog": cut(0.3),
    "cut in its rows": cut(0.7),
    "cut at its end": cut(0.999),
    "a bit of the first header": flipped(9),
    "a bit of the catalog": flipped(12_300),
}


@pytest.mark.parametrize(
    ("damage", "days_ago"), [*((damage, 1) for damage in DAMAGES), ("empty", 0), ("cut in its rows", 0), ("empty", 2)]
)
def test_a_day_that_is_damaged_is_set_aside_and_made_anew_from_the_journal(three_days, damage, days_ago):
    before, path = three_days.everything(), three_days.day_file(TODAY - days_ago)
    three_days.store.close()
    DAMAGES[damage](path)
    three_days.reopen()
    assert [each.name for each in three_days.store.out_of_reach()] == [f"{path.name}.damaged-1"]
    assert len(three_days.ids()) == 8, "the other days answer on"
    keeper = three_days.keeper()
    keeper.renew_newest()
    three_days.drain_all()
    keeper.renew()
    assert three_days.everything() == before
    assert three_days.findings() == []
    assert keeper.days_to_renew == 0


def test_what_is_sent_again_while_its_day_is_lost_is_in_answers_once(three_days):
    path = three_days.day_file(TODAY - 1)
    three_days.store.close()
    path.write_bytes(b"")
    three_days.reopen()
    three_days.write(request(101, timestamp=NOW_MS // 1000 - 86_400))
    three_days.drain_all()
    three_days.keeper().renew()
    assert three_days.ids().count(event_id(101)) == 1
    assert len(three_days.ids()) == 12
    assert three_days.findings() == []


def test_a_file_that_cannot_be_opened_now_is_not_taken_for_damaged(three_days, monkeypatch):
    path = three_days.day_file(TODAY - 1)
    three_days.store.close()
    aside = path.rename(path.with_name("aside"))
    path.symlink_to(path.name)  # opening it is an OSError, for root too
    with pytest.raises(OSError, match="symbolic links"):
        three_days.reopen()
    path.unlink()
    aside.rename(path)
    three_days.reopen()
    assert three_days.store.out_of_reach() == []
    assert len(three_days.ids()) == 12


def blocks_of_rows(path):
    """The numbers of the engine's blocks in a file that hold rows."""
    with duckdb.connect() as engine:
        engine.execute(f"ATTACH '{path}' AS d (READ_ONLY)")
        found = engine.execute(
            "SELECT DISTINCT block_id FROM pragma_storage_info('d.event_rows') WHERE block_id >= 0"
        ).fetchall()
    return [block for (block,) in found]


def test_rows_that_cannot_be_read_any_more_do_not_stop_the_drain_for_good(three_days):
    """The engine reads a block when a question comes to it: here, the look for duplicates."""
    before, path = three_days.everything(), three_days.day_file()
    three_days.store.close()
    content = bytearray(path.read_bytes())
    for block in blocks_of_rows(path):
        content[4_096 * 3 + 262_144 * block + 2_000] ^= 0x5A
    path.write_bytes(content)
    three_days.reopen()
    three_days.write(request(1), request(7))
    with pytest.raises(StoreUnavailable):
        three_days.drain_all()
    assert len(three_days.store.out_of_reach()) == 1
    three_days.drain_all()
    assert set(three_days.ids()) == {*before[0], event_id(7)}
    assert three_days.findings() == []


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def newer_form(three_days, monkeypatch):
    """The three days, of a form that is now the older: without a column that this version has."""
    for day in three_days.store.days():
        three_days.store._connection.execute(f"ALTER TABLE day_{day}_1.event_rows DROP COLUMN domain")
    three_days.store.close()
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    three_days.store = DuckDBStore(three_days.folder / "store", DEFAULTS)
    return three_days


def test_days_of_an_older_form_answer_on_with_nulls_and_are_made_anew(newer_form):
    before = newer_form.everything()
    assert all(file.outdated for file in newer_form.store.days().values())
    assert len(newer_form.ids()) == 12
    assert newer_form.ask("SELECT DISTINCT domain FROM event_rows") == [(None,)]
    keeper = newer_form.keeper()
    keeper.renew_newest()
    assert [file.outdated for file in newer_form.store.days().values()] == [True, True, False]
    newer_form.write(request(7, metadata='{"domain":"shop.example"}'))
    newer_form.drain_all()
    keeper.renew()
    assert not any(file.outdated or "domain" not in file.columns for file in newer_form.store.days().values())
    assert set(newer_form.ids()) == {*before[0], event_id(7)}
    assert newer_form.ask("SELECT DISTINCT domain FROM event_rows WHERE domain IS NOT NULL") == [("shop.example",)]
    assert newer_form.findings() == []
    assert names(newer_form.day_file().parent) == [f"{day_name(TODAY - ago)}.2.duckdb" for ago in (2, 1, 0)]


def test_what_waited_when_the_newest_day_was_made_anew_is_counted_once(newer_form):
    newer_form.write(request(7), request(1))
    drain = newer_form.drain()  # begins behind the old position, as at a start
    newer_form.keeper(drain=drain).renew_newest()
    assert list(drain.drain_waiting()) == []
    assert newer_form.ids().count(event_id(7)) == 1
    assert newer_form.counts()["received"] == 20
    newer_form.keeper().renew()
    assert newer_form.findings() == []


def test_a_day_of_an_older_form_that_rows_left_is_still_to_be_made_anew(newer_form):
    newer_form.store.rewrite(TODAY - 1, Leaving(monitors=[]))
    assert newer_form.store.days()[TODAY - 1].outdated
    newer_form.reopen()
    assert newer_form.store.days()[TODAY - 1].outdated


def test_a_day_of_an_older_form_that_the_journal_has_no_more_answers_on(newer_form):
    newer_form.reader.trim(TODAY + 1)
    keeper = newer_form.keeper()
    keeper.renew_newest()
    keeper.renew()
    assert len(newer_form.ids()) == 12
    newer_form.write(request(7), now_ms=NOW_MS + HOUR_MS)
    newer_form.drain_all()
    assert event_id(7) in newer_form.ids()


def test_a_day_of_a_newer_form_is_refused_and_nothing_is_set_aside(three_days):
    three_days.store._connection.execute(f"UPDATE day_{TODAY - 1}_1.about SET version = 99")
    folder = three_days.day_file().parent
    three_days.store.close()
    before = names(folder)
    with pytest.raises(StoreVersion, match="start the newer version"):
        DuckDBStore(folder, DEFAULTS)
    assert names(folder) == before


# ── Replaced while others ask and write ───────────────────────────────────────────────────────────────────────────


class Asking:
    """Threads that ask all the while; what goes wrong is kept."""

    def __init__(self, *questions):
        self.questions, self.wrong, self.asked = questions, [], [0] * len(questions)
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(at,)) for at in range(len(questions))]

    def _ask(self, at):
        question, expected = self.questions[at]
        while not self.ended.is_set() and not self.wrong:
            try:
                answer = question()
            except Exception as error:  # noqa: BLE001
                self.wrong.append(repr(error))
                return
            if answer != expected:
                self.wrong.append((answer, expected))
            self.asked[at] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.slow
def test_questions_have_the_right_answers_while_a_day_is_replaced_twenty_times(three_days):
    store = three_days.store
    ids, totals = three_days.ids(), store.totals()
    ledger = store.ledger(MONITOR, 0, NOW_MS + 1)
    low, high = (TODAY - 1) * DAY_MS, TODAY * DAY_MS
    reads = Reads(frozenset(("id", "time")), low, high)
    ranged = f'SELECT count(*) FROM event_rows WHERE "time" BETWEEN {low} AND {high - 1}'
    user_sql = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM sessions), count(*) FROM page_views"
    with Asking(
        (three_days.ids, ids),
        (lambda: ask(store, ranged, reads), [(4,)]),
        (lambda: store.run_user_sql(user_sql, timeout_s=30, rows_max=10).rows, [(12, 0, 0)]),
        (store.totals, totals),
        (lambda: store.ledger(MONITOR, 0, NOW_MS + 1), ledger),
        (lambda: store.summary().rows, {MONITOR: 12}),
    ) as asking:
        for turn in range(20):
            store.rewrite(TODAY - turn % 3, settled=turn % 2 == 0)
    assert asking.wrong == []
    assert min(asking.asked) > 0
    assert [file.generation for file in store.days().values()] == [7, 8, 8]


@pytest.mark.slow
def test_groups_are_applied_while_other_days_are_replaced_and_made_anew(three_days):
    store = three_days.store
    keeper = three_days.keeper()
    failed = []

    def replace():
        try:
            for _ in range(8):
                store.rewrite(TODAY - 2)
                keeper._renew(TODAY - 1)
        except Exception as error:  # noqa: BLE001
            failed.append(repr(error))

    thread = threading.Thread(target=replace)
    thread.start()
    number = 1_000
    while thread.is_alive() or number < 1_020:
        number += 1
        three_days.write(request(number, 101, timestamp=NOW_MS // 1000 - 86_400))
        three_days.drain_all()
    thread.join()
    assert failed == []
    assert len(three_days.ids()) == 12 + number - 1_000
    assert three_days.counts()["duplicate"] == 3 + number - 1_000
    assert three_days.findings() == []


# ── Trouble ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("committed", [False, True], ids=["nothing was written", "the commit was made all the same"])
def test_after_an_error_of_the_disk_the_files_are_opened_anew_and_the_group_is_applied_once(
    three_days, monkeypatch, committed
):
    real, failed = duckdb_module.load, []

    def fails_once(*arguments):
        if failed:
            return real(*arguments)
        failed.append(True)
        if committed:
            real(*arguments)
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(duckdb_module, "load", fails_once)
    three_days.write(request(7, 1))
    drain = three_days.drain()
    with pytest.raises(StoreUnavailable, match="No space left"):
        list(drain.drain_waiting())
    three_days.write(request(8))
    list(drain.drain_waiting())
    assert {event_id(7), event_id(8)} < set(three_days.ids())
    assert three_days.counts() == {"received": 21, "stored": 14, "duplicate": 4, "quarantined": 3}
    assert three_days.findings() == []


def test_the_same_group_twice_is_applied_once(store):
    group = Group(msgspec.json.Encoder().encode_lines([row(1)]), (TODAY, 5), {(MONITOR, 0, "received", ""): 1})
    store.apply(group)
    store.apply(group)
    assert store.totals() == {(MONITOR, "received"): 1, (MONITOR, "stored"): 1}


@pytest.mark.slow
def test_questions_wait_while_the_files_are_opened_anew(three_days):
    with Asking((three_days.ids, three_days.ids()), (three_days.store.position, three_days.store.position())) as asking:
        for _ in range(10):
            three_days.store._reopen(thoroughly=True)
    assert asking.wrong == []


def test_a_store_that_does_not_come_back_at_once_still_knows_its_position(three_days, monkeypatch):
    store, position = three_days.store, three_days.store.position()
    with monkeypatch.context() as away:
        away.setattr(duckdb_module, "open_engine", lambda *_: (_ for _ in ()).throw(OSError("away")))
        store._reopen(thoroughly=False)
        assert store.position() == position
        three_days.write(request(7))
        with pytest.raises(StoreUnavailable):
            three_days.drain_all()
    with pytest.raises(StoreUnavailable):
        three_days.drain_all()  # and now it is opened anew
    three_days.drain_all()
    assert len(three_days.ids()) == 13
    assert three_days.findings() == []
