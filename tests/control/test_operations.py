"""The operations as a stock SDK sees them: what is made reads back, what is wrong is refused as the API model says."""

import json

import botocore.exceptions
import pytest

from openrum.aws.policy import public_policy
from openrum.control.secrets import Sealer
from openrum.control.tokens import Tokens

POLICY = public_policy("arn:aws:rum:us-east-1:000000000000:appmonitor/shop")


def failure(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_a_minimal_monitor_reads_back_with_the_defaults_of_the_service(rum):
    created = rum.create_app_monitor(Name="shop", Domain="shop.example.com")
    found = rum.get_app_monitor(Name="shop")["AppMonitor"]
    assert len(found.pop("Created")) == len(found.pop("LastModified")) == 19
    assert found == {
        "Name": "shop",
        "Domain": "shop.example.com",
        "Id": created["Id"],
        "Tags": {},
        "State": "CREATED",
        "AppMonitorConfiguration": {"SessionSampleRate": 0.1},
        "DataStorage": {"CwLog": {"CwLogEnabled": False}},
        "CustomEvents": {"Status": "DISABLED"},
        "DeobfuscationConfiguration": {"JavaScriptSourceMaps": {"Status": "DISABLED"}},
        "Platform": "Web",
    }


def test_everything_that_was_given_reads_back(rum):
    given = {
        "Name": "full_#1.x-y",
        "DomainList": ["*.example.com", "localhost", "127.0.0.1", "example.*"],
        "Tags": {"team": "web", "empty": ""},
        "AppMonitorConfiguration": {
            "SessionSampleRate": 0.5,
            "IdentityPoolId": "us-east-1:0a0a0a0a-0000-4000-8000-000000000001",
            "IncludedPages": ["https://example.com/a"],
            "FavoritePages": ["/a"],
            "GuestRoleArn": "arn:aws:iam::000000000000:role/x",
            "AllowCookies": True,
            "Telemetries": ["errors", "http"],
            "EnableXRay": False,
        },
        "CustomEvents": {"Status": "ENABLED"},
        "DeobfuscationConfiguration": {"JavaScriptSourceMaps": {"Status": "ENABLED", "S3Uri": "s3://bucket/maps/"}},
        "Platform": "iOS",
    }
    created = rum.create_app_monitor(**given, CwLogEnabled=True)
    found = rum.get_app_monitor(Name=given["Name"])["AppMonitor"]
    assert {name: found[name] for name in given} == given
    group = f"/aws/vendedlogs/RUMService_{given['Name']}{created['Id'][:8]}"
    assert found["DataStorage"]["CwLog"] == {"CwLogEnabled": True, "CwLogGroup": group}


def shown(rum, *members):
    found = rum.get_app_monitor(Name="shop")["AppMonitor"]
    return {member: found.get(member) for member in members}


def test_an_update_changes_what_is_given_and_leaves_the_rest(rum):
    rum.create_app_monitor(
        Name="shop",
        Domain="a.example",
        CustomEvents={"Status": "ENABLED"},
        Tags={"team": "web"},
        AppMonitorConfiguration={"AllowCookies": True, "ExcludedPages": ["https://a.example.com/x"]},
    )
    before = rum.get_app_monitor(Name="shop")["AppMonitor"]
    rum.update_app_monitor(Name="shop")
    rum.update_app_monitor(Name="shop", AppMonitorConfiguration={"SessionSampleRate": 0.5}, CwLogEnabled=True)
    after = rum.get_app_monitor(Name="shop")["AppMonitor"]
    assert after["DataStorage"]["CwLog"]["CwLogEnabled"] is True
    configuration = {"AllowCookies": True, "ExcludedPages": ["https://a.example.com/x"], "SessionSampleRate": 0.5}
    assert after["AppMonitorConfiguration"] == configuration
    for changed in ("DataStorage", "AppMonitorConfiguration", "LastModified"):
        del before[changed], after[changed]
    assert after == before


def test_domain_and_domain_list_replace_each_other_and_so_do_the_lists_of_pages(rum):
    pages = {"ExcludedPages": ["https://a.example.com/x"]}
    rum.create_app_monitor(Name="shop", Domain="a.example", AppMonitorConfiguration=pages)
    rum.update_app_monitor(Name="shop", DomainList=["b.example", "c.example"])
    assert shown(rum, "Domain", "DomainList") == {"Domain": None, "DomainList": ["b.example", "c.example"]}
    rum.update_app_monitor(Name="shop", Domain="d.example")
    assert shown(rum, "Domain", "DomainList") == {"Domain": "d.example", "DomainList": None}
    rum.update_app_monitor(Name="shop", AppMonitorConfiguration={"IncludedPages": ["https://a.example.com/y"]})
    found = shown(rum, "AppMonitorConfiguration")["AppMonitorConfiguration"]
    assert (found.get("ExcludedPages"), found["IncludedPages"]) == (None, ["https://a.example.com/y"])
    assert failure(rum.update_app_monitor, Name="shop", Domain="a.example", DomainList=["b.example"])[0] == 400
    assert failure(rum.update_app_monitor, Name="gone")[:2] == (404, "ResourceNotFoundException")


def test_source_maps_need_their_place(rum):
    rum.create_app_monitor(Name="shop", Domain="a.example")
    maps = {"JavaScriptSourceMaps": {"Status": "ENABLED"}}
    status, _, message = failure(rum.update_app_monitor, Name="shop", DeobfuscationConfiguration=maps)
    assert (status, "S3Uri" in message) == (400, True)
    maps["JavaScriptSourceMaps"]["S3Uri"] = "s3://bucket/maps"
    rum.update_app_monitor(Name="shop", DeobfuscationConfiguration=maps)
    assert shown(rum, "DeobfuscationConfiguration") == {"DeobfuscationConfiguration": maps}


ARN = "arn:aws:rum:eu-west-1:123456789012:appmonitor/"


def test_tags_are_added_replaced_listed_and_taken_away(rum):
    rum.create_app_monitor(Name="shop_#1", Domain="a.example", Tags={"team": "web"})
    arn = ARN + "shop_#1"
    modified = rum.get_app_monitor(Name="shop_#1")["AppMonitor"]["LastModified"]
    rum.tag_resource(ResourceArn=arn, Tags={"team": "shop", "a=b/c+d": "", "empty": "x"})
    found = rum.list_tags_for_resource(ResourceArn=arn)
    assert (found["ResourceArn"], found["Tags"]) == (arn, {"team": "shop", "a=b/c+d": "", "empty": "x"})
    rum.untag_resource(ResourceArn=arn, TagKeys=["a=b/c+d", "team", "never.there"])
    assert rum.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"empty": "x"}
    monitor = rum.get_app_monitor(Name="shop_#1")["AppMonitor"]
    assert (monitor["Tags"], monitor["LastModified"]) == ({"empty": "x"}, modified)


def test_a_monitor_has_at_most_fifty_tags(rum):
    rum.create_app_monitor(Name="shop", Domain="a.example", Tags={f"k.{n}": "" for n in range(100, 140)})
    rum.tag_resource(ResourceArn=ARN + "shop", Tags={f"k.{n}": "" for n in range(130, 150)})
    status, code, message = failure(rum.tag_resource, ResourceArn=ARN + "shop", Tags={"k.200": ""})
    assert (status, code, "51" in message) == (400, "ValidationException", True)
    assert len(rum.list_tags_for_resource(ResourceArn=ARN + "shop")["Tags"]) == 50


@pytest.mark.parametrize(
    ("arn", "status"),
    [
        (ARN + "gone", 404),
        ("arn:aws:s3:::bucket", 404),
        ("arn:aws:rum:us-east-1:000000000000:appmonitor/", 404),
        ("not an arn", 400),
    ],
)
def test_tags_of_what_is_not_there_are_refused(rum, arn, status):
    assert failure(rum.list_tags_for_resource, ResourceArn=arn)[0] == status
    assert failure(rum.tag_resource, ResourceArn=arn, Tags={"a": "b"})[0] == status
    assert failure(rum.untag_resource, ResourceArn=arn, TagKeys=["a"])[0] == status


def test_monitors_are_listed_by_name_page_by_page(rum):
    names = sorted(f"m{number:02}" for number in range(7))
    for name in reversed(names):
        rum.create_app_monitor(Name=name, Domain="localhost")
    pages = list(rum.get_paginator("list_app_monitors").paginate(PaginationConfig={"PageSize": 3}))
    assert [[each["Name"] for each in page["AppMonitorSummaries"]] for page in pages] == [
        names[:3],
        names[3:6],
        names[6:],
    ]
    token = rum.list_app_monitors(MaxResults=3)["NextToken"]
    status, code, _ = failure(rum.list_app_monitors, NextToken=token[:-4] + "AAA=")
    assert (status, code) == (400, "ValidationException")


def test_a_deleted_monitor_is_gone_and_its_name_is_free(rum):
    first = rum.create_app_monitor(Name="shop", Domain="localhost")["Id"]
    rum.delete_app_monitor(Name="shop")
    assert failure(rum.get_app_monitor, Name="shop")[:2] == (404, "ResourceNotFoundException")
    assert rum.list_app_monitors()["AppMonitorSummaries"] == []
    assert rum.create_app_monitor(Name="shop", Domain="localhost")["Id"] != first


def test_an_error_carries_its_modelled_members(rum):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    with pytest.raises(rum.exceptions.ConflictException) as conflict:
        rum.create_app_monitor(Name="shop", Domain="localhost")
    assert (conflict.value.response["resourceName"], conflict.value.response["resourceType"]) == ("shop", "AppMonitor")
    with pytest.raises(rum.exceptions.ResourceNotFoundException) as missing:
        rum.get_app_monitor(Name="gone")
    assert missing.value.response["resourceName"] == "gone"
    assert missing.value.response["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("members", "code", "says"),
    [
        ({"Name": None}, "ValidationException", "Name"),
        ({"Name": "x" * 256}, "ValidationException", "Name: expected `str` of length <= 255"),
        ({"Name": ".x"}, "ValidationException", "Name"),
        ({"Name": "a b"}, "ValidationException", "Name"),
        ({"Name": "a\n"}, "ValidationException", "Name"),
        ({"Domain": None}, "ValidationException", "Domain or DomainList"),
        ({"DomainList": ["localhost"]}, "ValidationException", "and not both"),
        ({"Domain": "foo"}, "ValidationException", "Domain"),
        ({"Domain": "*"}, "ValidationException", "Domain"),
        ({"Domain": "*.*"}, "ValidationException", "Domain"),
        ({"Domain": "localhost:8080"}, "ValidationException", "Domain"),
        ({"Domain": "ex_ample.com"}, "ValidationException", "Domain"),
        ({"Domain": None, "DomainList": []}, "ValidationException", "DomainList"),
        ({"Domain": None, "DomainList": ["localhost"] * 6}, "ValidationException", "DomainList"),
        ({"Domain": None, "DomainList": ["localhost", "*"]}, "ValidationException", "DomainList[1]"),
        ({"Tags": {"aws:x": "1"}}, "ValidationException", "Tags"),
        ({"Tags": {str(n): "" for n in range(51)}}, "ValidationException", "Tags"),
        ({"AppMonitorConfiguration": {"SessionSampleRate": 1.1}}, "ValidationException", "SessionSampleRate"),
        ({"AppMonitorConfiguration": {"Telemetries": ["replay"]}}, "ValidationException", "Telemetries[0]"),
        ({"AppMonitorConfiguration": {"GuestRoleArn": "x"}}, "ValidationException", "GuestRoleArn"),
        (
            {"AppMonitorConfiguration": {"IncludedPages": ["http://a.com"], "ExcludedPages": ["http://b.com"]}},
            "ValidationException",
            "and not both",
        ),
        ({"Platform": "Symbian"}, "ValidationException", "Platform"),
        ({"CustomEvents": {"Status": "ON"}}, "ValidationException", "CustomEvents.Status"),
        (
            {"DeobfuscationConfiguration": {"JavaScriptSourceMaps": {"Status": "ENABLED"}}},
            "ValidationException",
            "S3Uri",
        ),
    ],
)
def test_a_broken_constraint_names_its_field(rum, members, code, says):
    arguments = {"Name": "shop", "Domain": "localhost", **members}
    status, found, message = failure(rum.create_app_monitor, **{k: v for k, v in arguments.items() if v is not None})
    assert (status, found) == (400, code)
    assert says in message


def test_a_policy_is_put_read_and_deleted_under_its_revision(rum):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    assert failure(rum.get_resource_policy, Name="shop")[:2] == (404, "PolicyNotFoundException")
    assert failure(rum.delete_resource_policy, Name="shop")[:2] == (404, "PolicyNotFoundException")
    put = rum.put_resource_policy(Name="shop", PolicyDocument=POLICY)
    found = rum.get_resource_policy(Name="shop")
    assert (found["PolicyDocument"], found["PolicyRevisionId"]) == (POLICY, put["PolicyRevisionId"])
    stale = failure(rum.put_resource_policy, Name="shop", PolicyDocument=POLICY, PolicyRevisionId="x")
    assert stale[:2] == (400, "InvalidPolicyRevisionIdException")
    again = rum.put_resource_policy(Name="shop", PolicyDocument=POLICY, PolicyRevisionId=put["PolicyRevisionId"])
    assert again["PolicyRevisionId"] != put["PolicyRevisionId"]
    wrong = failure(rum.delete_resource_policy, Name="shop", PolicyRevisionId=put["PolicyRevisionId"])
    assert wrong[:2] == (400, "InvalidPolicyRevisionIdException")
    deleted = rum.delete_resource_policy(Name="shop", PolicyRevisionId=again["PolicyRevisionId"])
    assert deleted["PolicyRevisionId"] == again["PolicyRevisionId"]


def test_a_policy_that_cannot_mean_anything_is_refused_when_it_is_put(rum):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    operator = json.loads(POLICY)
    operator["Statement"][0]["Condition"] = {"StringMatches": {"rum:alias": "a"}}
    bad = failure(rum.put_resource_policy, Name="shop", PolicyDocument=json.dumps(operator))
    assert bad[:2] == (400, "MalformedPolicyDocumentException")
    assert "StringMatches" in bad[2]
    large = failure(rum.put_resource_policy, Name="shop", PolicyDocument=POLICY + " " * 4_096)
    assert large[:2] == (400, "PolicySizeLimitExceededException")


def test_raw_events_come_page_by_page_and_a_token_is_good_for_its_question_alone(world, rum):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    range_ = {"After": 1_000, "Before": 2_000}
    pages = list(rum.get_paginator("get_app_monitor_data").paginate(Name="shop", TimeRange=range_, MaxResults=10))
    assert [len(page["Events"]) for page in pages] == [10, 10, 5]
    assert world.events.asked[-1] == ("shop", 1_000, 2_000, [], 10)
    token = rum.get_app_monitor_data(Name="shop", TimeRange=range_, MaxResults=10)["NextToken"]
    other = failure(rum.get_app_monitor_data, Name="shop", TimeRange={"After": 1}, NextToken=token)
    assert other[:2] == (400, "ValidationException")
    filters = [{"Name": "Browser", "Values": ["Chrome"]}]
    rum.get_app_monitor_data(Name="shop", TimeRange=range_, Filters=filters)
    assert world.events.asked[-1][3] == [("Browser", ["Chrome"])]
    unknown = failure(
        rum.get_app_monitor_data, Name="shop", TimeRange=range_, Filters=[{"Name": "Colour", "Values": ["x"]}]
    )
    assert "Filters[0].Name" in unknown[2]


def test_a_first_event_makes_a_monitor_active(world, rum):
    created = rum.create_app_monitor(Name="shop", Domain="localhost")["Id"]
    world.monitors.activate({created})
    assert rum.get_app_monitor(Name="shop")["AppMonitor"]["State"] == "ACTIVE"


# ── Who may ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_has_its_operations_and_no_others(world, rum):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    viewer, ingest = world.client("viewer"), world.client("ingest")
    assert viewer.get_app_monitor(Name="shop")
    assert viewer.list_app_monitors()["AppMonitorSummaries"]
    status, code, message = failure(viewer.delete_app_monitor, Name="shop")
    assert (status, code) == (403, "AccessDeniedException")
    assert "viewer" in message
    assert failure(ingest.get_app_monitor, Name="shop")[:2] == (403, "AccessDeniedException")


def test_an_unsigned_or_wrongly_signed_call_is_refused(world):
    unsigned = world.client(signed=False)
    assert failure(unsigned.list_app_monitors)[:2] == (403, "MissingAuthenticationTokenException")
    stranger = world.client()
    stranger._request_signer._credentials.secret_key = "wrong"
    assert failure(stranger.list_app_monitors)[:2] == (403, "InvalidSignatureException")


@pytest.mark.parametrize(("minutes", "taken"), [(-4, True), (4, True), (-6, False), (6, False)])
def test_a_signature_lasts_five_minutes_either_way(world, rum, minutes, taken):
    real = world.now_ms
    world.door_now_ms = lambda: real() + minutes * 60_000
    if taken:
        assert rum.list_app_monitors()
    else:
        assert failure(rum.list_app_monitors)[:2] == (403, "InvalidSignatureException")


@pytest.mark.parametrize(
    "change",
    [
        lambda request: setattr(request, "url", request.url.replace("/shop", "/shoq")),
        lambda request: setattr(request, "url", request.url + "?x=1"),
        lambda request: setattr(request, "method", "GET"),
        lambda request: setattr(request, "body", b'{"CwLogEnabled":false}'),
        lambda request: request.headers.update(Authorization=request.headers["Authorization"][:-1] + b"z"),
        lambda request: request.headers.update({"X-Amz-Date": "20200101T000000Z"}),
    ],
    ids=["path", "query", "method", "body", "signature", "date"],
)
def test_what_was_signed_cannot_be_changed_on_the_way(rum, change):
    rum.create_app_monitor(Name="shop", Domain="localhost")
    rum.create_app_monitor(Name="shoq", Domain="localhost")
    rum.meta.events.register("before-send.rum", lambda request, **_: change(request))
    status, code, _ = failure(rum.update_app_monitor, Name="shop", CwLogEnabled=True)
    assert status == 403
    assert code in ("InvalidSignatureException", "IncompleteSignatureException")


def test_a_token_of_another_question_or_another_s_making_is_refused(world, rum, tmp_path):
    for name in ("a", "b", "c"):
        rum.create_app_monitor(Name=name, Domain="localhost")
        rum.put_rum_metrics_destination(AppMonitorName=name, Destination="CloudWatch")
    token = rum.list_app_monitors(MaxResults=1)["NextToken"]
    assert failure(rum.list_rum_metrics_destinations, AppMonitorName="a", NextToken=token)[:2] == (
        400,
        "ValidationException",
    )
    (tmp_path / "other").mkdir()
    foreign = Tokens(Sealer.open(tmp_path / "other")).make("a", "ListAppMonitors")
    for wrong in (foreign, token[:-2] + "AA", "x", "é", "=" * 2_000):
        assert failure(rum.list_app_monitors, NextToken=wrong)[:2] == (400, "ValidationException")


def test_a_key_works_as_soon_as_it_is_made_and_stops_when_it_is_revoked(world):
    client = world.client()
    assert client.list_app_monitors()
    key_id = client._request_signer._credentials.access_key
    world.keys.revoke(key_id)
    world.snapshot.load()
    assert failure(client.list_app_monitors)[:2] == (403, "UnrecognizedClientException")


# ── What no SDK sends ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def raw(world):
    """Ask the open door in its own words."""
    import asyncio

    def ask(method, path, body=b"", query=b"", content_type=b"application/json"):
        answers = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            answers.append(message)

        scope = {"type": "http", "method": method, "raw_path": path, "query_string": query}
        scope["headers"] = [(b"content-type", content_type)] if content_type is not None else []
        asyncio.run(world.door(auth=False)(scope, receive, send))
        headers = dict(answers[0]["headers"])
        return answers[0]["status"], headers[b"x-amzn-errortype"].decode(), json.loads(answers[1]["body"])["message"]

    return ask


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", b"/appmonitor", b"", 405, "MethodNotAllowedException"),
        ("PUT", b"/appmonitor/x", b"", 405, "MethodNotAllowedException"),
        ("GET", b"/appmonitor/x/y/z", b"", 404, "ResourceNotFoundException"),
        ("GET", b"/appmonitor/a%2Fb", b"", 400, "ValidationException"),
        ("GET", b"/appmonitor/%ff", b"", 400, "ValidationException"),
        ("POST", b"/appmonitor", b"", 400, "ValidationException"),
        ("POST", b"/appmonitor", b"{", 400, "SerializationException"),
        ("POST", b"/appmonitor", b"[]", 400, "SerializationException"),
        ("POST", b"/appmonitor", b'{"Name": 1, "Domain": "localhost"}', 400, "SerializationException"),
        ("POST", b"/appmonitor", b'{"Name": "a", "Name": "b"}', 400, "SerializationException"),
        ("POST", b"/appmonitor", b'{"Name": "a", "Domain": "localhost", "Tags": []}', 400, "SerializationException"),
        ("POST", b"/appmonitor", b"[" * 100_000, 400, "SerializationException"),
        ("POST", b"/appmonitor", b'{"Name": "\xff"}', 400, "SerializationException"),
    ],
)
def test_a_malformed_request_gets_its_own_answer(raw, method, path, body, status, code):
    assert raw(method, path, body)[:2] == (status, code)


@pytest.mark.parametrize("content_type", [None, b"", b"text/plain", b"application/x-www-form-urlencoded", b"\xff"])
def test_a_body_that_does_not_say_it_is_json_is_not_read(raw, content_type):
    body = b'{"Name": "a", "Domain": "localhost"}'
    status, code, message = raw("POST", b"/appmonitor", body, content_type=content_type)
    assert (status, code) == (415, "UnsupportedMediaTypeException")
    assert "application/json" in message


def test_it_may_say_so_with_a_charset(raw):
    answer = raw("POST", b"/appmonitor", b"{", content_type=b"Application/JSON; charset=utf-8")
    assert answer[:2] == (400, "SerializationException")


@pytest.mark.parametrize("text", [b"0", b"101", b"-1", b"x", b"1e1", b"\xff", b"9" * 50])
def test_a_page_size_out_of_bounds_is_refused(raw, text):
    assert raw("POST", b"/appmonitors", query=b"maxResults=" + text)[:2] == (400, "ValidationException")
