"""Texts without what differs from one event to the next: numbers, ids, hashes, URLs, data in quotes.

before   'Order 4711 of "Ann Lee" not found at https://shop.example/api/orders/4711'
after    'Order * of * not found at *'

Words stay, and so does a quoted name ('email'): a message is told from another by them. It is a judgement on what looks
made by a machine; where in doubt a text stays as it is, for two groups are easier to read than one that mixes errors.
Every pattern is linear, and no more than the first part of a text is looked at.
"""

import re

_CHARS_MAX = 1_000
_PLACEHOLDER = "*"

_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[:?@\"'`]")
_DIGIT = re.compile(r"\d")
# What a whole run of characters gives away, before single tokens are looked at.
_RUNS = re.compile(
    r"""
      (?P<url>\b(?:(?:https?|wss?|ftp|file|blob:https?|webpack|webpack-internal|(?:chrome|moz|safari-web)-extension)://
          | data:[\w.+-]{1,40}+/)[^\s"'`<>)]++)
    | (?P<query>(?<=[\w/])\?[\w.~-]{1,80}+=[^\s"'`<>)]*+)
    | (?P<email>(?<![\w.+-])[\w.+-]{1,64}+@[\w-]++(?:\.[\w-]++)++)
    | (?P<quoted>(?<![\w\\])(?:"[^"\n]{0,300}+"|'[^'\n]{0,300}+'|`[^`\n]{0,300}+`)(?!\w))
    """,
    re.VERBOSE,
)
_QUOTED_NAME = re.compile(r"#?[A-Za-z_$][A-Za-z_$\-]{0,40}(?:\.[A-Za-z_$][A-Za-z_$\-]{0,40}){0,5}")
_MADE = re.compile(
    r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"
    r"|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d)?)?"
    r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:[A-Z][a-z]{2} \d{1,2}|\d{1,2} [A-Z][a-z]{2}),? \d{4}"
    r"(?: \d\d:\d\d:\d\d(?: GMT(?:[+-]\d{4})?)?)?"
    r"|\b\d+(?:\.\d+)?[eE][+-]?\d+\b|\b0[xX][0-9a-fA-F]+\b"
)
_TOKEN = re.compile(r"(?<!\w)[^\W\d]*+\d[\w\-]*+")  # a word with a digit in it, and what hangs on by a hyphen
_PARTS_OF_TOKEN = re.compile(r"[^\-_]+")
_LETTERS_OF_HASH = re.compile(r"(?<![\w\-])(?:[a-f]{8,}|[A-F]{8,})(?![\w\-])")
_NUMBERS = re.compile(
    r"(?<![\w*])[-+$€£#]?\*(?:[.,:/x%*\-]+\*)*%?"
)  # '-*', '*.*', '*:*', '#*' and so on are one number

# Numbers that are names: what they mean is on a page of the library's own.
_CODE = re.compile(r"NG0?\d{3,4}")
_BEFORE_CODE = "React error #"
_UNIT = re.compile(r"\d+(?:ms|s|min|h|px|em|rem|[kKmMgG]i?[bB]|st|nd|rd|th|x|xx)")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{6,}")
_DIGITS = re.compile(r"\d+")
_ID_WITHIN = re.compile(r"\d(?:[a-z]|[A-Z](?![a-z]{2}))")  # 'k3j9x0ab', 'V1StGXR8'; but 'base64Decode' is words

_VERSION = re.compile(r"v?\d+(?:\.\d+)+|\d{4}-\d\d-\d\d")
_NAME = re.compile(r"[\w\-]+")
_SEPARATED = re.compile(r"([.\-_~]?)([^.\-_~]*)")
_TAIL = re.compile(r"[-.]([A-Za-z0-9_\-]{8})$")  # what Rollup, Vite and esbuild put at the end of a name
_WORDS = re.compile(r"(?:[A-Z]?[a-z]+(?:[A-Z][a-z]{2,})*(?:[-_]|$))+")


def without_volatile_parts(text: str) -> str:
    """The text in one line, a placeholder for every part that looks like data. At most the first 1,000 characters."""
    text = _SPACE.sub(" ", text[:_CHARS_MAX]).strip()
    if _MARKS.search(text):
        text = _RUNS.sub(_run, text)
    if _DIGIT.search(text):
        text = _TOKEN.sub(_token, _MADE.sub(_PLACEHOLDER, text))
        text = _NUMBERS.sub(_PLACEHOLDER, text)
    return _LETTERS_OF_HASH.sub(_PLACEHOLDER, text)


def without_hashes(path: str) -> str:
    """A path of a script, whatever the build: '/js/checkout.4f9c2a.js' and '/js/checkout.js' are '/js/checkout.js'."""
    *folders, name = path[:_CHARS_MAX].split("/")
    return "/".join([*(_folder(folder) for folder in folders), _file_name(name)])


def _run(match: re.Match[str]) -> str:
    if match.lastgroup == "query":
        return ""
    if match.lastgroup == "quoted":
        quoted = match[0]
        return quoted if _QUOTED_NAME.fullmatch(quoted, 1, len(quoted) - 1) else _PLACEHOLDER
    return _PLACEHOLDER


def _token(match: re.Match[str]) -> str:
    token = match[0]
    if _CODE.fullmatch(token) or match.string.endswith(_BEFORE_CODE, 0, match.start()):
        return token
    if len(token) >= 16 and _has_both_cases(token):
        return _PLACEHOLDER
    return _PARTS_OF_TOKEN.sub(_part, token)


def _part(match: re.Match[str]) -> str:
    part = match[0]
    if part.isalpha():
        return part
    if not _UNIT.fullmatch(part) and (_HEX.fullmatch(part) or (len(part) >= 5 and _ID_WITHIN.search(part))):
        return _PLACEHOLDER
    return _DIGITS.sub(_PLACEHOLDER, part)


def _folder(folder: str) -> str:
    """A folder named after a build, a version or a day is a placeholder."""
    made = folder.isdigit() or _VERSION.fullmatch(folder) or _is_hash(folder)
    long = len(folder) >= 16 and _DIGIT.search(folder) and _has_both_cases(folder) and _NAME.fullmatch(folder)
    return _PLACEHOLDER if made or long else folder


def _file_name(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return _folder(name)
    tail = _TAIL.search(stem)
    if tail and not _WORDS.fullmatch(tail[1]):
        stem = stem[: tail.start()]
    kept = ""
    for separator, part in _SEPARATED.findall(stem):
        if part.isdigit():
            kept += separator + _PLACEHOLDER
        elif not (_is_hash(part) or (separator and part == "min")):
            kept += separator + part
    return (kept or _PLACEHOLDER) + dot + extension


def _is_hash(part: str) -> bool:
    """Hexadecimal of some length, or long and of all kinds of characters."""
    if len(part) >= 6 and _HEX.fullmatch(part):
        return len(part) >= 8 or _DIGIT.search(part) is not None
    return len(part) >= 20 and part.isalnum() and _has_both_cases(part) and _DIGIT.search(part) is not None


def _has_both_cases(text: str) -> bool:
    return text.lower() != text != text.upper()
