"""What a metric definition must be beyond its shape: the service's rules for extended and for custom metrics. Pure.

Extended metrics add dimensions to the metrics that there are anyway: their names, values and events are given. Custom
metrics go to a namespace of their own and may count or measure anything that an event says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openrum import strict_json
from openrum.control.shapes import MetricDefinitionRequest
from openrum.event_patterns import BadPattern, compile_pattern
from openrum.events import BUILT_IN_TYPE_PREFIX

_EXTENDED_NAMESPACE = "AWS/RUM"
_RESERVED_PREFIX = "AWS/"
_DEPTH_MAX = 32
_EXTENDED_DIMENSIONS = {
    "metadata.pageId": "PageId",
    "metadata.browserName": "BrowserName",
    "metadata.deviceType": "DeviceType",
    "metadata.osName": "OSName",
    "metadata.countryCode": "CountryCode",
    "event_details.fileType": "FileType",
}
_FIRST_LEVEL = frozenset({
    "account_id", "application_Id", "application_version", "application_name", "batch_id", "event_details", "event_id",
    "event_interaction", "event_timestamp", "event_type", "event_version", "log_stream", "metadata", "sessionId",
    "user_details", "userId",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Extended:
    """One of the service's own metrics: the value it takes, and the type of event it looks at, where that is one."""

    value_key: str | None = None
    event_type: str | None = None


_EXTENDED = {
    "PerformanceNavigationDuration": _Extended("event_details.duration", "performance_navigation_event"),
    "PerformanceResourceDuration": _Extended("event_details.duration", "performance_resource_event"),
    "NavigationSatisfiedTransaction": _Extended(None, "performance_navigation_event"),
    "NavigationToleratedTransaction": _Extended(None, "performance_navigation_event"),
    "NavigationFrustratedTransaction": _Extended(None, "performance_navigation_event"),
    "WebVitalsCumulativeLayoutShift": _Extended("event_details.value", "cumulative_layout_shift_event"),
    "WebVitalsFirstInputDelay": _Extended("event_details.value", "first_input_delay_event"),
    "WebVitalsLargestContentfulPaint": _Extended("event_details.value", "largest_contentful_paint_event"),
    "WebVitalsInteractionToNextPaint": _Extended("event_details.value", "interaction_to_next_paint_event"),
    "JsErrorCount": _Extended(None, "js_error_event"),
    "HttpErrorCount": _Extended(None, "http_event"),
    "Http4xxCount": _Extended(None, "http_event"),
    "Http5xxCount": _Extended(None, "http_event"),
    "SessionCount": _Extended(None, "session_start_event"),
    "PageViewCount": _Extended(None, "page_view_event"),
    # Names that the CloudFormation schema takes, and no page describes.
    **dict.fromkeys(
        (
            "SessionDuration", "PageViewCountPerSession", "TimeOnPage", "ColdLaunchTime", "WarmLaunchTime", "CrashCount",
            "ANRCount", "AppHangCount", "ScreenLoadCount", "ScreenLoadTime", "NetworkLatency", "SpanPayloadSize",
            "LogEventPayloadSize", "JsErrorCountPerSession", "Http4xxCountPerSession", "Http5xxCountPerSession",
            "JsErrorCountPerPageView", "Http4xxCountPerPageView", "Http5xxCountPerPageView",
        ),
        _Extended(),
    ),
}  # fmt: skip


def first_broken_rule(definition: MetricDefinitionRequest) -> str | None:
    """The member and the rule, or None for a definition that can be used."""
    if definition.Namespace is None or definition.Namespace == _EXTENDED_NAMESPACE:
        return next(_extended_faults(definition), None)
    return next(_custom_faults(definition), None)


def _extended_faults(definition: MetricDefinitionRequest) -> Iterator[str]:
    known = _EXTENDED.get(definition.Name)
    if known is None:
        yield f"Name: {definition.Name[:64]!r} is no extended metric; a custom metric needs a Namespace"
        return
    if definition.ValueKey is not None and definition.ValueKey != known.value_key:
        wanted = f"must be {known.value_key}" if known.value_key else "must be left out"
        yield f"ValueKey: {wanted} for {definition.Name}"
    if definition.EventPattern is None:
        yield "EventPattern: is required for an extended metric"
        return
    for key, name in (definition.DimensionKeys or {}).items():
        if _EXTENDED_DIMENSIONS.get(key) != name:
            pairs = ", ".join(f"{key}: {name}" for key, name in _EXTENDED_DIMENSIONS.items())
            yield f"DimensionKeys: {key[:64]} with the name {name[:64]} is none of {pairs}"
    yield from _pattern_faults(definition, known.event_type)


def _custom_faults(definition: MetricDefinitionRequest) -> Iterator[str]:
    namespace = definition.Namespace or ""
    if namespace.startswith(_RESERVED_PREFIX):
        yield f"Namespace: must not begin with {_RESERVED_PREFIX}"
    for member, keys in (("ValueKey", [definition.ValueKey]), ("DimensionKeys", [*(definition.DimensionKeys or {})])):
        for key in keys:
            if key is not None and key.partition(".")[0] not in _FIRST_LEVEL:
                yield f"{member}: {key[:64]} does not begin with one of {', '.join(sorted(_FIRST_LEVEL))}"
    if definition.EventPattern is not None:
        yield from _pattern_faults(definition, None)
        yield from _custom_pattern_faults(_object(definition.EventPattern))
    elif definition.DimensionKeys:
        yield "EventPattern: must name every dimension key"


def _custom_pattern_faults(pattern: Mapping[str, Any]) -> Iterator[str]:
    for name in pattern:
        if name not in _FIRST_LEVEL and name != "$or":
            yield f"EventPattern: {name[:64]} is none of {', '.join(sorted(_FIRST_LEVEL))}"
    if "event_details" in pattern and "event_type" not in pattern:
        yield "EventPattern: event_details needs event_type beside it"
    if not _arrays_hold_one_value(pattern):
        yield "EventPattern: an array must hold one value"


def _pattern_faults(definition: MetricDefinitionRequest, event_type: str | None) -> Iterator[str]:
    text = definition.EventPattern or ""
    try:
        compile_pattern(text)
    except BadPattern as error:
        yield f"EventPattern: {error}"
        return
    pattern = _object(text)
    if event_type is not None and pattern.get("event_type") != [BUILT_IN_TYPE_PREFIX + event_type]:
        yield f'EventPattern: {definition.Name} needs "event_type": ["{BUILT_IN_TYPE_PREFIX}{event_type}"]'
    for key in definition.DimensionKeys or {}:
        if not _names(pattern, key.split(".")):
            yield f'EventPattern: must name the dimension key {key[:64]}, if only as [{{"exists": true}}]'


def _object(text: str) -> dict[str, Any]:
    found: dict[str, Any] = strict_json.loads(text, _DEPTH_MAX)
    return found


def _names(pattern: Any, path: list[str]) -> bool:
    for name in path:
        if not isinstance(pattern, Mapping) or name not in pattern:
            return False
        pattern = pattern[name]
    return isinstance(pattern, list)


def _arrays_hold_one_value(pattern: Any) -> bool:
    """Arrays of what a field may be; those of `$or` and of operators are choices by nature."""
    return all(
        _arrays_hold_one_value(value) if isinstance(value, Mapping) else name == "$or" or len(value) == 1
        for name, value in pattern.items()
    )
