"""Values that stand on too few samples: told beside the answer, never instead of it.

A percentile needs samples behind it: with fewer than ten beyond it, one slow visitor more or less moves it.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openrum.query.measures import MEASURES

BEYOND = 10
"""Samples that must lie behind a percentile: 20 for a p50, 40 for a p75, 1,000 for a p99."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A value to be read with care: the place of its row in the answer, its measure, and what it stands on."""

    row: int
    measure: str
    samples: int
    needed: int


def needed(measure: str) -> int | None:
    """How many samples a percentile needs; None for what is no percentile."""
    beyond = MEASURES[measure].beyond
    return None if beyond is None else math.ceil(round(BEYOND / beyond, 6))


def hints(measures: Sequence[str], samples: Sequence[Sequence[Any]]) -> list[Hint]:
    """The percentiles of an answer that stand on too few."""
    found = []
    for column, measure in enumerate(measures):
        least = needed(measure)
        if least is None:
            continue
        found += [
            Hint(row, measure, counts[column], least)
            for row, counts in enumerate(samples)
            if counts[column] is not None and 0 < counts[column] < least
        ]
    return sorted(found, key=lambda hint: hint.row)


def too_few(columns: Sequence[str], rows: Sequence[Sequence[Any]], samples: str = "samples") -> list[Hint]:
    """The same for a special question's table: its columns `p75` or `…_p75` stand on the row's column `samples`."""
    counts = columns.index(samples)
    percents = {name: int(found[1]) for name in columns if (found := re.search(r"(?:^|_)p(\d\d)$", name))}
    least = {name: math.ceil(round(BEYOND / (1 - percent / 100), 6)) for name, percent in percents.items()}
    return [
        Hint(at, name, row[counts], count)
        for at, row in enumerate(rows)
        for name, count in least.items()
        if 0 < row[counts] < count
    ]
