"""The look-up from an address to a place, for the door: the small country table that the package geoip2fast carries.

The address goes in, a country comes out, and nothing keeps the address. Subdivisions need a larger database.
"""

from pathlib import Path

import geoip2fast

_LOOPBACK = ("127.", "::1", "::ffff:127.")
_TABLE = Path(geoip2fast.__file__).with_name("geoip2fast-ipv6.dat.gz")


class EmbeddedPlaces:
    """Countries by IPv4 or IPv6 address.

    The table takes 47 MB and 60 ms to read, so it is read when the first address from elsewhere comes: on a laptop, never.
    """

    def __init__(self) -> None:
        self._table: geoip2fast.GeoIP2Fast | None = None

    def of(self, address: str) -> tuple[str | None, str | None]:
        """Country (ISO 3166-1 alpha-2) and subdivision of an address; None where unknown, private or no address."""
        if address.startswith(_LOOPBACK):
            return None, None
        if self._table is None:
            self._table = geoip2fast.GeoIP2Fast(geoip2fast_data_file=str(_TABLE))
        # ::ffff:192.0.2.1 is how a socket that listens on both families shows an IPv4 peer.
        country = self._table.lookup(address.removeprefix("::ffff:")).country_code
        return (country, None) if country.isalpha() else (None, None)
