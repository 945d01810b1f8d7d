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
from openrum.control.metric_service import MetricService
from openrum.control.service import Service
from openrum.errors import MethodNotAllowed, ResourceNotFound, ValidationError

READERS = frozenset({"admin", "viewer"})
ADMINS = frozenset({"admin"})
_PAGING = MappingProxyType({"maxResults": "MaxResults", "nextToken": "NextToken"})
_TARGET = MappingProxyType({"destination": "Destination", "destinationArn": "DestinationArn"})
_TARGET_PAGING = MappingProxyType({**_TARGET, **_PAGING})
_DEFINITION_IDS = MappingProxyType({"metricDefinitionIds": "MetricDefinitionIds"})
_DESTINATION = "/rummetrics/{AppMonitorName}/metricsdestination"
_DEFINITIONS = "/rummetrics/{AppMonitorName}/metrics"
_TAG_KEYS = MappingProxyType({"tagKeys": "TagKeys"})
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
    lists: Mapping[str, str] = field(default_factory=dict)  # the same, for parameters that stand several times


def _on_metrics(method: Callable[[MetricService, Any], Struct | None]) -> Callable[[Service, Any], Struct | None]:
    return lambda service, request: method(service.metrics, request)


OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateAppMonitor", "POST", "/appmonitor", shapes.CreateAppMonitorRequest, Service.create_app_monitor, ADMINS),
    Operation("ListAppMonitors", "POST", "/appmonitors", shapes.ListAppMonitorsRequest, Service.list_app_monitors, READERS, _PAGING),
    Operation("GetAppMonitor", "GET", "/appmonitor/{Name}", shapes.NamedRequest, Service.get_app_monitor, READERS),
    Operation("UpdateAppMonitor", "PATCH", "/appmonitor/{Name}", shapes.UpdateAppMonitorRequest, Service.update_app_monitor, ADMINS),
    Operation("DeleteAppMonitor", "DELETE", "/appmonitor/{Name}", shapes.NamedRequest, Service.delete_app_monitor, ADMINS),
    Operation("GetAppMonitorData", "POST", "/appmonitor/{Name}/data", shapes.GetAppMonitorDataRequest, Service.get_app_monitor_data, READERS),
    Operation("PutResourcePolicy", "PUT", "/appmonitor/{Name}/policy", shapes.PutResourcePolicyRequest, Service.put_resource_policy, ADMINS),
    Operation("GetResourcePolicy", "GET", "/appmonitor/{Name}/policy", shapes.NamedRequest, Service.get_resource_policy, READERS),
    Operation("DeleteResourcePolicy", "DELETE", "/appmonitor/{Name}/policy", shapes.DeleteResourcePolicyRequest, Service.delete_resource_policy, ADMINS, _REVISION),
    Operation("PutRumMetricsDestination", "POST", _DESTINATION, shapes.PutRumMetricsDestinationRequest, _on_metrics(MetricService.put_destination), ADMINS),
    Operation("ListRumMetricsDestinations", "GET", _DESTINATION, shapes.ListRumMetricsDestinationsRequest, _on_metrics(MetricService.list_destinations), READERS, _PAGING),
    Operation("DeleteRumMetricsDestination", "DELETE", _DESTINATION, shapes.DeleteRumMetricsDestinationRequest, _on_metrics(MetricService.delete_destination), ADMINS, _TARGET),
    Operation("BatchCreateRumMetricDefinitions", "POST", _DEFINITIONS, shapes.BatchCreateRumMetricDefinitionsRequest, _on_metrics(MetricService.batch_create), ADMINS),
    Operation("BatchGetRumMetricDefinitions", "GET", _DEFINITIONS, shapes.BatchGetRumMetricDefinitionsRequest, _on_metrics(MetricService.batch_get), READERS, _TARGET_PAGING),
    Operation("BatchDeleteRumMetricDefinitions", "DELETE", _DEFINITIONS, shapes.BatchDeleteRumMetricDefinitionsRequest, _on_metrics(MetricService.batch_delete), ADMINS, _TARGET, _DEFINITION_IDS),
    Operation("UpdateRumMetricDefinition", "PATCH", _DEFINITIONS, shapes.UpdateRumMetricDefinitionRequest, _on_metrics(MetricService.update), ADMINS),
    Operation("TagResource", "POST", "/tags/{ResourceArn}", shapes.TagResourceRequest, Service.tag_resource, ADMINS),
    Operation("UntagResource", "DELETE", "/tags/{ResourceArn}", shapes.UntagResourceRequest, Service.untag_resource, ADMINS, lists=_TAG_KEYS),
    Operation("ListTagsForResource", "GET", "/tags/{ResourceArn}", shapes.TaggedRequest, Service.list_tags_for_resource, READERS),
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
