"""The claim of the event patterns: a compiled one is asked of at least 100,000 events a second.

The events are the demo's; the patterns go from the service's own extended metrics to one of every costly operator. The floor is
what an event costs anyway before it can be asked about: reading it as JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from benchmarks.report import Report
from openrum.demo.population import batches
from openrum.event_patterns import compile_pattern

END_MS = 1_795_348_800_000
DAY_MS = 86_400_000
SESSIONS = 60
ROUNDS = 20
NAVIGATION = "com.amazon.rum.performance_navigation_event"
PATTERNS: dict[str, dict[str, Any]] = {
    "one literal": {"event_type": ["com.amazon.rum.http_event"]},
    "extended metric with a range and a dimension": {
        "event_type": [NAVIGATION],
        "event_details": {"duration": [{"numeric": [">=", 2000, "<", 8000]}]},
        "metadata": {"browserName": ["Chrome"]},
    },
    "prefix, wildcard, anything-but, exists": {
        "event_type": [{"prefix": "com.amazon."}],
        "metadata": {
            "pageId": [{"wildcard": "/prod*mug*"}, {"anything-but": {"prefix": "/c"}}],
            "countryCode": [{"exists": False}],
        },
    },
    "$or of three": {
        "$or": [
            {"event_type": ["none"]},
            {"metadata": {"pageId": [{"suffix": "mug"}]}},
            {"event_details": {"version": [{"equals-ignore-case": "1.0.0"}]}},
        ]
    },
}


def main() -> Report:
    """A few seconds."""
    report = Report("Event patterns")
    report.begin()
    events = _events()
    floor = _per_second(msgspec.json.decode, [msgspec.json.encode(event) for event in events])
    report.figure("floor: reading an event as JSON", floor, "events/s")
    for name, pattern in PATTERNS.items():
        rate = _per_second(compile_pattern(json.dumps(pattern)), events)
        report.figure(name, rate, "events/s", at_least=100_000)
        report.figure(f"{name}: share of the floor", rate / floor, "")
    return report


def _events() -> list[dict[str, Any]]:
    return [
        {
            "event_type": event["type"],
            "event_details": json.loads(event["details"]),
            "metadata": json.loads(event["metadata"]),
            "user_details": visit.body["UserDetails"],
        }
        for visit in batches(5, END_MS - DAY_MS, END_MS, SESSIONS)
        for event in visit.body["RumEvents"]
    ]


def _per_second(ask: Callable[[Any], object], events: Sequence[Any]) -> float:
    start = time.perf_counter()
    for _ in range(ROUNDS):
        for event in events:
            ask(event)
    return ROUNDS * len(events) / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(int(main().failed))
