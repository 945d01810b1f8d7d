"""Percentiles of resources, of which there are more than of anything else: of how often each value is there, in hundredths of
a millisecond, which is finer than browsers' clocks. The engine would collect every value, and then search them on one core.

Each value is read once, as for a count. See docs/decisions/0013.
"""

from collections.abc import Sequence

from sqlglot import expressions as sql

from openrum.query.dimensions import TIME
from openrum.query.measures import PERCENTILES, TIMINGS
from openrum.query.question import Question
from openrum.query.tree import formula

_TIMING = TIMINGS["resource"]
VALUE = _TIMING.column
ROWS = f"{_TIMING.is_its} AND {VALUE} IS NOT NULL"
"""The rows whose values are binned."""
_BINS_A_MS = 100


def _at(rank: str) -> str:
    """The value of a rank, from 0."""
    return f"max(CASE WHEN before <= {rank} AND {rank} < before + n THEN bin END)"


def _percentile(share: float) -> str:
    """Linear between ranks."""
    rank = f"({share} * (total - 1))"
    below, above = _at(f"floor({rank})"), _at(f"least(floor({rank}) + 1, total - 1)")
    return f"({below} + ({above} - {below}) * max({rank} - floor({rank}))) / {_BINS_A_MS}"


_PERCENTILES = {f"{_TIMING.name}_p{percent}": _percentile(percent / 100) for percent in PERCENTILES}
FORMULAS: dict[str, str] = {**_PERCENTILES, f"{_TIMING.name}_count": "CAST(sum(n) AS BIGINT)"}
"""Measure → what it is over bins."""


def answers(question: Question, measures: Sequence[str]) -> bool:
    """Whether bins can answer it: of percentiles alone, over all or over time, whose empty buckets are filled in."""
    return (
        question.by in ((), (TIME,))
        and all(name in FORMULAS for name in measures)
        and any(name in _PERCENTILES for name in measures)
    )


def over(rows: sql.Select, labels: Sequence[str], measures: Sequence[str]) -> sql.Select:
    """The measures by label. `rows` are those of `ROWS`, with their labels and the value."""
    listed = ", ".join(f'"{name}"' for name in labels)
    names, apart = (f"{listed}, ", f"PARTITION BY {listed}") if labels else ("", "")
    bins = (
        f"SELECT {names}round(CAST({VALUE} AS DOUBLE) * {_BINS_A_MS}) AS bin, count(*) AS n FROM r GROUP BY {names}bin"
    )
    ranked = (
        f"SELECT {names}n, CAST(bin AS DOUBLE) AS bin,"
        f" CAST(sum(n) OVER ({apart} ORDER BY bin) - n AS DOUBLE) AS before,"
        f" CAST(sum(n) OVER ({apart}) AS DOUBLE) AS total FROM ({bins}) AS b"
    )
    told = ", ".join(f'{FORMULAS[name]} AS "{name}"' for name in measures)
    grouped = f" GROUP BY {listed}" if labels else ""
    tree = formula(f"SELECT {names}{told} FROM ({ranked}) AS ranked{grouped}")
    assert isinstance(tree, sql.Select)
    [source] = [table for table in tree.find_all(sql.Table) if table.name == "r"]
    source.replace(rows.subquery("r", copy=False))
    return tree
