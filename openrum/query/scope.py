"""What every question is about: a monitor, a range of time, filters. Plain values, no work."""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Literal

Operator = Literal[
    "is", "is_not", "contains", "not_contains", "matches", "gt", "lt", "is_null", "is_not_null"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """Any of the values suffices. Values are texts, or numbers for `gt` and `lt`, for `time` (epoch milliseconds) and for
    dimensions that are numbers, or booleans for those that are.
    """

    dimension: str
    op: Operator
    values: tuple[str | float | bool, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The range takes its beginning and leaves out its end; times are epoch milliseconds. All filters must hold."""

    monitor: str
    from_ms: int
    to_ms: int
    where: tuple[Filter, ...] = ()

    def without(self, dimensions: Container[str]) -> "Scope":
        """The scope less the filters of these dimensions."""
        return replace(self, where=tuple(each for each in self.where if each.dimension not in dimensions))
