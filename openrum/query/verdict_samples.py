"""What the verdict asks of the store: exact percentiles, distributions in bins, and how sure the shares are. No judgement.

Four weights stand in each bin: `baseline` and `candidate` are the samples as they are; `reweighted` is the baseline in the
candidate's mix, and `alike` the candidate where the baseline has a counterpart.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import expressions as sql

from openrum.query.judgement import Error, Samples
from openrum.query.measures import Timing
from openrum.query.scope import Scope
from openrum.query.special import Asking
from openrum.query.statistics import Distribution
from openrum.query.strata import BASELINE, CANDIDATE, labels, same, strata_of
from openrum.query.tree import Built, Parameters, condition, formula, from_template
from openrum.store import QueryFailed

WHOLE = -1
"""The part that is everything."""
Thresholds = dict[str, float]
"""Percentiles by the names of the distributions."""
_FEWEST = 3  # samples of a stratum on either side: with one or two, how much they vary is not known
_BIN, _FINE_BIN = 1.02, 1.0001  # from the beginning of a bin to that of the next
_FINE_MAX = 4_000  # samples: no more bins than samples
_ZERO_BIN = -100_000_000
_PARTS_MAX = (40, 10, 0)  # the first number whose bins fit into an answer

# A share is written out: ClickHouse takes no parameter there. It is one of PERCENTILES.
_PERCENTILES = """
SELECT side, count(*) AS samples, quantile_cont(CAST(sample AS DOUBLE), {share}) AS percentile
FROM (SELECT @side AS side, @sample AS sample FROM scope WHERE @is_its AND @within) AS samples
GROUP BY side ORDER BY side
"""

_BINS = """
WITH {strata}
SELECT t.part AS part, CASE WHEN s.sample > 0 THEN floor(ln(s.sample) * $bins) ELSE $zero END AS bin,
       min(s.sample) AS low, max(s.sample) AS high, sum(1 - s.side) AS baseline, sum(s.side) AS candidate,
       sum(CASE WHEN t.part < 0 THEN 0 ELSE (1 - s.side) * t.weight END) AS reweighted,
       sum(CASE WHEN t.part < 0 THEN 0 ELSE s.side END) AS alike{labels}
FROM samples AS s JOIN strata AS t ON {same}
GROUP BY t.part, bin ORDER BY part, bin
"""

# A residual is how far a sample's being below a percentile lies from what its stratum lets expect. Sessions are the draws:
# their residuals are summed before they are squared. A stratum's own share was measured too, hence n / (n - 1).
_ERRORS = """
WITH {strata},
thresholds AS ({thresholds}),
marked AS (
    SELECT s."session", s.side, t.part, t.stratum,
           CASE WHEN s.side = 0 THEN t.weight ELSE 1 END AS weight,
           CASE WHEN s.sample <= CASE WHEN s.side = 0 THEN $baseline ELSE $candidate END THEN 1 ELSE 0 END AS plain,
           CASE WHEN s.sample <= CASE WHEN s.side = 0 THEN $reweighted ELSE $alike END THEN 1 ELSE 0 END AS below,
           CASE WHEN s.sample <= CASE WHEN s.side = 0 THEN h.reweighted ELSE h.alike END THEN 1 ELSE 0 END AS below_of_part
    FROM samples AS s JOIN strata AS t ON {same} LEFT JOIN thresholds AS h ON h.part = t.part
),
means AS (
    SELECT stratum, side, sqrt(count(*) / nullif(count(*) - 1, 0)) AS own, avg(below) AS below, avg(below_of_part) AS below_of_part
    FROM marked WHERE part >= 0 GROUP BY stratum, side
),
drawn AS (
    SELECT m."session", m.side, m.part, sum(m.plain - $share) AS plain,
           sum(m.weight * e.own * (m.below - e.below)) AS whole,
           sum(m.weight * e.own * (m.below_of_part - e.below_of_part)) AS of_part
    FROM marked AS m LEFT JOIN means AS e ON e.stratum = m.stratum AND e.side = m.side AND m.part >= 0
    GROUP BY m."session", m.side, m.part
)
SELECT -1 AS part, side, count(*) AS sessions, sum(plain * plain) AS plain, sum(whole * whole) AS squares
FROM (SELECT "session", side, sum(plain) AS plain, sum(coalesce(whole, 0)) AS whole FROM drawn GROUP BY "session", side) AS d
GROUP BY side
UNION ALL
SELECT part, side, count(*) AS sessions, sum(0.0) AS plain, sum(of_part * of_part) AS squares
FROM drawn WHERE part > 0 GROUP BY part, side
ORDER BY part, side
"""


@dataclass(frozen=True, slots=True)
class Sides:
    """Whose samples: `scope` reaches over both sides, each side adds a range and filters. Strata are cut by `dimensions`,
    parts by the first `parts` of them.
    """

    timing: Timing
    share: float
    scope: Scope
    baseline: Scope
    candidate: Scope
    dimensions: tuple[str, ...]
    parts: int


class Asked:
    """The statements about two sides; each is made of the same strata."""

    def __init__(self, sides: Sides, asking: Asking) -> None:
        self._sides = sides
        self._asking = asking
        self._width = max(1, len(sides.dimensions))
        self._parts_max = 0

    def percentiles(self) -> dict[int, tuple[int, float]]:
        """Side → samples, and the exact percentile. A side without samples is not there."""
        template = _PERCENTILES.format(share=f"{self._sides.share:.2f}")
        parameters = Parameters()
        built = from_template(template, self._sides.scope, parameters, slots=self._slots(parameters))
        return {int(side): (int(samples), float(value)) for side, samples, value in self._asking.rows(built)}

    def samples(self, count: int) -> dict[int, Samples]:
        """WHOLE and the parts, numbered by size from 1. What is in no part is in WHOLE alone. `count` are both sides' samples.

        Raises QueryFailed where even the whole does not fit into an answer.
        """
        width = math.log(_FINE_BIN if count <= _FINE_MAX else _BIN)
        named = "".join(f", min(s.d{index}) AS d{index}" for index in range(self._sides.parts))
        template = _BINS.format(strata=self._strata("1 AS one"), same=same("s", "t", self._width), labels=named)
        for self._parts_max in _PARTS_MAX:
            answer = self._asking.answer(self._of_strata(template, bins=1 / width, zero=_ZERO_BIN))
            if not answer.truncated:
                return _folded(answer.rows)
        raise QueryFailed("a verdict needs more rows than an answer may have; raise the limit of an answer's rows")

    def errors(self, thresholds: Mapping[int, Thresholds]) -> dict[tuple[int, int], Error]:
        """(part, side) → error, at the percentiles of the whole and of the parts that are asked about."""
        whole = thresholds[WHOLE]
        parts = {part: named for part, named in thresholds.items() if part != WHOLE}
        selects = [f"SELECT {part} AS part, $reweighted{part} AS reweighted, $alike{part} AS alike" for part in parts]
        template = _ERRORS.format(
            strata=self._strata('coalesce("session", id) AS "session"'),
            same=same("s", "t", self._width),
            thresholds=" UNION ALL ".join(selects or ["SELECT 0 AS part, 0.0 AS reweighted, 0.0 AS alike"]),
        )
        values = {f"{name}{part}": value for part, named in parts.items() for name, value in named.items()}
        rows = self._asking.rows(self._of_strata(template, share=self._sides.share, **whole, **values))
        return {
            (int(part), int(side)): Error(int(sessions), float(plain), float(within or 0))
            for part, side, sessions, plain, within in rows
        }

    def _strata(self, columns: str) -> str:
        return strata_of(self._width, self._sides.parts, columns)

    def _of_strata(self, template: str, **values: Any) -> Built:
        parameters = Parameters()
        slots = {**self._slots(parameters), **labels(self._sides.dimensions, parameters)}
        if self._sides.parts:
            values["parts_max"] = self._parts_max
        return from_template(template, self._sides.scope, parameters, slots=slots, fewest=_FEWEST, **values)

    def _slots(self, parameters: Parameters) -> dict[str, sql.Expr]:
        baseline, candidate = (_is_on(side, parameters) for side in (self._sides.baseline, self._sides.candidate))
        one, zero = sql.Literal.number(CANDIDATE), sql.Literal.number(BASELINE)
        return {
            "side": sql.Case().when(candidate, one).else_(zero),
            "within": sql.or_(baseline, candidate.copy()),
            "is_its": formula(f"{self._sides.timing.is_its} AND {self._sides.timing.column} IS NOT NULL"),
            "sample": formula(self._sides.timing.column),
        }


def _is_on(side: Scope, parameters: Parameters) -> sql.Expr:
    time = sql.column("time", quoted=True)
    return sql.and_(
        sql.GTE(this=time, expression=parameters.bind(side.from_ms)),
        sql.LT(this=time.copy(), expression=parameters.bind(side.to_ms)),
        *(condition(each, parameters) for each in side.where),
    )


def _folded(rows: Iterable[Sequence[Any]]) -> dict[int, Samples]:
    """Bins of the parts, and of all of them together."""
    whole: dict[float, list[float]] = {}
    parts: dict[int, list[list[float]]] = {}
    labels_of: dict[int, tuple[str | None, ...]] = {}
    for part, number, low, high, *others in rows:
        weights = [float(weight) for weight in others[:4]]
        one = [float(low), float(high), *weights]
        there = whole.setdefault(float(number), [*one[:2], 0.0, 0.0, 0.0, 0.0])
        there[0], there[1] = min(there[0], one[0]), max(there[1], one[1])
        for index, weight in enumerate(weights, 2):
            there[index] += weight
        if part > 0:
            parts.setdefault(int(part), []).append(one)
            labels_of[int(part)] = tuple(others[4:])
    found = {part: _samples(bins, labels_of[part]) for part, bins in parts.items()}
    return {WHOLE: _samples([whole[number] for number in sorted(whole)], ()), **found}


def _samples(bins: Sequence[Sequence[float]], of: tuple[str | None, ...]) -> Samples:
    each = [[(one[0], one[1], one[index]) for one in bins if one[index] > 0] for index in range(2, 6)]
    distributions = [
        Distribution([low for low, _, _ in some], [high for _, high, _ in some], [weight for _, _, weight in some])
        for some in each
    ]
    return Samples(of, *distributions)
