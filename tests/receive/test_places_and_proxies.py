"""Whose place a batch gets, and whose address a policy sees: the peer's, or what a trusted proxy tells, and no one else."""

import asyncio

import pytest

from openrum.client_address import open_proxies
from openrum.receive.put_rum_events import PutRumEvents
from openrum.receive.request import Request
from tests.wire.door import MONITOR, Door, FakeMonitor, Memory, ask, batch, encoded, policy

PATH = f"/appmonitors/{MONITOR}".encode()
PROXY, STRANGER, CLIENT = "10.0.0.1", "198.51.100.1", "192.0.2.1"
CLAIM = {b"x-forwarded-for": CLIENT.encode(), b"cf-ipcountry": b"FR", b"cf-region-code": b"13"}


class PlaceOf:
    """Tells which address it was asked for."""

    def __init__(self):
        self.asked = []

    def of(self, address):
        self.asked.append(address)
        return "DE", "BE"


class BehindProxies(Door):
    """The door with trusted proxies in front; `headers` are the two that name a place."""

    proxies = open_proxies("10.0.0.0/8", "CF-IPCountry", "CF-Region-Code")

    @property
    def app(self):
        app = super().app
        app._proxies = self.proxies
        return app


def post(door, peer, headers=(), app=None):
    sent = [(b"content-type", b"application/json"), *dict(headers).items()]
    return asyncio.run(ask(app or door.app, "POST", PATH, headers=sent, body=encoded(batch()), client=peer)).status


def open_door(*statements, kind=BehindProxies):
    return kind(monitors=Memory(FakeMonitor(policy=policy(*statements or ({},)))), places=PlaceOf())


def place(door):
    (received,) = door.journal.received
    return received.country, received.subdivision


@pytest.mark.parametrize("kind", [Door, BehindProxies])
def test_a_stranger_has_the_place_of_its_own_address_whatever_it_claims(kind):
    door = open_door(kind=kind)
    assert post(door, STRANGER, CLAIM) == 200
    assert (door.places.asked, place(door)) == ([STRANGER], ("DE", "BE"))


@pytest.mark.parametrize("peer", [PROXY, f"::ffff:{PROXY}"])
def test_the_address_that_a_trusted_proxy_tells_is_looked_up(peer):
    door = open_door()
    assert post(door, peer, {b"x-forwarded-for": f"8.8.8.8, {CLIENT}, 10.9.9.9".encode()}) == 200
    assert (door.places.asked, place(door)) == ([CLIENT], ("DE", "BE"))


def test_the_place_that_a_trusted_proxy_tells_is_taken_and_nothing_looked_up():
    door = open_door()
    assert post(door, PROXY, CLAIM) == 200
    assert (door.places.asked, place(door)) == ([], ("FR", "13"))


def test_where_the_proxy_knows_no_place_there_is_none():
    door = open_door()
    assert post(door, PROXY, {**CLAIM, b"cf-ipcountry": b"XX"}) == 200
    assert (door.places.asked, place(door)) == ([], (None, None))


def test_where_the_proxy_does_not_know_the_client_no_place_is_looked_up():
    door = open_door()
    assert post(door, PROXY, {b"x-forwarded-for": f"{CLIENT}, unknown".encode()}) == 200
    assert (door.places.asked, place(door)) == ([], (None, None))


def test_two_headers_of_one_name_are_one_list():
    door = open_door()
    headers = [
        (b"x-forwarded-for", b"8.8.8.8"),
        (b"content-type", b"application/json"),
        (b"x-forwarded-for", CLIENT.encode()),
    ]
    assert asyncio.run(ask(door.app, "POST", PATH, headers=headers, body=encoded(batch()), client=PROXY)).status == 200
    assert door.places.asked == [CLIENT]


FROM_CLIENT = {"Condition": {"IpAddress": {"aws:SourceIp": f"{CLIENT}/32"}}}
FROM_PROXY = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
FROM_ELSEWHERE = {"Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": f"{CLIENT}/32"}}}


@pytest.mark.parametrize(
    ("statements", "peer", "forwarded", "status"),
    [
        ([FROM_CLIENT], PROXY, CLIENT, 200),
        ([FROM_CLIENT], PROXY, f"{CLIENT}, 8.8.8.8", 403),
        ([FROM_CLIENT], STRANGER, CLIENT, 403),
        ([FROM_CLIENT], PROXY, "unknown", 403),
        ([FROM_PROXY], PROXY, CLIENT, 403),
        ([FROM_PROXY], PROXY, "unknown", 403),
        ([{}, FROM_ELSEWHERE], PROXY, CLIENT, 200),
        ([{}, FROM_ELSEWHERE], STRANGER, CLIENT, 403),
        ([{}, FROM_ELSEWHERE], PROXY, "garbage", 403),
    ],
)
def test_a_policy_sees_the_address_that_is_looked_up(statements, peer, forwarded, status):
    assert post(open_door(*statements), peer, {b"x-forwarded-for": forwarded.encode()}) == status


def test_a_request_without_trusted_proxies_looks_at_no_header():
    scope = {
        "method": "POST",
        "raw_path": PATH,
        "query_string": b"",
        "headers": list(CLAIM.items()),
        "client": (PROXY, 1),
    }
    request = Request(scope)
    assert (request.address, request.by_proxy) == (PROXY, False)
    assert (Request(scope, BehindProxies.proxies).address, Request(scope, BehindProxies.proxies).by_proxy) == (
        CLIENT,
        True,
    )
    assert Request({**scope, "client": None}, BehindProxies.proxies).address is None


def test_the_proxies_are_handed_in():
    door = open_door(kind=Door)
    options = {"monitors": door.monitors, "keys": door.keys, "guests": door.guests, "journal": door.journal}
    app = PutRumEvents(
        **options,
        places=door.places,
        refusals=door.refused,
        limits=door.limits,
        now_ms=door.now_ms,
        auth=True,
        region=None,
        inflight=door.app._inflight,
        proxies=BehindProxies.proxies,
    )
    assert post(door, PROXY, CLAIM, app) == 200
    assert place(door) == ("FR", "13")
