"""The segments of one path, together: what a segment is where its place says more than its form.

before   ["blog", "2026", "11", "25", "how-we-moved"]   ["users", "alice"]   ["page", "3"]         ["wiki", "Ada_Lovelace"]
after    ["blog", ":date", ":slug"]                      ["users", ":name"]   ["page", ":number"]   ["wiki", ":slug"]

Words stay words but where what stands before them makes them plainly one of many, by the tables of `route_words.py`.
"""

import re
from collections.abc import Sequence

from openrum.enrich.route_forms import PLACEHOLDER, ending_of, form_of
from openrum.enrich.route_words import (
    DATED,
    MENU,
    MONTHS,
    NUMBERED,
    PEOPLE,
    PICTURES,
    STATUS_PAGES,
    TITLED,
    TITLED_AT_LENGTH,
)

_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_DAY = re.compile(r"0?[1-9]|[12]\d|3[01]", re.ASCII)
_MONTH = re.compile(r"0?[1-9]|1[0-2]", re.ASCII)
_WORD = re.compile(r"[^\W\d][\w.'\u2019-]{0,63}")
_LOCALE = re.compile(r"[a-z]{2}(?:[-_](?:[A-Z][a-z]{3}|[A-Za-z]{2}|\d{3}))?", re.ASCII)
_API_WORD = re.compile(r"api|rest|graphql|v\d{1,3}(?:\.\d{1,3})?", re.ASCII)
_DATE_FIRST = re.compile(r":date[-_](?=[^\W\d])")


def grouped(segments: Sequence[str]) -> list[str]:
    """The same path with its placeholders; shorter where year, month and day were segments of their own."""
    out: list[str] = []
    size, at = len(segments), 0
    while at < size:
        segment = segments[at]
        if segment[0] in "12" and (taken := _date_run(segments, at, out)):
            out.append(":date")
            at += taken
            continue
        out.append(_placed(segment, out, at, size))
        at += 1
    if size >= 3:
        _tiles(out)
    return out


def is_one_of_many(segment: str) -> bool:
    """Whether a segment can be a title or a name: a word that is no part of a menu, and no placeholder."""
    return segment.lower() not in MENU and not (":" in segment and PLACEHOLDER.search(segment))


def is_locale(segment: str) -> bool:
    """en, de-DE, pt_BR, zh-Hans, es-419."""
    return _LOCALE.fullmatch(segment) is not None


def holds_many(word: str) -> bool:
    """Whether things or people stand below a segment of this name: blog, products, users."""
    known = word.lower()
    return known in TITLED or known in TITLED_AT_LENGTH or known in PEOPLE


def _date_run(segments: Sequence[str], at: int, out: list[str]) -> int:
    """How many segments from here are one date: 2026/11/25, 2026/nov/25, 2026/11, or a year where dates belong."""
    if not _YEAR.fullmatch(segments[at]):
        return 0
    after = segments[at + 1] if at + 1 < len(segments) else ""
    if after and (_MONTH.fullmatch(after) or after.lower() in MONTHS):
        third = segments[at + 2] if at + 2 < len(segments) else ""
        return 3 if third and _DAY.fullmatch(third) else 2
    return 1 if not out or out[-1].lower() in DATED or is_locale(out[-1]) else 0


def _placed(segment: str, out: list[str], at: int, size: int) -> str:
    before = out[-1].lower() if out else ""
    if segment.isdigit() and before in NUMBERED:
        return ":number"
    if before == "api" and len(segment) == 1:
        return segment  # a version: /rest/api/2
    if before == "wiki" and _is_wiki_title(segment):
        return ":slug"
    if segment[:3] in STATUS_PAGES and segment[3:] in _PAGE_ENDINGS and (size == 1 or before in _OF_STATUS):
        return segment
    form = form_of(segment)
    if form != segment:
        return _of_changed(form, segment, before)
    return _of_word(segment, before, out, last=at == size - 1) if before else segment


def _of_word(segment: str, before: str, out: list[str], *, last: bool) -> str:
    """A word that its place makes one of many: a name, a title, a title's page."""
    ending = ending_of(segment)
    stem = segment[: len(segment) - len(ending)] if ending else segment
    if before in PEOPLE and not ending:
        return ":name" if _WORD.fullmatch(segment) and is_one_of_many(segment) and not _is_api(out) else segment
    words = stem.count("-") + stem.count("_") + 1
    if words == 1 or "=" in segment or ending.lower() not in _PAGE_ENDINGS:
        return segment
    if not _is_title(words, before, out, last=last) or not is_one_of_many(stem):
        return segment
    people = before == ":id" and len(out) >= 2 and out[-2].lower() in PEOPLE
    return f"{':name' if people else ':slug'}{ending}"


_PAGE_ENDINGS = frozenset({"", ".html", ".htm", ".php", ".aspx"})
_OF_STATUS = frozenset({"status", "http-status", "error", "errors", "error-pages"})


def _of_changed(form: str, segment: str, before: str) -> str:
    """A title that begins with its date is a title, and the numbers that only count do not name."""
    if _DATE_FIRST.match(form):
        return ":slug" if segment.count("-") >= 2 and not ending_of(segment) else form
    if form == ":version" and before in {"price", "prices", "amount", "calculator", "rate", "temperature"}:
        return ":number"
    return form


def _is_title(words: int, before: str, out: list[str], *, last: bool) -> bool:
    if before in TITLED or before == ":date":
        return True
    if before in {":id", ":hash"}:
        return words >= 3 or (last and len(out) >= 2 and out[-2].lower() in PEOPLE)
    if words >= 3:
        return before in TITLED_AT_LENGTH or (last and ":date" in out)
    return False


def _is_wiki_title(segment: str) -> bool:
    if segment.startswith("Special:") or not is_one_of_many(segment):
        return False
    return segment[0].isupper() or not segment.isascii() or "_" in segment


def _is_api(out: list[str]) -> bool:
    """Below an API, what follows `users` may be a method of it; by name, people are asked for on pages."""
    return any(_API_WORD.fullmatch(segment) for segment in out)


def _tiles(out: list[str]) -> None:
    """Three whole numbers in a row, the last a picture's: a tile of a map, z/x/y."""
    stem, _, ending = out[-1].partition(".")
    if stem == ":id" and ending.lower() in PICTURES and out[-3:-1] == [":id", ":id"]:
        out[-3:] = [":number", ":number", f":number.{ending}"]
