"""The parts of a vital, by the element that it was: held against a handful computed by hand."""

import itertools
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.question import BadQuestion
from openrum.store import DuckDBStore
from tests.query.conftest import Asker, row

LCP_PARTS = ["time_to_first_byte", "resource_load_delay", "resource_load_time", "element_render_delay"]
INP_PARTS = ["input_delay", "processing_duration", "presentation_delay"]


def lcp(value, target, *parts):
    return row(
        "largest_contentful_paint_event", value=value, target=target, **dict(zip(LCP_PARTS, parts, strict=False))
    )


def inp(value, target, interaction_type, *parts, **members):
    members |= dict(zip(INP_PARTS, parts, strict=False))
    return row(
        "interaction_to_next_paint_event", value=value, target=target, interaction_type=interaction_type, **members
    )


def cls(value, target=None, largest=None, **members):
    return row("cumulative_layout_shift_event", value=value, target=target, largest_shift_value=largest, **members)


def _shares(parts):
    return [f"{part}_share" for part in parts]


def test_lcp_is_broken_into_its_parts_by_element(ask):
    ask.add(
        lcp(1_000.0, "img", 100.0, 200.0, 300.0, 400.0), lcp(2_000.0, "img", 300.0, 200.0, 500.0, 1_000.0),
        lcp(500.0, None, 100.0, 0.0, 0.0, 400.0), row("first_contentful_paint_event", value=7.0, target="img"),
    )  # fmt: skip
    table = ask.special("lcp-parts")
    assert table.columns == ["element", "samples", "lcp_p75", *LCP_PARTS, *_shares(LCP_PARTS)]
    assert table.rows == [
        ["img", 2, 1_750, 200, 200, 400, 700, *(pytest.approx(share) for share in (2 / 15, 2 / 15, 4 / 15, 7 / 15))],
        [None, 1, 500, 100, 0, 0, 400, 0.2, 0, 0, 0.8],
    ]


def test_inp_is_broken_into_its_phases_by_target_or_by_type(ask):
    ask.add(
        inp(100.0, "a", "pointer", 20.0, 50.0, 30.0), inp(200.0, "a", "keyboard", 40.0, 150.0, 10.0),
        inp(400.0, "b", "pointer", 0.0, 200.0, 200.0),
    )  # fmt: skip
    table = ask.special("inp-parts")
    assert table.columns == ["target", "samples", "inp_p75", *INP_PARTS, *_shares(INP_PARTS)]
    assert table.rows == [
        ["a", 2, 175, 30, 100, 20, 0.2, pytest.approx(2 / 3), pytest.approx(2 / 15)],
        ["b", 1, 400, 0, 200, 200, 0, 0.5, 0.5],
    ]
    table = ask.special("inp-parts", by="type")
    assert table.columns == ["type", "samples", "inp_p75", *INP_PARTS, *_shares(INP_PARTS)]
    assert [cells[:6] for cells in table.rows] == [["pointer", 2, 325, 10, 125, 115], ["keyboard", 1, 200, 40, 150, 10]]


def test_elements_that_shift_are_ranked_by_all_the_cls_that_was_theirs(ask):
    ask.add(cls(0.0), cls(0.0), cls(0.0), cls(0.25, "ad", 0.125), cls(0.5, "ad", 0.375), cls(0.25, "img", 0.25))
    table = ask.special("cls-targets")
    assert table.columns == ["element", "samples", "cls_p75", "largest_shift", "share"]
    assert table.rows == [["ad", 2, 0.4375, 0.25, 0.75], ["img", 1, 0.25, 0.25, 0.25], [None, 3, 0, None, 0]]


def test_where_nothing_shifted_nothing_has_a_share(ask):
    ask.add(cls(0.0))
    assert ask.special("cls-targets").rows == [[None, 1, 0, None, None]]


@pytest.mark.parametrize("name", ["lcp-parts", "inp-parts", "cls-targets"])
def test_where_nothing_is_and_where_no_value_is_there_are_no_rows(ask, name):
    assert ask.special(name).rows == []
    ask.add(lcp(None, "a", 1.0), inp(None, "a", "pointer"), cls(None, "a"))
    table = ask.special(name)
    assert (table.rows, table.more["hints"]) == ([], [])


def test_a_part_that_was_not_sent_has_no_share_and_the_others_are_of_the_rest(ask):
    ask.add(lcp(100.0, "img", 60.0, None, 20.0, None), lcp(100.0, "p"), lcp(0.0, "q", 0.0, 0.0, 0.0, 0.0))
    rows = [cells[3:] for cells in ask.special("lcp-parts").rows]
    assert rows == [[60, None, 20, None, 0.75, None, 0.25, None], [None] * 8, [0, 0, 0, 0, None, None, None, None]]


@pytest.mark.parametrize("name", ["lcp-parts", "inp-parts", "cls-targets"])
def test_the_most_frequent_come_first_and_ties_have_one_order(ask, name):
    for target in ("b", "a", None, "c", "c"):
        ask.add(lcp(8.0, target), inp(8.0, target, "pointer"), cls(0.5, target))
    assert [cells[0] for cells in ask.special(name).rows] == ["c", "a", "b", None]
    assert [cells[0] for cells in ask.special(name, limit=2).rows] == ["c", "a"]
    with pytest.raises(BadQuestion, match="limit"):
        ask.special(name, limit=10_001)


def test_a_p75_on_too_few_samples_is_told(ask):
    ask.add(*(lcp(1.0, "img") for _ in range(40)), lcp(1.0, "p"))
    told = [(hint.row, hint.measure, hint.samples, hint.needed) for hint in ask.special("lcp-parts").more["hints"]]
    assert told == [(1, "lcp_p75", 1, 40)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("vitals"), DEFAULTS)) as store:
        yield Asker(store)


_examples = itertools.count(1)
_span = st.none() | st.floats(0, 1e5, width=32)
_target = st.sampled_from(["a", "b", None])
_sent = st.lists(
    st.tuples(_target, st.sampled_from(["pointer", "keyboard", None]), _span, _span, _span, _span), max_size=12
)


@settings(max_examples=10, deadline=None)
@given(_sent)
def test_shares_are_of_one_whole_and_every_sample_stands_in_one_row(shared, sent):
    release = f"r{next(_examples)}"
    rows = [inp(value, target, kind, *phases, release=release) for target, kind, value, *phases in sent]
    rows += [cls(value, target, largest, release=release) for target, _, value, largest, *_ in sent]
    shared.add(*rows)
    where = [{"dimension": "release", "values": [release]}]
    samples = sum(value is not None for _, _, value, *_ in sent)
    for by in ("target", "type"):
        rows = shared.special("inp-parts", by=by, where=where).rows
        assert sum(cells[1] for cells in rows) == samples
        for cells in rows:
            shares = [share for share in cells[-3:] if share is not None]
            assert shares == [] if not any(cells[3:6]) else sum(shares) == pytest.approx(1)
    rows = shared.special("cls-targets", where=where).rows
    assert sum(cells[1] for cells in rows) == samples
    whole = sum(value or 0 for _, _, value, *_ in sent)
    assert sum(cells[-1] or 0 for cells in rows) == pytest.approx(1 if whole else 0)
