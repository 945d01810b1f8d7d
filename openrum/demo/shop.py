"""The demo shop as Starlette routes: pages, pictures that come late, an API that fails in known ways. Knows no other room.

Everything is same-origin and from files or this module: the pages hold under a strict Content-Security-Policy.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from openrum.demo.catalogue import BY_SLUG, CATEGORIES, PRODUCTS, SHAPES, Product, in_category

_SITE = Path(__file__).parent / "site"
_PAGE = Template((_SITE / "page.html").read_text(encoding="utf-8"))
_FILES = {"rum.js": "text/javascript", "shop.js": "text/javascript", "shop.css": "text/css"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff", "referrer-policy": "same-origin"}
_HERO_DELAY_S = 0.9
_PICTURE_DELAY_S = 0.25
_SLOW_API_S = 0.7

Live = Callable[[str], Awaitable[list[list[object]]]]
"""A session id → rows of type and count: what OpenRUM has of it."""


def demo_routes(monitor_id: str, region: str, live: Live) -> list[Route]:
    """The shop under /demo/, instrumented for one monitor."""

    async def monitor(_request: Request) -> Response:
        content = json.dumps({"id": monitor_id, "region": region})
        return PlainTextResponse(f"window.demoMonitor = {content};\n", media_type="text/javascript", headers=_HEADERS)

    async def live_session(request: Request) -> Response:
        rows = await live(request.query_params.get("session", ""))
        return JSONResponse({"rows": rows}, headers={"cache-control": "no-store"})

    return [
        Route("/demo/", home),
        Route("/demo/categories/{slug}", category),
        Route("/demo/products/{slug}", product),
        Route("/demo/cart", cart),
        Route("/demo/site/monitor.js", monitor),
        Route("/demo/site/{name}", site_file),
        Route("/demo/pictures/{slug}.svg", picture),
        Route("/demo/live", live_session),
        Route("/demo/api/recommendations", recommendations),
        Route("/demo/api/baskets/{number}", missing),
        Route("/demo/api/stock", broken, methods=["POST"]),
    ]


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def home(_request: Request) -> Response:
    """The shop window, behind a large picture that comes late."""
    hero = '<img class="hero" src="/demo/pictures/hero.svg" alt="A shelf of pots in the morning sun" />'
    intro = '<h1>Pots for every day</h1><p class="motto">Thrown, glazed and fired by hand.</p>'
    return _page("Home", hero + intro + _shelf(PRODUCTS[::2]))


async def category(request: Request) -> Response:
    """One shelf."""
    found = next((each for each in CATEGORIES if each.slug == request.path_params["slug"]), None)
    if found is None:
        return _page("Not found", "<h1>There is no such shelf</h1>", 404)
    intro = f'<h1>{escape(found.name)}</h1><p class="motto">{escape(found.motto)}</p>'
    return _page(found.name, intro + _shelf(in_category(found.slug)))


async def product(request: Request) -> Response:
    """One ware."""
    found = BY_SLUG.get(request.path_params["slug"])
    if found is None:
        return _page("Not found", "<h1>There is no such ware</h1>", 404)
    text = (
        f'<div class="ware">{_image(found)}<div><h1>{escape(found.name)}</h1>'
        f'<p class="motto">{escape(found.text)}</p><p class="price">{_price(found)}</p>'
        f'<button class="primary" data-buy="{escape(found.slug)}">Into the basket</button></div></div>'
    )
    return _page(found.name, text)


async def cart(_request: Request) -> Response:
    """The basket, which never fills: nothing is sold here."""
    return _page("Basket", '<h1>Your basket</h1><p class="motto">It is empty. Nothing is sold here.</p>')


def _page(title: str, content: str, status: int = 200) -> Response:
    links = " ".join(f'<a href="/demo/categories/{each.slug}">{escape(each.name)}</a>' for each in CATEGORIES)
    html = _PAGE.substitute(title=escape(title), navigation=links, content=content)
    return HTMLResponse(html, status, headers=_HEADERS)


def _shelf(products: tuple[Product, ...]) -> str:
    cards = (
        f'<a href="/demo/products/{each.slug}">{_image(each)}<strong>{escape(each.name)}</strong>'
        f'<span class="price">{_price(each)}</span></a>'
        for each in products
    )
    return f'<div class="shelf">{"".join(cards)}</div>'


def _image(each: Product) -> str:
    return f'<img src="/demo/pictures/{each.slug}.svg" alt="{escape(each.name)}" width="400" height="400" />'


def _price(each: Product) -> str:
    return f"€ {each.price_cents // 100}.{each.price_cents % 100:02}"


# ── Files and pictures ────────────────────────────────────────────────────────────────────────────────────────────


async def site_file(request: Request) -> Response:
    """A file of the site, by a name from the list."""
    name = request.path_params["name"]
    if name not in _FILES:
        return PlainTextResponse("There is no such file.\n", 404)
    return Response(await asyncio.to_thread((_SITE / name).read_bytes), media_type=_FILES[name], headers=_HEADERS)


async def picture(request: Request) -> Response:
    """A pot, drawn; late, so that there is something to measure."""
    slug = request.path_params["slug"]
    found = BY_SLUG.get(slug)
    if slug == "hero":
        await asyncio.sleep(_HERO_DELAY_S)
        return _svg(1600, 600, "#e9dfd3", [_pot(each, 200 + 240 * n, 380) for n, each in enumerate(PRODUCTS[::3])])
    if found is None:
        return PlainTextResponse("There is no such picture.\n", 404)
    await asyncio.sleep(_PICTURE_DELAY_S)
    return _svg(400, 400, found.wall, [_pot(found, 200, 260)])


def _svg(width: int, height: int, wall: str, pots: list[str]) -> Response:
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="{wall}"/>'
        f'<rect y="{height * 0.8:g}" width="{width}" height="{height * 0.2:g}" fill="#00000014"/>{"".join(pots)}</svg>'
    )
    return Response(text, media_type="image/svg+xml", headers={"cache-control": "no-store"})


def _pot(each: Product, x: int, y: int) -> str:
    shape = SHAPES[each.category]
    return (
        f'<g transform="translate({x} {y})"><ellipse cy="84" rx="100" ry="14" fill="#00000022"/>'
        f'<path d="{shape}" fill="{each.glaze}" stroke="{each.clay}" stroke-width="10" stroke-linejoin="round"/></g>'
    )


# ── The API, which fails on purpose ───────────────────────────────────────────────────────────────────────────────


async def recommendations(_request: Request) -> Response:
    """Slow, and sound."""
    await asyncio.sleep(_SLOW_API_S)
    return JSONResponse([each.slug for each in PRODUCTS[:4]])


async def missing(_request: Request) -> Response:
    """404, always."""
    return JSONResponse({"message": "There is no such basket."}, 404)


async def broken(_request: Request) -> Response:
    """500, always."""
    return JSONResponse({"message": "The warehouse does not answer."}, 500)
