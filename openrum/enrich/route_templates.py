"""Rules of the monitor's owner and templates that were learned: lists of paths with gaps, asked in one walk.

before   rules ["/products/*/reviews", "/app/**"], path "/products/17/reviews"
after    "/products/*/reviews": the rule's own text, for the first that fits wins

In a rule `*` is one segment, and `**`, at the end only, any rest, none included. In a learned template `:slug` and `:name` are
one segment that a title, a name or an id may be, but no word of a menu; what else stands there is meant literally.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from openrum.enrich.route_places import is_one_of_many

RULE_CHARS_MAX = 512
_RULES_SEGMENTS_MAX = 32
_NONE = 1 << 62  # the number of no text
LEARNED = (":slug", ":name")
_ID_WITHIN = re.compile(r":(?:id|hash)(?![a-z])")


class BadRoute(ValueError):
    """A rule for routes that nothing could follow. The message says what is wrong and what would do."""


def check_rule(rule: str) -> None:
    """Raise BadRoute unless the rule can be followed."""
    example = "for example /products/*/reviews or /app/**"
    if rule[:1] not in {"/", "#"}:
        raise BadRoute(f"{rule[:80]!r} must begin with '/', or with '#' for a hash route: {example}")
    if len(rule) > RULE_CHARS_MAX:
        raise BadRoute(f"a rule may have {RULE_CHARS_MAX} characters, this one has {len(rule)}: shorten it with **")
    if "?" in rule:
        raise BadRoute(f"{rule!r} has a query, which no route has: leave out what follows the '?'")
    if not rule.isprintable() or rule != rule.strip():
        raise BadRoute(f"{rule!r} has spaces around it, or characters that cannot be seen: leave them out")
    *inner, last = _split(rule)
    if "" in [*inner[1:], last][: len(inner)] and rule != "/":
        raise BadRoute(f"{rule!r} has an empty segment: write single slashes, and none at the end")
    if len(inner) >= _RULES_SEGMENTS_MAX:
        raise BadRoute(f"{rule!r} has more than {_RULES_SEGMENTS_MAX} segments: shorten it with **")
    if "**" in inner:
        raise BadRoute(f"{rule!r} goes on after '**', which is any rest: let it stand last, or write * for one segment")
    for segment in (*inner, last):
        if "*" in segment and segment not in {"*", "**"}:
            raise BadRoute(f"{segment!r} mixes '*' with text: a '*' stands for a whole segment, {example}")


class Templates:
    """Texts with gaps; `find` gives the first that fits a path."""

    def __init__(self, texts: Iterable[str], is_gap: Callable[[str], bool], fits_gap: Callable[[str], bool]) -> None:
        self._texts = list(dict.fromkeys(texts))
        self._known = frozenset(self._texts)
        self._is_gap, self._fits_gap = is_gap, fits_gap
        self._root = _Node()
        for order, text in enumerate(self._texts):
            self._add(order, _split(text))

    def __bool__(self) -> bool:
        return bool(self._texts)

    def find(self, path: str) -> str | None:
        """The text of the first that fits; a text itself is its own."""
        if path in self._known:
            return path
        best = self._walk(self._root, _split(path), 0)
        return None if best == _NONE else self._texts[best]

    def _add(self, order: int, segments: Sequence[str]) -> None:
        node = self._root
        for segment in segments:
            if segment == "**":
                node.rest = order if node.rest is None else node.rest
                return
            if self._is_gap(segment):
                node.gap = node.gap or _Node()
                node = node.gap
            else:
                node = node.literal.setdefault(segment, _Node())
        node.end = order if node.end is None else node.end

    def _walk(self, node: "_Node", segments: Sequence[str], at: int) -> int:
        """The lowest number of all that fit. No deeper than the deepest text, nor wider than all texts."""
        rest = node.rest if node.rest is not None else _NONE
        if at == len(segments):
            return min(rest, node.end if node.end is not None else _NONE)
        segment = segments[at]
        literal = node.literal.get(segment)
        found = self._walk(literal, segments, at + 1) if literal is not None else _NONE
        if node.gap is not None and self._fits_gap(segment):
            found = min(found, self._walk(node.gap, segments, at + 1))
        return min(rest, found)


class _Node:
    """Where a walk stands: what may follow literally, what by a gap, and which text ends here."""

    __slots__ = ("end", "gap", "literal", "rest")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.gap: _Node | None = None
        self.end: int | None = None
        self.rest: int | None = None


def rules_of(texts: Sequence[str]) -> Templates:
    """The owner's rules, in the owner's order. Raises BadRoute."""
    for text in texts:
        check_rule(text)
    return Templates(texts, "*".__eq__, bool)


def learned_of(texts: Iterable[str]) -> Templates:
    """Learned templates, whatever order they come in: those that say more go first."""
    return Templates(sorted(texts, key=_vagueness), LEARNED.__contains__, _fits_learned)


def _vagueness(text: str) -> tuple[int, str]:
    return sum(segment in LEARNED for segment in _split(text)), text


def _fits_learned(segment: str) -> bool:
    """Titles, names, and ids by form; dates and numbers are something else, and so is a menu."""
    return segment in LEARNED or is_one_of_many(segment) or bool(_ID_WITHIN.search(segment))


def _split(text: str) -> list[str]:
    return text.split("/")
