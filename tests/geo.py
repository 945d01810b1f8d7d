"""A writer of small MaxMind-format databases, sound or, by what a test does to the tree, not; and the public test databases."""

import ipaddress
import struct
from pathlib import Path

import pytest

SUITE = Path(__file__).parents[2] / "shared" / "suites" / "geo"
suite_needed = pytest.mark.skipif(not SUITE.is_dir(), reason="the shared suites are not beside this checkout")

MARKER = b"\xab\xcd\xefMaxMind.com"
GERMANY = {"country": {"iso_code": "DE"}, "subdivisions": [{"iso_code": "BE"}, {"iso_code": "X"}]}
FRANCE = {"country": {"iso_code": "FR"}}


def encoded(value):
    """One value of the data section."""
    match value:
        case bool():
            return _control(14, int(value))
        case int():
            size = (value.bit_length() + 7) // 8
            return _control(9, size) + value.to_bytes(size, "big")
        case float():
            return _control(3, 8) + struct.pack("!d", value)
        case str():
            return _control(2, len(value.encode())) + value.encode()
        case list():
            return _control(11, len(value)) + b"".join(map(encoded, value))
        case dict():
            return _control(7, len(value)) + b"".join(encoded(k) + encoded(v) for k, v in value.items())
    raise TypeError(value)


def _control(kind, size):
    assert size < 285
    low = min(size, 29)
    head = bytes([low, kind - 7]) if kind > 7 else bytes([kind << 5 | low])
    return head + (bytes([size - 29]) if low == 29 else b"")


def tree_of(networks, version=6):
    """Nodes as pairs of a child's number, None, or ("data", index); and the contents that the indices mean."""
    nodes, contents = [[None, None]], []
    for index, (text, content) in enumerate(networks.items()):
        network = ipaddress.ip_network(text)
        contents.append(content)
        bits, number = (128, int(network.network_address)) if version == 6 else (32, int(network.network_address))
        length = network.prefixlen + (96 if version == 6 and network.version == 4 else 0)
        node = 0
        for depth in range(length):
            side = number >> (bits - 1 - depth) & 1
            if depth == length - 1:
                nodes[node][side] = ("data", index)
            else:
                if nodes[node][side] is None:
                    nodes.append([None, None])
                    nodes[node][side] = len(nodes) - 1
                node = nodes[node][side]
    return nodes, contents


def file_of(nodes, contents, *, version=6, record_size=28, **metadata):
    """The bytes of a database."""
    data, places = b"", []
    for content in contents:
        places.append(len(data))
        data += content if isinstance(content, bytes) else encoded(content)
    described = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_770_000_000,
        "database_type": "Made-City",
        "description": {"en": "made by a test"},
        "ip_version": version,
        "languages": ["en"],
        "node_count": len(nodes),
        "record_size": record_size,
        **metadata,
    }
    tree = bytearray()
    for node in nodes:
        left, right = (_record(side, len(nodes), places) for side in node)
        tree += _PACKED.get(record_size, _PACKED[28])(left, right)
    return bytes(tree) + bytes(16) + data + MARKER + encoded(described)


def database(networks, *, version=6, **options):
    """The bytes of a sound database: network → content."""
    return file_of(*tree_of(networks, version), version=version, **options)


def _record(side, count, places):
    match side:
        case None:
            return count
        case ("data", index):
            return count + 16 + places[index]
    return side


_PACKED = {
    24: lambda left, right: left.to_bytes(3, "big") + right.to_bytes(3, "big"),
    28: lambda left, right: (
        (left & 0xFFFFFF).to_bytes(3, "big")
        + bytes([left >> 24 << 4 | right >> 24])
        + (right & 0xFFFFFF).to_bytes(3, "big")
    ),
    32: lambda left, right: left.to_bytes(4, "big") + right.to_bytes(4, "big"),
}
