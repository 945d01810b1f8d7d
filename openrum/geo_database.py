"""One MaxMind-format database of countries or cities: read into memory, verified as a whole, then asked.

A file is believed once it is verified: its metadata is sane, every record of its search tree points into the tree or
into the data, every way down the tree ends within the bits of an address, and what lies there decodes and has the form of
a place. Of a large database the ways and the contents are a sample, spread evenly; its records are checked all the same.

The search tree is kept as an array of integers, so that a look-up costs a step of the array per bit and no copy; what the
package maxminddb decodes is kept by its place in the file, never by address. The file is read into memory and not mapped:
that costs its size, but a mapped file that is truncated by whoever replaces it would end the process.
"""

import io
import os
import stat
import sys
from array import array
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import maxminddb
from maxminddb.decoder import Decoder
from maxminddb.reader import Metadata

from openrum.client_address import Address, read_place

Place = tuple[str | None, str | None]
Stamp = tuple[int, ...]

_KINDS = ("city", "country", "enterprise", "insights", "location")
_MARKER = b"\xab\xcd\xefMaxMind.com"
_METADATA_BYTES_MAX = 128 * 1024
_SEPARATOR_BYTES = 16  # zeros between the tree and the data; nothing may point there
_FILE_BYTES_MAX = 1 << 30
_CHUNK_NODES = 1 << 16
_WHOLE_TREE_NODES = 1 << 18  # up to here every way down is walked
_WAYS = 1 << 14  # else as many, from nodes all over the tree
_CONTENTS = 1 << 13  # places that are decoded to verify them, at up to 0.1 ms each
_PLACES_KEPT = 1 << 14
_EPOCHS = range(946_684_800, 253_402_300_800)  # the years 2000 to 9999
_GOLDEN = 0x9E3779B97F4A7C15F39CC0605CEDC835  # its multiples, cut to 128 bits, spread evenly
_HIGH_NIBBLE = bytes(byte >> 4 for byte in range(256))
_LOW_NIBBLE = bytes(byte & 15 for byte in range(256))
_UNSEEN, _OPEN = 255, 254
_NO_END = "its search tree is corrupt: a way down is longer than an address"


class GeoDatabaseProblem(Exception):
    """A database of places that cannot be used. The message says which, what is wrong, and what to do."""


class GeoDatabase:
    """A verified database. Asked from any thread; never changes."""

    def __init__(self, data: bytes) -> None:
        """Read and verify the content of a file; may take a second or two. Raises ValueError that says what is wrong."""
        metadata = _metadata_of(data)
        tree_bytes = metadata.node_count * metadata.record_size // 4
        begin, end = tree_bytes + _SEPARATOR_BYTES, data.rfind(_MARKER)
        if end <= begin or any(data[tree_bytes:begin]):
            raise ValueError("its search tree does not end where its metadata says")
        self.kind, self.built_s = metadata.database_type, metadata.build_epoch
        self._nodes = metadata.node_count
        self._bits = 128 if metadata.ip_version == 6 else 32
        self._tree = _read_tree(data, self._nodes, metadata.record_size)
        base = self._nodes + _SEPARATOR_BYTES
        read = partial(_read_content, Decoder(data[begin:end]), base)
        self._place_at = lru_cache(maxsize=_PLACES_KEPT)(read)
        self._ipv4_root = self._descend(0, 0, 96) if self._bits == 128 else 0
        sample = self._verify_records(range(base, base + end - begin))
        if self._nodes <= _WHOLE_TREE_NODES:
            self._verify_every_way()
        else:
            self._verify_some_ways()
        countries = _verify_contents(sample, read)
        if not any(word in self.kind.lower() for word in _KINDS):
            raise ValueError(f"its type is {self.kind[:64]!r}; places are in types such as City and Country")
        if not countries:
            raise ValueError("it holds no countries")

    def of(self, address: Address) -> Place:
        """Country and subdivision; None where unknown. Raises anything on corrupt data that no sample had."""
        width = 32 if address.version == 4 else 128
        if width > self._bits:
            return None, None
        found = self._descend(self._ipv4_root if width == 32 else 0, int(address), width)
        return self._place_at(found) if found > self._nodes else (None, None)

    def _descend(self, node: int, number: int, width: int) -> int:
        """Follow the bits of an address. Over the number of nodes is where its place is; that number itself is nothing."""
        tree, nodes = self._tree, self._nodes
        for shift in range(width - 1, -1, -1):
            if node >= nodes:
                break
            node = tree[2 * node + (number >> shift & 1)]
        return node

    # ── Verification ──────────────────────────────────────────────────────────────────────────────────────────────

    def _verify_records(self, content: range) -> list[int]:
        """Every record of the tree is a node, nothing, or points into the data. Returns up to _CONTENTS of the last."""
        sample: set[int] = set()
        chunks = range(0, len(self._tree), 2 * _CHUNK_NODES)
        for start in chunks:
            found = {value for value in self._tree[start : start + 2 * _CHUNK_NODES] if value > self._nodes}
            if found and (min(found) < content.start or max(found) >= content.stop):
                raise ValueError("its search tree is corrupt: it points outside the data")
            sample.update(islice(found, _CONTENTS // len(chunks) + 1))
        return sorted(sample)

    def _verify_every_way(self) -> None:
        """By the height of every node, children first. A child that is open is its own ancestor."""
        tree, nodes = self._tree, self._nodes
        heights = bytearray([_UNSEEN]) * nodes
        for root, bits in ((0, self._bits), (self._ipv4_root, 32)):
            stack = [root] if root < nodes else []
            while stack:
                node = stack[-1]
                children = [child for child in tree[2 * node : 2 * node + 2] if child < nodes]
                if heights[node] == _UNSEEN:
                    heights[node] = _OPEN
                    if any(heights[child] == _OPEN for child in children):
                        raise ValueError(_NO_END)
                    stack += [child for child in children if heights[child] == _UNSEEN]
                    continue
                if heights[node] == _OPEN:
                    heights[node] = 1 + max([heights[child] for child in children], default=0)
                if heights[node] > bits:
                    raise ValueError(_NO_END)
                stack.pop()
        if _UNSEEN in heights:
            raise ValueError("its search tree is corrupt: no way leads to a part of it")

    def _verify_some_ways(self) -> None:
        for each in range(1, _WAYS + 1):
            number = each * _GOLDEN % (1 << 128)
            if self._descend(number % self._nodes, number, self._bits) < self._nodes:
                raise ValueError(_NO_END)


def stamp_of(path: Path) -> Stamp:
    """What changes when the file is replaced. Raises OSError where there is none."""
    return _stamp(path.stat())


def open_geo_database(path: Path) -> GeoDatabase:
    """Read a file into memory and verify it. Raises GeoDatabaseProblem."""
    try:
        return GeoDatabase(_content_of(path))
    except OSError as error:
        wrong = f"it cannot be read: {error.strerror}"
    except MemoryError:
        wrong = "there is no memory for it"
    except ValueError as error:
        wrong = str(error)
    raise GeoDatabaseProblem(
        f"the database of places {path} cannot be used: {wrong}. Set OPENRUM_GEO_DATABASE to a sound MaxMind-format"
        " database (.mmdb) of countries or cities, or to nothing for the countries that OpenRUM carries"
    )


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _content_of(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no file")
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        if before.st_size > _FILE_BYTES_MAX:
            raise ValueError(f"it is larger than {_FILE_BYTES_MAX >> 20} MiB")
        data = file.read(_FILE_BYTES_MAX)
        if _stamp(os.fstat(file.fileno())) != _stamp(before):
            raise ValueError("it was written to while it was read; replace it by renaming")
    return data


def _metadata_of(data: bytes) -> Metadata:
    if data.rfind(_MARKER, max(0, len(data) - _METADATA_BYTES_MAX)) == -1:
        raise ValueError("it is no MaxMind database, or cut short; one that was downloaded packed must be unpacked")
    try:
        metadata = maxminddb.open_database(io.BytesIO(data), maxminddb.MODE_FD).metadata()
    except Exception as error:  # noqa: BLE001 - whatever the reader does on corrupt data
        raise ValueError(f"its metadata is corrupt: {_said(error)}") from None
    numbers = (metadata.node_count, metadata.record_size, metadata.ip_version, metadata.build_epoch)
    if (
        not all(type(number) is int for number in numbers)
        or metadata.node_count < 1
        or metadata.ip_version not in (4, 6)
        or metadata.binary_format_major_version != 2
        or not isinstance(metadata.database_type, str)
    ):
        raise ValueError("its metadata is corrupt, or of another version of the format")
    if metadata.build_epoch not in _EPOCHS:
        raise ValueError(f"its metadata is corrupt: it was built {metadata.build_epoch} seconds after 1970")
    return metadata


def _read_tree(data: bytes, nodes: int, record_bits: int) -> "array[int]":
    """All records as integers, left and right of each node in turn; read by whole columns of bytes, in chunks."""
    tree = array("I")
    for start in range(0, nodes, _CHUNK_NODES):
        count = min(_CHUNK_NODES, nodes - start)
        size = record_bits // 4
        part = data[start * size : (start + count) * size]
        wide = bytearray(8 * count)
        if record_bits == 32:
            wide[:] = part
        elif record_bits == 24:
            for column in range(3):
                wide[1 + column :: 4] = part[column::3]
        else:
            wide[0::8] = part[3::7].translate(_HIGH_NIBBLE)
            wide[4::8] = part[3::7].translate(_LOW_NIBBLE)
            for column in range(3):
                wide[1 + column :: 8] = part[column::7]
                wide[5 + column :: 8] = part[4 + column :: 7]
        tree.frombytes(wide)
    if sys.byteorder == "little":
        tree.byteswap()
    return tree


def _read_content(decoder: Decoder, base: int, found: int) -> Place:
    """The place that a record of the tree points to. Raises ValueError, and whatever the decoder does on corrupt data."""
    content: Any = decoder.decode(found - base)[0]
    country = _code(_map(content).get("country"))
    subdivisions = content.get("subdivisions", [])
    if not isinstance(subdivisions, list):
        raise ValueError("subdivisions that are no list")  # noqa: TRY004 - one kind of error for what a file says
    if country is not None and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise ValueError(f"{country[:16]!r} is no country")
    return read_place(country, _code(subdivisions[0]) if subdivisions else None)


def _map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a place that is no map")  # noqa: TRY004 - as above
    return value


def _code(value: Any) -> str | None:
    code = None if value is None else _map(value).get("iso_code")
    if code is not None and not isinstance(code, str):
        raise ValueError("a code that is no text")
    return code


def _verify_contents(sample: list[int], read: "partial[Place]") -> int:
    """Read them all; returns how many have a country."""
    countries = 0
    for found in sample:
        try:
            countries += read(found)[0] is not None
        except Exception as error:  # noqa: BLE001 - as in the metadata
            raise ValueError(f"its data is corrupt: {_said(error)}") from None
    return countries


def _said(error: Exception) -> str:
    return "a text that is not UTF-8" if isinstance(error, UnicodeDecodeError) else f"{error}"[:200]
