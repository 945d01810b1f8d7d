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
from openrum.enrich.contents import read_metadata_object
from openrum.enrich.rules import Rules
from openrum.enrich.user_agent import read_agent
from openrum.events import Envelope, Event, Flag, Metadata, MetadataColumns
from openrum.limits import Limits
from openrum.outcomes import Reason


class _Members(Struct, gc=False):
    """The members that columns are made of, by the names of the client's schema."""

    page: str | None = field(default=None, name="pageId")
    page_tags: list[str] | None = field(default=None, name="pageTags")
    release: str | None = field(default=None, name="aws:releaseId")
    browser: str | None = field(default=None, name="browserName")
    browser_version: str | None = field(default=None, name="browserVersion")
    os: str | None = field(default=None, name="osName")
    device: str | None = field(default=None, name="deviceType")
    user_agent: str | None = field(default=None, name="aws:userAgent")
    country: str | None = field(default=None, name="countryCode")
    subdivision: str | None = field(default=None, name="subdivisionCode")
    domain: str | None = None


_MEMBERS = msgspec.structs.fields(_Members)


def read_metadata(event: Event, rules: Rules) -> None:
    """Metadata may be absent; where it is there it must be a JSON object within its bounds. The event's value wins."""
    known, text = event.envelope.metadata_by_text, event.sent.metadata
    found = known.get(text)
    if found is None:
        found = known[text] = _read(text, event.envelope, rules.limits)
    event.metadata = found
    event.reason = found.reason
    if found.flags:  # arithmetic on flags is slow, and most events have none
        event.flags |= found.flags


def _read(text: str | None, envelope: Envelope, limits: Limits) -> Metadata:
    value: dict[str, Any] | Reason = {} if text is None else read_metadata_object(text, limits)
    if isinstance(value, Reason):
        return Metadata(reason=value)
    values, attributes, flags = split_attributes({**envelope.session_metadata, **value}, limits)
    try:
        members = msgspec.convert(values, _Members)
    except msgspec.ValidationError:
        members = _without_wrong_types(values)
        flags |= Flag.FIELD_NULLED
    return Metadata(values, attributes, _columns(members, envelope.user_agent), flags)


def _columns(members: _Members, header: str | None) -> MetadataColumns:
    """What the client says of its browser counts. Where it hands on its User-Agent instead, that decides the device: the
    3.x client says "desktop" in every Safari and Firefox. The header is asked last.
    """
    browser, version = names.browser(members.browser), members.browser_version
    system, device = names.system(members.os), names.device(members.device)
    if members.user_agent or not (browser and system and device):
        agent = read_agent(members.user_agent or header)
        if browser is None:
            browser, version = agent.browser, agent.browser_version
        system = system or agent.os
        device = (agent.device or device) if members.user_agent else (device or agent.device)
    return MetadataColumns(
        page=members.page,
        page_tags=members.page_tags or UNSET,
        release=members.release or None,
        browser=browser,
        browser_version=names.major(version),
        os=system,
        device=device,
        country=members.country or None,
        subdivision=members.subdivision or None,
        domain=members.domain,
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
