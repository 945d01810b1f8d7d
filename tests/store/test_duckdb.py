"""A store applies each event once, counts every ending, and answers a user's SQL without letting it touch anything else."""

import subprocess
import sys
import uuid
from collections import Counter
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.events import Flag, Row
from openrum.limits import DEFAULTS
from openrum.outcomes import Outcome, Reason
from openrum.store import DuckDBStore, Group, QueryFailed, QueryTimeout, RowsRefused, StoreVersion, duplicates
from openrum.store.schema import EVENT_COLUMNS

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
OTHER = "0a0a0a0a-0000-4000-8000-000000000002"
HOUR_MS = 3_600_000
NOON_MS = 20_780 * 86_400_000 + 12 * HOUR_MS


def uid(number):
    return str(uuid.UUID(int=number))


def row(number, *, monitor=MONITOR, time=NOON_MS, outcome=Outcome.STORED, reason=Reason.NONE, **members):
    return Row(
        monitor,
        uid(number),
        time,
        NOON_MS,
        "com.amazon.rum.page_view_event",
        20_780,
        1,
        0,
        0,
        outcome,
        reason,
        **members,
    )


def bad(number, **members):
    return row(number, outcome=Outcome.QUARANTINED, reason=Reason.DETAILS_NOT_JSON, **members)


@pytest.fixture
def store(tmp_path):
    opened = DuckDBStore(tmp_path / "store", DEFAULTS)
    yield opened
    opened.close()


block = iter(range(1, 1_000_000))


def lines(*rows):
    return msgspec.json.Encoder().encode_lines(rows)


def apply(store, *rows, day=20_780):
    counted = Counter((each.monitor, NOON_MS, "received", Reason.NONE) for each in rows)
    store.apply(Group(lines(*rows), (day, next(block)), counted))


def ask(store, sql):
    return store.run(sql, {}, timeout_s=10, rows_max=10_000).rows


def counts(store, monitor=MONITOR):
    return {outcome: count for (of, outcome), count in store.totals().items() if of == monitor}


def test_the_columns_are_the_fields_of_a_row():
    fields = [field for field in Row.__struct_fields__ if field not in ("outcome", "reason")]
    assert list(EVENT_COLUMNS) == fields


def test_what_is_applied_is_in_answers_with_its_position(store):
    assert store.position() is None
    store.apply(Group(lines(row(1, page="/a"), row(2, page="/b\x00", attributes={"plan": "pro"})), (20_780, 7)))
    assert ask(store, "SELECT page, attributes->>'plan' FROM events ORDER BY id") == [("/a", None), ("/b\x00", "pro")]
    assert store.position() == (20_780, 7)


def test_the_first_one_wins_within_a_group_and_across_groups(store):
    apply(store, row(1, page="/first"), row(1, page="/second"), row(2))
    apply(store, row(2, page="/again"), row(3))
    assert ask(store, "SELECT id::VARCHAR, page FROM events ORDER BY id") == [
        (uid(1), "/first"),
        (uid(2), None),
        (uid(3), None),
    ]
    assert counts(store) == {"received": 5, "stored": 3, "duplicate": 2}


def test_the_same_id_under_another_monitor_is_another_event(store):
    apply(store, row(1), row(1, monitor=OTHER))
    assert counts(store) == counts(store, OTHER) == {"received": 1, "stored": 1}


def test_what_was_not_stored_does_not_count_as_seen_before(store):
    apply(store, bad(1), row(1), bad(1))
    apply(store, bad(2))
    apply(store, row(2), row(1))
    assert counts(store) == {"received": 6, "stored": 2, "duplicate": 2, "quarantined": 2}


def test_of_rows_in_files_the_first_of_each_id_stays_whatever_stands_around_it(store):
    numbers = [[*range(4_000)], [*range(0, 8_000, 2)], [*range(9_000)]]
    sent = [(number, f"/{place}") for place, part in enumerate(numbers) for number in part]
    files = [store.staging / f"worker-{place}.ndjson" for place in range(len(numbers))]
    for file, part, place in zip(files, numbers, range(3), strict=True):
        file.write_bytes(lines(*[row(number, page=f"/{place}") for number in part]))
    store.apply(Group(b"", (20_780, next(block)), files=files))
    first = dict(reversed(sent))
    assert ask(store, "SELECT page, count(*) FROM events GROUP BY ALL ORDER BY 1") == sorted(
        Counter(first.values()).items()
    )
    assert counts(store) == {"stored": len(first), "duplicate": len(sent) - len(first)}


def test_a_fold_brings_together_what_groups_said_in_the_ledger(store):
    apply(store, row(1), bad(2))
    apply(store, row(3), row(1))
    told = store.ledger(MONITOR, 0, NOON_MS + HOUR_MS)
    [file] = store.days().values()

    def written():
        return ask(store, f"SELECT count(*), count(DISTINCT (outcome, reason)) FROM {file.catalog}.ledger")

    assert written() == [(6, 4)]
    store.fold(file.day)
    assert written() == [(4, 4)]
    assert [(each.outcome, each.count) for each in told] == [
        (each.outcome, each.count) for each in store.ledger(MONITOR, 0, NOON_MS + HOUR_MS)
    ]
    apply(store, row(4))
    assert counts(store) == {"received": 5, "stored": 3, "duplicate": 1, "quarantined": 1}


@pytest.fixture
def narrow(monkeypatch):
    """The look-up among the newest rows made so small that the others must find what it cannot."""
    monkeypatch.setattr(duplicates, "NEWEST_ROWS", 10)


@pytest.mark.parametrize("age_ms", [0, 5_000, 3 * HOUR_MS, 80 * 24 * HOUR_MS])
def test_a_resent_event_is_found_at_any_age(store, narrow, age_ms):
    apply(store, row(1, time=NOON_MS - age_ms))
    apply(store, *[row(number, time=NOON_MS + number) for number in range(100, 200)])
    apply(store, row(1, time=NOON_MS - age_ms), row(2, time=NOON_MS - 40 * 24 * HOUR_MS))
    assert counts(store) == {"received": 103, "stored": 102, "duplicate": 1}


def test_a_resent_event_whose_time_was_replaced_is_found(store, narrow):
    flags = int(Flag.TIME_REPLACED)
    apply(store, row(1, flags=flags, client_time=5), row(2, flags=flags))
    apply(store, *[row(number) for number in range(100, 200)])
    later = NOON_MS + 50 * HOUR_MS
    apply(store, row(1, time=later, flags=flags, client_time=5), row(2, time=later, flags=flags))
    assert counts(store)["duplicate"] == 2


def test_an_id_that_comes_again_soon_with_another_time_is_found(store):
    apply(store, row(1), *[row(number) for number in range(100, 1_100)])
    apply(store, row(1, time=NOON_MS - 20 * 24 * HOUR_MS))
    assert counts(store)["duplicate"] == 1


def test_the_ledger_counts_by_hour_outcome_and_reason_with_a_sample(store):
    received, throttled = (MONITOR, NOON_MS, "received", Reason.NONE), (MONITOR, NOON_MS, "refused", Reason.THROTTLED)
    store.apply(Group(lines(row(1), bad(2), bad(3)), (20_780, 3), {received: 3, throttled: 4}))
    unknown = ("", NOON_MS, "refused", Reason.UNKNOWN_MONITOR)
    store.apply(Group(lines(bad(4)), (20_780, 4), {received: 1, unknown: 2}))
    found = [msgspec.to_builtins(each) for each in store.ledger(MONITOR, NOON_MS, NOON_MS + 1)]
    assert [(each["outcome"], each["reason"], each["count"]) for each in found] == [
        ("quarantined", "details not JSON", 3),
        ("received", "", 4),
        ("refused", "throttled", 4),
        ("stored", "", 1),
    ]
    assert found[0]["sample"] == (20_780, 1, 0, 0)
    assert store.totals()["", "refused"] == 2
    assert store.ledger(MONITOR, NOON_MS + HOUR_MS, NOON_MS + 2 * HOUR_MS) == []


def test_a_group_that_fails_leaves_nothing_behind(store):
    apply(store, row(1))
    before = (store.position(), store.totals())
    rows = [row(2), msgspec.structs.replace(row(3), session="no uuid"), row(4)]
    with pytest.raises(RowsRefused):
        apply(store, *rows)
    assert store.refused(lines(*rows).splitlines()) == [1]
    assert (store.position(), store.totals()) == before
    apply(store, row(2))
    assert counts(store)["stored"] == 2


def test_what_was_applied_survives_kill_9(tmp_path):
    program = f"""
import os, signal, sys, msgspec
sys.path.insert(0, {str(sys.path[0])!r})
from pathlib import Path
from openrum.events import Row
from openrum.limits import DEFAULTS
from openrum.store import DuckDBStore, Group
store = DuckDBStore(Path({str(tmp_path)!r}) / "store", DEFAULTS)
for number in range(30):
    rows = [Row({MONITOR!r}, f"{{number:08}}-0000-4000-8000-{{n:012}}", {NOON_MS}, {NOON_MS}, "t", 1, number, 0, n) for n in range(50)]
    lines = msgspec.json.Encoder().encode_lines(rows)
    store.apply(Group(lines, (1, number), {{({MONITOR!r}, {NOON_MS}, 'received', ''): 50}}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    store = DuckDBStore(tmp_path / "store", DEFAULTS)
    assert store.position() == (1, 29)
    assert counts(store) == {"received": 1_500, "stored": 1_500}
    assert ask(store, "SELECT count(*), count(DISTINCT id) FROM events") == [(1_500, 1_500)]
    store.close()


def test_a_day_is_removed_whole_rows_and_ledger(store):
    for day in (20_778, 20_779, 20_780):
        apply(store, row(day), day=day)
    assert store.remove([20_777, 20_778, 20_779]) == [20_778, 20_779]
    assert ask(store, "SELECT id::VARCHAR FROM events") == [(uid(20_780),)]
    assert counts(store) == {"received": 1, "stored": 1}
    assert [path.name for path in store._folder.glob("*.duckdb")] == ["2026-11-23.1.duckdb"]


def test_a_file_of_a_newer_form_is_refused_with_what_to_do(tmp_path):
    store = DuckDBStore(tmp_path / "store", DEFAULTS)
    apply(store, row(1))
    store._connection.execute("UPDATE day_20780_1.about SET version = 99")
    store.close()
    with pytest.raises(StoreVersion, match="start the newer version"):
        DuckDBStore(tmp_path / "store", DEFAULTS)


def user_sql(store, sql, **options):
    return store.run_user_sql(sql, **{"timeout_s": 10, "rows_max": 100, **options})


def test_a_user_may_select(store):
    apply(store, row(1, page="/a"), row(2, page="/a"))
    answer = user_sql(store, "SELECT page, count(*) AS n FROM events GROUP BY ALL -- a comment\n;")
    assert (answer.columns, answer.rows, answer.truncated) == (["page", "n"], [("/a", 2)], False)
    assert user_sql(store, "WITH t AS (SELECT 1 AS one) FROM t").rows == [(1,)]


def test_an_answer_is_cut_at_its_bound_and_says_so(store):
    answer = user_sql(store, "SELECT * FROM range(1000)", rows_max=10)
    assert (len(answer.rows), answer.truncated) == (10, True)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO event_rows SELECT * FROM event_rows",
        "DELETE FROM event_rows",
        "DROP TABLE event_rows",
        "SELECT 1; SELECT 2",
        "SET threads = 1",
        "PRAGMA database_list",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "COPY event_rows TO 'x.csv'",
        "EXPORT DATABASE 'x'",
        "CHECKPOINT",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('https://example.com/x')",
        "SELECT 1) UNION ALL (DELETE FROM event_rows",
        "nonsense",
        "",
    ],
)
def test_a_user_may_do_nothing_else(store, sql):
    apply(store, row(1))
    with pytest.raises(QueryFailed):
        user_sql(store, sql)
    assert ask(store, "SELECT count(*) FROM events") == [(1,)]


def test_a_question_without_end_is_interrupted(store):
    with pytest.raises(QueryTimeout, match="longer than 0"):
        user_sql(
            store, "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7", timeout_s=0.2
        )
    assert user_sql(store, "SELECT 1").rows == [(1,)]


def test_memory_is_bounded(tmp_path):
    store = DuckDBStore(tmp_path / "small", replace(DEFAULTS, query_memory_bytes=100 * 1024 * 1024))
    with pytest.raises(QueryFailed, match=r"(?i)memory|space"):
        user_sql(store, "SELECT list(range) FROM range(100000000)", timeout_s=60)
    store.close()


operations = st.lists(
    st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), min_size=1, max_size=8), max_size=6
)


@pytest.mark.slow
@settings(max_examples=30)
@given(groups=operations)
def test_any_history_keeps_the_identity_and_one_row_an_id(tmp_path_factory, groups):
    """Against an oracle of ten lines: a dict of what was seen."""
    store = DuckDBStore(tmp_path_factory.mktemp("history") / "store", DEFAULTS)
    seen, expected = set(), {"received": 0, "stored": 0, "duplicate": 0, "quarantined": 0}
    for group in groups:
        for number, good, _ in group:
            expected["received"] += 1
            expected["duplicate" if number in seen else "stored" if good else "quarantined"] += 1
            seen |= {number} if good else set()
        apply(store, *[(row if good else bad)(number, time=NOON_MS - hour * HOUR_MS) for number, good, hour in group])
    assert counts(store) == {outcome: count for outcome, count in expected.items() if count}
    assert ask(store, "SELECT count(*), count(DISTINCT id) FROM events") == [(len(seen), len(seen))]
    store.close()
