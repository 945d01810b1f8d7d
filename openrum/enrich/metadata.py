"""The step that reads what surrounds an event: its metadata, with the session's merged in and custom attributes apart.

before   metadata '{"pageId": "/", "plan": "pro"}', SessionMetadata {"domain": "a.example", "pageId": "/never"}
after    metadata {"domain": "a.example", "pageId": "/"}, attributes {"plan": "pro"}, columns of page "/" and so on

The events of one page say the same metadata again and again, byte for byte, so each text is read once a batch.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, field

from openrum.enrich import names
from openrum.enrich.attributes import split_attributes
from openrum.enrich.bots import declared
from openrum.enrich.contents import read_metadata_object
from openrum.enrich.rules import Rules
from openrum.enrich.user_agent import read_agent
from openrum.enrich.xray import Int64
from openrum.events import Envelope, Event, Flag, Metadata, MetadataColumns
from openrum.outcomes import Reason


class _Members(Struct, gc=False):
    """The members that columns are made of, by the names of the client's schema."""

    page: str | None = field(default=None, name="pageId")
    page_tags: list[str] | None = field(default=None, name="pageTags")
    title: str | None = None
    page_title: str | None = field(default=None, name="pageTitle")
    interaction: Int64 | None = None
    parent_page: str | None = field(default=None, name="parentPageId")
    release: str | None = field(default=None, name="aws:releaseId")
    browser: str | None = field(default=None, name="browserName")
    browser_version: str | None = field(default=None, name="browserVersion")
    os: str | None = field(default=None, name="osName")
    os_version: str | None = field(default=None, name="osVersion")
    device: str | None = field(default=None, name="deviceType")
    language: str | None = field(default=None, name="browserLanguage")
    client_version: str | None = field(default=None, name="aws:clientVersion")
    user_agent: str | None = field(default=None, name="aws:userAgent")
    country: str | None = field(default=None, name="countryCode")
    subdivision: str | None = field(default=None, name="subdivisionCode")
    domain: str | None = None


_MEMBERS = msgspec.structs.fields(_Members)
_NOT_KNOWN = (None, "", "unknown")


def read_metadata(event: Event, rules: Rules) -> None:
    """Metadata may be absent; where it is there it must be a JSON object within its bounds. The event's value wins."""
    known, text = event.envelope.metadata_by_text, event.sent.metadata
    found = known.get(text)
    if found is None:
        found = known[text] = _read(text, event.envelope, rules)
    event.metadata = found
    event.reason = found.reason
    if found.flags:  # arithmetic on flags is slow, and most events have none
        event.flags |= found.flags


def _read(text: str | None, envelope: Envelope, rules: Rules) -> Metadata:
    value: dict[str, Any] | Reason = {} if text is None else read_metadata_object(text, rules.limits)
    if isinstance(value, Reason):
        return Metadata(reason=value)
    values, attributes, flags = split_attributes({**envelope.session_metadata, **value}, rules.limits)
    try:
        members = msgspec.convert(values, _Members)
    except msgspec.ValidationError:
        members = _without_wrong_types(values)
        flags |= Flag.FIELD_NULLED
    scrub = rules.scrubber.text
    attributes = {name: scrub(each) if isinstance(each, str) else each for name, each in attributes.items()}
    return Metadata(values, attributes, _columns(members, envelope.user_agent, rules), flags)


def _columns(members: _Members, header: str | None, rules: Rules) -> MetadataColumns:
    """What the client says of its browser counts. Where it hands on its User-Agent instead, that decides the device: the
    3.x client says "desktop" in every Safari and Firefox. The header is asked last.
    """
    scrub = rules.scrubber.text
    browser, version = names.browser(members.browser), members.browser_version
    system, device = names.system(members.os), names.device(members.device)
    system_version = members.os_version
    if members.user_agent or not (browser and system and device):
        agent = read_agent(members.user_agent or header)
        if browser is None:
            browser, version = agent.browser, agent.browser_version
        if system is None:
            system, system_version = agent.os, agent.os_version
        device = (agent.device or device) if members.user_agent else (device or agent.device)
    title = members.title or members.page_title
    return MetadataColumns(
        page=members.page and scrub(members.page),
        page_group=rules.pages.page(scrub(members.page)) if members.page else members.page,
        page_tags=members.page_tags or UNSET,
        title=scrub(title) if title else None,
        interaction=members.interaction,
        parent_page=scrub(members.parent_page) if members.parent_page else None,
        release=members.release or None,
        browser=browser,
        browser_version=names.major(version),
        os=system,
        os_version=None if system_version in _NOT_KNOWN else system_version,
        device=device,
        language=members.language or None,
        client_version=members.client_version or None,
        country=members.country.upper() if members.country else None,
        subdivision=members.subdivision or None,
        domain=members.domain,
        bot=declared(header) or declared(members.user_agent) or declared(members.browser),
    )


def _without_wrong_types(values: dict[str, Any]) -> _Members:
    """The slow road: member by member, so that a wrong one costs itself alone."""
    members = _Members()
    for member in _MEMBERS:
        try:
            setattr(members, member.name, msgspec.convert(values.get(member.encode_name), member.type))
        except msgspec.ValidationError:
            continue
    return members
