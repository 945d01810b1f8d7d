"""An event as GetAppMonitorData and exports give it: the log envelope, quoting details and metadata as they were sent.

    event_id event_timestamp event_type event_version log_stream application_id application_name application_version
    metadata user_details event_details metadata_values

Texts are quoted, not read and written anew, so 1.0 stays 1.0 and an integer of any size stays what it is. Taken out are
the custom attributes that the service would remove; added are, where the client sent none, countryCode, subdivisionCode,
browserName, browserVersion, osName, osVersion and deviceType.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from openrum import strict_json
from openrum.enrich.attributes import RESERVED, accepted
from openrum.enrich.user_agent import read_agent
from openrum.events import Envelope, RumEvent, UserDetails
from openrum.limits import Limits

_QUOTED = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER = msgspec.json.Encoder()
_NOTHING = msgspec.Raw(b'""')


def raw_form(
    envelope: Envelope, session_metadata: str | None, sent: RumEvent, monitor_name: str, limits: Limits
) -> str:
    """One stored event as JSON. `session_metadata` is the text of the batch, which a bad one left unmerged."""
    details = _repaired(sent.details)
    metadata = _metadata(envelope, session_metadata, sent, limits)
    return _ENCODER.encode(
        {
            "event_id": sent.id,
            "event_timestamp": msgspec.Raw(milliseconds_text(sent.timestamp).encode()),
            "event_type": sent.type,
            "event_version": strict_json.decode(details, _QUOTED).get("version", _NOTHING),
            "log_stream": _hour(envelope.received_ms),
            "application_id": envelope.monitor,
            "application_name": monitor_name,
            "application_version": envelope.app_monitor.version or "",
            "metadata": metadata,
            "user_details": UserDetails(userId=envelope.user_id, sessionId=envelope.session_id),
            "event_details": msgspec.Raw(details),
            "metadata_values": [f"{name}={_value_text(value)}" for name, value in metadata.items()],
        }
    ).decode()


def milliseconds_text(timestamp: float) -> str:
    """Epoch seconds as epoch milliseconds, to the last digit: 1767323045.6789 → 1767323045678.9."""
    if isinstance(timestamp, int):
        return f"{timestamp}000" if timestamp else "0"
    exact = Decimal(repr(timestamp)).scaleb(3)  # a float has at most 17 digits: nothing is rounded
    return str(int(exact)) if exact == exact.to_integral_value() else format(exact.normalize(), "f")


def _metadata(
    envelope: Envelope, session_metadata: str | None, sent: RumEvent, limits: Limits
) -> dict[str, msgspec.Raw]:
    session = _object(session_metadata) if session_metadata and envelope.session_metadata else {}
    merged = {**session, **(_object(sent.metadata) if sent.metadata else {})}
    custom = {name: _value(value) for name, value in merged.items() if name not in RESERVED}
    for name in custom.keys() - accepted(custom, limits).keys():
        del merged[name]
    for name, text in _added(envelope, merged):
        if text is not None and name not in merged:
            merged[name] = msgspec.Raw(_ENCODER.encode(text))
    return merged


def _added(envelope: Envelope, merged: dict[str, msgspec.Raw]) -> Iterator[tuple[str, str | None]]:
    """What the service adds where the client sent none: the place, and what the User-Agent says."""
    yield "countryCode", envelope.country
    yield "subdivisionCode", envelope.subdivision
    sent = _value(merged.get("aws:userAgent", _NOTHING))
    agent = read_agent(sent if sent and isinstance(sent, str) else envelope.user_agent)
    if "browserName" not in merged:  # a version belongs to its name
        yield "browserName", agent.browser
        yield "browserVersion", agent.browser_version
    if "osName" not in merged:
        yield "osName", agent.os
        yield "osVersion", agent.os_version
    yield "deviceType", agent.device


def _object(text: str) -> dict[str, msgspec.Raw]:
    return strict_json.decode(_repaired(text), _QUOTED)


def _repaired(text: str) -> bytes:
    return strict_json.repair_surrogates(text.encode("utf-8", "replace"))


def _value(quoted: msgspec.Raw) -> Any:
    return strict_json.loads(bytes(quoted).decode(), 1_000)


def _value_text(quoted: msgspec.Raw) -> str:
    text = bytes(quoted).decode()
    return str(_value(quoted)) if text.startswith('"') else text


def _hour(epoch_ms: int) -> str:
    """'2026-11-23T22', UTC, as log streams are named."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).strftime("%Y-%m-%dT%H")
