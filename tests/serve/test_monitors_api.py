"""/api/v1/monitors and /api/v1/keys: what owners read and change, over the real server; the AWS API sees the same."""

import json
import time
import uuid

import msgspec
import pytest
from botocore.exceptions import ClientError

from openrum.serve.doors import DOORS
from openrum.trial_event import host_of

pytestmark = pytest.mark.slow


@pytest.fixture
def admin(ask, keys):
    """Call as an admin: (status, content), and every good answer has the form that is described."""

    def admin(method, path, content=None):
        status, answer = ask(method, f"/api/v1{path}", content, headers=keys["admin"])
        if status < 300:
            msgspec.convert(answer, door_of(method, path).answer)
        return status, answer

    return admin


def door_of(method, path):
    parts = path.split("/")[1:]

    def fits(door):
        names = door.path.removeprefix("/api/v1/").split("/")
        return len(names) == len(parts) and all(name[0] == "{" or name == part for name, part in zip(names, parts))  # noqa: B905

    return next(door for door in DOORS if door.method == method and fits(door))


@pytest.fixture
def site(admin):
    """The name of a monitor of one test alone, open to everyone."""
    name = f"site-{uuid.uuid4().hex[:8]}"
    status, _ = admin("POST", "/monitors", {"name": name, "domains": ["shop.example"], "public": True})
    assert status == 201
    return name


def put_batch(server, monitor_id, origin="https://shop.example"):
    """A page view as a page's browser sends it, unsigned: the status."""
    event = {
        "id": str(uuid.uuid4()),
        "timestamp": int(time.time()),
        "type": "com.amazon.rum.page_view_event",
        "details": json.dumps({"version": "1.0.0", "pageId": "/"}),
        "metadata": json.dumps({"version": "1.0.0", "pageId": "/"}),
    }
    session = str(uuid.uuid4())
    body = {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": monitor_id, "version": "1.0.0"},
        "UserDetails": {"userId": session, "sessionId": session},
        "RumEvents": [event],
    }
    headers = {"content-type": "text/plain;charset=UTF-8", "origin": origin}
    return server.request("POST", f"/appmonitors/{monitor_id}", json.dumps(body).encode(), headers)[0]


# ── Made, read, changed, deleted ──────────────────────────────────────────────────────────────────────────────────


def test_a_monitor_that_was_made_takes_what_its_pages_send_at_once(server, admin, site):
    _, told = admin("GET", f"/monitors/{site}")
    assert put_batch(server, told["id"]) == 200
    assert put_batch(server, told["id"], origin="https://elsewhere.example") == 403
    listed = {"name": site, "id": told["id"], "active": False, "demo": False, "session_sample_rate": 1.0}
    assert listed in admin("GET", "/monitors")[1]["monitors"]


def test_the_aws_api_reads_what_was_made_here(server, admin, site):
    told = server.rum().get_app_monitor(Name=site)["AppMonitor"]
    assert (told["Domain"], told["CustomEvents"]["Status"]) == ("shop.example", "ENABLED")
    assert told["AppMonitorConfiguration"]["SessionSampleRate"] == 1.0


def test_what_is_given_is_changed_and_the_rest_stays(server, admin, site):
    change = {"domains": ["a.example", "*.b.example"], "session_sample_rate": 0.25, "custom_events": False}
    status, told = admin("PATCH", f"/monitors/{site}", change)
    assert status == 200
    assert {name: told[name] for name in change} == change
    assert (told["cookies"], told["telemetries"]) == (True, ["performance", "errors", "http"])
    status, told = admin("PATCH", f"/monitors/{site}", {"telemetries": ["errors"], "cookies": False})
    assert (told["domains"], told["cookies"], told["session_sample_rate"]) == (
        ["a.example", "*.b.example"],
        False,
        0.25,
    )
    assert server.rum().get_app_monitor(Name=site)["AppMonitor"]["DomainList"] == ["a.example", "*.b.example"]


def test_the_snippet_says_what_the_monitor_is_set_to(server, admin, site):
    admin("PATCH", f"/monitors/{site}", {"session_sample_rate": 0.5, "telemetries": ["errors"]})
    _, told = admin("GET", f"/monitors/{site}")
    for text in told["snippets"].values():
        assert told["id"] in text
        assert '"sessionSampleRate": 0.5' in text
        assert '"signing": false' in text
        assert f'"endpoint": "{server.url}"' in text
    assert "AwsRumConfig" in told["snippets"]["typescript"]


def test_an_identity_pool_is_set_and_taken_away_again(admin, site):
    admin("PUT", f"/monitors/{site}/policy", {"public": False})
    pool = f"eu-central-1:{uuid.uuid4()}"
    _, told = admin("PATCH", f"/monitors/{site}", {"identity_pool": pool, "session_sample_rate": 0.5})
    assert told["identity_pool"] == pool
    assert f'"identityPoolId": "{pool}"' in told["snippets"]["html"]
    _, told = admin("PATCH", f"/monitors/{site}", {"identity_pool": None})
    assert (told["identity_pool"], told["session_sample_rate"]) == (None, 0.5)


def test_pages_are_included_or_excluded_and_the_snippet_and_the_aws_api_say_so(server, admin, site):
    inside, outside = ["https://shop.example.com/cart"], ["https://shop.example.com/admin/*"]
    _, told = admin("PATCH", f"/monitors/{site}", {"included_pages": inside, "favorite_pages": ["/cart"]})
    assert (told["included_pages"], told["excluded_pages"], told["favorite_pages"]) == (inside, [], ["/cart"])
    for text in told["snippets"].values():
        assert r'"pagesToInclude": [/^https:\/\/shop\.example\.com\/cart(?:[?#]|$)/]' in text
    _, told = admin("PATCH", f"/monitors/{site}", {"included_pages": [], "excluded_pages": outside})
    assert (told["included_pages"], told["excluded_pages"], told["favorite_pages"]) == ([], outside, ["/cart"])
    assert "pagesToInclude" not in told["snippets"]["html"]
    assert "pagesToExclude" in told["snippets"]["html"]
    kept = server.rum().get_app_monitor(Name=site)["AppMonitor"]["AppMonitorConfiguration"]
    assert (kept.get("IncludedPages"), kept["ExcludedPages"]) == (None, outside)
    _, told = admin("PATCH", f"/monitors/{site}", {"excluded_pages": [], "favorite_pages": []})
    assert "pagesTo" not in told["snippets"]["html"]
    assert "FavoritePages" not in server.rum().get_app_monitor(Name=site)["AppMonitor"]["AppMonitorConfiguration"]


def test_a_deleted_monitor_is_gone_for_pages_and_for_readers(server, admin, site):
    _, told = admin("GET", f"/monitors/{site}")
    assert admin("DELETE", f"/monitors/{site}")[0] == 200
    assert put_batch(server, told["id"]) == 404
    assert admin("GET", f"/monitors/{site}")[0] == 404


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"name": ".shop", "domains": ["a.example"]}, "name", "no dot in front"),
        ({"name": "a b", "domains": ["a.example"]}, "name", "letters, digits"),
        ({"name": "x", "domains": []}, "domains", "1 to 5"),
        ({"name": "x", "domains": ["https://a.example"]}, "domains", "'https://a.example' is not a host name"),
        ({"name": "x", "domains": ["a.example", "b.example:8080"]}, "domains", "'b.example:8080'"),
        ({"name": "x", "domains": ["a.example"], "session_sample_rate": 2}, "session_sample_rate", "from 0 to 1"),
        ({"name": "x", "domains": ["a.example"], "telemetries": ["all"]}, "telemetries", "errors, performance or http"),
        ({"name": "x", "domains": ["a.example"], "identity_pool": "?"}, "identity_pool", "such as eu-central-1:"),
        (
            {"name": "x", "domains": ["a.example"], "included_pages": ["/cart"]},
            "included_pages",
            "'/cart' is not the address",
        ),
        (
            {"name": "x", "domains": ["a.example"], "included_pages": ["http://a.b"], "excluded_pages": ["http://a.c"]},
            "excluded_pages",
            "not both",
        ),
        (
            {"name": "x", "domains": ["a.example"], "excluded_pages": ["http://a.b"] * 51},
            "excluded_pages",
            "50, not 51",
        ),
        ({"name": "x", "domains": ["a.example"], "favorite_pages": ["/"] * 51}, "favorite_pages", "50 texts at most"),
        ({"name": "x", "domains": "a.example"}, "domains", "Expected `array`"),
        ({"name": "x", "domain": "a.example"}, "body", "did you mean domains?"),
    ],
)
def test_what_cannot_be_names_its_field_and_what_would_do(admin, form, field, words):
    status, answer = admin("POST", "/monitors", form)
    assert status == 400
    assert answer["error"]["field"] == field
    assert words in answer["error"]["message"]


def test_a_name_that_is_taken_is_a_conflict(admin, site):
    status, answer = admin("POST", "/monitors", {"name": site, "domains": ["a.example"]})
    assert (status, answer["error"]["type"]) == (409, "conflict")


def test_every_change_stands_in_the_audit_trail_and_so_does_a_refusal(server, admin, ask, site):
    admin("PATCH", f"/monitors/{site}", {"cookies": False})
    admin("PATCH", f"/monitors/{site}/rules", {"pages": ["no slash"]})
    rows = json.loads(server.command("audit", "--target", site, "--json").stdout)
    assert [(row["operation"], row["outcome"]) for row in reversed(rows)] == [
        ("CreateAppMonitor", "done"),
        ("UpdateAppMonitor", "done"),
        ("PutOwnerRules", "ValidationException"),
    ]


CHANGING = [door for door in DOORS if "/monitors" in door.path and door.who == frozenset({"admin"})]


@pytest.mark.parametrize("door", CHANGING, ids=lambda door: f"{door.method} {door.path}")
def test_a_viewer_changes_nothing(ask, door):
    path = door.path.replace("{name}", "shop").replace("{id}", "x")
    assert ask(door.method, path, {})[0] == 403


def test_a_viewer_reads_everything_but_keys(ask, site):
    assert ask("GET", f"/api/v1/monitors/{site}")[0] == 200
    assert ask("GET", f"/api/v1/monitors/{site}/metrics")[0] == 200
    assert ask("GET", "/api/v1/keys")[0] == 403


# ── Policy ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_switch_shuts_the_door_to_the_unsigned_and_opens_it(server, admin, site):
    _, told = admin("GET", f"/monitors/{site}")
    assert told["policy"]["unsigned"] == "everyone"
    _, told = admin("PUT", f"/monitors/{site}/policy", {"public": False})
    assert told["policy"] == {"unsigned": "nobody", "document": None, "revision": None}
    assert put_batch(server, told["id"]) == 403
    assert admin("PUT", f"/monitors/{site}/policy", {"public": False})[0] == 200  # as it is already
    _, told = admin("PUT", f"/monitors/{site}/policy", {"public": True})
    assert put_batch(server, told["id"]) == 200
    assert server.rum().get_resource_policy(Name=site)["PolicyDocument"] == told["policy"]["document"]


def test_a_document_with_conditions_lets_some_send(admin, site):
    _, told = admin("GET", f"/monitors/{site}")
    document = json.loads(told["policy"]["document"])
    document["Statement"][0]["Condition"] = {"StringEquals": {"rum:alias": "secret"}}
    _, told = admin(
        "PUT",
        f"/monitors/{site}/policy",
        {"document": json.dumps(document), "revision": told["policy"]["revision"]},
    )
    assert told["policy"]["unsigned"] == "some"


@pytest.mark.parametrize("document", ["{", '{"Statement": []}', '{"Statement": {"Effect": "Maybe"}}', "x" * 5_000])
def test_a_document_that_is_no_policy_is_refused_at_its_field(admin, site, document):
    status, answer = admin("PUT", f"/monitors/{site}/policy", {"document": document})
    assert (status, answer["error"]["field"]) == (400, "document")


def test_a_policy_that_somebody_else_changed_is_not_overwritten(admin, site):
    _, told = admin("GET", f"/monitors/{site}")
    admin("PUT", f"/monitors/{site}/policy", {"public": True})
    stale = {"public": False, "revision": told["policy"]["revision"]}
    status, answer = admin("PUT", f"/monitors/{site}/policy", stale)
    assert (status, answer["error"]["field"]) == (400, "revision")


# ── Rules ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rules_that_are_given_replace_and_the_others_stay(admin, site):
    admin("PATCH", f"/monitors/{site}/rules", {"pages": ["/products/*"], "retention_days": 30})
    _, told = admin("PATCH", f"/monitors/{site}/rules", {"scrub": {"query": "names"}})
    rules = told["rules"]
    assert (rules["pages"], rules["retention_days"], rules["scrub"]) == (["/products/*"], 30, {"query": "names"})


@pytest.mark.parametrize(
    ("rules", "field", "words"),
    [
        ({"pages": ["products"]}, "pages", "must begin with"),
        ({"pages": ["/a"], "urls": ["/a/**/b"]}, "urls", "let it stand last"),
        ({"scrub": {"query": "burn"}}, "scrub", "burn"),
        ({"retention_days": 4_000}, "retention_days", "3,650"),
        ({"replay_retention_days": 91}, "replay_retention_days", "OPENRUM_RETENTION_DAYS, which is 90"),
    ],
)
def test_a_rule_that_cannot_be_gone_by_names_its_field(admin, site, rules, field, words):
    status, answer = admin("PATCH", f"/monitors/{site}/rules", rules)
    assert (status, answer["error"]["field"]) == (400, field)
    assert words in answer["error"]["message"]
    assert admin("GET", f"/monitors/{site}")[1]["rules"]["pages"] == []


def test_rules_are_tried_on_samples_and_nothing_is_changed(ask, admin, site):
    asked = {
        "rules": {"pages": ["/shop/*/reviews"], "scrub": {"texts": ["order-*"]}},
        "samples": {
            "pages": ["/shop/red-mug/reviews", "/about"],
            "urls": ["https://api.example/v1/baskets/17?x=1"],
            "texts": ["mail to ann@shop.example about order-4711 failed"],
        },
    }
    status, tried = ask("POST", f"/api/v1/monitors/{site}/try-rules", asked)
    assert status == 200
    assert tried == {
        "pages": ["/shop/*/reviews", "/about"],
        "urls": ["/v1/baskets/:id"],
        "texts": ["mail to [email] about [removed] failed"],
    }
    assert admin("GET", f"/monitors/{site}")[1]["rules"]["pages"] == []
    asked["rules"]["pages"] = ["nowhere"]
    assert ask("POST", f"/api/v1/monitors/{site}/try-rules", asked)[1]["error"]["field"] == "pages"


# ── Tags, metrics, keys ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_tags_are_those_that_were_given_and_no_others(server, admin, site):
    admin("PUT", f"/monitors/{site}/tags", {"tags": {"team": "web", "stage": "live"}})
    _, told = admin("PUT", f"/monitors/{site}/tags", {"tags": {"team": "shop", "cost": "7"}})
    assert told["tags"] == {"team": "shop", "cost": "7"}
    assert server.rum().get_app_monitor(Name=site)["AppMonitor"]["Tags"] == told["tags"]
    status, answer = admin("PUT", f"/monitors/{site}/tags", {"tags": {"aws:x": "1"}})
    assert (status, answer["error"]["field"]) == (400, "tags")


def test_a_metric_is_defined_listed_and_dropped(server, admin, site):
    pattern = json.dumps(
        {"event_type": ["com.amazon.rum.js_error_event"], "metadata": {"browserName": [{"exists": True}]}}
    )
    form = {"name": "JsErrorCount", "dimensions": {"metadata.browserName": "BrowserName"}, "pattern": pattern}
    status, made = admin("POST", f"/monitors/{site}/metrics", form)
    assert status == 201
    assert admin("GET", f"/monitors/{site}/metrics")[1]["definitions"] == [made]
    told = server.rum().batch_get_rum_metric_definitions(AppMonitorName=site, Destination="CloudWatch")
    assert [each["MetricDefinitionId"] for each in told["MetricDefinitions"]] == [made["id"]]
    assert admin("DELETE", f"/monitors/{site}/metrics/{made['id']}")[0] == 200
    assert admin("GET", f"/monitors/{site}/metrics")[1]["definitions"] == []
    status, answer = admin("DELETE", f"/monitors/{site}/metrics/{made['id']}")
    assert (status, answer["error"]["type"]) == (404, "unknown_metric_definition")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "Nonsense"}, "name"),
        ({"name": "JsErrorCount"}, "pattern"),
        ({"name": "JsErrorCount", "pattern": "{"}, "pattern"),
        ({"name": "mine", "namespace": "AWS/mine"}, "namespace"),
        ({"name": "mine", "namespace": "mine", "value_key": "nowhere.x"}, "value_key"),
    ],
)
def test_a_definition_that_breaks_a_rule_is_refused_at_its_field(admin, site, form, field):
    status, answer = admin("POST", f"/monitors/{site}/metrics", form)
    assert (status, answer["error"]["field"]) == (400, field)


def test_a_key_tells_its_secret_once_works_at_once_and_ends_at_once(server, admin, site):
    status, made = admin("POST", "/keys", {"name": "ci", "role": "viewer"})
    assert status == 201
    rum = server.rum(key=(made["id"], made["secret"]))
    assert rum.get_app_monitor(Name=site)
    listed = admin("GET", "/keys")[1]["keys"]
    assert listed[0]["id"] == made["id"]
    assert listed[0]["in_use"] is True
    assert made["secret"] not in json.dumps(listed)
    assert admin("DELETE", f"/keys/{made['id']}")[0] == 200
    with pytest.raises(ClientError):
        rum.get_app_monitor(Name=site)
    assert admin("DELETE", f"/keys/{made['id']}")[1]["error"]["type"] == "unknown_key"


@pytest.mark.parametrize(("form", "field"), [({"name": "x", "role": "root"}, "role"), ({"name": ""}, "name")])
def test_a_key_that_cannot_be_names_its_field(admin, form, field):
    status, answer = admin("POST", "/keys", form)
    assert (status, answer["error"]["field"]) == (400, field)


# ── The test event ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_test_event_goes_the_way_of_a_page_and_arrives(server, admin, site):
    status, told = admin("POST", f"/monitors/{site}/test-event")
    assert (status, told["accepted"], told["origin"]) == (200, True, "https://shop.example")
    server.wait_until_drained()
    question = {"monitor": site, "from": "-1h", "measures": ["page_views"], "by": ["page"]}
    assert server.api("POST", "/api/v1/query", question)["rows"] == [["/openrum-test-event", 1]]


def test_a_test_event_signs_as_a_guest_where_the_unsigned_may_not_send(admin, site):
    admin("PUT", f"/monitors/{site}/policy", {"public": False})
    assert admin("POST", f"/monitors/{site}/test-event")[1]["accepted"] is True


def test_a_test_event_that_is_refused_tells_the_doors_own_reason(admin, site):
    deny = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "rum:*", "Resource": "*"}}
    admin("PUT", f"/monitors/{site}/policy", {"document": json.dumps(deny)})
    status, told = admin("POST", f"/monitors/{site}/test-event")
    assert (status, told["accepted"], told["status"]) == (200, False, 403)
    assert "policy" in told["message"]


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("shop.example", "shop.example"),
        ("*.shop.example", "www.shop.example"),
        ("shop.*", "shop.com"),
        ("*.shop.*", "www.shop.com"),
        ("localhost", "localhost"),
    ],
)
def test_a_test_event_comes_from_a_host_that_the_domain_covers(domain, host):
    assert host_of(domain) == host
