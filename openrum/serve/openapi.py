"""/api/v1/openapi.json: the API described, made of the table of doors and the forms that the doors themselves read.

`python -m openrum.serve.openapi` prints it; the console's types are made of that. It describes, and decides nothing.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

import openrum
from openrum.query.catalogue import SPECIAL
from openrum.query.special import Special
from openrum.serve.answer_forms import ErrorAnswer, TableAnswer
from openrum.serve.answers import encoded, ready_answer
from openrum.serve.doors import DOORS, EVERYONE, Door

_PLACES = re.compile(r"\{(\w+)\}")
_WHERE_SCHEMAS_ARE = "#/components/schemas/{name}"
_ERRORS = {
    "400": "What was asked cannot be answered; the message says what would do.",
    "401": "Nobody is signed in.",
    "403": "Who is signed in may not do this.",
    "404": "What the form names is not there.",
    "429": "Too many ask; `Retry-After` says when to come again.",
    "503": "Trouble of the server's own; `Retry-After` says when to come again.",
}
_RAW = {
    "name": "raw",
    "in": "query",
    "description": "each event as it was sent, beside its row; of `session` and `error` alone",
    "schema": {"type": "boolean"},
}


def description() -> dict[str, Any]:
    """The document, of OpenAPI 3.1."""
    forms = {form for door in DOORS for form in (door.answer, door.form) if form is not None}
    forms |= {special.form for special in SPECIAL.values()} | {ErrorAnswer, TableAnswer}
    in_order = sorted(forms, key=lambda form: form.__name__)
    schemas, components = msgspec.json.schema_components(in_order, ref_template=_WHERE_SCHEMAS_ARE)
    schema_of = dict(zip(in_order, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for door in DOORS:
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door, schema_of, components)
    for special in SPECIAL.values():
        paths[f"/api/v1/{special.name}"] = {
            method: _special(special, method, schema_of, components) for method in ("get", "post")
        }
    one_session = _special(SPECIAL["session"], "get", schema_of, components)
    places = [
        {**each, "in": "path", "required": True} for each in one_session["parameters"] if each["name"] == "session"
    ]
    others = [each for each in one_session["parameters"] if each["name"] != "session"]
    paths["/api/v1/sessions/{session}"] = {
        "get": {**one_session, "operationId": "getSessionsSession", "parameters": [*places, *others]}
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OpenRUM",
            "version": openrum.__version__,
            "description": "Questions to OpenRUM, and its console.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "openrum-session"},
                "accessKey": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _operation(door: Door, schema_of: Mapping[type, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    said = " ".join((door.endpoint.__doc__ or "").split()).partition(": ")[2]
    summary, _, rest = said.partition(". ")
    places = _PLACES.findall(door.path)
    operation: dict[str, Any] = {
        "operationId": _id(door.method, door.path),
        "summary": summary[:1].upper() + summary[1:].rstrip("."),
        **({"description": rest} if rest else {}),
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in places],
        "responses": _responses(str(door.status), schema_of[door.answer], door.media),
    }
    if door.form is not None and door.method == "GET":
        operation["parameters"] += _in_query(door.form, components)
    elif door.form is not None:
        operation["requestBody"] = _body(schema_of[door.form])
    return operation if door.who != EVERYONE else {**operation, "security": []}


def _special(
    special: Special[Any], method: str, schema_of: Mapping[type, Any], components: Mapping[str, Any]
) -> dict[str, Any]:
    asked: dict[str, Any] = (
        {"parameters": [*_in_query(special.form, components), _RAW]}
        if method == "get"
        else {"parameters": [_RAW], "requestBody": _body(schema_of[special.form])}
    )
    return {
        "operationId": _id(method, f"/api/v1/{special.name}"),
        "summary": special.meaning[:1].upper() + special.meaning[1:],
        **asked,
        "responses": _responses("200", schema_of[TableAnswer]),
    }


def _in_query(form: type, components: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The members of a form as parameters; lists and objects go as JSON."""
    schema = components[form.__name__]
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            **({"content": {"application/json": {"schema": member}}} if _is_nested(member) else {"schema": member}),
        }
        for name, member in schema["properties"].items()
    ]


def _is_nested(member: Mapping[str, Any]) -> bool:
    return (
        member.get("type") in ("array", "object") or "$ref" in member or any(map(_is_nested, member.get("anyOf", ())))
    )


def _body(schema: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _responses(status: str, schema: Any, media: str = "application/json") -> dict[str, Any]:
    error = {"application/json": {"schema": {"$ref": _WHERE_SCHEMAS_ARE.format(name=ErrorAnswer.__name__)}}}
    return {
        status: {"description": "The answer", "content": {media: {"schema": schema}}},
        **{code: {"description": what, "content": error} for code, what in _ERRORS.items()},
    }


def _id(method: str, path: str) -> str:
    words: Iterable[str] = re.split(r"[^a-zA-Z0-9]+", path.removeprefix("/api/v1/"))
    return method.lower() + "".join(word[:1].upper() + word[1:] for word in words if word)


_TOLD = encoded(description())


async def openapi(_request: Request) -> Response:
    """GET /api/v1/openapi.json: this description."""
    return ready_answer(_TOLD)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.format(_TOLD, indent=2) + b"\n")
