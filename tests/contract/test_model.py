"""OpenRUM is what the API model says: every constraint holds where the model has it, and nowhere else."""

import http.client
import json
import zlib
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.contract import model
from tests.server import Server

PROBLEMS = ("ValidationException", "SerializationException")
# Rules that the service has beyond its model; each is held by its own test in tests/control.
RULES = {
    "MetricDefinition.ValueKey": "begins with a first-level key",
    "MetricDefinition.DimensionKeys": "stands in the pattern",
    "MetricDefinition.EventPattern": "is a pattern",
    "MetricDefinition.Namespace": "not AWS/…",
    "DestinationArn": "for Evidently alone",
    "IamRoleArn": "for Evidently alone",
    "Domain": "or DomainList",
    "DeobfuscationConfiguration": "S3Uri where ENABLED",
    "TagKeys": "an empty list leaves no trace in a query",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("contract") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def rum(server):
    """boto3 that sends whatever it is told to, and keeps the bodies that come back."""
    client = server.rum(parameter_validation=False, retries={"total_max_attempts": 1})
    client.raw = []
    client.meta.events.register("before-parse.rum", lambda response_dict, **_: client.raw.append(response_dict["body"]))
    return client


@pytest.fixture(scope="module", autouse=True)
def shop(rum):
    """What the samples speak of: the id of the monitor that stands for the samples' own."""
    rum.shop_id = rum.create_app_monitor(Name=model.MONITOR, Domain="localhost")["Id"]
    rum.put_rum_metrics_destination(**model.TO)
    rum.put_rum_metrics_destination(**model.SAMPLES["PutRumMetricsDestination"][0])


def call(rum, operation, request):
    """What came of it: (status, code, message)."""
    if request.get("Id") == model.UUID:
        request = {**request, "Id": rum.shop_id}
    try:
        answer = rum._make_api_call(operation, request)
    except ClientError as error:
        answer = error.response
    return (
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer.get("Error", {}).get("Code", ""),
        answer.get("Error", {}).get("Message", ""),
    )


def in_the_path(case):
    shape = model.MODEL.operation_model(case.operation).input_shape.members[case.place[0]]
    return shape.serialization.get("location") == "uri"


def test_every_answer_is_of_the_modelled_shape_and_every_operation_has_one(rum):
    """One of each, in an order in which all succeed."""
    monitor = {"Name": "answers", "DomainList": ["localhost", "*.shop.example"], "Tags": {"team": "web"}}
    rum.create_app_monitor(**{**model.SAMPLES["CreateAppMonitor"][1], **monitor})
    rum.create_app_monitor(Name="another", Domain="localhost", AppMonitorConfiguration=model.CONFIGURATION)
    arn = model.ARN.replace(model.MONITOR, "answers")
    of = {"AppMonitorName": "answers", "Destination": "Evidently"}
    revision = {
        "PolicyRevisionId": rum.put_resource_policy(Name="answers", PolicyDocument=model.policy(arn))[
            "PolicyRevisionId"
        ]
    }
    batch = model.SAMPLES["PutRumEvents"][0]
    wrong = {**model.DEFINITION, "Namespace": "AWS/RUM"}
    rum.put_rum_metrics_destination(**{**model.SAMPLES["PutRumMetricsDestination"][0], **of})
    steps = [
        ("PutRumEvents", {**batch, "Id": rum.get_app_monitor(Name="answers")["AppMonitor"]["Id"]}),
        ("GetAppMonitor", {"Name": "answers"}),
        ("GetAppMonitor", {"Name": "another"}),
        ("CreateAppMonitor", {"Name": "third", "Domain": "localhost"}),
        ("UpdateAppMonitor", {"Name": "answers", "CwLogEnabled": True}),
        ("ListAppMonitors", {"MaxResults": 1}),
        ("GetResourcePolicy", {"Name": "answers"}),
        ("PutResourcePolicy", {"Name": "answers", "PolicyDocument": model.policy(arn), **revision}),
        ("DeleteResourcePolicy", {"Name": "answers"}),
        ("TagResource", {"ResourceArn": arn, "Tags": {"a": ""}}),
        ("ListTagsForResource", {"ResourceArn": arn}),
        ("UntagResource", {"ResourceArn": arn, "TagKeys": ["a"]}),
        ("PutRumMetricsDestination", {"AppMonitorName": "answers", "Destination": "CloudWatch"}),
        ("ListRumMetricsDestinations", {"AppMonitorName": "answers", "MaxResults": 1}),
        ("BatchCreateRumMetricDefinitions", {**of, "MetricDefinitions": [model.DEFINITION] * 2 + [wrong]}),
        ("BatchGetRumMetricDefinitions", {**of, "MaxResults": 1}),
        ("UpdateRumMetricDefinition", {**of, "MetricDefinition": {"Name": "Seen", "Namespace": "shop"}}),
        ("BatchDeleteRumMetricDefinitions", {**of, "MetricDefinitionIds": ["gone"]}),
        ("DeleteRumMetricsDestination", of),
        ("GetAppMonitorData", {"Name": "answers", "TimeRange": {"After": 1}, "MaxResults": 1}),
        ("DeleteAppMonitor", {"Name": "answers"}),
    ]
    for operation, request in steps:
        if operation == "UpdateRumMetricDefinition":
            request["MetricDefinitionId"] = rum.batch_get_rum_metric_definitions(**of)["MetricDefinitions"][0][
                "MetricDefinitionId"
            ]
        assert call(rum, operation, request)[0] == 200, operation
        shape = model.MODEL.operation_model(operation).output_shape
        assert list(model.faults(shape, json.loads(rum.raw[-1] or b"{}"))) == [], operation
    assert {operation for operation, _ in steps} == set(model.OPERATIONS)


@pytest.mark.parametrize("case", list(model.border_cases()), ids=str)
def test_a_value_is_refused_where_the_model_refuses_it_and_only_there(rum, case):
    if case.operation == "CreateAppMonitor" and case.place[0] != "Name":
        case.request["Name"] = f"m{zlib.crc32(str(case).encode())}"
    status, code, message = call(rum, case.operation, case.request)
    assert status < 500, (status, code, message)
    if not case.allowed:
        if case.value == "" and in_the_path(case):
            assert status in (400, 404, 405)
        else:
            assert (status, code) == (400, "ValidationException"), message
            return
    elif code in PROBLEMS:
        assert any(message.startswith(member) for member in RULES), message


@pytest.mark.parametrize("case", list(model.missing_cases()), ids=str)
def test_what_is_required_is_asked_for_by_name(rum, case):
    status, code, message = call(rum, case.operation, case.request)
    assert (status, code) == (400, "ValidationException")
    assert str(case.place[-1]) in message


@pytest.mark.parametrize("case", list(model.wrong_type_cases()), ids=str)
def test_a_wrong_type_is_told_from_a_wrong_value(server, rum, case):
    """Past botocore's serializer, which would not write it."""
    status, kind, message = send(server, rum, case)
    assert (status, kind) == (400, "SerializationException")
    assert str(case.place[0]) in message


def send(server, rum, case):
    """Sign and send a request as it is. Returns status, error type and message."""
    operation = model.MODEL.operation_model(case.operation)
    inside = {name for name, shape in operation.input_shape.members.items() if not shape.serialization.get("location")}
    path = operation.http["requestUri"].partition("?")[0]
    for name, value in case.request.items():
        path = path.replace("{" + name + "}", rum.shop_id if name == "Id" else quote(str(value), safe=""))
    body = json.dumps({name: value for name, value in case.request.items() if name in inside}).encode()
    signed = AWSRequest(operation.http["method"], server.url + path, {"content-type": "application/json"}, body)
    SigV4Auth(Credentials(*server.credentials()), "rum", "us-east-1").add_auth(signed)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(operation.http["method"], path, body, dict(signed.headers.items()))
        answer = connection.getresponse()
        return answer.status, answer.headers["x-amzn-errortype"], json.loads(answer.read() or b"{}").get("message")
    finally:
        connection.close()
