"""The description of /api/v1: it is whole, and what the doors answer is what it says."""

import time

import msgspec
import pytest

from openrum.query.catalogue import SPECIAL
from openrum.serve import answer_forms
from openrum.serve.answers import encoded
from openrum.serve.doors import DOORS, EVERYONE
from openrum.serve.openapi import description
from tests.serve.conftest import SESSION

ASKED = {
    "/api/v1/query": {"monitor": "shop", "measures": ["events", "lcp_p75"], "by": ["browser"], "totals": True},
    "/api/v1/sql": {"sql": "SELECT 1 AS one, 'a' AS a"},
    "/api/v1/sign-in": {"name": "nobody", "password": "wrong"},
    "/api/v1/sign-out": {},
}
"""Bodies for the doors that need one and change nothing."""


@pytest.fixture(scope="module")
def told():
    return description()


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def test_every_door_and_every_question_is_described_under_a_name_of_its_own(told):
    described = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    specials = {(method, f"/api/v1/{name}") for name in SPECIAL for method in ("GET", "POST")}
    assert described == {(door.method, door.path) for door in DOORS} | specials | {
        ("GET", "/api/v1/sessions/{session}")
    }
    operations = [each for methods in told["paths"].values() for each in methods.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    assert all(each["summary"] for each in operations)


def test_every_reference_leads_somewhere(told):
    found = set(references(told))
    assert found
    assert found <= {f"#/components/schemas/{name}" for name in told["components"]["schemas"]}


def test_a_place_in_a_path_is_a_parameter_and_nothing_else_is(told):
    for path, methods in told["paths"].items():
        for each in methods.values():
            named = {f"{{{parameter['name']}}}" for parameter in each["parameters"] if parameter["in"] == "path"}
            assert named == {part for part in path.split("/") if part.startswith("{")}


def test_a_form_is_described_by_its_members(told):
    question = told["components"]["schemas"]["QuestionForm"]
    assert question["required"] == ["monitor", "measures"]
    assert {"from", "to", "where", "timezone"} <= question["properties"].keys()
    parameters = told["paths"]["/api/v1/sessions"]["get"]["parameters"]
    [where] = [each for each in parameters if each["name"] == "where"]
    assert where["content"]["application/json"]["schema"]["type"] == "array"


def test_it_is_served_to_whoever_asks(server, told):
    status, body = server.request("GET", "/api/v1/openapi.json")
    assert (status, body) == (200, encoded(told))


@pytest.mark.parametrize(
    "door",
    [door for door in DOORS if (door.method, door.media) == ("GET", "application/json") and "{" not in door.path],
    ids=lambda door: door.path,
)
def test_what_is_read_has_the_form_that_is_described(ask, keys, door):
    asked = f"?monitor=shop&samples=1&from=-1h&session={SESSION}" if door.form is not None else ""
    status, answer = ask("GET", door.path + asked, headers=keys["admin"])
    assert status == 200, answer
    msgspec.convert(answer, door.answer)


@pytest.mark.parametrize("path", ASKED)
def test_what_is_asked_has_the_form_that_is_described(ask, keys, path):
    [door] = [each for each in DOORS if each.path == path and each.method == "POST"]
    headers = {} if door.who == EVERYONE else keys["admin"]
    status, answer = ask("POST", path, ASKED[path], headers={**headers, "sec-fetch-site": "same-origin"})
    form = door.answer if status == door.status else answer_forms.ErrorAnswer
    assert status in (door.status, 401), answer
    msgspec.convert(answer, form)


def test_a_question_beyond_one_table_has_the_form_that_is_described(ask):
    now = int(time.time() * 1000)
    status, answer = ask("POST", "/api/v1/sessions", {"monitor": "shop", "from": now - 3_600_000, "to": now + 60_000})
    assert status == 200
    msgspec.convert(answer, answer_forms.TableAnswer)
