"""The same flows by boto3, the AWS CLI and the JavaScript SDK: the same ends, and infrastructure code sees no difference."""

import json
import time
import uuid

import pytest

from openrum.aws.policy import public_policy
from tests.end_to_end.stock_clients import CLIENTS, End
from tests.server import PATIENCE_S

pytestmark = pytest.mark.slow

ARN = "arn:aws:rum:us-east-1:000000000000:appmonitor/"
DEFAULTS = {
    "AppMonitorConfiguration": {"SessionSampleRate": 0.1},
    "CustomEvents": {"Status": "DISABLED"},
    "DataStorage": {"CwLog": {"CwLogEnabled": False}},
    "DeobfuscationConfiguration": {"JavaScriptSourceMaps": {"Status": "DISABLED"}},
    "Platform": "Web",
    "State": "CREATED",
    "Tags": {},
}
"""What a minimal monitor reads back, as the acceptance tests of infrastructure tools expect it."""


@pytest.fixture(scope="module", params=CLIENTS)
def client(request, openrum):
    client = CLIENTS[request.param](openrum)
    client.name = request.param
    yield client
    client.close()


@pytest.fixture
def name(client):
    """A monitor's name that no other client uses: with the characters that a path must have encoded."""
    return f"{client.name}_#1.x"


def done(client, operation, **members):
    end = client.call(operation, members)
    assert end.error is None, (operation, end)
    return end.output


def described(client, name):
    """What an infrastructure tool reads to know a resource: the monitor, and its tags by the ARN it puts together."""
    monitor = done(client, "GetAppMonitor", Name=name)["AppMonitor"]
    tags = done(client, "ListTagsForResource", ResourceArn=ARN + name)
    assert tags == {"ResourceArn": ARN + name, "Tags": monitor["Tags"]}
    return monitor


def test_a_monitor_is_created_read_changed_imported_and_deleted_without_a_difference(client, name):
    created = done(client, "CreateAppMonitor", Name=name, Domain="shop.example")
    first = described(client, name)
    times = {member: first[member] for member in ("Created", "LastModified")}
    assert first == {**DEFAULTS, **times, "Id": created["Id"], "Name": name, "Domain": "shop.example"}
    assert described(client, name) == first

    configuration = {
        "AllowCookies": True,
        "EnableXRay": True,
        "ExcludedPages": ["https://shop.example.com/a"],
        "FavoritePages": ["/a"],
        "GuestRoleArn": "arn:aws:iam::000000000000:role/guest",
        "IdentityPoolId": "us-east-1:0a0a0a0a-0000-4000-8000-000000000001",
        "SessionSampleRate": 0.25,
        "Telemetries": ["errors", "http"],
    }
    change = {
        "AppMonitorConfiguration": configuration,
        "CustomEvents": {"Status": "ENABLED"},
        "DeobfuscationConfiguration": {"JavaScriptSourceMaps": {"Status": "ENABLED", "S3Uri": "s3://bucket/maps"}},
        "DomainList": ["shop.example", "*.shop.example"],
    }
    assert done(client, "UpdateAppMonitor", Name=name, CwLogEnabled=True, **change) == {}
    done(client, "TagResource", ResourceArn=ARN + name, Tags={"team": "web", "cost": "1/2"})
    done(client, "UntagResource", ResourceArn=ARN + name, TagKeys=["cost", "team.b"])
    second = described(client, name)
    assert second["DataStorage"]["CwLog"]["CwLogEnabled"] is True
    assert {member: second[member] for member in change} == change
    assert second["Tags"] == {"team": "web"}
    assert "Domain" not in second
    assert described(client, name) == second

    assert [each["Name"] for each in listed(client)].count(name) == 1
    assert done(client, "DeleteAppMonitor", Name=name) == {}
    assert client.call("GetAppMonitor", {"Name": name}) == End(error="ResourceNotFoundException")


def listed(client):
    found, token = [], {}
    while True:
        page = done(client, "ListAppMonitors", MaxResults=2, **token)
        found += page["AppMonitorSummaries"]
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}


def test_a_policy_is_put_read_and_deleted_by_its_revision(client, name):
    done(client, "CreateAppMonitor", Name=name, Domain="shop.example")
    assert client.call("GetResourcePolicy", {"Name": name}).error == "PolicyNotFoundException"
    document = public_policy(ARN + name)
    put = done(client, "PutResourcePolicy", Name=name, PolicyDocument=document)
    assert done(client, "GetResourcePolicy", Name=name) == put == {**put, "PolicyDocument": document}
    wrong = {"Name": name, "PolicyRevisionId": "wrong"}
    assert client.call("DeleteResourcePolicy", wrong).error == "InvalidPolicyRevisionIdException"
    revision = {"PolicyRevisionId": put["PolicyRevisionId"]}
    assert done(client, "DeleteResourcePolicy", Name=name, **revision) == revision
    done(client, "DeleteAppMonitor", Name=name)


def test_metrics_are_defined_read_changed_and_deleted(client, name):
    done(client, "CreateAppMonitor", Name=name, Domain="shop.example")
    of = {"AppMonitorName": name, "Destination": "CloudWatch"}
    done(client, "PutRumMetricsDestination", **of)
    assert done(client, "ListRumMetricsDestinations", AppMonitorName=name) == {
        "Destinations": [{"Destination": "CloudWatch"}]
    }
    good = {"Name": "SessionCount", "EventPattern": '{"event_type":["com.amazon.rum.session_start_event"]}'}
    made = done(client, "BatchCreateRumMetricDefinitions", **of, MetricDefinitions=[good, {"Name": "None"}])
    assert [error["ErrorCode"] for error in made["Errors"]] == ["ValidationException"]
    [definition] = made["MetricDefinitions"]
    assert definition == {**good, "MetricDefinitionId": definition["MetricDefinitionId"]}
    new = {"Name": "PageViewCount", "EventPattern": '{"event_type":["com.amazon.rum.page_view_event"]}'}
    the_one = {"MetricDefinitionId": definition["MetricDefinitionId"]}
    done(client, "UpdateRumMetricDefinition", **of, **the_one, MetricDefinition=new)
    assert done(client, "BatchGetRumMetricDefinitions", **of) == {"MetricDefinitions": [{**new, **the_one}]}
    ids = [*the_one.values(), "gone"]
    gone = done(client, "BatchDeleteRumMetricDefinitions", **of, MetricDefinitionIds=ids)
    assert gone["MetricDefinitionIds"] == ids[:1]
    done(client, "DeleteRumMetricsDestination", **of)
    done(client, "DeleteAppMonitor", Name=name)


def test_events_are_put_and_read_back(client, name, openrum):
    monitor_id = done(client, "CreateAppMonitor", Name=name, Domain="shop.example")["Id"]
    event = {
        "id": str(uuid.uuid4()),
        "timestamp": round(time.time()),
        "type": "com.amazon.rum.page_view_event",
        "details": '{"version":"1.0.0","pageId":"/ü"}',
        "metadata": '{"version":"1.0.0","pageId":"/ü"}',
    }
    done(
        client,
        "PutRumEvents",
        Id=monitor_id,
        BatchId=str(uuid.uuid4()),
        AppMonitorDetails={"version": "1.0.0"},
        UserDetails={"userId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())},
        RumEvents=[event],
    )
    openrum.wait_until_drained()
    since_ms = round((time.time() - PATIENCE_S) * 1000)
    [found] = done(client, "GetAppMonitorData", Name=name, TimeRange={"After": since_ms})["Events"]
    assert json.loads(found)["event_id"] == event["id"]
    assert json.loads(found)["event_details"]["pageId"] == "/ü"
    done(client, "DeleteAppMonitor", Name=name)


@pytest.mark.parametrize(
    ("operation", "members", "error"),
    [
        ("GetAppMonitor", {"Name": "gone"}, "ResourceNotFoundException"),
        ("CreateAppMonitor", {"Name": "public", "Domain": "localhost"}, "ConflictException"),
        ("CreateAppMonitor", {"Name": "bad name", "Domain": "localhost"}, "ValidationException"),
        (
            "CreateAppMonitor",
            {"Name": "both", "Domain": "localhost", "DomainList": ["a.example"]},
            "ValidationException",
        ),
        ("PutResourcePolicy", {"Name": "public", "PolicyDocument": "{"}, "MalformedPolicyDocumentException"),
        ("PutResourcePolicy", {"Name": "public", "PolicyDocument": "x" * 5000}, "PolicySizeLimitExceededException"),
    ],
)
def test_errors_arrive_by_their_names(client, operation, members, error):
    assert client.call(operation, members) == End(error=error)
