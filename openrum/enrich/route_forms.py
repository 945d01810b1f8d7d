"""One segment of a path, alone: is it a word, or a placeholder's? By its form only; its place is `route_places.py`'s.

before   "48213"   "red-mug-48213"   "4f9c2a1b"   "2026-11-25"   "4.18.2"     "800x600"   "app.4f9c2a.js"   "teapot"
after    ":id"     ":id"             ":hash"      ":date"        ":version"   ":number"   "app.:hash.js"    "teapot"

The placeholders, few and plain:

    :id        what names one thing: whole numbers, UUIDs, ULIDs, 24 or 32 hex digits, random tokens, slugs with one of those
    :hash      other hex digits: hashes of contents, commits; in names of bundles, their tokens too
    :date      a day, month, quarter, week or year, with or without a time
    :version   of software: two numbers and more; API versions (v1, v2beta, v19.0) are words
    :number    what counts or measures: decimals, signed numbers, ranges, sizes, places on a map
    :email     an e-mail address
    :slug      a title in words      } by place, or learned
    :name      somebody's name       }

Whatever holds a placeholder already stays as it is, so that grouping twice is grouping once.
"""

import re

from openrum.enrich.route_words import BUNDLES, DOCUMENTS, PICTURES

PLACEHOLDER = re.compile(r":(?:id|hash|date|number|version|email|slug|name)(?![a-z])")

_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_HEX = "[0-9A-Fa-f]"
_DIGIT = re.compile(r"\d", re.ASCII)
_PRERELEASE = r"(?:[-+.]?(?:alpha|beta|rc|pre|preview|dev|canary|next|nightly|post|final|snapshot|[ab])[-.\d]{0,16})?"
# The first that fits the whole segment wins; the group's name is the placeholder's, or what is done about it.
_WHOLE = re.compile(
    rf"""
    (?P<date> {_YEAR}([-._]?){_MONTH}\2{_DAY}(?:[T_ -]?\d\d[:.-]?\d\d(?:[:.-]?\d\d(?:\.\d{{1,9}})?)?(?:Z|[+-]\d\d:?\d\d)?)?
            | {_YEAR}[-._]{_MONTH} | {_DAY}([-.]){_MONTH}\3{_YEAR} | {_MONTH}-{_DAY}-{_YEAR}
            | {_YEAR}-?[Ww]\d\d | {_YEAR}-?[Qq][1-4] | [Qq][1-4]-?{_YEAR} )
  | (?P<id>   {_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}} | \d+ | {_HEX}{{24}} | {_HEX}{{32}}
            | 0[0-9A-HJKMNP-TV-Z]{{25}}
            | \d{{1,3}}(?:\.\d{{1,3}}){{3}} | {_HEX}{{0,4}}(?::{_HEX}{{0,4}}){{2,8}} | \+\d{{6,}}
            | \d+(?:,\d+)+ | \d+(?:-\d+){{2,}} | \d+_\d+
            | [A-Z][A-Z0-9]{{1,9}}(?:-{_YEAR})?-\d+ | [A-Z]\d{{3,}} | [A-Za-z]{{1,3}}(?!{_YEAR}$)\d{{4,}} | [A-Za-z]+_?\d{{5,}}
            | eyJ[\w-]+\.[\w-]+\.[\w-]* | \{{[^{{}}]*\}} )
  | (?P<api>  v\d{{1,3}}(?:[._]\d{{1,3}})?(?:(?:alpha|beta|rc|p)\d{{0,3}})? )
  | (?P<version> v?\d+\.\d+\.\d+(?:\.\d+)?{_PRERELEASE} | v?\d{{1,2}}\.\d{{1,2}}{_PRERELEASE} )
  | (?P<number> [-+]?\d+[.,]?\d* | \d{{1,6}}-\d{{1,6}} | \d{{1,6}}x\d{{1,6}} | \d+%(?:25)?
            | @?-?\d{{1,3}}\.\d+,-?\d{{1,3}}\.\d+(?:,[\d.]+[a-z]*)* )
    """,
    re.VERBOSE | re.ASCII,
)
_MAIL = re.compile(r"[^@\s]{1,64}@[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"([@~])[A-Za-z][\w.-]*")
_CALL = re.compile(r"(\w+)\([^()]*\)")
_PAIR = re.compile(r"(\w{1,40})=(.+)")
_VERB = re.compile(r"([\w-]+):([a-z][A-Za-z]*)", re.ASCII)
_RANGE_OF_VERSIONS = re.compile(r"v?\d+(?:\.\d+){1,3}(\.{2,3})v?\d+(?:\.\d+){1,3}", re.ASCII)
_DATE_WITHIN = re.compile(rf"(?<!\d){_YEAR}([-_.]?){_MONTH}\1{_DAY}(?:[-_T]\d{{4,6}}Z?)?(?!\d)", re.ASCII)
_VERSION_AT_END = re.compile(
    rf"(?:(?<=@)v?\d+(?:\.\d+)*|(?<=[\w][-_])v?\d+(?:\.\d+){{1,3}}){_PRERELEASE}$"
    r"|(?<=[\w][-_])v?\d+\.\d+\.\d+(?=[-_])",
    re.ASCII,
)
_VERSION_WITHIN = re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?![\w])|(?<=[\w]\.)\d+\.\d+\.\d+(?![\w])", re.ASCII)
_PADDED_AT_END = re.compile(r"(?<=[A-Za-z][-_])0\d{2,7}$", re.ASCII)
_CAMERA = re.compile(r"(IMG|DSC|DSCN|DSCF|PXL|VID|MVI)([_-]?)\d{3,}", re.ASCII)
_BEFORE_WORDS = re.compile(rf"(?!{_YEAR}[-_]){_DIGIT.pattern}{{4,}}[-_](?=.*[A-Za-z])", re.ASCII)
_AFTER_WORDS = re.compile(r"(?:[-_][a-z]?\d{5,}|(?<=[A-Za-z])\.\d+|(?<!\d)\d{9,})$", re.ASCII)
_BETWEEN = re.compile(r"[-_.~]")
_HEXES = re.compile(rf"{_HEX}+")
_TOKEN = re.compile(r"[\w-]+={0,2}", re.ASCII)
_CHUNK = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[-_]")
_EIGHT_AT_END = re.compile(r"(?:^|[-.])([\w-]{8})$", re.ASCII)
_CHARS_JUDGED = 192  # longer ones are no words


def form_of(segment: str) -> str:
    """The segment as a route shows it: itself, a placeholder, or itself with placeholders in it."""
    if ":" in segment and PLACEHOLDER.search(segment):
        return segment
    if len(segment) > _CHARS_JUDGED:
        return ":id"
    stem, dot, ending = segment.rpartition(".")
    if dot and stem and (kind := ending.lower()) not in _NO_FILES:
        if kind in BUNDLES or kind in PICTURES:
            return f"{_asset(stem, kind)}.{ending}"
        if kind in DOCUMENTS:
            return f"{_name(stem)}.{ending}"
    return _name(segment)


_NO_FILES = frozenset({"", "com"})


def ending_of(segment: str) -> str:
    """'.html' of 'story.html'; empty where the segment is no file's name."""
    stem, dot, ending = segment.rpartition(".")
    known = ending.lower()
    return dot + ending if stem and (known in DOCUMENTS or known in PICTURES or known in BUNDLES) else ""


def _name(text: str) -> str:
    if "@" in text:
        if _MAIL.fullmatch(text) and not _VERSION_AT_END.search(text):
            return ":email"
        if handle := _HANDLE.fullmatch(text):
            return f"{handle[1]}:name"
    if not _DIGIT.search(text):
        return _without_digits(text)
    if (whole := _WHOLE.fullmatch(text)) is not None:
        kind = whole.lastgroup
        if kind == "api":
            return text
        return f"@:{kind}" if text[0] == "@" else f":{kind}"
    if len(text) >= 7 and _HEXES.fullmatch(text) and text in {text.lower(), text.upper()}:
        return ":hash"
    return _composed(text) or _with_parts(text)


def _without_digits(text: str) -> str:
    if call := _CALL.fullmatch(text):
        return f"{call[1]}(:id)"
    if text.isalpha() and len(text) < 16:
        return text
    if text[0] == "{" and text[-1] == "}":
        return ":id"
    if len(text) >= 16 and "_" not in text and "-" not in text and _is_token(text):
        return ":id"
    return text


def _composed(text: str) -> str | None:
    """What has an inside of its own: Products(17), page=2, 9981:cancel, v1.2.0...v1.3.0, react@18, report-2026-11-25."""
    if call := _CALL.fullmatch(text):
        return f"{call[1]}(:id)"
    if pair := _PAIR.fullmatch(text):
        return _pair(pair[1], pair[2])
    if verb := _VERB.fullmatch(text):
        return f"{_name(verb[1])}:{verb[2]}"
    if versions := _RANGE_OF_VERSIONS.fullmatch(text):
        return f":version{versions[1]}:version"
    if camera := _CAMERA.fullmatch(text):
        return f"{camera[1]}{camera[2]}:number"
    if date := _DATE_WITHIN.search(text):
        rest = text[: date.start()], text[date.end() :]
        return ":id" if any(map(_has_id_part, rest)) else f"{rest[0]}:date{rest[1]}"
    for pattern, placeholder in ((_VERSION_AT_END, ":version"), (_PADDED_AT_END, ":number")):
        changed, times = pattern.subn(placeholder, text)
        if times:
            return changed
    return None


def _pair(name: str, value: str) -> str:
    known = name.lower()
    if known in {"year", "date"}:
        return f"{name}=:date"
    if known in {"month", "day", "hour", "page"}:
        return f"{name}=:number"
    return f"{name}={_name(value)}"


def _with_parts(text: str) -> str:
    """Words with an id before, after or between them are an id."""
    if _BEFORE_WORDS.match(text) or _AFTER_WORDS.search(text):
        return ":id"
    if _TOKEN.fullmatch(text) and _is_token(text.rstrip("=")):
        return ":id"
    return ":id" if _has_id_part(text) else text


def _has_id_part(text: str) -> bool:
    parts = _BETWEEN.split(text)
    return len(parts) > 1 and any(map(_is_id_part, parts))


def _is_id_part(part: str) -> bool:
    if len(part) < 7 or not _DIGIT.search(part):
        return False
    if part.isdigit():
        return len(part) >= 8
    if _HEXES.fullmatch(part):
        return len(part) >= 8
    return (part[0].isalpha() and part[1:].isdigit()) or (part.isalnum() and _is_token(part))


def _is_token(text: str) -> bool:
    """Whether letters and digits alternate as in random text, and not as in `iPhone15Pro` or `html5css3`."""
    size = len(text)
    if size < 6:
        return False
    chunks = len(_CHUNK.findall(text))
    digits, lower, upper = bool(_DIGIT.search(text)), text != text.upper(), text != text.lower()
    if not digits:
        return lower and upper and size >= 16 and chunks >= 0.34 * size
    if "-" in text or "_" in text:
        return lower and upper and size >= 16 and chunks >= 0.34 * size
    if upper and not lower:
        return chunks >= 3
    if upper:
        return size >= 7 and chunks >= 5 and chunks >= (0.4 if size < 16 else 0.28) * size
    return size >= 8 and chunks >= (5 if size < 16 else 4) and chunks >= (0.4 if size < 16 else 0.2) * size


def _asset(stem: str, kind: str) -> str:
    """The name of a file that a page loads: what is a hash in it is a hash, what is left is judged as any name."""
    whole = _WHOLE.fullmatch(stem)
    if whole is not None:
        return stem if whole.lastgroup == "api" else f":{whole.lastgroup}"
    changed, times = _VERSION_WITHIN.subn(":version", stem)
    if times:
        return changed
    if kind in {"ts", "m4s"} and stem[-1:].isdigit() and "-" not in stem:
        return f"{stem.rstrip('0123456789')}:number"
    pieces = stem.split(".")
    hashed = [_piece(piece, kind) for piece in pieces]
    if any(":hash" in piece for piece in hashed):
        return ".".join(hashed)
    name = _name(stem)
    return ":hash" if name == ":id" and kind in BUNDLES and not stem.isdigit() else name


def _piece(piece: str, kind: str) -> str:
    if _is_hash(piece):
        return ":hash"
    if piece.isdigit():
        return ":id"
    end = _EIGHT_AT_END.search(piece) if kind in BUNDLES or kind in PICTURES else None
    if end is not None and _is_eight(end[1]) and (end.start() > 0 or _DIGIT.search(piece)):
        return f"{piece[:-8]}:hash"
    parts = piece.split("-")
    found = [":hash" if _is_hash(part) else part for part in parts]
    if found == parts:
        return piece
    return "-".join(":id" if part.isdigit() else part for part in found)


def _is_hash(part: str) -> bool:
    return len(part) >= 6 and bool(_HEXES.fullmatch(part) and _DIGIT.search(part)) and not part.isdigit()


def _is_eight(part: str) -> bool:
    """The eight characters of Vite, Rollup and esbuild: no word, and no two words joined as TabPanel."""
    if part != part.lower() and part != part.upper():
        return bool(_DIGIT.search(part)) or min(map(len, _CHUNK.findall(part))) < 3
    return part == part.upper() and part.isalnum() and not part.isdigit()
