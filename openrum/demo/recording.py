"""A made-up recording of a session, page by page, in rrweb's form as the web client 3.x sends it.

before   a look at /products/moon-vase, on a phone, for 14 seconds, with an error after two
after    chunks: Meta, FullSnapshot, touches, scrolls, inputs, mutations …, each with the moment when the client flushed it

Pure functions of a random generator. What visitors do is told in full, and what comes after they left is cut off.
"""

from random import Random
from typing import Any, NamedTuple

from openrum.demo.details import Details
from openrum.demo.recorded_pages import FIELDS, SHOP, RecordedPage, kind_of, masked, recorded_page, ware_names
from openrum.demo.screens import NAVIGATION, SCREENS, Screen

Record = dict[str, Any]

RECORDS_MAX = 50  # the client's batchSize
FLUSH_MS = 5_000  # and its flushInterval

_META, _SNAPSHOT, _INCREMENT = 4, 2, 3  # rrweb's types of events
_MUTATION, _MOUSE_MOVE, _INTERACTION, _SCROLL, _INPUT, _TOUCH_MOVE = 0, 1, 2, 3, 5, 6  # its sources of increments
_MOUSE_UP, _MOUSE_DOWN, _CLICK, _FOCUS, _BLUR, _TOUCH_START, _TOUCH_END = 0, 1, 2, 5, 6, 7, 9  # its interactions
_MOUSE, _TOUCH = 0, 2  # its types of pointers
_DOCUMENT_ID = 1
_SAMPLE_MS = 50  # between two positions of a pointer
_POSITIONS_MS = 500  # how long rrweb gathers them
_LEAVING_MS = 1_400  # for the way to the link that leads on
_ERROR_MS = 120  # after an error, the page says so


class Look(NamedTuple):
    """A page as somebody had it before them, until `end_ms`. What it was asked to do, it did after `wait_ms`."""

    page: str
    next_page: str | None
    ware: str
    start_ms: int
    end_ms: int
    error_ms: int | None
    wait_ms: int


class Chunk(NamedTuple):
    """What one event says, and when."""

    at_ms: int
    details: Details


def chunks(rng: Random, look: Look, device: str) -> list[Chunk]:
    """The recording of one page, as the client flushed it."""
    take = _Take(rng, look, SCREENS[device])
    take.begin()
    _use(take)
    take.cut(look.end_ms - _LEAVING_MS)
    _leave(take)
    take.cut(look.end_ms)
    return _flushed(take.records, look.start_ms, look.end_ms)


def _flushed(records: list[Record], start_ms: int, end_ms: int) -> list[Chunk]:
    """At the beat of the client's timer, at once where there are many, and as the page is left."""
    made: list[Chunk] = []
    waiting: list[Record] = []
    due_ms = start_ms + FLUSH_MS

    def flush(at_ms: int) -> None:
        if waiting:
            made.append(Chunk(at_ms, {"version": "1.0.0", "events": waiting[:], "eventCount": len(waiting)}))
            waiting.clear()

    for record in records:
        while record["timestamp"] >= due_ms:
            flush(due_ms)
            due_ms += FLUSH_MS
        waiting.append(record)
        if len(waiting) >= RECORDS_MAX:
            flush(record["timestamp"])
    flush(min(due_ms, end_ms))
    return made


# ── What visitors do ──────────────────────────────────────────────────────────────────────────────────────────────


def _use(take: "_Take") -> None:
    """What is done on a page while it is looked at."""
    look, kind = take.look, kind_of(take.look.page)
    take.pause(500)
    take.wander()
    # What goes wrong or is slow was asked for shortly before the client told of it.
    told_ms = look.error_ms if look.error_ms is not None else look.start_ms + 2_000
    take.wait_until(told_ms - look.wait_ms - 700)
    match kind:
        case "products":
            _buy(take)
        case "checkout":
            _fill_in(take)
        case "cart":
            take.pause(1_500)
            take.point_at("checkout")
        case _ if look.error_ms is not None:
            take.press("main")
            take.fail("main")
    names = ware_names(look.page)
    for _ in range(take.rng.randint(2, 4)):
        take.pause(1_200)
        if names:
            take.point_at(take.rng.choice(names))
        else:
            take.wander()
    if take.scrolled and take.rng.random() < 0.5:
        take.pause(800)
        take.scroll_to(0)


def _buy(take: "_Take") -> None:
    """Into the basket; who sees nothing happen presses again, and again."""
    take.press("buy")
    if take.look.error_ms is not None:
        take.fail("column")
        take.press_again("buy")
        return
    take.now_ms += take.look.wait_ms
    take.change("buy", {"class": "primary busy"})
    take.now_ms += 240
    take.change("buy", {"class": "primary done"})
    take.add_note("column", "In your basket", "note")


def _fill_in(take: "_Take") -> None:
    """The form, and the order; where the checkout is broken the order comes first, and in vain."""
    if take.look.error_ms is not None:
        take.press("order")
        take.fail("main")
        take.press_again("order")
    for field in FIELDS:
        take.pause(300)
        take.press(field)
        take.type_into(field, take.rng.randint(6, 14))
    if take.look.error_ms is not None:
        take.pause(400)
        take.press_again("order")


def _leave(take: "_Take") -> None:
    """The link to the next page, where this one has it and there is time."""
    page, next_page = take.look.page, take.look.next_page
    ways = {"/checkout": "checkout", "/thanks": "order"}
    name = ways.get(next_page or "", next_page)
    if name is None or name not in take.page.ids or name not in (*NAVIGATION, *ways.values(), *ware_names(page)):
        return
    start_ms = take.look.end_ms - _LEAVING_MS
    if start_ms >= take.now_ms:
        take.now_ms = start_ms
        take.press(name)


# ── The recorder ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Take:
    """The records of one page, while they are made. The pointer's x and y are of the window."""

    def __init__(self, rng: Random, look: Look, screen: Screen) -> None:
        self.rng, self.look, self.screen = rng, look, screen
        self.page: RecordedPage = recorded_page(look.page, look.ware)
        self.records: list[Record] = []
        self.now_ms = look.start_ms
        self.scrolled = 0
        self._last_id = self.page.last_id
        self._x, self._y = screen.width // 2, screen.height // 3
        self._focused: int | None = None

    def begin(self) -> None:
        """The page as it was when recording began."""
        self.now_ms += self.rng.randint(40, 120)
        size = {"width": self.screen.width, "height": self.screen.height}
        self._add(_META, {"href": SHOP + self.look.page, **size})
        self.now_ms += self.rng.randint(10, 40)
        self._add(_SNAPSHOT, {"node": self.page.document, "initialOffset": {"left": 0, "top": 0}})

    def cut(self, end_ms: int) -> None:
        """Without what comes after a moment."""
        self.records = [record for record in self.records if record["timestamp"] < end_ms]
        if self.records:
            self.now_ms = min(self.now_ms, end_ms)

    def pause(self, median_ms: int) -> None:
        """Read, or think."""
        self.now_ms += round(median_ms * self.rng.lognormvariate(0, 0.4))

    def wait_until(self, time_ms: int) -> None:
        """Unless it is over."""
        self.now_ms = max(self.now_ms, time_ms)

    def wander(self) -> None:
        """The pointer somewhere else; a finger has none, and scrolls."""
        furthest = self.screen.scrolls(self.look.page)
        if furthest and (self.screen.touch or self.rng.random() < 0.5):
            self.scroll_to(min(furthest, self.scrolled + self.rng.randint(200, 500)))
        elif not self.screen.touch:
            self._move(self.rng.randint(150, self.screen.width - 150), self.rng.randint(120, 560), self._id("body"))

    def point_at(self, name: str) -> None:
        """Have a thing in view, and the mouse on it."""
        x, y = self._bring(name)
        if not self.screen.touch:
            self._move(x, y, self._id(name))

    def press(self, name: str) -> None:
        """Click or tap, wherever the thing is."""
        x, y = self._bring(name)
        if self.screen.touch:
            self._x, self._y = x, y
        else:
            self._move(x, y, self._id(name))
        self._press_here(self._id(name))

    def press_again(self, name: str) -> None:
        """Out of impatience."""
        x, y = self._bring(name)
        self._x, self._y = x, y
        for _ in range(self.rng.randint(3, 5)):
            self.now_ms += self.rng.randint(140, 320)
            self._press_here(self._id(name))

    def scroll_to(self, top: int) -> None:
        """As far as the page goes, in steps that slow down."""
        top = max(0, min(top, self.screen.scrolls(self.look.page)))
        distance = top - self.scrolled
        if not distance:
            return
        if self.screen.touch:
            self._swipe(distance)
        begun = self.scrolled
        for share in (0.3, 0.6, 0.8, 0.95, 1.0):
            self.now_ms += 100
            self.scrolled = begun + round(distance * share)
            self._increment(_SCROLL, id=_DOCUMENT_ID, x=0, y=self.scrolled)
        self.now_ms += 250  # where is it now?

    def type_into(self, name: str, length: int) -> None:
        """Letter by letter, each of them masked."""
        for count in range(1, length + 1):
            self.now_ms += self.rng.randint(70, 190)
            self._increment(_INPUT, text="*" * count, isChecked=False, id=self._id(name))

    def change(self, name: str, attributes: dict[str, str]) -> None:
        """Other attributes of an element."""
        self._mutate(attributes=[{"id": self._id(name), "attributes": attributes}])

    def fail(self, parent: str) -> None:
        """What the page shows after an error."""
        self.wait_until((self.look.error_ms or self.now_ms) + _ERROR_MS)
        self.add_note(parent, "Something went wrong. Please try again.", "note error")

    def add_note(self, parent: str, text: str, css_class: str) -> None:
        """A new paragraph, last in an element."""
        note, words = self._last_id + 1, self._last_id + 2
        self._last_id = words
        paragraph = {"type": 2, "tagName": "p", "attributes": {"class": css_class}, "childNodes": [], "id": note}
        said = {"type": 3, "textContent": masked(text), "id": words}
        self._mutate(
            adds=[
                {"parentId": self._id(parent), "nextId": None, "node": paragraph},
                {"parentId": note, "nextId": None, "node": said},
            ]
        )

    def _bring(self, name: str) -> tuple[int, int]:
        """Scroll until a thing is well in view. Where it is in the window, or near its middle, as hands are not exact."""
        if name == "main":
            return self.screen.width // 2, 150
        x, y = self.screen.place(self.look.page, name)
        if not 60 <= y - self.scrolled <= self.screen.height - 60:
            self.scroll_to(y - self.screen.height // 2)
        return x + self.rng.randint(-9, 9), y - self.scrolled + self.rng.randint(-6, 6)

    def _move(self, x: int, y: int, node: int) -> None:
        """The mouse, fast in the middle of its way; rrweb gathers positions and dates them back."""
        samples = self.rng.randint(7, 13)
        bend = self.rng.uniform(-60, 60)
        begun_x, begun_y, begun_ms = self._x, self._y, self.now_ms
        for first in range(0, samples, _POSITIONS_MS // _SAMPLE_MS):
            steps = range(first + 1, min(samples, first + _POSITIONS_MS // _SAMPLE_MS) + 1)
            self.now_ms = begun_ms + steps[-1] * _SAMPLE_MS
            positions = []
            for step in steps:
                share = step / samples
                eased = share * share * (3 - 2 * share)
                self._x = round(begun_x + (x - begun_x) * eased + bend * share * (1 - share))
                self._y = round(begun_y + (y - begun_y) * eased - bend * share * (1 - share))
                offset = (step - steps[-1]) * _SAMPLE_MS
                positions.append({"x": self._x, "y": self._y, "id": node, "timeOffset": offset})
            self._increment(_MOUSE_MOVE, positions=positions)

    def _swipe(self, distance: int) -> None:
        """A finger against the way the page goes."""
        body = self._id("body")
        x, y = self.screen.width // 2 + self.rng.randint(-40, 40), self.screen.height // 2
        travel = max(-300, min(300, distance))
        self._increment(_INTERACTION, type=_TOUCH_START, id=body, x=x, y=y + travel // 2)
        self.now_ms += 200
        positions = [
            {"x": x, "y": y + travel // 2 - travel * step // 4, "id": body, "timeOffset": (step - 4) * _SAMPLE_MS}
            for step in range(1, 5)
        ]
        self._increment(_TOUCH_MOVE, positions=positions)
        self.now_ms += 10
        self._increment(_INTERACTION, type=_TOUCH_END, id=body, x=x, y=y + travel // 2 - travel)

    def _press_here(self, node: int) -> None:
        here = {"id": node, "x": self._x, "y": self._y}
        if self.screen.touch:
            self._increment(_INTERACTION, type=_TOUCH_START, **here)
            self.now_ms += self.rng.randint(50, 110)
            self._increment(_INTERACTION, type=_TOUCH_END, **here)
        self._increment(_INTERACTION, type=_MOUSE_DOWN, **here)
        if self._focused != node and node != self._id("main"):
            if self._focused is not None:
                self._increment(_INTERACTION, type=_BLUR, id=self._focused)
            self._increment(_INTERACTION, type=_FOCUS, id=node)
            self._focused = node
        self.now_ms += 1 if self.screen.touch else self.rng.randint(60, 120)
        self._increment(_INTERACTION, type=_MOUSE_UP, **here)
        self._increment(_INTERACTION, type=_CLICK, **here, pointerType=_TOUCH if self.screen.touch else _MOUSE)

    def _mutate(self, *, attributes: list[Record] | None = None, adds: list[Record] | None = None) -> None:
        self._increment(_MUTATION, texts=[], attributes=attributes or [], removes=[], adds=adds or [])

    def _increment(self, source: int, **data: Any) -> None:
        self._add(_INCREMENT, {"source": source, **data})

    def _add(self, kind: int, data: Record) -> None:
        self.records.append({"type": kind, "data": data, "timestamp": self.now_ms})

    def _id(self, name: str) -> int:
        return self.page.ids[name]
