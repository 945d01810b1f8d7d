"""Details and metadata, read: JSON in strings, written by strangers. One of the two is a step of its own.

before   type page_view_event, details '{"pageId": "/cart"}', metadata '[1]'
after    details PageView(page_id="/cart"), reason METADATA_NOT_AN_OBJECT
"""

from typing import Any

from openrum import strict_json
from openrum.enrich.owners_wish import is_custom
from openrum.enrich.rules import Rules
from openrum.enrich.typed_details import read_typed
from openrum.events import REPLAY_TYPE, Event
from openrum.limits import Limits
from openrum.outcomes import Reason


def read_details(event: Event, rules: Rules) -> None:
    """Details must be a JSON object within the bounds of its kind of event; it is read into the struct of its type."""
    sent, limits = event.sent, rules.limits
    # Most details are far below the least of the bounds.
    may_be_larger = len(sent.details) * 4 > limits.custom_details_bytes
    if may_be_larger and _larger(sent.details, details_bytes(sent.type, limits)):
        event.reason = Reason.DETAILS_TOO_LARGE
        return
    depth_max = limits.replay_json_depth if sent.type == REPLAY_TYPE else limits.json_depth
    read = read_typed(sent.type, sent.details, depth_max=depth_max)
    if isinstance(read, Reason):
        event.reason = read
        return
    event.details, odd = read
    if odd:  # arithmetic on flags is slow, and most events have none
        event.flags |= odd


def read_metadata_object(text: str, limits: Limits) -> dict[str, Any] | Reason:
    """The object, or why it is none."""
    if _larger(text, limits.event_part_bytes):
        return Reason.METADATA_TOO_LARGE
    try:
        value = strict_json.loads(text, limits.json_depth)
    except strict_json.TooDeep:
        return Reason.METADATA_TOO_DEEP
    except strict_json.NotJson:
        return Reason.METADATA_NOT_JSON
    return value if isinstance(value, dict) else Reason.METADATA_NOT_AN_OBJECT


def read_session_metadata(text: str | None, limits: Limits) -> dict[str, Any] | None:
    """SessionMetadata as an object, empty where absent; None where it cannot be used, for the caller to flag."""
    if text is None:
        return {}
    value = read_metadata_object(text, limits)
    return value if isinstance(value, dict) else None


def details_bytes(event_type: str, limits: Limits) -> int:
    """The bound on details for a type."""
    if event_type == REPLAY_TYPE:
        return limits.replay_part_bytes
    return limits.custom_details_bytes if is_custom(event_type) else limits.event_part_bytes


def _larger(text: str, bytes_max: int) -> bool:
    # A character takes one to four bytes, so most texts need not be encoded to know their size.
    return len(text) * 4 > bytes_max and len(text.encode("utf-8", "replace")) > bytes_max
