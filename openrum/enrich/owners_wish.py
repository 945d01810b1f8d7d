"""The steps that drop what the monitor's owner does not want.

before   an event of a monitor whose events were purged
after    reason MONITOR_DELETED; a rebuild does not bring it back

before   type "shop.checkout", CustomEvents DISABLED
after    reason CUSTOM_EVENTS_DISABLED; the journal keeps the event, and `rebuild` brings it back once enabled
"""

from openrum.enrich.rules import Rules
from openrum.events import BUILT_IN_TYPE_PREFIX, Event
from openrum.outcomes import Reason


def drop_of_deleted_monitor(event: Event, rules: Rules) -> None:
    """What was deleted stays deleted, while the journal still has it."""
    if rules.deleted:
        event.reason = Reason.MONITOR_DELETED


def drop_custom_where_disabled(event: Event, rules: Rules) -> None:
    """Custom is what does not begin with `com.amazon.rum.`."""
    if not rules.custom_events and is_custom(event.sent.type):
        event.reason = Reason.CUSTOM_EVENTS_DISABLED


def is_custom(event_type: str) -> bool:
    """Whether the site's own code made up this type."""
    return not event_type.startswith(BUILT_IN_TYPE_PREFIX)
