"""The embedded table tells the country of an address, and nothing of one that has none."""

import pytest

from openrum.places import EmbeddedPlaces


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
        ("127.0.0.1", None),
        ("::1", None),
        ("10.1.2.3", None),
        ("", None),
        ("no address", None),
        ("::ffff:nonsense", None),
    ],
)
def test_an_address_has_at_most_a_country(places, address, country):
    assert places.of(address) == (country, None)
