"""Every way an event's life can end, and nothing else: a closed list, so that an unlisted ending cannot be written.

For each monitor, once nothing is pending:

    received = stored + duplicate + quarantined + dropped

`received` counts what was acknowledged with 200. `refused` stands beside it: those events never were.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """Where an event ended. Exactly one of these for every event that reached the door."""

    STORED = "stored"  # in answers
    DUPLICATE = "duplicate"  # the same id was stored before in this monitor; the first one won
    QUARANTINED = "quarantined"  # kept in the journal, not in answers: its content cannot be read
    DROPPED = "dropped"  # kept in the journal, not in answers: the monitor's own setting says so
    REFUSED = "refused"  # never acknowledged


RECEIVED = "received"
"""What the door itself counted: no outcome, but the other side of the identity."""


class Reason(StrEnum):
    """Why it ended there. The value is what the ledger shows; `NONE` goes with stored and duplicate."""

    NONE = ""

    # quarantined: the content of one event, judged after its batch was made durable
    DETAILS_NOT_JSON = "details not JSON"
    DETAILS_NOT_AN_OBJECT = "details not an object"
    DETAILS_TOO_LARGE = "details too large"
    DETAILS_TOO_DEEP = "details too deep"
    METADATA_NOT_JSON = "metadata not JSON"
    METADATA_NOT_AN_OBJECT = "metadata not an object"
    METADATA_TOO_LARGE = "metadata too large"
    METADATA_TOO_DEEP = "metadata too deep"
    POISON = "poison"  # a defect of ours: enriching or storing this event failed

    # dropped
    CUSTOM_EVENTS_DISABLED = "custom events disabled"
    MONITOR_DELETED = "monitor deleted"
    FORGOTTEN = "forgotten"  # by `openrum forget`
    PAST_RETENTION = "past retention"  # of its monitor, which is shorter than that of all
    DISK_BUDGET = "disk budget"  # the oldest had to go

    # refused: the whole batch, at the door
    MALFORMED = "malformed"
    INVALID = "invalid"
    TOO_LARGE = "too large"
    UNKNOWN_MONITOR = "unknown monitor"
    ACCESS_DENIED = "access denied"
    FOREIGN_ORIGIN = "foreign origin"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"

    @property
    def outcome(self) -> Outcome:
        """The class this reason belongs to; `NONE` belongs to stored (a duplicate needs no reason)."""
        return _OUTCOME_OF[self]


_OUTCOME_OF: dict[Reason, Outcome] = {
    Reason.NONE: Outcome.STORED,
    Reason.DETAILS_NOT_JSON: Outcome.QUARANTINED,
    Reason.DETAILS_NOT_AN_OBJECT: Outcome.QUARANTINED,
    Reason.DETAILS_TOO_LARGE: Outcome.QUARANTINED,
    Reason.DETAILS_TOO_DEEP: Outcome.QUARANTINED,
    Reason.METADATA_NOT_JSON: Outcome.QUARANTINED,
    Reason.METADATA_NOT_AN_OBJECT: Outcome.QUARANTINED,
    Reason.METADATA_TOO_LARGE: Outcome.QUARANTINED,
    Reason.METADATA_TOO_DEEP: Outcome.QUARANTINED,
    Reason.POISON: Outcome.QUARANTINED,
    Reason.CUSTOM_EVENTS_DISABLED: Outcome.DROPPED,
    Reason.MONITOR_DELETED: Outcome.DROPPED,
    Reason.FORGOTTEN: Outcome.DROPPED,
    Reason.PAST_RETENTION: Outcome.DROPPED,
    Reason.DISK_BUDGET: Outcome.DROPPED,
    Reason.MALFORMED: Outcome.REFUSED,
    Reason.INVALID: Outcome.REFUSED,
    Reason.TOO_LARGE: Outcome.REFUSED,
    Reason.UNKNOWN_MONITOR: Outcome.REFUSED,
    Reason.ACCESS_DENIED: Outcome.REFUSED,
    Reason.FOREIGN_ORIGIN: Outcome.REFUSED,
    Reason.THROTTLED: Outcome.REFUSED,
    Reason.UNAVAILABLE: Outcome.REFUSED,
}
assert set(_OUTCOME_OF) == set(Reason), "every reason belongs to exactly one outcome"
