"""Every modelled error of every operation reaches a stock SDK as the exception of that name, with its members."""

from dataclasses import replace

import pytest

from openrum import errors
from openrum.control import door as control_door
from openrum.control.operations import OPERATIONS
from openrum.control.operations import route as route_as_ever
from tests.contract.model import MODEL, SAMPLES

RAISED = {
    "AccessDeniedException": errors.AccessDenied("no"),
    "ConflictException": errors.Conflict("no", resource_name="shop"),
    "InternalServerException": errors.InternalError(),
    "InvalidPolicyRevisionIdException": errors.InvalidPolicyRevisionId("no"),
    "MalformedPolicyDocumentException": errors.MalformedPolicyDocument("no"),
    "PolicyNotFoundException": errors.PolicyNotFound("no"),
    "PolicySizeLimitExceededException": errors.PolicySizeLimitExceeded("no"),
    "ResourceNotFoundException": errors.ResourceNotFound("no", resource_name="shop"),
    "ServiceQuotaExceededException": errors.ServiceQuotaExceeded("no"),
    "ThrottlingException": errors.Throttled("no", retry_after_s=7),
    "ValidationException": errors.ValidationError("no"),
}
CASES = [
    (operation.name, shape.name)
    for operation in OPERATIONS
    for shape in MODEL.operation_model(operation.name).error_shapes
]


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'control.sqlite'}"


def test_every_error_of_the_model_has_its_class_here():
    assert {name for _, name in CASES} == RAISED.keys()


def test_every_error_has_the_status_and_the_members_of_the_model():
    shapes = {
        shape.name: shape
        for operation in MODEL.operation_names
        for shape in MODEL.operation_model(operation).error_shapes
    }
    for name, error in RAISED.items():
        shape = shapes[name]
        in_body = {member for member, of in shape.members.items() if of.serialization.get("location") != "header"}
        assert error.status == shape.metadata["error"]["httpStatusCode"], name
        assert {"message", *error.extra} <= in_body, name
        assert {member for member in shape.required_members if member in in_body} <= {"message", *error.extra}, name


def test_each_arrives_as_its_exception(world, monkeypatch):
    """The operation is made to raise it; everything from there to the SDK's exception is real."""
    rum = world.client()
    for operation, name in CASES:

        def fail(_service, _request, error=RAISED[name]):
            raise error

        def route(method, path, fail=fail):
            found, labels = route_as_ever(method, path)
            return replace(found, call=fail), labels

        monkeypatch.setattr(control_door, "route", route)
        with pytest.raises(getattr(rum.exceptions, name)) as caught:
            rum._make_api_call(operation, SAMPLES[operation][0])
        response, expected = caught.value.response, RAISED[name]
        assert response["ResponseMetadata"]["HTTPStatusCode"] == expected.status
        assert response["Error"]["Message"] == expected.message
        assert {member: response[member] for member in expected.extra} == expected.extra
        if expected.retry_after_s is not None:
            assert response["retryAfterSeconds"] == expected.retry_after_s
