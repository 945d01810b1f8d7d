"""The statistics by themselves: held against figures of SciPy 1.17, against hand-counted cases, and against what must hold."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.query.statistics import (
    Cell,
    Change,
    Distribution,
    Percentile,
    contrast,
    corrected,
    critical,
    fitted,
    surprise,
    two_sided,
    unwidened,
    widened,
)

weights = st.floats(0.01, 1_000)
bins = st.lists(st.tuples(st.floats(0, 1e6), weights), min_size=1, max_size=30, unique_by=lambda one: one[0])


def points(*pairs):
    """A distribution of (value, weight), each value in a bin of its own."""
    pairs = sorted(pairs)
    values = [value for value, _ in pairs]
    return Distribution(values, values, [weight for _, weight in pairs])


# ── Normal, Student's t, Bonferroni ───────────────────────────────────────────────────────────────────────────────


def test_the_normal_distribution_is_as_in_the_tables():
    assert critical(0.95) == pytest.approx(1.959964)
    assert critical(0.99) == pytest.approx(2.575829)
    assert two_sided(critical(0.95)) == pytest.approx(0.05)
    assert two_sided(-3) == pytest.approx(0.0026997960632601866)


@pytest.mark.parametrize(
    ("deviations", "freedom", "of_student"),
    [(1.95996, 29, 2.0452), (2.5758293, 29, 2.7564), (3.8, 29, 4.3716), (4.5, 29, 5.4742), (3.29053, 100, 3.3905), (3.8, 1000, 3.8147)],
)  # fmt: skip
def test_students_t_is_as_in_the_tables(deviations, freedom, of_student):
    assert widened(deviations, freedom) == pytest.approx(of_student, rel=0.002)


@given(st.floats(0, 8), st.integers(5, 10_000))
def test_what_was_widened_can_be_taken_back_and_is_never_narrower(deviations, freedom):
    assert widened(deviations, freedom) >= deviations * (1 - 1e-9) - 1e-12
    assert unwidened(widened(deviations, freedom), freedom) == pytest.approx(deviations, abs=1e-6)


def test_of_a_single_session_nothing_is_known():
    assert widened(2.0, 0) == math.inf
    assert unwidened(2.0, 0) == 0


def test_a_chance_is_corrected_for_the_comparisons_and_stays_a_chance():
    assert corrected(0.01, 4) == pytest.approx(0.04)
    assert corrected(0.3, 40) == 1


# ── Distributions ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_share_of_the_weight_lies_below_its_value():
    four = points((1.0, 1), (2.0, 1), (3.0, 1), (4.0, 1))
    assert [four.value_at(share) for share in (0, 0.25, 0.26, 0.5, 0.75, 0.76, 1)] == [1, 1, 2, 2, 3, 4, 4]
    heavy = points((1.0, 1), (2.0, 1), (3.0, 8))
    assert [heavy.value_at(share) for share in (0.1, 0.2, 0.21, 0.9)] == [1, 2, 3, 3]


def test_inside_a_bin_values_lie_evenly():
    bins = Distribution([0.0, 10.0, 50.0], [0.0, 20.0, 50.0], [2, 4, 2])
    assert bins.total == 8
    assert [bins.value_at(share) for share in (0.25, 0.375, 0.5, 0.75, 0.8)] == [0, 12.5, 15, 20, 50]


@given(bins, st.floats(0, 1), st.floats(0, 1))
def test_values_rise_with_the_share_and_lie_between_least_and_greatest(pairs, one, other):
    distribution = points(*pairs)
    low, high = sorted((one, other))
    assert min(pairs)[0] <= distribution.value_at(low) <= distribution.value_at(high) <= max(pairs)[0]


@given(st.lists(st.floats(1, 1e5), min_size=2, max_size=200), st.sampled_from((0.5, 0.75, 0.9, 0.95, 0.99)))
def test_bins_two_per_cent_wide_are_right_to_two_per_cent(values, share):
    by_bin = {}
    for value in sorted(values):
        by_bin.setdefault(math.floor(math.log(value) / math.log(1.02)), []).append(value)
    held = by_bin.values()
    binned = Distribution([min(some) for some in held], [max(some) for some in held], [len(some) for some in held])
    exact = sorted(values)[math.ceil(round(share * len(values), 9)) - 1]
    assert binned.value_at(share) == pytest.approx(exact, rel=0.02 + 1e-9)


# ── Intervals ─────────────────────────────────────────────────────────────────────────────────────────────────────

HUNDRED = points(*((float(value), 1) for value in range(1, 101)))


def test_the_interval_of_a_percentile_lies_between_the_values_at_the_shares_beside_it():
    percentile = Percentile(HUNDRED, 0.5, 0.05)
    assert percentile.value == 50
    assert percentile.interval(2) == (pytest.approx(40), pytest.approx(60))


def test_beyond_all_samples_nothing_is_known():
    assert Percentile(HUNDRED, 0.9, 0.05).interval(3) == (pytest.approx(75), math.inf)
    assert Percentile(HUNDRED, 0.1, 0.05).interval(3)[0] == 0


def test_the_interval_of_a_difference_is_made_of_both_sides_reaches():
    """Before: 50, from 40 to 60. After: 75, from 71 to 79. Reaches of 10 and 4 add up to the root of 116."""
    change = Change(Percentile(HUNDRED, 0.5, 0.05), Percentile(HUNDRED, 0.75, 0.02))
    assert change.value == 25
    assert change.interval(2) == (pytest.approx(25 - math.sqrt(116)), pytest.approx(25 + math.sqrt(116)))


@given(bins, bins, st.floats(0.05, 0.95), st.floats(0.001, 0.2), st.floats(0, 5))
def test_a_change_lies_in_its_interval_and_a_surer_interval_is_wider(before, after, share, error, deviations):
    change = Change(Percentile(points(*before), share, error), Percentile(points(*after), share, error))
    low, high = change.interval(deviations)
    wider_low, wider_high = change.interval(deviations + 1)
    assert wider_low <= low <= change.value <= high <= wider_high


@given(bins, bins, st.floats(0.05, 0.95), st.floats(0.001, 0.2))
def test_the_evidence_is_how_wide_an_interval_may_be_before_it_takes_in_nothing(before, after, share, error):
    change = Change(Percentile(points(*before), share, error), Percentile(points(*after), share, error))
    evidence = change.evidence()
    low, high = change.interval(evidence + 1e-6)
    assert evidence >= 39.9 or low <= 0 <= high
    if evidence > 0.01:
        low, high = change.interval(evidence - 0.01)
        assert low > 0 or high < 0


def test_where_nothing_changed_there_is_no_evidence():
    assert Change(Percentile(HUNDRED, 0.5, 0.01), Percentile(HUNDRED, 0.5, 0.01)).evidence() == 0


def test_an_interval_of_95_per_cent_holds_the_truth_in_95_of_100_samples():
    """Two samples of one distribution: the truth is 0. Of 400 pairs, 380 are expected, and 363 is four deviations less."""
    chance, held = random.Random(1), 0
    for _ in range(400):
        sides = [points(*((chance.lognormvariate(7, 0.5), 1) for _ in range(400))) for _ in range(2)]
        before, after = (Percentile(side, 0.75, math.sqrt(0.75 * 0.25 / 400)) for side in sides)
        low, high = Change(before, after).interval(critical(0.95))
        held += low <= 0 <= high
    assert 363 <= held <= 397


# ── Counts ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("table", "root", "p_value"),
    [
        ((30, 100, 10, 200), 5.833157171481285, 5.4388291283191446e-09),
        ((8, 10, 1, 6), 2.552503017762614, 0.010695198302387429),
        ((240, 1_000, 2_000, 10_000), 2.93998994017015, 0.0032822290305260446),
        ((20, 100, 40, 200), 0, 1),
        ((0, 10, 0, 10), 0, 1),
    ],
)
def test_a_contrast_is_the_root_of_the_g_statistic(table, root, p_value):
    assert contrast(*table) == pytest.approx(root)
    assert two_sided(contrast(*table)) == pytest.approx(p_value)


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 1_000))
def test_a_contrast_is_as_large_seen_from_the_other_side(inside, inside_more, outside, outside_more):
    one = contrast(inside, inside + inside_more + 1, outside, outside + outside_more + 1)
    other = contrast(outside, outside + outside_more + 1, inside, inside + inside_more + 1)
    assert one == pytest.approx(-other, abs=1e-6)


def test_a_surprise_is_the_root_of_the_deviance():
    assert surprise(30, 100, 20) == pytest.approx(math.sqrt(5.633511519056693))
    assert surprise(20, 100, 20) == 0
    assert surprise(10, 100, 20) < 0
    assert surprise(0, 100, 20) == pytest.approx(-math.sqrt(2 * 100 * math.log(100 / 80)))
    assert surprise(3, 10, 0) == math.inf


# ── What single values explain ────────────────────────────────────────────────────────────────────────────────────


def test_where_each_value_has_its_own_factor_nothing_is_left_over():
    """Odds of 1 to 3, twice that with b, three times with y, six times with both."""
    odds = {("a", "x"): 1 / 3, ("b", "x"): 2 / 3, ("a", "y"): 1, ("b", "y"): 2}
    units = {("a", "x"): 60_000, ("b", "x"): 15_000, ("a", "y"): 12_000, ("b", "y"): 90_000}
    cells = [Cell(values, round(units[values] * each / (1 + each)), units[values]) for values, each in odds.items()]
    for cell, share in zip(cells, fitted(cells), strict=True):
        assert share == pytest.approx(cell.inside / cell.units, abs=0.002)


def test_what_two_values_do_together_is_left_over():
    cells = [
        Cell(("a", "x"), 100, 1_000),
        Cell(("b", "x"), 100, 1_000),
        Cell(("a", "y"), 100, 1_000),
        Cell(("b", "y"), 400, 1_000),
    ]
    # 352, 148, 148 and 52 of 1,000 each have the same sums by value, and odds of which one is the product of the others.
    together = fitted(cells)[3] * 1_000
    assert together == pytest.approx(352, abs=1)
    assert surprise(400, 1_000, together) > 3


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 500), st.integers(1, 500)),
        min_size=1, max_size=6, unique_by=lambda cell: cell[:2],
    )
)  # fmt: skip
def test_of_each_value_as_many_are_explained_as_there_are(given_cells):
    cells = [Cell((one, other), min(inside, units), units) for one, other, inside, units in given_cells]
    shares = fitted(cells)
    assert all(0 < share < 1 for share in shares)
    for place in range(2):
        for value in {cell.values[place] for cell in cells}:
            of_value = [(cell, share) for cell, share in zip(cells, shares, strict=True) if cell.values[place] == value]
            explained = sum(cell.units * share for cell, share in of_value)
            # Half a unit speaks against any effect, for as many steps of the logarithm as the effect has.
            assert explained == pytest.approx(sum(cell.inside for cell, _ in of_value), rel=0.02, abs=6)
