"""Event → Row: typed columns. A value of the wrong type is null and flagged; the event is stored all the same."""

from typing import Any

from msgspec import UNSET

from openrum.enrich import names
from openrum.enrich.times import milliseconds
from openrum.events import Event, Flag, Row
from openrum.outcomes import Reason


def to_row(event: Event) -> Row:
    """The row of one event, with content only where it is to be stored."""
    envelope = event.envelope
    day, block, record = envelope.position
    row = Row(
        monitor=envelope.monitor,
        id=event.sent.id.lower(),
        time=event.time_ms,
        received=envelope.received_ms,
        type=event.sent.type,
        day=day,
        block=block,
        record=record,
        index=event.index,
        outcome=event.reason.outcome,
        reason=event.reason,
    )
    if event.reason is Reason.NONE:
        _fill(row, event)
    return row


def _fill(row: Row, event: Event) -> None:
    envelope = event.envelope
    read = _Reader(event.metadata)
    row.session = envelope.session_id and envelope.session_id.lower()
    row.user = envelope.user_id and envelope.user_id.lower()
    row.page = read.text("pageId")
    row.page_tags = read.texts("pageTags") or UNSET
    row.release = read.text("aws:releaseId") or envelope.app_monitor.version
    row.browser = names.browser(read.text("browserName") or "")
    row.browser_version = names.major(read.text("browserVersion") or "")
    row.os = names.system(read.text("osName") or "")
    row.device = names.device(read.text("deviceType") or "")
    row.country = read.text("countryCode") or envelope.country
    row.subdivision = read.text("subdivisionCode") or envelope.subdivision
    row.domain = read.text("domain")
    row.attributes = event.attributes or UNSET
    flags = event.flags
    if read.nulled:
        flags |= Flag.FIELD_NULLED
    if flags & Flag.TIME_REPLACED:
        time_ms = milliseconds(event.sent.timestamp)
        row.client_time = UNSET if time_ms is None else time_ms
    row.flags = int(flags)


class _Reader:
    """Reads typed values of an object, and remembers whether one had the wrong type."""

    __slots__ = ("_values", "nulled")

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values
        self.nulled = False

    def text(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        self.nulled = True
        return None

    def texts(self, name: str) -> list[str] | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, list):
            found = [each for each in value if isinstance(each, str)]
            self.nulled |= len(found) < len(value)
            return found
        self.nulled = True
        return None
