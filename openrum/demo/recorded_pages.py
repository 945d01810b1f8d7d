"""The demo shop's pages as a recorded session shows them: snapshots of rrweb, with all text masked, and where things are.

before   recorded_page("/products/moon-vase", "moon-vase")
after    document {"type": 0, "childNodes": [doctype, html …], "id": 1}, ids {"buy": 41, "column": 34, …}

Pictures are drawn inline and the style sheet is in its link, so that a player loads nothing.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from openrum.demo.catalogue import BY_SLUG, CATEGORIES, PRODUCTS, SHAPES, Product, in_category

Node = dict[str, Any]

SHOP = "https://shop.example"
FIELDS = ("email", "name", "street", "city")
"""The inputs of the checkout, in their order."""

_SITE = Path(__file__).parent / "site"
_DOCUMENT, _DOCTYPE, _ELEMENT, _TEXT = 0, 1, 2, 3  # rrweb's types of nodes
_ROOT_ID, _DOCTYPE_ID = 1, 2
_SVG = ("svg", "g", "rect", "ellipse", "path")


class RecordedPage(NamedTuple):
    """`ids` are those of the nodes that visitors use, by name. `last_id` is the highest of all."""

    document: Node
    ids: dict[str, int]
    last_id: int


class _Part(NamedTuple):
    """An element before it is numbered."""

    tag: str
    attributes: dict[str, str]
    children: tuple["_Part | str", ...]
    name: str


def masked(text: str) -> str:
    """As the web client masks it."""
    return re.sub(r"\S", "*", text)


def kind_of(path: str) -> str:
    """The first part of a path, "home" of none."""
    return path.split("/")[1] or "home"


def ware_names(path: str) -> list[str]:
    """The names of the cards on a page's shelf, in their order."""
    return [f"/products/{each.slug}" for each in _on_shelf(path)]


@cache
def recorded_page(path: str, ware: str) -> RecordedPage:
    """A page of the shop. `ware` is the slug of what is in the basket. The same object each time: not to be changed."""
    html = _part("html", {"lang": "en"}, _head(path), _body(path, ware))
    ids: dict[str, int] = {}
    numbered, last = _numbered(html, _DOCTYPE_ID + 1, ids)
    doctype: Node = {"type": _DOCTYPE, "name": "html", "publicId": "", "systemId": "", "id": _DOCTYPE_ID}
    return RecordedPage({"type": _DOCUMENT, "childNodes": [doctype, numbered], "id": _ROOT_ID}, ids, last)


def _part(tag: str, attributes: dict[str, str] | None = None, *children: _Part | str, name: str = "") -> _Part:
    return _Part(tag, attributes or {}, children, name)


def _numbered(part: _Part | str, number: int, ids: dict[str, int]) -> tuple[Node, int]:
    """The node with ids from `number` on, in the document's order, and the last one given."""
    if isinstance(part, str):
        return {"type": _TEXT, "textContent": masked(part), "id": number}, number
    children: list[Node] = []
    last = number
    if part.name:
        ids[part.name] = number
    for child in part.children:
        node, last = _numbered(child, last + 1, ids)
        children.append(node)
    said: Node = {"type": _ELEMENT, "tagName": part.tag, "attributes": part.attributes, "childNodes": children}
    if part.tag in _SVG:
        said["isSVG"] = True
    return {**said, "id": number}, last


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _css() -> str:
    """Both style sheets on one line, as a browser gives the rules that it has read."""
    sheets = [(_SITE / name).read_text(encoding="utf-8") for name in ("shop.css", "recorded.css")]
    return re.sub(r"\s+", " ", " ".join(sheets)).strip()


def _head(path: str) -> _Part:
    return _part(
        "head",
        {},
        _part("title", {}, f"{kind_of(path)} · Clay & Glaze"),
        _part("link", {"_cssText": _css()}),
    )


def _body(path: str, ware: str) -> _Part:
    links = [
        _part("a", {"href": f"{SHOP}/categories/{each.slug}"}, each.name, name=f"/categories/{each.slug}")
        for each in CATEGORIES
    ]
    basket = _part("a", {"class": "basket", "href": f"{SHOP}/cart"}, "Basket", name="/cart")
    brand = _part("a", {"class": "brand", "href": f"{SHOP}/"}, "Clay & Glaze")
    header = _part("header", {}, brand, _part("nav", {}, *links, basket))
    main = _part("main", {}, *_content(path, BY_SLUG[ware]), name="main")
    return _part("body", {}, header, main, _part("footer", {}, "Thrown, glazed and fired by hand."), name="body")


def _content(path: str, ware: Product) -> list[_Part]:
    slug = path.rpartition("/")[2]
    match kind_of(path):
        case "home":
            pots = [_pot(each, f"translate({200 + 240 * n} 380)") for n, each in enumerate(PRODUCTS[::3])]
            hero = _part("svg", {"class": "hero", "viewBox": "0 0 1600 600"}, *_wall(0, 0, 1600, 600, "#e9dfd3"), *pots)
            return [hero, *_heading("Pots for every day", "Thrown, glazed and fired by hand."), _shelf(_on_shelf(path))]
        case "categories":
            shelf = next(each for each in CATEGORIES if each.slug == slug)
            return [*_heading(shelf.name, shelf.motto), _shelf(_on_shelf(path))]
        case "products":
            return [_product(BY_SLUG[slug])]
        case "cart":
            line = _part("div", {"class": "line"}, _picture(ware), _part("strong", {}, ware.name), _price(ware))
            button = _part("button", {"class": "primary"}, "To the checkout", name="checkout")
            return [*_heading("Your basket", "One ware."), line, button]
        case "checkout":
            return [*_heading("Checkout", "Where shall it go?"), _form()]
        case _:
            return _heading("Thank you", "Your pot is on its way.")


def _on_shelf(path: str) -> tuple[Product, ...]:
    match kind_of(path):
        case "home":
            return PRODUCTS[::2]
        case "categories":
            return in_category(path.rpartition("/")[2])
        case _:
            return ()


def _heading(title: str, motto: str) -> list[_Part]:
    return [_part("h1", {}, title), _part("p", {"class": "motto"}, motto)]


def _shelf(products: tuple[Product, ...]) -> _Part:
    cards = [
        _part(
            "a",
            {"href": f"{SHOP}/products/{each.slug}"},
            _picture(each),
            _part("strong", {}, each.name),
            _price(each),
            name=f"/products/{each.slug}",
        )
        for each in products
    ]
    return _part("div", {"class": "shelf"}, *cards)


def _product(each: Product) -> _Part:
    button = _part("button", {"class": "primary"}, "Into the basket", name="buy")
    column = _part("div", {}, *_heading(each.name, each.text), _price(each, "p"), button, name="column")
    return _part("div", {"class": "ware"}, _picture(each), column)


def _form() -> _Part:
    fields = [
        _part("label", {}, field.title(), _part("input", {"type": "text", "name": field}, name=field))
        for field in FIELDS
    ]
    return _part("form", {}, *fields, _part("button", {"class": "primary", "type": "button"}, "Order", name="order"))


def _price(each: Product, tag: str = "span") -> _Part:
    return _part(tag, {"class": "price"}, f"€ {each.price_cents // 100}.{each.price_cents % 100:02}")


def _picture(each: Product) -> _Part:
    drawn = (*_wall(-200, -260, 400, 400, each.wall), *_pot(each, "").children)
    return _part("svg", {"class": "picture", "viewBox": "-200 -260 400 400"}, *drawn)


def _wall(x: int, y: int, width: int, height: int, colour: str) -> list[_Part]:
    """The wall, and the board that pots stand on."""
    wide = {"x": str(x), "width": str(width)}
    board = {"y": f"{y + height * 0.8:g}", "height": f"{height * 0.2:g}", "fill": "#00000014"}
    return [
        _part("rect", {**wide, "y": str(y), "height": str(height), "fill": colour}),
        _part("rect", {**wide, **board}),
    ]


def _pot(each: Product, transform: str) -> _Part:
    shadow = _part("ellipse", {"cy": "84", "rx": "100", "ry": "14", "fill": "#00000022"})
    line = {"stroke": each.clay, "stroke-width": "10", "stroke-linejoin": "round"}
    return _part(
        "g", {"transform": transform}, shadow, _part("path", {"d": SHAPES[each.category], "fill": each.glaze, **line})
    )
