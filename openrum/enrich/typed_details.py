"""Details, read into the struct of their type. A field that does not fit is null and flagged; the event is kept.

    before   "com.amazon.rum.js_error_event", '{"message": "x is not defined", "lineno": "12"}'
    after    JsError(message="x is not defined", lineno=None), flag FIELD_NULLED

The fast road reads the text straight into the struct. What it refuses takes the slow road: read as `strict_json` reads
it, then field by field. Both refuse the same texts, also inside of fields that no struct has: what msgspec skips it
checks as strictly as what it keeps, but for the depth, which is counted here.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from openrum import strict_json
from openrum.enrich.event_types import DETAILS, FLOAT32_MAX, Float32, Replay
from openrum.events import Flag
from openrum.outcomes import Reason

_DECODE: dict[str, Callable[[str], Struct]] = {
    name: msgspec.json.Decoder(kind).decode for name, kind in DETAILS.items()
}
_AS_SENT = msgspec.json.Decoder(dict[str, Raw])
_ARRAY = ord("[")
_NOTHING_ODD = Flag(0)


def read_typed(event_type: str, text: str, *, depth_max: int) -> tuple[Struct | dict[str, Any], Flag] | Reason:
    """The struct of a type in `DETAILS`, or for any other type the object as it is, with FIELD_NULLED where a field did
    not fit. A Reason where `text` is no JSON, no object, or nests deeper than `depth_max`. Its size is not judged here.
    """
    decode = _DECODE.get(event_type)
    if decode is None:
        value = _load(text, depth_max)
        return value if isinstance(value, Reason) else (value, _NOTHING_ODD)
    # In objects alone, every level takes four characters: most texts have their last bracket so early that none need be
    # counted. (What is no JSON may hold more; the slow road counts them.)
    if ("[" in text or text.rfind("{") >= 4 * depth_max) and _too_deep(text, depth_max):
        return Reason.DETAILS_TOO_DEEP
    try:
        details = decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # ValidationError is among them
        return _read_slowly(DETAILS[event_type], text, depth_max)
    if type(details) is Replay and not _settle_events(details):
        return details, Flag.FIELD_NULLED
    return details, _NOTHING_ODD


def _load(text: str, depth_max: int) -> dict[str, Any] | Reason:
    try:
        value = strict_json.loads(text, depth_max)
    except strict_json.TooDeep:
        return Reason.DETAILS_TOO_DEEP
    except strict_json.NotJson:
        return Reason.DETAILS_NOT_JSON
    return value if isinstance(value, dict) else Reason.DETAILS_NOT_AN_OBJECT


def _too_deep(text: str, depth_max: int) -> bool:
    brackets = text.count("[") + text.count("{")
    return brackets > depth_max and strict_json.depth(text.encode("utf-8", "replace")) > depth_max


def _settle_events(replay: Replay) -> bool:
    """Whether the events are an array, or absent; what else they are is put away."""
    sent = memoryview(replay.events)
    if not sent or sent[0] == _ARRAY:
        return True
    fits = bytes(sent) == b"null"
    replay.events = Raw()
    return fits


# ── The slow road ─────────────────────────────────────────────────────────────────────────────────────────────────


def _read_slowly(kind: type[Struct], text: str, depth_max: int) -> tuple[Struct, Flag] | Reason:
    value = _load(text, depth_max)
    if isinstance(value, Reason):
        return value
    details, fits = _struct(kind, value)
    if isinstance(details, Replay):
        as_sent = _AS_SENT.decode(strict_json.repair_surrogates(text.encode("utf-8", "replace")))
        details.events = as_sent.get("events", Raw())
        fits &= _settle_events(details)
    return details, _NOTHING_ODD if fits else Flag.FIELD_NULLED


@cache  # as many entries as there are structs
def _fields(kind: type[Struct]) -> list[tuple[str, str, Any]]:
    """Attribute, name on the wire, type, of every field that is read as a value."""
    return [
        (field.name, field.encode_name, get_args(field.type)[0])
        for field in msgspec.structs.fields(kind)
        if field.type is not Raw
    ]


def _struct(kind: type[Struct], sent: dict[str, Any]) -> tuple[Struct, bool]:
    found, all_fit = {}, True
    for attribute, name, wanted in _fields(kind):
        value = sent.get(name)
        if value is not None:
            found[attribute], fits = _fit(wanted, value)
            all_fit &= fits
    return kind(**found), all_fit


def _fit(wanted: Any, value: Any) -> tuple[Any, bool]:
    """The value as the type wanted, or None; and whether nothing of it was lost."""
    if wanted is float or wanted == Float32:
        number = _float(value)
        if number is None or (wanted is not float and abs(number) > FLOAT32_MAX):
            return None, False
        return number, True
    if wanted is str or wanted is bool:
        return (value, True) if type(value) is wanted else (None, False)
    if get_origin(wanted) is dict:  # the site's own: not looked into
        return (value, True) if isinstance(value, dict) else (None, False)
    if get_origin(wanted) is list:
        return _list(get_args(wanted)[0], value) if isinstance(value, list) else (None, False)
    if isinstance(wanted, type) and issubclass(wanted, Struct):
        return _struct(wanted, value) if isinstance(value, dict) else (None, False)
    fits = type(value) is int and -(2**63) <= value < 2**63  # Int64
    return (value, True) if fits else (None, False)


def _list(kind: type[Struct], sent: list[Any]) -> tuple[list[Any], bool]:
    """The members that are objects; the others are left out."""
    read = [_struct(kind, value) for value in sent if isinstance(value, dict)]
    return [value for value, _ in read], len(read) == len(sent) and all(fits for _, fits in read)


def _float(value: Any) -> float | None:
    if type(value) is not float and type(value) is not int:
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
