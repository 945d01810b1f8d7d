"""What leaves a day is out of its file, and nothing else is: rows, replays, and the ledger that keeps the count."""

from contextlib import closing

import msgspec
import pytest

from openrum.events import ReplayChunk, Row
from openrum.limits import DEFAULTS
from openrum.outcomes import Outcome, Reason
from openrum.store import DuckDBStore, Group, Leaving
from openrum.store.schema import ORDER

ONE = "0a0a0a0a-0000-4000-8000-000000000001"
TWO = "0a0a0a0a-0000-4000-8000-000000000002"
DAY = 20_780
HOUR_MS = 3_600_000
START_MS = DAY * 24 * HOUR_MS
ROWS = 60


def person(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def row(number, **members):
    """Of one of two monitors, three users, five sessions, four hours of time and two of receipt; some have neither."""
    time = START_MS + (number * 7 % 4) * HOUR_MS + number % 3
    who = {"user": person(number % 3), "session": person(100 + number % 5)} if number % 7 else {}
    members = {**who, "page": f"/{number}", **members}
    return Row(
        monitor=TWO if number % 4 == 0 else ONE,
        id=f"{number:08x}-0000-4000-8000-000000000000",
        time=time,
        received=START_MS + (number % 2) * HOUR_MS + 5,
        type="com.amazon.rum.page_view_event",
        day=DAY,
        block=number // 10 + 1,
        record=0,
        index=number,
        **members,
    )


def chunk(row):
    place = {
        name: getattr(row, name) for name in ("monitor", "id", "time", "session", "user", "day", "block", "record")
    }
    return {**place, "index": row.index, "events": 1, "data": "AAAA"}


@pytest.fixture
def store(tmp_path):
    """Sixty rows, every fifth with a replay, of each hour and monitor a bad one; duplicates of the first ten."""
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        rows = [row(number) for number in range(1, ROWS + 1)]
        bad = [row(1_000 + number, outcome=Outcome.QUARANTINED, reason=Reason.DETAILS_NOT_JSON) for number in range(8)]
        lines = msgspec.json.Encoder().encode_lines([*rows, *bad, *rows[:10]])
        replays = msgspec.json.Encoder().encode_lines([chunk(each) for each in rows if each.index % 5 == 0])
        counted = {}
        for each in [*rows, *bad, *rows[:10]]:
            key = (each.monitor, each.received // HOUR_MS * HOUR_MS, "received", Reason.NONE)
            counted[key] = counted.get(key, 0) + 1
        store.apply(Group(lines, (DAY, 7), counted, replays))
        yield store


def ask(store, sql):
    return store.run(sql, {}, timeout_s=10, rows_max=10_000).rows


def catalog(store):
    return store.days()[DAY].catalog


def rows(store):
    return {found[0]: found for found in ask(store, 'SELECT "index", * FROM event_rows')}


def replays(store):
    return {found[0]: found for found in ask(store, f'SELECT "index", * FROM {catalog(store)}.replay_chunks')}


def ledger(store):
    return {(monitor, entry.hour, entry.outcome, entry.reason): entry for monitor in (ONE, TWO)
            for entry in store.ledger(monitor, 0, START_MS * 2)}  # fmt: skip


LEAVING = {
    "a monitor": (Leaving(Reason.MONITOR_DELETED, monitors=[TWO]), lambda r: r.monitor == TWO),
    "both monitors": (Leaving(Reason.PAST_RETENTION, monitors=[ONE, TWO]), lambda _: True),
    "a user of a monitor": (
        Leaving(Reason.FORGOTTEN, monitors=[ONE], users=[person(1)]),
        lambda r: r.monitor == ONE and r.user == person(1),
    ),
    "a session of a monitor": (
        Leaving(Reason.FORGOTTEN, monitors=[ONE], sessions=[person(103)]),
        lambda r: r.monitor == ONE and r.session == person(103),
    ),
    "a user or a session": (
        Leaving(Reason.FORGOTTEN, monitors=[ONE, TWO], users=[person(2)], sessions=[person(104)]),
        lambda r: r.user == person(2) or r.session == person(104),
    ),
    "everything": (Leaving(Reason.DISK_BUDGET, everything=True), lambda _: True),
    "a monitor that is not there": (Leaving(Reason.MONITOR_DELETED, monitors=[person(9)]), lambda _: False),
    "nothing": (Leaving(), lambda _: False),
}


@pytest.mark.parametrize("case", LEAVING)
def test_what_leaves_has_left_and_nothing_else_has(store, case):
    leaving, leaves = LEAVING[case]
    before, replays_before, ledger_before, position = rows(store), replays(store), ledger(store), store.position()
    gone = {number for number in before if leaves(row(number))}
    assert store.holds(DAY, leaving) == (bool(gone))
    assert store.rewrite(DAY, leaving) == len(gone)

    assert rows(store) == {number: found for number, found in before.items() if number not in gone}
    assert replays(store) == {number: found for number, found in replays_before.items() if number not in gone}
    assert store.position() == position
    assert not store.holds(DAY, leaving)

    moved = {}
    for number in gone:
        key = (row(number).monitor, row(number).received // HOUR_MS * HOUR_MS)
        moved[key] = moved.get(key, 0) + 1
    after = ledger(store)
    for (monitor, hour, outcome, reason), entry in ledger_before.items():
        left = moved.get((monitor, hour), 0) if outcome == "stored" else 0
        still = after.get((monitor, hour, outcome, reason))
        assert (still.count if still else 0) == entry.count - left
        if still:
            assert still.sample == entry.sample, "a sample is shown for as long as there is one of its kind"
    dropped = {key[:2]: entry.count for key, entry in after.items() if key[2] == "dropped"}
    assert dropped == moved
    assert all(entry.sample is None for key, entry in after.items() if key[2] == "dropped"), "there is none any more"
    assert {key[3] for key in after if key[2] == "dropped"} <= {leaving.reason}
    received = sum(entry.count for key, entry in after.items() if key[2] == "received")
    assert received == sum(entry.count for key, entry in after.items() if key[2] != "received") == ROWS + 18


def test_replays_leave_alone_where_only_theirs_is_over(store):
    leaving = Leaving(Reason.PAST_RETENTION, replays_of=[ONE])
    before, ledger_before = rows(store), ledger(store)
    assert set(store.monitors_with_replays(DAY)) == {ONE, TWO}
    assert store.holds(DAY, leaving)
    assert store.rewrite(DAY, leaving) == 0
    assert rows(store) == before
    assert ledger(store) == ledger_before
    assert store.monitors_with_replays(DAY) == [TWO]
    assert not store.holds(DAY, leaving)


def test_rows_that_leave_again_are_counted_together(store):
    store.rewrite(DAY, Leaving(Reason.FORGOTTEN, monitors=[ONE], users=[person(1)]))
    store.rewrite(DAY, Leaving(Reason.FORGOTTEN, monitors=[ONE], users=[person(2)]))
    forgotten = [entry.count for key, entry in ledger(store).items() if key[3] == Reason.FORGOTTEN]
    assert len(forgotten) == 2, "one for each hour"
    assert sum(forgotten) == sum(row(n).monitor == ONE and row(n).user in (person(1), person(2)) for n in range(1, 61))


def test_rows_stand_in_their_last_order_afterwards(store):
    assert not store.days()[DAY].settled
    store.rewrite(DAY, settled=True)
    assert store.days()[DAY].settled
    stored = ask(store, f'SELECT "index" FROM {catalog(store)}.event_rows ORDER BY rowid')
    assert stored == ask(store, f'SELECT "index" FROM event_rows ORDER BY {ORDER}')
    assert stored != sorted(stored)
    store.rewrite(DAY, Leaving(Reason.MONITOR_DELETED, monitors=[TWO]))
    assert store.days()[DAY].settled, "what is settled stays so"


def test_what_leaves_is_out_of_the_file_and_its_space_is_given_back(tmp_path):
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        encoder = msgspec.json.Encoder()
        for block in range(1, 4):
            numbers = range(block * 20_000, block * 20_000 + 20_000)
            titles = {number: f"a title {number * 7919 % 10**9} of {number}" for number in numbers}
            many = [row(number, title=title) for number, title in titles.items()]
            store.apply(Group(encoder.encode_lines(many), (DAY, block)))
        store.rewrite(DAY)
        before = store.size_bytes()
        store.rewrite(DAY, Leaving(Reason.PAST_RETENTION, monitors=[ONE]))
        assert store.size_bytes() < 0.6 * before
        (path,) = store._folder.glob("*.duckdb*")
        assert path == store.days()[DAY].path


def test_nothing_of_a_user_who_left_is_in_the_raw_file(store):
    secret = "a-title-that-nobody-else-has"
    line = msgspec.json.encode(msgspec.structs.replace(row(5_001), title=secret, user=person(77)))
    store.apply(Group(line + b"\n", (DAY, 99)))
    store.rewrite(DAY)
    assert secret.encode() in store.days()[DAY].path.read_bytes()
    store.rewrite(DAY, Leaving(Reason.FORGOTTEN, monitors=[ONE], users=[person(77)]))
    for path in store._folder.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()


def test_a_rewrite_that_fails_changes_nothing(store, monkeypatch):
    before = rows(store), ledger(store), store.days()

    def fails(*_, **__):
        raise RuntimeError("a defect")

    monkeypatch.setattr("openrum.store.duckdb.rewrite", fails)
    with pytest.raises(RuntimeError):
        store.rewrite(DAY)
    assert (rows(store), ledger(store), store.days()) == before
    assert len(list(store._folder.glob("*.duckdb"))) == len(list(store._folder.glob("*.new"))) + 1 == 1


def test_a_replay_chunk_has_the_columns_that_the_store_keeps():
    assert set(chunk(row(1))) == set(ReplayChunk.__struct_fields__)


def test_rows_get_other_groups_and_nothing_else_changes(store):
    before = rows(store)
    pages = {f"/{number}": "/:slug" for number in range(1, 31)}
    store.regroup(DAY, ONE, "page", {**pages, "/it's": 'a "quote" $1', "/31": "/it's"})
    after = rows(store)
    place = 1 + list(Row.__struct_fields__).index("page") - 2  # without outcome and reason, behind the index
    for number, found in before.items():
        new = ("/:slug" if number <= 30 else "/it's" if number == 31 else f"/{number}") if number % 4 else f"/{number}"
        assert after[number] == (*found[:place], new, *found[place + 1 :])


@pytest.mark.parametrize("again", [False, True])
def test_groups_that_were_changed_are_there_after_a_new_start(store, tmp_path, again):
    store.rewrite(DAY)
    store.regroup(DAY, ONE, "page", {"/1": "/one"})
    if again:
        store.rewrite(DAY)
    store.close()
    assert not list((tmp_path / "store").glob("*.wal")), "what a rebuild takes over is in the file itself"
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as opened:
        assert ask(opened, "SELECT count(*) FROM event_rows WHERE page = '/one'") == [(1,)]
