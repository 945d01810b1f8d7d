"""What each operation does. One method an operation: a request shape in, a response shape (or nothing) out.

Runs off the loop. Raises the errors of the API model.
"""

import re
import secrets
from collections.abc import Callable, Collection
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from openrum.aws.policy import parse
from openrum.control import shapes
from openrum.control.metric_service import MetricService
from openrum.control.monitors import Monitors, full_form, summary
from openrum.control.tokens import Tokens
from openrum.errors import (
    InvalidPolicyRevisionId,
    PolicyNotFound,
    PolicySizeLimitExceeded,
    ResourceNotFound,
    ValidationError,
)
from openrum.limits import KIB

DEFAULT_SAMPLE_RATE = 0.1  # the service's, through the API
_POLICY_BYTES = 4 * KIB
_DATA_PAGE = 100
_TAGS = 50
_ROUNDED_UP_MS = 1_000
_MONITOR_ARN = re.compile(r"arn:[^:]+:rum:[^:]*:[^:]*:appmonitor/([^:/]{1,255})")
_FILTERS = ("Browser", "Device", "Country", "Page", "OS", "EventType", "Invert")


class EventReader(Protocol):
    """What GetAppMonitorData asks: the raw events of a monitor, newest or oldest as the reader likes, page by page."""

    def read(
        self,
        monitor_id: str,
        monitor_name: str,
        after_ms: int,
        before_ms: int,
        filters: list[tuple[str, list[str]]],
        max_results: int,
        cursor: Any,
    ) -> tuple[list[str], Any | None]:
        """Events as JSON, and where the next page begins (None at the end). `cursor` is what it gave before, or None."""


class Service:
    """The operations on app monitors and their policies."""

    def __init__(
        self, monitors: Monitors, metrics: MetricService, tokens: Tokens, events: EventReader, now_ms: Callable[[], int]
    ) -> None:
        self.metrics = metrics
        self._monitors = monitors
        self._tokens = tokens
        self._events = events
        self._now_ms = now_ms

    def create_app_monitor(
        self, request: shapes.CreateAppMonitorRequest, policy: str | None = None
    ) -> shapes.CreateAppMonitorResponse:
        """Defaults as the service's: what infrastructure tools expect to read back.

        `policy` comes with the monitor: there is no moment at which a door knows the one without the other.
        """
        if (request.Domain is None) == (request.DomainList is None):
            raise ValidationError("Domain: give Domain or DomainList, and not both")
        configuration = request.AppMonitorConfiguration or shapes.Configuration()
        _check_configuration(configuration)
        if configuration.SessionSampleRate is None:
            configuration.SessionSampleRate = DEFAULT_SAMPLE_RATE
        deobfuscation = request.DeobfuscationConfiguration or shapes.Deobfuscation()
        _check_deobfuscation(deobfuscation)
        created = self._monitors.create(
            {
                "name": request.Name,
                "domain": request.Domain,
                "domain_list": request.DomainList if request.DomainList is not None else sa.null(),
                "configuration": msgspec.to_builtins(configuration),
                "custom_events": (request.CustomEvents or shapes.CustomEventsSwitch()).Status,
                "deobfuscation": msgspec.to_builtins(deobfuscation),
                "cw_log_enabled": bool(request.CwLogEnabled),
                "platform": request.Platform or "Web",
                "tags": request.Tags or {},
                "policy": policy,
                "policy_revision": secrets.token_hex(16) if policy is not None else None,
            }
        )
        return shapes.CreateAppMonitorResponse(created)

    def get_app_monitor(self, request: shapes.NamedRequest) -> shapes.GetAppMonitorResponse:
        """One monitor in full."""
        return shapes.GetAppMonitorResponse(full_form(self._monitors.get(request.Name)))

    def update_app_monitor(self, request: shapes.UpdateAppMonitorRequest, without: Collection[str] = ()) -> None:
        """Change what is given. Domain replaces DomainList and the other way round; so do the lists of pages.

        `without` names members of the configuration that are taken away, which the API model has no way to say.
        """
        new = _changed_domains(request)
        configuration = request.AppMonitorConfiguration
        if configuration is not None:
            _check_configuration(configuration)
        if request.CwLogEnabled is not None:
            new["cw_log_enabled"] = request.CwLogEnabled
        if request.CustomEvents is not None:
            new["custom_events"] = request.CustomEvents.Status
        if request.DeobfuscationConfiguration is not None:
            _check_deobfuscation(request.DeobfuscationConfiguration)
            new["deobfuscation"] = msgspec.to_builtins(request.DeobfuscationConfiguration)

        def change(row: Any) -> dict[str, Any]:
            if configuration is not None:
                merged = _merged(row.configuration, configuration)
                new["configuration"] = {name: value for name, value in merged.items() if name not in without}
            return new

        self._monitors.change(request.Name, change)

    def list_app_monitors(self, request: shapes.ListAppMonitorsRequest) -> shapes.ListAppMonitorsResponse:
        """By name, a page at a time."""
        after = self._tokens.read(request.NextToken, "ListAppMonitors") if request.NextToken else ""
        rows = self._monitors.page(after, request.MaxResults + 1)
        shown = rows[: request.MaxResults]
        more = len(rows) > len(shown)
        token = self._tokens.make(shown[-1].name, "ListAppMonitors") if more else None
        return shapes.ListAppMonitorsResponse([summary(row) for row in shown], token)

    def delete_app_monitor(self, request: shapes.NamedRequest) -> None:
        """Clients are told 404 from now on."""
        self._monitors.delete(request.Name)

    def put_resource_policy(self, request: shapes.PutResourcePolicyRequest) -> shapes.ResourcePolicy:
        """Replace the policy, if it is still the one that the caller knows."""
        if len(request.PolicyDocument.encode()) > _POLICY_BYTES:
            raise PolicySizeLimitExceeded(f"PolicyDocument: must be at most {_POLICY_BYTES} bytes long")
        parse(request.PolicyDocument)
        revision = secrets.token_hex(16)

        def change(row: Any) -> dict[str, Any]:
            if request.PolicyRevisionId is not None:
                _check_revision(row, request.PolicyRevisionId)
            return {"policy": request.PolicyDocument, "policy_revision": revision}

        self._monitors.change(request.Name, change)
        return shapes.ResourcePolicy(request.PolicyDocument, revision)

    def get_resource_policy(self, request: shapes.NamedRequest) -> shapes.ResourcePolicy:
        """The policy and its revision."""
        row = self._monitors.get(request.Name)
        _check_policy(row)
        return shapes.ResourcePolicy(row.policy, row.policy_revision)

    def delete_resource_policy(self, request: shapes.DeleteResourcePolicyRequest) -> shapes.PolicyRevision:
        """Unsigned batches are refused from now on."""
        deleted = ""

        def change(row: Any) -> dict[str, Any]:
            nonlocal deleted
            _check_policy(row)
            if request.PolicyRevisionId is not None:
                _check_revision(row, request.PolicyRevisionId)
            deleted = row.policy_revision
            return {"policy": None, "policy_revision": None}

        self._monitors.change(request.Name, change)
        return shapes.PolicyRevision(deleted)

    def tag_resource(self, request: shapes.TagResourceRequest) -> None:
        """Add tags, or give them another value."""

        def change(row: Any) -> dict[str, Any]:
            tags = {**row.tags, **request.Tags}
            if len(tags) > _TAGS:
                raise ValidationError(f"Tags: an app monitor has at most {_TAGS} tags; it would have {len(tags)}")
            return {"tags": tags}

        self._monitors.change(_name_in(request.ResourceArn), change, modified=False)

    def untag_resource(self, request: shapes.UntagResourceRequest) -> None:
        """Take tags away."""
        gone = frozenset(request.TagKeys)
        self._monitors.change(
            _name_in(request.ResourceArn),
            lambda row: {"tags": {key: value for key, value in row.tags.items() if key not in gone}},
            modified=False,
        )

    def list_tags_for_resource(self, request: shapes.TaggedRequest) -> shapes.ListTagsForResourceResponse:
        """The tags of one monitor."""
        row = self._monitors.get(_name_in(request.ResourceArn))
        return shapes.ListTagsForResourceResponse(request.ResourceArn, row.tags)

    def get_app_monitor_data(self, request: shapes.GetAppMonitorDataRequest) -> shapes.GetAppMonitorDataResponse:
        """Raw events. A page without events but with a token may come; the last page has no token."""
        row = self._monitors.get(request.Name)
        filters = [_filter(each, index) for index, each in enumerate(request.Filters or [])]
        question = (row.id, request.TimeRange.After, request.TimeRange.Before, filters)
        if request.NextToken:
            before_ms, cursor = self._tokens.read(request.NextToken, "GetAppMonitorData", *question)
        else:
            # Every page of one reading ends at the same moment. Clients round timestamps to the nearest second: what
            # was sent just now may seem to be of half a second from now.
            before_ms, cursor = request.TimeRange.Before, None
            if before_ms is None:
                before_ms = self._now_ms() + _ROUNDED_UP_MS
        events, further = self._events.read(
            row.id, row.name, request.TimeRange.After, before_ms, filters, request.MaxResults or _DATA_PAGE, cursor
        )
        token = None
        if further is not None:
            token = self._tokens.make((before_ms, further), "GetAppMonitorData", *question)
        return shapes.GetAppMonitorDataResponse(events, token)


def _check_configuration(configuration: shapes.Configuration) -> None:
    if configuration.IncludedPages and configuration.ExcludedPages:
        raise ValidationError("AppMonitorConfiguration: give IncludedPages or ExcludedPages, and not both")


def _check_deobfuscation(deobfuscation: shapes.Deobfuscation) -> None:
    maps = deobfuscation.JavaScriptSourceMaps
    if maps.Status == "ENABLED" and maps.S3Uri is None:
        raise ValidationError("DeobfuscationConfiguration.JavaScriptSourceMaps.S3Uri: is required when ENABLED")


def _changed_domains(request: shapes.UpdateAppMonitorRequest) -> dict[str, Any]:
    if request.Domain is not None and request.DomainList is not None:
        raise ValidationError("Domain: give Domain or DomainList, and not both")
    if request.Domain is not None:
        return {"domain": request.Domain, "domain_list": sa.null()}
    if request.DomainList is not None:
        return {"domain": None, "domain_list": request.DomainList}
    return {}


def _merged(configuration: dict[str, Any], given: shapes.Configuration) -> dict[str, Any]:
    """Members that are given replace the old ones; of the two lists of pages the one that is given stays."""
    new = msgspec.to_builtins(given)
    other = {"IncludedPages": "ExcludedPages", "ExcludedPages": "IncludedPages"}
    dropped = {other[name] for name in other if new.get(name)}
    return {**{name: value for name, value in configuration.items() if name not in dropped}, **new}


def _name_in(arn: str) -> str:
    """The monitor's name. Partition, region and account are not compared: clients put in what they are set to."""
    found = _MONITOR_ARN.fullmatch(arn)
    if found is None:
        raise ResourceNotFound(f"{arn[:256]} is not the ARN of an app monitor.", resource_name=arn[:2048])
    return found[1]


def _filter(given: shapes.QueryFilter, index: int) -> tuple[str, list[str]]:
    if given.Name not in _FILTERS:
        raise ValidationError(f"Filters[{index}].Name: must be one of {', '.join(_FILTERS)}")
    return given.Name, given.Values or []


def _check_policy(row: Any) -> None:
    if row.policy is None:
        raise PolicyNotFound(f"The app monitor {row.name} has no resource policy.")


def _check_revision(row: Any, known: str) -> None:
    if row.policy_revision != known:
        raise InvalidPolicyRevisionId(
            "PolicyRevisionId is not that of the current policy; read it with GetResourcePolicy."
        )
