"""The control plane under kills, two processes on one database, and a database that goes away."""

import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from botocore.exceptions import BotoCoreError, ClientError

from openrum.control.database import audit_trail, metric_definitions, metrics_destinations
from tests.contract.model import policy
from tests.crash.load import Witness, public_monitor
from tests.server import PATIENCE_S, Server

pytestmark = pytest.mark.slow

KILLS = 12
TO = {"AppMonitorName": "shop", "Destination": "CloudWatch"}
DEFINITIONS = [{"Name": f"M{number}", "Namespace": "shop"} for number in range(20)]
NO_RETRY = {"retries": {"total_max_attempts": 1}}


@pytest.fixture(params=["sqlite", "postgresql"])
def control(request, tmp_path):
    """A server's data directory, and the URL of its control database."""
    data = tmp_path / "data"
    if request.param == "sqlite":
        return Server(data), f"sqlite:///{data / 'control.sqlite'}"
    url = request.getfixturevalue("postgresql").new_database()
    return Server(data, environment={"OPENRUM_DATABASE_URL": url}), url


def test_a_kill_leaves_no_half_change_and_no_change_without_its_row(control):
    """Each deed of the loop changes several rows; whenever the process dies, all of them or none are there."""
    server, url = control
    rng, acknowledged = random.Random(7), 0
    with server:
        server.rum().create_app_monitor(Name="shop", Domain="localhost")
        for _ in range(KILLS):
            killer = threading.Timer(rng.uniform(0.05, 0.4), server.kill)
            killer.start()
            acknowledged += change_until_killed(server.rum(**NO_RETRY))
            killer.join()
            look_for_halves(url, acknowledged)
            server.start()
    assert acknowledged > KILLS


def change_until_killed(rum):
    """How many deeds were acknowledged."""
    count = 0
    steps = (
        lambda: rum.put_rum_metrics_destination(**TO),
        lambda: rum.batch_create_rum_metric_definitions(**TO, MetricDefinitions=DEFINITIONS),
        lambda: rum.delete_rum_metrics_destination(**TO),
    )
    try:
        while True:
            for step in steps:
                step()
                count += 1
    except (BotoCoreError, ClientError):
        return count


def look_for_halves(url, acknowledged):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        destinations = connection.execute(sa.select(sa.func.count()).select_from(metrics_destinations)).scalar_one()
        definitions = connection.execute(sa.select(sa.func.count()).select_from(metric_definitions)).scalar_one()
        done = (audit_trail.c.outcome == "done") & audit_trail.c.operation.like("%Rum%")
        rows = connection.execute(sa.select(sa.func.count()).select_from(audit_trail).where(done)).scalar_one()
    engine.dispose()
    assert definitions % len(DEFINITIONS) == 0
    assert destinations == 1 or definitions == 0
    assert acknowledged <= rows <= acknowledged + KILLS


def test_two_processes_on_one_database_lose_no_update(tmp_path, postgresql):
    environment = {"OPENRUM_DATABASE_URL": postgresql.new_database()}
    with Server(tmp_path / "a", environment=environment) as first:
        # Access keys are sealed with the key file: processes that share a database share it.
        (tmp_path / "b").mkdir()
        for name in ("secret.key", "credentials"):
            shutil.copy(tmp_path / "a" / name, tmp_path / "b" / name)
        with Server(tmp_path / "b", environment=environment) as second:
            monitor_id = first.rum().create_app_monitor(Name="shop", Domain="localhost")["Id"]
            arn = "arn:aws:rum:us-east-1:000000000000:appmonitor/shop"

            def write(server, who):
                rum = server.rum()
                for number in range(25):
                    rum.tag_resource(ResourceArn=arn, Tags={f"{who}.{number}": str(number)})
                    rum.update_app_monitor(Name="shop", AppMonitorConfiguration={"SessionSampleRate": number / 25})
                return [create(rum, f"m{number}") for number in range(10)]

            with ThreadPoolExecutor(2) as pool:
                made = [each.result() for each in [pool.submit(write, first, "a"), pool.submit(write, second, "b")]]
            tags = second.rum().list_tags_for_resource(ResourceArn=arn)["Tags"]
            assert tags == {f"{who}.{number}": str(number) for who in "ab" for number in range(25)}
            assert [ours ^ theirs for ours, theirs in zip(*made, strict=True)] == [True] * 10, "each name is made once"
            first.rum().put_resource_policy(Name="shop", PolicyDocument=policy())
            takes_unsigned_soon(second, monitor_id)


def create(rum, name):
    try:
        rum.create_app_monitor(Name=name, Domain="localhost")
    except rum.exceptions.ConflictException:
        return False
    return True


def takes_unsigned_soon(server, monitor_id):
    """What one process changed, the other goes by within a second or two."""
    witness, deadline = Witness(monitor_id, seed=1), time.monotonic() + 3
    while witness.send_some(server, 1) != [200]:
        assert time.monotonic() < deadline


def test_with_the_database_away_the_door_goes_on_and_everything_heals(tmp_path, own_postgresql):
    environment = {"OPENRUM_DATABASE_URL": own_postgresql.new_database()}
    with Server(tmp_path / "data", environment=environment) as server:
        witness = Witness(public_monitor(server, "shop"), seed=2)
        assert witness.send_some(server, 1) == [200]
        own_postgresql.stop()
        assert witness.send_some(server, 5) == [200] * 5
        rum = server.rum(**NO_RETRY)
        for call in (rum.list_app_monitors, lambda: rum.delete_app_monitor(Name="shop")):
            with pytest.raises(ClientError) as refused:
                call()
            metadata = refused.value.response["ResponseMetadata"]
            assert (metadata["HTTPStatusCode"], metadata["HTTPHeaders"]["retry-after"]) == (503, "5")
        unknown, _ = server.request("POST", "/appmonitors/0a0a0a0a-0000-4000-8000-000000000001", b"{}")
        assert unknown in (400, 503), "never 404: who is not known may have just been made"
        own_postgresql.start()
        deadline = time.monotonic() + PATIENCE_S
        while server.request("GET", "/readyz")[0] != 200 or b"ready" not in server.request("GET", "/readyz")[1]:
            assert time.monotonic() < deadline
        rum.list_app_monitors()
        server.wait_until_drained()
        witness.verify(server)
