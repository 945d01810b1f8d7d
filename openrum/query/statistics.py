"""The statistics of the verdict and of correlation: pure functions of numbers, without SQL, clock or chance.

Quantiles and their intervals go by way of shares: how sure it is which share of the samples lies below a value is known
from counts alone, whatever the shape of the timings; a distribution turns shares into values (Woodruff's interval).
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import NormalDist

_NORMAL = NormalDist()
_EVIDENCE_MAX = 40.0
_HALVINGS = 50


# ── How sure: normal and Student's t ──────────────────────────────────────────────────────────────────────────────


def two_sided(deviations: float) -> float:
    """The chance of a deviation at least as large either way, in standard errors, where nothing is there."""
    return math.erfc(abs(deviations) / math.sqrt(2))


def critical(confidence: float) -> float:
    """Standard errors that an interval of this confidence takes to either side: 0.95 → 1.96."""
    return _NORMAL.inv_cdf(0.5 + confidence / 2)


def widened(deviations: float, freedom: int) -> float:
    """A normal deviation as one of Student's t: a standard error that was itself measured is less sure (Wallace 1959).

    Within 0.2 % from 29 degrees of freedom on.
    """
    if freedom < 1:
        return math.inf
    scaled = deviations * (8 * freedom + 3) / (8 * freedom + 1)
    exponent = scaled * scaled / freedom
    return math.inf if exponent > 700 else math.sqrt(freedom * math.expm1(exponent))


def unwidened(deviations: float, freedom: int) -> float:
    """The other way round: a deviation of Student's t as a normal one."""
    if freedom < 1:
        return 0.0
    return math.sqrt(freedom * math.log1p(deviations * deviations / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)


def corrected(p_value: float, comparisons: int) -> float:
    """Bonferroni: the chance that any of so many comparisons shows this, where nothing is there."""
    return min(1.0, p_value * comparisons)


# ── Distributions ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Distribution:
    """Samples as bins in ascending order, each with its least and greatest value and its weight, above 0.

    Inside a bin the values are taken to lie evenly; a bin of one value is exact.
    """

    lows: Sequence[float]
    highs: Sequence[float]
    weights: Sequence[float]
    _upto: list[float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_upto", list(accumulate(self.weights)))

    @property
    def total(self) -> float:
        """The weight of all bins."""
        return self._upto[-1] if self._upto else 0.0

    def value_at(self, share: float) -> float:
        """The value below which this share of the weight lies; the least for 0, the greatest for 1. IndexError where empty."""
        target = min(max(share, 0.0), 1.0) * self.total
        index = min(bisect_left(self._upto, target), len(self._upto) - 1)
        before = self._upto[index - 1] if index else 0.0
        inside = min(max((target - before) / self.weights[index], 0.0), 1.0)
        return self.lows[index] + (self.highs[index] - self.lows[index]) * inside


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile of a distribution: `error` is the standard error of the share that lies below it."""

    distribution: Distribution
    share: float
    error: float

    @property
    def value(self) -> float:
        """The percentile itself."""
        return self.distribution.value_at(self.share)

    def interval(self, deviations: float) -> tuple[float, float]:
        """Between which values it lies: those at the shares so many standard errors away.

        Where a share would lie beyond all samples, nothing is known: 0, for no timing is less, and infinity.
        """
        margin = deviations * self.error
        low, high = self.share - margin, self.share + margin
        return (
            self.distribution.value_at(low) if low > 0 else min(0.0, self.distribution.value_at(0.0)),
            self.distribution.value_at(high) if high < 1 else math.inf,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """From one percentile to another one, of samples that have nothing to do with each other.

    `off` is by what the difference is known to be more than the bins say.
    """

    before: Percentile
    after: Percentile
    off: float = 0.0

    @property
    def value(self) -> float:
        """The difference; above 0 where it became more."""
        return self.after.value - self.before.value + self.off

    def interval(self, deviations: float) -> tuple[float, float]:
        """Of the difference, from the intervals of both (MOVER, Zou and Donner 2008): skewed where they are."""
        before, after = self.before.value, self.after.value
        before_low, before_high = self.before.interval(deviations)
        after_low, after_high = self.after.interval(deviations)
        return (
            self.value - math.hypot(after - after_low, before_high - before),
            self.value + math.hypot(after_high - after, before - before_low),
        )

    def evidence(self) -> float:
        """How many standard errors wide an interval may be until it takes in 0; 0 where nothing changed."""
        if self.value == 0:
            return 0.0
        least, most = 0.0, _EVIDENCE_MAX
        for _ in range(_HALVINGS):
            middle = (least + most) / 2
            low, high = self.interval(middle)
            least, most = (least, middle) if low <= 0 <= high else (middle, most)
        return least


# ── Counts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _divergence(observed: float, expected: float) -> float:
    return observed * math.log(observed / expected) if observed > 0 else 0.0


def surprise(observed: float, of: float, expected: float) -> float:
    """How many standard errors `observed` of so many lie above what was expected, or below: the root of the deviance.

    It follows the normal distribution into its tails, where counts are small too.
    """
    if not 0 < expected < of:
        return 0.0 if observed == expected else math.copysign(math.inf, observed - expected)
    deviance = 2 * (_divergence(observed, expected) + _divergence(of - observed, of - expected))
    return math.copysign(math.sqrt(max(deviance, 0.0)), observed - expected)


def contrast(inside: float, inside_all: float, outside: float, outside_all: float) -> float:
    """How many standard errors a share of the ones lies above the share of the others: the root of the G statistic."""
    found, everything = inside + outside, inside_all + outside_all
    table = (
        (inside, found * inside_all),
        (outside, found * outside_all),
        (inside_all - inside, (everything - found) * inside_all),
        (outside_all - outside, (everything - found) * outside_all),
    )
    deviance = 2 * sum(_divergence(observed, product / everything) for observed, product in table if product)
    return math.copysign(math.sqrt(max(deviance, 0.0)), inside * outside_all - outside * inside_all)


# ── What single values explain ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Cell:
    """All units that have these values: how many, and how many of them are in the subset."""

    values: tuple[str | None, ...]
    inside: int
    units: int


_PRIOR = 0.5  # units that speak against any effect of a value: where all or none are inside, the odds stay finite
_ROUNDS_MAX = 30
_SETTLED = 0.01  # logarithm of odds


def fitted(cells: Sequence[Cell]) -> list[float]:
    """The share inside that each cell would have if each value changed the odds by a factor of its own, whatever the others.

    A logistic regression on the values, fitted dimension by dimension until no odds change by more than a hundredth.
    """
    units, inside = sum(cell.units for cell in cells), sum(cell.inside for cell in cells)
    width = len(cells[0].values) if cells else 0
    base = math.log((inside + _PRIOR) / (units - inside + _PRIOR))
    scores = [base] * len(cells)
    effects: list[dict[str | None, float]] = [{} for _ in range(width)]
    for _ in range(_ROUNDS_MAX):
        moved = max((_refit(cells, scores, place, effects[place]) for place in range(width)), default=0.0)
        if moved < _SETTLED:
            break
    return [_share(score) for score in scores]


def _share(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def _refit(cells: Sequence[Cell], scores: list[float], place: int, effects: dict[str | None, float]) -> float:
    """One Newton step for the values of one dimension. Returns the largest step."""
    missing: dict[str | None, float] = {}
    weight: dict[str | None, float] = {}
    for cell, score in zip(cells, scores, strict=True):
        value, share = cell.values[place], _share(score)
        missing[value] = missing.get(value, 0.0) + cell.inside - cell.units * share
        weight[value] = weight.get(value, 0.0) + cell.units * share * (1 - share)
    steps = {}
    for value, lacking in missing.items():
        step = (lacking - _PRIOR * effects.get(value, 0.0)) / (weight[value] + _PRIOR)
        steps[value] = min(max(step, -1.0), 1.0)  # far from the end Newton's steps overshoot
        effects[value] = effects.get(value, 0.0) + steps[value]
    for index, cell in enumerate(cells):
        scores[index] += steps[cell.values[place]]
    return max(map(abs, steps.values()))
