"""The forms of /api/v1/monitors: what a monitor's owner asks, what is told, and the words of the control room in ours.

The control room names members as the API model does (`DomainList`), this API as its forms do (`domains`). Nothing is decided here:
what may be is the control room's business.
"""

import re
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from openrum.control import shapes
from openrum.errors import ClientError, SerializationError, ValidationError
from openrum.query.question import BadQuestion

T = TypeVar("T")

# ── Asked ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class SettingsForm(Struct, forbid_unknown_fields=True):
    """What of a monitor is to change; null takes away what may be missing."""

    domains: list[str] | UnsetType = UNSET
    custom_events: bool | UnsetType = UNSET
    session_sample_rate: float | UnsetType = UNSET
    cookies: bool | UnsetType = UNSET
    telemetries: list[str] | UnsetType = UNSET
    xray: bool | UnsetType = UNSET
    identity_pool: str | UnsetType | None = UNSET
    guest_role: str | UnsetType | None = UNSET
    included_pages: list[str] | UnsetType = UNSET
    excluded_pages: list[str] | UnsetType = UNSET
    favorite_pages: list[str] | UnsetType = UNSET


class NewMonitorForm(SettingsForm, kw_only=True):
    """A monitor to be made. Without more it takes all sessions, custom events and cookies, and signed batches alone."""

    name: str
    public: bool = False


class PolicyForm(Struct, forbid_unknown_fields=True):
    """Everyone may send or nobody unsigned, by `public`; or a document of one's own. `revision` is the one to replace."""

    public: bool | UnsetType = UNSET
    document: str | UnsetType = UNSET
    revision: str | None = None


class RulesForm(Struct, forbid_unknown_fields=True):
    """The owner's rules that are to change; docs/operations.md says what each means."""

    pages: list[str] | UnsetType = UNSET
    urls: list[str] | UnsetType = UNSET
    scrub: dict[str, Any] | UnsetType = UNSET
    retention_days: int | UnsetType = UNSET
    replay_retention_days: int | UnsetType = UNSET


class SamplesForm(Struct, forbid_unknown_fields=True):
    """What rules are tried on: page ids, URLs of requests, and any text."""

    pages: list[str] = []
    urls: list[str] = []
    texts: list[str] = []


class TriedRulesForm(Struct, forbid_unknown_fields=True):
    """Rules to be tried in the place of the monitor's own; those left out are as they are."""

    rules: RulesForm
    samples: SamplesForm


class TagsForm(Struct, forbid_unknown_fields=True):
    """All tags there are to be."""

    tags: dict[str, str]


class MetricForm(Struct, forbid_unknown_fields=True):
    """A metric definition: extended (without a namespace), or custom. `pattern` is JSON in the language of EventBridge."""

    name: str
    namespace: str | None = None
    value_key: str | None = None
    unit: str | None = None
    dimensions: dict[str, str] = {}
    pattern: str | None = None


# ── Told ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class MonitorTold(Struct):
    """A monitor. `active` since its first event; `demo` is the one that came with the demo. `session_sample_rate` is the share of
    sessions that its clients are told to record, 0 to 1.
    """

    name: str
    id: str
    active: bool
    demo: bool
    session_sample_rate: float


class MonitorsAnswer(Struct):
    """All that are alive, by name."""

    monitors: list[MonitorTold]


class PolicyTold(Struct):
    """Who may send unsigned: `everyone`, `nobody`, or `some`, by conditions; and the document that says so."""

    unsigned: Literal["everyone", "some", "nobody"]
    document: str | None
    revision: str | None


class RulesTold(Struct):
    """The owner's rules, and what was learned of pages and URLs beside them."""

    pages: list[str]
    urls: list[str]
    scrub: dict[str, Any]
    retention_days: int
    replay_retention_days: int
    learned_pages: list[str]
    learned_urls: list[str]


class SnippetsTold(Struct):
    """What a site pastes into its pages, or an application builds in."""

    html: str
    typescript: str
    javascript: str


class MonitorAnswer(Struct):
    """A monitor in full. `retention_days_max` is how long anything is kept; `deletion_grace_days`, a deleted monitor."""

    name: str
    id: str
    arn: str
    active: bool
    demo: bool
    platform: str
    created: int
    modified: int
    domains: list[str]
    custom_events: bool
    session_sample_rate: float
    cookies: bool
    telemetries: list[str]
    xray: bool
    identity_pool: str | None
    guest_role: str | None
    included_pages: list[str]
    excluded_pages: list[str]
    favorite_pages: list[str]
    policy: PolicyTold
    rules: RulesTold
    tags: dict[str, str]
    snippets: SnippetsTold
    endpoint: str
    retention_days_max: int
    deletion_grace_days: int


class TriedRulesAnswer(Struct):
    """What the rules make of each sample, in the order they were given."""

    pages: list[str]
    urls: list[str]
    texts: list[str]


class TestEventAnswer(Struct):
    """What the monitor's own door answered to a page view, and what it was sent as."""

    __test__ = False  # no test, whatever its name

    accepted: bool
    status: int
    message: str
    origin: str
    session: str


class MetricTold(Struct):
    """A metric definition."""

    id: str
    name: str
    namespace: str | None
    value_key: str | None
    unit: str | None
    dimensions: dict[str, str]
    pattern: str | None


class MetricsAnswer(Struct):
    """A monitor's metric definitions, in the order they were made."""

    definitions: list[MetricTold]


# ── The control room's words in ours ──────────────────────────────────────────────────────────────────────────────

DOMAIN_WORDS = "a host name such as shop.example.com, *.example.com or localhost, without https:// and without a port"
PAGE_WORDS = (
    "the address of a page, such as https://shop.example.com/checkout;"
    " its host ends with a dot and one to six letters or digits, as CloudWatch RUM has it"
)
_FIELDS = {
    "Name": ("name", "letters, digits and . - _ #, no dot in front, 255 characters at most"),
    "Domain": ("domains", DOMAIN_WORDS),
    "DomainList": ("domains", DOMAIN_WORDS),
    "AppMonitorConfiguration.SessionSampleRate": ("session_sample_rate", "a number from 0 to 1"),
    "AppMonitorConfiguration.Telemetries": ("telemetries", "errors, performance or http"),
    "AppMonitorConfiguration.IdentityPoolId": ("identity_pool", "such as eu-central-1:7f3c1e1a-9b1d-4f0e-8a52-3d1f6f0f2c11"),
    "AppMonitorConfiguration.GuestRoleArn": ("guest_role", "the ARN of a role, such as arn:aws:iam::123456789012:role/guests"),
    "AppMonitorConfiguration.FavoritePages": ("favorite_pages", "50 texts at most"),
    "Tags": ("tags", "50 at most; a key has 1 to 128 letters, digits and + - = . _ : /, and does not begin with aws:; a value up to 256 characters"),
    "PolicyDocument": ("document", "a policy as IAM has it"),
    "ValueKey": ("value_key", "the path of a member, such as event_details.duration"),
    "UnitLabel": ("unit", "1 to 256 characters"),
    "DimensionKeys": ("dimensions", "up to 29 pairs of a path and a name"),
    "EventPattern": ("pattern", "JSON of at most 4,000 characters"),
    "Namespace": ("namespace", "1 to 237 letters, digits and - . _ / # :"),
    "pages": ("pages", ""),
    "urls": ("urls", ""),
    "scrub": ("scrub", ""),
    "retention_days": ("retention_days", "0 to 3,650 days"),
    "replay_retention_days": ("replay_retention_days", "0 to 3,650 days"),
}  # fmt: skip
_SHAPE = re.compile(r"expected |invalid ", re.IGNORECASE)
_ITEM = re.compile(r"\[[^]]*\]")


def asked_for(members: dict[str, Any], shape: type[T]) -> T:
    """A request of the control room. BadQuestion, by the name of our own form's member."""
    try:
        return shapes.read_request(members, shape)
    except (ValidationError, SerializationError) as error:
        raise in_our_words(error) from None


def in_our_words(error: ClientError) -> ClientError:
    """`DomainList[...]: expected …` is of `domains`, and says what would do. What names no member stays as it is."""
    if isinstance(error, BadQuestion):
        return error
    path, _, rule = error.message.partition(": ")
    path = _ITEM.sub("", path).removeprefix("MetricDefinition.")
    found = _FIELDS.get(path) or _FIELDS.get(path.rpartition(".")[0]) or _FIELDS.get(path.partition(".")[0])
    if found is None:
        return error
    field, words = found
    return BadQuestion(field, f"must be {words}" if words and _SHAPE.match(rule) else rule)


def check_domains(domains: list[str]) -> None:
    """BadQuestion that quotes the one that will not do."""
    if not 1 <= len(domains) <= 5:
        raise BadQuestion("domains", f"there must be 1 to 5, not {len(domains)}")
    for each in domains:
        try:
            msgspec.convert(each, shapes.MonitorDomain)
        except msgspec.ValidationError:
            raise BadQuestion("domains", f"{each[:64]!r} is not {DOMAIN_WORDS}") from None


def check_pages(form: SettingsForm) -> None:
    """BadQuestion that quotes the page that will not do; or that both lists are given, where a monitor has one."""
    if form.included_pages and form.excluded_pages:
        raise BadQuestion("excluded_pages", "give pages to include or pages to exclude, and not both")
    for field, pages in (("included_pages", form.included_pages), ("excluded_pages", form.excluded_pages)):
        if pages is UNSET:
            continue
        if len(pages) > 50:
            raise BadQuestion(field, f"there may be 50, not {len(pages)}")
        for each in pages:
            try:
                msgspec.convert(each, shapes.PageUrl)
            except msgspec.ValidationError:
                raise BadQuestion(field, f"{each[:64]!r} is not {PAGE_WORDS}") from None
