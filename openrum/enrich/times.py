"""The step that settles the time which answers go by.

    before   timestamp 1767323045.678 (seconds), received 1767323046000
    after    time_ms 1767323045678

A time outside [received - retention, received + 1 day] is a clock gone wrong or an attack on the layout of the store: the
receive time stands in for it, the flag says so, and the client's own time is kept beside it.
"""

from openrum.days import DAY_MS
from openrum.enrich.rules import Rules
from openrum.events import Event, Flag


def settle_time(event: Event, rules: Rules) -> None:
    """Milliseconds since 1970, UTC. `received_ms` is the server's own clock at the door."""
    received_ms = event.envelope.received_ms
    time_ms = milliseconds(event.sent.timestamp)
    if time_ms is not None and received_ms - rules.retention_ms <= time_ms <= received_ms + DAY_MS:
        event.time_ms = time_ms
    else:
        event.time_ms = received_ms
        event.flags |= Flag.TIME_REPLACED


def milliseconds(timestamp: float) -> int | None:
    """Epoch seconds as epoch milliseconds, rounded; None where no column can hold them."""
    if isinstance(timestamp, int):
        time_ms = timestamp * 1000
    elif abs(timestamp) < 1e15:
        time_ms = round(timestamp * 1000)
    else:
        return None
    return time_ms if -(2**63) <= time_ms < 2**63 else None
