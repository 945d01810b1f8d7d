"""How the samples of a timing are spread: a histogram whose borders meet web.dev's, so that each bar has one rating.

The samples are counted once, in narrow steps; here the steps become as many bars as can be read. The slowest hundredth may
be years slow, so the last bar has no end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from math import inf
from typing import Any, Literal

from openrum.query.measures import TIMINGS
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table
from openrum.query.tree import Parameters, from_template


class DistributionForm(ScopeForm, kw_only=True):
    """Of which timing."""

    timing: Literal["lcp", "inp", "cls", "fcp", "ttfb", "fid", "load", "resource"] = "lcp"


@dataclass(frozen=True, slots=True)
class Steps:
    """The narrowest step of a timing, and how many of them may make one bar. Both borders of its bands are at ends of bars."""

    per_unit: int
    together: tuple[int, ...]
    good: float = inf
    poor: float = inf


_STEPS = {
    "lcp": Steps(100, (1, 5), 25, 40),
    "inp": Steps(10, (1, 2, 5, 10), 20, 50),
    "cls": Steps(200, (1, 2, 5, 10), 20, 50),
    "fcp": Steps(100, (1, 2, 6), 18, 30),
    "ttfb": Steps(50, (1, 2, 4), 16, 36),
    "fid": Steps(10, (1, 2, 5, 10), 10, 30),
    "load": Steps(100, (1, 2, 5, 10), inf, inf),
    "resource": Steps(10, (1, 2, 5, 10, 20, 50), inf, inf),
}
"""`per_unit` is milliseconds a step, and of CLS, which has no unit, steps in 1."""
_BARS = 60
_SHOWN = 0.99
_COLUMNS = ["begin", "end", "samples", "share", "rating"]
_RATINGS = ("good", "needs_improvement", "poor")


def _width(name: str) -> float:
    steps = _STEPS[name]
    return 1 / steps.per_unit if name == "cls" else steps.per_unit


@cache
def _template(name: str) -> str:
    """How many samples are in each step and band. The band is told apart as measures do it: a step is less exact."""
    timing, steps = TIMINGS[name], _STEPS[name]
    value = timing.column
    last = _BARS * steps.together[-1] * 2
    # In double precision, so that both engines come to the same step.
    scaled = f"CAST({value} AS DOUBLE) {'*' if name == 'cls' else '/'} {steps.per_unit}"
    band = "0"
    if timing.good is not None:
        band = f"CASE WHEN {value} <= CAST({timing.good} AS FLOAT) THEN 0 WHEN {value} <= CAST({timing.poor} AS FLOAT) THEN 1 ELSE 2 END"
    return f"""
SELECT band, step, count(*) AS samples
FROM (SELECT {band} AS band,
             CAST(CASE WHEN {scaled} < 1 THEN 0 WHEN {scaled} > {last} THEN {last} ELSE ceil({scaled}) - 1 END AS INTEGER) AS step
      FROM scope WHERE {timing.is_its} AND {value} IS NOT NULL) AS s
GROUP BY band, step ORDER BY band, step
"""


def _distribution(form: DistributionForm, scope: Scope, asking: Asking) -> Table:
    steps = _STEPS[form.timing]
    rated = TIMINGS[form.timing].good is not None
    found = [
        (_within_band(band, step, steps), samples)
        for band, step, samples in asking.rows(from_template(_template(form.timing), scope, Parameters()))
    ]
    total = sum(samples for _, samples in found)
    bars = list(_bars(sorted(found), total, steps))
    width = _width(form.timing)
    rows: list[list[Any]] = [
        [
            _rounded(begin * width),
            None if end is None else _rounded(end * width),
            samples,
            samples / total,
            _rating(begin, steps) if rated else None,
        ]
        for begin, end, samples in bars
    ]
    return asking.table(_COLUMNS, rows, timing=form.timing, samples=total)


def _within_band(band: int, step: int, steps: Steps) -> int:
    """The step of a sample within its band: 0.1 as the store has it is a little more, and still good."""
    if band == 0:
        return int(min(step, steps.good - 1))
    return int(min(max(step, steps.good), steps.poor - 1)) if band == 1 else int(max(step, steps.poor))


def _bars(found: Sequence[tuple[int, int]], total: int, steps: Steps) -> Iterator[tuple[int, int | None, int]]:
    """Begin, end and samples of each bar, from 0 on without a gap; the last one has no end where there is more."""
    if not found:
        return
    reach = _reach(found, total, 0 if steps.poor == inf else int(steps.poor) - 1)
    together = next((count for count in steps.together if reach < _BARS * count), steps.together[-1])
    last = min(reach // together, _BARS - 1)
    counted = {
        bar: sum(samples for _, samples in group)
        for bar, group in groupby(found, lambda each: min(each[0] // together, last + 1))
    }
    for bar in range(last + 2):
        if bar <= last:
            yield bar * together, (bar + 1) * together, counted.get(bar, 0)
        elif bar in counted:
            yield bar * together, None, counted[bar]


def _reach(found: Sequence[tuple[int, int]], total: int, least: int) -> int:
    """The step with which enough of the samples are in sight, and all bands."""
    seen = 0
    for step, samples in found:
        seen += samples
        if seen >= _SHOWN * total:
            return max(step, least)
    return max(found[-1][0], least)


def _rating(begin: int, steps: Steps) -> str:
    return _RATINGS[0 if begin < steps.good else 1 if begin < steps.poor else 2]


def _rounded(value: float) -> float:
    """0.3 and not 0.30000000000000004."""
    return round(value, 6)


DISTRIBUTION = Special(
    "distribution",
    "how the samples of a timing are spread: bars from `begin` to `end`, which belongs to it, with their samples, share and"
    " rating; the last, with what is beyond the slowest hundredth, has no end",
    DistributionForm,
    _distribution,
)
