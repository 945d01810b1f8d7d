"""What the engines call one error in their own words, in one wording.

before   "Cannot read properties of undefined (reading 'total')"      Chrome
         'can't access property "total", cart is undefined'           Firefox
         "undefined is not an object (evaluating 'cart.total')"       Safari
after    "cannot read property 'total' of undefined", for all three

Names that all engines tell are kept (the property, the function called, the variable that is not defined). Where one says
less than the others, all are brought down to what it says: Firefox does not tell reading from writing, so both have one
`key`; Safari names no variable in "before initialization". What has no place in one of them (a failed fetch has no stack
in Safari, a failed chunk has none anywhere) is placed in none: such errors are one group for the whole site.

Pure; every pattern is anchored and linear, and tried only on a text with its marker in it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from openrum.enrich.volatile import without_volatile_parts

_NAME_CHARS_MAX = 80


class Wording(NamedTuple):
    """The one wording of an error."""

    text: str
    key: str | None = None  # what tells it from other errors, where that is less than the text
    kind: str | None = None  # the type of error, where engines differ in it
    placed: bool = True  # does it matter where it happened?
    in_callee: bool = False  # the innermost frame is, in Safari, the function that was called in vain
    in_cycle: bool = False  # the innermost frame is any of those that call each other


# The errors of the language, of whatever type; and what engines say besides, told by the type that they give it.
_TYPE, _REFERENCE, _RANGE, _SYNTAX = "TypeError", "ReferenceError", "RangeError", "SyntaxError"
_LANGUAGE = frozenset({"", "Error", _TYPE, _REFERENCE, _RANGE, _SYNTAX, "InternalError", "URIError", "AggregateError"})

_NOT_ITERABLE = Wording("value is not iterable")
_NOT_AN_OBJECT = Wording("cannot read a property of undefined or null")
_NOT_CONVERTED = Wording("cannot convert undefined or null to an object")
_READ_ONLY = Wording("assignment to a constant or read-only property")
_NOT_EXTENSIBLE = Wording("cannot add a property to an object that is not extensible")
_TOO_EARLY = Wording("cannot access a variable before its initialization")
_INVALID_JSON = Wording("invalid JSON")
_NO_JSON_ANSWER = Wording("invalid JSON", placed=False)  # "await response.json()": Firefox tells no place
_INVALID_REGEXP = Wording("invalid regular expression")
_INVALID_LENGTH = Wording("invalid array length")
_NO_NEW = Wording("class constructor called without new")
_CIRCULAR = Wording("circular structure cannot be made JSON")
_BIGINT_JSON = Wording("BigInt cannot be made JSON")
_BIGINT_MIXED = Wording("BigInt mixed with another type")
_INVALID_DATE = Wording("invalid date")
_INVALID_URL = Wording("invalid URL")
_INVALID_URI = Wording("malformed URI")
_INVALID_LANGUAGE = Wording("invalid language tag")
_INVALID_CURRENCY = Wording("invalid currency code")
_INVALID_DIGITS = Wording("number of digits is out of range")
_INVALID_REPEAT = Wording("invalid count to repeat a text")
_SYMBOL = Wording("cannot convert a symbol to a string")
_PRIMITIVE = Wording("cannot convert an object to a primitive value")
_REVOKED = Wording("proxy has been revoked")
_NOT_DELETED = Wording("cannot delete property")
_NO_SUPER = Wording("super constructor not called before this")
_IN = Wording("operand of 'in' is not an object")
_INSTANCEOF = Wording("operand of 'instanceof' is not a class")
_NO_SELECTOR = Wording("not a valid selector")
_NONE_FULFILLED = Wording("all promises were rejected", placed=False)
_CHUNK = Wording("a chunk of the application failed to load", kind="ChunkLoadError", placed=False)
_SCRIPT_ERROR = Wording("script error of another origin, details hidden by the browser", kind="", placed=False)
_RESIZE = Wording("ResizeObserver loop did not settle", kind="", placed=False)
_FETCH = Wording("failed to fetch", kind=_TYPE, placed=False)
_ABORTED = Wording("the operation was aborted", kind="AbortError", placed=False)
_TIMED_OUT = Wording("the operation timed out", kind="TimeoutError", placed=False)
_PLAY = Wording("playing was not allowed before the visitor did something", kind="NotAllowedError", placed=False)
_QUOTA = Wording("the storage quota was exceeded", kind="QuotaExceededError")
_OVERFLOW = Wording("maximum call stack size exceeded", kind=_RANGE, in_cycle=True)

# Whole messages, in small letters and without a full stop at the end.
_WHOLE: dict[str, Wording] = {
    "right side of assignment cannot be destructured": _NOT_AN_OBJECT,
    "assignment to constant variable": _READ_ONLY,
    "attempted to assign to readonly property": _READ_ONLY,
    "attempting to change value of a readonly property": _READ_ONLY,
    "attempting to define property on object that is not extensible": _NOT_EXTENSIBLE,
    "cannot access uninitialized variable": _TOO_EARLY,
    "unexpected end of json input": _INVALID_JSON,
    "unterminated parenthetical": _INVALID_REGEXP,
    "unterminated character class": _INVALID_REGEXP,
    "unmatched ) in regular expression": _INVALID_REGEXP,
    "nothing to repeat": _INVALID_REGEXP,
    "invalid regexp group": _INVALID_REGEXP,
    "maximum call stack size exceeded": _OVERFLOW,
    "too much recursion": _OVERFLOW,
    "script error": _SCRIPT_ERROR,
    "resizeobserver loop limit exceeded": _RESIZE,
    "resizeobserver loop completed with undelivered notifications": _RESIZE,
    "importing a module script failed": _CHUNK,
    "class constructors must be invoked with 'new'": _NO_NEW,
    "cannot call a class constructor without |new|": _NO_NEW._replace(in_callee=True),
    "array length must be a positive integer of safe magnitude": _INVALID_LENGTH,
    "array size is not a small enough positive integer": _INVALID_LENGTH,
    "cyclic object value": _CIRCULAR,
    "json.stringify cannot serialize cyclic structures": _CIRCULAR,
    "do not know how to serialize a bigint": _BIGINT_JSON,
    "bigint value can't be serialized in json": _BIGINT_JSON,
    "json.stringify cannot serialize bigint": _BIGINT_JSON,
    "invalid time value": _INVALID_DATE,
    "invalid date": _INVALID_DATE,
    "invalid array length": _INVALID_LENGTH,
    "cannot mix bigint and other types, use explicit conversions": _BIGINT_MIXED,
    "can't convert bigint to number": _BIGINT_MIXED,
    "invalid url": _INVALID_URL,
    "failed to construct 'url': invalid url": _INVALID_URL,
    "uri malformed": _INVALID_URI,
    "malformed uri sequence": _INVALID_URI,
    "uri error": _INVALID_URI,
    "cannot convert a symbol value to a string": _SYMBOL,
    "can't convert symbol to string": _SYMBOL,
    "cannot convert a symbol to a string": _SYMBOL,
    "reduce of empty array with no initial value": Wording("reduce of an empty array without an initial value"),
    "repeat count must be non-negative": _INVALID_REPEAT,
    "illegal operation attempted on a revoked proxy": _REVOKED,
    "unable to delete property": _NOT_DELETED,
    "cannot convert object to primitive value": _PRIMITIVE,
    "no default value": _PRIMITIVE,
    "currency is not a well-formed currency code": _INVALID_CURRENCY,
    "all promises were rejected": _NONE_FULFILLED,
    "no promise in promise.any was resolved": _NONE_FULFILLED,
}

# Words for a failed fetch, where the error has no type of the site's own.
_FETCH_WHOLE = frozenset({
    "failed to fetch", "load failed", "networkerror when attempting to fetch resource", "network request failed",
    "network error", "the network connection was lost", "the internet connection appears to be offline",
    "could not connect to the server", "a server with the specified hostname could not be found", "cancelled",
    "the request timed out", "error in input stream",
})  # fmt: skip
_WITH_HOST = re.compile(r"(failed to fetch|load failed) \([^)]{0,255}\)")


def wording_of(kind: str, message: str, *, stack: str = "") -> Wording | None:
    """The one wording of an engine's message; None for a message of the site's own.

    `kind` is the type of the error, empty where there is none. Safari calls two errors by one message, which only the
    stack tells from each other.
    """
    small = message.lower().rstrip(". ")
    if kind == "ChunkLoadError":
        return _CHUNK
    if kind in _BROWSER_TYPES:
        return _of_the_browser(kind, message, small)
    wording = _of_the_language(kind, message, small, stack) if kind in _LANGUAGE else None
    # A plain Error is the site's own, but that bundlers throw one for a chunk.
    return wording if kind != "Error" or wording is _CHUNK else None


def _of_the_language(kind: str, message: str, small: str, stack: str) -> Wording | None:
    whole = _WHOLE.get(small)
    if whole:
        return whole
    if kind in {"", _TYPE} and (small in _FETCH_WHOLE or _WITH_HOST.fullmatch(small)):
        return _FETCH
    for marker, pattern, make in _PATTERNS:
        if marker in small:
            match = pattern.match(message)
            if match:
                return make if isinstance(make, Wording) else make(match)
    if kind == _TYPE and small.endswith((" is undefined", " is null")):
        return _NOT_AN_OBJECT  # Firefox, where an object is taken apart
    if kind == "AggregateError" and not small:
        return _NONE_FULFILLED
    if kind == _SYNTAX and small == "the string did not match the expected pattern":
        return _NO_JSON_ANSWER if not stack or stack.startswith("json@[native") else _NO_SELECTOR
    return None


# --- what is not an object, a function, a constructor

_LAST_NAME = re.compile(r".*(?:\.|\?\.)(#?[\w$]+)|(.*)", re.DOTALL)
_INDEX = re.compile(r".*\[(?:'([^']*)'|\"([^\"]*)\"|[^\]]*)\]", re.DOTALL)
_ITERATION = re.compile(r"(?:const |let |var )?[\w$\[\]{}, ]{1,200} of ")
_VALUES = frozenset(
    {"undefined", "null", "object", "number", "string", "boolean", "symbol", "function", "this", "super"}
)
_MINIFIED = 2  # characters of a variable that says nothing


def _property(verb: str, name: str | None, of: str) -> Wording:
    if name and "Symbol.iterator" in name:
        return _NOT_ITERABLE
    if not name or name.isdigit():
        return _NOT_AN_OBJECT  # Safari tells no number: "evaluating 'rows[r]'"
    name = without_volatile_parts(name[:_NAME_CHARS_MAX])  # 'item_4711'
    return Wording(f"cannot {verb} property '{name}' of {of}", key=f"property '{name}' of {of}")


def _v8_property(match: re.Match[str]) -> Wording:
    verb, old, of, new = match.groups()
    return _property(verb, old or new, of)


def _firefox_property(match: re.Match[str]) -> Wording:
    quoted, plain, of = match.groups()
    return _property("read", quoted or plain, of)


def _safari_property(match: re.Match[str]) -> Wording:
    of, told, code = match.groups()
    if told != "evaluating":
        return _NOT_AN_OBJECT
    if code.startswith("[") or _ITERATION.match(code):
        return _NOT_ITERABLE
    if code.startswith("{"):
        return _NOT_AN_OBJECT
    code, written, _ = code.partition(" = ")
    if code.endswith(")"):
        return _NOT_CONVERTED  # "evaluating 'Object.keys(cart)'"
    return _property("set" if written else "read", _name(code), of)


def _name(code: str) -> str | None:
    """The property at the end of an expression; None for a variable, a call, an index that is computed."""
    code = code.strip("+- ")
    if code.endswith("]"):
        index = _INDEX.fullmatch(code)
        return index and (index[1] or index[2])
    match = _LAST_NAME.fullmatch(code)
    return match and match[1]


def _called(code: str) -> str:
    """What was called: the last name of an expression, 'value' where it has none that says something."""
    code = code.strip()
    if code.startswith("(0"):  # an imported function, called by a bundler's code: "(0 , cart.total)"
        code = code.rstrip(")")
    name = _name(code)
    if name is None and re.fullmatch(r"[\w$#]{3,}", code) and not code.isdigit() and code not in _VALUES:
        name = code
    return name[:_NAME_CHARS_MAX] if name else "value"


def _not_a_function(match: re.Match[str]) -> Wording:
    called, rest = match.groups(default="")
    if rest.startswith((" (near", " or its return value is not iterable")):
        return _NOT_ITERABLE
    return Wording(f"{_called(called)} is not a function")


def _not_a_constructor(match: re.Match[str]) -> Wording:
    named, code = match.groups()
    return Wording(f"{_called(code.partition('(')[0] if code else named)} is not a constructor")


# --- messages with something in them


def _not_defined(match: re.Match[str]) -> Wording:
    return Wording(f"{match[1]} is not defined")


def _unexpected_token(match: re.Match[str]) -> Wording:
    return Wording(f"unexpected token '{match[1][:_NAME_CHARS_MAX]}'")


def _argument(match: re.Match[str]) -> Wording:
    """V8 names the method before its interface, then the number; the others differ again."""
    found = match.groupdict()
    return Wording(f"argument {found['number']} of {found['owner']}.{found['method']} has the wrong type")


_Make = Wording | Callable[[re.Match[str]], Wording]


def _pattern(marker: str, pattern: str, make: _Make) -> tuple[str, re.Pattern[str], _Make]:
    return marker, re.compile(pattern, re.DOTALL | re.IGNORECASE), make


# Marker (in small letters), pattern, wording. The first that fits is taken.
_PATTERNS = (
    _pattern(
        " propert",
        r"Cannot (read|set) propert(?:y|ies) (?:'([^']*)' )?of (undefined|null)(?: \((?:reading|setting) '(.*)'\))?$",
        _v8_property,
    ),
    _pattern(
        "can't access property",
        r"can't access property (?:\"([^\"]{0,200})\"|([^\s,]{1,200})), .* is (undefined|null)$",
        _firefox_property,
    ),
    _pattern(
        "is not an object", r"(undefined|null) is not an object(?: \((evaluating|near) '(.*)'\))?$", _safari_property
    ),
    _pattern("destructure", r"Cannot destructure .* as it is (?:undefined|null)", _NOT_AN_OBJECT),
    _pattern(" is not a function", r"(.*?) is not a function((?:\. \(In | \(near | or its ).*)?$", _not_a_function),
    _pattern("must be a function", r"\S{1,80} callback must be a function$", Wording("value is not a function")),
    _pattern("is not a constructor", r"(.*?) is not a constructor(?: \(evaluating 'new (.*)'\))?$", _not_a_constructor),
    _pattern("is not iterable", r".* is not iterable", _NOT_ITERABLE),
    _pattern("spread syntax requires", r"Spread syntax requires ", _NOT_ITERABLE),
    _pattern(" is not defined", r"([\w$#.]{1,80}) is not defined$", _not_defined),
    _pattern("can't find variable: ", r"Can't find variable: ([\w$#.]{1,80})", _not_defined),
    _pattern(
        "before initialization",
        r"(?:Cannot access|can't access lexical declaration) '.*' before initialization",
        _TOO_EARLY,
    ),
    _pattern("invalid assignment to const", r"invalid assignment to const ", _READ_ONLY),
    _pattern("read only property", r"Cannot assign to read only property ", _READ_ONLY),
    _pattern("is read-only", r"\".*\" is read-only$", _READ_ONLY),
    _pattern("only a getter", r"Cannot set property .* which has only a getter", _READ_ONLY),
    _pattern("getter-only", r"setting getter-only property ", _READ_ONLY),
    _pattern("redefine", r"(?:Cannot redefine property: |can't redefine non-configurable property )", _READ_ONLY),
    _pattern("not extensible", r"Cannot add property .*, object is not extensible", _NOT_EXTENSIBLE),
    _pattern("not extensible", r"can't define property .*: .* is not extensible", _NOT_EXTENSIBLE),
    _pattern(
        "delete", r"(?:Cannot delete property |property .* is non-configurable and can't be deleted)", _NOT_DELETED
    ),
    _pattern("json", r"(?:JSON\.parse: |JSON Parse error: )", _INVALID_JSON),
    _pattern(
        "json", r".*(?: is not valid JSON|(?: in| after) JSON at position |Unexpected end of JSON)", _INVALID_JSON
    ),
    _pattern("circular structure", r"Converting circular structure to JSON", _CIRCULAR),
    _pattern("loading ", r"Loading (?:CSS )?chunk .* failed", _CHUNK),
    _pattern("dynamically imported", r"(?:Failed to fetch|error loading) dynamically imported module", _CHUNK),
    _pattern("unable to preload", r"Unable to preload CSS for ", _CHUNK),
    _pattern(
        "to object", r"(?:Cannot convert undefined or null|can't convert (?:undefined|null)) to object", _NOT_CONVERTED
    ),
    _pattern("null or undefined", r"[\w.]{1,80} called on null or undefined", _NOT_CONVERTED),
    _pattern("null or undefined", r"[\w.]{1,80} requires that \|this\| not be null or undefined", _NOT_CONVERTED),
    _pattern("class constructor", r"Class constructor .* cannot be invoked without 'new'", _NO_NEW),
    _pattern("super", r"(?:Must call super constructor|'super\(\)' must be called in derived)", _NO_SUPER),
    _pattern("typed array length", r"Invalid typed array length", _INVALID_LENGTH),
    _pattern("argument must be between", r"to\w+\(\) (?:digits |precision )?argument must be between", _INVALID_DIGITS),
    _pattern("precision", r"precision \S+ out of range", _INVALID_DIGITS),
    _pattern("invalid regular expression", r"Invalid regular expression", _INVALID_REGEXP),
    _pattern("bigint", r"Invalid mix of BigInt and other type", _BIGINT_MIXED),
    _pattern("url", r"URL constructor: .* is not a valid URL", _INVALID_URL),
    _pattern("url", r"\".*\" cannot be parsed as a URL", _INVALID_URL),
    _pattern("'in' operator", r"cannot use 'in' operator to search for ", _IN),
    _pattern("operand", r"right-hand side of 'in' should be an object", _IN),
    _pattern("is not an object. (evaluating", r".* is not an Object\. \(evaluating '.* in .*'\)", _IN),
    _pattern("instanceof", r"(?:Right.hand side of '?instanceof'? is not|invalid 'instanceof' operand)", _INSTANCEOF),
    _pattern("count value", r"Invalid count value: ", _INVALID_REPEAT),
    _pattern("prototype.repeat", r"String\.prototype\.repeat argument must be", _INVALID_REPEAT),
    _pattern("proxy", r"(?:Cannot perform '\w+' on a proxy that|Proxy) has (?:already )?been revoked", _REVOKED),
    _pattern("to primitive type", r"can't convert .* to primitive type", _PRIMITIVE),
    _pattern("language tag", r"(?:invalid|incorrect) language tag", _INVALID_LANGUAGE),
    _pattern("currency code", r"Invalid currency code", _INVALID_CURRENCY),
    _pattern("valid selector", r"(?:.*: )?'.*' is not a valid selector", _NO_SELECTOR),
    _pattern("unexpected token", r"Unexpected token '(.*)'$", _unexpected_token),
    _pattern("expected expression", r"expected expression, got '(.*)'$", _unexpected_token),
    _pattern(
        "parameter",
        r"Failed to execute '(?P<method>\w+)' on '(?P<owner>\w+)': parameter (?P<number>\d+) is not of type",
        _argument,
    ),
    _pattern("argument", r"(?P<owner>\w+)\.(?P<method>\w+): Argument (?P<number>\d+) ", _argument),
    _pattern(
        "argument",
        r"Argument (?P<number>\d+) \('\w+'\) to (?P<owner>\w+)\.(?P<method>\w+) must be an instance of",
        _argument,
    ),
    _pattern(" has no properties", r"(?:undefined|null) has no properties", _NOT_AN_OBJECT),
)

# --- what the browser, not the language, says: told by its type

_BY_TYPE = {
    "NotFoundError": "the object was not found where it was to be",
    "HierarchyRequestError": "the nodes would make no tree",
    "InvalidCharacterError": "the text has an invalid character",
    "InvalidStateError": "the object is in the wrong state",
    "DataCloneError": "the object could not be cloned",
    "SecurityError": "blocked by the browser for security",
    "NotSupportedError": "the operation is not supported",
    "NotAllowedError": "not allowed by the browser",
    "InvalidAccessError": "the object does not support the operation",
    "IndexSizeError": "the index is out of range",
    "NoModificationAllowedError": "the object cannot be modified",
    "WrongDocumentError": "the object is in another document",
}
# How Chrome and Firefox begin what their interfaces say; Safari, and Firefox at times, say one sentence for each type.
_INTERFACE = re.compile(
    r"Failed to (?:execute|read|set|construct|enumerate|delete|convert) |[A-Z]\w{1,60}(?:\.\w{1,60}| constructor): "
    r"|Blocked (?:a frame|attempt) |Permission denied to access property "
)
_SENTENCES = frozenset({
    "the object can not be found here", "the operation would yield an incorrect node tree",
    "the string contains invalid characters", "string contains an invalid character", "the object is in an invalid state",
    "an attempt was made to use an object that is not, or is no longer, usable", "the object can not be cloned",
    "the object could not be cloned", "function object could not be cloned", "the operation is insecure",
    "the operation is not supported", "operation is not supported",
    "the request is not allowed by the user agent or the platform in the current context",
    "the object does not support the operation or argument", "the index is not in the allowed range",
    "index or size is negative or greater than the allowed amount", "the object can not be modified",
    "node cannot be inserted at the specified point in the hierarchy", "node was not found",
})  # fmt: skip
_PLAYING = re.compile(
    r"play\(\) (?:failed|can only)|The play method is not allowed|The request is not allowed by the user agent or the platform"
    r" in the current context, possibly because the user denied permission"
)
_QUOTA_TYPES = frozenset({"QuotaExceededError", "NS_ERROR_DOM_QUOTA_REACHED", "QUOTA_EXCEEDED_ERR"})
_ABORTED_WORDS = re.compile(r".*(?:abort|request was interrupted)|The operation was cancel", re.DOTALL | re.IGNORECASE)


_BROWSER_TYPES = frozenset({*_BY_TYPE, *_QUOTA_TYPES, "AbortError", "TimeoutError"})


def _of_the_browser(kind: str, message: str, small: str) -> Wording | None:
    if kind == "AbortError":
        return _ABORTED if _ABORTED_WORDS.match(message) else None
    if kind == "TimeoutError":
        return _TIMED_OUT if small in {"signal timed out", "the operation timed out"} else None
    if kind in _QUOTA_TYPES:
        return _QUOTA if "quota" in small or "maximum size" in small else None
    if kind == "NotAllowedError" and _PLAYING.match(message):
        return _PLAY
    text = _BY_TYPE.get(kind)
    if text and (small in _SENTENCES or _INTERFACE.match(message)):
        return Wording(text)
    return None
