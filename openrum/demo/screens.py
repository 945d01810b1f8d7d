"""The screens that recorded visitors have, and where on the shop's pages things are that they point at.

Measured once in Chromium, as nothing here lays out a page: a test does so again and finds what has moved.
"""

from typing import NamedTuple

from openrum.demo.recorded_pages import FIELDS, kind_of, ware_names

Place = tuple[int, int]
"""The middle of a thing, in pixels of its page."""

_NAVIGATION = 72  # from one link to the next
_FIELD = 92  # from one input to the next


class Screen(NamedTuple):
    """A window's inside, which is lower than the screen, and a page's layout in it. `cards` is the middle of the first picture of a shelf, by page."""

    width: int
    height: int
    touch: bool
    navigation: Place
    columns: int
    card: Place
    cards: dict[str, Place]
    spots: dict[str, Place]
    heights: dict[str, int]

    def place(self, path: str, name: str) -> Place:
        """Where a page has what is called so in its ids."""
        kind = kind_of(path)
        if name in FIELDS:
            x, y = self.spots["field"]
            return x, y + _FIELD * FIELDS.index(name)
        if name in self.spots:
            return self.spots[name]
        names = ware_names(path)
        if name in names:
            row, column = divmod(names.index(name), self.columns)
            x, y = self.cards[kind]
            return x + column * self.card[0], y + row * self.card[1]
        x, y = self.navigation
        return x + _NAVIGATION * NAVIGATION.index(name), y

    def scrolls(self, path: str) -> int:
        """How far a page can be scrolled down."""
        return max(0, self.heights.get(kind_of(path), 0) - self.height)


NAVIGATION = ("/categories/mugs", "/categories/bowls", "/categories/vases", "/categories/planters", "/cart")
"""The links of every page's header."""

SCREENS = {
    "desktop": Screen(
        1280, 720, False, (862, 43), 4, (274, 332), {"home": (229, 731), "categories": (229, 329)},
        {"buy": (734, 420), "checkout": (178, 384), "field": (344, 256), "order": (141, 595)}, {"home": 1347},
    ),
    "tablet": Screen(
        820, 1180, True, (482, 43), 3, (266, 323), {"home": (144, 614), "categories": (144, 324)},
        {"buy": (504, 345), "checkout": (98, 384), "field": (264, 256), "order": (61, 595)}, {"home": 1541},
    ),
    "mobile": Screen(
        390, 664, True, (50, 72), 2, (183, 241), {"home": (103, 431), "categories": (103, 303)},
        {"buy": (98, 645), "checkout": (98, 404), "field": (195, 276), "order": (61, 615)}, {"home": 1393, "categories": 783, "products": 769, "checkout": 739},
    ),
}  # fmt: skip
"""By device."""
