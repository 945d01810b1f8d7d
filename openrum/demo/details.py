"""What each type of event says in its details: fields of the client's schemas, values drawn from plausible shapes.

Pure functions of a random generator; times are milliseconds, as the client rounds them.
"""

from random import Random
from typing import Any, NamedTuple

Details = dict[str, Any]


class _File(NamedTuple):
    """What a page loads: `time` is how long it takes, where 1 is usual; `size` in bytes."""

    url: str
    kind: str
    initiator: str
    time: float
    size: int


_SHOP = "https://shop.example"
_PICTURES = (
    _File(f"{_SHOP}/img/hero.webp", "image", "img", 2.2, 182_000),
    _File(f"{_SHOP}/img/products/morning-mug.webp", "image", "img", 1.0, 64_000),
    _File(f"{_SHOP}/img/products/ramen-bowl.webp", "image", "img", 1.1, 71_000),
    _File(f"{_SHOP}/img/products/moon-vase.webp", "image", "img", 1.0, 58_000),
    _File(f"{_SHOP}/img/logo.svg", "image", "img", 0.4, 3_400),
)
_CODE = (
    _File(f"{_SHOP}/assets/app.81b7de.js", "script", "script", 1.4, 86_000),
    _File(f"{_SHOP}/assets/product.81b7de.js", "script", "script", 0.9, 31_000),
    _File(f"{_SHOP}/assets/shop.4c1d20.css", "stylesheet", "link", 0.6, 18_000),
    _File("https://collect.stats.example/tag.js", "script", "script", 2.8, 44_000),
)
_FONTS = (
    _File(f"{_SHOP}/fonts/spectral-400.woff2", "font", "css", 0.8, 24_000),
    _File(f"{_SHOP}/fonts/inter-500.woff2", "font", "css", 0.7, 21_000),
)
_LCP_ELEMENTS = {
    "home": ("main>section.hero>img", "main>section.hero>h1"),
    "products": ("main>figure>img.hero", "main>div.story>p"),
    "categories": ("ul.products>li:first-child>a>img", "main>h1"),
}
_LCP_TEXT = ("main>h1",)
_SHIFTED = ("main>section.offers", "aside.newsletter", "main>figure>img.hero")
_USED = (("button.add-to-basket", 1.15), ("a.product", 0.7), ("button.menu", 0.6), ("input.search", 1.5))


def ms(rng: Random, median: float, spread: float = 0.6) -> float:
    """A log-normal time, to a tenth of a millisecond, as browsers give them."""
    return float(round(median * rng.lognormvariate(0, spread), 1))


def session_start(_rng: Random) -> Details:
    """The first event of a session."""
    return {"version": "1.0.0"}


def page_view(rng: Random, page: str, number: int, referrer: str) -> Details:
    """One look at a page."""
    details: Details = {"version": "1.0.0", "pageId": page, "interaction": number}
    if number > 0:
        details |= {"pageInteractionId": f"{page}-{number}", "timeOnParentPage": round(ms(rng, 14_000, 0.9))}
    if referrer:
        details |= {"referrer": f"https://{referrer}/", "referrerDomain": referrer}
    return details


def navigation(rng: Random, slowness: float) -> Details:
    """How a page was loaded, phase by phase."""
    dns, tcp, tls = ms(rng, 8), ms(rng, 20 * slowness), ms(rng, 22 * slowness)
    connect = round(tcp + tls, 1)  # as the client has it: TLS is a part of it
    wait, download = ms(rng, 160 * slowness), ms(rng, 30 * slowness)
    processing, load = ms(rng, 420 * slowness), ms(rng, 12)
    response_start = round(dns + connect + wait, 1)
    interactive = round(response_start + download + processing * 0.6, 1)
    complete = round(response_start + download + processing, 1)
    return {
        "version": "1.0.0",
        "initiatorType": "navigation",
        "navigationType": "navigate",
        "startTime": 0,
        "unloadEventStart": 0,
        "promptForUnload": 0,
        "redirectCount": 0,
        "redirectStart": 0,
        "redirectTime": 0,
        "workerStart": 0,
        "workerTime": 0,
        "fetchStart": 1.2,
        "domainLookupStart": 1.2,
        "dns": dns,
        "nextHopProtocol": "h2",
        "connectStart": round(1.2 + dns, 1),
        "connect": connect,
        "secureConnectionStart": round(1.2 + dns + tcp, 1),
        "tlsTime": tls,
        "requestStart": round(response_start - wait, 1),
        "timeToFirstByte": wait,
        "responseStart": response_start,
        "responseTime": download,
        "domInteractive": interactive,
        "domContentLoadedEventStart": round(interactive + 3, 1),
        "domContentLoaded": 2.1,
        "domComplete": complete,
        "domProcessingTime": processing,
        "loadEventStart": complete,
        "loadEventTime": load,
        "duration": round(complete + load, 1),
        "headerSize": 300,
        "transferSize": rng.randint(6_000, 48_000),
        "compressionRatio": 3.4,
        "navigationTimingLevel": 2,
    }


def resource(rng: Random, slowness: float) -> Details:
    """A picture, script, style sheet or font that the page loaded."""
    files = rng.choice((_PICTURES, _CODE, _FONTS))
    file = files[rng.randrange(16**8) % len(files)]
    return {
        "version": "1.0.0",
        "targetUrl": file.url,
        "initiatorType": file.initiator,
        "startTime": ms(rng, 340 * slowness),
        "duration": ms(rng, 90 * slowness * file.time, 0.9),
        "transferSize": file.size + rng.randint(900, 240_000) % 300,
        "fileType": file.kind,
    }


def largest_contentful_paint(rng: Random, slowness: float, kind: str) -> Details:
    """LCP with its four parts, on a page of a kind, such as "products"."""
    parts = [ms(rng, median * slowness) for median in (180, 160, 300, 220)]
    names = ("timeToFirstByte", "resourceLoadDelay", "resourceLoadTime", "elementRenderDelay")
    elements = _LCP_ELEMENTS.get(kind, _LCP_TEXT)
    # On narrow screens the picture is not always the largest.
    attribution = {"element": elements[-1] if _one_in(6, parts[0]) else elements[0]}
    if "img" in attribution["element"]:
        attribution["url"] = _PICTURES[0].url
    return {
        "version": "1.0.0",
        "value": round(sum(parts), 1),
        "attribution": {**attribution, **dict(zip(names, parts, strict=True))},
    }


def _one_in(many: int, time: float) -> bool:
    """As good as chance, of a time that was drawn already: its last digits."""
    return round(time * 10) % many == 0


def layout_shift(rng: Random) -> Details:
    """CLS."""
    value = round(rng.expovariate(18), 4) if rng.random() < 0.6 else 0
    shifted = _SHIFTED[max(0, round(value * 10_000) % 5 - 2)]
    attribution = {"largestShiftTarget": shifted, "largestShiftValue": value, "loadState": "complete"}
    return {"version": "1.0.0", "value": value, "attribution": attribution}


def interaction_to_next_paint(rng: Random, slowness: float) -> Details:
    """INP with its three parts."""
    delay, work, paint = (ms(rng, median * slowness) for median in (12, 50, 30))
    target, effort = _USED[max(0, round(delay * 10) % 7 - 3)]
    work = round(work * effort, 1)
    return {
        "version": "1.0.0",
        "value": round(delay + work + paint),
        "attribution": {
            "interactionTarget": target,
            "interactionType": "keyboard" if target.startswith("input") else "pointer",
            "inputDelay": delay,
            "processingDuration": work,
            "presentationDelay": paint,
            "loadState": "complete",
        },
    }


def first_input_delay(rng: Random, slowness: float) -> Details:
    """FID, which 1.x and 2.x still send."""
    attribution = {
        "eventTarget": "a.product",
        "eventType": "pointerdown",
        "eventTime": ms(rng, 2_400),
        "loadState": "complete",
    }
    return {"version": "1.0.0", "value": ms(rng, 4 * slowness, 1.0), "attribution": attribution}


def first_contentful_paint(rng: Random, slowness: float) -> Details:
    """FCP, from 3.2 on."""
    first_byte, rest = ms(rng, 180 * slowness), ms(rng, 420 * slowness)
    attribution = {"timeToFirstByte": first_byte, "firstByteToFCP": rest, "loadState": "dom-interactive"}
    return {"version": "1.0.0", "value": round(first_byte + rest, 1), "attribution": attribution}


def time_to_first_byte(rng: Random, slowness: float) -> Details:
    """TTFB, from 3.2 on."""
    dns, connection, request = ms(rng, 8), ms(rng, 40 * slowness), ms(rng, 150 * slowness)
    attribution = {
        "waitingDuration": 1.1,
        "cacheDuration": 0,
        "dnsDuration": dns,
        "connectionDuration": connection,
        "requestDuration": request,
    }
    return {"version": "1.0.0", "value": round(dns + connection + request, 1), "attribution": attribution}


def dom(rng: Random) -> Details:
    """A click that the site registered."""
    return {
        "version": "1.1.0",
        "event": "click",
        "element": "BUTTON",
        "elementId": rng.choice(("buy", "search", "menu")),
    }


def checkout(rng: Random) -> Details:
    """The shop's own event: something was sold."""
    return {
        "items": rng.randint(1, 5),
        "total": round(rng.uniform(22, 240), 2),
        "currency": "EUR",
        "gift": rng.random() < 0.1,
    }
