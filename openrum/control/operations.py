"""The operations, as a table: to add one is a row here, its shapes and a method of the service.

Paths, methods, members and errors are those of the API model (CloudWatch RUM, 2018-05-10). `query` maps the names of
query parameters to members; labels in the path are members of the same name; the rest is in the body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from openrum.control import shapes
from openrum.control.service import Service
from openrum.errors import MethodNotAllowed, ResourceNotFound, ValidationError

READERS = frozenset({"admin", "viewer"})
ADMINS = frozenset({"admin"})
_PAGING = MappingProxyType({"maxResults": "MaxResults", "nextToken": "NextToken"})
_REVISION = MappingProxyType({"policyRevisionId": "PolicyRevisionId"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API model."""

    name: str
    method: str
    path: str  # segments, {Label} among them
    request: type[Struct]
    call: Callable[[Service, Any], Struct | None]
    roles: frozenset[str]
    query: Mapping[str, str] = field(default_factory=dict)


OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateAppMonitor", "POST", "/appmonitor", shapes.CreateAppMonitorRequest, Service.create_app_monitor, ADMINS),
    Operation("ListAppMonitors", "POST", "/appmonitors", shapes.ListAppMonitorsRequest, Service.list_app_monitors, READERS, _PAGING),
    Operation("GetAppMonitor", "GET", "/appmonitor/{Name}", shapes.NamedRequest, Service.get_app_monitor, READERS),
    Operation("DeleteAppMonitor", "DELETE", "/appmonitor/{Name}", shapes.NamedRequest, Service.delete_app_monitor, ADMINS),
    Operation("GetAppMonitorData", "POST", "/appmonitor/{Name}/data", shapes.GetAppMonitorDataRequest, Service.get_app_monitor_data, READERS),
    Operation("PutResourcePolicy", "PUT", "/appmonitor/{Name}/policy", shapes.PutResourcePolicyRequest, Service.put_resource_policy, ADMINS),
    Operation("GetResourcePolicy", "GET", "/appmonitor/{Name}/policy", shapes.NamedRequest, Service.get_resource_policy, READERS),
    Operation("DeleteResourcePolicy", "DELETE", "/appmonitor/{Name}/policy", shapes.DeleteResourcePolicyRequest, Service.delete_resource_policy, ADMINS, _REVISION),
)  # fmt: skip


def route(method: str, raw_path: bytes) -> tuple[Operation, dict[str, str]]:
    """The operation, and the labels of its path. Routes on the path as sent, so that %2F is no slash.

    ResourceNotFound for a path of no operation, MethodNotAllowed for a method that the path has not.
    """
    segments = raw_path.rstrip(b"/").split(b"/")
    allowed = []
    for operation in OPERATIONS:
        labels = _match(operation.path.split("/"), segments)
        if labels is None:
            continue
        if operation.method == method:
            return operation, labels
        allowed.append(operation.method)
    if allowed:
        raise MethodNotAllowed(f"{method} is not one of the methods of this path: {', '.join(allowed)}.")
    path = raw_path[:256].decode("ascii", "backslashreplace")
    raise ResourceNotFound(f"There is no operation at {path}.", resource_name=path, resource_type="Operation")


def _match(template: list[str], segments: list[bytes]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    labels = {}
    for expected, found in zip(template, segments, strict=True):
        if expected.startswith("{"):
            labels[expected[1:-1]] = _decoded(found)
        elif expected.encode() != found:
            return None
    return labels


def _decoded(segment: bytes) -> str:
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise ValidationError("the path is not UTF-8") from None
