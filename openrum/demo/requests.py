"""What the shop's pages ask servers for: requests as the client records them, and the client's half of their X-Ray traces.

The shop's own API is traced, a foreign host is not. Pure functions of a random generator.
"""

from dataclasses import dataclass
from random import Random

from openrum.demo.details import Details, ms

_API = "https://api.shop.example/v1/"


@dataclass(frozen=True, slots=True)
class _Route:
    """`{}` in the address is an id. `failing` is the share of requests that fail, in one of the ways of `answers`."""

    share: float
    method: str
    url: str
    failing: float
    median_ms: float
    answers: tuple[int | None, ...]


_ROUTES = (
    _Route(40, "GET", f"{_API}products/{{}}", 0.02, 70, (404, 404, 500, None)),
    _Route(20, "GET", f"{_API}recommendations", 0.09, 260, (503, 504, 503, None)),
    _Route(16, "POST", f"{_API}baskets/{{}}/items", 0.1, 120, (409, 500, 409, None)),
    _Route(10, "GET", f"{_API}search", 0.03, 180, (500, None, 429)),
    _Route(5, "POST", f"{_API}payments", 0.26, 520, (402, 402, 500, None)),
    _Route(12, "POST", "https://collect.stats.example/beacon", 0.05, 0, (None, None, 403)),
)
_TEXTS = {
    200: "OK",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_LOST = (
    ("TypeError", "Failed to fetch"),
    ("TypeError", "Failed to fetch"),
    ("AbortError", "The user aborted a request."),
)


def request(rng: Random, slowness: float, time_ms: int) -> tuple[Details, Details | None]:
    """A request that ended at `time_ms`, and its trace where its host is traced."""
    route = rng.choices(_ROUTES, [each.share for each in _ROUTES])[0]
    failed = rng.random() < route.failing
    status = rng.choice(route.answers) if failed else 200
    said: Details = {
        "version": "1.0.0",
        "request": {"method": route.method, "url": route.url.format(rng.randrange(10_000, 10**6))},
    }
    if status is None:
        kind, message = rng.choice(_LOST)
        said["error"] = {"version": "1.0.0", "type": kind, "message": message}
    else:
        said["response"] = {"status": status, "statusText": _TEXTS[status]}
    if not route.url.startswith(_API):
        return said, None
    took_ms = ms(rng, route.median_ms * slowness * (3 if status in (503, 504, None) else 1))
    trace = _trace(rng, said, time_ms, took_ms)
    return {**said, "trace_id": trace["trace_id"], "segment_id": trace["subsegments"][0]["id"]}, trace


def _trace(rng: Random, said: Details, time_ms: int, took_ms: float) -> Details:
    """The client's segment with the request as its only part."""
    begin, end = (time_ms - took_ms) / 1000, time_ms / 1000
    http: Details = {"request": {**said["request"], "traced": True}}
    if "response" in said:
        http["response"] = {"status": said["response"]["status"], "content_length": rng.randrange(80, 40_000)}
    subsegment = {
        "id": f"{rng.getrandbits(64):016x}",
        "name": "api.shop.example",
        "start_time": begin,
        "end_time": end,
        "namespace": "remote",
        "http": http,
    }
    return {
        "version": "1.0.0",
        "name": "rum.aws.amazon.com",
        "id": f"{rng.getrandbits(64):016x}",
        "start_time": begin,
        "end_time": end,
        "trace_id": f"1-{time_ms // 1000:08x}-{rng.getrandbits(96):024x}",
        "origin": "AWS::RUM::AppMonitor",
        "http": http,
        "subsegments": [subsegment],
    }
