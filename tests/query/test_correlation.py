"""Correlation: counts held against a handful counted by hand, rankings against what was put there."""

import itertools
import math
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.question import BadQuestion
from openrum.query.statistics import contrast
from openrum.store import DuckDBStore
from tests.query.conftest import Asker, row, session

SLOW = {"slow": {"timing": "lcp", "above": 2_500}}
ERRORS = {"sessions": "with_errors"}
FIGURES = [
    "in_subset", "subset_size", "in_rest", "rest_size", "share_subset", "share_rest", "lift",
    "expected", "excess", "score", "p_value", "significant",
]  # fmt: skip


_numbers = itertools.count(1_000)


def lcp(value, number=None, **members):
    return row("largest_contentful_paint_event", value=value, session=number and session(number), **members)


def times(count, event, **members):
    """So many of it, each of a session of its own."""
    return [event(next(_numbers), **members) for _ in range(count)]


def fast(number=None, **members):
    return lcp(1_000.0, number, **members)


def slow(number=None, **members):
    return lcp(4_000.0, number, **members)


def correlation(ask, subset=SLOW, **members):
    return ask.special("correlation", subset=subset, **members)


def as_dicts(table):
    return [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]


# ── Single values ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_value_that_is_over_represented_is_told_with_its_counts(ask):
    ask.add(
        *times(30, slow, browser="Safari", os="iOS"), *times(10, fast, browser="Safari", os="iOS"),
        *times(70, slow, browser="Chrome", os="iOS"), *times(190, fast, browser="Chrome", os="iOS"),
    )  # fmt: skip
    table = correlation(ask, dimensions=["browser", "os"])
    assert table.columns == ["dimension", "value", *FIGURES]
    [found] = as_dicts(table)
    assert (found["dimension"], found["value"]) == ("browser", "Safari")
    assert [found[name] for name in FIGURES[:4]] == [30, 100, 10, 200]
    assert (found["share_subset"], found["share_rest"], found["lift"]) == (0.3, 0.05, 6)
    assert (found["expected"], found["excess"]) == (pytest.approx(40 / 3, abs=0.01), pytest.approx(50 / 3, abs=0.01))
    assert found["score"] == pytest.approx(contrast(30, 100, 10, 200), abs=0.001)
    assert found["p_value"] == pytest.approx(3 * 5.4388291283e-09, rel=0.01), "three values were tested"
    assert found["significant"] is True
    assert table.more == {
        "units": "samples", "above": 2_500, "subset_size": 100, "rest_size": 200, "tested": 3, "level": 0.05,
        "excess_variance": 1, "covered_share": 1,
    }  # fmt: skip


def test_common_values_with_a_large_excess_come_before_rare_ones_with_none_to_speak_of(ask):
    ask.add(
        *times(150, slow, country="IN"), *times(50, fast, country="IN"), *times(6, slow, country="NZ"), *times(5, fast, country="NZ"),
        *times(50, slow, country="DE"), *times(150, fast, country="DE"),
    )  # fmt: skip
    found = as_dicts(correlation(ask, dimensions=["country"]))
    assert [(one["value"], one["significant"]) for one in found] == [("IN", True), ("NZ", False)]


def test_without_a_border_the_slowest_quarter_is_slow(ask):
    ask.add(*(lcp(float(value), value, browser="Safari" if value > 75 else "Chrome") for value in range(1, 101)))
    table = correlation(ask, {"slow": {}}, dimensions=["browser"])
    assert (table.more["above"], table.more["subset_size"]) == (75.25, 25)
    assert [(one["value"], one["in_subset"], one["in_rest"], one["lift"]) for one in as_dicts(table)] == [
        ("Safari", 25, 0, None)
    ]


def test_values_that_are_missing_or_seldom_are_no_findings(ask):
    ask.add(*times(40, slow), *times(9, slow, browser="Lynx"), *times(100, fast, browser="Chrome"))
    table = correlation(ask, dimensions=["browser"])
    assert table.rows == []
    assert (table.more["subset_size"], table.more["tested"]) == (49, 1)


def test_samples_of_one_session_weigh_as_little_as_they_tell(ask):
    ask.add(*times(60, slow, browser="Safari"), *times(60, fast, browser="Chrome"), *times(60, slow, browser="Chrome"))
    ask.add(*times(60, fast, browser="Safari"))
    alone = correlation(ask, dimensions=["country"])
    ask.add(*(slow(number % 2 + 1, country="FR", browser="Firefox") for number in range(120)))
    crowded = correlation(ask, dimensions=["country"])
    assert alone.more["excess_variance"] == pytest.approx(1)
    assert crowded.more["excess_variance"] > 10
    [found] = as_dicts(crowded)
    assert found["score"] == pytest.approx(
        contrast(120, 240, 0, 120) / math.sqrt(crowded.more["excess_variance"]), abs=0.01
    )


def test_sessions_with_an_error_are_held_against_those_without(ask):
    def visit(number, *pages, broken, **members):
        views = [row(page_group=page, session=session(number), referrer_domain="x.test", **members) for page in pages]
        return [*views, row("js_error_event", session=session(number))] if broken else views

    events = []
    for number in range(1, 61):
        broken = number <= 20
        pages = ("/", "/cart", "/cart") if broken or number <= 30 else ("/", "/about")
        events += visit(number, *pages, broken=broken, browser="Safari" if number % 2 else "Chrome")
    ask.add(*events)
    table = correlation(ask, ERRORS)
    assert (table.more["units"], table.more["subset_size"], table.more["rest_size"]) == ("sessions", 20, 40)
    [found] = as_dicts(table)
    assert (found["dimension"], found["value"]) == ("page_group", "/cart")
    assert [found[name] for name in FIGURES[:4]] == [20, 20, 10, 40]


def test_events_that_pass_filters_are_held_against_those_that_do_not(ask):
    ask.add(*(row("http_event", http_status=500 if number < 20 else 200, release="2.0" if number < 15 else "1.0", first_party=True)
              for number in range(60)))  # fmt: skip
    subset = {"where": [{"dimension": "http_status", "op": "gt", "values": [499]}]}
    table = correlation(ask, subset, where=[{"dimension": "type", "values": ["http_event"]}])
    assert table.more["units"] == "events"
    assert [[one[name] for name in ("dimension", "value", *FIGURES[:4])] for one in as_dicts(table)] == [
        ["release", "2.0", 15, 20, 0, 40]
    ]


def test_a_limit_keeps_the_first(ask):
    for number, country in enumerate(("DE", "FR", "US")):
        ask.add(*times(20 + number, slow, country=country), *times(2, fast, country=country))
    ask.add(*times(100, fast, country="IN"))
    everything = correlation(ask, dimensions=["country"])
    assert len(everything.rows) == 3
    assert correlation(ask, dimensions=["country"], limit=1).rows == everything.rows[:1]


@pytest.mark.parametrize("subset", [{"slow": {}}, SLOW, ERRORS, {"where": [{"dimension": "bot", "values": [True]}]}])
def test_where_nothing_or_everything_is_in_the_subset_nothing_is_found(ask, subset):
    empty = correlation(ask, subset)
    assert (empty.rows, empty.more["subset_size"], empty.more["rest_size"]) == ([], 0, 0)
    ask.add(row(session=session(1)), row("js_error_event", session=session(1)), *times(20, slow))
    assert correlation(ask, subset).rows == []


# ── Combinations ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shop(ask):
    """Phones are slow, and so is India; one page is, in one browser."""
    events = []
    for device, slow_one in (("mobile", 30), ("desktop", 10)):
        for country, slow_two in (("IN", 30), ("DE", 10)):
            for page in ("/", "/about", "/cart"):
                for browser in ("Safari", "Chrome", "Firefox"):
                    many = slow_one + slow_two + (20 if (page, browser) == ("/cart", "Safari") else 0)
                    members = {"device": device, "country": country, "page_group": page, "browser": browser}
                    events += [*times(many, slow, **members), *times(100 - many, fast, **members)]
    ask.add(*events)
    return ask


def test_pairs_come_first_that_are_slower_than_their_values_explain(shop):
    table = correlation(shop, combine=2)
    assert table.columns == ["dimension", "value", "dimension_2", "value_2", *FIGURES]
    first, *others = as_dicts(table)
    assert table.rows[0][:4] == ["page_group", "/cart", "browser", "Safari"]
    assert [first[name] for name in FIGURES[:4]] == [240, 1_520, 160, 2_080]
    assert first["excess"] == pytest.approx(first["in_subset"] - first["expected"], abs=0.01)
    assert 15 < first["excess"] < 60
    assert not any(one["significant"] for one in others), "phones in India are slow, and no slower than both explain"


def test_single_values_alone_show_what_is_slow_by_nature(shop):
    assert [cells[:2] for cells in correlation(shop).rows[:2]] == [["country", "IN"], ["device", "mobile"]]


def test_triples_stand_among_pairs_and_a_value_that_adds_nothing_does_not(shop):
    table = correlation(shop, combine=3)
    assert table.columns[:6] == ["dimension", "value", "dimension_2", "value_2", "dimension_3", "value_3"]
    assert table.rows[0][:6] == ["page_group", "/cart", "browser", "Safari", None, None]
    assert any(cells[5] is not None for cells in table.rows)


def test_a_value_that_another_one_implies_makes_no_combination(ask):
    ask.add(*times(30, slow, browser="Safari", os="iOS"), *times(30, fast, browser="Safari", os="macOS"))
    ask.add(*times(30, slow, browser="Chrome", os="Android"), *times(90, fast, browser="Chrome", os="Windows"))
    table = correlation(ask, combine=2, dimensions=["browser", "os"])
    assert table.rows == []
    assert table.more["tested"] == 0


# ── What must hold ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("correlations") / "store", DEFAULTS)) as store:
        yield Asker(store)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(("x", "y", None)), st.integers(0, 9), st.integers(1, 50)),
        min_size=1, max_size=100,
    ),
    st.integers(1, 2),
)  # fmt: skip
def test_counts_are_those_of_a_plain_loop_and_only_what_is_over_represented_is_told(shared, events, combine):
    everything = getattr(shared, "everything", [])
    shared.everything = everything + events
    shared.add(*(lcp(float(value), number, browser=browser, os=os) for browser, os, value, number in events))
    table = correlation(shared, {"slow": {"above": 5}}, dimensions=["browser", "os"], combine=combine)
    inside = [event for event in shared.everything if event[2] > 5]
    assert table.more["subset_size"] == len(inside)
    for found in as_dicts(table):
        names = {"browser": 0, "os": 1}
        wanted = {names[found["dimension"]]: found["value"]}
        if combine == 2:
            wanted[names[found["dimension_2"]]] = found["value_2"]
        matching = [event for event in shared.everything if all(event[at] == value for at, value in wanted.items())]
        assert found["in_subset"] == sum(event in matching for event in inside)
        assert found["in_subset"] + found["in_rest"] == len(matching)
        assert found["in_subset"] > found["expected"]
        assert 0 <= found["p_value"] <= 1


# ── What is refused ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("subset", "members", "field"),
    [
        ({}, {}, "subset"),
        ({**SLOW, **ERRORS}, {}, "subset"),
        ({"slow": {"timing": "lcpp"}}, {}, "subset.slow.timing"),
        ({"sessions": "without_errors"}, {}, "subset.sessions"),
        ({"where": []}, {}, "subset.where"),
        ({"where": [{"dimension": "pages", "values": ["/"]}]}, {}, "subset.where[0].dimension"),
        (SLOW, {"combine": 4}, "combine"),
        (ERRORS, {"combine": 2}, "combine"),
        (SLOW, {"combine": 2, "dimensions": ["browser"]}, "dimensions"),
        (SLOW, {"dimensions": ["browsers"]}, "dimensions[0]"),
        (SLOW, {"dimensions": ["page_tag"]}, "dimensions[0]"),
        (SLOW, {"dimensions": []}, "dimensions"),
        (SLOW, {"limit": 0}, "limit"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(ask, subset, members, field):
    with pytest.raises(BadQuestion) as refused:
        correlation(ask, subset, **members)
    assert refused.value.field == field
