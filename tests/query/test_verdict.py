"""The verdict: held against sides made by hand, whose truth can be seen."""

import random
from contextlib import closing
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.measures import TIMINGS
from openrum.query.question import BadQuestion
from openrum.query.verdict import VERDICT, VerdictForm
from openrum.store import DuckDBStore, QueryFailed
from tests.query.conftest import HOUR_MS, MONITOR, NOW_MS, Asker, row, session

OLD, NEW = {"release": "1.0"}, {"release": "1.1"}
SIDES = {"baseline": OLD, "candidate": NEW}


def lcp(value, release="1.0", number=None, **members):
    return row(
        "largest_contentful_paint_event", value=value, release=release, session=number and session(number), **members
    )


def loads(count, release, *, first=0, factor=1.0, seed=0, **members):
    """Loads of 1 to 2 seconds, each of a session of its own, the same for each seed."""
    chance = random.Random(seed)
    return [
        lcp(round(factor * chance.uniform(1_000, 2_000), 1), release, 1_000 * (first + 1) + number, **members)
        for number in range(count)
    ]


def verdict(ask, **members):
    return ask.special("verdict", **{**SIDES, **members})


# ── What is said ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_release_that_is_slower_everywhere_is_worse_and_the_other_way_round_better(ask):
    ask.add(*loads(300, "1.0"), *loads(300, "1.1", first=1, factor=1.2, seed=1))
    table = verdict(ask)
    said = table.more
    assert said["verdict"] == said["remaining"]["verdict"] == "worse"
    assert said["explained"]["value"] == 0
    assert 200 < said["remaining"]["low"] < said["remaining"]["value"] < said["remaining"]["high"] < 500
    assert said["remaining"]["p_value"] < 1e-6
    assert said["compared_share"] == 1
    assert (said["baseline"]["samples"], said["candidate"]["sessions"]) == (300, 300)
    assert verdict(ask, baseline=NEW, candidate=OLD).more["verdict"] == "better"


def test_a_release_that_changed_nothing_is_not_proven(ask):
    ask.add(*loads(300, "1.0"), *loads(300, "1.1", first=1, seed=1))
    said = verdict(ask).more
    assert said["verdict"] == "not proven"
    assert said["remaining"]["low"] < 0 < said["remaining"]["high"]
    assert said["remaining"]["p_value"] > 0.01


def test_the_percentiles_are_those_of_the_tables(ask):
    ask.add(*loads(101, "1.0"), *loads(77, "1.1", first=1, factor=1.3, seed=1))
    tables = dict(ask.rows(["lcp_p90"], by=["release"]))
    said = verdict(ask, percentile=90).more
    assert {"1.0": said["baseline"]["value"], "1.1": said["candidate"]["value"]} == pytest.approx(tables, abs=0.01)
    assert said["difference"]["value"] == pytest.approx(tables["1.1"] - tables["1.0"], abs=0.01)


def test_what_the_mix_of_traffic_does_is_set_aside(ask):
    """Phones are three times as slow. The candidate has a fifth of the baseline's, and changed nothing."""
    slow, fast = {"device": "mobile", "factor": 3.0}, {"device": "desktop"}
    ask.add(*loads(500, "1.0", **slow), *loads(100, "1.0", first=1, **fast))
    ask.add(*loads(100, "1.1", first=2, **slow), *loads(500, "1.1", first=3, **fast))
    said = verdict(ask).more
    assert said["difference"]["high"] < -1_000
    assert said["explained"]["value"] == pytest.approx(said["difference"]["value"], abs=150)
    assert said["verdict"] == "not proven"
    assert verdict(ask, mix=[]).more["verdict"] == "better", "nothing is set aside where nothing is told apart"
    assert verdict(ask, mix=[]).more["explained"]["value"] == 0


def test_a_slowdown_that_the_mix_hides_is_found(ask):
    slow, fast = {"device": "mobile"}, {"device": "desktop"}
    ask.add(*loads(500, "1.0", factor=3, **slow), *loads(100, "1.0", first=1, **fast))
    ask.add(*loads(100, "1.1", first=2, factor=3.9, **slow), *loads(500, "1.1", first=3, factor=1.3, **fast))
    said = verdict(ask).more
    assert said["difference"]["high"] < 0
    assert said["verdict"] == "worse"
    assert said["remaining"]["low"] > 0


def test_the_parts_that_changed_come_first_and_decide_where_the_whole_is_not_proven(ask):
    for number, (page, count, factor) in enumerate((("/", 800, 1), ("/cart", 100, 1.2))):
        ask.add(
            *loads(count, "1.0", first=2 * number, page_group=page, browser="Safari"),
            *loads(count, "1.1", first=2 * number + 1, factor=factor, seed=1, page_group=page, browser="Safari"),
        )
    table = verdict(ask, limit=2)
    said = table.more
    assert table.columns == [
        "page_group", "browser", "baseline", "candidate", "baseline_samples", "candidate_samples",
        "difference", "explained", "remaining", "low", "high", "p_value", "verdict",
    ]  # fmt: skip
    first, second = (dict(zip(table.columns, cells, strict=True)) for cells in table.rows)
    assert (first["page_group"], first["verdict"], first["baseline_samples"]) == ("/cart", "worse", 100)
    assert 0 < first["low"] < first["remaining"] < first["high"]
    assert second["verdict"] == "not proven"
    assert (said["remaining"]["verdict"], said["verdict"], said["parts_compared"]) == ("not proven", "worse", 2)
    assert said["sentence"].startswith("Worse. LCP p75 went from ")
    assert "Proven worse: /cart, Safari +" in said["sentence"]


def test_parts_are_of_the_dimensions_that_are_asked_for(ask):
    ask.add(*loads(60, "1.0", country="DE"), *loads(60, "1.1", first=1, country="DE"))
    assert [cells[:1] for cells in verdict(ask, mix=["device", "country"], by=["country"]).rows] == [["DE"]]
    assert verdict(ask, mix=["country"], by=[]).rows == []
    assert verdict(ask, mix=["country"]).rows == [], "neither page nor browser is in the mix"
    assert [cells[:2] for cells in verdict(ask).rows] == [[None, None]]


def test_periods_are_compared_as_releases_are(ask):
    ask.add(*loads(100, "1.0", ago_ms=5 * HOUR_MS), *loads(100, "1.0", first=1, factor=2, ago_ms=HOUR_MS))
    said = verdict(ask, baseline={"from": "-6h", "to": "-4h"}, candidate={"from": "-2h"}).more
    assert (said["verdict"], said["baseline"]["samples"], said["candidate"]["samples"]) == ("worse", 100, 100)
    mixed = verdict(
        ask, baseline={"release": "1.0", "from": "-6h", "to": "-4h"}, candidate={"release": "1.0", "from": "-2h"}
    )
    assert mixed.more["remaining"] == said["remaining"]


def test_a_filter_of_the_question_holds_for_both_sides(ask):
    ask.add(
        *loads(50, "1.0", country="DE"),
        *loads(50, "1.1", first=1, country="DE"),
        *loads(50, "1.1", first=2, country="FR"),
    )
    said = verdict(ask, where=[{"dimension": "country", "values": ["DE"]}]).more
    assert (said["baseline"]["samples"], said["candidate"]["samples"]) == (50, 50)


def test_every_timing_can_be_judged(ask):
    event = {timing.name: timing.event_type for timing in TIMINGS.values()}
    column = {timing.name: timing.column for timing in TIMINGS.values()}
    ask.add(*(row(f"{event[name]}_event", release=release, session=session(number), **{column[name]: factor * (number + 1.0)})
              for name in TIMINGS for release, factor in (("1.0", 1), ("1.1", 2)) for number in range(100)))  # fmt: skip
    for name in TIMINGS:
        said = verdict(ask, timing=name).more
        assert (said["timing"], said["verdict"], said["baseline"]["value"]) == (name, "worse", 75.25)


def test_an_answer_too_small_for_the_bins_is_refused(ask):
    ask.add(*loads(50, "1.0"), *loads(50, "1.1", first=1))
    form = msgspec.convert({"monitor": "shop", "from": "-1h", **SIDES}, VerdictForm)
    with pytest.raises(QueryFailed, match="more rows"):
        VERDICT.run(form, MONITOR, NOW_MS, ask.store, replace(DEFAULTS, query_rows=10))


def test_figures_without_a_unit_are_said_with_decimals(ask):
    ask.add(*(row("cumulative_layout_shift_event", value=number % 10 / 100, release=release, session=session(number))
              for release in ("1.0", "1.1") for number in range(100)))  # fmt: skip
    said = verdict(ask, timing="cls").more
    assert said["unit"] == ""
    assert said["sentence"].startswith(
        "Not proven. CLS p75 went from 0.070 to 0.070 (+0.000). The mix of traffic explains +0.000,"
    )


# ── What is not proven ────────────────────────────────────────────────────────────────────────────────────────────


def test_one_side_without_samples_is_told(ask):
    ask.add(*loads(50, "1.0"))
    table = verdict(ask)
    assert table.rows == []
    assert table.more["verdict"] == "not proven"
    assert table.more["sentence"] == "Not proven. LCP p75 has no samples of the candidate."
    assert (table.more["baseline"]["samples"], table.more["candidate"]["value"], table.more["remaining"]) == (
        50,
        None,
        None,
    )
    assert verdict(ask, timing="inp").more["sentence"].endswith("of the baseline and of the candidate.")


def test_sides_without_common_traffic_are_told(ask):
    ask.add(*loads(50, "1.0", country="DE"), *loads(50, "1.1", first=1, country="FR", factor=2))
    said = verdict(ask).more
    assert (said["verdict"], said["compared_share"], said["remaining"]) == ("not proven", 0, None)
    assert "no traffic in common" in said["sentence"]
    assert verdict(ask, mix=["device"]).more["verdict"] == "worse"


def test_few_samples_or_sessions_prove_nothing(ask):
    ask.add(*loads(25, "1.0"), *loads(25, "1.1", first=1, factor=5))
    assert verdict(ask).more["verdict"] == "not proven"
    ask.add(*(lcp(1_000.0 * factor, release, number % 10 + 1, country="DE")
              for release, factor in (("2.0", 1), ("2.1", 5)) for number in range(200)))  # fmt: skip
    few = verdict(ask, baseline={"release": "2.0"}, candidate={"release": "2.1"}).more
    assert (few["candidate"]["samples"], few["candidate"]["sessions"], few["verdict"]) == (200, 10, "not proven")


def test_many_samples_of_few_sessions_weigh_as_few(ask):
    """The same loads: once each of a visitor of its own, once the slow ones all of a handful of visitors."""
    values = [1_000.0 + number for number in range(300)]
    slow = [3_000.0 + number for number in range(150)]
    ask.add(*(lcp(value, "1.0", number + 1) for number, value in enumerate(values)))
    ask.add(*(lcp(value, "1.1", number + 1_001) for number, value in enumerate(values + slow)))
    ask.add(*(lcp(value, "1.2", number + 2_001) for number, value in enumerate(values)))
    ask.add(*(lcp(value, "1.2", number % 2 + 3_001) for number, value in enumerate(slow)))
    by_itself, crowded = verdict(ask).more, verdict(ask, candidate={"release": "1.2"}).more
    assert by_itself["candidate"]["value"] == crowded["candidate"]["value"]
    assert by_itself["verdict"] == "worse"
    assert crowded["verdict"] == "not proven"
    assert crowded["remaining"]["high"] is None or crowded["remaining"]["high"] > by_itself["remaining"]["high"]


def test_what_only_one_side_has_is_compared_with_nothing(ask):
    """A new page, slow by nature, is no slowdown."""
    ask.add(*loads(200, "1.0", page_group="/"), *loads(200, "1.1", first=1, page_group="/"))
    ask.add(*loads(200, "1.1", first=2, factor=5, page_group="/report"))
    table = verdict(ask)
    assert table.more["verdict"] == "not proven"
    assert table.more["compared_share"] == 0.5
    assert table.more["remaining"]["value"] == pytest.approx(0, abs=1)
    assert table.more["explained"]["value"] == pytest.approx(table.more["difference"]["value"], abs=1)
    assert [cells[0] for cells in table.rows] == ["/"]


def test_of_too_few_samples_there_is_no_interval(ask):
    ask.add(*loads(60, "1.0"), *loads(60, "1.1", first=1, factor=9))
    said = verdict(ask, percentile=99).more
    assert said["remaining"]["value"] > 10_000
    assert [said["remaining"][name] for name in ("low", "high", "p_value", "verdict")] == [None, None, 1, "not proven"]
    assert "(too few samples for an interval)" in said["sentence"]


# ── What must hold ────────────────────────────────────────────────────────────────────────────────────────────────

loaded = st.lists(
    st.tuples(
        st.sampled_from(("1.0", "1.1")), st.sampled_from(("/", "/cart")), st.sampled_from(("DE", None)),
        st.integers(1, 40), st.integers(0, 5_000),
    ),
    min_size=1, max_size=120,
)  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("verdicts") / "store", DEFAULTS)) as store:
        yield Asker(store)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(loaded)
def test_parts_of_a_difference_add_up_and_intervals_hold_their_value(shared, events):
    shared.add(*(lcp(float(value), release, number, page_group=page, country=country)
                 for release, page, country, number, value in events))  # fmt: skip
    there, back = verdict(shared).more, verdict(shared, baseline=NEW, candidate=OLD).more
    for said in (there, back):
        if said["remaining"] is None:
            assert said["verdict"] == "not proven"
            continue
        parts = said["explained"]["value"] + said["remaining"]["value"]
        assert parts == pytest.approx(said["difference"]["value"], abs=0.01)
        low, value, high = (said["remaining"][name] for name in ("low", "value", "high"))
        assert low is None or low <= value
        assert high is None or value <= high
        assert 0 <= said["remaining"]["p_value"] <= 1
    if there["difference"] is not None and back["difference"] is not None:
        assert there["difference"]["value"] == pytest.approx(-back["difference"]["value"])


# ── What is refused ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"timing": "lcpp"}, "timing"),
        ({"percentile": 60}, "percentile"),
        ({"confidence": 1.0}, "confidence"),
        ({"mix": ["pages"]}, "mix[0]"),
        ({"mix": ["page_tag"]}, "mix[0]"),
        ({"mix": ["time"]}, "mix[0]"),
        ({"mix": ["country", "country"]}, "mix[1]"),
        ({"mix": ["country"], "by": ["browser"]}, "by"),
        ({"baseline": {}}, "baseline"),
        ({"baseline": {"to": "-1h"}}, "baseline"),
        ({"baseline": {"from": "now", "to": "-1h"}}, "baseline.from"),
        ({"baseline": {"from": "yesterday"}}, "baseline.from"),
        ({"candidate": OLD}, "candidate"),
        ({"candidate": {"from": "-30m"}}, "candidate"),
        ({"baseline": {"from": "-2h", "to": "-1h"}, "candidate": {"from": "-90m"}}, "candidate"),
        ({"limit": 0}, "limit"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(ask, members, field):
    with pytest.raises(BadQuestion) as refused:
        verdict(ask, **members)
    assert refused.value.field == field


def test_values_of_strangers_are_bound(ask):
    table = verdict(ask, candidate={"release": "1.1'; DROP TABLE event_rows --"})
    assert table.more["verdict"] == "not proven"
    assert any("1.1''; DROP" in text for text in table.sql)
