"""Release verdict: is a timing of the candidate better or worse than the baseline's, once the mix of traffic is set aside?

difference  of the percentiles of both sides, which are exact.
remaining   what is left of it when the baseline's samples are weighted until its strata (page, browser, device, country)
            have the candidate's shares. What one side has fewer than three of is compared with nothing, and left out.
explained   the rest: the mix of traffic, and what only one side has.
intervals   from how sure it is which share of the samples lies below a percentile. That is measured over sessions, each one
            draw, for samples of one session depend on each other. Sessions are taken to be independent of each other, and
            the mix as it was.
verdict     of what remains: "worse" or "better" where its interval leaves out 0, else "not proven". At 99 % unless asked
            otherwise. Parts (page and browser) have intervals that hold for all of them together (Bonferroni). Where the
            whole is not proven, a proven part decides. So of a hundred releases that changed nothing two are accused at
            most: one by the whole, one by a part.

What remains, and the percentiles of parts, are read from bins 2 % wide inside which values are taken to lie evenly, and of a
few thousand samples from bins so narrow that it is the values themselves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from openrum.query.judgement import NOT_PROVEN, Judged, Samples, Words, judge, judge_parts, overall, plain_interval
from openrum.query.measures import PERCENTILES, TIMINGS
from openrum.query.question import BadQuestion, parse_range
from openrum.query.scope import Filter, Scope
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.strata import BASELINE, CANDIDATE, parse_dimensions
from openrum.query.verdict_samples import WHOLE, Asked, Sides, Thresholds

_MIX = ("page_group", "browser", "device", "country")
_BY = ("page_group", "browser")
_DIMENSIONS_MAX = 6


class SideForm(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A release, or a period, or a release in a period; what is not given is as in the question."""

    release: str | None = None
    from_: str | int | float | None = None
    to: str | int | float | None = None


class VerdictForm(ScopeForm, kw_only=True):
    """`mix` tells the traffic apart. `by` makes the parts: of `mix`, page_group and browser where they are in it.

    `limit` is of the parts that are shown, those first that are surest to have changed.
    """

    baseline: SideForm
    candidate: SideForm
    timing: str = "lcp"
    percentile: int = 75
    mix: list[str] = msgspec.field(default_factory=lambda: list(_MIX))
    by: list[str] | None = None
    confidence: float = 0.99
    limit: int = 10


# ── The form ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _parse(form: VerdictForm, scope: Scope, now_ms: int) -> tuple[Sides, tuple[str, ...]]:
    """Both sides, and the dimensions of the parts. Raises BadQuestion."""
    if form.timing not in TIMINGS:
        raise BadQuestion("timing", f"must be one of {', '.join(TIMINGS)}")
    if form.percentile not in PERCENTILES:
        raise BadQuestion("percentile", f"must be one of {', '.join(map(str, PERCENTILES))}")
    if not 0.8 <= form.confidence <= 0.9999:
        raise BadQuestion("confidence", "must be 0.8 to 0.9999")
    mix = parse_dimensions(form.mix, "mix", _DIMENSIONS_MAX)
    by = parse_dimensions([name for name in _BY if name in mix] if form.by is None else form.by, "by", _DIMENSIONS_MAX)
    if outside := [name for name in by if name not in mix]:
        raise BadQuestion("by", f"{outside[0]} must be in `mix` too")
    baseline, candidate = (
        _side(form.baseline, "baseline", scope, now_ms),
        _side(form.candidate, "candidate", scope, now_ms),
    )
    if _overlap(baseline, candidate):
        raise BadQuestion(
            "candidate", "must share no event with the baseline: another release, or a time that does not overlap"
        )
    first, last = min(baseline.from_ms, candidate.from_ms), max(baseline.to_ms, candidate.to_ms)
    sides = Sides(
        timing=TIMINGS[form.timing],
        share=form.percentile / 100,
        scope=Scope(scope.monitor, first, last, scope.where),
        baseline=baseline,
        candidate=candidate,
        dimensions=(*by, *(name for name in mix if name not in by)),
        parts=len(by),
    )
    return sides, by


def _side(form: SideForm, field: str, scope: Scope, now_ms: int) -> Scope:
    """What a side adds to the scope of the question."""
    if form.release is None and form.from_ is None:
        raise BadQuestion(field, 'must be {"release": "1.4"}, or {"from": "-2d", "to": "-1d"}, or both')
    from_, to = (form.from_, form.to) if form.from_ is not None else (scope.from_ms, form.to)
    try:
        from_ms, to_ms = parse_range(from_, scope.to_ms if to is None else to, now_ms)
    except BadQuestion as error:
        raise BadQuestion(f"{field}.{error.field}", str(error).partition(": ")[2]) from None
    where = () if form.release is None else (Filter("release", "is", (form.release,)),)
    return Scope(scope.monitor, from_ms, to_ms, where)


def _overlap(one: Scope, other: Scope) -> bool:
    if one.where and other.where and one.where != other.where:
        return False
    return one.from_ms < other.to_ms and other.from_ms < one.to_ms


# ── The answer ────────────────────────────────────────────────────────────────────────────────────────────────────

_COLUMNS = [
    "baseline", "candidate", "baseline_samples", "candidate_samples",
    "difference", "explained", "remaining", "low", "high", "p_value", "verdict",
]  # fmt: skip


def _verdict(form: VerdictForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    sides, by = _parse(form, scope, asking.now_ms)
    share, words = sides.share, Words(sides.timing, form.percentile, form.confidence)
    asked = Asked(sides, asking)
    exact = asked.percentiles()
    samples = asked.samples(exact[BASELINE][0] + exact[CANDIDATE][0]) if len(exact) == 2 else {}
    whole = samples.pop(WHOLE, None)
    if whole is None or not whole.alike.total:
        return asking.table([*by, *_COLUMNS], [], **_nothing(exact, words))
    parts = {part: each for part, each in samples.items() if each.are_enough(share)}
    ends = exact[BASELINE][1], exact[CANDIDATE][1]
    of_whole = {**_thresholds(whole, share), "baseline": ends[BASELINE], "candidate": ends[CANDIDATE]}
    errors = asked.errors({WHOLE: of_whole, **{part: _thresholds(each, share) for part, each in parts.items()}})
    whole_errors = errors[WHOLE, BASELINE], errors[WHOLE, CANDIDATE]
    judged = judge(whole, whole_errors, share, form.confidence, exact=ends)
    judged_parts = judge_parts(parts, errors, share, form.confidence)
    about = _about(judged, judged_parts, plain_interval(whole, whole_errors, share, form.confidence, ends), words)
    about["compared_share"] = round(whole.alike.total / whole.candidate.total, 6)
    return asking.table([*by, *_COLUMNS], [_row(part, words) for part in judged_parts[:limit]], **about)


def _thresholds(samples: Samples, share: float) -> Thresholds:
    return {"reweighted": samples.reweighted.value_at(share), "alike": samples.alike.value_at(share)}


def _about(whole: Judged, parts: Sequence[Judged], plain: tuple[float, float], words: Words) -> dict[str, Any]:
    """The answer beside its rows. `compared_share`, of the candidate's samples, comes from elsewhere."""
    verdict, rounded = overall(whole, parts), words.rounded
    return {
        "verdict": verdict,
        "sentence": words.sentence(verdict, whole, parts),
        **_asked(words),
        "baseline": _end(whole.baseline, whole.samples[BASELINE], whole.sessions[BASELINE], words),
        "candidate": _end(whole.candidate, whole.samples[CANDIDATE], whole.sessions[CANDIDATE], words),
        "difference": {
            "value": rounded(whole.difference),
            "low": rounded(plain[0]),
            "high": rounded(plain[1]),
        },
        "explained": {"value": rounded(whole.explained)},
        "remaining": {
            "value": rounded(whole.remaining),
            "low": rounded(whole.low),
            "high": rounded(whole.high),
            "p_value": _chance(whole.p_value),
            "verdict": whole.verdict,
        },
        "parts_compared": len(parts),
    }


def _nothing(exact: Mapping[int, tuple[int, float]], words: Words) -> dict[str, Any]:
    missing = [name for side, name in ((BASELINE, "baseline"), (CANDIDATE, "candidate")) if side not in exact]
    ends = [
        _end(exact[side][1], exact[side][0], None, words) if side in exact else _end(None, 0, None, words)
        for side in (BASELINE, CANDIDATE)
    ]
    return {
        "verdict": NOT_PROVEN,
        "sentence": words.nothing(missing),
        **_asked(words),
        "baseline": ends[BASELINE],
        "candidate": ends[CANDIDATE],
        "difference": None,
        "explained": None,
        "remaining": None,
        "parts_compared": 0,
        "compared_share": 0.0,
    }


def _asked(words: Words) -> dict[str, Any]:
    timing = words.timing
    return {"timing": timing.name, "unit": timing.unit, "percentile": words.percentile, "confidence": words.confidence}


def _end(value: float | None, samples: int, sessions: int | None, words: Words) -> dict[str, Any]:
    return {"value": None if value is None else words.rounded(value), "samples": samples, "sessions": sessions}


def _row(part: Judged, words: Words) -> list[Any]:
    figures = (part.difference, part.explained, part.remaining, part.low, part.high)
    return [
        *part.labels,
        *(words.rounded(end) for end in (part.baseline, part.candidate)),
        *part.samples,
        *(words.rounded(figure) for figure in figures),
        _chance(part.p_value),
        part.verdict,
    ]


def _chance(p_value: float) -> float:
    """To three figures, which any engine gives."""
    return float(f"{p_value:.3g}")


VERDICT = Special(
    "verdict",
    "whether a timing of a release or a period is better or worse than another's, once the mix of traffic is set aside",
    VerdictForm,
    _verdict,
)
