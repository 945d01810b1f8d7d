"""What each ending of an event means, and what to do about it: for docs/operations.md, and for who looks at the ledger."""

from dataclasses import dataclass

from openrum.outcomes import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Words:
    """Of one row of the ledger."""

    meaning: str
    remedy: str = ""


_STRICT = "look at the sample: who sent it is not the usual client, or something on the way changed it"
_SMALLER = "send less in one event; the bound is `OPENRUM_LIMIT_EVENT_PART_BYTES`"
_FLATTER = "send flatter objects; the bound is `OPENRUM_LIMIT_JSON_DEPTH`"

ENDS: dict[Outcome, Words] = {
    Outcome.STORED: Words("in answers"),
    Outcome.DUPLICATE: Words(
        "the same id was stored before in this monitor; the first one wins",
        "nothing: clients send again what they heard no answer to",
    ),
}
"""Of endings that have no reason."""

REASONS: dict[Reason, Words] = {
    Reason.DETAILS_NOT_JSON: Words("`details` is not strict JSON (also empty, or NaN)", _STRICT),
    Reason.DETAILS_NOT_AN_OBJECT: Words("`details` is JSON, but no object", _STRICT),
    Reason.DETAILS_TOO_LARGE: Words("`details` is over its bound", _SMALLER),
    Reason.DETAILS_TOO_DEEP: Words("`details` nests too deep", _FLATTER),
    Reason.METADATA_NOT_JSON: Words("`metadata` is present and not strict JSON", _STRICT),
    Reason.METADATA_NOT_AN_OBJECT: Words("`metadata` is JSON, but no object", _STRICT),
    Reason.METADATA_TOO_LARGE: Words("`metadata` is over its bound", _SMALLER),
    Reason.METADATA_TOO_DEEP: Words("`metadata` nests too deep", _FLATTER),
    Reason.POISON: Words(
        "a defect of OpenRUM: the log has it; `openrum rebuild` after an upgrade brings the event back",
        "report it with the line of the log",
    ),
    Reason.CUSTOM_EVENTS_DISABLED: Words(
        "a custom type, and the monitor has CustomEvents DISABLED", "enable custom events in the monitor's configuration"
    ),
    Reason.MONITOR_DELETED: Words(
        "the monitor was deleted, its grace is over, and its events were deleted with it",
        "take the snippet off the pages that still send",
    ),
    Reason.FORGOTTEN: Words("`openrum forget`: the journal has its count and nothing of it", "nothing: it was asked for"),
    Reason.PAST_RETENTION: Words(
        "its monitor is kept for fewer days than all are", "nothing; or keep the monitor's events for longer"
    ),
    Reason.DISK_BUDGET: Words(
        "`OPENRUM_MAX_DISK` was used up, and this was of the oldest day",
        "raise `OPENRUM_MAX_DISK`, or keep fewer days",
    ),
    Reason.MALFORMED: Words(
        "not JSON, wrong types, or a media type this door does not read",
        "send what the web client sends; a proxy or an ad blocker may have changed the body",
    ),
    Reason.INVALID: Words(
        "a constraint of the API model is broken", "the answer to the sender names the member; mend the client or its settings"
    ),
    Reason.TOO_LARGE: Words("the body is over its bound", "send smaller batches; the bound is `OPENRUM_LIMIT_BODY_WIRE_BYTES`"),
    Reason.UNKNOWN_MONITOR: Words("no such monitor", "compare the id in the snippet with the monitor's"),
    Reason.ACCESS_DENIED: Words(
        "signature, role or policy",
        "allow unsigned batches in the monitor's policy, or give the client an identity pool or a key",
    ),
    Reason.FOREIGN_ORIGIN: Words(
        "the browser's Origin is not one of the monitor's domains", "add the domain to the monitor's list of domains"
    ),
    Reason.THROTTLED: Words(
        "the quota, or the memory for bodies in flight",
        "raise `OPENRUM_REQUESTS_PER_SECOND` or `OPENRUM_LIMIT_INFLIGHT_BYTES`; clients try again by themselves",
    ),
    Reason.UNAVAILABLE: Words(
        "trouble of our own: disk full, shutting down", "look at the disk and the log; clients try again by themselves"
    ),
}  # fmt: skip
"""Of all others."""
assert set(REASONS) == set(Reason) - {Reason.NONE}, "every reason has its words"


def table() -> str:
    """The table of docs/operations.md."""
    lines = ["| Outcome | Reason | Means | What to do |", "| --- | --- | --- | --- |"]
    lines += [f"| {end} | | {words.meaning} | {words.remedy} |" for end, words in ENDS.items()]
    lines += [
        f"| {reason.outcome} | `{reason}` | {words.meaning} | {words.remedy} |" for reason, words in REASONS.items()
    ]
    return "\n".join(lines)
