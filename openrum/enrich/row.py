"""Event → Row: typed columns. A value of the wrong type is null and flagged; the event is stored all the same."""

from msgspec import UNSET

from openrum.enrich.columns import fill_details
from openrum.enrich.rules import Rules
from openrum.enrich.times import milliseconds
from openrum.events import Event, Flag, Row
from openrum.outcomes import Reason


def to_row(event: Event, rules: Rules) -> Row:
    """The row of one event, with content only where it is to be stored."""
    if not event.reason:
        try:
            row = _with_content(event)
            fill_details(row, event.details, rules)
        except Exception:  # noqa: BLE001 - as in the pipeline: a defect of ours must cost this event alone
            event.reason = Reason.POISON
        else:
            return row
    row = _place(event)
    row.outcome = event.reason.outcome
    row.reason = event.reason
    return row


def _place(event: Event) -> Row:
    """What the ledger needs of an event that is not stored."""
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


def _with_content(event: Event) -> Row:
    """What is known of an event before its details are looked at. Events of one batch that say the same metadata are alike
    but for the few columns that are set here.
    """
    rows, text = event.envelope.rows_by_metadata, event.sent.metadata
    alike = rows.get(text)
    if alike is None:
        alike = rows[text] = _of_metadata(event)
    row: Row = alike.__copy__()  # type: ignore[attr-defined]  # copy.copy takes twice as long
    row.id = event.sent.id.lower()
    row.time = event.time_ms
    row.type = event.sent.type
    row.index = event.index
    details = event.sent.details
    row.payload_size += len(details) if details.isascii() else _bytes(details)  # type: ignore[operator]  # to the metadata's
    if event.flags:
        row.flags = int(event.flags)
        if Flag.TIME_REPLACED in event.flags:
            time_ms = milliseconds(event.sent.timestamp)
            row.client_time = UNSET if time_ms is None else time_ms
    return row


def _of_metadata(event: Event) -> Row:
    """Everything that the batch and the metadata tell."""
    row = _place(event)
    envelope, columns = event.envelope, event.metadata.columns
    row.session = envelope.session_id and envelope.session_id.lower()
    row.user = envelope.user_id and envelope.user_id.lower()
    row.page = columns.page
    row.page_group = columns.page_group
    row.page_tags = columns.page_tags
    row.title = columns.title
    row.interaction = columns.interaction
    row.parent_page = columns.parent_page
    row.release = columns.release or envelope.app_monitor.version or None
    row.browser = columns.browser
    row.browser_version = columns.browser_version
    row.os = columns.os
    row.os_version = columns.os_version
    row.device = columns.device
    row.language = columns.language
    row.client_version = columns.client_version
    row.country = columns.country or envelope.country
    row.subdivision = columns.subdivision or envelope.subdivision
    row.domain = columns.domain
    row.bot = columns.bot or envelope.bot
    row.attributes = event.metadata.attributes or UNSET
    row.payload_size = _bytes(event.sent.metadata or "")
    return row


def _bytes(text: str) -> int:
    """As UTF-8, without making it where that is plain."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
