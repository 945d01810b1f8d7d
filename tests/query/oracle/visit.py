"""One session, told as a client tells it, and beside each event what is true of it.

Clients of 1.x and 3.x, and a server that uses an SDK; robots; events without metadata, without fields, with fields of the
wrong type, with the value 0; batches that are sent again, overlap, hold an id twice, or go to another site as well;
contents that are no JSON, and are mended later under the same id; clocks that are wrong; sessions over midnight.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from tests.query.oracle import world

SHOP = "0a0a0a0a-0000-4000-8000-000000000001"
OTHER = "0a0a0a0a-0000-4000-8000-000000000002"  # takes no custom events, and has a rule for pages
THIRD = "0a0a0a0a-0000-4000-8000-000000000003"
NIL = "00000000-0000-0000-0000-000000000000"
PREFIX = "com.amazon.rum."
DAY_MS = 86_400_000
BEGIN_MS = 1_791_936_000_000  # 2026-10-14T00:00:00Z
DAYS = 16  # clocks change in Europe on the twelfth
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_BATCH_EVENTS = 100  # the client's batchLimit
_BROKEN = (
    {"details": ""}, {"details": "null"}, {"details": "[1]"}, {"details": '{"value":NaN}'}, {"details": "{'a': 1}"},
    {"metadata": "[]"}, {"metadata": "nope"}, {"metadata": "null"},
)  # fmt: skip
_BORDERS = (0, 100, 200, 300, 500, 800, 1_800, 2_000, 2_500, 3_000, 4_000, 8_000)


class Fact:
    """What is true of an event: what it shares with others of its page, and what is its own.

    `time` in epoch ms, None where the client's clock is not to be believed; `order` is that of arrival.
    """

    __slots__ = ("order", "own", "shared", "time", "type")

    def __init__(
        self, shared: dict[str, Any], own: dict[str, Any], kind: str, time: int | None, order: int = 0
    ) -> None:
        self.shared, self.own, self.type, self.time, self.order = shared, own, kind, time, order

    def get(self, name: str) -> Any:
        """The value of a dimension, or a number that measures are of."""
        return self.own[name] if name in self.own else self.shared.get(name)


class Told(NamedTuple):
    """One event as sent, and what is true of it: None where it is quarantined."""

    sent: dict[str, Any]
    fact: Fact | None


class Request(NamedTuple):
    """One PutRumEvents, and the facts of its events in their order."""

    received_ms: int
    monitor: str
    place: tuple[str | None, str | None]
    agent: str | None
    body: bytes
    told: list[Told]


def uuid(rng: Random) -> str:
    """A random UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def pick(rng: Random, pairs: tuple[tuple[Any, float], ...]) -> Any:
    """One of (thing, weight) pairs."""
    return rng.choices([thing for thing, _ in pairs], [weight for _, weight in pairs])[0]


def one_of(rng: Random, things: Any) -> Any:
    """One of the rows of a table, by their weights."""
    return rng.choices(things, [each.weight for each in things])[0]


def text(value: Any) -> str:
    """As a client writes JSON: no blanks, letters as they are."""
    return _JSON.encode(value)


class Visit:
    """One session; `requests` are what is sent of it."""

    def __init__(self, rng: Random, users: list[str]) -> None:
        self.rng = rng
        self.monitor = pick(rng, ((SHOP, 82), (OTHER, 15), (THIRD, 3)))
        self.of_server = rng.random() < 0.03
        self.shape: world.Shape = world.SERVER if self.of_server else one_of(rng, world.SHAPES)
        self.of_3 = self.shape.client >= "3"
        self.now_ms = BEGIN_MS + rng.randrange(DAYS * DAY_MS)
        if rng.random() < 0.05:  # over midnight
            self.now_ms = self.now_ms // DAY_MS * DAY_MS + DAY_MS - rng.randrange(60_000)
        self.user: str | None = rng.choice(users) if rng.random() < 0.85 else NIL  # without cookies it is nobody's
        self.session: str | None = uuid(rng)
        if self.of_server and rng.random() < 0.5:
            self.session, self.user = None, None
        self.country = pick(rng, world.COUNTRIES)
        self.place = (
            self.country,
            (rng.choice(world.SUBDIVISIONS[self.country]) if self.country in world.SUBDIVISIONS else None),
        )
        self.version = rng.choice(("0.9", None))  # of the app monitor's details
        self.release = pick(rng, world.RELEASES)
        self.views = 0
        self.page_id: str | None = None
        self.batches: list[list[Told]] = [[]]
        self.race: list[Told] | None = None  # a batch of a robot's pace
        self._say_who()
        self._tell()

    # ── What the metadata of the session says, and what that means ────────────────────────────────────────────

    def _say_who(self) -> None:
        rng, shape = self.rng, self.shape
        who = {"session": self.session, "user": self.user, "release": self.version}
        self.bare = {**shape.agent.truth, **who, "country": self.place[0], "subdivision": self.place[1]}
        says: dict[str, Any] = {"version": "1.0.0", **shape.says}
        truth = {**self.bare, **shape.truth}
        if not self.of_server:
            says |= {"aws:client": "arw-script", "aws:clientVersion": shape.client}
            says["domain"] = rng.choice(("shop.example", "shop.example", "www.shop.example"))
            says["browserLanguage"] = pick(rng, world.LANGUAGES)
            truth |= {"client_version": shape.client, "domain": says["domain"], "language": says["browserLanguage"]}
        if self.release is not None:
            says["aws:releaseId"] = truth["release"] = self.release
        if rng.random() < 0.1:  # the client knows better than the address
            says |= {"countryCode": "CA", "subdivisionCode": "QC"}
            truth |= {"country": "CA", "subdivision": "QC"}
        if self.of_3 and rng.random() < 0.1:  # of the page, the event's own metadata is right
            says |= {"pageId": "/never", "title": "never"}
            truth |= {"page": "/never", "page_group": "/never", "title": "never"}
        self._add_attributes(says, truth)
        self.ignored = self.of_3 and not shape.agent.bot and rng.random() < 0.01
        self.says, self.truth = says, dict(self.bare) if self.ignored else truth

    def _add_attributes(self, says: dict[str, Any], truth: dict[str, Any]) -> None:
        rng = self.rng
        if rng.random() < 0.5:
            says["plan"] = truth["attribute:plan"] = rng.choice(("pro", "free", '100% "quoted"', "Ünïcode", ""))
        if rng.random() < 0.3:
            seats, beta = rng.choice(((1, "1"), (12, "12"), (120, "120"), (2.5, "2.5"))), rng.random() < 0.5
            says |= {"seats": seats[0], "beta": beta, "shop:tier": "gold"}
            truth |= {
                "attribute:seats": seats[1],
                "attribute:beta": "true" if beta else "false",
                "attribute:shop:tier": "gold",
            }
        if rng.random() < 0.05:  # the service removes these, and keeps the event
            says |= {"bad key": 1, "aws:own": "x", "long": "y" * 257, "list": [1]}

    # ── The pages ─────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self) -> None:
        rng = self.rng
        if self.of_server:
            self._arrive(world.PAGES[0])
            for _ in range(rng.randint(1, 6)):
                self.now_ms += rng.randrange(3_000)
                self.add("page_view_event", {"pageId": self.page_id})
            return
        self._arrive(one_of(rng, world.PAGES))
        self.add("session_start_event", {"version": "1.0.0"})
        self._look()
        while rng.random() < 0.55 and self.views < 12:
            self.now_ms += int(rng.lognormvariate(9.8, 1.1))
            if rng.random() < 0.6:
                self.batches.append([])
            self._arrive(one_of(rng, world.PAGES))
            self._look()
        if rng.random() < 0.01:
            self._race()

    def _arrive(self, page: world.Page) -> None:
        rng, parent = self.rng, self.page_id
        self.page = page
        self.page_id = page.id
        if "%s" in page.id:
            self.page_id = page.id % uuid(rng)
        elif "%" in page.id:
            self.page_id = page.id % rng.randrange(40)
        says: dict[str, Any] = {"title": page.title, "pageId": self.page_id, "interaction": self.views}
        truth = {"title": page.title, "page": self.page_id, "page_group": page.group, "interaction": self.views}
        if page.tags:
            says["pageTags"] = list(page.tags)
            truth["page_tag"] = page.tags
        if parent is not None:
            says["parentPageId"] = truth["parent_page"] = parent
        self.views += 1
        self.metadata = text({"version": "1.0.0", **says} if self.of_3 else {**self.says, **says})
        self.page_truth = {**self.truth, **truth}

    def _look(self) -> None:
        """One page, and what the client says of it."""
        rng, slow = self.rng, self.page.slowness * (1.25 if self.release == "1.1.0" else 1.0)
        details: dict[str, Any] = {"version": "1.0.0", "pageId": self.page_id}
        referrer = pick(rng, world.REFERRERS)
        if referrer is not None:
            details |= {"referrer": f"https://{referrer}/", "referrerDomain": referrer}
        self.add("page_view_event", details, referrer_domain=referrer or None)
        self._navigate(slow)
        for _ in range(rng.randint(1, 4)):
            self._fetch()
        if self.shape.client >= "3.2":
            state = pick(rng, world.LOAD_STATES)
            self._vital("time_to_first_byte_event", 500 * slow, {"waitingDuration": 1})
            self._vital("first_contentful_paint_event", 1_500 * slow, {"loadState": state}, load_state=state)
        element = pick(rng, world.ELEMENTS)
        self._vital(
            "largest_contentful_paint_event",
            2_200 * slow,
            {"element": element, "timeToFirstByte": 30},
            lcp_element=element,
        )
        self.now_ms += rng.randrange(4_000)
        self._use()
        element, state = pick(rng, world.ELEMENTS), pick(rng, world.LOAD_STATES)
        value = rng.choice((0, 0.1, 0.25, *(round(rng.lognormvariate(-2.6, 1.2), 4) for _ in range(9))))
        given = {"largestShiftTarget": element, "loadState": state}
        self.add("cumulative_layout_shift_event", {"version": "1.0.0", "value": value, "attribution": given},
                 value=value, cls_target=element, load_state=state)  # fmt: skip

    def _ms(self, median: float, spread: float = 0.6) -> float:
        """A time as browsers give it; now and then exactly a border."""
        if self.rng.random() < 0.02:
            return self.rng.choice(_BORDERS)
        return round(median * self.rng.lognormvariate(0, spread), 1)

    def _vital(self, kind: str, median: float, attribution: dict[str, Any], **own: Any) -> None:
        value = self._ms(median)
        if self.rng.random() < 0.01:  # of the wrong type, null, not there: the event stays, without a value
            sent = self.rng.choice(({"value": str(value)}, {"value": None}, {}))
            self.add(kind, {"version": "1.0.0", **sent, "attribution": attribution}, **own)
        else:
            self.add(kind, {"version": "1.0.0", "value": value, "attribution": attribution}, value=value, **own)

    def _navigate(self, slow: float) -> None:
        duration, kind = self._ms(2_100 * slow), self.rng.choice(("navigate", "navigate", "reload", "back_forward"))
        details = {
            "version": "1.0.0",
            "initiatorType": "navigation",
            "navigationType": kind,
            "startTime": 0,
            "duration": duration,
        }
        if not self.of_3 and self.views > 1:
            kind = "navigate"
            details |= {"initiatorType": "route_change", "navigationType": kind, "startTime": self.now_ms}
        self.add("performance_navigation_event", details, duration=duration, navigation_type=kind)

    def _fetch(self) -> None:
        link: world.Link = one_of(self.rng, world.RESOURCES)
        duration = self._ms(120, 0.9)
        details = {"version": "1.0.0", "duration": duration, "fileType": link.kind, "targetUrl": link.url}
        self.add("performance_resource_event", details, duration=duration, resource_url=link.route, resource_host=link.host,
                 resource_type=link.kind, first_party=link.first_party)  # fmt: skip

    def _use(self) -> None:
        """What the visitor does, and what goes wrong."""
        rng = self.rng
        if rng.random() < 0.7:
            element, state, kind = (
                pick(rng, world.ELEMENTS),
                pick(rng, world.LOAD_STATES),
                rng.choice(("pointer", "keyboard")),
            )
            if not self.of_3:
                self._vital(
                    "first_input_delay_event", 60, {"eventTarget": element, "loadState": state}, load_state=state
                )
            given = {"interactionTarget": element, "interactionType": kind, "loadState": state}
            self._vital(
                "interaction_to_next_paint_event", 170, given, inp_target=element, inp_type=kind, load_state=state
            )
        if rng.random() < 0.4:
            self._ask()
        if rng.random() < 0.08:
            self._fail()
        if rng.random() < 0.05:
            event = rng.choice(("click", "submit"))
            self.add("dom_event", {"version": "1.1.0", "event": event, "elementId": "buy"}, dom_event=event)
        if rng.random() < 0.04:
            self.add("shop.checkout", {"total": 12.5, "items": ["Schüssel"]})
        if rng.random() < 0.01:
            self.add("time_to_interactive_event", {"version": "1.0.0", "value": 900}, value=900)
        if self.of_3 and rng.random() < 0.01:
            self.add(
                "rrweb_event",
                {"version": "1.0.0", "events": [{"type": 2, "timestamp": 1, "data": {}}], "eventCount": 1},
            )

    def _ask(self) -> None:
        link: world.Link = one_of(self.rng, world.REQUESTS)
        url = link.url % uuid(self.rng) if "%s" in link.url else link.url
        method, status = self.rng.choice(("GET", "GET", "POST")), pick(self.rng, world.STATUSES)
        details: dict[str, Any] = {"version": "1.0.0", "request": {"method": method, "url": url}}
        own = {"http_url": link.route, "http_host": link.host, "first_party": link.first_party, "http_method": method}
        if status is None:
            details["error"] = {"version": "1.0.0", "type": "TypeError", "message": "Failed to fetch"}
            self.add("http_event", details, **own, error_type="TypeError")
        else:
            details["response"] = {"status": status, "statusText": ""}
            self.add("http_event", details, **own, http_status=status)

    def _fail(self) -> None:
        failure: world.Failure = one_of(self.rng, world.FAILURES)
        filled = {name: self._filled(pattern) for name, pattern in failure.patterns.items() if pattern is not None}
        self.add("js_error_event", {"version": "1.0.0", "type": failure.type, "lineno": 1, **filled},
                 error=failure.group, error_type=failure.type)  # fmt: skip

    def _filled(self, pattern: str) -> str:
        """`%d` a number, `%x` the hash of a file."""
        for mark, low, high in (("%d", 10_000, 99_999), ("%x", 0x1000_0000, 0xFFFF_FFFF)):
            while mark in pattern:
                pattern = pattern.replace(mark, mark % self.rng.randint(low, high), 1)
        return pattern

    def _race(self) -> None:
        """Twelve pages within two seconds, and no hand in it: a robot, whatever it calls itself."""
        self.race = []
        self.batches.append(self.race)
        who, self.truth = self.truth, {**self.truth, "bot": True}
        for _ in range(12):
            self._arrive(world.PAGES[0])
            self.now_ms += 150
            self.add("page_view_event", {"version": "1.0.0", "pageId": self.page_id}, exactly=True)
        self.truth = who

    # ── Events, as sent and as true ───────────────────────────────────────────────────────────────────────────

    def add(self, name: str, details: dict[str, Any], *, exactly: bool = False, **own: Any) -> None:
        """Something happened now. `exactly`: with the milliseconds, which browsers do not tell."""
        odd = self.rng.random()
        sent: dict[str, Any] = {
            "id": uuid(self.rng),
            "timestamp": self.now_ms / 1000,
            "type": name,
            "details": text(details),
        }
        sent["metadata"] = self.metadata
        shared, time = self.page_truth, self.now_ms
        if not (exactly or self.of_server):
            sent["timestamp"] = self.now_ms // 1000
            time = sent["timestamp"] * 1000
        if name != "shop.checkout":
            sent["type"] = PREFIX + name
        if (
            odd < 0.01 and not exactly and not self.shape.agent.bot
        ):  # no metadata: what the session's and the request tell remains
            del sent["metadata"]
            shared = self.truth if self.of_3 else self.bare
        if shared.get("domain") is None and "first_party" in own:
            own["first_party"] = None  # nobody knows whose it is
        own["payload_size"] = len(sent["details"].encode()) + len(sent.get("metadata", "").encode())
        fact = Fact(shared, own, sent["type"], time)
        if 0.01 < odd < 0.013 and not exactly:
            sent["timestamp"], fact.time = self.rng.choice((12, time // 1000 + 4 * 86_400)), None
        self._into_batch(sent, fact, odd)

    def _into_batch(self, sent: dict[str, Any], fact: Fact, odd: float) -> None:
        batch = self.batches[-1]
        if 0.02 < odd < 0.024:
            batch.append(Told({**sent, **self.rng.choice(_BROKEN)}, None))
            if odd < 0.022:  # mended, under the same id
                batch.append(Told(sent, fact))
        else:
            batch.append(Told(sent, fact))
        if 0.03 < odd < 0.034:  # an id twice, with another content: the first wins
            again = Fact(fact.shared, {**fact.own, "value": 1}, PREFIX + "js_error_event", fact.time)
            batch.append(Told({**sent, "type": again.type, "details": '{"version":"1.0.0","type":"Second"}'}, again))
        if len(batch) >= _BATCH_EVENTS - 2:
            self.batches.append([])

    # ── Requests ──────────────────────────────────────────────────────────────────────────────────────────────

    def requests(self) -> Iterator[Request]:
        """In the order of their making; what is sent again is received later."""
        rng = self.rng
        before: list[Told] = []
        for fresh in filter(None, self.batches):
            batch = fresh
            if fresh is not self.race and rng.random() < 0.04:  # some of the last batch once more, in capitals
                batch = [Told({**sent, "id": sent["id"].upper()}, fact) for sent, fact in before[-3:]] + fresh
            before = fresh
            times = [fact.time for _, fact in batch if fact is not None and fact.time is not None]
            received_ms = max(times, default=self.now_ms) + 2_000 + rng.randrange(6_000)
            request = self._request(received_ms, self.monitor, batch)
            yield request
            again = rng.random()
            if again < 0.03:
                yield request._replace(received_ms=received_ms + rng.randrange(1, 60_000))
            elif again < 0.035:
                yield request._replace(received_ms=received_ms + DAY_MS)
            elif again < 0.045 and self.monitor != THIRD:
                yield request._replace(monitor=THIRD)

    def _request(self, received_ms: int, monitor: str, batch: list[Told]) -> Request:
        who = {"userId": self.user, "sessionId": self.session}
        if self.session and self.views % 50 == 1:
            who["sessionId"] = self.session.upper()
        details = {"id": monitor, "version": self.version}
        body: dict[str, Any] = {
            "BatchId": uuid(self.rng),
            "AppMonitorDetails": {name: value for name, value in details.items() if value},
            "UserDetails": {name: value for name, value in who.items() if value},
            "RumEvents": [sent for sent, _ in batch],
        }
        if self.of_3:
            body["SessionMetadata"] = "[]" if self.ignored else text(self.says)
        return Request(received_ms, monitor, self.place, self.shape.agent.text, text(body).encode(), batch)
