r"""One way to read JSON that a stranger sent: RFC 8259 to the letter, bounded, the same at the door and in the drain.

The fast road is msgspec. It refuses two things that are JSON all the same, so on its refusal the slow road is taken:

* a lone surrogate escape (`"\ud800"`; browsers send them) becomes U+FFFD, here and for good, because text that cannot
  be written as UTF-8 would poison every room behind;
* a number that no machine type holds (`1e999`, 5,000 digits) reads as infinity, which the conversion to a row turns
  into null. The raw form of an event quotes its number as it was sent.

NaN, trailing commas, a byte order mark, bad UTF-8 and control characters in strings are not JSON and stay refused.
"""

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

T = TypeVar("T")

_ANYTHING = msgspec.json.Decoder()
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_NO_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_STRING = re.compile(rb'"[^"]*"?')


class NotJson(ValueError):
    """The text is not JSON. The message says what and where."""


class TooDeep(ValueError):
    """The text nests deeper than the bound."""


class DuplicateKey(ValueError):
    """An object names one key twice, so that two readers could see two different values."""


def decode(data: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Read `data` into the decoder's type. Raises NotJson, or msgspec.ValidationError where the types do not fit."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        repaired = repair_surrogates(data)
        if repaired == data:
            raise NotJson(str(error)) from None
        try:
            return decoder.decode(repaired)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as second:
            raise NotJson(str(second)) from None


def loads(text: str, depth_max: int) -> Any:
    """Read any JSON value. Raises NotJson or TooDeep. A number that no machine type holds reads as ±infinity."""
    if _may_nest_deeper(text, depth_max) and depth(text.encode("utf-8", "replace")) > depth_max:
        raise TooDeep(f"nested deeper than {depth_max}")
    try:
        return _ANYTHING.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # ValidationError (a number out of range) is among them
        return _loads_slowly(text)


def check_keys(data: bytes, depth_max: int) -> None:
    """Raise NotJson, TooDeep, or DuplicateKey for an object anywhere in `data` that names a key twice."""
    if depth(data) > depth_max:
        raise TooDeep(f"nested deeper than {depth_max}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8: {error.reason} at byte {error.start}") from None
    _parse(text, object_pairs_hook=_object_without_duplicates)


def depth(data: bytes) -> int:
    """How deep brackets nest outside strings. Says nothing of whether `data` is JSON."""
    bare = data.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _NO_STRUCTURE)  # so every quote is a border
    deepest = level = 0
    for bracket in _STRING.sub(b"", bare):
        level += 1 if bracket in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def repair_surrogates(data: bytes) -> bytes:
    """Replace every lone surrogate escape by that of U+FFFD; pairs, and backslashes that are data, stay."""
    return _ESCAPE.sub(lambda match: b"\\ufffd" if match[1] else match[0], data)


def _may_nest_deeper(text: str, depth_max: int) -> bool:
    # Most texts are one flat object, and looking for a bracket is many times faster than counting them.
    lists = text.count("[") if "[" in text else 0
    objects = text.count("{") if text.find("{", 1) > 0 else 1
    return lists + objects > depth_max


def _loads_slowly(text: str) -> Any:
    return _parse(repair_surrogates(text.encode("utf-8", "replace")).decode("utf-8"), object_pairs_hook=dict)


def _parse(text: str, object_pairs_hook: Any) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=object_pairs_hook, parse_constant=_refuse_constant, parse_int=_int_or_infinity
        )
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from None
    except RecursionError:
        raise NotJson("nested too deep to read") from None


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DuplicateKey(f"the key {twice[:64]!r} stands twice in one object")
    return found


def _int_or_infinity(digits: str) -> int | float:
    return int(digits) if len(digits) <= 400 else float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")
