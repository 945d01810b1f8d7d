"""Small random populations for the questions about people, each under a monitor of its own in one store, and their order."""

import itertools
import random
import struct
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st

from openrum.events import NIL_UUID
from openrum.limits import DEFAULTS
from openrum.query.catalogue import SPECIAL
from tests.query.conftest import MONITOR, NOW_MS, row, session

PAGES = [None, "/a", "/b", "/c"]
TYPES = {
    "view": "page_view_event",
    "error": "js_error_event",
    "http": "http_event",
    "lcp": "largest_contentful_paint_event",
    "inp": "interaction_to_next_paint_event",
    "replay": "rrweb_event",
    "own": "shop.checkout",
}
_monitors = itertools.count(2)


@dataclass(frozen=True)
class Happening:
    """An event of a population. Times are few, so that ties are many; `place` is the position in the journal."""

    kind: str
    ago: int  # in units of the population
    place: tuple[int, int, int]  # day, block, record; the index tells the rest apart
    who: int | None = None
    user: str | None = None
    page: str | None = None
    browser: str | None = None
    release: str | None = None
    bot: str | None = None
    value: float | None = None
    http_status: int | None = None
    error: str | None = None

    @property
    def session(self) -> str | None:
        return None if self.who is None else session(self.who)


HAPPENINGS = st.builds(
    Happening,
    kind=st.sampled_from([*TYPES, "view", "view", "view"]),
    ago=st.integers(1, 8),
    place=st.tuples(st.sampled_from([20_000, 20_001]), st.integers(1, 3), st.integers(0, 2)),
    who=st.sampled_from([None, 1, 1, 2, 2, 3, 4]),
    user=st.sampled_from([None, NIL_UUID, session(91), session(92), session(93)]),
    page=st.sampled_from(PAGES),
    browser=st.sampled_from([None, "Chrome", "Firefox"]),
    release=st.sampled_from([None, "1.0", "2.0"]),
    bot=st.sampled_from([None, None, None, "crawler"]),
    value=st.sampled_from([None, 0.1, 90.5, 4000.0]),
    http_status=st.sampled_from([None, 200, 404, 503]),
    error=st.sampled_from([None, "e1", "e2"]),
)
POPULATIONS = st.lists(HAPPENINGS, max_size=40)


class Population:
    """Events under a monitor of their own, in their order: by time, then by position."""

    def __init__(self, ask: Any, happenings: list[Happening], unit_ms: int = 1_000) -> None:
        self.monitor = f"0a0a0a0a-0000-4000-8000-{next(_monitors):012d}"
        self.store = ask.store
        rows = []
        for each in happenings:
            members = {name: getattr(each, name) for name in (
                "session", "user", "page", "browser", "release", "bot", "value", "http_status", "error")}  # fmt: skip
            made = row(TYPES[each.kind], ago_ms=each.ago * unit_ms, monitor=self.monitor, **members)
            day, block, record = each.place
            rows.append(msgspec.structs.replace(made, day=day, block=block, record=record))
        ask.add(*random.Random(len(rows)).sample(rows, len(rows)))
        self.rows = sorted(rows, key=lambda r: (r.time, r.day, r.block, r.record, r.index))

    def ask(self, name: str, **members: Any) -> Any:
        """The answer to a special question of the last hour, unless `from` says otherwise."""
        return asked(name, self.store, self.monitor, **members)


def asked(name: str, store: Any, monitor: str = MONITOR, **members: Any) -> Any:
    """The answer to a special question."""
    special = SPECIAL[name]
    form = msgspec.convert({"monitor": "shop", "from": "-1h", **members}, special.form)
    return special.run(form, monitor, NOW_MS, store, DEFAULTS)


def is_kind(each: Any, kind: str) -> bool:
    """Whether a row is of a kind."""
    return bool(each.type.removeprefix("com.amazon.rum.") == TYPES[kind])


def as_stored(value: float) -> float:
    """The FLOAT next to a value."""
    return float(struct.unpack("f", struct.pack("f", value))[0])
