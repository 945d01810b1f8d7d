"""What each type of event says in its details: fields of the client's schemas, values drawn from plausible shapes.

Pure functions of a random generator; times are milliseconds, as the client rounds them.
"""

from random import Random
from typing import Any

Details = dict[str, Any]


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
    """A picture, script or font that the page loaded."""
    kind, folder, ending = rng.choice(
        (("image", "img", "webp"), ("script", "assets", "js"), ("font", "fonts", "woff2"))
    )
    return {
        "version": "1.0.0",
        "targetUrl": f"https://shop.example/{folder}/{rng.randrange(16**8):08x}.{ending}",
        "initiatorType": {"image": "img", "script": "script", "font": "css"}[kind],
        "startTime": ms(rng, 340 * slowness),
        "duration": ms(rng, 90 * slowness, 0.9),
        "transferSize": rng.randint(900, 240_000),
        "fileType": kind,
    }


def largest_contentful_paint(rng: Random, slowness: float) -> Details:
    """LCP with its four parts."""
    parts = [ms(rng, median * slowness) for median in (180, 160, 300, 220)]
    names = ("timeToFirstByte", "resourceLoadDelay", "resourceLoadTime", "elementRenderDelay")
    attribution = {"element": "main>figure>img.hero", "url": "https://shop.example/img/hero.webp"}
    return {
        "version": "1.0.0",
        "value": round(sum(parts), 1),
        "attribution": {**attribution, **dict(zip(names, parts, strict=True))},
    }


def layout_shift(rng: Random) -> Details:
    """CLS."""
    value = round(rng.expovariate(18), 4) if rng.random() < 0.6 else 0
    attribution = {"largestShiftTarget": "main>section.offers", "largestShiftValue": value, "loadState": "complete"}
    return {"version": "1.0.0", "value": value, "attribution": attribution}


def interaction_to_next_paint(rng: Random, slowness: float) -> Details:
    """INP with its three parts."""
    delay, work, paint = (ms(rng, median * slowness) for median in (12, 50, 30))
    return {
        "version": "1.0.0",
        "value": round(delay + work + paint),
        "attribution": {
            "interactionTarget": "button.add-to-basket",
            "interactionType": "pointer",
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


def replay(rng: Random, time_ms: int) -> Details:
    """A little of a session's replay."""
    events = [
        {
            "type": 3,
            "timestamp": time_ms + 50 * n,
            "data": {
                "source": 1,
                "positions": [{"x": rng.randrange(1_200), "y": rng.randrange(800), "id": 7, "timeOffset": 0}],
            },
        }
        for n in range(10)
    ]
    return {"version": "1.0.0", "events": events, "eventCount": len(events)}


def checkout(rng: Random) -> Details:
    """The shop's own event: something was sold."""
    return {
        "items": rng.randint(1, 5),
        "total": round(rng.uniform(22, 240), 2),
        "currency": "EUR",
        "gift": rng.random() < 0.1,
    }
