"""Every measure in plain Python, over the facts of one group, by definitions.md, CloudWatch RUM's page and web.dev's.

Other code than the code under test: no SQL, no tables of formulas of its own, nothing of openrum.
"""

import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from tests.query.oracle.visit import NIL, Fact

_BUILT_IN = "com.amazon.rum."
_VITALS = {
    "lcp": ("largest_contentful_paint_event", 2_500, 4_000),
    "inp": ("interaction_to_next_paint_event", 200, 500),
    "cls": ("cumulative_layout_shift_event", 0.1, 0.25),
    "fcp": ("first_contentful_paint_event", 1_800, 3_000),
    "ttfb": ("time_to_first_byte_event", 800, 1_800),
    "fid": ("first_input_delay_event", 100, 300),
}
_PERCENTS = (50, 75, 90, 95, 99)


def percentile(ordered: list[float], percent: int) -> float | None:
    """Linear between the ranks of an ordered list; None of nothing."""
    if not ordered:
        return None
    rank = percent * (len(ordered) - 1) / 100
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def mean(values: Iterable[float]) -> float | None:
    """None of nothing."""
    known = list(values)
    return math.fsum(known) / len(known) if known else None


def divided(above: float, below: float) -> float | None:
    """None where there is nothing to divide by."""
    return above / below if below else None


class Pile:
    """The facts of a group. `stays` tells of each page view of the whole scope how long it was looked at, in ms."""

    def __init__(self, facts: list[Fact], stays: dict[int, int]) -> None:
        self.facts = facts
        self.stays = stays
        self.by_type: dict[str, list[Fact]] = {}
        for fact in facts:
            self.by_type.setdefault(fact.type, []).append(fact)
        self._ordered: dict[str, list[float]] = {}

    def of(self, kind: str) -> list[Fact]:
        """Those of one of the client's own types."""
        return self.by_type.get(_BUILT_IN + kind, [])

    def value(self, measure: str) -> Any:
        """The measure. KeyError for one that nobody has worked out by hand."""
        if measure in _PLAIN:
            return _PLAIN[measure](self)
        stem, _, statistic = measure.rpartition("_")
        if measure.endswith("_needs_improvement"):
            stem, statistic = measure.removesuffix("_needs_improvement"), "needs_improvement"
        if stem in _VITALS and statistic in ("good", "needs_improvement", "poor"):
            return self._share(stem, statistic)
        ordered = self.ordered(stem)
        if statistic == "count":
            return len(ordered)
        if statistic == "avg":
            return mean(ordered)
        if statistic == "sum":
            return sum(ordered)
        percent = int(statistic.removeprefix("p"))
        if percent not in _PERCENTS:
            raise KeyError(measure)
        return percentile(ordered, percent)

    def ordered(self, stem: str) -> list[float]:
        """The samples of a statistic, ascending."""
        if stem not in self._ordered:
            self._ordered[stem] = sorted(_SAMPLES[stem](self))
        return self._ordered[stem]

    def _share(self, stem: str, rating: str) -> float | None:
        _, good, poor = _VITALS[stem]
        ordered = self.ordered(stem)
        within = {
            "good": sum(value <= good for value in ordered),
            "poor": sum(value > poor for value in ordered),
            "needs_improvement": sum(good < value <= poor for value in ordered),
        }[rating]
        return divided(within, len(ordered))

    # ── Sessions, errors, requests ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def sessions(self) -> dict[str, list[Fact]]:
        """The facts of each session; what is of none is left out."""
        sessions: dict[str, list[Fact]] = {}
        for fact in self.facts:
            session = fact.get("session")
            if session is not None:
                sessions.setdefault(session, []).append(fact)
        return sessions

    @cached_property
    def views_of_sessions(self) -> list[int]:
        """How many page views each session has."""
        return [sum(fact.type == _BUILT_IN + "page_view_event" for fact in facts) for facts in self.sessions.values()]

    @cached_property
    def errors(self) -> list[Fact]:
        return self.of("js_error_event")

    @cached_property
    def failed(self) -> list[Fact]:
        """Requests that were answered with 4xx or 5xx, or not at all."""
        return [*self.answered(400, 599), *self.unanswered]

    @property
    def unanswered(self) -> list[Fact]:
        return [fact for fact in self.of("http_event") if fact.get("http_status") is None]

    def answered(self, low: int, high: int) -> list[Fact]:
        """Requests with a status from `low` to `high`."""
        return [fact for fact in self.of("http_event") if low <= (fact.get("http_status") or 0) <= high]

    def took(self, low: float, high: float) -> int:
        """Navigations of that many milliseconds, both borders in."""
        return sum(low <= duration <= high for duration in self.ordered("load"))

    @cached_property
    def scores(self) -> list[float]:
        """Of each page load: the mean of what its vitals are worth."""
        loads: dict[tuple[Any, ...], list[float]] = {}
        for name in ("lcp", "inp", "cls"):
            for fact in self.of(_VITALS[name][0]):
                if fact.get("value") is not None:
                    load = loads.setdefault((fact.get("session"), fact.get("page"), fact.get("interaction")), [])
                    load.append(_points(name, fact.get("value")))
        return [mean(points) for points in loads.values()]


def _points(name: str, value: float) -> float:
    """0 to 100: a curve through 90 at the border of good and 50 at that of poor."""
    _, good, poor = _VITALS[name]
    steepness = math.log(9) / math.log(poor / good)
    return 100 / (1 + (value / poor) ** steepness)


def _sessions_of(facts: Iterable[Fact]) -> int:
    return len({fact.get("session") for fact in facts} - {None})


def _values(pile: Pile, kind: str, name: str) -> list[float]:
    return [value for fact in pile.of(kind) if (value := fact.get(name)) is not None]


def _vital(name: str) -> Callable[[Pile], list[float]]:
    return lambda pile: _values(pile, _VITALS[name][0], "value")


_SAMPLES: dict[str, Callable[[Pile], list[float]]] = {
    **{name: _vital(name) for name in _VITALS},
    "load": lambda pile: _values(pile, "performance_navigation_event", "duration"),
    "resource": lambda pile: _values(pile, "performance_resource_event", "duration"),
    "request": lambda pile: _values(pile, "xray_trace_event", "duration"),
    "session_duration": lambda pile: [
        max(fact.time for fact in facts) - min(fact.time for fact in facts) for facts in pile.sessions.values()
    ],
    "time_on_page": lambda pile: [pile.stays[fact.order] for fact in pile.of("page_view_event")],
    "payload_size": lambda pile: [fact.get("payload_size") for fact in pile.facts],
}

_PLAIN: dict[str, Callable[[Pile], Any]] = {
    "events": lambda pile: len(pile.facts),
    "page_views": lambda pile: len(pile.of("page_view_event")),
    "js_errors": lambda pile: len(pile.errors),
    "http_requests": lambda pile: len(pile.of("http_event")),
    "http_errors": lambda pile: len(pile.failed),
    "http_4xx": lambda pile: len(pile.answered(400, 499)),
    "http_5xx": lambda pile: len(pile.answered(500, 599)),
    "http_network_errors": lambda pile: len(pile.unanswered),
    "sessions": lambda pile: len(pile.sessions),
    "session_starts": lambda pile: len(pile.of("session_start_event")),
    "users": lambda pile: len({fact.get("user") for fact in pile.facts} - {None, NIL}),
    "error_sessions": lambda pile: _sessions_of(pile.errors),
    "impacted_sessions": lambda pile: _sessions_of([*pile.errors, *pile.failed]),
    "error_session_rate": lambda pile: divided(_sessions_of(pile.errors), len(pile.sessions)),
    "impacted_session_rate": lambda pile: divided(_sessions_of([*pile.errors, *pile.failed]), len(pile.sessions)),
    "http_error_rate": lambda pile: divided(len(pile.failed), len(pile.of("http_event"))),
    "pages_per_session": lambda pile: divided(len(pile.of("page_view_event")), len(pile.sessions)),
    "js_errors_per_session": lambda pile: divided(len(pile.errors), len(pile.sessions)),
    "js_errors_per_page_view": lambda pile: divided(len(pile.errors), len(pile.of("page_view_event"))),
    "http_4xx_per_session": lambda pile: divided(len(pile.answered(400, 499)), len(pile.sessions)),
    "http_4xx_per_page_view": lambda pile: divided(len(pile.answered(400, 499)), len(pile.of("page_view_event"))),
    "http_5xx_per_session": lambda pile: divided(len(pile.answered(500, 599)), len(pile.sessions)),
    "http_5xx_per_page_view": lambda pile: divided(len(pile.answered(500, 599)), len(pile.of("page_view_event"))),
    "viewing_sessions": lambda pile: sum(views > 0 for views in pile.views_of_sessions),
    "bounce_rate": lambda pile: divided(
        sum(views == 1 for views in pile.views_of_sessions), sum(views > 0 for views in pile.views_of_sessions)
    ),
    "navigation_satisfied": lambda pile: sum(duration < 2_000 for duration in pile.ordered("load")),
    "navigation_tolerated": lambda pile: pile.took(2_000, 8_000),
    "navigation_frustrated": lambda pile: sum(duration > 8_000 for duration in pile.ordered("load")),
    "apdex": lambda pile: divided(
        sum(1.0 if duration <= 2_000 else 0.5 for duration in pile.ordered("load") if duration <= 8_000),
        len(pile.ordered("load")),
    ),
    "score": lambda pile: mean(pile.scores),
    "score_count": lambda pile: len(pile.scores),
}
