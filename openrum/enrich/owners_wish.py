"""The step that drops what the monitor's owner does not want.

before   an event of a monitor whose events were purged
after    reason MONITOR_DELETED; a rebuild does not bring it back

before   an event received 31 days ago, of a monitor whose retention is 30
after    reason PAST_RETENTION: a rebuild does not bring back what was trimmed

before   type "shop.checkout", CustomEvents DISABLED
after    reason CUSTOM_EVENTS_DISABLED; the journal keeps the event, and `rebuild` brings it back once enabled
"""

from openrum.enrich.rules import Rules
from openrum.events import BUILT_IN_TYPE_PREFIX, Event
from openrum.outcomes import Reason


def drop_unwanted(event: Event, rules: Rules) -> None:
    """What was deleted stays deleted, and what was trimmed stays away, while the journal still has it. Custom is what does
    not begin with `com.amazon.rum.`.
    """
    if rules.deleted:
        event.reason = Reason.MONITOR_DELETED
    elif event.envelope.received_ms < rules.keep_after_ms:
        event.reason = Reason.PAST_RETENTION
    elif not rules.custom_events and is_custom(event.sent.type):
        event.reason = Reason.CUSTOM_EVENTS_DISABLED


def is_custom(event_type: str) -> bool:
    """Whether the site's own code made up this type."""
    return not event_type.startswith(BUILT_IN_TYPE_PREFIX)
