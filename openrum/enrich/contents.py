"""The steps that read details and metadata: JSON in strings, written by strangers.

before   details '{"pageId": "/cart"}', metadata '[1]'
after    details {"pageId": "/cart"}, reason METADATA_NOT_AN_OBJECT
"""

from typing import Any

from openrum import strict_json
from openrum.enrich.custom_events import is_custom
from openrum.enrich.rules import Rules
from openrum.events import REPLAY_TYPE, Event
from openrum.limits import Limits
from openrum.outcomes import Reason


def read_details(event: Event, rules: Rules) -> None:
    """Details must be a JSON object within the bounds of its kind of event."""
    text = event.sent.details
    if _larger(text, details_bytes(event.sent.type, rules.limits)):
        event.reason = Reason.DETAILS_TOO_LARGE
        return
    try:
        value = strict_json.loads(text, rules.limits.json_depth)
    except strict_json.TooDeep:
        event.reason = Reason.DETAILS_TOO_DEEP
    except strict_json.NotJson:
        event.reason = Reason.DETAILS_NOT_JSON
    else:
        if isinstance(value, dict):
            event.details = value
        else:
            event.reason = Reason.DETAILS_NOT_AN_OBJECT


def read_metadata(event: Event, rules: Rules) -> None:
    """Metadata may be absent; where it is there it must be a JSON object within its bounds."""
    text = event.sent.metadata
    if text is None:
        return
    if _larger(text, rules.limits.event_part_bytes):
        event.reason = Reason.METADATA_TOO_LARGE
        return
    try:
        value = strict_json.loads(text, rules.limits.json_depth)
    except strict_json.TooDeep:
        event.reason = Reason.METADATA_TOO_DEEP
    except strict_json.NotJson:
        event.reason = Reason.METADATA_NOT_JSON
    else:
        if isinstance(value, dict):
            event.metadata = value
        else:
            event.reason = Reason.METADATA_NOT_AN_OBJECT


def read_session_metadata(text: str | None, limits: Limits) -> dict[str, Any] | None:
    """SessionMetadata as an object, empty where absent; None where it cannot be used, for the caller to flag."""
    if text is None:
        return {}
    if _larger(text, limits.event_part_bytes):
        return None
    try:
        value = strict_json.loads(text, limits.json_depth)
    except (strict_json.TooDeep, strict_json.NotJson):
        return None
    return value if isinstance(value, dict) else None


def details_bytes(event_type: str, limits: Limits) -> int:
    """The bound on details for a type."""
    if event_type == REPLAY_TYPE:
        return limits.replay_part_bytes
    return limits.custom_details_bytes if is_custom(event_type) else limits.event_part_bytes


def _larger(text: str, size: int) -> bool:
    # A character takes one to four bytes, so most texts need not be encoded to know.
    return len(text) > size or (len(text) * 4 > size and len(text.encode("utf-8", "replace")) > size)
