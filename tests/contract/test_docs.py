"""The table of members is whole, names nothing else, and is true of the code."""

import re
from pathlib import Path

import msgspec
import pytest

from openrum.control.operations import OPERATIONS as TABLE
from tests.contract.model import MODEL, OPERATIONS

DOC = Path(__file__).parents[2] / "docs" / "compatibility.md"
ROW = re.compile(r"^\| ([A-Za-z, ]+) \| `([A-Za-z0-9.]+)` \| \S.* \|$", re.MULTILINE)


def told():
    """(operation, member) of every row."""
    section = DOC.read_text(encoding="utf-8").partition("## Members\n")[2].partition("\n## ")[0]
    return [(operation, member) for names, member in ROW.findall(section) for operation in names.split(", ")]


def modelled(operation):
    return set(_members(MODEL.operation_model(operation).input_shape, ""))


def _members(shape, above):
    if shape.type_name == "list":
        yield from _members(shape.member, above)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield above + name
            yield from _members(member, f"{above}{name}.")


def of_the_code(struct, above=""):
    """The same of a request struct."""
    for field in msgspec.structs.fields(struct):
        yield above + field.name
        for inner in _structs(field.type):
            yield from of_the_code(inner, f"{above}{field.name}.")


def _structs(kind):
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for argument in getattr(kind, "__args__", ()):
        yield from _structs(argument)


def test_no_member_is_told_twice():
    assert len(told()) == len(set(told()))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_member_of_the_model_is_told_and_no_other(operation):
    assert {member for name, member in told() if name == operation} == modelled(operation)


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
def test_every_member_that_is_told_is_in_the_code(operation):
    assert {member for name, member in told() if name == operation.name} == set(of_the_code(operation.request))
