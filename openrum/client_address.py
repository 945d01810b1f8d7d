"""Whose address it is that a request comes from, where proxies stand in front; and the place that they name for it.

A proxy's word is taken where the peer of the connection is one of the operator's own proxies, and nowhere else: everybody
can send these headers. X-Forwarded-For is read from its right end, where the own proxies wrote, to the first address that
is not one of theirs. What stands further left was written by the client. Where the own proxies say that they do not know,
or what cannot be read, the client is unknown: an address further left is never believed instead.

Everything here is text in, address out: no name is looked up, nothing is kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_FORWARDED_FOR = b"x-forwarded-for"
_FORWARDED = b"forwarded"
_LOOKED_AT_BYTES = 2_048  # from the right end of a header; thirty IPv6 hops fit
_HOPS_MAX = 32
_HOP_CHARS_MAX = 64

_PORT = re.compile(r"[0-9]{1,5}|_[A-Za-z0-9._-]{1,32}")
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# One pair of a Forwarded element with what parts it from the next. Ports and brackets are taken without quotes, too.
_PAIR = re.compile(rf"""({_NAME})=("(?:[^"\\]|\\.)*"|[^\s",;]+)[ \t]*(?:;[ \t;]*|\Z)""")
_FIELD_NAME = re.compile(_NAME)
_ESCAPED = re.compile(r"\\(.)")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_SUBDIVISION = re.compile(r"(?:([A-Za-z]{2})-)?([A-Za-z0-9]{1,3})")
_NO_COUNTRY = frozenset(("XX", "ZZ"))  # what CDNs and databases write for "unknown"


def read_address(text: str) -> Address | None:
    """An IPv4 or IPv6 address; IPv4 inside IPv6 (::ffff:192.0.2.1) as IPv4. None for all else, zones (%eth0) included."""
    if "%" in text or len(text) > _HOP_CHARS_MAX:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def read_networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks (CIDR), separated by commas. Raises ValueError that names the one it cannot read."""
    networks: list[Network] = []
    for each in filter(None, map(str.strip, text.split(","))):
        try:
            network = ip_network(each)
        except ValueError:
            raise ValueError(
                f"{each!r} is neither an address nor a network without host bits, such as 10.0.0.0/8 or 2001:db8::1"
            ) from None
        if network.prefixlen == 0:
            raise ValueError(f"{each!r} is everybody, and anybody's headers would be believed; name the proxies alone")
        networks.append(network)
    return tuple(networks)


def is_field_name(text: str) -> bool:
    """Whether `text` can be the name of a header."""
    return _FIELD_NAME.fullmatch(text) is not None


def read_place(country: str | None, subdivision: str | None) -> tuple[str | None, str | None]:
    """ISO 3166-1 alpha-2, and the part of ISO 3166-2 behind the hyphen (`KA`, `13`; `DE-BW` is read as `BW`).

    None for each that is not of that form; no subdivision without a country.
    """
    if country is None or not _COUNTRY.fullmatch(country := country.strip(" \t")):
        return None, None
    country = country.upper()
    if country in _NO_COUNTRY:
        return None, None
    part = _SUBDIVISION.fullmatch(subdivision.strip(" \t")) if subdivision is not None else None
    if part is None or (part[1] is not None and part[1].upper() != country):
        return country, None
    return country, part[2].upper()


class TrustedProxies:
    """The operator's own proxies, and the headers in which they name a client's place ("" for none)."""

    def __init__(
        self, networks: tuple[Network, ...], *, country_header: str = "", subdivision_header: str = ""
    ) -> None:
        self._networks = [
            (each.version, int(each.network_address), int(each.netmask)) for each in map(_unmapped, networks)
        ]
        self._country = country_header.lower().encode()
        self._subdivision = subdivision_header.lower().encode()

    def trusts(self, peer: str) -> bool:
        """Whether the peer of a connection is one of them."""
        address = read_address(peer.partition("%")[0])
        return address is not None and self._is_ours(address)

    def client(self, peer: str, headers: Mapping[bytes, bytes]) -> str | None:
        """The client's address, by a trusted peer's headers (names in lower case); None where they do not tell it.

        The peer itself where it sends no such header; the leftmost address where all are proxies of the operator.
        """
        nearest = read_address(peer.partition("%")[0])
        for hop in _hops_from_the_right(headers):
            nearest = None if hop is None else _read_hop(hop)
            if nearest is None or not self._is_ours(nearest):
                break
        return None if nearest is None else str(nearest)

    def place(self, headers: Mapping[bytes, bytes]) -> tuple[str | None, str | None] | None:
        """The place that a trusted peer names. None where it names none; (None, None) where it says that it has none."""
        country = headers.get(self._country) if self._country else None
        if country is None:
            return None
        subdivision = headers.get(self._subdivision) if self._subdivision else None
        return read_place(country.decode("latin-1"), subdivision.decode("latin-1") if subdivision else None)

    def _is_ours(self, address: Address) -> bool:
        version, number = address.version, int(address)
        return any(family == version and number & mask == network for family, network, mask in self._networks)


def open_proxies(trusted: str, country_header: str, subdivision_header: str) -> TrustedProxies | None:
    """From the settings' texts; None where no proxy is trusted, so that nothing is done for it. ValueError as above."""
    networks = read_networks(trusted)
    if not networks:
        return None
    return TrustedProxies(networks, country_header=country_header, subdivision_header=subdivision_header)


def _unmapped(network: Network) -> Network:
    """::ffff:10.0.0.0/104 as 10.0.0.0/8: addresses are compared in their IPv4 form."""
    inner = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if inner is None or network.prefixlen < 96 else IPv4Network((inner, network.prefixlen - 96))


def _right_end(header: bytes) -> str:
    """The part that is looked at. A hop that is cut in two reads as garbage, not as another address."""
    text = header[-_LOOKED_AT_BYTES:].decode("latin-1")
    return text if len(header) <= _LOOKED_AT_BYTES else f"?{text}"


def _hops_from_the_right(headers: Mapping[bytes, bytes]) -> Iterator[str | None]:
    """What stands for each hop; None for one that cannot be read, or is one too many. An empty one is none."""
    hops: Iterable[str | None] = ()
    if (sent := headers.get(_FORWARDED_FOR)) is not None:
        hops = (part.strip(" \t") for part in reversed(_right_end(sent).split(",")))
    elif (sent := headers.get(_FORWARDED)) is not None:
        hops = map(_forwarded_for, _elements_from_the_right(_right_end(sent)))
    for number, hop in enumerate(hop for hop in hops if hop != ""):
        yield hop if number < _HOPS_MAX else None


def _read_hop(hop: str) -> Address | None:
    """`192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`, each perhaps in quotes."""
    if len(hop) > _HOP_CHARS_MAX:
        return None
    if len(hop) >= 2 and hop[0] == hop[-1] == '"':
        hop = hop[1:-1]
    if hop.startswith("["):
        host, bracket, port = hop[1:].partition("]")
        sound = bracket and ":" in host and (not port or (port[0] == ":" and _PORT.fullmatch(port[1:])))
        return read_address(host) if sound else None
    if hop.count(":") == 1:
        host, _, port = hop.partition(":")
        return read_address(host) if _PORT.fullmatch(port) else None
    return read_address(hop)


# ── Forwarded, RFC 7239 ───────────────────────────────────────────────────────────────────────────────────────────


def _elements_from_the_right(text: str) -> Iterator[str]:
    """The elements of a Forwarded header, from the right. A comma in a quoted text parts nothing.

    From the right, so that a quote which a client left open to the left cannot swallow what the own proxies wrote.
    """
    end = at = len(text)
    quoted = False
    while at:
        at -= 1
        char = text[at]
        if char == '"':
            if quoted:
                before = text[:at].rstrip("\\") if text[at - 1 : at] == "\\" else None
                quoted = before is not None and (at - len(before)) % 2 == 1
            else:
                quoted = True
        elif char == "," and not quoted:
            yield text[at + 1 : end]
            end = at
    yield text[:end]


def _forwarded_for(element: str) -> str | None:
    """What stands in the `for=` of one element; "" for an empty element, None where it has none or is no element."""
    element = element.strip(" \t;")
    found = "" if element == "" else None
    at = 0
    while at < len(element):
        pair = _PAIR.match(element, at)
        if pair is None:
            return None
        name, value = pair[1], pair[2]
        if name.lower() == "for":
            if found is not None:
                return None
            found = _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
            if found == "":
                return None
        at = pair.end()
    return found
