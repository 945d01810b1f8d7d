"""A template is written once for all questions that differ in values alone, and is shown as if it had been written for each."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.query import tree
from openrum.query.scope import Filter, Scope
from openrum.query.tree import Parameters, from_template
from tests.query.conftest import MONITOR, NOW_MS
from tests.query.test_properties import filters

TEMPLATE = """
SELECT page, count(*) AS n FROM scope WHERE "time" > $least AND @shown GROUP BY page ORDER BY n DESC LIMIT $limit
"""


def asked(where=(), *, monitor=MONITOR, limit=10, country="de", written_anew=False):
    """The statement; `written_anew` as if nobody had asked before."""
    if written_anew:
        tree._filled.cache_clear()
    parameters = Parameters()
    slots = {"shown": tree.condition(Filter("country", "is", (country,)), parameters)}
    scope = Scope(monitor, NOW_MS - 1, NOW_MS, tuple(where))
    return from_template(TEMPLATE, scope, parameters, slots=slots, least=NOW_MS - 1, limit=limit)


def told(built):
    # Lines may break elsewhere.
    return built.text("duckdb"), built.text("clickhouse"), built.parameters, built.reads, "".join(built.shown().split())


@settings(max_examples=100, deadline=None)
@given(st.lists(filters(), max_size=3), st.integers(0, 2**40), st.text(max_size=5))
def test_what_was_written_for_others_says_what_would_be_written_for_it_alone(where, limit, country):
    where = [Filter(each["dimension"], each["op"], tuple(each.get("values", ()))) for each, _ in where]
    asked(where)
    known = told(asked(where, limit=limit, country=country))
    assert known == told(asked(where, limit=limit, country=country, written_anew=True))


def test_values_are_those_of_who_asks():
    one = asked([Filter("browser", "is", ("Chrome",))], written_anew=True)
    other = asked([Filter("browser", "is", ("it's $p1",))], limit=3)
    assert tree._filled.cache_info().misses == 1
    assert one.text("duckdb") == other.text("duckdb")
    assert "'Chrome'" in one.shown()
    assert "LIMIT 10" in one.shown()
    assert "'it''s $p1'" in other.shown()
    assert "LIMIT 3" in other.shown()


@pytest.mark.parametrize("where", [[Filter("browser", "is", ("a", "b"))], [Filter("browser", "is_not", ("a",))], []])
def test_another_form_of_filter_is_another_statement(where):
    assert asked([Filter("browser", "is", ("a",))]).text("duckdb") != asked(where).text("duckdb")


def test_a_statement_of_very_many_values_is_not_kept():
    asked(written_anew=True)
    many = asked([Filter("page", "is", tuple(f"/{number}" for number in range(1_000)))])
    assert tree._filled.cache_info().currsize == 1
    assert many.text("duckdb").count("$p") > 1_000
