"""Folded rows give the answers that the events give: whatever is asked, of days that are settled and of one that is folded in part,
of ranges that begin and end within an hour, and after rows left, came late, or were given other groups.
"""

import math
from contextlib import closing
from dataclasses import replace
from random import Random

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query import folded
from openrum.query.build import build
from openrum.query.catalogue import SPECIAL
from openrum.query.measures import MEASURES
from openrum.query.run import run
from openrum.store import FOLDED_COLUMNS, FOLDED_SESSIONS_TABLE, FOLDED_TABLE, HOUR_MS, DuckDBStore, Group, Leaving
from openrum.store import duckdb as store_duckdb
from openrum.store.folding import ERRORS_TABLE, FIRST_ON_PAGE
from openrum.store.reading import read_tables
from tests.query.conftest import MONITOR, NOW_MS, Asker, row, session

DAYS = (20_000, 20_001, 20_002)
SETTLED = DAYS[:2]
HOURS = 6
KINDS = (
    "page_view_event", "js_error_event", "http_event", "largest_contentful_paint_event", "cumulative_layout_shift_event",
    "interaction_to_next_paint_event", "first_contentful_paint_event", "time_to_first_byte_event", "first_input_delay_event",
    "performance_navigation_event", "performance_resource_event", "session_start_event", "shop.checkout",
)  # fmt: skip


class Unfolded:
    """The same store, asked event by event."""

    folds = False
    dialect = "duckdb"

    def __init__(self, store):
        self._store = store

    def run(self, sql, parameters, *, reads, **how):
        return self._store.run(sql, parameters, reads=replace(reads, only=None), **how)

    def rows_in(self, *what, **how):
        return self._store.rows_in(*what, **how)


def happening(rng, day, *, of=None):
    """Few values of everything, so that page loads have several events, and some a vital twice. A day has two hours and a half
    of the six, sessions of its own, and such as are there on one other day; or those of the day with the number `of` alone. Few
    sessions change their browser.
    """
    place = DAYS.index(day)
    ago_ms = (len(DAYS) - 1 - place) * 7 * HOUR_MS // 4 + rng.randrange(5 * HOUR_MS // 2)
    own = [session(10 + 20 * (place if of is None else of) + number) for number in range(15)]
    shared = [session(number) for number in range(12) if number % len(DAYS) != place]
    visitor = rng.choice(own if of is not None else (None, *shared, *own))
    who = Random(visitor) if visitor is not None and rng.random() < 0.99 else rng
    kind = rng.choice(KINDS)
    more = {"error": rng.choice((None, "e1", "e2", "e3")), "error_title": "E"} if kind == "js_error_event" else {}
    status = {"http_status": rng.choice((None, 200, 404, 503, 700))} if kind == "http_event" else {}
    if kind == "page_view_event":
        more = {"referrer_domain": rng.choice((None, "a.example", "b.example"))}
    made = row(
        kind, ago_ms=ago_ms, session=visitor,
        user=who.choice((None, session(91), session(92), "00000000-0000-0000-0000-000000000000")),
        interaction=rng.choice((None, 0, 1, 2)), page=rng.choice((None, "/a", "/b")), page_group=rng.choice((None, "/", "/p")),
        title=rng.choice((None, "A")), browser=who.choice((None, "Chrome", "Safari")), country=who.choice((None, "DE", "US")),
        release=who.choice(("1", "2")), bot=who.choice((None, None, "crawler: x")), value=rng.choice((None, 0.0, 0.1, 0.25, 90.5, 2_500.0, 9_000.0)),
        duration=rng.choice((None, 0.0, 2_000.0, 8_000.0, 8_000.5)), **status, **more,
    )  # fmt: skip
    return msgspec.structs.replace(made, day=day)


@pytest.fixture(scope="module", params=["apart", "gathered"])
def ask(request, tmp_path_factory):
    """Days that are settled, and one that is written. Where the former are gathered, no session of theirs waits to be folded: their
    files would be read in that case.
    """
    with closing(DuckDBStore(tmp_path_factory.mktemp("folded") / "store", DEFAULTS)) as store:
        rng = Random(20_261_126)
        for day in SETTLED:
            put(store, day, 1, [happening(rng, day) for _ in range(500)])
            store.rewrite(day, settled=True)
        gathered = request.param == "gathered"
        if gathered:
            store.gather()
        for block in (1, 2):  # folded in parts, with sessions that end before, go on and begin between
            rows = [happening(rng, DAYS[2]) for _ in range(400)]
            put(store, DAYS[2], block, [each for each in rows if part_of(each) != block])
            store.fold(DAYS[2])
        of = (2,) if gathered else (0, 0, 1, 2)
        waiting = [happening(rng, DAYS[2], of=rng.choice(of)) for _ in range(30)]
        put(
            store,
            DAYS[2],
            3,
            [msgspec.structs.replace(each, session=None) for each in waiting] if gathered else waiting,
        )
        yield Asker(store)


def part_of(row):
    return None if row.session is None else int(row.session[-2:], 16) % 3


def put(store, day, block, rows):
    lines = msgspec.json.Encoder().encode_lines([msgspec.structs.replace(each, block=block) for each in rows])
    store.apply(Group(lines, (day, block)))


def alone(store, day, table):
    """How many rows of a table are alone, and how many there are."""
    catalog = store.days()[day].catalog
    return store._connection.cursor().execute(f"SELECT count_if(alone), count(*) FROM {catalog}.{table}").fetchone()


def test_many_of_the_rows_are_alone_and_many_are_not(ask):
    for day in DAYS:
        for table in (FOLDED_TABLE, FOLDED_SESSIONS_TABLE):
            some, rows = alone(ask.store, day, table)
            assert 7 < some < rows - 7, (day, table)


def alike(one, other):
    """Equal, but for the last digits: engines add in any order."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return None not in (one, other) and math.isclose(one, other, rel_tol=1e-9)
    return one == other


def both(ask, form):
    """The answer as the store gives it, and event by event."""
    question = ask.parse(**form)
    return run(question, ask.store, DEFAULTS), run(question, Unfolded(ask.store), DEFAULTS)


def same(ask, form):
    found, wanted = both(ask, form)
    assert found.columns == wanted.columns
    key = [repr(each[: len(form.get("by", ()))]) for each in wanted.rows]
    assert sorted(repr(each[: len(form.get("by", ()))]) for each in found.rows) == sorted(key)
    assert alike(found.rows, wanted.rows)
    assert alike([found.totals, found.other, found.samples], [wanted.totals, wanted.other, wanted.samples])
    assert (found.truncated, found.rows_scanned) == (wanted.truncated, wanted.rows_scanned)


LABELS = ("browser", "country", "page", "page_group", "release", "bot", "session", "title")
VALUES = {"browser": ["Chrome", "x"], "country": ["de", "US"], "page": ["/a", "*"], "bot": [True], "release": ["1"]}
VALUES |= {"page_group": ["/"], "referrer_domain": ["a.example"]}
filters = st.builds(
    lambda name, op: {"dimension": name, "op": op, "values": VALUES[name] if "null" not in op else []},
    st.sampled_from(["browser", "country", "page", "release", "referrer_domain"]),
    st.sampled_from(["is", "is_not", "contains", "is_null", "matches"]),
) | st.just({"dimension": "bot", "op": "is", "values": [False]})
ends = st.integers(0, (HOURS + 1) * HOUR_MS)


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(list(folded.FORMULAS)), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from([*LABELS, "time:1h", "time:3h"]), max_size=2, unique_by=lambda name: name.partition(":")[0]),
    st.lists(filters, max_size=2),
    st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]),
    st.booleans(),
)  # fmt: skip
# Some have no time of a load at all, and count 0 as others do.
@example(["navigation_satisfied"], ["browser", "country"], [], (0, HOUR_MS), True)
def test_what_is_folded_gives_the_answer_of_its_events(ask, measures, by, where, ago, whole):
    begin, end = sorted(NOW_MS - each for each in ago)
    more = (
        {"totals": True}
        if whole
        else {"limit": 2, "other": not any(name.startswith("time") for name in by) and by != []}
    )
    # Rows that are equal in the first measure are in the order of their labels, so any order will do.
    same(ask, {"measures": measures, "by": by, "where": where, "from": begin, "to": end, **more})


@settings(max_examples=40)
@given(
    st.sampled_from([["page_views"], ["sessions"], ["page_views", "sessions", "score", "lcp_p75"], ["sessions", "bounce_rate"]]),
    st.lists(st.sampled_from(["page_group", "referrer_domain", "browser", "page", "time:1h"]), max_size=2, unique=True),
    st.lists(
        st.builds(
            lambda name, op: {"dimension": name, "op": op, "values": VALUES[name] if "null" not in op else []},
            st.sampled_from(["page_group", "referrer_domain", "browser"]),
            st.sampled_from(["is", "is", "is_not", "contains", "is_null", "is_not_null", "matches"]),
        ),
        max_size=2,
    ),
    st.one_of(st.just((0, (HOURS + 1) * HOUR_MS)), st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1])),
)  # fmt: skip
def test_pages_and_referrers_have_the_answer_of_their_events(ask, measures, by, where, ago):
    begin, end = sorted(NOW_MS - each for each in ago)
    same(ask, {"measures": measures, "by": by, "where": where, "from": begin, "to": end, "totals": True})


def test_what_a_filter_lets_through_of_a_page_load_does_not_bring_its_referrer_along(ask):
    where = [{"dimension": "referrer_domain", "op": "is_not", "values": ["a.example"]}]
    form = {"measures": ["page_views"], "by": ["referrer_domain"], "where": where, "from": NOW_MS - (HOURS + 1) * HOUR_MS, "to": NOW_MS}  # fmt: skip
    same(ask, form)
    assert {row[0] for row in both(ask, form)[0].rows} == {None, "b.example"}


def asked(ask, measures, by, where):
    """The statement that a store with folds is asked."""
    return build(ask.parse(measures, by=by, where=where, **{"from": "-6h"}), folds=True).built.text("duckdb")


@pytest.mark.parametrize(
    ("measures", "by", "where", "does"),
    [
        (["page_views"], ["referrer_domain"], [], True),
        (["page_views"], ["referrer_domain"], [{"dimension": "browser", "values": ["Chrome"]}], True),
        (["page_views"], ["page"], [{"dimension": "referrer_domain", "values": ["a.example"]}], True),
        (["events"], ["page"], [{"dimension": "referrer_domain", "op": "is_not", "values": ["a.example"]}], True),
        (["bounce_rate"], [], [{"dimension": "referrer_domain", "op": "is_null"}], True),
        (
            ["score", "sessions", "js_errors"],
            ["browser"],
            [{"dimension": "referrer_domain", "values": ["a.example"]}],
            True,
        ),
        (["session_duration_p75"], [], [{"dimension": "referrer_domain", "values": ["a.example"]}], False),
        (["page_views"], ["referrer_domain", "browser"], [], False),
        (["sessions"], ["referrer_domain"], [], False),
    ],
    ids=str,
)
def test_referrers_are_folded_but_for_times_and_labels_of_other_events(ask, measures, by, where, does):
    assert (FOLDED_TABLE in asked(ask, measures, by, where)) == does


@pytest.mark.parametrize(
    ("measures", "by", "where", "does"),
    [
        (["sessions", "page_views"], ["page_group"], [], True),
        (["sessions"], ["page_group", "browser"], [{"dimension": "country", "values": ["DE"]}], True),
        (["sessions"], ["browser"], [{"dimension": "page_group", "values": ["/"]}], True),
        (["sessions"], ["browser"], [{"dimension": "page_group", "values": ["/", "/p"]}], False),
        (["sessions"], ["browser"], [{"dimension": "page_group", "op": "is_not", "values": ["/"]}], False),
        (["sessions"], ["page_group", "page"], [], False),
        (["bounce_rate"], ["page_group"], [], False),
    ],
    ids=str,
)
def test_the_first_row_of_a_session_on_a_page_counts_where_nothing_tells_its_rows_apart(ask, measures, by, where, does):
    assert (FIRST_ON_PAGE in asked(ask, measures, by, where)) == does


def test_of_a_day_that_is_read_in_part_no_row_is_the_first(ask):
    days = {DAYS[1]: ask.store.days()[DAYS[1]]}
    for begin, first in ((NOW_MS - HOURS * HOUR_MS, True), (days[DAYS[1]].first_ms + 1, False)):
        question = ask.parse(["sessions"], by=["page_group"], **{"from": begin, "to": NOW_MS + HOUR_MS})
        rows = read_tables(build(question, folds=True).built.reads, days)[FOLDED_TABLE]
        assert (f'NULL::BOOLEAN AS "{FIRST_ON_PAGE}"' not in rows) == first


@pytest.mark.parametrize("name", folded.FORMULAS)
def test_a_measure_is_over_folded_rows_what_it_is_over_events(ask, name):
    same(ask, {"measures": [name], "from": NOW_MS - HOURS * HOUR_MS, "by": ["country"]})
    same(ask, {"measures": [name], "from": NOW_MS - HOURS * HOUR_MS + 1_234_567})


def both_special(ask, name, form):
    """The answer of a special question as the store gives it, and event by event; without what tells of the asking."""
    special = SPECIAL[name]
    asked = msgspec.convert({"monitor": "shop", **form}, special.form)
    found, wanted = (special.run(asked, MONITOR, NOW_MS, store, DEFAULTS) for store in (ask.store, Unfolded(ask.store)))
    return (found.rows, found.more), (wanted.rows, wanted.more)


@settings(max_examples=15)
@given(st.lists(filters, max_size=2), st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]))
def test_errors_that_stand_apart_give_the_answer_of_all_events(ask, where, ago):
    begin, end = sorted(NOW_MS - each for each in ago)
    form = {"from": begin, "to": end, "where": where}
    found, wanted = both_special(ask, "errors", {**form, "order": "last_seen", "buckets": 7})
    assert found == wanted
    found, wanted = both_special(ask, "error", {**form, "error": "e1", "samples": 3})
    assert found == wanted
    where = [*where, {"dimension": "type", "op": "is", "values": ["js_error_event"]}]
    same(ask, {**form, "where": where, "measures": ["js_errors", "sessions"], "by": ["error_title", "error"]})


def test_errors_that_stand_apart_are_read_instead_of_all_events(ask):
    where = [{"dimension": "type", "values": ["js_error_event"]}]
    reads = build(ask.parse(["js_errors"], **{"from": "-6h", "by": ["error"], "where": where}), folds=True).built.reads
    days = {DAYS[0]: ask.store.days()[DAYS[0]]}
    assert ERRORS_TABLE in read_tables(reads, days)["event_rows"]
    assert "event_rows" not in read_tables(reads, days)["event_rows"]
    assert "event_rows" in read_tables(replace(reads, columns=reads.columns | {"error_stack"}), days)["event_rows"]


def test_usual_questions_are_answered_by_folded_rows_and_read_fewer(ask):
    question = ask.parse(["sessions", "lcp_p75", "page_views"], **{"from": NOW_MS - HOURS * HOUR_MS, "by": ["browser"]})
    assert FOLDED_TABLE in build(question, folds=True).built.text("duckdb")
    assert FOLDED_TABLE not in build(question).built.text("duckdb")
    days = [ask.store.days()[day] for day in DAYS]
    assert [(file.folded, file.wholly_folded) for file in days] == [(1, True), (1, True), (2, False)]


def test_the_hour_that_is_not_over_is_read_folded_where_nothing_is_behind_the_end_of_the_range(ask):
    whole = {DAYS[1]: ask.store.days()[DAYS[1]]}
    for to, single in ((whole[DAYS[1]].last_ms + 1, False), (whole[DAYS[1]].last_ms, True)):
        assert to % HOUR_MS
        form = {"measures": ["events", "sessions"], "from": NOW_MS - HOURS * HOUR_MS, "to": to}
        reads = build(ask.parse(**form), folds=True).built.reads
        assert ("event_rows" in read_tables(reads, whole)["event_rows"]) == single
        same(ask, form)


@pytest.mark.parametrize(
    "form",
    [
        {"measures": ["resource_p75"]},
        {"by": ["type"]},
        {"by": ["attribute:plan"]},
        {"by": ["time:15m"]},
        {"by": ["time:1d"], "timezone": "Asia/Kathmandu"},
        {"where": [{"dimension": "http_status", "values": [404]}]},
        {"from": "-30m"},
    ],
    ids=str,
)
def test_what_a_fold_does_not_keep_is_asked_of_the_events(ask, form):
    assert FOLDED_TABLE not in build(ask.parse(**{"from": "-6h", **form}), folds=True).built.text("duckdb")


def own_store(tmp_path, rows):
    store = DuckDBStore(tmp_path / "store", DEFAULTS)
    store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (DAYS[0], 1)))
    store.rewrite(DAYS[0], settled=True)
    return Asker(store)


def events(ask):
    return ask.rows(**{"from": NOW_MS - HOURS * HOUR_MS, "to": NOW_MS + HOUR_MS})[0][0]


def test_what_is_forgotten_is_folded_no_more(tmp_path):
    rows = [msgspec.structs.replace(row(session=session(n), user=session(90 + n)), day=DAYS[0]) for n in range(3)]
    ask = own_store(tmp_path, rows)
    assert ask.store.rewrite(DAYS[0], Leaving(monitors=[MONITOR], users=[session(91)])) == 1
    with closing(ask.store):
        assert ask.store.days()[DAYS[0]].wholly_folded
        assert events(ask) == 2
        assert ask.rows(by=["user"], **{"from": "-6h", "to": NOW_MS + HOUR_MS}) == [[session(90), 1], [session(92), 1]]


def test_what_comes_after_a_day_was_settled_is_counted_and_folded_later(tmp_path):
    ask = own_store(tmp_path, [msgspec.structs.replace(row(), day=DAYS[0])])
    with closing(ask.store):
        late = msgspec.structs.replace(row(), day=DAYS[0], block=2)
        ask.store.apply(Group(msgspec.json.Encoder().encode_lines([late]), (DAYS[0], 2)))
        assert not ask.store.days()[DAYS[0]].wholly_folded
        assert events(ask) == 2
        ask.store.fold(DAYS[0])
        assert ask.store.days()[DAYS[0]].wholly_folded
        assert events(ask) == 2


def test_other_groups_are_those_of_the_folded_rows_too(tmp_path):
    ask = own_store(tmp_path, [msgspec.structs.replace(row(page_group=f"/p/{n}"), day=DAYS[0]) for n in range(3)])
    with closing(ask.store):
        ask.store.regroup(DAYS[0], MONITOR, "page_group", {f"/p/{n}": "/p/*" for n in range(3)})
        whole = {"from": "-6h", "to": NOW_MS + HOUR_MS}
        assert ask.rows(["page_views"], by=["page_group"], **whole) == [["/p/*", 3]]


def test_a_session_on_two_pages_that_become_one_is_counted_once(tmp_path):
    rows = [row(session=session(1), interaction=n, page_group=group) for n, group in enumerate(("/p/1", "/p/*"))]
    ask = own_store(tmp_path, [msgspec.structs.replace(each, day=DAYS[0]) for each in rows])
    whole = {"from": "-6h", "to": NOW_MS + HOUR_MS}
    with closing(ask.store):
        assert sorted(ask.rows(["sessions"], by=["page_group"], **whole)) == [["/p/*", 1], ["/p/1", 1]]
        ask.store.regroup(DAYS[0], MONITOR, "page_group", {"/p/1": "/p/*"})
        assert ask.rows(["sessions"], by=["page_group"], **whole) == [["/p/*", 1]]


def test_a_day_that_was_settled_before_there_were_folds_answers_all_the_same(tmp_path):
    ask = own_store(tmp_path, [msgspec.structs.replace(row(), day=DAYS[0])])
    with closing(ask.store):
        catalog = ask.store.days()[DAYS[0]].catalog
        ask.store._connection.cursor().execute(f"DROP TABLE {catalog}.{FOLDED_TABLE}")
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        file = store.days()[DAYS[0]]
        assert (file.settled, file.folded) == (True, None)
        assert events(Asker(store)) == 1


def test_folds_of_another_form_are_made_anew(tmp_path):
    ask = own_store(tmp_path, [msgspec.structs.replace(row(), day=DAYS[0])])
    with closing(ask.store):
        catalog = ask.store.days()[DAYS[0]].catalog
        ask.store._connection.cursor().execute(f"ALTER TABLE {catalog}.{FOLDED_TABLE} DROP COLUMN points")
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        assert store.days()[DAYS[0]].folded is None
        assert events(Asker(store)) == 1
        store.fold(DAYS[0])
        assert store.days()[DAYS[0]].wholly_folded
        assert events(Asker(store)) == 1


def test_days_are_folded_as_they_fill_some_rows_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(store_duckdb, "_FOLD_FROM", 4)
    monkeypatch.setattr(store_duckdb, "_FOLD_ROWS", 5)
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        reached = []
        for block in range(1, 8):
            rows = [msgspec.structs.replace(row(session=session(n)), day=DAYS[0], block=block) for n in range(3)]
            store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (DAYS[0], block)))
            reached.append(store.days()[DAYS[0]].folded)
        assert reached == [None, 1, 1, 2, 2, 3, 3]
        store.fold(DAYS[0])
        assert store.days()[DAYS[0]].wholly_folded
        assert events(Asker(store)) == 21
        catalog = store.days()[DAYS[0]].catalog
        [(folded_events,)] = (
            store._connection.cursor().execute(f"SELECT sum(events) FROM {catalog}.{FOLDED_TABLE}").fetchall()
        )
        assert folded_events == 21
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        assert store.days()[DAYS[0]].wholly_folded


def test_a_question_that_began_before_a_fold_counts_nothing_twice(tmp_path):
    rows = [msgspec.structs.replace(row(session=session(n)), day=DAYS[0], block=1) for n in range(3)]
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (DAYS[0], 1)))
        store.fold(DAYS[0])
        store.apply(Group(msgspec.json.Encoder().encode_lines([msgspec.structs.replace(rows[0], id=session(8), block=2)]), (DAYS[0], 2)))  # fmt: skip
        before = store.days()
        store.fold(DAYS[0])
        store._days = before
        assert events(Asker(store)) == 4


def test_a_fold_has_a_formula_for_each_of_its_counts_and_timings():
    told = {name for text in folded.FORMULAS.values() for name in FOLDED_COLUMNS if name in text}
    numbers = {name for name, kind in FOLDED_COLUMNS.items() if kind in ("INTEGER", "FLOAT")}
    assert numbers - {"block"} <= told
    assert set(folded.FORMULAS) <= set(MEASURES)
