"""Page loads of two releases, made up from a seed: whose truth is known, because it was planted.

A load's LCP is a product: a base, its page, its device, its country, its session's own pace, and chance. Sessions have one
to four loads, so that loads depend on each other as they do in life. The candidate's visitors are on faster machines in
faster countries; what else the candidate changes is asked for.
"""

import random
from collections.abc import Callable

BASELINE, CANDIDATE = "1.0", "1.1"
PAGES = {"/": 1.0, "/products": 1.1, "/cart": 0.9, "/checkout": 1.2, "/search": 1.3, "/account": 0.8}
BROWSERS = {"Chrome": 0.5, "Safari": 0.3, "Firefox": 0.12, "Edge": 0.08}
DEVICES = {"desktop": 1.0, "mobile": 1.6}
COUNTRIES = {"DE": 1.0, "FR": 1.1, "US": 1.3, "IN": 1.9, "BR": 2.2}
MOBILE = {BASELINE: 0.6, CANDIDATE: 0.4}
COUNTRY_SHARES = {BASELINE: (0.25, 0.2, 0.2, 0.2, 0.15), CANDIDATE: (0.38, 0.26, 0.18, 0.1, 0.08)}
_BASE_MS = 350
_PACE, _CHANCE = 0.15, 0.3  # standard deviations, of logarithms

Change = Callable[[str, str, str], float]
"""(release, page, browser) → milliseconds that a load takes longer."""


def nothing_changed(release: str, page: str, browser: str) -> float:
    """The mix alone is another."""
    return 0.0


def slower_on_checkout_in_safari(release: str, page: str, browser: str) -> float:
    """80 ms, on one page in one browser, of the candidate."""
    return 80.0 if (release, page, browser) == (CANDIDATE, "/checkout", "Safari") else 0.0


def lines(seed: int, monitor: str, time_ms: int, sessions: int, change: Change = nothing_changed) -> bytes:
    """JSON lines of rows: so many sessions of either release, all loads at one time."""
    chance = random.Random(seed)
    made: list[str] = []
    for number in range(2 * sessions):
        release = CANDIDATE if number % 2 else BASELINE
        browser = chance.choices(list(BROWSERS), list(BROWSERS.values()))[0]
        device = "mobile" if chance.random() < MOBILE[release] else "desktop"
        country = chance.choices(list(COUNTRIES), COUNTRY_SHARES[release])[0]
        visitor = _BASE_MS * DEVICES[device] * COUNTRIES[country] * chance.lognormvariate(0, _PACE)
        same = (
            f'"monitor":"{monitor}","session":"{_id(seed, 1, number)}","time":{time_ms},"received":{time_ms},'
            '"type":"com.amazon.rum.largest_contentful_paint_event","day":20000,"block":1,"record":0,'
            f'"release":"{release}","browser":"{browser}","device":"{device}","country":"{country}"'
        )
        for page in chance.choices(list(PAGES), k=chance.choice((1, 1, 2, 2, 3, 4))):
            value = visitor * PAGES[page] * chance.lognormvariate(0, _CHANCE) + change(release, page, browser)
            index = len(made)
            made.append(
                f'{{{same},"id":"{_id(seed, 2, index)}","index":{index},"page_group":"{page}","value":{value:.1f}}}'
            )
    return "\n".join(made).encode()


def _id(seed: int, kind: int, number: int) -> str:
    return f"{kind:04x}{seed:04x}-0000-4000-8000-{number:012x}"
