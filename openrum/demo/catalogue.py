"""What the demo shop sells: plain data, no work. The shop's pages and the population's journeys are made from it."""

from typing import NamedTuple


class Category(NamedTuple):
    """A shelf of the shop."""

    slug: str
    name: str
    motto: str


class Product(NamedTuple):
    """One ware. Colours are those of its clay, its glaze and the wall behind it."""

    slug: str
    name: str
    category: str
    price_cents: int
    text: str
    clay: str
    glaze: str
    wall: str


CATEGORIES = (
    Category("mugs", "Mugs", "For the first quiet minute of the day."),
    Category("bowls", "Bowls", "Deep enough for soup, fair enough for fruit."),
    Category("vases", "Vases", "One stem is plenty."),
    Category("planters", "Planters", "A good home for something green."),
)

PRODUCTS = (
    Product("morning-mug", "Morning mug", "mugs", 2_400, "Holds one long coffee.", "#d9b99b", "#f4efe6", "#e9dfd3"),
    Product("harbour-mug", "Harbour mug", "mugs", 2_600, "Glazed like a winter sea.", "#c9a587", "#3f6c83", "#d5e0e3"),
    Product("moss-mug", "Moss mug", "mugs", 2_600, "Green runs into the clay.", "#b98d6b", "#6f8259", "#e0e4d4"),
    Product("ember-mug", "Ember mug", "mugs", 2_800, "Red iron, twice fired.", "#8f5a41", "#b4512f", "#efd9cb"),
    Product("ramen-bowl", "Ramen bowl", "bowls", 3_800, "With a rest for chopsticks.", "#caa98a", "#2f4858", "#d7dde0"),
    Product("oat-bowl", "Oat bowl", "bowls", 2_900, "Breakfast, and not too much.", "#dcc3a5", "#efe6d5", "#e6dccb"),
    Product("berry-bowl", "Berry bowl", "bowls", 3_200, "Stains are part of it.", "#c39b87", "#8a4560", "#eddde0"),
    Product("feast-bowl", "Feast bowl", "bowls", 6_400, "For the whole table.", "#b58863", "#c98f3a", "#f1e3c6"),
    Product("bud-vase", "Bud vase", "vases", 2_200, "Asks for one stem only.", "#d8bda2", "#e8b7a4", "#f3e2da"),
    Product("moon-vase", "Moon vase", "vases", 5_800, "Round, pale, calm.", "#cdbba7", "#f1ede4", "#d9d8dc"),
    Product(
        "bottle-vase", "Bottle vase", "vases", 4_400, "A long neck for dry grass.", "#a97f60", "#4f7a6d", "#dbe5df"
    ),
    Product("dusk-vase", "Dusk vase", "vases", 4_900, "The sky at ten past nine.", "#9c7a72", "#5b5478", "#e0dbe6"),
    Product("sill-planter", "Sill planter", "planters", 3_400, "Fits a narrow sill.", "#c08a64", "#dfa47c", "#efe0d2"),
    Product("fern-planter", "Fern planter", "planters", 4_100, "Likes the bathroom.", "#b9977a", "#57705c", "#dde5d9"),
    Product(
        "cloud-planter",
        "Cloud planter",
        "planters",
        3_900,
        "Light grey, light weight.",
        "#c7b7a4",
        "#dfe3e4",
        "#e2e6ea",
    ),
    Product("night-planter", "Night planter", "planters", 5_200, "Nearly black.", "#7d6455", "#2d3138", "#dad8d6"),
)

SHAPES = {
    "mugs": "M-70,-110 h140 v150 q0,40 -40,40 h-60 q-40,0 -40,-40 z M70,-80 q70,10 50,70 q-15,35 -50,35",
    "bowls": "M-110,-50 h220 q0,130 -80,130 h-60 q-80,0 -80,-130 z",
    "vases": "M-28,-170 h56 v60 q80,60 50,150 q-12,40 -48,40 h-60 q-36,0 -48,-40 q-30,-90 50,-150 z",
    "planters": "M-95,-70 h190 l-26,150 h-138 z",
}
"""How a ware of each category is drawn: an SVG path around its middle."""

BY_SLUG = {product.slug: product for product in PRODUCTS}


def in_category(slug: str) -> tuple[Product, ...]:
    """The wares on one shelf."""
    return tuple(product for product in PRODUCTS if product.category == slug)
