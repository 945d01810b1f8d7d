"""What the forms cannot tell: words that look like words, but are many. From the groups seen, templates for those to come.

before   {"/blog/winter": 3, "/blog/spring": 1, … 60 of them, "/team/winter/rota": 9, …}
after    ["/blog/:slug"]

A place in a path is open, one of many, where it holds at least `values_min` different words and they look like a long tail
rather than a menu. A menu is closed: the more people come, the more often each of its pages is seen, and no new one turns up.
In a tail new words keep turning up, so most of those seen were seen a few times only. So a place is open where half of its
words have fewer than ten hits for each route below them; or are titles, of three words or more; or where it stands below a word that holds many by its
meaning (`users`, `blog`); or holds so many that nobody built them by hand. The head of a site, where its menu is, must have four
times as many words, and a tail. Words of a menu (`new`, `settings`) are never counted nor replaced.

Deeper structure is kept: where several users have settings, `/users/:name/settings` is a template too. What only one or two have
stays as it is. Pure: the same counts give the same templates in any order, and learning again from what they give adds nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openrum.enrich.route_places import holds_many, is_locale, is_one_of_many
from openrum.enrich.route_templates import learned_of
from openrum.enrich.route_words import PEOPLE

_FEW_HITS = 10
_TITLE_WORDS = 3
_SHARED_MIN = 3  # words that must share what follows them, to make a template of it …
_SHARED_OF = 50  # … and one of so many
_SHARED_OF_AT_HEAD = 10
_HEAD_TIMES = 4
_MANY_TIMES = 8  # as many words as this are no menu, whatever their hits
_SEGMENTS_MAX = 16


def learn(counts: Mapping[str, int], *, known: Sequence[str] = (), values_min: int = 50) -> list[str]:
    """New templates, sorted, from groups seen (route → hits). `known` are those learned before; none of them comes again."""
    templates = set(known)
    while True:
        proposed = _propose(_applied(counts, templates), values_min) - templates
        if not proposed:
            return sorted(templates.difference(known))
        templates |= proposed


def _applied(counts: Mapping[str, int], templates: set[str]) -> dict[str, int]:
    """The counts as they would be, had the templates been known."""
    learned = learned_of(templates)
    found: Counter[str] = Counter()
    for route, hits in counts.items():
        found[learned.find(route) or route] += max(hits, 0)
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """One route below a prefix: what is left of it, its hits, and the words that gave way to placeholders before."""

    tail: tuple[str, ...]
    hits: int
    gave_way: tuple[str, ...] = ()


def _propose(counts: Mapping[str, int], values_min: int) -> set[str]:
    by_head: defaultdict[str, list[_Seen]] = defaultdict(list)
    for route in sorted(counts):
        head, *tail = route.split("/")
        if 0 < len(tail) <= _SEGMENTS_MAX:
            by_head[head].append(_Seen(tuple(tail), counts[route]))
    found: set[str] = set()
    for head, seen in by_head.items():
        _walk((head,), seen, (), max(values_min, _SHARED_MIN), found)
    return found


def _walk(prefix: tuple[str, ...], seen: list[_Seen], needs: tuple[int, ...], values_min: int, found: set[str]) -> None:
    """Below a prefix. `needs` says, for each placeholder that was put into it, how many words must have given way to it."""
    by_word: defaultdict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        if one.tail:
            by_word[one.tail[0]].append(_Seen(one.tail[1:], one.hits, one.gave_way))
    ended = [one for one in seen if not one.tail]
    if ended and needs and _is_shared(ended, needs):
        found.add("/".join(prefix))
    words = {word: _hits_each(below) for word, below in by_word.items() if is_one_of_many(word)}
    if _is_open(prefix, words, values_min):
        need = max(_SHARED_MIN, len(words) // (_SHARED_OF_AT_HEAD if _is_head(prefix) else _SHARED_OF))
        merged = [_Seen(one.tail, one.hits, (*one.gave_way, word)) for word in words for one in by_word.pop(word)]
        placeholder = ":name" if prefix[-1].lower() in PEOPLE else ":slug"
        _walk((*prefix, placeholder), merged, (*needs, need), values_min, found)
    for word, below in by_word.items():
        _walk((*prefix, word), below, needs, values_min, found)


def _hits_each(below: list[_Seen]) -> float:
    """Of the routes below a word: who has many pages is not a menu's for that."""
    return sum(one.hits for one in below) / len(below)


def _is_shared(ended: list[_Seen], needs: tuple[int, ...]) -> bool:
    return all(len({one.gave_way[at] for one in ended}) >= need for at, need in enumerate(needs))


def _is_open(prefix: tuple[str, ...], words: Mapping[str, float], values_min: int) -> bool:
    size = len(words)
    if size < values_min:
        return False
    is_tail = 2 * sum(hits < _FEW_HITS for hits in words.values()) >= size
    if _is_head(prefix):
        return is_tail and size >= _HEAD_TIMES * values_min
    if is_tail or size >= _MANY_TIMES * values_min or holds_many(prefix[-1]):
        return True
    return 2 * sum(_is_title(word) for word in words) >= size


def _is_title(word: str) -> bool:
    return word.count("-") + word.count("_") + 1 >= _TITLE_WORDS


def _is_head(prefix: tuple[str, ...]) -> bool:
    """The top of a site, or of one language of it."""
    return all(is_locale(segment) for segment in prefix[1:])
