"""Questions as they are sent, JSON or a query string, read into their forms. Every error names the member, and what is near."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec

from openrum.query.question import BadQuestion
from openrum.query.special import ScopeForm

T = TypeVar("T")
F = TypeVar("F", bound=ScopeForm)

_WHERE = re.compile(r"(?P<what>.*) - at `\$\.(?P<member>.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_BODY = "body"


def read_json(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The form of a body. Raises BadQuestion."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _bad(error, decoder.type) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadQuestion(_BODY, str(error)) from None


def read_query(given: Mapping[str, str], form: type[F]) -> F:
    """The form of a query string, in which lists are JSON. Raises BadQuestion."""
    members: dict[str, Any] = {}
    for name, text in given.items():
        try:
            members[name] = msgspec.json.decode(text) if text.startswith(("[", "{")) else text
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadQuestion(name, f"must be JSON: {error}") from None
    try:
        return msgspec.convert(members, form, strict=False)
    except msgspec.ValidationError as error:
        raise _bad(error, form) from None


def members_of(form: Any) -> list[str]:
    """The members of a form, as they are sent."""
    return [each.encode_name for each in msgspec.structs.fields(form)]


def _bad(error: msgspec.ValidationError, form: Any) -> BadQuestion:
    said = str(error)
    if found := _WHERE.fullmatch(said):
        return BadQuestion(found["member"], found["what"])
    if found := _UNKNOWN.fullmatch(said):
        members = members_of(form)
        near = get_close_matches(found["name"], members, n=1)
        said = f"{found['name'][:64]!r} is not known; "
        said += f"did you mean {near[0]}?" if near else f"there are {', '.join(members)}"
    return BadQuestion(_BODY, said)
