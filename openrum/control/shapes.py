"""What the operations take and give: the shapes of the API model (version 2018-05-10), with its constraints.

Member names are those of the wire. Lengths, patterns and bounds stand in the types and are checked by one mechanism,
`read_request`; rules between members are checked by the service.
"""

import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from openrum.errors import ClientError, SerializationError, ValidationError

T = TypeVar("T")

MonitorName = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^(?!\.)[.\-_#A-Za-z0-9]+\Z")]
MonitorDomain = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=253,
        pattern=(
            r"^(localhost\Z"
            r"|((25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\Z"
            r"|(?=[a-zA-Z0-9.*-]{4,253}\Z)(?!.*\.-)(?!.*-\.)(?!.*\.\.)(?!.*[^.]{64,})"
            r"(\*\.)?(?![-.*])[^*]{1,}\.(\*|(?!.*--)(?=.*[a-zA-Z])[^*]{1,}[^*-])\Z)"
        ),
    ),
]
MonitorDomainList = Annotated[list[MonitorDomain], Meta(min_length=1, max_length=5)]
PageUrl = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1260,
        pattern=(
            r"^.*https?://(www\.)?[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b"
            r"([-a-zA-Z0-9()@:%_+.~#?&*/=]*).*\Z"
        ),
    ),
]
Pages = Annotated[list[PageUrl], Meta(max_length=50)]
TagKey = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^(?!aws:)[a-zA-Z+-=._:/]+\Z")]
TagMap = Annotated[dict[TagKey, Annotated[str, Meta(max_length=256)]], Meta(max_length=50)]
_ARN = r"^.*arn:[^:]*:[^:]*:[^:]*:[^:]*:.*\Z"
Arn = Annotated[str, Meta(pattern=_ARN)]
DestinationName = Literal["CloudWatch", "Evidently"]
DestinationArnText = Annotated[str, Meta(max_length=2048, pattern=_ARN)]
DefinitionId = Annotated[str, Meta(min_length=1, max_length=255)]
DimensionKey = Annotated[str, Meta(min_length=1, max_length=280)]
DimensionName = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^(?!:).*[^\s].*\Z")]
Switch = Literal["ENABLED", "DISABLED"]
PlatformName = Literal["Web", "Android", "iOS"]
MonitorState = Literal["CREATED", "DELETING", "ACTIVE"]
RevisionId = Annotated[str, Meta(min_length=1, max_length=255)]
PageSize = Annotated[int, Meta(ge=1, le=100)]


class Configuration(Struct, omit_defaults=True):
    """How the web client is to behave; kept and given back, obeyed by the client."""

    IdentityPoolId: Annotated[str, Meta(min_length=1, max_length=55, pattern=r"^.*[\w-]+:[0-9a-f-]+.*\Z")] | None = None
    ExcludedPages: Pages | None = None
    IncludedPages: Pages | None = None
    FavoritePages: Annotated[list[str], Meta(max_length=50)] | None = None
    SessionSampleRate: Annotated[float, Meta(ge=0, le=1)] | None = None
    GuestRoleArn: Arn | None = None
    AllowCookies: bool | None = None
    Telemetries: list[Literal["errors", "performance", "http"]] | None = None
    EnableXRay: bool | None = None


class CustomEventsSwitch(Struct):
    """Whether types of the site's own are taken."""

    Status: Switch = "DISABLED"


class SourceMaps(Struct, omit_defaults=True):
    """Where source maps lie."""

    Status: Switch
    S3Uri: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=1024,
                pattern=r"^s3://[a-z0-9][-.a-z0-9]{1,62}(?:/[-!_*'().a-z0-9A-Z]+(?:/[-!_*'().a-z0-9A-Z]+)*)?/?\Z",
            ),
        ]
        | None
    ) = None


class Deobfuscation(Struct):
    """How stacks are made readable."""

    JavaScriptSourceMaps: SourceMaps = msgspec.field(default_factory=lambda: SourceMaps("DISABLED"))


class CwLogStorage(Struct, omit_defaults=True):
    """CloudWatch Logs: kept and given back; OpenRUM keeps all events anyway."""

    CwLogEnabled: bool
    CwLogGroup: str | None = None


class Storage(Struct):
    """Where events are kept."""

    CwLog: CwLogStorage


class FullAppMonitor(Struct, omit_defaults=True):
    """One monitor in full. Times are 19 characters, UTC."""

    Name: str
    Id: str
    Created: str
    LastModified: str
    Tags: dict[str, str]
    State: MonitorState
    AppMonitorConfiguration: Configuration
    DataStorage: Storage
    CustomEvents: CustomEventsSwitch
    DeobfuscationConfiguration: Deobfuscation
    Platform: PlatformName
    Domain: str | None = None
    DomainList: list[str] | None = None


class AppMonitorSummary(Struct):
    """One monitor in a list."""

    Name: str
    Id: str
    Created: str
    LastModified: str
    State: MonitorState
    Platform: PlatformName


class DataTimeRange(Struct):
    """Epoch milliseconds; without Before, until now."""

    After: int
    Before: int | None = None


class QueryFilter(Struct):
    """Any of the values suffices. Names: Browser, Device, Country, Page, OS, EventType, Invert."""

    Name: str | None = None
    Values: list[str] | None = None


class CreateAppMonitorRequest(Struct):
    """Domain or DomainList is needed."""

    Name: MonitorName
    Domain: MonitorDomain | None = None
    DomainList: MonitorDomainList | None = None
    Tags: TagMap | None = None
    AppMonitorConfiguration: Configuration | None = None
    CwLogEnabled: bool | None = None
    CustomEvents: CustomEventsSwitch | None = None
    DeobfuscationConfiguration: Deobfuscation | None = None
    Platform: PlatformName | None = None


class UpdateAppMonitorRequest(Struct):
    """What is given is changed, what is left out stays. Platform and tags are not changed here."""

    Name: MonitorName
    Domain: MonitorDomain | None = None
    DomainList: MonitorDomainList | None = None
    AppMonitorConfiguration: Configuration | None = None
    CwLogEnabled: bool | None = None
    CustomEvents: CustomEventsSwitch | None = None
    DeobfuscationConfiguration: Deobfuscation | None = None


class CreateAppMonitorResponse(Struct):
    """The id that clients send to."""

    Id: str


class NamedRequest(Struct):
    """The operations that take a monitor's name and nothing else."""

    Name: MonitorName


class GetAppMonitorResponse(Struct):
    """One monitor."""

    AppMonitor: FullAppMonitor


class ListAppMonitorsRequest(Struct):
    """Both in the query, though the method is POST."""

    MaxResults: PageSize = 50
    NextToken: str | None = None


class ListAppMonitorsResponse(Struct, omit_defaults=True):
    """By name."""

    AppMonitorSummaries: list[AppMonitorSummary]
    NextToken: str | None = None


class PutResourcePolicyRequest(Struct):
    """With PolicyRevisionId, only if that is the current one."""

    Name: MonitorName
    PolicyDocument: str
    PolicyRevisionId: RevisionId | None = None


class DeleteResourcePolicyRequest(Struct):
    """With PolicyRevisionId, only if that is the current one."""

    Name: MonitorName
    PolicyRevisionId: RevisionId | None = None


class ResourcePolicy(Struct):
    """A policy and its revision."""

    PolicyDocument: str
    PolicyRevisionId: str


class PolicyRevision(Struct):
    """The revision of the policy that was deleted."""

    PolicyRevisionId: str


class TaggedRequest(Struct):
    """ListTagsForResource."""

    ResourceArn: Arn


class TagResourceRequest(Struct):
    """Tags of the same key are replaced, others stay."""

    ResourceArn: Arn
    Tags: TagMap


class UntagResourceRequest(Struct):
    """Keys that are not there are no error."""

    ResourceArn: Arn
    TagKeys: Annotated[list[TagKey], Meta(max_length=50)]


class ListTagsForResourceResponse(Struct):
    """The ARN as it was asked for."""

    ResourceArn: str
    Tags: dict[str, str]


class _OfDestination(Struct, kw_only=True):
    """What names a metrics destination, in a body or in a query."""

    AppMonitorName: MonitorName
    Destination: DestinationName
    DestinationArn: DestinationArnText | None = None


class PutRumMetricsDestinationRequest(_OfDestination):
    """The two ARNs belong to Evidently."""

    IamRoleArn: Arn | None = None


class ListRumMetricsDestinationsRequest(Struct):
    """Paging in the query."""

    AppMonitorName: MonitorName
    MaxResults: PageSize = 50
    NextToken: str | None = None


class MetricDestinationSummary(Struct, omit_defaults=True):
    """One destination."""

    Destination: str
    DestinationArn: str | None = None
    IamRoleArn: str | None = None


class ListRumMetricsDestinationsResponse(Struct, omit_defaults=True):
    """By name."""

    Destinations: list[MetricDestinationSummary]
    NextToken: str | None = None


class DeleteRumMetricsDestinationRequest(_OfDestination):
    """In the query."""


class MetricDefinitionRequest(Struct, omit_defaults=True):
    """A definition as it is given; the rules beyond the shape stand in metric_rules."""

    Name: Annotated[str, Meta(min_length=1, max_length=255)]
    ValueKey: Annotated[str, Meta(min_length=1, max_length=280)] | None = None
    UnitLabel: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    DimensionKeys: Annotated[dict[DimensionKey, DimensionName], Meta(max_length=29)] | None = None
    EventPattern: Annotated[str, Meta(max_length=4000)] | None = None
    Namespace: Annotated[str, Meta(min_length=1, max_length=237, pattern=r"^.*[a-zA-Z0-9-._/#:]+\Z")] | None = None


class MetricDefinition(Struct, omit_defaults=True):
    """A definition with its id."""

    MetricDefinitionId: str
    Name: str
    ValueKey: str | None = None
    UnitLabel: str | None = None
    DimensionKeys: dict[str, str] | None = None
    EventPattern: str | None = None
    Namespace: str | None = None


class BatchCreateRumMetricDefinitionsRequest(_OfDestination):
    """At most 200; those that break a rule cost themselves alone."""

    MetricDefinitions: Annotated[list[MetricDefinitionRequest], Meta(max_length=200)]


class DefinitionError(Struct):
    """A definition that was not made, and why."""

    MetricDefinition: MetricDefinitionRequest
    ErrorCode: str
    ErrorMessage: str


class BatchCreateRumMetricDefinitionsResponse(Struct):
    """Both lists may hold something."""

    Errors: list[DefinitionError]
    MetricDefinitions: list[MetricDefinition]


class BatchGetRumMetricDefinitionsRequest(_OfDestination):
    """In the query."""

    MaxResults: PageSize = 50
    NextToken: str | None = None


class BatchGetRumMetricDefinitionsResponse(Struct, omit_defaults=True):
    """In the order they were made."""

    MetricDefinitions: list[MetricDefinition]
    NextToken: str | None = None


class BatchDeleteRumMetricDefinitionsRequest(_OfDestination):
    """In the query, the ids as one parameter each."""

    MetricDefinitionIds: Annotated[list[DefinitionId], Meta(max_length=200)]


class DeletionError(Struct):
    """A definition that was not deleted, and why."""

    MetricDefinitionId: str
    ErrorCode: str
    ErrorMessage: str


class BatchDeleteRumMetricDefinitionsResponse(Struct):
    """Both lists may hold something."""

    Errors: list[DeletionError]
    MetricDefinitionIds: list[str]


class UpdateRumMetricDefinitionRequest(_OfDestination):
    """The whole definition is replaced."""

    MetricDefinition: MetricDefinitionRequest
    MetricDefinitionId: DefinitionId


class GetAppMonitorDataRequest(Struct):
    """Raw events of a range of time."""

    Name: MonitorName
    TimeRange: DataTimeRange
    Filters: list[QueryFilter] | None = None
    MaxResults: Annotated[int, Meta(ge=0, le=100)] | None = None
    NextToken: str | None = None


class GetAppMonitorDataResponse(Struct, omit_defaults=True):
    """Each event is JSON in a string."""

    Events: list[str]
    NextToken: str | None = None


_AT = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`\Z")
_MISSING = re.compile(r"Object missing required field `([^`]*)`\Z")
_WRONG_TYPE = re.compile(r"^Expected `[^`]*`, got `")


def read_request(members: dict[str, Any], shape: type[T]) -> T:
    """Members as sent → the shape. ValidationError for a broken constraint, SerializationError for a wrong type."""
    present = {name: value for name, value in members.items() if value is not None}
    try:
        return msgspec.convert(present, shape)
    except msgspec.ValidationError as error:
        raise _explain(str(error)) from None


def _explain(message: str) -> ClientError:
    """'Expected `str` of length >= 1 - at `$.Name`' → 'Name: expected `str` of length >= 1'."""
    at = _AT.search(message)
    rule = _AT.sub("", message)
    missing = _MISSING.match(rule)
    if missing:
        return ValidationError(f"{at[1] + '.' if at and at[1] else ''}{missing[1]}: is required")
    text = f"{at[1]}: {rule[0].lower()}{rule[1:]}" if at and at[1] else rule
    kind = SerializationError if _WRONG_TYPE.match(rule) else ValidationError
    return kind(text)
