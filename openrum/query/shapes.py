"""One statement for all questions of one shape: written once, then asked again with other values.

No value can change the shape of a tree (see tree.py), and to write a tree takes longer than to ask a small store. So a question
is written with values that stand for its own, and where those come to stand its own are put. Questions over time, and those for
the rest behind a limit, are written each time: how many places they have depends on their values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from openrum.query.folded import whole_hours
from openrum.query.question import Question
from openrum.query.scope import Filter, Scope
from openrum.query.tree import DUCKDB, Built, bound, looks_like_a_place, only_type, with_places
from openrum.store import HOUR_MS, Reads

_MONITOR = "stands for the monitor"
# No two of these are equal, nor are their whole hours, and none is 0 or 1, which are false and true.
_FROM_MS, _TO_MS_WITHIN_AN_HOUR, _TO_MS = 5 * HOUR_MS + 7, 5 * HOUR_MS + 13, 9 * HOUR_MS + 11
_VALUES_MAX = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """A statement, and what stands in each of its places: one of the values of a question, or always the same."""

    built: Built
    text: str
    shown: str
    places: Mapping[str, int]
    constants: Mapping[str, Any]

    def of(self, question: Question) -> Built:
        """The statement of a question of this shape."""
        values = _values(question)
        parameters = {**self.constants, **{name: values[place] for name, place in self.places.items()}}
        scope, hours = question.scope, self.built.reads.hours
        written = self.built.reads
        reads = Reads(
            written.columns,
            scope.from_ms,
            scope.to_ms,
            hours and whole_hours(scope),
            written.sessions,
            only_type(scope),
        )
        return Built(self.built.tree, parameters, reads, {DUCKDB: self.text}, self.shown)


def has_shape(question: Question) -> bool:
    """Whether it can be written once for all: it has no buckets, no name that looks like a place for a value, and no more values
    than people choose: a statement of a thousand would be kept for one that hardly comes again.
    """
    values = sum(len(each.values) for each in question.scope.where)
    return (
        not question.buckets
        and values <= _VALUES_MAX
        and not any(looks_like_a_place(name) for name in _names(question))
    )


def _names(question: Question) -> Iterator[str]:
    yield from question.by
    yield from (each.dimension for each in question.scope.where)


def shape(stand_in: Question, built: Built) -> Shape:
    """What the statement of a stand-in says of all questions that it stands for."""
    values = _values(stand_in)
    places = {name: values.index(value) for name, value in built.parameters.items() if value in values}
    constants = {name: value for name, value in built.parameters.items() if name not in places}
    return Shape(built, built.text(DUCKDB), with_places(built.tree), places, constants)


def stand_in(question: Question) -> Question:
    """A question of the same shape whose values are all different: the same one for all that have that shape."""
    begin, end = whole_hours(question.scope)
    to_ms = _TO_MS if begin < end else _TO_MS_WITHIN_AN_HOUR
    where = tuple(_stand_in(each, 1_000 * (place + 1)) for place, each in enumerate(question.scope.where))
    scope = Scope(_MONITOR, _FROM_MS, to_ms, where)
    return replace(question, scope=scope, compare=None, compare_buckets=(), totals=False, other=False)


def _stand_in(given: Filter, first: int) -> Filter:
    """True and false cannot stand for one another, so they stay."""
    values = tuple(
        value
        if isinstance(value, bool)
        else f"value {first + place}"
        if isinstance(value, str)
        else first + place + 0.5
        for place, value in enumerate(given.values)
    )
    return Filter(given.dimension, given.op, values)


def _values(question: Question) -> list[Any]:
    """What a question of a shape has of its own, in one order."""
    scope = question.scope
    own = [bound(each, value) for each in scope.where for value in each.values if not isinstance(value, bool)]
    return [scope.monitor, scope.from_ms, scope.to_ms, *whole_hours(scope), *own]
