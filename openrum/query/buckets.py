"""Buckets of time as an expression: even steps, run by run, so that a change of clocks costs one CASE."""

from itertools import pairwise

from sqlglot import expressions as sql

from openrum.query.tree import Parameters

_LONG_MS = 1 << 52


def bucket(starts: tuple[int, ...], parameters: Parameters) -> sql.Expr:
    """The beginning of the bucket that an event falls into.

    Buckets are of one width but where clocks change, so there are seldom more than three runs.
    """
    runs = _runs(starts)
    steps = [_step(start, width, parameters) for start, width in runs]
    if len(steps) == 1:
        return steps[0]
    case = sql.Case()
    for step, (next_start, _) in zip(steps, runs[1:], strict=False):
        before = sql.LT(this=sql.column("time", quoted=True), expression=parameters.bind(next_start))
        case = case.when(before, step)
    return case.else_(steps[-1])


def _step(start: int, width: int, parameters: Parameters) -> sql.Expr:
    offset = sql.paren(sql.Sub(this=sql.column("time", quoted=True), expression=parameters.bind(start)))
    steps = sql.paren(sql.IntDiv(this=offset, expression=parameters.bind(width)))
    return sql.Add(this=parameters.bind(start), expression=sql.Mul(this=steps, expression=parameters.bind(width)))


def _runs(starts: tuple[int, ...]) -> list[tuple[int, int]]:
    """(first beginning, width) of each run of buckets that are equally wide; the last bucket is as wide as any."""
    runs: list[tuple[int, int]] = []
    for start, following in pairwise(starts):
        if not runs or runs[-1][1] != following - start:
            runs.append((start, following - start))
    return runs or [(starts[0], _LONG_MS)]
