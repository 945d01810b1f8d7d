"""The API model as botocore ships it, and cases made of it: for every constraint, values on and over each border.

The model is the judge of every value: a case says what to send and whether the model lets it in, never what OpenRUM does.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import botocore.session

MODEL = botocore.session.get_session().get_service_model("rum")
OPERATIONS = tuple(MODEL.operation_names)

MONITOR = "shop"
NAVIGATION = '{"event_type":["com.amazon.rum.performance_navigation_event"],"metadata":{"pageId":[{"exists":true}]}}'
DEFINITION = {
    "Name": "Seen",
    "ValueKey": "event_details.duration",
    "UnitLabel": "Milliseconds",
    "DimensionKeys": {"metadata.pageId": "PageId"},
    "EventPattern": NAVIGATION,
    "Namespace": "shop",
}
CONFIGURATION = {
    "IdentityPoolId": "us-east-1:0a0a0a0a-0000-4000-8000-000000000001",
    "ExcludedPages": ["https://shop.example.com/a"],
    "FavoritePages": ["/a"],
    "SessionSampleRate": 0.5,
    "GuestRoleArn": "arn:aws:iam::000000000000:role/guest",
    "AllowCookies": True,
    "Telemetries": ["errors", "performance", "http"],
    "EnableXRay": False,
}
INCLUDED = {name: value for name, value in CONFIGURATION.items() if name != "ExcludedPages"} | {
    "IncludedPages": ["https://shop.example.com/b"]
}
MAPS = {"JavaScriptSourceMaps": {"Status": "ENABLED", "S3Uri": "s3://bucket/maps/"}}
ARN = f"arn:aws:rum:us-east-1:000000000000:appmonitor/{MONITOR}"
OTHER_ARN = "arn:aws:evidently:us-east-1:000000000000:project/x"
UUID = "0b0b0b0b-0000-4000-8000-00000000000b"
TO = {"AppMonitorName": MONITOR, "Destination": "CloudWatch"}
EVIDENTLY = {"AppMonitorName": MONITOR, "Destination": "Evidently", "DestinationArn": OTHER_ARN}


def policy(arn: str = ARN) -> str:
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"rum:PutRumEvents",'
        f'"Resource":"{arn}"}}]}}'
    )


def monitor(**members: Any) -> dict[str, Any]:
    """All that makes a monitor, but what excludes each other."""
    return {
        "Name": MONITOR,
        "AppMonitorConfiguration": CONFIGURATION,
        "CwLogEnabled": True,
        "CustomEvents": {"Status": "ENABLED"},
        "DeobfuscationConfiguration": MAPS,
        **members,
    }


SAMPLES: dict[str, list[dict[str, Any]]] = {
    "BatchCreateRumMetricDefinitions": [{**TO, "MetricDefinitions": [DEFINITION]}, {**EVIDENTLY, "MetricDefinitions": [DEFINITION]}],
    "BatchDeleteRumMetricDefinitions": [{**TO, "MetricDefinitionIds": ["gone"]}, {**EVIDENTLY, "MetricDefinitionIds": ["gone"]}],
    "BatchGetRumMetricDefinitions": [{**TO, "MaxResults": 9}, EVIDENTLY],
    "CreateAppMonitor": [
        monitor(Domain="shop.example", Tags={"team": "web"}, Platform="iOS"),
        monitor(DomainList=["localhost", "*.shop.example"], AppMonitorConfiguration=INCLUDED),
    ],
    "DeleteAppMonitor": [{"Name": MONITOR}],
    "DeleteResourcePolicy": [{"Name": MONITOR, "PolicyRevisionId": "x"}],
    "DeleteRumMetricsDestination": [TO, EVIDENTLY],
    "GetAppMonitor": [{"Name": MONITOR}],
    "GetAppMonitorData": [
        {"Name": MONITOR, "TimeRange": {"After": 1, "Before": 2}, "MaxResults": 9, "Filters": [{"Name": "Browser", "Values": ["x"]}]}
    ],
    "GetResourcePolicy": [{"Name": MONITOR}],
    "ListAppMonitors": [{"MaxResults": 9}],
    "ListRumMetricsDestinations": [{"AppMonitorName": MONITOR, "MaxResults": 9}],
    "ListTagsForResource": [{"ResourceArn": ARN}],
    "PutResourcePolicy": [{"Name": MONITOR, "PolicyDocument": policy(), "PolicyRevisionId": "x"}],
    "PutRumEvents": [
        {
            "Id": UUID,
            "BatchId": UUID,
            "AppMonitorDetails": {"name": MONITOR, "id": UUID, "version": "1"},
            "UserDetails": {"userId": UUID, "sessionId": UUID},
            "RumEvents": [
                {"id": UUID, "timestamp": 1767323045, "type": "com.amazon.rum.page_view_event", "metadata": "{}", "details": "{}"}
            ],
            "Alias": "x",
        }
    ],
    "PutRumMetricsDestination": [{**EVIDENTLY, "IamRoleArn": "arn:aws:iam::000000000000:role/x"}],
    "TagResource": [{"ResourceArn": ARN, "Tags": {"team": "web"}}],
    "UntagResource": [{"ResourceArn": ARN, "TagKeys": ["team"]}],
    "UpdateAppMonitor": [
        monitor(Domain="shop.example"),
        monitor(DomainList=["localhost"], AppMonitorConfiguration=INCLUDED),
    ],
    "UpdateRumMetricDefinition": [
        {**TO, "MetricDefinition": DEFINITION, "MetricDefinitionId": "gone"},
        {**EVIDENTLY, "MetricDefinition": DEFINITION, "MetricDefinitionId": "gone"},
    ],
}  # fmt: skip
"""For every operation requests that hold every member of it at least once."""

Place = tuple[str | int, ...]
KEY = "{key}"
"""The last step of a place that is the key of a map rather than a value in it."""


@dataclass(frozen=True)
class Case:
    """One request: the operation, where it differs from its sample, what stands there, and whether the model lets it in."""

    operation: str
    place: Place
    value: Any
    allowed: bool
    request: dict[str, Any]

    def __str__(self) -> str:
        text = repr(self.value)
        shown = text if len(text) <= 40 else f"{text[:30]}…{len(self.value)}"
        return f"{self.operation} {'.'.join(map(str, self.place))} = {shown}"


def members(operation: str) -> Iterator[tuple[Place, Any, dict[str, Any]]]:
    """Every member of an operation's request with its shape, and a sample that holds it."""
    found: dict[Place, Any] = {}
    for sample in SAMPLES[operation]:
        for place, shape in _walk(MODEL.operation_model(operation).input_shape, sample, ()):
            name = tuple("[]" if isinstance(step, int) else step for step in place)
            if name not in found:
                found[name] = True
                yield place, shape, sample


def _walk(shape: Any, value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if place:
        yield place, shape
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                yield from _walk(member, value[name], (*place, name))
    elif shape.type_name == "list" and value:
        yield from _walk(shape.member, value[0], (*place, 0))
    elif shape.type_name == "map":
        for key in list(value)[:1]:
            yield (*place, key, KEY), shape.key
            yield from _walk(shape.value, value[key], (*place, key))


def put(request: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """A copy of the request with another value there."""
    new = copy.deepcopy(request)
    node: Any = new
    *way, last = place
    if last == KEY:
        *way, old = way
    for step in way:
        node = node[step]
    if last == KEY:
        node[value] = node.pop(old)
    else:
        node[last] = value
    return new


def allows(shape: Any, value: Any) -> bool:
    """Whether the model lets a value of the right type in."""
    limits = shape.metadata
    if shape.type_name == "string":
        if "enum" in limits:
            return value in limits["enum"]
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            return False
    size = value if shape.type_name in ("integer", "long", "double", "float") else len(value)
    return limits.get("min", size) <= size <= limits.get("max", size)


def border_cases() -> Iterator[Case]:
    """For every constraint of every member: one below min, min, max, one above max, and misses of the pattern."""
    for operation in OPERATIONS:
        for place, shape, sample in members(operation):
            for value in _values(shape, place, _at(sample, place)):
                yield Case(operation, place, value, allows(shape, value), put(sample, place, value))


def missing_cases() -> Iterator[Case]:
    """Every operation without each of its required members; not without what makes its path."""
    for operation in OPERATIONS:
        shapes = {(): MODEL.operation_model(operation).input_shape}
        for place, shape, sample in [((), shapes[()], SAMPLES[operation][0]), *members(operation)]:
            for name in getattr(shape, "required_members", ()):
                if shape.members[name].serialization.get("location") == "uri":
                    continue
                request = copy.deepcopy(sample)
                node: Any = request
                for step in place:
                    node = node[step]
                node.pop(name, None)
                yield Case(operation, (*place, name), None, False, request)


def wrong_type_cases() -> Iterator[Case]:
    """Every member of a body as another type of JSON."""
    for operation in OPERATIONS:
        top = MODEL.operation_model(operation).input_shape
        for place, shape, sample in members(operation):
            if top.members[place[0]].serialization.get("location") or place[-1] == KEY:
                continue
            wrong = {"x": 1} if shape.type_name in ("list", "string", "integer", "double", "boolean", "long") else "x"
            yield Case(operation, place, wrong, False, put(sample, place, wrong))


def _at(sample: dict[str, Any], place: Place) -> Any:
    node: Any = sample
    for step in place[:-1] if place[-1] == KEY else place:
        node = node[step]
    return place[-2] if place[-1] == KEY else node


def _values(shape: Any, place: Place, sound: Any) -> Iterator[Any]:
    limits = {name: shape.metadata[name] for name in ("min", "max", "pattern", "enum") if name in shape.metadata}
    if not limits:
        return
    sizes = [
        size for name in ("min", "max") if name in limits for size in (limits[name] - 1, limits[name], limits[name] + 1)
    ]
    match shape.type_name:
        case "integer" | "long":
            yield from sizes
        case "double" | "float":
            yield from (limits["min"] - 0.01, limits["min"], limits["max"], limits["max"] + 0.01)
        case "list":
            yield from (_distinct(sound, size) for size in sizes if size >= 0)
        case "map":
            [(key, value)] = list(sound.items())[:1]
            yield from ({f"{key}.{n}": value for n in range(size)} for size in sizes if size >= 0)
        case "string":
            yield from dict.fromkeys(_strings(limits, sound, [size for size in sizes if size >= 0]))


def _strings(limits: dict[str, Any], sound: str, sizes: list[int]) -> Iterator[str]:
    if "enum" in limits:
        yield from (*limits["enum"], limits["enum"][0].swapcase(), limits["enum"][0] + "x", "")
        return
    for size in sizes:
        # Cut, or made longer with what it ends with: mostly of the same kind, and the model says whether it is.
        yield (
            sound[:size]
            if size <= len(sound)
            else sound + (sound[-1] * 40 + ("." if "." in sound else sound[-1])) * (size // 41 + 1)
        )
        yield (sound + sound[-1] * size)[:size]
        yield (sound + (sound[-1] * 40 + ".") * (size // 41 + 1))[:size]
    if "pattern" in limits:
        yield from (
            "é",
            "",
            " ",
            f" {sound}",
            f"{sound} ",
            f"{sound}\n",
            f"{sound}\0",
            f"{sound}é",
            f".{sound}",
            f"a{sound}",
        )


def _distinct(sound: list[Any], size: int) -> list[Any]:
    """A list of that length; texts are told apart where that does no harm."""
    return (
        [sound[0] if not isinstance(sound[0], str) or n == 0 else f"{sound[0]}{n}" for n in range(size)]
        if sound
        else []
    )


def faults(shape: Any, value: Any, place: str = "") -> Iterator[str]:
    """What of an answer, as it stood on the wire, is not as the model has it."""
    match shape.type_name:
        case "structure":
            if not isinstance(value, dict):
                yield f"{place}: no object"
                return
            yield from (f"{place}.{name}: is not in the model" for name in value.keys() - shape.members.keys())
            yield from (f"{place}.{name}: is required" for name in set(shape.required_members) - value.keys())
            for name in value.keys() & shape.members.keys():
                yield from faults(shape.members[name], value[name], f"{place}.{name}")
        case "list":
            for index, each in enumerate(value):
                yield from faults(shape.member, each, f"{place}[{index}]")
        case "map":
            for key, each in value.items():
                yield from faults(shape.key, key, f"{place}.{key}")
                yield from faults(shape.value, each, f"{place}.{key}")
        case kind:
            types = {"string": str, "boolean": bool, "integer": int, "long": int, "double": (int, float)}
            if not isinstance(value, types[kind]) or (isinstance(value, bool) and kind != "boolean"):
                yield f"{place}: {value!r} is no {kind}"
            elif kind != "boolean" and not allows(shape, value):
                yield f"{place}: {value!r} breaks its constraint"
