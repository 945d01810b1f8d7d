"""What is to be said of two distributions: what remains of their difference, how sure that is, and a sentence. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openrum.query.hints import BEYOND
from openrum.query.measures import Timing
from openrum.query.statistics import (
    Change,
    Distribution,
    Percentile,
    corrected,
    critical,
    two_sided,
    unwidened,
    widened,
)
from openrum.query.strata import BASELINE, CANDIDATE

BETTER, WORSE, NOT_PROVEN = "better", "worse", "not proven"
_SESSIONS_MIN = 30  # on either side, below which nothing is proven
_SAID_MAX = 3  # parts in a sentence


@dataclass(frozen=True, slots=True)
class Samples:
    """The whole, or the part that has these labels. `baseline` and `candidate` are the samples as they are; `reweighted` is
    the baseline in the candidate's mix, and `alike` the candidate where the baseline has a counterpart.
    """

    labels: tuple[str | None, ...]
    baseline: Distribution
    candidate: Distribution
    reweighted: Distribution
    alike: Distribution

    def are_enough(self, share: float) -> bool:
        """Whether enough samples of either side lie behind the percentile."""
        needed = math.ceil(round(BEYOND / (1 - share), 6))
        return min(self.baseline.total, self.alike.total) >= needed and self.reweighted.total > 0


@dataclass(frozen=True, slots=True)
class Error:
    """Of one side: its sessions, and the sums of their squared residuals, about the plain percentile and within strata."""

    sessions: int
    plain: float
    within: float


@dataclass(frozen=True, slots=True)
class Judged:
    """From baseline to candidate: the percentiles as they are, and what remains of their difference at the same mix."""

    labels: tuple[str | None, ...]
    baseline: float
    candidate: float
    samples: tuple[int, int]
    sessions: tuple[int, int]
    remaining: float
    low: float
    high: float
    p_value: float
    verdict: str

    @property
    def difference(self) -> float:
        """Of the sides as they are."""
        return self.candidate - self.baseline

    @property
    def explained(self) -> float:
        """By the mix of traffic."""
        return self.difference - self.remaining


def judge(
    samples: Samples,
    errors: Sequence[Error],
    share: float,
    confidence: float,
    *,
    comparisons: int = 1,
    exact: tuple[float, float] | None = None,
) -> Judged:
    """`errors` of the baseline and of the candidate, and their `exact` percentiles where those are known.

    Interval and p value hold for all comparisons together. With too few samples or sessions there is no bound, and 1.
    """
    before, after = (
        Percentile(distribution, share, math.sqrt(error.within) / distribution.total)
        for distribution, error in zip((samples.reweighted, samples.alike), errors, strict=True)
    )
    change = Change(before, after, _off(exact, (samples.baseline, samples.candidate), (before, after)))
    sessions = errors[BASELINE].sessions, errors[CANDIDATE].sessions
    freedom = min(sessions) - 1
    enough = samples.are_enough(share) and min(sessions) >= _SESSIONS_MIN
    low, high, p_value = -math.inf, math.inf, 1.0
    if enough:
        low, high = change.interval(widened(critical(1 - (1 - confidence) / comparisons), freedom))
        p_value = corrected(two_sided(unwidened(change.evidence(), freedom)), comparisons)
    baseline, candidate = exact or (samples.baseline.value_at(share), samples.candidate.value_at(share))
    return Judged(
        labels=samples.labels,
        baseline=baseline,
        candidate=candidate,
        samples=(round(samples.baseline.total), round(samples.candidate.total)),
        sessions=sessions,
        remaining=change.value,
        low=low,
        high=high,
        p_value=p_value,
        verdict=NOT_PROVEN if low <= 0 <= high else WORSE if low > 0 else BETTER,
    )


def _off(
    exact: tuple[float, float] | None, plain: Sequence[Distribution], ends: tuple[Percentile, Percentile]
) -> float:
    """By what bins are off: known of a side whose percentile the mix leaves where it is."""
    if exact is None:
        return 0.0
    off = [
        known - end.value if math.isclose(end.value, side.value_at(end.share), rel_tol=1e-6) else 0.0
        for known, side, end in zip(exact, plain, ends, strict=True)
    ]
    return off[CANDIDATE] - off[BASELINE]


def judge_parts(
    parts: Mapping[int, Samples], errors: Mapping[tuple[int, int], Error], share: float, confidence: float
) -> list[Judged]:
    """Those first that are surest to have changed."""
    judged = [
        judge(samples, (errors[part, BASELINE], errors[part, CANDIDATE]), share, confidence, comparisons=len(parts))
        for part, samples in parts.items()
    ]
    return sorted(
        judged, key=lambda each: (each.verdict == NOT_PROVEN, each.p_value, -abs(each.remaining), str(each.labels))
    )


def overall(whole: Judged, parts: Sequence[Judged]) -> str:
    """The whole's verdict; where nothing is proven of it, that of the parts, and worse before better."""
    said = {whole.verdict} - {NOT_PROVEN} or {part.verdict for part in parts}
    return WORSE if WORSE in said else BETTER if BETTER in said else NOT_PROVEN


def plain_interval(
    samples: Samples, errors: Sequence[Error], share: float, confidence: float, exact: tuple[float, float]
) -> tuple[float, float]:
    """Of the difference of the sides as they are."""
    before, after = (
        Percentile(distribution, share, math.sqrt(error.plain) / distribution.total)
        for distribution, error in zip((samples.baseline, samples.candidate), errors, strict=True)
    )
    change = Change(before, after, exact[CANDIDATE] - exact[BASELINE] - (after.value - before.value))
    freedom = min(error.sessions for error in errors) - 1
    return change.interval(widened(critical(confidence), freedom))


# ── In words ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Words:
    """Says figures of a timing."""

    timing: Timing
    percentile: int
    confidence: float

    @property
    def name(self) -> str:
        """`LCP p75`."""
        return f"{self.timing.name.upper() if self.timing.good else self.timing.name} p{self.percentile}"

    def sentence(self, verdict: str, whole: Judged, parts: Sequence[Judged]) -> str:
        """The verdict in plain English, with the figures it stands on."""
        said = (
            f"{verdict.capitalize()}. {self.name} went from {self._plain(whole.baseline)} to {self._plain(whole.candidate)}"
            f" ({self._signed(whole.difference)}). The mix of traffic explains {self._signed(whole.explained)}, and"
            f" {self._signed(whole.remaining)} is left ({self._interval(whole)}): {whole.verdict}."
        )
        for word in (WORSE, BETTER):
            proven = [part for part in parts if part.verdict == word]
            if proven:
                named = [
                    f"{self._named(part)} {self._signed(part.remaining)} ({self._interval(part)})" for part in proven
                ]
                named[_SAID_MAX:] = [f"{len(named) - _SAID_MAX} more"] if len(named) > _SAID_MAX else []
                said += f" Proven {word}: {'; '.join(named)}."
        return said

    def nothing(self, missing: Sequence[str]) -> str:
        """Where there is nothing to compare; `missing` are the sides without samples."""
        if missing:
            return f"Not proven. {self.name} has no samples of the {' and of the '.join(missing)}."
        return "Not proven. The sides have no traffic in common that could be compared; take fewer dimensions in `mix`."

    def rounded(self, value: float) -> float | None:
        """As many figures as are sure to be the same from any engine; None where there is no bound."""
        return round(value, 3 if self.timing.unit else 6) if math.isfinite(value) else None

    def _plain(self, value: float) -> str:
        return f"{value:,.0f} {self.timing.unit}" if self.timing.unit else f"{value:.3f}"

    def _signed(self, value: float) -> str:
        places = 0 if self.timing.unit else 3
        figure = f"{round(value, places) + 0.0:+,.{places}f}"  # + 0.0: there is no -0
        return f"{figure} {self.timing.unit}".rstrip()

    def _interval(self, of: Judged) -> str:
        if math.isinf(of.low) and math.isinf(of.high):
            return "too few samples for an interval"
        ends = (self._signed(end) if math.isfinite(end) else "no bound" for end in (of.low, of.high))
        return f"{self.confidence * 100:g} % interval {' to '.join(ends)}"

    @staticmethod
    def _named(part: Judged) -> str:
        return ", ".join(label if label is not None else "(none)" for label in part.labels)
