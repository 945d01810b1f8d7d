"""What the oracle's visitors send, and beside it by hand what that means. Tables only.

Left is the wire form, in the vocabularies of 1.x and 3.x clients; right is what definitions.md makes of it: one name per
brand, routes with placeholders, groups of errors. Nothing here asks the code under test.
"""

from typing import Any, NamedTuple

Truth = dict[str, Any]


class Agent(NamedTuple):
    """A User-Agent, and what it says."""

    text: str | None
    browser: str | None = None
    browser_version: str | None = None  # the major number
    os: str | None = None
    os_version: str | None = None
    device: str | None = None
    bot: bool = False

    @property
    def truth(self) -> Truth:
        return {
            name: getattr(self, name) for name in ("browser", "browser_version", "os", "os_version", "device", "bot")
        }


class Shape(NamedTuple):
    """A browser with a client in it: what it says in its metadata, and where that differs from its User-Agent."""

    weight: float
    client: str  # aws:clientVersion
    says: dict[str, Any]
    agent: Agent
    differs: Truth

    @property
    def truth(self) -> Truth:
        return {**self.agent.truth, **self.differs}


_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
CHROME_MAC = Agent(
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_BLINK} Safari/537.36",
    "Chrome",
    "131",
    "macOS",
    "10.15.7",
    "desktop",
)
CHROME_LINUX = Agent(
    f"Mozilla/5.0 (X11; Linux x86_64) {_BLINK} Safari/537.36", "Chrome", "131", "Linux", None, "desktop"
)
CHROME_PHONE = Agent(
    f"Mozilla/5.0 (Linux; Android 10; K) {_BLINK} Mobile Safari/537.36", "Chrome", "131", "Android", "10", "mobile"
)
EDGE = Agent(
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Safari/537.36 Edg/131.0.0.0",
    "Edge",
    "131",
    "Windows",
    "10",
    "desktop",
)
SAFARI = Agent(
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    "Safari",
    "17",
    "macOS",
    "10.15.7",
    "desktop",
)
IPHONE = Agent(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"
    " Mobile/15E148 Safari/604.1",
    "Safari",
    "17",
    "iOS",
    "17.4.1",
    "mobile",
)
IPAD = Agent(
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148"
    " Safari/604.1",
    "Safari",
    "16",
    "iOS",
    "16.6",
    "tablet",
)
FIREFOX = Agent(
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Firefox",
    "131",
    "Windows",
    "10",
    "desktop",
)
FIREFOX_PHONE = Agent(
    "Mozilla/5.0 (Android 14; Mobile; rv:9.0) Gecko/9.0 Firefox/9.0", "Firefox", "9", "Android", "14", "mobile"
)
GOOGLEBOT = Agent(
    f"Mozilla/5.0 (X11; Linux x86_64) {_BLINK} Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    bot=True,
)
HEADLESS = Agent(
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
    bot=True,
)
NOBODY = Agent(None)  # a server's own SDK, of which no more is known

SHAPES = (
    # 1.x: the names of ua-parser-js
    Shape(14, "1.17.0", {"browserName": "Chrome", "browserVersion": "120.0.6099.71", "osName": "Mac OS", "osVersion": "10.15.7",
                         "deviceType": "desktop"}, CHROME_MAC, {"browser_version": "120"}),
    Shape(9, "1.17.0", {"browserName": "Mobile Safari", "browserVersion": "16.1", "osName": "iOS", "osVersion": "16.1", "deviceType": "mobile"},
          IPHONE, {"browser_version": "16", "os_version": "16.1"}),
    Shape(5, "1.25.0", {"browserName": "Firefox", "browserVersion": "98.0", "osName": "Android", "osVersion": "12", "deviceType": "mobile"},
          FIREFOX_PHONE, {"browser_version": "98", "os_version": "12"}),
    Shape(3, "1.25.0", {"browserName": "unknown", "browserVersion": "unknown", "osName": "unknown", "osVersion": "unknown",
                        "deviceType": "unknown"}, CHROME_LINUX, {}),
    # 3.x on Chromium: the brands of userAgentData
    Shape(24, "3.2.1", {"browserName": "Google Chrome", "browserVersion": "130", "osName": "macOS", "deviceType": "desktop"}, CHROME_MAC,
          {"browser_version": "130", "os_version": None}),
    Shape(12, "3.2.1", {"browserName": "Google Chrome", "browserVersion": "131", "osName": "Android", "deviceType": "mobile"}, CHROME_PHONE,
          {"os_version": None}),
    Shape(9, "3.1.0", {"browserName": "Microsoft Edge", "browserVersion": "131", "osName": "Windows", "deviceType": "desktop"}, EDGE,
          {"os_version": None}),
    # 3.x elsewhere: the bare User-Agent, and "desktop" whatever it is
    Shape(6, "3.2.1", {"aws:userAgent": SAFARI.text, "deviceType": "desktop"}, SAFARI, {}),
    Shape(8, "3.2.1", {"aws:userAgent": IPHONE.text, "deviceType": "desktop"}, IPHONE, {}),
    Shape(2, "3.1.0", {"aws:userAgent": IPAD.text, "deviceType": "desktop"}, IPAD, {}),
    Shape(5, "3.1.0", {"aws:userAgent": FIREFOX.text, "deviceType": "desktop"}, FIREFOX, {}),
    # Robots: by the header, and by what the client hands on
    Shape(2, "3.2.1", {"browserName": "Google Chrome", "browserVersion": "131", "osName": "Linux", "deviceType": "desktop"}, GOOGLEBOT,
          {"browser": "Chrome", "browser_version": "131", "os": "Linux", "device": "desktop"}),
    Shape(1, "1.25.0", {"browserName": "Chrome", "browserVersion": "131.0.0.0", "osName": "Linux", "osVersion": "x86_64", "deviceType": "desktop"},
          HEADLESS, {"browser": "Chrome", "browser_version": "131", "os": "Linux", "os_version": "x86_64", "device": "desktop"}),
)  # fmt: skip
SERVER = Shape(0, "", {}, NOBODY, {})


class Page(NamedTuple):
    """A page id, `%d` a number and `%s` a UUID in it; its page group, title and tags."""

    weight: float
    id: str
    group: str
    title: str
    tags: tuple[str, ...] = ()
    slowness: float = 1.0


REVIEWS = "/products/:id/reviews"
REVIEWS_RULE = "/products/*/reviews"  # the same pages, where the second monitor's owner has a rule
PAGES = (
    Page(26, "/", "/", "Clay & Glaze", ("home",)),
    Page(24, "/products/4%02d", "/products/:id", "A product", ("shop", "product"), 1.3),
    Page(7, "/products/4%02d/reviews", REVIEWS, "Reviews", ("shop", "product", "reviews")),
    Page(8, "/orders/%s", "/orders/:id", "Your order", ("shop",), 1.8),
    Page(5, "/blog/2026/10/03", "/blog/:date", "Kiln news", ("blog",)),
    Page(3, "/help/covid-19", "/help/covid-19", "Hilfe: Öffnungszeiten"),
    Page(9, "/cart", "/cart", "Cart", ("shop", "money"), 1.1),
    Page(4, "/café/menu", "/café/menu", "Menü ☕", ("food",), 0.6),
    Page(4, "/#/users/1%02d", "/#/users/:id", "Account"),
    Page(6, "/search", "/search", "Search", (), 2.4),
)


class Link(NamedTuple):
    """A URL, and what is left of it."""

    weight: float
    url: str
    route: str
    host: str | None
    first_party: bool | None
    kind: str = ""  # of a resource


REQUESTS = (
    Link(10, "https://api.shop.example/v1/baskets/%s?x=1", "/v1/baskets/:id", "api.shop.example", True),
    Link(8, "https://api.shop.example/v1/prices?ids=1,2", "/v1/prices", "api.shop.example", True),
    Link(5, "https://t.tracker.test/collect?a=b", "/collect", "t.tracker.test", False),
    Link(4, "/api/session", "/api/session", None, None),
    Link(3, "https://PAY.bank.test:8443/charge", "/charge", "pay.bank.test:8443", False),
)
RESOURCES = (
    Link(10, "https://cdn.shop.example/img/1f3a9c2d.webp?u=7", "/img/:hash.webp", "cdn.shop.example", True, "image"),
    Link(
        8,
        "https://shop.example/assets/checkout.4f9c2a1b.js",
        "/assets/checkout.:hash.js",
        "shop.example",
        True,
        "script",
    ),
    Link(5, "https://shop.example/fonts/inter.woff2", "/fonts/inter.woff2", "shop.example", True, "font"),
    Link(5, "https://t.tracker.test/tag.js", "/tag.js", "t.tracker.test", False, "script"),
    Link(3, "https://shop.example/style.css", "/style.css", "shop.example", True, "stylesheet"),
)
STATUSES = ((200, 40), (304, 6), (404, 12), (400, 5), (499, 4), (500, 8), (503, 4), (599, 2), (None, 9))
"""None: no answer at all."""


class Failure(NamedTuple):
    """An error, with numbers and hashes that differ from one to the next: `%d` and `%x`."""

    weight: float
    group: str
    type: str
    message: str
    stack: str | None
    file: str | None = None

    @property
    def patterns(self) -> dict[str, str | None]:
        """Members of the event's details."""
        return {"message": self.message, "stack": self.stack, "filename": self.file}


_FRAMES = (
    "\n    at %s (https://shop.example/assets/checkout.%%x.js:%%d:%%d)"
    "\n    at HTMLButtonElement.<anonymous> (https://shop.example/assets/main.%%x.js:1:%%d)"
)
_TOTAL, _ORDER = "Cannot read properties of undefined (reading 'total')", "Order %d was not found"
FAILURES = (
    Failure(12, "total", "TypeError", _TOTAL, f"TypeError: {_TOTAL}" + _FRAMES % "renderTotal"),
    Failure(7, "total elsewhere", "TypeError", _TOTAL, f"TypeError: {_TOTAL}" + _FRAMES % "renderBasket"),
    Failure(5, "order", "Error", _ORDER, f"Error: {_ORDER}" + _FRAMES % "loadOrder"),
    Failure(4, "order of another type", "RangeError", _ORDER, f"RangeError: {_ORDER}" + _FRAMES % "loadOrder"),
    Failure(3, "kiln", "KilnError", "Kiln %x is too hot", None, "https://shop.example/assets/kiln.%x.js"),
    Failure(2, "glaze", "GlazeError", "No such glaze", None),
)
COUNTRIES = (("DE", 30), ("US", 28), ("FR", 9), ("IN", 8), ("BR", 5), ("JP", 4), ("GB", 4), ("NL", 3), ("AT", 2), ("CH", 2),
             ("NO", 1), ("IS", 0.3), (None, 3))  # fmt: skip
SUBDIVISIONS = {"DE": ("BE", "BY"), "US": ("CA", "NY")}
RELEASES = (("1.0.0", 4), ("1.1.0", 4), ("2.0.0-rc.1", 1), (None, 1))
REFERRERS = (("www.google.com", 4), ("news.example", 2), ("", 3), (None, 4))  # "" is missing
LANGUAGES = (("de-DE", 3), ("en-US", 5), ("fr-FR", 1))
ELEMENTS = (("#hero>img", 5), ("main>h1", 3), ("div.banner>picture>img", 2), (None, 1))
LOAD_STATES = (("complete", 6), ("dom-interactive", 2), ("loading", 1))
