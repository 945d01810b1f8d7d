"""Who did what to what, when, from where, and how it ended: one row for each change, in the transaction that makes it."""

import pytest

from openrum.control.deeds import Deed
from openrum.control.shapes import CreateAppMonitorRequest
from openrum.errors import Conflict, Unavailable
from tests.control.test_operations import ARN, POLICY, failure


def trail(world, *columns):
    rows = [tuple(getattr(row, column) for column in columns) for row in world.audit.latest(100)]
    return rows[::-1]


def test_each_change_leaves_a_row_and_a_read_none(world, rum):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    rum.get_app_monitor(Name="shop")
    rum.list_app_monitors()
    rum.put_resource_policy(Name="shop", PolicyDocument=POLICY)
    rum.tag_resource(ResourceArn=ARN + "shop", Tags={"a": "b"})
    rum.put_rum_metrics_destination(AppMonitorName="shop", Destination="CloudWatch")
    rum.delete_app_monitor(Name="shop")
    assert trail(world, "operation", "target", "outcome") == [
        ("CreateAppMonitor", "shop", "done"),
        ("PutResourcePolicy", "shop", "done"),
        ("TagResource", ARN + "shop", "done"),
        ("PutRumMetricsDestination", "shop", "done"),
        ("DeleteAppMonitor", "shop", "done"),
    ]


def test_a_row_says_who_when_from_where_and_by_which_request(world, rum):
    before = world.now_ms()
    answer = rum.create_app_monitor(Name="shop", Domain="localhost")
    [row] = world.audit.latest(10)
    [key] = world.keys.list()
    assert row.actor == f"{key.id} (admin)"
    assert before <= row.at_ms <= world.now_ms()
    assert row.source == "127.0.0.1"
    assert row.request_id == answer["ResponseMetadata"]["RequestId"]


def test_what_somebody_was_not_let_do_is_noted_too(world, rum):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    failure(rum.create_app_monitor, Name="shop", Domain="localhost")
    failure(rum.delete_app_monitor, Name="gone")
    failure(world.client("viewer").delete_app_monitor, Name="shop")
    failure(rum.create_app_monitor, Name="bad name\0", Domain="localhost")
    assert trail(world, "operation", "target", "outcome")[1:] == [
        ("CreateAppMonitor", "shop", "ConflictException"),
        ("DeleteAppMonitor", "gone", "ResourceNotFoundException"),
        ("DeleteAppMonitor", "shop", "AccessDeniedException"),
        ("CreateAppMonitor", r"bad name\x00", "ValidationException"),
    ]


def test_strangers_leave_no_rows(world):
    failure(world.client(signed=False).delete_app_monitor, Name="shop")
    assert trail(world, "operation") == []


DEED = Deed(1, "somebody", "CreateAppMonitor", "shop", "", "")


def test_there_is_no_change_without_its_row_and_no_row_without_its_change(world, monkeypatch):
    """The row and the change are one transaction: what undoes the one undoes the other."""

    class Stumble(Exception):
        pass

    def stumble(row):
        raise Stumble

    world.service.create_app_monitor(CreateAppMonitorRequest("shop", "localhost"))
    with pytest.raises(Stumble), world.audit.noting(DEED):
        world.monitors.change("shop", stumble)
    assert trail(world, "outcome") == []


def test_trouble_of_ours_is_no_outcome(world):
    with pytest.raises(Unavailable), world.audit.noting(DEED):
        raise Unavailable("the disk is full")
    with pytest.raises(Conflict), world.audit.noting(DEED):
        raise Conflict("taken", resource_name="shop")
    assert trail(world, "outcome") == [("ConflictException",)]


def test_the_latest_come_first_and_one_target_can_be_asked_for(world, rum):
    for name in ("a", "b", "c"):
        rum.create_app_monitor(Name=name, Domain="localhost")
    assert [row.target for row in world.audit.latest(2)] == ["c", "b"]
    assert [row.target for row in world.audit.latest(9, "a")] == ["a"]
