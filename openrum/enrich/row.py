"""Event → Row: typed columns. A value of the wrong type is null and flagged; the event is stored all the same."""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, field

from openrum.enrich import names
from openrum.enrich.times import milliseconds
from openrum.events import Event, Flag, Row
from openrum.outcomes import Reason


class _Metadata(Struct, gc=False):
    """The members of the metadata that columns are made of, by the names of the client's schema."""

    page: str | None = field(default=None, name="pageId")
    page_tags: list[str] | None = field(default=None, name="pageTags")
    release: str | None = field(default=None, name="aws:releaseId")
    browser: str | None = field(default=None, name="browserName")
    browser_version: str | None = field(default=None, name="browserVersion")
    os: str | None = field(default=None, name="osName")
    device: str | None = field(default=None, name="deviceType")
    country: str | None = field(default=None, name="countryCode")
    subdivision: str | None = field(default=None, name="subdivisionCode")
    domain: str | None = None


_FIELDS = msgspec.structs.fields(_Metadata)


def to_row(event: Event) -> Row:
    """The row of one event, with content only where it is to be stored."""
    row = _place(event)
    if not event.reason:
        try:
            _fill(row, event)
        except Exception:  # noqa: BLE001 - as in the pipeline: a defect of ours must cost this event alone
            row = _place(event)
            event.reason = Reason.POISON
    if event.reason:
        row.outcome = event.reason.outcome
        row.reason = event.reason
    return row


def _place(event: Event) -> Row:
    envelope = event.envelope
    day, block, record = envelope.position
    return Row(
        monitor=envelope.monitor,
        id=event.sent.id.lower(),
        time=event.time_ms,
        received=envelope.received_ms,
        type=event.sent.type,
        day=day,
        block=block,
        record=record,
        index=event.index,
    )


def _fill(row: Row, event: Event) -> None:
    envelope = event.envelope
    try:
        metadata = msgspec.convert(event.metadata, _Metadata)
    except msgspec.ValidationError:
        metadata = _without_wrong_types(event.metadata)
        event.flags |= Flag.FIELD_NULLED
    row.session = envelope.session_id and envelope.session_id.lower()
    row.user = envelope.user_id and envelope.user_id.lower()
    row.page = metadata.page
    row.page_tags = metadata.page_tags or UNSET
    row.release = metadata.release or envelope.app_monitor.version or None
    row.browser = names.browser(metadata.browser)
    row.browser_version = names.major(metadata.browser_version)
    row.os = names.system(metadata.os)
    row.device = names.device(metadata.device)
    row.country = metadata.country or envelope.country
    row.subdivision = metadata.subdivision or envelope.subdivision
    row.domain = metadata.domain
    row.attributes = event.attributes or UNSET
    row.flags = int(event.flags)
    if row.flags and Flag.TIME_REPLACED in event.flags:  # arithmetic on flags is slow, and most events have none
        time_ms = milliseconds(event.sent.timestamp)
        row.client_time = UNSET if time_ms is None else time_ms


def _without_wrong_types(values: dict[str, Any]) -> _Metadata:
    """The slow road: member by member, so that a wrong one costs itself alone."""
    metadata = _Metadata()
    for member in _FIELDS:
        try:
            setattr(metadata, member.name, msgspec.convert(values.get(member.encode_name), member.type))
        except msgspec.ValidationError:
            continue
    return metadata
