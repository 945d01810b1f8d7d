"""The event pattern language of EventBridge, as metric definitions use it: read once, then asked for many events.

    {"event_type": ["com.amazon.rum.http_event"], "event_details": {"response": {"status": [{"numeric": [">=", 400]}]}}}

An object names fields that must all match; an array lists what a field may be, any of which suffices; `$or` lists
objects of which any suffices. A field of the event may be an array, any element of which suffices, or lie deeper than
the pattern says it, its names joined by dots. Knows nothing of metrics, and of events only that they are JSON.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from openrum import strict_json

Matcher = Callable[[Mapping[str, Any]], bool]
_Test = Callable[[Any], bool]
"""Takes one leaf of the event: text, number, boolean or null."""

_DEPTH_MAX = 32
_LOWER, _UPPER, _EQUAL = (">", ">="), ("<", "<="), ("=",)


class BadPattern(ValueError):
    """The pattern cannot be used. The message names the place, then the rule."""


def compile_pattern(text: str) -> Matcher:
    """A pattern as JSON → what tells whether an event matches it. Raises BadPattern."""
    try:
        strict_json.check_keys(text.encode(), _DEPTH_MAX)
        pattern = strict_json.loads(text, _DEPTH_MAX)
    except (ValueError, UnicodeEncodeError) as error:
        raise BadPattern(f"the pattern cannot be read: {error}") from None
    if not isinstance(pattern, dict):
        _refuse("the pattern", "must be an object")
    return _object(pattern, ())


# ── Objects and paths ─────────────────────────────────────────────────────────────────────────────────────────────


def _object(pattern: Mapping[str, Any], path: tuple[str, ...]) -> Matcher:
    """All fields of an object. `path` leads to it from the top: every field is looked up from the event itself."""
    here = ".".join(path) or "the pattern"
    if not pattern:
        _refuse(here, "must name at least one field")
    matchers = []
    for name, value in pattern.items():
        below = (*path, name)
        if name == "$or" and isinstance(value, list):
            matchers.append(_any_of(value, path))
        elif isinstance(value, dict):
            matchers.append(_object(value, below))
        elif isinstance(value, list):
            matchers.append(_field(value, below))
        else:
            _refuse(".".join(below), "must be an array of what the field may be, or an object")
    if len(matchers) == 1:
        return matchers[0]
    return lambda event: all(matches(event) for matches in matchers)


def _any_of(patterns: list[Any], path: tuple[str, ...]) -> Matcher:
    place = ".".join((*path, "$or"))
    if len(patterns) < 2 or not all(isinstance(each, dict) for each in patterns):
        _refuse(place, "must be an array of at least two objects")
    matchers = [_object(each, path) for each in patterns]
    return lambda event: any(matches(event) for matches in matchers)


def _field(allowed: list[Any], path: tuple[str, ...]) -> Matcher:
    place = ".".join(path)
    if not allowed:
        _refuse(place, "must list at least one value")
    absent_suffices = any(_asks_for_absence(each) for each in allowed)
    literals = frozenset(_kind(each) for each in allowed if not isinstance(each, dict | list))
    tests: list[_Test] = [lambda leaf: _kind(leaf) in literals] if literals else []
    for index, each in enumerate(allowed):
        if isinstance(each, list):
            _refuse(f"{place}[{index}]", "must be a value or an operator, not another array")
        if isinstance(each, dict) and not _asks_for_absence(each):
            tests.append(_operator(each, f"{place}[{index}]"))

    def matches(event: Mapping[str, Any]) -> bool:
        there = False
        for leaf in _leaves(event, path):
            there = True
            for test in tests:
                if test(leaf):
                    return True
        return absent_suffices and not there

    return matches


def _leaves(node: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """The leaves that a path leads to: none where it leads nowhere, to an object, or to an empty array."""
    if isinstance(node, list):
        for each in node:
            yield from _leaves(each, path)
    elif not path:
        if not isinstance(node, dict):
            yield node
    elif isinstance(node, dict):
        if path[0] in node:
            yield from _leaves(node[path[0]], path[1:])
        for length in range(2, len(path) + 1):
            joined = ".".join(path[:length])
            if joined in node:
                yield from _leaves(node[joined], path[length:])


def _asks_for_absence(given: Any) -> bool:
    return isinstance(given, dict) and len(given) == 1 and given.get("exists") is False


def _kind(value: Any) -> tuple[type, Any]:
    """Values that are equal have equal kinds: 300 is 300.0, but 1 is not true, nor "1"."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value), value
    return float, value


# ── Operators ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _operator(given: Mapping[str, Any], place: str) -> _Test:
    if len(given) != 1:
        _refuse(place, "must hold exactly one operator")
    [(name, operand)] = given.items()
    build = _OPERATORS.get(name)
    if build is None:
        _refuse(f"{place}.{name}", f"is no operator; there are {', '.join(sorted([*_OPERATORS, 'exists']))}")
    return build(operand, f"{place}.{name}")


def _exists(operand: Any, place: str) -> _Test:
    if not isinstance(operand, bool):
        _refuse(place, "must be true or false")
    return lambda _leaf: True  # false is seen to where the leaves are counted


def _prefix(operand: Any, place: str) -> _Test:
    wanted, fold = _text_or_any_case(operand, place)
    return lambda leaf: isinstance(leaf, str) and fold(leaf).startswith(wanted)


def _suffix(operand: Any, place: str) -> _Test:
    wanted, fold = _text_or_any_case(operand, place)
    return lambda leaf: isinstance(leaf, str) and fold(leaf).endswith(wanted)


def _equals_ignore_case(operand: Any, place: str) -> _Test:
    wanted = _text(operand, place).casefold()
    return lambda leaf: isinstance(leaf, str) and leaf.casefold() == wanted


def _wildcard(operand: Any, place: str) -> _Test:
    """`*` is any text, `\\*` an asterisk. Looked for part by part: no pattern makes it slow."""
    first, *others = _parts(_text(operand, place), place)
    if not others:
        return lambda leaf: bool(leaf == first)
    *middle, last = others

    def matches(leaf: Any) -> bool:
        if not isinstance(leaf, str) or not leaf.startswith(first):
            return False
        at = len(first)
        for part in middle:
            at = leaf.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return len(leaf) - len(last) >= at and leaf.endswith(last)

    return matches


def _parts(pattern: str, place: str) -> list[str]:
    parts = [""]
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            if escaped not in ("*", "\\"):
                _refuse(place, "a backslash stands before an asterisk or another backslash alone")
            parts[-1] += escaped
        elif character != "*":
            parts[-1] += character
        else:
            if len(parts) > 1 and not parts[-1]:
                _refuse(place, "two asterisks stand side by side")
            parts.append("")
    return parts


def _cidr(operand: Any, place: str) -> _Test:
    try:
        network = ipaddress.ip_network(_text(operand, place), strict=False)
    except ValueError:
        _refuse(place, "must be a block of addresses, such as 10.0.0.0/24")
    if "/" not in operand:
        _refuse(place, "must be a block of addresses, such as 10.0.0.0/24")

    def matches(leaf: Any) -> bool:
        try:
            return isinstance(leaf, str) and ipaddress.ip_address(leaf) in network
        except ValueError:
            return False

    return matches


def _numeric(operand: Any, place: str) -> _Test:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        _refuse(place, 'must be one or two comparisons, such as [">=", 400, "<", 500]')
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for operator, bound in pairs:
        if operator not in (*_LOWER, *_UPPER, *_EQUAL):
            _refuse(place, "compares with <, <=, =, > or >=")
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            _refuse(place, "compares with numbers")
    if len(pairs) == 2:
        (low_operator, low), (high_operator, high) = pairs
        if low_operator not in _LOWER or high_operator not in _UPPER or low >= high:
            _refuse(place, "two comparisons are a lower bound, then a higher upper bound")
    tests = [_comparison(operator, bound) for operator, bound in pairs]
    return lambda leaf: (
        isinstance(leaf, int | float) and not isinstance(leaf, bool) and all(holds(leaf) for holds in tests)
    )


def _comparison(operator: str, bound: float) -> Callable[[float], bool]:
    match operator:
        case ">":
            return lambda number: number > bound
        case ">=":
            return lambda number: number >= bound
        case "<":
            return lambda number: number < bound
        case "<=":
            return lambda number: number <= bound
    return lambda number: number == bound


def _anything_but(operand: Any, place: str) -> _Test:
    if isinstance(operand, dict):
        test = _but_for(operand, place)
        return lambda leaf: not test(leaf)
    values = operand if isinstance(operand, list) else [operand]
    if not values or any(isinstance(each, bool) or not isinstance(each, str | int | float) for each in values):
        _refuse(place, "must be a text, a number, an array of them, or an operator on text")
    excluded = frozenset(_kind(each) for each in values)
    return lambda leaf: _kind(leaf) not in excluded


def _but_for(given: Mapping[str, Any], place: str) -> _Test:
    if len(given) != 1 or next(iter(given)) not in _EXCLUDING:
        _refuse(place, f"must hold exactly one of {', '.join(sorted(_EXCLUDING))}")
    [(name, operand)] = given.items()
    below = f"{place}.{name}"
    values = operand if isinstance(operand, list) else [operand]
    if not values or not all(isinstance(each, str) for each in values):
        _refuse(below, "must be a text or an array of texts")
    if name in ("prefix", "suffix") and "" in values:
        _refuse(below, "must not be empty: every text begins and ends with that")
    tests = [_EXCLUDING[name](each, below) for each in values]
    return lambda leaf: any(test(leaf) for test in tests)


def _text_or_any_case(operand: Any, place: str) -> tuple[str, Callable[[str], str]]:
    if isinstance(operand, dict) and set(operand) == {"equals-ignore-case"}:
        return _text(operand["equals-ignore-case"], f"{place}.equals-ignore-case").casefold(), str.casefold
    return _text(operand, place), str


def _text(operand: Any, place: str) -> str:
    if not isinstance(operand, str):
        _refuse(place, "must be a text")
    return operand


def _refuse(place: str, rule: str) -> NoReturn:
    raise BadPattern(f"{place}: {rule}")


_EXCLUDING: dict[str, Callable[[Any, str], _Test]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
}
_OPERATORS: dict[str, Callable[[Any, str], _Test]] = {
    **_EXCLUDING,
    "anything-but": _anything_but,
    "cidr": _cidr,
    "exists": _exists,
    "numeric": _numeric,
}
