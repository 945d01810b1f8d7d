"""Metrics destinations and definitions as a stock SDK sees them: the rules of the service, one definition at a time."""

import json

import pytest

from openrum.control.metric_rules import first_broken_rule
from openrum.control.metrics import DEFINITIONS_MAX
from openrum.control.shapes import MetricDefinitionRequest
from tests.control.test_operations import failure

ERROR = "com.amazon.rum.js_error_event"
TO = {"AppMonitorName": "shop", "Destination": "CloudWatch"}
ARN = "arn:aws:evidently:us-east-1:000000000000:project/x/experiment/y"
ROLE = "arn:aws:iam::000000000000:role/x"


def extended(**members):
    pattern = {"event_type": [ERROR], "metadata": {"browserName": ["Chrome"]}}
    definition = {
        "Name": "JsErrorCount",
        "DimensionKeys": {"metadata.browserName": "BrowserName"},
        "EventPattern": json.dumps(pattern),
        **members,
    }
    return {name: value for name, value in definition.items() if value is not None}


def custom(**members):
    definition = {
        "Name": "Bought",
        "Namespace": "shop",
        "ValueKey": "event_details.basket.value",
        "UnitLabel": "Count",
        "EventPattern": json.dumps(
            {"event_type": ["shop.bought"], "event_details": {"basket": {"value": [{"exists": True}]}}}
        ),
        **members,
    }
    return {name: value for name, value in definition.items() if value is not None}


@pytest.fixture
def shop(rum):
    rum.create_app_monitor(Name="shop", Domain="shop.example")
    rum.put_rum_metrics_destination(**TO)
    return rum


# ── Destinations ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_destination_is_put_listed_and_deleted(rum):
    rum.create_app_monitor(Name="shop", Domain="shop.example")
    evidently = {"Destination": "Evidently", "DestinationArn": ARN, "IamRoleArn": ROLE}
    for destination in ({"Destination": "CloudWatch"}, evidently, evidently):
        rum.put_rum_metrics_destination(AppMonitorName="shop", **destination)
    pages = rum.get_paginator("list_rum_metrics_destinations").paginate(
        AppMonitorName="shop", PaginationConfig={"PageSize": 1}
    )
    found = [each for page in pages for each in page["Destinations"]]
    assert found == [{"Destination": "CloudWatch"}, evidently]
    rum.delete_rum_metrics_destination(AppMonitorName="shop", Destination="Evidently", DestinationArn=ARN)
    assert rum.list_rum_metrics_destinations(AppMonitorName="shop")["Destinations"] == [{"Destination": "CloudWatch"}]


@pytest.mark.parametrize(
    "destination",
    [
        {"Destination": "Evidently"},
        {"Destination": "Evidently", "DestinationArn": ARN},
        {"Destination": "CloudWatch", "DestinationArn": ARN},
        {"Destination": "CloudWatch", "IamRoleArn": ROLE},
        {"Destination": "S3"},
        {},
    ],
)
def test_evidently_takes_both_arns_and_cloudwatch_none(rum, destination):
    rum.create_app_monitor(Name="shop", Domain="shop.example")
    assert failure(rum.put_rum_metrics_destination, AppMonitorName="shop", **destination)[:2] == (
        400,
        "ValidationException",
    )
    assert rum.list_rum_metrics_destinations(AppMonitorName="shop")["Destinations"] == []


def test_a_destination_takes_its_definitions_along(shop):
    shop.batch_create_rum_metric_definitions(**TO, MetricDefinitions=[extended()])
    shop.delete_rum_metrics_destination(**TO)
    assert failure(shop.delete_rum_metrics_destination, **TO)[:2] == (404, "ResourceNotFoundException")
    shop.put_rum_metrics_destination(**TO)
    assert shop.batch_get_rum_metric_definitions(**TO)["MetricDefinitions"] == []


def test_metrics_of_a_deleted_monitor_are_not_those_of_the_next_of_its_name(shop):
    shop.delete_app_monitor(Name="shop")
    assert failure(shop.list_rum_metrics_destinations, AppMonitorName="shop")[0] == 404
    shop.create_app_monitor(Name="shop", Domain="shop.example")
    assert shop.list_rum_metrics_destinations(AppMonitorName="shop")["Destinations"] == []


# ── Definitions ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_definition_reads_back_as_it_was_given(shop):
    given = [
        extended(),
        custom(),
        {"Name": "SessionCount", "EventPattern": '{"event_type":["com.amazon.rum.session_start_event"]}'},
    ]
    made = shop.batch_create_rum_metric_definitions(**TO, MetricDefinitions=given)
    assert made["Errors"] == []
    found = shop.batch_get_rum_metric_definitions(**TO)["MetricDefinitions"]
    assert found == made["MetricDefinitions"]
    assert [{name: value for name, value in each.items() if name != "MetricDefinitionId"} for each in found] == given
    assert len({each["MetricDefinitionId"] for each in found}) == 3


def test_good_ones_are_made_and_each_bad_one_says_what_is_wrong(shop):
    bad = extended(Name="JsErrorsOfMine")
    answer = shop.batch_create_rum_metric_definitions(**TO, MetricDefinitions=[extended(), bad, custom()])
    assert [each["Name"] for each in answer["MetricDefinitions"]] == ["JsErrorCount", "Bought"]
    [error] = answer["Errors"]
    assert error["MetricDefinition"] == bad
    assert error["ErrorCode"] == "ValidationException"
    assert error["ErrorMessage"].startswith("Name: 'JsErrorsOfMine' is no extended metric")


def test_a_broken_constraint_of_the_model_fails_the_call(shop):
    status, code, message = failure(
        shop.batch_create_rum_metric_definitions, **TO, MetricDefinitions=[extended(), extended(Name="")]
    )
    assert (status, code) == (400, "ValidationException")
    assert "MetricDefinitions[1].Name" in message
    assert shop.batch_get_rum_metric_definitions(**TO)["MetricDefinitions"] == []


def test_definitions_are_read_page_by_page_in_the_order_they_were_made(shop):
    names = [f"Metric{number:02}" for number in range(7)]
    for name in names:
        shop.batch_create_rum_metric_definitions(**TO, MetricDefinitions=[custom(Name=name)])
    pages = [*shop.get_paginator("batch_get_rum_metric_definitions").paginate(**TO, PaginationConfig={"PageSize": 3})]
    assert [[each["Name"] for each in page["MetricDefinitions"]] for page in pages] == [
        names[:3],
        names[3:6],
        names[6:],
    ]


def test_a_definition_is_replaced_whole(shop):
    made = shop.batch_create_rum_metric_definitions(**TO, MetricDefinitions=[custom(), extended()])["MetricDefinitions"]
    new = extended(
        Name="HttpErrorCount", EventPattern='{"event_type":["com.amazon.rum.http_event"]}', DimensionKeys=None
    )
    wanted = {**TO, "MetricDefinitionId": made[0]["MetricDefinitionId"]}
    shop.update_rum_metric_definition(**wanted, MetricDefinition=new)
    found = shop.batch_get_rum_metric_definitions(**TO)["MetricDefinitions"]
    assert found == [{**new, "MetricDefinitionId": made[0]["MetricDefinitionId"]}, made[1]]
    status, code, message = failure(shop.update_rum_metric_definition, **wanted, MetricDefinition=extended(Name="Mine"))
    assert (status, code) == (400, "ValidationException")
    assert message.startswith("MetricDefinition.Name: ")
    wanted["MetricDefinitionId"] = "gone"
    assert failure(shop.update_rum_metric_definition, **wanted, MetricDefinition=new)[0] == 404


def test_definitions_are_deleted_and_those_that_are_not_there_are_named(shop):
    made = shop.batch_create_rum_metric_definitions(**TO, MetricDefinitions=[custom(), extended()])["MetricDefinitions"]
    ids = [each["MetricDefinitionId"] for each in made]
    answer = shop.batch_delete_rum_metric_definitions(**TO, MetricDefinitionIds=[ids[0], "gone"])
    assert answer["MetricDefinitionIds"] == [ids[0]]
    assert [(each["MetricDefinitionId"], each["ErrorCode"]) for each in answer["Errors"]] == [
        ("gone", "ResourceNotFoundException")
    ]
    left = shop.batch_get_rum_metric_definitions(**TO)["MetricDefinitions"]
    assert [each["MetricDefinitionId"] for each in left] == [ids[1]]


def test_a_call_takes_two_hundred_and_a_destination_two_thousand(shop):
    many = [custom(Name=f"Metric{number}") for number in range(200)]
    assert failure(shop.batch_create_rum_metric_definitions, **TO, MetricDefinitions=[*many, custom()])[0] == 400
    for _ in range(DEFINITIONS_MAX // 200):
        assert len(shop.batch_create_rum_metric_definitions(**TO, MetricDefinitions=many)["MetricDefinitions"]) == 200
    full = failure(shop.batch_create_rum_metric_definitions, **TO, MetricDefinitions=[custom()])
    assert full[:2] == (402, "ServiceQuotaExceededException")


@pytest.mark.parametrize("call", ["batch_create_rum_metric_definitions", "batch_get_rum_metric_definitions"])
def test_a_destination_must_be_there_first(rum, call):
    rum.create_app_monitor(Name="shop", Domain="shop.example")
    arguments = {"MetricDefinitions": [extended()]} if "create" in call else {}
    status, code, message = failure(getattr(rum, call), **TO, **arguments)
    assert (status, code) == (404, "ResourceNotFoundException")
    assert "PutRumMetricsDestination" in message


# ── Rules ─────────────────────────────────────────────────────────────────────────────────────────────────────────

NAVIGATION = {"event_type": ["com.amazon.rum.performance_navigation_event"]}
PAGES = {"metadata.pageId": "PageId"}
BROKEN = {
    "no pattern": (extended(EventPattern=None), "EventPattern: is required for an extended metric"),
    "no JSON": (extended(EventPattern="{"), "EventPattern: "),
    "an operator that is none": (extended(EventPattern='{"event_type":[{"near":1}]}'), "EventPattern: event_type"),
    "another event": (extended(EventPattern=json.dumps(NAVIGATION)), "EventPattern: JsErrorCount needs "),
    "a value of a count": (extended(ValueKey="event_details.value"), "ValueKey: must be left out for JsErrorCount"),
    "another value": (
        extended(Name="PerformanceNavigationDuration", ValueKey="event_details.x", EventPattern=json.dumps(NAVIGATION)),
        "ValueKey: must be event_details.duration",
    ),
    "a dimension of ours": (extended(DimensionKeys={"metadata.title": "Title"}), "DimensionKeys: metadata.title"),
    "another name": (extended(DimensionKeys={"metadata.pageId": "Page"}), "DimensionKeys: metadata.pageId"),
    "a dimension out of the pattern": (extended(DimensionKeys=PAGES), "EventPattern: must name the dimension key metadata.pageId"),
    "a reserved namespace": (custom(Namespace="AWS/Shop"), "Namespace: must not begin with AWS/"),
    "a value of nothing": (custom(ValueKey="basket.value"), "ValueKey: basket.value does not begin with one of "),
    "a pattern of nothing": (custom(EventPattern='{"basket":["x"]}'), "EventPattern: basket is none of "),
    "details of no type": (custom(EventPattern='{"event_details":{"a":["x"]}}'), "EventPattern: event_details needs event_type"),
    "two values": (custom(EventPattern='{"event_type":["a","b"]}'), "EventPattern: an array must hold one value"),
    "dimensions without a pattern": (custom(EventPattern=None, DimensionKeys={"metadata.pageId": "Page"}), "EventPattern: "),
}  # fmt: skip


@pytest.mark.parametrize(("definition", "begins"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_named_with_its_member(definition, begins):
    broken = first_broken_rule(MetricDefinitionRequest(**definition))
    assert broken is not None
    assert broken.startswith(begins)


@pytest.mark.parametrize(
    "definition",
    [
        extended(),
        extended(Namespace="AWS/RUM"),
        extended(EventPattern=json.dumps({"event_type": [ERROR], "metadata": {"browserName": [{"exists": True}]}})),
        extended(Name="PerformanceNavigationDuration", EventPattern=json.dumps(NAVIGATION), DimensionKeys=None),
        extended(Name="TimeOnPage", EventPattern='{"event_type":["x"]}', DimensionKeys=None),
        custom(),
        custom(ValueKey=None, UnitLabel=None),
        custom(EventPattern=None),
        custom(EventPattern='{"$or":[{"event_type":["a"]},{"userId":["b"]}]}', ValueKey=None),
    ],
)
def test_a_sound_definition_has_no_broken_rule(definition):
    assert first_broken_rule(MetricDefinitionRequest(**definition)) is None
