"""The waterfall shows where the time of a load went: held against loads computed by hand, and against real clients."""

import itertools
import json
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.enrich.columns import fill_details
from openrum.enrich.event_types import Navigation
from openrum.limits import DEFAULTS
from openrum.query.waterfall import PHASES
from openrum.store import DuckDBStore
from tests.query.conftest import Asker, row

RECORDED = sorted((Path(__file__).parent.parent / "enrich/recorded_events").glob("*.json"))
NAMES = [phase.name for phase in PHASES]
# 50 redirect, 10 unload, 0 worker, 20 fetch, 20 dns, 40 connect, 60 tls, 200 request, 100 response, then up to 1,000.
LOAD = {
    "duration": 1000.0, "redirect_time": 50.0, "worker_time": 0.0, "fetch_start": 60.0, "dns": 20.0, "connect": 100.0,
    "tls_time": 60.0, "response_start": 400.0, "time_to_first_byte": 200.0, "response_time": 100.0,
    "dom_interactive": 700.0, "dom_content_loaded": 750.0, "dom_complete": 950.0, "load_event_time": 50.0,
}  # fmt: skip
SPANS = [50, 10, 0, 20, 20, 40, 60, 200, 100, 200, 50, 200, 50]


def load(**members):
    return row("performance_navigation_event", **{"initiator_type": "navigation", **LOAD, **members})


def by_phase(table):
    return {cells[0]: dict(zip(table.columns, cells, strict=True)) for cells in table.rows}


def test_a_load_is_cut_into_phases_that_follow_one_another(ask):
    ask.add(load())
    table = ask.special("waterfall")
    assert table.columns == ["phase", "start", "mean", "p50", "p75", "p95", "samples", "share"]
    starts = [0, *itertools.accumulate(SPANS[:-1])]
    assert table.rows == [
        [name, start, span, span, span, span, 1, span / 1000]
        for name, start, span in zip(NAMES, starts, SPANS, strict=True)
    ]
    assert table.more["loads"] == 1
    assert table.more["load"] == {"mean": 1000, "p50": 1000, "p75": 1000, "p95": 1000, "samples": 1}


def test_several_loads_are_averaged_and_percentiles_lie_between_them(ask):
    ask.add(load(), load(**{name: 2 * value for name, value in LOAD.items()}))
    table = ask.special("waterfall")
    for cells, span in zip(table.rows, SPANS, strict=True):
        assert cells[2:6] == pytest.approx([1.5 * span, 1.5 * span, 1.75 * span, 1.95 * span])
        assert cells[6:] == [2, pytest.approx(span / 1000)]
    assert [cells[1] for cells in table.rows] == pytest.approx(
        [1.5 * at for at in [0, *itertools.accumulate(SPANS[:-1])]]
    )
    assert table.more["load"]["p75"] == pytest.approx(1750)


def test_changes_of_route_have_no_phases_and_an_unnamed_initiator_is_a_load(ask):
    ask.add(load(initiator_type="route_change"), row("performance_resource_event", duration=9.0, dns=7.0))
    assert ask.special("waterfall").more["loads"] == 0
    ask.add(load(initiator_type=None))
    assert ask.special("waterfall").more["loads"] == 1


def test_where_nothing_is_all_phases_are_there_and_empty(ask):
    table = ask.special("waterfall")
    assert table.rows == [[name, None, None, None, None, None, 0, None] for name in NAMES]
    assert table.more["load"]["mean"] is None
    assert table.more["hints"] == []


def test_filters_pick_the_page(ask):
    ask.add(load(page_group="/a"), load(page_group="/b", dns=70.0))
    found = by_phase(ask.special("waterfall", where=[{"dimension": "page_group", "values": ["/b"]}]))
    assert (found["dns"]["mean"], found["dns"]["samples"]) == (70, 1)


def test_what_was_not_sent_has_no_sample_and_the_others_stay(ask):
    """Older browsers tell nothing of the worker."""
    ask.add(load(worker_time=None))
    found = by_phase(ask.special("waterfall"))
    assert (found["worker"]["mean"], found["worker"]["samples"], found["worker"]["share"]) == (None, 0, None)
    assert (found["unload"]["mean"], found["fetch"]["start"]) == (10, 60)


def test_an_offset_of_nothing_was_never_reached(ask):
    ask.add(load(), load(dom_complete=0.0, response_start=0.0, duration=0.0))
    table = ask.special("waterfall")
    samples = {name: cells["samples"] for name, cells in by_phase(table).items()}
    unknown = {"fetch", "request", "response", "dom_interactive", "dom_complete"}
    assert samples == {name: 1 if name in unknown else 2 for name in NAMES}
    assert (table.more["loads"], table.more["load"]["samples"]) == (2, 1)


def test_no_phase_is_shorter_than_nothing(ask):
    ask.add(load(load_event_time=-1.7e12, fetch_start=300.0, dom_interactive=450.0, tls_time=180.0))
    found = by_phase(ask.special("waterfall"))
    assert [found[name]["mean"] for name in ("load_event", "fetch", "dom_interactive", "connect")] == [0, 0, 0, 0]


def test_percentiles_on_too_few_loads_are_told(ask):
    ask.add(*(load() for _ in range(25)))
    told = [(hint.row, hint.measure, hint.samples, hint.needed) for hint in ask.special("waterfall").more["hints"]]
    assert told == [each for at in range(len(PHASES)) for each in ((at, "p75", 25, 40), (at, "p95", 25, 200))]


def _recorded(path):
    """The navigations of a real client, as it sent them."""
    batches = json.loads(path.read_text(encoding="utf-8"))
    events = [event for batch in batches for event in batch["body"]["RumEvents"]]
    kind = "com.amazon.rum.performance_navigation_event"
    navigations = [msgspec.json.decode(each["details"], type=Navigation) for each in events if each["type"] == kind]
    return [each for each in navigations if each.initiator_type != "route_change"]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_phases_of_a_real_load_add_up_to_it(ask, path):
    navigations = _recorded(path)
    assert navigations
    for number, navigation in enumerate(navigations):
        made = row("performance_navigation_event", page_group=f"/{number}")
        fill_details(made, navigation, None)
        ask.add(made)
        table = ask.special("waterfall", where=[{"dimension": "page_group", "values": [f"/{number}"]}])
        assert sum(cells[2] for cells in table.rows) == pytest.approx(navigation.duration, abs=1.5)


spans = st.none() | st.floats(-1e5, 1e6, width=32)
loads_sent = st.lists(st.fixed_dictionaries(dict.fromkeys(LOAD, spans)), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("waterfall"), DEFAULTS)) as store:
        yield Asker(store)


_examples = itertools.count(1)


@settings(max_examples=10, deadline=None)
@given(loads_sent)
def test_whatever_is_sent_phases_are_in_order_and_their_shares_are_of_one_whole(shared, sent):
    group = f"/{next(_examples)}"
    shared.add(*(load(page_group=group, **members) for members in sent))
    table = shared.special("waterfall", where=[{"dimension": "page_group", "values": [group]}])
    end = 0.0
    for _, start, mean, p50, p75, p95, samples, share in table.rows:
        assert start == pytest.approx(end)
        end = start + (mean or 0)
        assert 0 <= samples <= len(sent) == table.more["loads"]
        assert (mean is None) == (samples == 0) == (p95 is None)
        assert mean is None or (mean >= 0 and 0 <= p50 <= p75 <= p95)
        assert share is None or share >= 0
    known = [cells[-1] for cells in table.rows if cells[-1] is not None]
    assert known == [] if end == 0 else sum(known) == pytest.approx(1)
