"""A database of places is read as it was written, or refused with one clear word: corrupt files end there, never at the door."""

import json
import re
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum import geo_database
from openrum.geo_database import GeoDatabase, GeoDatabaseProblem, open_geo_database
from tests.geo import FRANCE, GERMANY, MARKER, SUITE, database, encoded, file_of, suite_needed, tree_of

NETWORKS = {"192.0.2.0/24": GERMANY, "198.51.100.0/25": FRANCE, "2001:db9::/32": FRANCE, "203.0.113.7/32": {}}
SOUND = database(NETWORKS)

DATA, TREE, METADATA = "its data is corrupt", "its search tree is corrupt", "its metadata is corrupt"
BAD = {
    "libmaxminddb/libmaxminddb-corrupt-search-tree.mmdb": f"{TREE}: no way leads to a part of it",
    "libmaxminddb/libmaxminddb-deep-array-nesting.mmdb": f"{DATA}: .* maximum depth",
    "libmaxminddb/libmaxminddb-deep-nesting.mmdb": f"{DATA}: .* maximum depth",
    "libmaxminddb/libmaxminddb-empty-array-last-in-metadata.mmdb": "its type is 'Test'",
    "libmaxminddb/libmaxminddb-empty-map-last-in-metadata.mmdb": "its type is 'Test'",
    "libmaxminddb/libmaxminddb-metadata-marker-only.mmdb": METADATA,
    "libmaxminddb/libmaxminddb-offset-integer-overflow.mmdb": METADATA,
    "libmaxminddb/libmaxminddb-oversized-array.mmdb": f"{DATA}: .* maximum number of values",
    "libmaxminddb/libmaxminddb-oversized-map.mmdb": f"{DATA}: .* maximum number of values",
    "libmaxminddb/libmaxminddb-separator-record-max-left.mmdb": f"{TREE}: it points outside the data",
    "libmaxminddb/libmaxminddb-separator-record-min-left.mmdb": f"{TREE}: it points outside the data",
    "libmaxminddb/libmaxminddb-separator-record-min-right.mmdb": f"{TREE}: it points outside the data",
    "libmaxminddb/libmaxminddb-uint64-max-epoch.mmdb": f"{METADATA}: it was built 18446744073709551615 seconds after",
    "maxminddb-golang/cyclic-data-structure.mmdb": f"{METADATA}: Unknown record size: 0",
    "maxminddb-golang/invalid-bytes-length.mmdb": METADATA,
    "maxminddb-golang/invalid-data-record-offset.mmdb": f"{METADATA}: a text that is not UTF-8",
    "maxminddb-golang/invalid-map-key-length.mmdb": f"{METADATA}: Unknown record size: 0",
    "maxminddb-golang/invalid-string-length.mmdb": METADATA,
    "maxminddb-golang/metadata-is-an-uint128.mmdb": METADATA,
    "maxminddb-golang/unexpected-bytes.mmdb": METADATA,
    "maxminddb-python/bad-unicode-in-map-key.mmdb": "its search tree does not end where its metadata says",
}


@suite_needed
@pytest.mark.parametrize("name", BAD)
def test_a_corrupt_file_ends_in_one_clear_error(name):
    path = SUITE / "bad-data" / name
    with pytest.raises(GeoDatabaseProblem, match=BAD[name]) as raised:
        open_geo_database(path)
    message = str(raised.value)
    assert message.startswith(f"the database of places {path} cannot be used: ")
    assert "OPENRUM_GEO_DATABASE" in message
    assert "\n" not in message


@suite_needed
def test_every_corrupt_file_of_the_suite_is_named_here():
    assert {str(path.relative_to(SUITE / "bad-data")) for path in SUITE.glob("bad-data/*/*")} == set(BAD)


def source(name):
    """Network → what the file holds for it, of one of the public test databases."""
    if not SUITE.is_dir():
        return {}
    entries = json.loads((SUITE / "source-data" / f"{name}.json").read_text(encoding="utf-8"))
    return {ip_network(network): content for entry in entries for network, content in entry.items()}


@suite_needed
@pytest.mark.parametrize("name", ["GeoLite2-City-Test", "GeoLite2-Country-Test"])
def test_every_network_of_a_test_database_has_its_place(name):
    read = open_geo_database(SUITE / "test-data" / f"{name}.mmdb")
    assert read.kind == name.removesuffix("-Test")
    networks = source(name)
    assert len(networks) > 200
    for network, content in networks.items():
        subdivisions = content.get("subdivisions", [{}])
        expected = (content.get("country", {}).get("iso_code"), subdivisions[0].get("iso_code"))
        inner = [
            other
            for other in networks
            if other != network and other.version == network.version and other.subnet_of(network)
        ]
        for address in (network[0], network[-1], network[network.num_addresses // 2]):
            if not any(address in other for other in inner):
                assert read.of(address) == expected, address


@suite_needed
@pytest.mark.parametrize(
    "address", ["10.1.2.3", "127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "fe80::1", "ff02::1"]
)
def test_an_address_of_no_network_has_no_place(address):
    assert open_geo_database(SUITE / "test-data" / "GeoLite2-City-Test.mmdb").of(ip_address(address)) == (None, None)


@pytest.mark.parametrize("record_size", [24, 28, 32])
@pytest.mark.parametrize("version", [4, 6])
def test_every_size_of_record_is_read(record_size, version):
    networks = {network: content for network, content in NETWORKS.items() if version == 6 or ":" not in network}
    read = GeoDatabase(database(networks, version=version, record_size=record_size))
    assert read.of(ip_address("192.0.2.255")) == ("DE", "BE")
    assert read.of(ip_address("198.51.100.127")) == ("FR", None)
    assert read.of(ip_address("198.51.100.128")) == (None, None)
    assert read.of(ip_address("203.0.113.7")) == (None, None)
    assert read.of(ip_address("2001:db9::1")) == (("FR", None) if version == 6 else (None, None))


@pytest.mark.parametrize("record_size", [28, 32])
def test_a_record_uses_all_its_bits(record_size):
    """Places beyond the first 16 MiB."""
    padding = b"\x40" * (17 << 20)
    contents = [encoded(FRANCE), padding, encoded(GERMANY)]
    nodes, _ = tree_of({"128.0.0.0/1": {}, "0.0.0.0/1": {}}, version=4)
    nodes[0] = [("data", 2), ("data", 0)]
    read = GeoDatabase(file_of(nodes, contents, version=4, record_size=record_size))
    assert [read.of(ip_address(each)) for each in ("1.2.3.4", "200.2.3.4")] == [("DE", "BE"), ("FR", None)]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (["DE"], "a place that is no map"),
        ({"country": "DE"}, "a place that is no map"),
        ({"country": {"iso_code": 7}}, "a code that is no text"),
        ({"country": {"iso_code": "DEU"}}, "'DEU' is no country"),
        ({"country": {"iso_code": "ßß"}}, "'ßß' is no country"),
        ({"country": {"iso_code": "DE"}, "subdivisions": {"iso_code": "BE"}}, "subdivisions that are no list"),
        ({"country": {"iso_code": "DE"}, "subdivisions": ["BE"]}, "a place that is no map"),
        (b"\xe1\x42\xff\xff\x40", "a text that is not UTF-8"),
        (b"\xe1\xe0\x40", "unhashable type: 'dict'"),
    ],
)
def test_what_is_no_place_is_found_when_the_file_is_read(content, wrong):
    with pytest.raises(ValueError, match=f"{DATA}: {re.escape(wrong)}"):
        GeoDatabase(database({"192.0.2.0/24": GERMANY, "198.51.100.0/24": content}))


@pytest.mark.parametrize(
    ("metadata", "wrong"),
    [
        ({"ip_version": 5}, "of another version"),
        ({"binary_format_major_version": 3}, "of another version"),
        ({"node_count": "many"}, METADATA),
        ({"node_count": 1 << 40}, METADATA),
        ({"node_count": 0}, "of another version"),
        ({"record_size": 28.0}, "of another version"),
        ({"record_size": 64}, "Unknown record size"),
        ({"database_type": 7}, "of another version"),
        ({"build_epoch": 7}, "it was built 7 seconds"),
        ({"stranger": 7}, METADATA),
        ({"database_type": "GeoLite2-ASN"}, "its type is 'GeoLite2-ASN'"),
        ({"node_count": 3}, "does not end where"),
    ],
)
def test_metadata_that_cannot_be_is_refused(metadata, wrong):
    with pytest.raises(ValueError, match=wrong):
        GeoDatabase(database(NETWORKS, **metadata))


def test_a_database_without_countries_is_refused():
    with pytest.raises(ValueError, match="it holds no countries"):
        GeoDatabase(database({"192.0.2.0/24": {"continent": {"code": "EU"}}}))


@pytest.mark.parametrize("whole", [True, False])
def test_a_tree_that_leads_back_into_itself_is_refused(whole, monkeypatch):
    if not whole:
        monkeypatch.setattr(geo_database, "_WHOLE_TREE_NODES", 0)
    nodes, contents = tree_of(NETWORKS)
    nodes[40] = [40, 40]
    with pytest.raises(ValueError, match="a way down is longer than an address"):
        GeoDatabase(file_of(nodes, contents))


def test_a_long_way_back_into_the_tree_is_refused_too():
    nodes, contents = tree_of(NETWORKS)
    nodes[40][1] = 20
    with pytest.raises(ValueError, match="a way down is longer than an address"):
        GeoDatabase(file_of(nodes, contents))


def test_a_tree_that_is_deeper_than_an_address_is_refused():
    nodes = [[number + 1, number + 1] for number in range(32)] + [[("data", 0), None]]
    with pytest.raises(ValueError, match="a way down is longer than an address"):
        GeoDatabase(file_of(nodes, [FRANCE], version=4))
    assert GeoDatabase(file_of([[1, 1], *[[n + 1, n + 1] for n in range(1, 31)], nodes[-1]], [FRANCE], version=4))


def test_two_ways_may_lead_to_one_part_of_the_tree():
    """As 2002::/16 leads to IPv4 in the databases that are published."""
    nodes, contents = tree_of({**NETWORKS, "2002::/16": FRANCE})
    ipv4 = 0
    for _ in range(96):
        ipv4 = nodes[ipv4][0]
    node = 0
    for depth in range(15):
        node = nodes[node][0x2002 >> (15 - depth) & 1]
    nodes[node][0] = ipv4
    read = GeoDatabase(file_of(nodes, contents))
    assert read.of(ip_address("2002:c000:201::1")) == read.of(ip_address("192.0.2.1")) == ("DE", "BE")


def test_a_large_database_is_verified_by_a_sample_and_by_all_its_records(monkeypatch):
    monkeypatch.setattr(geo_database, "_WHOLE_TREE_NODES", 0)
    monkeypatch.setattr(geo_database, "_CHUNK_NODES", 16)
    assert GeoDatabase(SOUND).of(ip_address("192.0.2.1")) == ("DE", "BE")
    nodes, contents = tree_of(NETWORKS)
    nodes[-1][0] = 1 << 24
    with pytest.raises(ValueError, match="it points outside the data"):
        GeoDatabase(file_of(nodes, contents))


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "it is no MaxMind database"),
        (b"\x1f\x8b" + SOUND[2:-200], "must be unpacked"),
        (SOUND[: len(SOUND) // 2], "cut short"),
        (SOUND.replace(MARKER, b"\0" * len(MARKER)), "it is no MaxMind database"),
        (SOUND[200:], "does not end where"),
    ],
)
def test_another_file_or_half_a_one_is_refused(content, wrong, tmp_path):
    path = tmp_path / "places.mmdb"
    path.write_bytes(content)
    with pytest.raises(GeoDatabaseProblem, match=wrong):
        open_geo_database(path)


def test_a_file_that_is_not_there_or_is_none_is_said_to_be_so(tmp_path):
    with pytest.raises(GeoDatabaseProblem, match="it cannot be read: No such file"):
        open_geo_database(tmp_path / "places.mmdb")
    with pytest.raises(GeoDatabaseProblem, match="it is no file"):
        open_geo_database(tmp_path)
    with pytest.raises(GeoDatabaseProblem, match="it cannot be read: Not a directory"):
        open_geo_database(tmp_path / "places.mmdb" if (tmp_path / "f").touch() else tmp_path / "f" / "places.mmdb")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "places.mmdb"
    path.write_bytes(SOUND)
    stamps = iter([(1,), (2,)])
    monkeypatch.setattr(geo_database, "_stamp", lambda status: next(stamps))
    with pytest.raises(GeoDatabaseProblem, match="it was written to while it was read"):
        open_geo_database(path)


@settings(max_examples=120)
@given(st.data())
def test_what_is_accepted_never_fails_at_a_look_up(data):
    """Any few bytes of a sound file changed: it is refused as it is read, or all look-ups end in a place or in none."""
    file = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = GeoDatabase(bytes(file))
    except ValueError:
        return
    for address in ("192.0.2.1", "198.51.100.1", "203.0.113.7", "1.1.1.1", "2001:db9::1", "::", "ffff::"):
        country, subdivision = read.of(ip_address(address))
        assert country is None or re.fullmatch("[A-Z]{2}", country)
        assert subdivision is None or re.fullmatch("[A-Z0-9]{1,3}", subdivision)
