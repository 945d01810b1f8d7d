"""First party or third: do the host of a URL and the domain of a page belong to one site?

before   "cdn.shop.co.uk:8443", "www.shop.co.uk"   "shop.github.io", "blog.github.io"   "10.0.0.7:8080", "10.0.0.7"
after    True                                      False                                True

One is the other's site where they share the registrable domain: the last two labels; three where names are sold, or sites
are rented out, below two (`co.uk`, `github.io`: a short list, for no public suffix list is at hand). Names of one label
(`localhost`), addresses, and names that clouds rent out (`….amazonaws.com`) are compared whole. Ports do not matter.
"""

from functools import lru_cache

from openrum.enrich.route_words import RENTED_DOMAINS, SECOND_LEVELS, SHARED_DOMAINS


@lru_cache(4_096)
def same_site(host: str, domain: str) -> bool:
    """Both in any case, with or without a port."""
    one, other = _name(host), _name(domain)
    return one == other or _site(one) == _site(other)


def _name(host: str) -> str:
    host = host[:300].lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    if host.count(":") > 1:
        return f"[{host}]"
    return host.partition(":")[0].rstrip(".").removeprefix("www.")


def _site(name: str) -> str:
    labels = name.split(".")
    if len(labels) <= 2 or name[0] == "[" or labels[-1].isdigit():
        return name
    if any(name.endswith("." + rented) for rented in RENTED_DOMAINS):
        return name
    sold_below = ".".join(labels[-2:])
    is_second_level = len(labels[-1]) == 2 and labels[-2] in SECOND_LEVELS
    return ".".join(labels[-3:] if is_second_level or sold_below in SHARED_DOMAINS else labels[-2:])
