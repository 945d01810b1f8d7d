"""The Web Vitals that web.dev rates: its borders, and how many points a sample is worth. Imports no room.

Store and questions share them: points are kept with the rows that the store folds, and a question must count the same.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vital:
    """A value up to `good` is good, one above `poor` poor: milliseconds, of CLS a number without unit."""

    event_type: str  # without what all built-in types begin with
    good: float
    poor: float


VITALS: dict[str, Vital] = {
    "lcp": Vital("largest_contentful_paint", 2_500, 4_000),
    "inp": Vital("interaction_to_next_paint", 200, 500),
    "cls": Vital("cumulative_layout_shift", 0.1, 0.25),
    "fcp": Vital("first_contentful_paint", 1_800, 3_000),
    "ttfb": Vital("time_to_first_byte", 800, 1_800),
    "fid": Vital("first_input_delay", 100, 300),
}
SCORED = ("lcp", "inp", "cls")
"""The Core Web Vitals, of which a page load's score is made."""
POINTS_MAX = 100_000
"""Points are whole thousandths: however they are summed up, the sum is the same."""


def points(name: str, value: str) -> str:
    """The formula, in the SQL of either engine, of a sample's points: 0 to 100, in thousandths.

    90 at the border of good and 50 at that of poor, on a log-logistic curve through both. Null where there is no value.
    """
    vital = VITALS[name]
    steepness = round(math.log(9) / math.log(vital.poor / vital.good), 4)
    curve = f"{POINTS_MAX} / (1 + pow(CAST({value} AS DOUBLE) / {vital.poor:.2f}, {steepness}))"
    return f"CASE WHEN {value} > 0 THEN CAST(round({curve}) AS INTEGER) WHEN {value} <= 0 THEN {POINTS_MAX} END"
