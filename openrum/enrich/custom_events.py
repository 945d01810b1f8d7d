"""The step that drops custom events where the owner has not enabled them.

before   type "shop.checkout", CustomEvents DISABLED
after    reason CUSTOM_EVENTS_DISABLED; the journal keeps the event, and `rebuild` brings it back once enabled
"""

from openrum.enrich.rules import Rules
from openrum.events import BUILT_IN_TYPE_PREFIX, Event
from openrum.outcomes import Reason


def drop_custom_where_disabled(event: Event, rules: Rules) -> None:
    """Custom is what does not begin with `com.amazon.rum.`."""
    if not rules.custom_events and is_custom(event.sent.type):
        event.reason = Reason.CUSTOM_EVENTS_DISABLED


def is_custom(event_type: str) -> bool:
    """Whether the site's own code made up this type."""
    return not event_type.startswith(BUILT_IN_TYPE_PREFIX)
