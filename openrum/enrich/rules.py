"""What the enrichment goes by: the settings of one monitor at the moment of draining, and the bounds of all."""

from dataclasses import dataclass

from openrum.limits import Limits


@dataclass(frozen=True, slots=True)
class Rules:
    """What the steps ask for beside the event."""

    limits: Limits
    retention_ms: int
    custom_events: bool = False  # the monitor's CustomEvents.Status is ENABLED
    deleted: bool = False  # the monitor was deleted so long ago that its events are gone
