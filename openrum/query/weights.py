"""Where a monitor records only some sessions, counts stand for more: each by the weight of one recorded session.

The rate is the monitor's `SessionSampleRate`, which its snippet hands to the client. Shares, means and percentiles of a fair
sample are those of the whole and stay; users stay too, for one of many sessions is more likely to be seen.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from openrum.query.measures import MEASURES
from openrum.query.run import Answer

_NOT_IN_PROPORTION = frozenset({"users"})


def weight_of(session_sample_rate: float) -> float:
    """How many sessions one recorded session stands for. Of a rate of 0 nothing can be told, so it is 1."""
    return 1 / session_sample_rate if 0 < session_sample_rate < 1 else 1.0


def weighted(answer: Answer, measures: Sequence[str], weight: float) -> Answer:
    """The answer with its counts times the weight, to the nearest whole number; `samples` tells what was recorded."""
    counts = {name for name in measures if MEASURES[name].empty == 0 and name not in _NOT_IN_PROPORTION}
    columns = counts | {f"{name}_previous" for name in counts}
    at = [name in columns for name in answer.columns]
    beside = [name in counts for name in measures]
    return replace(
        answer,
        rows=[_times(row, at, weight) for row in answer.rows],
        totals=None if answer.totals is None else _times(answer.totals, beside, weight),
        other=None if answer.other is None else _times(answer.other, beside, weight),
        weight=weight,
    )


def _times(row: Sequence[Any], counts: Sequence[bool], weight: float) -> list[Any]:
    return [round(value * weight) if is_count else value for value, is_count in zip(row, counts, strict=True)]
