"""/api/v1/monitors: what a monitor is set to, for readers; made, changed and deleted by admins.

Each change is the control room's operation of the same name, so validation, audit trail and what the doors know are those of the AWS
API. What rules make of samples, and how a test event is sent, is handed in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from openrum.aws.policy import Decision, Policy, parse, public_policy
from openrum.control import shapes
from openrum.control.monitors import Monitors
from openrum.control.owner_rules import OwnerRules, OwnerRulesOf, rules_of
from openrum.control.service import Service
from openrum.errors import (
    ClientError,
    InvalidPolicyRevisionId,
    MalformedPolicyDocument,
    PolicyNotFound,
    PolicySizeLimitExceeded,
)
from openrum.query.question import BadQuestion
from openrum.serve.answers import json_answer
from openrum.serve.api import Api
from openrum.serve.changes import Changes
from openrum.serve.guard import Guard
from openrum.serve.monitor_forms import (
    MonitorAnswer,
    MonitorTold,
    NewMonitorForm,
    PolicyForm,
    PolicyTold,
    RulesForm,
    RulesTold,
    SamplesForm,
    SettingsForm,
    SnippetsTold,
    TagsForm,
    TestEventAnswer,
    TriedRulesForm,
    asked_for,
    check_domains,
    check_pages,
    in_our_words,
)
from openrum.serve.ports import Directory
from openrum.snippet import Snippet

_NEW = msgspec.json.Decoder(NewMonitorForm)
_SETTINGS = msgspec.json.Decoder(SettingsForm)
_POLICY = msgspec.json.Decoder(PolicyForm)
_RULES = msgspec.json.Decoder(RulesForm)
_TRIED = msgspec.json.Decoder(TriedRulesForm)
_TAGS = msgspec.json.Decoder(TagsForm)
_PUT = "rum:PutRumEvents"
_CONFIGURATION = {
    "session_sample_rate": "SessionSampleRate",
    "cookies": "AllowCookies",
    "telemetries": "Telemetries",
    "xray": "EnableXRay",
    "identity_pool": "IdentityPoolId",
    "guest_role": "GuestRoleArn",
    "included_pages": "IncludedPages",
    "excluded_pages": "ExcludedPages",
    "favorite_pages": "FavoritePages",
}
_PAGES = frozenset({"IncludedPages", "ExcludedPages", "FavoritePages"})
_RULE_PARTS = ("pages", "urls", "scrub", "retention_days", "replay_retention_days")
_SAMPLES_MAX, _SAMPLE_CHARS_MAX = 200, 20_000

TryRules = Callable[[OwnerRules, SamplesForm], dict[str, list[str]]]
"""What rules make of samples. Blocks. ValidationError for rules that cannot be gone by."""


class SendTestEvent(Protocol):
    """Sends one page view through the monitor's own door."""

    def __call__(self, monitor_id: str, domain: str, user_agent: str) -> Awaitable[TestEventAnswer]:
        """As a page of the domain does, or one of its subdomains."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the server's settings a monitor's owner should know. `public_url` is empty where it is not set."""

    region: str
    public_url: str
    retention_days: int
    deletion_grace_days: int
    demo_id: str | None


@dataclass(frozen=True, slots=True)
class Owned:
    """What of the control room an owner has to do with."""

    service: Service
    monitors: Monitors
    owner_rules: OwnerRulesOf
    changes: Changes


class MonitorsApi:
    """The endpoints."""

    def __init__(
        self,
        api: Api,
        guard: Guard,
        directory: Directory,
        owned: Owned,
        surroundings: Surroundings,
        *,
        try_rules: TryRules,
        send_test_event: SendTestEvent,
    ) -> None:
        self._api = api
        self._guard = guard
        self._directory = directory
        self._service = owned.service
        self._monitors = owned.monitors
        self._owner_rules = owned.owner_rules
        self._changes = owned.changes
        self._here = surroundings
        self._try_rules = try_rules
        self._send_test_event = send_test_event

    async def monitors(self, _request: Request) -> Response:
        """GET /api/v1/monitors: what there is to ask about."""
        found = [
            MonitorTold(each.name, each.id, each.active, each.id == self._here.demo_id, each.session_sample_rate)
            for each in self._directory.monitors()
        ]
        return json_answer({"monitors": found})

    async def monitor(self, request: Request) -> Response:
        """GET /api/v1/monitors/{name}: what the monitor is set to, whole, and the snippet for its pages."""
        return await self._told(request, request.path_params["name"])

    async def create(self, request: Request) -> Response:
        """POST /api/v1/monitors: a new one, 201. Everyone may send where it is `public`."""
        form = await self._api.form(request, _NEW)
        configuration = {"SessionSampleRate": 1.0, "AllowCookies": True, **_configuration(form)}
        custom = "DISABLED" if form.custom_events is False else "ENABLED"
        members = {"Name": form.name, "AppMonitorConfiguration": configuration, "CustomEvents": {"Status": custom}}
        asked = asked_for({**members, **_domains(form, needed=True)}, shapes.CreateAppMonitorRequest)
        policy = public_policy(self._monitors.arn(asked.Name)) if form.public else None
        await self._changes.make(
            request, "CreateAppMonitor", asked.Name, lambda: self._service.create_app_monitor(asked, policy)
        )
        return await self._told(request, asked.Name, 201)

    async def change(self, request: Request) -> Response:
        """PATCH /api/v1/monitors/{name}: what is given is changed, what is left out stays."""
        name = request.path_params["name"]
        form = await self._api.form(request, _SETTINGS)
        configuration = _configuration(form)
        gone = [member for member, value in configuration.items() if value is None]
        members: dict[str, Any] = {"Name": name, **_domains(form)}
        if configuration:
            members["AppMonitorConfiguration"] = {key: each for key, each in configuration.items() if each is not None}
        if form.custom_events is not UNSET:
            members["CustomEvents"] = {"Status": "ENABLED" if form.custom_events else "DISABLED"}
        asked = asked_for(members, shapes.UpdateAppMonitorRequest)
        await self._changes.make(
            request, "UpdateAppMonitor", name, lambda: self._service.update_app_monitor(asked, without=gone)
        )
        return await self._told(request, name)

    async def remove(self, request: Request) -> Response:
        """DELETE /api/v1/monitors/{name}: gone for clients at once; `openrum monitors restore` brings it back for some days."""
        name = request.path_params["name"]
        asked = asked_for({"Name": name}, shapes.NamedRequest)
        await self._changes.make(request, "DeleteAppMonitor", name, lambda: self._service.delete_app_monitor(asked))
        return json_answer({})

    async def policy(self, request: Request) -> Response:
        """PUT /api/v1/monitors/{name}/policy: who may send unsigned, by a switch or by a document; empty takes it away."""
        name = request.path_params["name"]
        form = await self._api.form(request, _POLICY)
        if (form.public is UNSET) == (form.document is UNSET):
            raise BadQuestion("document", "give a document or say whether everyone may send, one of the two")
        if form.document is not UNSET:
            document = form.document.strip()
        else:
            document = public_policy(self._monitors.arn(name)) if form.public else ""
        try:
            await self._put_policy(request, name, document, form.revision)
        except InvalidPolicyRevisionId:
            raise BadQuestion("revision", "somebody else changed the policy; load it anew, and change that") from None
        except (MalformedPolicyDocument, PolicySizeLimitExceeded) as error:
            raise BadQuestion("document", error.message.removeprefix("PolicyDocument: ")) from None
        return await self._told(request, name)

    async def rules(self, request: Request) -> Response:
        """PATCH /api/v1/monitors/{name}/rules: page groups, scrubbing and retention, for what comes from now on."""
        name = request.path_params["name"]
        form = await self._api.form(request, _RULES)
        await self._changes.make(
            request, "PutOwnerRules", name, lambda: self._owner_rules.put(name, self._with(form, name))
        )
        return await self._told(request, name)

    async def try_rules(self, request: Request) -> Response:
        """POST /api/v1/monitors/{name}/try-rules: what rules would make of samples. Nothing is changed."""
        form = await self._api.form(request, _TRIED)
        samples = [*form.samples.pages, *form.samples.urls, *form.samples.texts]
        if len(samples) > _SAMPLES_MAX or sum(map(len, samples)) > _SAMPLE_CHARS_MAX:
            raise BadQuestion("samples", f"at most {_SAMPLES_MAX}, of {_SAMPLE_CHARS_MAX} characters in all")
        tried = await asyncio.to_thread(self._tried, request.path_params["name"], form)
        return json_answer(tried)

    async def tags(self, request: Request) -> Response:
        """PUT /api/v1/monitors/{name}/tags: these, and no others."""
        name = request.path_params["name"]
        form = await self._api.form(request, _TAGS)
        row = await asyncio.to_thread(self._monitors.get, name)
        arn = self._monitors.arn(name)
        put = asked_for({"ResourceArn": arn, "Tags": form.tags}, shapes.TagResourceRequest)
        if len(form.tags) > 50:
            raise BadQuestion("tags", f"there may be 50, not {len(form.tags)}")
        gone = shapes.UntagResourceRequest(arn, [key for key in row.tags if key not in form.tags])
        if gone.TagKeys:
            await self._changes.make(request, "UntagResource", arn, lambda: self._service.untag_resource(gone))
        if form.tags != {key: value for key, value in row.tags.items() if key in form.tags}:
            await self._changes.make(request, "TagResource", arn, lambda: self._service.tag_resource(put))
        return await self._told(request, name)

    async def test_event(self, request: Request) -> Response:
        """POST /api/v1/monitors/{name}/test-event: one page view through the monitor's own door, as a page of its first domain sends it."""
        row = await asyncio.to_thread(self._monitors.get, request.path_params["name"])
        domain = row.domain_list[0] if row.domain_list else row.domain
        answer = await self._send_test_event(row.id, domain, request.headers.get("user-agent", ""))
        return json_answer(msgspec.to_builtins(answer))

    # ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _put_policy(self, request: Request, name: str, document: str, revision: str | None) -> None:
        members = {"Name": name, "PolicyDocument": document, "PolicyRevisionId": revision}
        if document:
            put = asked_for(members, shapes.PutResourcePolicyRequest)
            await self._changes.make(request, "PutResourcePolicy", name, lambda: self._service.put_resource_policy(put))
            return
        gone = asked_for({"Name": name, "PolicyRevisionId": revision}, shapes.DeleteResourcePolicyRequest)
        with suppress(PolicyNotFound):  # then it is as it was wanted
            await self._changes.make(
                request, "DeleteResourcePolicy", name, lambda: self._service.delete_resource_policy(gone)
            )

    def _with(self, form: RulesForm, name: str) -> dict[str, Any]:
        """The rules that there are, with those that are given."""
        known = self._owner_rules.get(name)
        given = {part: getattr(form, part) for part in _RULE_PARTS}
        return {part: getattr(known, part) if value is UNSET else value for part, value in given.items()}

    def _tried(self, name: str, form: TriedRulesForm) -> dict[str, list[str]]:
        """Off the loop."""
        known = self._owner_rules.get(name)
        try:
            rules = msgspec.convert(
                {
                    **self._with(form.rules, name),
                    "learned_pages": known.learned_pages,
                    "learned_urls": known.learned_urls,
                },
                OwnerRules,
            )
            return self._try_rules(rules, form.samples)
        except msgspec.ValidationError as error:
            raise BadQuestion("rules", str(error)) from None
        except ClientError as error:
            raise in_our_words(error) from None

    async def _told(self, request: Request, name: str, status: int = 200) -> Response:
        row = await asyncio.to_thread(self._monitors.get, name)
        return json_answer(msgspec.to_builtins(self._answer(row, self._url(request))), status)

    def _url(self, request: Request) -> str:
        """Where browsers find this server: as set, else as the one who asks found it."""
        if self._here.public_url:
            return self._here.public_url.rstrip("/")
        scheme = "https" if self._guard.by_tls(request) else "http"
        return f"{scheme}://{request.headers.get('host', '')}"

    def _answer(self, row: Any, url: str) -> MonitorAnswer:
        configuration, arn = row.configuration, self._monitors.arn(row.name)
        unsigned = _who_unsigned(row.policy, arn)
        snippet = Snippet.made_of(
            configuration, monitor_id=row.id, region=self._here.region, url=url, public=unsigned != "nobody"
        )
        return MonitorAnswer(
            name=row.name,
            id=row.id,
            arn=arn,
            active=row.state == "ACTIVE",
            demo=row.id == self._here.demo_id,
            platform=row.platform,
            created=row.created_ms,
            modified=row.modified_ms,
            domains=list(row.domain_list or [row.domain]),
            custom_events=row.custom_events == "ENABLED",
            session_sample_rate=snippet.sample_rate,
            cookies=snippet.cookies,
            telemetries=list(snippet.telemetries),
            xray=snippet.xray,
            identity_pool=snippet.identity_pool,
            guest_role=snippet.guest_role,
            included_pages=list(snippet.included_pages),
            excluded_pages=list(snippet.excluded_pages),
            favorite_pages=list(configuration.get("FavoritePages") or ()),
            policy=PolicyTold(unsigned, row.policy, row.policy_revision),
            rules=_rules_told(rules_of(row) or OwnerRules()),
            tags=row.tags,
            snippets=SnippetsTold(html=snippet.cdn(), typescript=snippet.typescript(), javascript=snippet.npm()),
            endpoint=url,
            retention_days_max=self._here.retention_days,
            deletion_grace_days=self._here.deletion_grace_days,
        )


def _configuration(form: SettingsForm) -> dict[str, Any]:
    """What of the form is the web client's configuration, by the names of the control room. An empty list of pages is none."""
    check_pages(form)
    given = {member: getattr(form, name) for name, member in _CONFIGURATION.items()}
    return {
        member: None if member in _PAGES and not value else value
        for member, value in given.items()
        if value is not UNSET
    }


def _domains(form: SettingsForm, *, needed: bool = False) -> dict[str, Any]:
    if form.domains is UNSET and not needed:
        return {}
    domains: Sequence[str] = [] if form.domains is UNSET else [each.strip() for each in form.domains]
    check_domains(list(domains))
    return {"Domain": domains[0]} if len(domains) == 1 else {"DomainList": list(domains)}


def _who_unsigned(document: str | None, arn: str) -> Literal["everyone", "some", "nobody"]:
    if document is None:
        return "nobody"
    try:
        policy: Policy = parse(document)
    except MalformedPolicyDocument:
        return "nobody"  # as the doors take it
    decision = policy.decide_for(None, _PUT, arn)
    if decision is None:
        return "some"
    return "everyone" if decision is Decision.ALLOW else "nobody"


def _rules_told(rules: OwnerRules) -> RulesTold:
    return RulesTold(
        pages=list(rules.pages),
        urls=list(rules.urls),
        scrub=rules.scrub,
        retention_days=rules.retention_days,
        replay_retention_days=rules.replay_retention_days,
        learned_pages=list(rules.learned_pages),
        learned_urls=list(rules.learned_urls),
    )
