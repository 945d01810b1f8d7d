"""The impact ranking says where to begin: by page views that would turn good, held against counts by hand."""

import itertools
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.question import BadQuestion
from openrum.store import DuckDBStore
from openrum.vitals import SCORED
from tests.query.conftest import Asker, row

TYPES = {
    "lcp": "largest_contentful_paint_event", "inp": "interaction_to_next_paint_event", "cls": "cumulative_layout_shift_event",
    "fcp": "first_contentful_paint_event", "ttfb": "time_to_first_byte_event",
}  # fmt: skip
COLUMNS = ["page_group", "vital", "page_views", "samples", "not_good", "would_turn_good", "p75", "rating"]


def vital(name, value, group="/a"):
    return row(TYPES[name], value=value, page_group=group)


def views(count, group="/a"):
    return [row(page_group=group) for _ in range(count)]


def test_page_views_that_would_turn_good_decide_and_not_how_bad_it_is(ask):
    ask.add(
        *views(100), vital("lcp", 2_000.0), vital("lcp", 2_400.0), vital("lcp", 2_600.0), vital("lcp", 2_800.0),
        vital("inp", 150.0), vital("inp", 600.0), vital("inp", 700.0), vital("inp", 800.0),
        *views(4, "/b"), vital("lcp", 9_000.0, "/b"),
    )  # fmt: skip
    table = ask.special("impact")
    assert table.columns == COLUMNS
    assert table.rows == [
        ["/a", "inp", 100, 4, 0.75, 75, 725, "poor"],
        ["/a", "lcp", 100, 4, 0.5, 50, 2_650, "needs_improvement"],
        ["/b", "lcp", 4, 1, 1, 4, 9_000, "poor"],
    ]
    assert table.more["groups"] == 3


def test_a_value_on_the_border_belongs_to_the_better_side(ask):
    """0.1 and 0.25 have no exact form in the store's single precision."""
    ask.add(*views(1), vital("cls", 0.1), vital("lcp", 2_500.0), vital("inp", 200.0))
    ask.add(*views(1, "/b"), vital("cls", 0.25, "/b"), vital("lcp", 4_000.0, "/b"), vital("inp", 500.0, "/b"))
    found = {(cells[0], cells[1]): (cells[4], cells[-1]) for cells in ask.special("impact").rows}
    assert found == {
        **{("/a", name): (0, "good") for name in SCORED},
        **{("/b", name): (1, "needs_improvement") for name in SCORED},
    }


def test_ties_go_to_the_page_with_more_views_and_then_by_name(ask):
    ask.add(
        *views(2, "/b"), *views(3, "/c"), *views(2, None), *(vital("cls", 0.0, group) for group in ("/b", "/c", None))
    )
    ask.add(vital("lcp", 1.0, "/b"))
    assert [cells[:3] for cells in ask.special("impact").rows] == [
        ["/c", "cls", 3], ["/b", "cls", 2], ["/b", "lcp", 2], [None, "cls", 2],
    ]  # fmt: skip


def test_only_the_vitals_that_were_asked_for_are_ranked(ask):
    ask.add(*views(1), *(vital(name, 5_000.0) for name in TYPES))
    assert [cells[1] for cells in ask.special("impact").rows] == ["cls", "inp", "lcp"]
    assert [cells[1] for cells in ask.special("impact", vitals=["ttfb", "fcp", "ttfb"]).rows] == ["fcp", "ttfb"]
    for wrong in ([], ["load"], ["lcp", "nothing"]):
        with pytest.raises(BadQuestion, match="vitals"):
            ask.special("impact", vitals=wrong)


def test_a_page_that_nobody_viewed_in_the_range_has_nothing_to_win(ask):
    ask.add(vital("lcp", 9_000.0))
    assert ask.special("impact").rows == [["/a", "lcp", 0, 1, 1, 0, 9_000, "poor"]]


def test_views_without_a_sample_and_samples_without_a_value_are_no_rows(ask):
    ask.add(*views(3), vital("lcp", None))
    table = ask.special("impact")
    assert (table.rows, table.more["groups"], table.more["hints"]) == ([], 0, [])


def test_a_limit_cuts_behind_the_first_and_tells_how_many_there_are(ask):
    ask.add(*views(2), vital("lcp", 9_000.0), vital("inp", 9.0))
    table = ask.special("impact", limit=1)
    assert [cells[1] for cells in table.rows] == ["lcp"]
    assert table.more["groups"] == 2


def test_a_rank_on_too_few_samples_is_told(ask):
    ask.add(*views(1), *(vital("lcp", 3_000.0) for _ in range(40)), *(vital("inp", 100.0) for _ in range(39)))
    told = [(hint.row, hint.measure, hint.samples, hint.needed) for hint in ask.special("impact").more["hints"]]
    assert told == [(1, "p75", 39, 40)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("impact"), DEFAULTS)) as store:
        yield Asker(store)


_examples = itertools.count(1)
_sent = st.lists(
    st.tuples(st.sampled_from(["view", *SCORED]), st.sampled_from(["a", "b"]), st.floats(0, 6_000, width=32)),
    max_size=30,
)


@settings(max_examples=10, deadline=None)
@given(_sent)
def test_no_more_views_turn_good_than_there_are_and_measures_agree(shared, sent):
    release = f"r{next(_examples)}"
    rows = [row() if kind == "view" else row(TYPES[kind], value=value) for kind, _, value in sent]
    for made, (_, group, _) in zip(rows, sent, strict=True):
        made.page_group, made.release = group, release
    shared.add(*rows)
    where = [{"dimension": "release", "values": [release]}]
    found = shared.special("impact", where=where).rows
    gains = [cells[5] for cells in found]
    assert gains == sorted(gains, reverse=True)
    for group, name, page_views, samples, not_good, gain, p75, rating in found:
        assert gain == pytest.approx(page_views * not_good)
        assert 0 <= gain <= page_views
        here = [*where, {"dimension": "page_group", "values": [group]}]
        names = ["page_views", f"{name}_count", f"{name}_good", f"{name}_p75"]
        assert shared.rows(names, where=here) == [[page_views, samples, pytest.approx(1 - not_good), p75]]
        assert rating in ("good", "needs_improvement", "poor")
    assert len(found) == len({(group, kind) for kind, group, _ in sent if kind != "view"})
