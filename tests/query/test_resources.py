"""Resources are counted, timed and weighed against each other: held against a handful computed by hand."""

import itertools
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.limits import DEFAULTS
from openrum.query.question import BadQuestion
from openrum.store import DuckDBStore
from tests.query.conftest import Asker, row

SCRIPT = {"url_host": "shop.example", "url": "/app.js", "file_type": "script", "first_party": True}
FONT = {"url_host": "fonts.example", "url": "/:hash.woff2", "file_type": "font", "first_party": False}
FIGURES = [
    "resources", "per_load", "samples", "duration_p50", "duration_p75", "duration_p95", "transfer_size_avg", "transfer_size_sum",
    "time_share", "slow_share", "slow",
]  # fmt: skip


def resource(duration, size=None, **members):
    return row("performance_resource_event", duration=duration, transfer_size=size, **members)


def navigation(initiator_type="navigation", **members):
    return row("performance_navigation_event", initiator_type=initiator_type, duration=1.0, **members)


@pytest.fixture
def fetched(ask):
    """Two loads and a change of route; a script four times, a font once."""
    ask.add(
        navigation(), navigation(), navigation("route_change"),
        resource(100.0, 1_000.0, **SCRIPT), resource(200.0, 3_000.0, **SCRIPT), resource(300.0, **SCRIPT), resource(None, **SCRIPT),
        resource(1_400.0, 0.0, **FONT),
    )  # fmt: skip
    return ask


def test_groups_of_urls_come_by_the_time_they_took(fetched):
    table = fetched.special("resources")
    assert table.columns == ["host", "url", "type", "party", *FIGURES]
    assert table.rows == [
        ["fonts.example", "/:hash.woff2", "font", "third", 1, 0.5, 1, 1_400, 1_400, 1_400, 0, 0, 0.7, 1, True],
        [
            "shop.example",
            "/app.js",
            "script",
            "first",
            4,
            2,
            3,
            200,
            250,
            pytest.approx(290),
            2_000,
            4_000,
            0.3,
            0,
            False,
        ],
    ]
    assert (table.more["loads"], table.more["groups"]) == (2, 2)


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("type", [["font"], ["script"]]),
        ("party", [["third"], ["first"]]),
        ("host", [["fonts.example", "third"], ["shop.example", "first"]]),
    ],
)
def test_a_row_may_be_a_type_a_party_or_a_host(fetched, by, labels):
    table = fetched.special("resources", by=by)
    assert table.columns == [by, *(["party"] if by == "host" else []), *FIGURES]
    assert [cells[: -len(FIGURES)] for cells in table.rows] == labels
    assert [cells[-3] for cells in table.rows] == [0.7, 0.3]


def test_what_is_slow_is_for_the_asker_to_say(fetched):
    def slow(slow_ms):
        return [cells[-2:] for cells in fetched.special("resources", slow_ms=slow_ms).rows]

    assert slow(1_400) == [[0, False], [0, False]]
    assert slow(200) == [[1, True], [pytest.approx(1 / 3), True]]
    for wrong in (-1, float("nan")):
        with pytest.raises(BadQuestion, match="slow_ms"):
            slow(wrong)


def test_a_limit_leaves_shares_as_they_are(fetched):
    table = fetched.special("resources", limit=1)
    assert [cells[-3] for cells in table.rows] == [0.7]
    assert table.more["groups"] == 2
    with pytest.raises(BadQuestion, match="limit"):
        fetched.special("resources", limit=0)


def test_a_filter_of_resources_leaves_the_loads_and_one_of_pages_does_not(fetched):
    fetched.add(navigation(page="/b"), resource(50.0, page="/b", **FONT))
    [font] = fetched.special("resources", where=[{"dimension": "resource_type", "values": ["font"]}]).rows
    assert font[4:6] == [2, pytest.approx(2 / 3)]
    [font] = fetched.special("resources", where=[{"dimension": "page", "values": ["/b"]}]).rows
    assert font[4:6] == [1, 1]


def test_without_loads_nothing_is_per_load_and_without_times_nothing_is_slow(ask):
    ask.add(resource(None, **SCRIPT))
    [cells] = ask.special("resources").rows
    assert cells[4:] == [1, None, 0, None, None, None, None, None, None, None, None]


def test_what_no_resource_says_stands_in_a_row_of_null(ask):
    ask.add(resource(5.0))
    [cells] = ask.special("resources").rows
    assert cells[:5] == [None, None, None, None, 1]


def test_where_nothing_is_there_are_no_rows(ask):
    ask.add(row("largest_contentful_paint_event", value=9.0, **SCRIPT))
    table = ask.special("resources")
    assert (table.rows, table.more["loads"], table.more["groups"], table.more["hints"]) == ([], 0, 0, [])


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with closing(DuckDBStore(tmp_path_factory.mktemp("resources"), DEFAULTS)) as store:
        yield Asker(store)


_examples = itertools.count(1)
resources_sent = st.lists(
    st.fixed_dictionaries({
        "duration": st.none() | st.floats(0, 1e5, width=32),
        "url_host": st.sampled_from(["a", "b", None]),
        "url": st.sampled_from(["/x", "/y", None]),
        "file_type": st.sampled_from(["script", "font"]),
        "first_party": st.sampled_from([True, False, None]),
    }),
    min_size=1,
    max_size=12,
)  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(resources_sent, st.sampled_from(["url", "type", "party", "host"]))
def test_however_they_are_grouped_counts_and_shares_add_up(shared, sent, by):
    group = f"/{next(_examples)}"
    shared.add(*(row("performance_resource_event", page_group=group, **members) for members in sent))
    table = shared.special("resources", by=by, where=[{"dimension": "page_group", "values": [group]}])
    found = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
    assert sum(each["resources"] for each in found) == len(sent)
    assert sum(each["samples"] for each in found) == sum(members["duration"] is not None for members in sent)
    shares = [each["time_share"] for each in found if each["time_share"] is not None]
    whole = sum(members["duration"] or 0 for members in sent)
    assert sum(shares) == pytest.approx(1) if whole else not any(shares)
    assert shares == sorted(shares, reverse=True)
