"""The look-up from an address to a place, for the door. The address goes in, a place comes out, and nothing keeps the address.

EmbeddedPlaces      the small country table that the package geoip2fast carries: what there is without a setting
DatabasePlaces      a MaxMind-format file of the operator's, which may be replaced while the server runs
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path

import geoip2fast
import structlog

from openrum.client_address import Address, read_address
from openrum.geo_database import GeoDatabase, GeoDatabaseProblem, Place, Stamp, open_geo_database, stamp_of

__all__ = ["DatabasePlaces", "EmbeddedPlaces", "GeoDatabaseProblem", "open_places"]

_LOOPBACK = ("127.", "::1", "::ffff:127.")
_TABLE = Path(geoip2fast.__file__).with_name("geoip2fast-ipv6.dat.gz")
_LOOK_MS = 60_000
_NAT64 = int(IPv6Network("64:ff9b::/96").network_address)
_log = structlog.get_logger()


class EmbeddedPlaces:
    """Countries by IPv4 or IPv6 address.

    The table takes 47 MB and 60 ms to read, so it is read when the first address from elsewhere comes: on a laptop, never.
    """

    def __init__(self) -> None:
        self._table: geoip2fast.GeoIP2Fast | None = None

    def of(self, address: str) -> Place:
        """Country (ISO 3166-1 alpha-2) and subdivision of an address; None where unknown, private or no address."""
        if address.startswith(_LOOPBACK):
            return None, None
        read = read_address(address)
        if read is None:
            return None, None
        if self._table is None:
            self._table = geoip2fast.GeoIP2Fast(geoip2fast_data_file=str(_TABLE))
        country = self._table.lookup(str(_on_the_ground(read))).country_code
        return (country, None) if country.isalpha() else (None, None)

    def refresh(self) -> None:
        """It never changes."""


class DatabasePlaces:
    """Countries and subdivisions by IPv4 or IPv6 address, from a file. `now_ms` is epoch milliseconds.

    `of` is asked on the loop, `refresh` in a thread: what changes between them is one reference.
    """

    def __init__(self, path: Path, now_ms: Callable[[], int]) -> None:
        """Read and verify the file. Raises GeoDatabaseProblem."""
        self._path = path
        self._now_ms = now_ms
        self._looked_ms = now_ms()
        self._seen = self._stamp()
        self._database = open_geo_database(path)
        self._silent_for: GeoDatabase | None = None
        _tell("the database of places is read", self._database)

    def of(self, address: str) -> Place:
        """Country (ISO 3166-1 alpha-2) and subdivision (ISO 3166-2, without the country) of an address, None where unknown."""
        database = self._database
        read = read_address(address)
        if read is None:
            return None, None
        try:
            return database.of(_on_the_ground(read))
        except Exception as error:  # noqa: BLE001 - a place is worth no batch; the error may name what was decoded, no address
            if self._silent_for is not database:
                self._silent_for = database
                _log.error("the database of places is corrupt; some places are unknown", error=type(error).__name__)
            return None, None

    def refresh(self) -> None:
        """Take a new file where there is one, and keep the old one, saying so once, where the new one cannot be used.

        Looks at the file at most once a minute, and reads it where it changed: not for the loop.
        """
        now = self._now_ms()
        if 0 <= now - self._looked_ms < _LOOK_MS:
            return
        self._looked_ms = now
        seen = self._stamp()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._database = open_geo_database(self._path)
        except GeoDatabaseProblem as problem:
            _log.error("a new database of places is refused; the old one is kept", problem=str(problem))
        else:
            _tell("a new database of places is read", self._database)

    def _stamp(self) -> Stamp | None:
        try:
            return stamp_of(self._path)
        except OSError:
            return None


def open_places(geo_database: str, now_ms: Callable[[], int]) -> EmbeddedPlaces | DatabasePlaces:
    """The places of the file `geo_database`, or the embedded table for "". Raises GeoDatabaseProblem."""
    return DatabasePlaces(Path(geo_database), now_ms) if geo_database else EmbeddedPlaces()


def _tell(what: str, database: GeoDatabase) -> None:
    _log.info(what, type=database.kind, built_s=database.built_s)


def _on_the_ground(address: Address) -> Address:
    """The IPv4 address behind one of 6to4, Teredo or NAT64; else the address itself.

    Of a Teredo address it is the client's own, where the databases have that of the relay.
    """
    if isinstance(address, IPv4Address):
        return address
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    number = int(address)
    return IPv4Address(number & 0xFFFF_FFFF) if number >> 32 == _NAT64 >> 32 else address
