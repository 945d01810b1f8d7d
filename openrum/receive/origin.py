"""Whether a browser's Origin is one of a monitor's domains. Keeps noise out; proves nothing, as anyone may send any Origin.

    localhost        that host alone, on any scheme and port
    example.com      that host alone
    *.example.com    every host below it, and itself: what the console of CloudWatch RUM calls "include subdomains"
    example.*        example with any top-level domain: example.de, and example.co.uk by the rule of `_is_top_level`

Case aside. Names in other scripts are compared in their ASCII form (`xn--…`), which is the form browsers send.
"""

import re
from collections.abc import Sequence

from openrum.errors import ForeignOrigin

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+)(?::[0-9]{1,5})?")


def check_origin(origin: bytes | None, domains: Sequence[str]) -> None:
    """Raise ForeignOrigin for an Origin outside `domains`. An absent one passes: SDKs and servers send none."""
    if origin is None:
        return
    said = origin.decode("latin-1")
    found = _ORIGIN.fullmatch(said.lower())
    if found is None or not any(_covers(domain.lower(), found[1].removesuffix(".")) for domain in domains):
        raise ForeignOrigin(f"the origin {said[:256]!r} is not one of this app monitor's domains")


def _covers(domain: str, host: str) -> bool:
    if domain.endswith(".*"):
        stem = domain.removesuffix("*")
        if not domain.startswith("*."):
            return host.startswith(stem) and _is_top_level(host[len(stem) :])
        _, dot, rest = f".{host}".rpartition(stem.removeprefix("*"))
        return dot != "" and _is_top_level(rest)
    if domain.startswith("*."):
        return host.endswith(domain[1:]) or host == domain[2:]
    return host == domain


def _is_top_level(labels: str) -> bool:
    """`com`; or two labels as countries have them, `co.uk`, `com.au`: short, then two letters."""
    first, dot, country = labels.partition(".")
    if not dot:
        return labels != ""
    return 1 <= len(first) <= 3 and len(country) == 2 and country.isalpha()
