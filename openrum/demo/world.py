"""Who visits the demo shop: tables of countries, browsers and clients, with rough shares of the real web. No work.

Names are as the clients give them: 1.x and 2.x what ua-parser-js makes of the User-Agent, 3.x the brands of
navigator.userAgentData, or the bare User-Agent where a browser has none.
"""

from typing import NamedTuple


class Country(NamedTuple):
    """Where visitors are. `slowness` multiplies network times."""

    code: str
    share: float
    utc_hours: int
    language: str
    slowness: float


class Browser(NamedTuple):
    """What they use. `brand` is (name, version, platform) of userAgentData, None without it. `slowness`: of the device."""

    share: float
    user_agent: str
    name: str
    version: str
    system: str
    system_version: str
    device: str
    brand: tuple[str, str, str] | None
    slowness: float


COUNTRIES = (
    Country("US", 27, -6, "en-US", 1.0),
    Country("DE", 17, 1, "de-DE", 0.9),
    Country("GB", 11, 0, "en-GB", 0.9),
    Country("FR", 8, 1, "fr-FR", 0.95),
    Country("IN", 8, 5, "en-IN", 2.4),
    Country("JP", 6, 9, "ja-JP", 1.1),
    Country("BR", 6, -3, "pt-BR", 1.8),
    Country("NL", 4, 1, "nl-NL", 0.8),
    Country("CA", 4, -5, "en-CA", 1.0),
    Country("AU", 3, 10, "en-AU", 1.6),
    Country("ES", 3, 1, "es-ES", 1.0),
    Country("NG", 1.5, 1, "en-NG", 3.2),
    Country("ID", 1.5, 7, "id-ID", 2.2),
)

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_CHROME = "Chrome/154.0.0.0"

BROWSERS = (
    Browser(26, f"{_WINDOWS} {_BLINK} {_CHROME} Safari/537.36",
            "Chrome", "154.0.0.0", "Windows", "10", "desktop", ("Google Chrome", "154", "Windows"), 1.0),
    Browser(24, f"{_ANDROID} {_BLINK} {_CHROME} Mobile Safari/537.36",
            "Chrome", "154.0.0.0", "Android", "10", "mobile", ("Google Chrome", "154", "Android"), 2.2),
    Browser(17, f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_WEBKIT} Version/26.0 Mobile/15E148 Safari/604.1",
            "Mobile Safari", "26.0", "iOS", "18.6", "mobile", None, 1.2),
    Browser(9, f"{_MAC} {_BLINK} {_CHROME} Safari/537.36",
            "Chrome", "154.0.0.0", "Mac OS", "10.15.7", "desktop", ("Google Chrome", "154", "macOS"), 0.8),
    Browser(7, f"{_MAC} {_WEBKIT} Version/26.0 Safari/605.1.15",
            "Safari", "26.0", "Mac OS", "10.15.7", "desktop", None, 0.8),
    Browser(6, f"{_WINDOWS} {_BLINK} {_CHROME} Safari/537.36 Edg/154.0.0.0",
            "Edge", "154.0.0.0", "Windows", "10", "desktop", ("Microsoft Edge", "154", "Windows"), 1.1),
    Browser(4, f"{_WINDOWS[:-1]}; rv:152.0) Gecko/20100101 Firefox/152.0",
            "Firefox", "152.0", "Windows", "10", "desktop", None, 1.0),
    Browser(3, f"{_ANDROID} {_BLINK} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
            "Samsung Internet", "29.0", "Android", "10", "mobile", ("Samsung Internet", "29.0", "Android"), 2.0),
    Browser(2, f"Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) {_WEBKIT} Version/26.0 Mobile/15E148 Safari/604.1",
            "Mobile Safari", "26.0", "iOS", "18.6", "tablet", None, 1.1),
    Browser(2, "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0",
            "Firefox", "152.0", "Linux", "unknown", "desktop", None, 0.9),
)  # fmt: skip

CLIENTS = ((26.0, "1.25.0"), (4.0, "1.19.0"), (10.0, "2.1.0"), (50.0, "3.2.1"), (10.0, "3.1.0"))
"""Share and version of the web client. 3.x sends what a session's events have in common once a batch."""

RELEASES = ("1.3.0", "1.4.0", "1.4.1", "1.5.0")
"""The shop's own releases, each a quarter of the time. 1.4.0 broke the checkout."""

BROKEN_RELEASE = "1.4.0"

HOURS = (3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 11, 10, 9, 9, 10, 11, 13, 15, 16, 14, 10, 6)
"""How busy each local hour is."""

WEEKDAYS = (10, 10, 10, 10, 9, 13, 14)
"""How busy each day is, Monday first."""
