"""The signed web flow as sites have it: the stock client gets its credentials from an identity pool, and sends."""

import pytest

from tests.conftest import running_chromium
from tests.end_to_end.browsing import VERSIONS, visit
from tests.end_to_end.test_web_client import all_stored, stored
from tests.tls import tls_in_front_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REGION = "us-east-1"
GUID = "0a0a0a0a-0000-4000-8000-0000000000aa"
ROLE = "arn:aws:iam::000000000000:role/guest"
NAMED = "rum.test/c?x"
"""What stands for a region in a pool's id, so that the client asks a name of ours: the documented form."""


@pytest.fixture(scope="module")
def browser(openrum, tmp_path_factory):
    """Chromium for which Cognito and STS are here: by a name service that says so, or by names of ours."""
    with tls_in_front_of(openrum.port, tmp_path_factory.mktemp("tls")) as port:
        names = [
            f"{service}.{domain}"
            for service in ("cognito-identity", "sts")
            for domain in (f"{REGION}.amazonaws.com", "rum.test")
        ]
        rules = ",".join(f"MAP {name}:443 127.0.0.1:{port}" for name in names)
        with running_chromium(f"--host-resolver-rules={rules}", "--ignore-certificate-errors") as browser:
            yield browser


@pytest.fixture(scope="module")
def guests(openrum):
    """The id of a monitor that takes signed batches alone and names an identity pool."""
    configuration = {"IdentityPoolId": f"{REGION}:{GUID}", "GuestRoleArn": ROLE}
    made = openrum.rum().create_app_monitor(
        Name="guests", Domain="localhost", AppMonitorConfiguration=configuration, CustomEvents={"Status": "ENABLED"}
    )
    return made["Id"]


@pytest.mark.parametrize("flow", ["enhanced", "basic"])
@pytest.mark.parametrize("by", ["name service", "name of ours"])
@pytest.mark.parametrize("client", VERSIONS)
def test_a_page_signs_with_what_its_identity_pool_gave_it(browser, site, openrum, guests, client, flow, by):
    # Where the pool's name is ours, the monitor's own id serves as the pool's.
    pool = f"{REGION}:{GUID}" if by == "name service" else f"{NAMED}:{guests}"
    config = {"identityPoolId": pool, **({"guestRoleArn": ROLE} if flow == "basic" else {})}
    arrived = all_stored(openrum, guests)
    seen = visit(browser, site, openrum.url, client=client, monitor=guests, config=config, arrived=arrived)
    found = stored(openrum, guests)
    assert seen.problems == []
    assert {event: found[event] for event in seen.sent} == dict.fromkeys(seen.sent, 1)
    assert seen.beacons >= 1


def test_all_that_guests_sent_was_signed_and_taken(openrum, guests):
    """Nothing was let in by a policy: there is none; and nothing was refused."""
    rum = openrum.rum()
    with pytest.raises(rum.exceptions.PolicyNotFoundException):
        rum.get_resource_policy(Name="guests")
    totals = openrum.api("GET", "/api/v1/ledger?monitor=guests")["totals"]
    assert (totals["refused"], totals["received"]) == (0, totals["stored"])
