"""The histogram of a timing: every sample is in one bar, and a bar is of one band."""

import itertools
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.distribution import DistributionForm
from openrum.query.measures import TIMINGS
from openrum.store import DuckDBStore
from tests.query.conftest import Asker, row

NAMES = list(DistributionForm.__annotations__["timing"].__args__)


def sample(name, value, **members):
    timing = TIMINGS[name]
    return row(f"{timing.event_type}_event", **{timing.column: value}, **members)


def test_bars_are_without_gaps_and_hold_the_samples_up_to_their_end(ask):
    ask.add(*(sample("lcp", value) for value in (0.0, 100.0, 100.5, 2_500.0, 2_501.0, 4_000.0)))
    table = ask.special("distribution")
    assert table.columns == ["begin", "end", "samples", "share", "rating"]
    assert [cells[:2] for cells in table.rows] == [[begin, begin + 100] for begin in range(0, 4_000, 100)]
    assert {cells[1]: cells[2] for cells in table.rows if cells[2]} == {100: 2, 200: 1, 2_500: 1, 2_600: 1, 4_000: 1}
    assert {cells[4] for cells in table.rows if cells[1] > 2_500} == {"needs_improvement"}
    assert table.more["samples"] == 6


def test_what_is_beyond_the_slowest_hundredth_is_a_last_bar_without_an_end(ask):
    ask.add(*(sample("lcp", 1_000.0) for _ in range(199)), sample("lcp", 90_000.0))
    assert ask.special("distribution").rows[-1] == [4_000, None, 1, 1 / 200, "poor"]


def test_bars_are_wider_where_samples_are_slow(ask):
    ask.add(*(sample("inp", 3_000.0) for _ in range(9)))
    rows = ask.special("distribution", timing="inp").rows
    assert len(rows) <= 61
    assert {end - begin for begin, end, *_ in rows} == {50}


def test_a_shift_on_a_border_is_on_its_better_side(ask):
    """0.1 and 0.25 have no exact form in the store's single precision."""
    ask.add(sample("cls", 0.1), sample("cls", 0.25))
    found = {tuple(cells[:2]): cells[4] for cells in ask.special("distribution", timing="cls").rows if cells[2]}
    assert found == {(0.095, 0.1): "good", (0.245, 0.25): "needs_improvement"}


def test_what_has_no_bands_has_no_rating(ask):
    ask.add(sample("load", 450.0))
    assert ask.special("distribution", timing="load").rows[-1] == [400, 500, 1, 1, None]


def test_without_samples_there_are_no_bars(ask):
    ask.add(row())
    table = ask.special("distribution")
    assert (table.rows, table.more["samples"]) == ([], 0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("distribution"), DEFAULTS)) as store:
        yield Asker(store)


_examples = itertools.count(1)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(NAMES), st.lists(st.floats(-5, 30_000, width=32) | st.floats(0, 1, width=32), max_size=40))
def test_every_sample_is_in_one_bar_and_the_bands_are_those_of_the_measures(shared, name, values):
    release = f"r{next(_examples)}"
    shared.add(row(), *(sample(name, value, release=release) for value in values))
    where = [{"dimension": "release", "values": [release]}]
    rows = shared.special("distribution", timing=name, where=where).rows
    assert sum(cells[2] for cells in rows) == len(values)
    assert all(one[1] == other[0] for one, other in itertools.pairwise(rows))
    assert len(rows) <= 61
    if values and TIMINGS[name].good is not None:
        bands = ("good", "needs_improvement", "poor")
        [shares] = shared.rows([f"{name}_{band}" for band in bands], where=where)
        for band, share in zip(bands, shares, strict=True):
            assert sum(cells[3] for cells in rows if cells[4] == band) == pytest.approx(share)
