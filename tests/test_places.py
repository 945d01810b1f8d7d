"""An address has at most a place: from the embedded table, or from a file that may be replaced while it is asked."""

import json
import os
import uuid
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from openrum.events import Received, Refusals
from openrum.geo_database import GeoDatabase
from openrum.journal import JournalReader
from openrum.places import DatabasePlaces, EmbeddedPlaces, GeoDatabaseProblem, open_places
from openrum.settings import SettingsError, read_settings
from tests.geo import FRANCE, GERMANY, database
from tests.server import Server
from tests.wire.door import batch, encoded

ADDRESS = "192.0.2.1"
RECORD = Received | Refusals
GERMAN, FRENCH = database({"192.0.2.0/24": GERMANY}), database({"192.0.2.0/24": FRANCE})


@pytest.fixture(scope="module")
def places():
    return EmbeddedPlaces()


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("8.8.8.8", "US"),
        ("5.9.0.1", "DE"),
        ("2001:4860:4860::8888", "US"),
        ("::ffff:5.9.0.1", "DE"),
        ("2002:509:1::1", "DE"),
        ("2001:0:808:808::faf6:fffe", "DE"),
        ("64:ff9b::5.9.0.1", "DE"),
        ("127.0.0.1", None),
        ("::1", None),
        ("10.1.2.3", None),
        ("2002:a01:203::1", None),
        ("", None),
        ("no address", None),
        ("::ffff:nonsense", None),
        ("fe80::1%eth0", None),
    ],
)
def test_an_address_has_at_most_a_country(places, address, country):
    assert places.of(address) == (country, None)


def test_the_embedded_table_is_read_when_the_first_foreign_address_comes():
    places = open_places("", lambda: 0)
    for nobody in ("127.0.0.1", "::1", "no address"):
        places.of(nobody)
    assert places._table is None
    places.of("8.8.8.8")
    assert places._table is not None


# ── A file ────────────────────────────────────────────────────────────────────────────────────────────────────────


class World:
    """A file, a clock, and the places that are read from the one by the other."""

    def __init__(self, folder):
        self.path = folder / "places.mmdb"
        self.now_ms = 1_000_000
        self.replace(GERMAN)
        self.places = open_places(str(self.path), lambda: self.now_ms)

    def replace(self, content):
        new = self.path.with_suffix(".new")
        new.write_bytes(content)
        new.replace(self.path)

    def look(self, *, after_ms=60_000):
        self.now_ms += after_ms
        with capture_logs() as logs:
            self.places.refresh()
        return [(line["log_level"], line["event"]) for line in logs]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


TAKEN = ("info", "a new database of places is read")
REFUSED = ("error", "a new database of places is refused; the old one is kept")


@pytest.mark.parametrize("address", [ADDRESS, f"::ffff:{ADDRESS}", "2002:c000:201::1", "64:ff9b::c000:201"])
def test_an_address_has_its_country_and_subdivision(world, address):
    assert world.places.of(address) == ("DE", "BE")


@pytest.mark.parametrize("address", ["198.51.100.1", "2001:db9::1", "", "no address", "fe80::1%eth0", "1" * 10_000])
def test_an_address_that_the_file_does_not_know_has_no_place(world, address):
    assert world.places.of(address) == (None, None)


def test_a_new_file_is_taken_within_a_minute(world):
    world.replace(FRENCH)
    assert world.look(after_ms=59_999) == []
    assert world.places.of(ADDRESS) == ("DE", "BE")
    assert world.look(after_ms=1) == [TAKEN]
    assert world.places.of(ADDRESS) == ("FR", None)
    assert world.look() == []


def test_a_file_that_is_the_same_is_not_read_again(world):
    database = world.places._database
    assert world.look() == []
    assert world.places._database is database


@pytest.mark.parametrize("content", [b"", GERMAN[:-100], GERMAN.replace(b"Made-City", b"Made-ASN!")])
def test_a_new_file_that_is_corrupt_is_refused_once_and_the_old_one_kept(world, content):
    world.replace(content)
    assert world.look() == [REFUSED]
    assert world.places.of(ADDRESS) == ("DE", "BE")
    assert world.look() == []
    world.replace(FRENCH)
    assert world.look() == [TAKEN]
    assert world.places.of(ADDRESS) == ("FR", None)


def test_a_file_that_is_gone_is_missed_once_and_the_old_one_kept(world):
    world.path.unlink()
    assert [world.look(), world.look()] == [[REFUSED], []]
    assert world.places.of(ADDRESS) == ("DE", "BE")
    world.replace(FRENCH)
    assert world.look() == [TAKEN]


def test_a_file_that_is_overwritten_and_cut_short_harms_nothing_that_was_read(world):
    os.truncate(world.path, 0)
    assert world.places.of(ADDRESS) == ("DE", "BE")


def test_a_clock_that_jumps_back_stops_no_look(world):
    world.replace(FRENCH)
    assert world.look(after_ms=-1) == [TAKEN]


def test_what_is_corrupt_beyond_the_sample_is_no_place_and_said_once(world, monkeypatch):
    def corrupt(self, address):
        raise IndexError(f"at {address}")

    monkeypatch.setattr(GeoDatabase, "of", corrupt)
    with capture_logs() as logs:
        assert [world.places.of(ADDRESS), world.places.of(ADDRESS)] == [(None, None)] * 2
    assert [line["log_level"] for line in logs] == ["error"]
    assert ADDRESS not in repr(logs)


def test_a_corrupt_file_at_the_start_is_an_error(tmp_path):
    (tmp_path / "places.mmdb").write_bytes(GERMAN[:-100])
    with pytest.raises(GeoDatabaseProblem, match=r"places\.mmdb cannot be used: .* OPENRUM_GEO_DATABASE"):
        DatabasePlaces(tmp_path / "places.mmdb", lambda: 0)


# ── Settings ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, "trusted_proxies: '10.0.0.1/8' is neither an address nor a network"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "trusted_proxies: '0.0.0.0/0' is everybody"),
        ({"COUNTRY_HEADER": "CF-IPCountry"}, "country_header is set, but trusted_proxies is empty"),
        ({"COUNTRY_HEADER": "CF IP", "TRUSTED_PROXIES": "10.0.0.1"}, "country_header is 'CF IP'; it must be the name"),
        ({"SUBDIVISION_HEADER": "X-Region", "TRUSTED_PROXIES": "10.0.0.1"}, "but country_header is not"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(environment, says):
    with pytest.raises(SettingsError, match=says):
        read_settings({f"OPENRUM_{name}": value for name, value in environment.items()})


# ── The real server ───────────────────────────────────────────────────────────────────────────────────────────────


def send(server, monitor, sent, headers):
    headers = {"content-type": "application/json", "user-agent": "Mozilla/5.0", **headers}
    status, answer = server.request("POST", f"/appmonitors/{monitor}", encoded(sent), headers)
    assert status == 200, answer


@pytest.mark.slow
def test_the_place_of_an_address_is_kept_and_the_address_nowhere(tmp_path):
    address, hidden, said = "192.0.2.77", "192.0.2.78", "203.0.113.99"
    (tmp_path / "places.mmdb").write_bytes(GERMAN)
    environment = {
        "OPENRUM_GEO_DATABASE": str(tmp_path / "places.mmdb"),
        "OPENRUM_TRUSTED_PROXIES": "127.0.0.1",
        "OPENRUM_LOG_LEVEL": "debug",
    }
    with Server(tmp_path / "data", environment=environment) as server:
        made = server.command("monitors", "create", "shop", "--domain", "localhost", "--public", "--json").stdout
        monitor = json.loads(made)["Id"]
        send(server, monitor, batch(), {"x-forwarded-for": f"{said}, {address}"})
        send(server, monitor, batch(), {"forwarded": f"for={hidden}"})
        assert server.request("POST", f"/appmonitors/{uuid.uuid4()}", b"{}", {"x-forwarded-for": address})[0] == 404
        assert server.request("POST", f"/appmonitors/{monitor}", b"{", {"x-forwarded-for": address})[0] == 400
        server.wait_until_drained()
    unpacked = records(tmp_path / "data" / "journal")
    kept = [record for each in unpacked if isinstance(record := msgspec.msgpack.decode(each, type=RECORD), Received)]
    assert [(record.country, record.subdivision) for record in kept] == [("DE", "BE"), ("DE", "BE")]
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert len(files) > 3
    for content in [*(path.read_bytes() for path in (*files, server.log)), *unpacked]:
        assert not [text for text in (address, hidden, said) if text.encode() in content]


def records(journal: Path):
    """What the journal holds, unpacked."""
    reader = JournalReader(journal)
    try:
        return [payload for block in reader.read(None, 1 << 30) for payload in block.records]
    finally:
        reader.close()


@pytest.mark.slow
def test_a_server_that_is_given_a_corrupt_database_says_so_in_one_line(tmp_path):
    path = tmp_path / "places.mmdb"
    path.write_bytes(GERMAN[:-100])
    server = Server(tmp_path / "data", environment={"OPENRUM_GEO_DATABASE": str(path)})
    server.start(wait=False)
    assert server.process.wait(30) == 1
    (line,) = server.log.read_text().splitlines()
    assert line.startswith(f"openrum: the database of places {path} cannot be used: ")
    assert not (tmp_path / "data").exists()
