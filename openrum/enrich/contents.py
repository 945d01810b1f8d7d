"""Details and metadata, read: JSON in strings, written by strangers. One of the two is a step of its own.

before   details '{"pageId": "/cart"}', metadata '[1]'
after    details {"pageId": "/cart"}, reason METADATA_NOT_AN_OBJECT
"""

from typing import Any, NamedTuple

from openrum import strict_json
from openrum.enrich.owners_wish import is_custom
from openrum.enrich.rules import Rules
from openrum.events import REPLAY_TYPE, Event
from openrum.limits import Limits
from openrum.outcomes import Reason


class _Refusal(NamedTuple):
    """What each kind of unreadable text is counted as."""

    too_large: Reason
    too_deep: Reason
    not_json: Reason
    not_an_object: Reason


_DETAILS = _Refusal(
    Reason.DETAILS_TOO_LARGE, Reason.DETAILS_TOO_DEEP, Reason.DETAILS_NOT_JSON, Reason.DETAILS_NOT_AN_OBJECT
)
_METADATA = _Refusal(
    Reason.METADATA_TOO_LARGE, Reason.METADATA_TOO_DEEP, Reason.METADATA_NOT_JSON, Reason.METADATA_NOT_AN_OBJECT
)


def read_details(event: Event, rules: Rules) -> None:
    """Details must be a JSON object within the bounds of its kind of event."""
    value = _read(event.sent.details, details_bytes(event.sent.type, rules.limits), rules.limits.json_depth, _DETAILS)
    if isinstance(value, dict):
        event.details = value
    else:
        event.reason = value


def read_metadata_object(text: str, limits: Limits) -> dict[str, Any] | Reason:
    """The object, or why it is none."""
    return _read(text, limits.event_part_bytes, limits.json_depth, _METADATA)


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


def _read(text: str, bytes_max: int, depth_max: int, refusal: _Refusal) -> dict[str, Any] | Reason:
    # A character takes one to four bytes, so most texts need not be encoded to know their size.
    if len(text) * 4 > bytes_max and len(text.encode("utf-8", "replace")) > bytes_max:
        return refusal.too_large
    try:
        value = strict_json.loads(text, depth_max)
    except strict_json.TooDeep:
        return refusal.too_deep
    except strict_json.NotJson:
        return refusal.not_json
    return value if isinstance(value, dict) else refusal.not_an_object
