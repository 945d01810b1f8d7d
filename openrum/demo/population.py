"""A population that visited the demo shop: visitors, sessions, pages, events, and the batches a client would have sent.

Deterministic: the same seed makes the same visits, ids included. All event types, clients of 1.x to 3.x, the hours and
habits of `world`. Some sessions of 3.x are recorded, those above all in which something went wrong.
"""

import json
import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Any, TypeVar

from openrum.demo import details as say
from openrum.demo.catalogue import CATEGORIES, PRODUCTS
from openrum.demo.errors import js_error
from openrum.demo.recording import Look, chunks
from openrum.demo.requests import request
from openrum.demo.world import BROKEN_RELEASE, BROWSERS, CLIENTS, COUNTRIES, HOURS, RELEASES, WEEKDAYS, Browser, Country

T = TypeVar("T")

_PREFIX = "com.amazon.rum."
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_REFERRERS = ("", "", "", "www.google.com", "www.bing.com", "news.ycombinator.com", "www.instagram.com")
_BATCH_EVENTS = 100  # the client's batchLimit
_POOR_MS = 500  # an interaction that takes longer is rated so
_BUSIEST_HOUR, _BUSIEST_DAY = max(HOURS), max(WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Visit:
    """One PutRumEvents: when, by whom, and the body without a monitor in it."""

    sent_ms: int
    body: dict[str, Any]
    user_agent: str
    country: str


@dataclass(slots=True)
class _PageLook:
    """One page of a session: when it was there, what a recording should show, and how many events there were by its end."""

    page: str
    start_ms: int
    end_ms: int = 0
    error_ms: int | None = None
    wait_ms: int = 0
    events: int = 0


@dataclass(slots=True)
class _Session:
    """One visitor's session while it is told."""

    rng: Random
    now_ms: int
    country: Country
    browser: Browser
    client: str
    release: str
    page: str = "/"
    views: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    looks: list[_PageLook] = field(default_factory=list)
    recorded: bool = False  # by chance

    @property
    def slowness(self) -> float:
        """Of network and device together."""
        return self.country.slowness * math.sqrt(self.browser.slowness)

    def add(self, event_type: str, details: say.Details) -> None:
        """Something happened now."""
        metadata = _page_metadata(self)
        if self.client < "3":
            metadata = {**_session_metadata(self), **metadata}
        self.events.append(
            {
                "id": str(uuid.UUID(int=self.rng.getrandbits(128), version=4)),
                "timestamp": self.now_ms // 1000,
                "type": event_type,
                "details": json.dumps(details, separators=(",", ":"), ensure_ascii=False),
                "metadata": json.dumps(metadata, separators=(",", ":"), ensure_ascii=False),
            }
        )

    def built_in(self, name: str, details: say.Details) -> None:
        """An event of the client's own types."""
        self.add(_PREFIX + name, details)


def batches(seed: int, start_ms: int, end_ms: int, sessions: int, *, newest_first: bool = False) -> Iterator[Visit]:
    """The batches of `sessions` sessions that began in [start_ms, end_ms), session by session, in the order they began, or the other way."""
    rng = Random(seed)
    beginnings = sorted(_beginning(rng, start_ms, end_ms) for _ in range(sessions))
    seeded = [(begin_ms, rng.getrandbits(64)) for begin_ms in beginnings]
    for begin_ms, bits in reversed(seeded) if newest_first else seeded:
        yield from _visits(Random(bits), begin_ms, start_ms, end_ms)


def _beginning(rng: Random, start_ms: int, end_ms: int) -> int:
    """A moment, more often in busy hours of busy days (as UTC has them)."""
    while True:
        moment = rng.randrange(start_ms, end_ms)
        hour, weekday = moment // _HOUR_MS % 24, (moment // _DAY_MS + 3) % 7
        if rng.random() < HOURS[hour] / _BUSIEST_HOUR * WEEKDAYS[weekday] / _BUSIEST_DAY:
            return moment


def _visits(rng: Random, begin_ms: int, start_ms: int, end_ms: int) -> Iterator[Visit]:
    place = (begin_ms - start_ms) / max(1, end_ms - start_ms)
    session = _Session(
        rng=rng,
        now_ms=begin_ms,
        country=_choose(rng, COUNTRIES, [country.share for country in COUNTRIES]),
        browser=_choose(rng, BROWSERS, [browser.share for browser in BROWSERS]),
        client=_choose(rng, CLIENTS, [share for share, _ in CLIENTS])[1],
        release=RELEASES[int(place * len(RELEASES))],
    )
    _tell(session)
    ids = {
        "userId": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "sessionId": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    }
    # A sequence of its own, so that all else is the same whether or not a session is recorded.
    session.rng = Random(ids["sessionId"])
    if _is_recorded(session):
        _record(session)
    for first in range(0, len(session.events), _BATCH_EVENTS):
        events = session.events[first : first + _BATCH_EVENTS]
        body: dict[str, Any] = {
            "BatchId": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "AppMonitorDetails": {"version": session.release},
            "UserDetails": ids,
            "RumEvents": events,
        }
        if session.client >= "3":
            body["SessionMetadata"] = json.dumps(_session_metadata(session), separators=(",", ":"))
        yield Visit(events[-1]["timestamp"] * 1000 + 5_000, body, session.browser.user_agent, session.country.code)


def _tell(session: _Session) -> None:
    """A session from its first page to its last."""
    rng = session.rng
    pages = _journey(rng)
    session.page = pages[0]
    session.built_in("session_start_event", say.session_start(rng))
    referrer = rng.choice(_REFERRERS)
    for number, page in enumerate(pages):
        session.page, session.views = page, number
        look = _PageLook(page, session.now_ms)
        session.looks.append(look)
        _look(session, referrer if number == 0 else "")
        session.now_ms += round(say.ms(rng, 14_000, 0.8))
        look.end_ms, look.events = session.now_ms, len(session.events)


def _journey(rng: Random) -> list[str]:
    """The pages of a session: half leave early, one in twelve buys."""
    pages = ["/"] if rng.random() < 0.6 else [f"/products/{rng.choice(PRODUCTS).slug}"]
    while rng.random() < 0.62 and len(pages) < 12:
        choice = rng.random()
        pages.append(
            f"/categories/{rng.choice(CATEGORIES).slug}" if choice < 0.4 else f"/products/{rng.choice(PRODUCTS).slug}"
        )
    if len(pages) > 2 and rng.random() < 0.3:
        pages += ["/cart"] + (["/checkout", "/thanks"] if rng.random() < 0.5 else [])
    return pages


def _look(session: _Session, referrer: str) -> None:
    """One page, and what the client says of it."""
    rng, slowness = session.rng, session.slowness
    session.built_in("page_view_event", say.page_view(rng, session.page, session.views, referrer))
    session.built_in("performance_navigation_event", say.navigation(rng, slowness))
    for _ in range(rng.randint(2, 6)):
        session.built_in("performance_resource_event", say.resource(rng, slowness))
    if session.client >= "3.2":
        session.built_in("time_to_first_byte_event", say.time_to_first_byte(rng, slowness))
        session.built_in("first_contentful_paint_event", say.first_contentful_paint(rng, slowness))
    kind = session.page.split("/")[1] or "home"
    session.built_in("largest_contentful_paint_event", say.largest_contentful_paint(rng, slowness, kind))
    session.now_ms += 2_000
    _use(session)
    session.built_in("cumulative_layout_shift_event", say.layout_shift(rng))


def _use(session: _Session) -> None:
    """What the visitor does on a page, and what goes wrong."""
    rng, slowness = session.rng, session.slowness
    if rng.random() < 0.7:
        if session.client < "3":
            session.built_in("first_input_delay_event", say.first_input_delay(rng, slowness))
        said = say.interaction_to_next_paint(rng, slowness)
        session.looks[-1].wait_ms = said["value"]
        session.built_in("interaction_to_next_paint_event", said)
    if rng.random() < 0.3:
        _request(session)
    if rng.random() < 0.05:
        session.built_in("dom_event", say.dom(rng))
    if rng.random() < (0.4 if session.page == "/checkout" and session.release == BROKEN_RELEASE else 0.02):
        session.looks[-1].error_ms = session.now_ms
        session.built_in("js_error_event", js_error(rng, session.page, session.release))
    if session.client >= "3" and rng.random() < 0.03:
        session.recorded = True
    if session.page == "/thanks":
        session.add("shop.checkout", say.checkout(rng))


def _is_recorded(session: _Session) -> bool:
    """Of 3.x, some by chance, and those that had an error or a poor interaction: they are what one looks for."""
    if session.client < "3":
        return False
    return session.recorded or any(look.error_ms is not None or look.wait_ms > _POOR_MS for look in session.looks)


def _record(session: _Session) -> None:
    """The recording of all pages, each page's after its other events, which are of its first seconds."""
    device, ware = session.browser.device, PRODUCTS[0].slug
    told, session.events, done = session.events, [], 0
    for number, (look, following) in enumerate(zip(session.looks, [*session.looks[1:], None], strict=True)):
        if look.page.startswith("/products/"):
            ware = look.page.removeprefix("/products/")
        session.events += told[done : look.events]
        done = look.events
        session.page, session.views = look.page, number
        seen = Look(
            look.page,
            following.page if following else None,
            ware,
            look.start_ms,
            look.end_ms,
            look.error_ms,
            look.wait_ms,
        )
        for chunk in chunks(session.rng, seen, device):
            session.now_ms = chunk.at_ms
            session.built_in("rrweb_event", chunk.details)


def _request(session: _Session) -> None:
    """A request of the page, and its trace where there is one."""
    said, trace = request(session.rng, session.slowness, session.now_ms)
    session.built_in("http_event", said)
    if trace is not None:
        session.built_in("xray_trace_event", trace)


def _page_metadata(session: _Session) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "version": "1.0.0",
        "title": "Clay & Glaze",
        "pageId": session.page,
        "interaction": session.views,
        "pageTags": [session.page.split("/")[1] or "home"],
    }
    return metadata


def _session_metadata(session: _Session) -> dict[str, Any]:
    """What 3.x says once a batch, and 1.x and 2.x in every event."""
    browser = session.browser
    metadata: dict[str, Any] = {
        "version": "1.0.0",
        "browserLanguage": session.country.language,
        "platformType": "web",
        "domain": "shop.example",
        "aws:client": "arw-script",
        "aws:clientVersion": session.client,
        "aws:releaseId": session.release,
    }
    if session.client < "3":
        metadata |= {
            "browserName": browser.name,
            "browserVersion": browser.version,
            "osName": browser.system,
            "osVersion": browser.system_version,
            "deviceType": browser.device,
        }
    elif browser.brand is not None:
        name, version, system = browser.brand
        device = "mobile" if browser.device == "mobile" else "desktop"
        metadata |= {"browserName": name, "browserVersion": version, "osName": system, "deviceType": device}
    else:
        metadata |= {"deviceType": "desktop", "aws:userAgent": browser.user_agent}
    return metadata


def _choose(rng: Random, things: tuple[T, ...], shares: list[float]) -> T:
    return rng.choices(things, cum_weights=list(accumulate(shares)))[0]
