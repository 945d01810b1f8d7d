"""What breaks in the shop's pages: errors that nobody caught, each with the stack that Chromium would give.

One belongs to the release that broke the checkout and one is new in the last, so that there is something to find.
Pure functions of a random generator.
"""

from dataclasses import dataclass
from random import Random

from openrum.demo.details import Details
from openrum.demo.world import BROKEN_RELEASE, RELEASES

_ASSETS = "https://shop.example/assets/"
_CHECKOUT, _PRODUCT, _API = (
    f"{_ASSETS}{name}" for name in ("checkout.4f9c2a.js", "product.81b7de.js", "api.c09e11.js")
)
_VENDOR = f"{_ASSETS}vendor.77aa01.js"
_STRIPE = "https://js.stripe.com/v3/fingerprinted/js/controller.2b8c.js"
_TAGS = "https://www.googletagmanager.com/gtm.js"

Frame = tuple[str, str, int, int]
"""Function, file, line, column."""


@dataclass(frozen=True, slots=True)
class _Error:
    """`{}` in the message is a number that differs each time. `release` is the only one that has it."""

    share: float
    type: str
    message: str
    frames: tuple[Frame, ...]
    release: str | None = None


_CLICK: tuple[Frame, ...] = (
    ("invokeGuarded", _VENDOR, 2, 40_112),
    ("dispatchEvent", _VENDOR, 2, 41_873),
)
_BROKEN_CHECKOUT = _Error(
    0, "TypeError", "Cannot read properties of undefined (reading 'total')",
    (("renderTotal", _CHECKOUT, 1, 20_482), ("updateBasket", _CHECKOUT, 1, 20_990),
     ("HTMLButtonElement.onclick", _CHECKOUT, 1, 21_977), *_CLICK),
)  # fmt: skip
_ERRORS = (
    _Error(26, "ReferenceError", "basket is not defined",
           (("addToBasket", _PRODUCT, 1, 9_214), ("HTMLButtonElement.onclick", _PRODUCT, 1, 11_020), *_CLICK)),
    _Error(20, "Error", "Payment {} was declined",
           (("confirm", _STRIPE, 1, 88_104), ("pay", _CHECKOUT, 1, 24_301), ("async submitOrder", _CHECKOUT, 1, 25_940))),
    _Error(18, "SyntaxError", "Unexpected token '<', \"<!doctype \"... is not valid JSON",
           (("JSON.parse", "<anonymous>", 0, 0), ("readAnswer", _API, 1, 3_120), ("async loadBasket", _API, 1, 4_877))),
    _Error(14, "TypeError", "Cannot read properties of null (reading 'dataset')",
           (("b.track", _TAGS, 412, 191), ("Object.push", _TAGS, 388, 22))),
    _Error(12, "Error", "ResizeObserver loop completed with undelivered notifications.", ()),
    _Error(40, "RangeError", "Invalid time value",
           (("Date.toISOString", "<anonymous>", 0, 0), ("formatDelivery", _PRODUCT, 1, 15_873),
            ("renderProduct", _PRODUCT, 1, 16_240), ("performWork", _VENDOR, 2, 12_040)), RELEASES[-1]),
)  # fmt: skip


def js_error(rng: Random, page: str, release: str) -> Details:
    """An error that nobody caught."""
    if page == "/checkout" and release == BROKEN_RELEASE:
        return _details(rng, _BROKEN_CHECKOUT)
    possible = [error for error in _ERRORS if error.release in (None, release)]
    return _details(rng, rng.choices(possible, [error.share for error in possible])[0])


def _details(rng: Random, error: _Error) -> Details:
    message = error.message.format(rng.randrange(10_000, 100_000)) if "{}" in error.message else error.message
    details: Details = {"version": "1.0.0", "type": error.type, "message": message}
    if not error.frames:
        return {**details, "filename": "https://shop.example/", "lineno": 0, "colno": 0}
    _, file, line, column = next(frame for frame in error.frames if frame[1] != "<anonymous>")
    stack = "\n".join([f"{error.type}: {message}", *(f"    at {_spoken(frame)}" for frame in error.frames)])
    return {**details, "filename": file, "lineno": line, "colno": column, "stack": stack}


def _spoken(frame: Frame) -> str:
    function, file, line, column = frame
    return f"{function} (<anonymous>)" if file == "<anonymous>" else f"{function} ({file}:{line}:{column})"
