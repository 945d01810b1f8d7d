"""Page ids and URLs → routes, so that a million pages are some dozens: `page_group`, and the routes of requests and resources.

before   page id "/products/red-mug-48213/reviews?page=2"
after    "/products/:id/reviews", or the text of the monitor's own rule, "/products/*/reviews"

before   URL "https://API.shop.co.uk:443/v1/baskets/7f3c1e1a-9b1d-4f0e-8a52-3d1f6f0f2c11?x=1", domain "www.shop.co.uk"
after    host "api.shop.co.uk", route "/v1/baskets/:id", first party

First the owner's rules, the first that fits; then what was learned; then placeholders by form and place. What each means is said
in `route_paths.py` (parsing), `route_forms.py` (placeholders), `route_places.py`, `route_templates.py`, `route_learning.py`.
Nothing is too strange: every text has a route of at most `ROUTE_CHARS_MAX` characters, and the route of a route is itself.
"""

from collections.abc import Sequence
from typing import NamedTuple

from openrum.enrich.route_learning import learn
from openrum.enrich.route_paths import Place, opaque_scheme, read_place
from openrum.enrich.route_places import grouped
from openrum.enrich.route_sites import same_site
from openrum.enrich.route_templates import BadRoute, check_rule, learned_of, rules_of

__all__ = ["ROUTE_CHARS_MAX", "BadRoute", "Routes", "Url", "check_rule", "learn"]

ROUTE_CHARS_MAX = 512
_KEPT = 8_192  # answers of each kind that are remembered …
_CHARS_KEPT = 1_024  # … of texts up to this length, so that strangers cannot fill the memory
_CUT = "…"


class Url(NamedTuple):
    """One URL of a request or a resource."""

    host: str | None  # lower case, with a port where it is not the usual one; None for a path without host or no URL
    route: str  # path grouped, without query and fragment: "/v1/baskets/:id"
    first_party: bool | None  # same site as the page's domain; None where either is unknown


class Routes:
    """The routes of one monitor: its rules (BadRoute where one cannot be followed), and what was learned of its pages."""

    def __init__(self, rules: Sequence[str] = (), learned: Sequence[str] = ()) -> None:
        self._rules = rules_of(rules)
        self._learned = learned_of(learned)
        self._pages: dict[str, str] = {}
        self._urls: dict[tuple[str, str | None], Url] = {}

    def page(self, page_id: str) -> str:
        """The page group of a client's pageId: a path, a hash route, both, a whole URL, or a name of the site's own."""
        known = self._pages.get(page_id)
        if known is None:
            known = self._route(read_place(page_id, is_url=False))
            if len(page_id) <= _CHARS_KEPT:
                if len(self._pages) >= _KEPT:
                    self._pages.clear()
                self._pages[page_id] = known
        return known

    def url(self, url: str, domain: str | None) -> Url:
        """The URL's parts, as seen from a page of this domain."""
        known = self._urls.get((url, domain))
        if known is None:
            known = self._url(url, domain)
            if len(url) <= _CHARS_KEPT and (domain is None or len(domain) <= _CHARS_KEPT):
                if len(self._urls) >= _KEPT:
                    self._urls.clear()
                self._urls[url, domain] = known
        return known

    def _url(self, url: str, domain: str | None) -> Url:
        place = read_place(url, is_url=True)
        route = self._route(place)
        if place.host is None or not domain:
            return Url(place.host, route, None)
        return Url(place.host, route, same_site(place.host, domain))

    def _route(self, place: Place) -> str:
        if place.scheme:
            return place.scheme
        if self._rules and (ruled := self._rules.find(_written(place, place.path, place.hash_path))) is not None:
            return ruled
        route = _written(place, grouped(place.path), grouped(place.hash_path))
        if route[0] not in "/#" and (scheme := opaque_scheme(route)):
            return scheme
        route = _bounded(route)
        if self._learned and (learned := self._learned.find(route)) is not None:
            return learned
        return route


def _written(place: Place, path: Sequence[str], hash_path: Sequence[str]) -> str:
    """'/app#/users/:id', '#/', 'Checkout'; '/' where nothing is left."""
    written = ("/" if place.absolute else "") + "/".join(path)
    if place.hash_mark:
        return f"{written}{place.hash_mark}{'/'.join(hash_path)}"
    return written or "/"


def _bounded(route: str) -> str:
    """Whole segments, as many as fit."""
    if len(route) <= ROUTE_CHARS_MAX:
        return route
    head = route[: ROUTE_CHARS_MAX - 2].rpartition("/")[0]
    return f"{head}/{_CUT}"
