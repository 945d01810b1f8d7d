"""Correlation: which values are over-represented in a subset of a scope, against the rest.

subset        slow samples of a timing, sessions with an error, or events that pass filters.
one value     `combine` 1: its share of the subset against its share of the rest (G test). Ranked by that: a large excess of a
              common value and a strong one of a rare value both come to the top.
combinations  `combine` 2 or 3, pairs or triples too: held against what their values would explain if each changed the odds
              by a factor of its own, whatever the others (a logistic regression on all values of the dimensions). So what is
              slow because phones are slow is no finding; what is slow on one page, in one browser, of one release is one,
              and the combination that says it best comes first.
p value       times the number of values or combinations that were tested (Bonferroni). Units of one session depend on each
              other: the test is made weaker by as much as the subset's counts vary more between sessions than by chance.
              Sessions are taken to be independent. Of over-represented values alone; none is a proof of a cause.

A session has the values of its page views, several pages perhaps, and is a unit once for each of them. What has no value of
a dimension is among the rest, and never a finding.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import msgspec

from openrum.query.correlation_counts import UNITS_MIN, Counts, Size, Subset
from openrum.query.measures import TIMINGS, is_type
from openrum.query.question import BadQuestion, FilterForm, parse_where
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.statistics import Cell, contrast, corrected, fitted, surprise, two_sided
from openrum.query.strata import parse_dimensions

_OF_ANY = ("page_group", "browser", "browser_version", "os", "device", "country", "release", "domain")
_OF_EVENTS = (*_OF_ANY, "referrer_domain", "first_party")
_OF_SESSIONS = (*_OF_ANY, "referrer_domain")
_COMBINED = ("page_group", "browser", "os", "device", "country", "release")
_DIMENSIONS_MAX, _COMBINED_MAX = 20, 7
_LEVEL = 0.05
WITH_ERRORS = "with_errors"


class SlowForm(msgspec.Struct, forbid_unknown_fields=True):
    """Samples of a timing that are above a value; above their 75th percentile where none is given."""

    timing: str = "lcp"
    above: float | None = None


class SubsetForm(msgspec.Struct, forbid_unknown_fields=True):
    """One of the three."""

    slow: SlowForm | None = None
    sessions: str | None = None
    where: list[FilterForm] | None = None


class CorrelationForm(ScopeForm, kw_only=True):
    """`dimensions`: those that make sense for the subset, unless given. `combine`: how many values at once, 1 to 3."""

    subset: SubsetForm
    dimensions: list[str] | None = None
    combine: int = 1
    limit: int = 50


# ── The form ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _parse_subset(form: SubsetForm, now_ms: int) -> Subset:
    given = [name for name in ("slow", "sessions", "where") if getattr(form, name) is not None]
    if len(given) != 1:
        raise BadQuestion("subset", "must have one of `slow`, `sessions` and `where`")
    if form.slow is not None:
        timing = TIMINGS.get(form.slow.timing)
        if timing is None:
            raise BadQuestion("subset.slow.timing", f"must be one of {', '.join(TIMINGS)}")
        if form.slow.above is not None and not math.isfinite(form.slow.above):
            raise BadQuestion("subset.slow.above", "must be a number, or null for the 75th percentile")
        return Subset("samples", f"{timing.is_its} AND {timing.column} IS NOT NULL", timing=timing.name)
    if form.sessions is not None:
        if form.sessions != WITH_ERRORS:
            raise BadQuestion("subset.sessions", f"must be {WITH_ERRORS!r}")
        return Subset("sessions", is_type("page_view"))
    try:
        filters = parse_where(form.where or [], now_ms)
    except BadQuestion as error:
        raise BadQuestion(f"subset.{error.field}", str(error).partition(": ")[2]) from None
    if not filters:
        raise BadQuestion("subset.where", "at least one filter is needed")
    return Subset("events", "TRUE", filters=filters)


def _parse_dimensions(form: CorrelationForm, subset: Subset) -> tuple[str, ...]:
    if form.combine not in (1, 2, 3):
        raise BadQuestion("combine", "must be 1, 2 or 3")
    if form.combine == 1:
        usual = {"samples": _OF_ANY, "events": _OF_EVENTS, "sessions": _OF_SESSIONS}[subset.units]
        names = parse_dimensions(usual if form.dimensions is None else form.dimensions, "dimensions", _DIMENSIONS_MAX)
        if not names:
            raise BadQuestion("dimensions", "at least one is needed")
        return names
    if subset.units == "sessions":
        raise BadQuestion(
            "combine", "must be 1 for sessions, which have several pages; take events `where` type is js_error_event"
        )
    names = parse_dimensions(_COMBINED if form.dimensions is None else form.dimensions, "dimensions", _COMBINED_MAX)
    if len(names) < form.combine:
        raise BadQuestion("dimensions", f"at least {form.combine} are needed to combine as many")
    return names


# ── The answer ────────────────────────────────────────────────────────────────────────────────────────────────────

_COLUMNS = [
    "in_subset", "subset_size", "in_rest", "rest_size", "share_subset", "share_rest", "lift",
    "expected", "excess", "score", "p_value", "significant",
]  # fmt: skip


class _Found(NamedTuple):
    """Values of some dimensions, how many units have them, how many of those in the subset, and how many were expected there.

    `score`: standard errors that lie between the two.
    """

    values: dict[str, str | None]
    inside: int
    units: int
    expected: float
    score: float


class _Looked(NamedTuple):
    """What was found, of how many that were tested; `covered` is the share of the units that was looked at."""

    found: Sequence[_Found] = ()
    tested: int = 0
    covered: float = 0.0


def _correlation(form: CorrelationForm, scope: Scope, asking: Asking) -> Table:
    limit, subset = check_limit(form.limit, asking.limits), _parse_subset(form.subset, asking.now_ms)
    names = _parse_dimensions(form, subset)
    counts = Counts(scope, subset, names, asking)
    counts.above = form.subset.slow.above if form.subset.slow else None
    if form.subset.slow and counts.above is None:
        counts.find_above()
    size = Size(0, 0) if form.subset.slow and counts.above is None else counts.size()
    looked = _Looked()
    if 0 < size.inside < size.units:
        looked = (
            _single(counts, names, size) if form.combine == 1 else _combined(counts.cells(), names, size, form.combine)
        )
    over = sorted((one for one in looked.found if one.score > 0), key=_order)
    columns = [name for number in range(form.combine) for name in _pair(number)]
    return asking.table(
        [*columns, *_COLUMNS],
        [_row(one, size, looked.tested, form.combine) for one in over[:limit]],
        units=subset.units,
        above=None if counts.above is None else round(counts.above, 6),
        subset_size=size.inside,
        rest_size=size.outside,
        tested=looked.tested,
        level=_LEVEL,
        excess_variance=round(size.excess_variance, 3),
        covered_share=round(looked.covered, 6),
    )


def _order(one: _Found) -> tuple[float, int, str]:
    """The most surprising first; of what is equally surprising that with the fewest values."""
    return -round(one.score, 6), len(one.values), str(one.values)


def _single(counts: Counts, names: Sequence[str], size: Size) -> _Looked:
    """Every value against all others of its dimension."""
    found, tested = [], dict.fromkeys(range(len(names)), 0)
    for place, value, inside, units, of_dimension in counts.values(size.rate):
        tested[place] = int(of_dimension)
        score = contrast(inside, size.inside, units - inside, size.outside) / math.sqrt(size.excess_variance)
        found.append(_Found({names[place]: value}, int(inside), int(units), units * size.rate, score))
    return _Looked(found, sum(tested.values()), 1.0)


def _combined(cells: Sequence[Cell], names: Sequence[str], size: Size, most: int) -> _Looked:
    """Every combination against what its values explain each by itself."""
    shares = fitted(cells)
    counted: dict[tuple[int, ...], dict[tuple[str | None, ...], list[float]]] = {}
    for places in _combinations(cells, len(names), most):
        of_places = counted[places] = {}
        for cell, share in zip(cells, shares, strict=True):
            entry = of_places.setdefault(tuple(cell.values[place] for place in places), [0, 0, 0.0])
            entry[0] += cell.inside
            entry[1] += cell.units
            entry[2] += cell.units * share
    found = [
        _Found(
            {names[place]: value for place, value in zip(places, values, strict=True)},
            int(inside),
            int(units),
            expected,
            surprise(inside, units, expected) / math.sqrt(size.excess_variance),
        )
        for places, of_places in counted.items()
        if len(places) > 1
        for values, (inside, units, expected) in of_places.items()
        if units >= UNITS_MIN and None not in values and not _is_implied(places, values, int(units), counted)
    ]
    return _Looked(found, len(found), sum(cell.units for cell in cells) / size.units)


def _combinations(cells: Sequence[Cell], width: int, most: int) -> Iterator[tuple[int, ...]]:
    """One to so many places of dimensions that have more than one value."""
    varied = [place for place in range(width) if len({cell.values[place] for cell in cells}) > 1]
    for many in range(1, most + 1):
        yield from combinations(varied, many)


def _is_implied(
    places: tuple[int, ...],
    values: tuple[str | None, ...],
    units: int,
    counted: dict[tuple[int, ...], dict[tuple[str | None, ...], list[float]]],
) -> bool:
    """Whether one value less says the same: on iOS there is but one browser."""
    return any(
        counted[places[:left] + places[left + 1 :]][values[:left] + values[left + 1 :]][1] == units
        for left in range(len(places))
    )


def _pair(number: int) -> tuple[str, str]:
    return ("dimension", "value") if number == 0 else (f"dimension_{number + 1}", f"value_{number + 1}")


def _row(one: _Found, size: Size, tested: int, width: int) -> list[Any]:
    outside = one.units - one.inside
    share, rest = one.inside / size.inside, outside / size.outside
    p_value = corrected(two_sided(one.score), tested)
    said = [part for pair in one.values.items() for part in pair]
    return [
        *said,
        *[None] * (2 * width - len(said)),
        one.inside,
        size.inside,
        outside,
        size.outside,
        round(share, 6),
        round(rest, 6),
        round(share / rest, 4) if rest else None,
        round(one.expected, 2),
        round(one.inside - one.expected, 2),
        round(one.score, 3),
        float(f"{p_value:.3g}"),
        p_value < _LEVEL,
    ]


CORRELATION = Special(
    "correlation",
    "values, and combinations of them, that are over-represented in slow page loads, sessions with an error, or any subset",
    CorrelationForm,
    _correlation,
)
