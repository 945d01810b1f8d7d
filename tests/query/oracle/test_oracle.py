"""The engine's answers are those that plain Python works out of the same events: two hundred thousand of them, sent through
the real drain into a real store. Counts are equal, percentiles and means as far as columns of single precision reach.
"""

import json
import math
from functools import cache

import msgspec
import pytest

from openrum.limits import DEFAULTS
from openrum.query import folded
from openrum.query.measures import MEASURES
from openrum.query.question import QuestionForm, parse_question
from openrum.query.run import run
from tests.drained import NOW_MS
from tests.query.oracle.answers import answer
from tests.query.oracle.loading import load
from tests.query.oracle.population import Population
from tests.query.oracle.questions import EVERYTHING, QUESTIONS

pytestmark = pytest.mark.slow

EVENTS = 200_000
SEED = 20_261_125


@pytest.fixture(scope="module")
def population():
    return Population(SEED, EVENTS)


def parsed(question):
    form = msgspec.json.decode(json.dumps(question), type=QuestionForm)
    return parse_question(form, question["monitor"], NOW_MS, DEFAULTS)


FOLDABLE = [name for name, each in QUESTIONS.items() if folded.answers(parsed(each), each["measures"])]


@pytest.fixture(scope="module")
def drained(population, tmp_path_factory):
    drained = load(population.requests, tmp_path_factory.mktemp("oracle"))
    yield drained
    drained.close()


@pytest.fixture(scope="module")
def settled(drained):
    """All days but the last two are in their last order, and folded. What is asked of the events is asked before."""
    for day in sorted(drained.store.days())[:-2]:
        drained.store.rewrite(day, settled=True)
    return drained


@pytest.fixture(scope="module")
def gathered(settled):
    """And those are in memory, too."""
    settled.store.gather()
    return settled


@pytest.fixture
def ask(drained):
    return lambda question: run(parsed(question), drained.store, DEFAULTS)


def differences(expected, found):
    """What is not as it must be, cell by cell."""
    if len(expected) != len(found):
        return [f"{len(found)} rows where {len(expected)} must be: {found[:3]} … for {expected[:3]} …"]
    return [
        f"row {index}, column {column}: {there!r} where {wanted!r} must be"
        for index, (wanted_row, found_row) in enumerate(zip(expected, found, strict=True))
        for column, (wanted, there) in enumerate(zip(wanted_row, found_row, strict=True))
        if not same(wanted, there)
    ]


def same(wanted, found):
    if isinstance(wanted, float) or isinstance(found, float):
        return wanted is not None and found is not None and math.isclose(wanted, found, rel_tol=1e-4, abs_tol=1e-9)
    return wanted == found and isinstance(wanted, bool) == isinstance(found, bool)


def test_every_event_came_to_the_end_that_it_must(population, drained):
    assert population.sent >= EVENTS
    for monitor, stored in population.stored.items():
        assert drained.counts(monitor)["stored"] == len(stored)
    totals = {
        end: sum(drained.counts(monitor).get(end, 0) for monitor in population.stored) for end in population.counts
    }
    assert totals == population.counts
    assert min(totals.values()) > 0


def test_no_measure_is_left_out():
    assert set(EVERYTHING) == set(MEASURES)


@pytest.fixture(scope="module")
def expected_of(population):
    """What plain Python says, worked out once."""

    @cache
    def of(name):
        question = QUESTIONS[name]
        return answer(population.stored[question["monitor"]], question)

    return of


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_is_what_plain_python_says(expected_of, ask, name):
    agrees(QUESTIONS[name], expected_of(name), ask(QUESTIONS[name]))


def agrees(question, expected, found):
    assert found.columns == expected.columns
    rows, wanted = found.rows, expected.rows
    if question["by"] == ["error"]:  # the name of a group is the engine's own; which events are one group is not
        assert len({row[0] for row in rows}) == len(rows)
        rows, wanted = sorted(row[1:] for row in rows), sorted(row[1:] for row in wanted)
    assert not differences(wanted, rows)[:5]
    assert not differences([expected.totals or []], [found.totals or []])
    assert not differences([expected.other or []], [found.other or []])
    assert (found.truncated, found.rows_scanned) == (expected.truncated, expected.scanned)


SAMPLES_NEEDED = {"p50": 20, "p75": 40, "p90": 100, "p95": 200, "p99": 1_000}


@pytest.mark.parametrize("name", ["everything of a third", "core by country", "everything by page tag"])
def test_an_answer_says_on_how_many_samples_a_percentile_stands_and_which_are_too_few(population, ask, name):
    question = QUESTIONS[name]
    counts = [f"{each.rpartition('_')[0]}_count" if is_percentile(each) else "events" for each in question["measures"]]
    counted = {**question, "measures": list(dict.fromkeys([question["measures"][0], *counts]))}
    expected, found = answer(population.stored[question["monitor"]], counted), ask(question)
    for measure, count in zip(question["measures"], counts, strict=True):
        if is_percentile(measure):
            samples = [row[expected.columns.index(count)] for row in expected.rows]
            at = question["measures"].index(measure)
            assert [row[at] for row in found.samples] == samples
            too_few = [at for at, each in enumerate(samples) if 0 < each < SAMPLES_NEEDED[measure.rpartition("_")[2]]]
            assert [hint.row for hint in found.hints if hint.measure == measure] == too_few
    assert found.hints


def is_percentile(measure):
    return measure.rpartition("_")[2] in SAMPLES_NEEDED


def test_many_of_the_questions_are_answered_by_folded_rows():
    assert len(FOLDABLE) > len(QUESTIONS) / 4


@pytest.mark.parametrize("name", FOLDABLE)
def test_a_folded_answer_is_what_plain_python_says(expected_of, settled, name):
    assert settled.store.days()[min(settled.store.days())].wholly_folded
    agrees(QUESTIONS[name], expected_of(name), run(parsed(QUESTIONS[name]), settled.store, DEFAULTS))


@pytest.mark.parametrize("name", FOLDABLE)
def test_an_answer_of_gathered_days_is_what_plain_python_says(expected_of, gathered, name):
    assert min(gathered.store.days()) in gathered.store._gathering.now.days.values()
    agrees(QUESTIONS[name], expected_of(name), run(parsed(QUESTIONS[name]), gathered.store, DEFAULTS))
