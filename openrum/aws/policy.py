"""Resource policy documents as IAM has them: parsed and checked when put, then asked on every unsigned request.

A document is taken when IAM would take it; statements about other actions and resources are kept and never match. The
evaluation is IAM's for a resource policy of one account: an explicit Deny wins, else an Allow, else nothing is said.
Wildcards (`*`, `?`) are matched in linear time.
"""

import ipaddress
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from openrum import strict_json
from openrum.errors import MalformedPolicyDocument

_VERSIONS = ("2008-10-17", "2012-10-17")
_DEPTH_MAX = 20


class Decision(Enum):
    """What a policy says of a request."""

    ALLOW = "allow"
    DENY = "deny"
    NO_MATCH = "no match"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `principal` None is an anonymous one; `context` has condition keys in lower case and their values."""

    principal: str | None
    action: str
    resource: str
    context: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key."""

    key: str  # in lower case
    values: tuple[str, ...]
    test: Callable[[str, str], bool]  # wanted value, request's value
    negated: bool
    quantifier: str  # "", "ForAnyValue" or "ForAllValues"
    if_exists: bool

    def holds(self, context: Mapping[str, Sequence[str]]) -> bool:
        """Negated operators hold for a missing key, the others do not, unless IfExists says so."""
        found = context.get(self.key, ())
        if not found:
            return self.if_exists or self.quantifier == "ForAllValues" or (self.negated and not self.quantifier)
        each = (self._matches(value) for value in found)
        return all(each) if self.quantifier == "ForAllValues" else any(each)

    def _matches(self, value: str) -> bool:
        return any(self.test(wanted, value) for wanted in self.values) != self.negated


@dataclass(frozen=True, slots=True)
class NullCondition:
    """`Null`: whether a key is missing."""

    key: str
    missing: bool

    def holds(self, context: Mapping[str, Sequence[str]]) -> bool:
        """True where the key is missing, or is there, as wanted."""
        return (not context.get(self.key)) == self.missing


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. The `not_…` fields turn what they stand before around."""

    allow: bool
    principals: tuple[str, ...]
    not_principal: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...]
    not_resource: bool
    conditions: tuple[Condition | NullCondition, ...]

    def matches(self, request: Request) -> bool:
        """Whether the statement is about this request."""
        action = request.action.lower()
        return (
            self._is_principal(request.principal) != self.not_principal
            and any(wildcard(pattern, action) for pattern in self.actions) != self.not_action
            and any(wildcard(pattern, request.resource) for pattern in self.resources) != self.not_resource
            and all(condition.holds(request.context) for condition in self.conditions)
        )

    def _is_principal(self, principal: str | None) -> bool:
        return any(each == "*" or (principal is not None and each == principal) for each in self.principals)


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed document."""

    statements: tuple[Statement, ...]
    _decided: dict[tuple[str | None, str, str], Decision] = field(default_factory=dict, compare=False, repr=False)

    @property
    def conditional(self) -> bool:
        """Whether the context of a request can matter."""
        return any(statement.conditions for statement in self.statements)

    def decide_for(self, principal: str | None, action: str, resource: str) -> Decision | None:
        """The decision where no context can matter, as with every public policy; None where it can.

        Remembered: principals are access keys that exist, actions and resources ours, so there are few.
        """
        asked = (principal, action, resource)
        decision = self._decided.get(asked)
        if decision is None and not self.conditional:
            decision = self._decided[asked] = self.decide(Request(principal, action, resource, {}))
        return decision

    def decide(self, request: Request) -> Decision:
        """An explicit Deny wins; without a word there is no match, which the asker takes as a refusal."""
        matching = [statement for statement in self.statements if statement.matches(request)]
        if any(not statement.allow for statement in matching):
            return Decision.DENY
        return Decision.ALLOW if matching else Decision.NO_MATCH


def parse(document: str) -> Policy:
    """Read a document. Raises MalformedPolicyDocument that names what is wrong, and where."""
    try:
        strict_json.check_keys(document.encode("utf-8", "replace"), _DEPTH_MAX)
        value = strict_json.loads(document, _DEPTH_MAX)
    except ValueError as error:
        raise MalformedPolicyDocument(f"The policy is not JSON: {error}") from None
    _require(isinstance(value, dict), "the policy must be an object")
    _only(value, {"Version", "Id", "Statement"}, "the policy")
    _require(value.get("Version", _VERSIONS[0]) in _VERSIONS, f"Version must be one of {', '.join(_VERSIONS)}")
    _require(isinstance(value.get("Id", ""), str), "Id must be a string")
    statements = value.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    _require(bool(listed) and listed != [None], "Statement is required")
    parsed = tuple(_statement(each, f"Statement[{index}]") for index, each in enumerate(listed))
    sids = [each["Sid"] for each in listed if "Sid" in each]
    _require(len(set(sids)) == len(sids), "a Sid stands twice")
    return Policy(parsed)


def public_policy(resource: str) -> str:
    """The document that lets everyone send to one monitor, as the service's console makes it."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "rum:PutRumEvents", "Resource": resource}
    return json.dumps({"Version": _VERSIONS[1], "Statement": [statement]})


def wildcard(pattern: str, text: str) -> bool:
    """Whether `pattern`, in which `*` is any text and `?` any character, is all of `text`. Linear but for one `*` back."""
    if pattern in ("*", text):
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    at = in_pattern = 0
    star, resume = -1, 0
    while at < len(text):
        if in_pattern < len(pattern) and pattern[in_pattern] == "*":
            star, resume = in_pattern, at
            in_pattern += 1
        elif in_pattern < len(pattern) and pattern[in_pattern] in ("?", text[at]):
            at += 1
            in_pattern += 1
        elif star >= 0:
            resume += 1
            at, in_pattern = resume, star + 1
        else:
            return False
    return all(char == "*" for char in pattern[in_pattern:])


# ── Statements ────────────────────────────────────────────────────────────────────────────────────────────────────

_MEMBERS = {
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"),
}


def _statement(value: Any, where: str) -> Statement:
    _require(isinstance(value, dict), f"{where} must be an object")
    _only(value, _MEMBERS, where)
    _require(isinstance(value.get("Sid", ""), str), f"{where}.Sid must be a string")
    _require(value.get("Effect") in ("Allow", "Deny"), f"{where}.Effect must be Allow or Deny")
    principal, not_principal = _either(value, "Principal", where)
    actions, not_action = _either(value, "Action", where)
    resources, not_resource = _either(value, "Resource", where)
    conditions = value.get("Condition", {})
    _require(isinstance(conditions, dict), f"{where}.Condition must be an object")
    return Statement(
        allow=value["Effect"] == "Allow",
        principals=_principals(principal, where),
        not_principal=not_principal,
        actions=tuple(each.lower() for each in _texts(actions, f"{where}.Action")),
        not_action=not_action,
        resources=_texts(resources, f"{where}.Resource"),
        not_resource=not_resource,
        conditions=tuple(
            condition
            for operator, keys in conditions.items()
            for condition in _conditions(operator, keys, f"{where}.Condition.{operator}")
        ),
    )


def _either(value: dict[str, Any], name: str, where: str) -> tuple[Any, bool]:
    """The member, or its Not… twin; exactly one of the two must be there."""
    _require((name in value) != (f"Not{name}" in value), f"{where} needs {name} or Not{name}, and not both")
    return (value[name], False) if name in value else (value[f"Not{name}"], True)


def _principals(value: Any, where: str) -> tuple[str, ...]:
    if value == "*":
        return ("*",)
    _require(isinstance(value, dict) and bool(value), f'{where}.Principal must be "*" or an object')
    _only(value, {"AWS", "Service", "Federated", "CanonicalUser"}, f"{where}.Principal")
    return tuple(
        each for kind, names in value.items() for each in _texts(names, f"{where}.Principal.{kind}")
        if kind == "AWS" or each != "*"
    )  # fmt: skip


# ── Conditions ────────────────────────────────────────────────────────────────────────────────────────────────────


def _equals(wanted: str, found: str) -> bool:
    return wanted == found


def _equals_ignore_case(wanted: str, found: str) -> bool:
    return wanted.lower() == found.lower()


def _in_network(wanted: str, found: str) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


_OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignore_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignore_case, True),
    "StringLike": (wildcard, False),
    "StringNotLike": (wildcard, True),
    "ArnEquals": (wildcard, False),
    "ArnLike": (wildcard, False),
    "ArnNotEquals": (wildcard, True),
    "ArnNotLike": (wildcard, True),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    "Bool": (_equals_ignore_case, False),
}


def _conditions(operator: str, keys: Any, where: str) -> list[Condition | NullCondition]:
    _require(isinstance(keys, dict) and bool(keys), f"{where} must be an object of condition keys")
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    _require(quantifier in ("", "ForAnyValue", "ForAllValues"), f"{where}: {quantifier!r} is not a set operator")
    wanted = {key: _texts(values, f"{where}.{key}") for key, values in keys.items()}
    if operator == "Null":
        return [NullCondition(key.lower(), _boolean(values, f"{where}.{key}")) for key, values in wanted.items()]
    _require(name in _OPERATORS, f"{where} is not an operator that is known here: {', '.join([*_OPERATORS, 'Null'])}")
    test, negated = _OPERATORS[name]
    if test is _in_network:
        for key, values in wanted.items():
            _check_networks(values, f"{where}.{key}")
    return [
        Condition(key.lower(), values, test, negated, quantifier, if_exists) for key, values in wanted.items()
    ]  # fmt: skip


def _check_networks(values: Sequence[str], where: str) -> None:
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise MalformedPolicyDocument(f"{where}: {value[:64]!r} is not an address or a CIDR range") from None


def _boolean(values: Sequence[str], where: str) -> bool:
    _require(len(values) == 1 and values[0].lower() in ("true", "false"), f"{where} must be true or false")
    return values[0].lower() == "true"


# ── Small checks ──────────────────────────────────────────────────────────────────────────────────────────────────


def _texts(value: Any, where: str) -> tuple[str, ...]:
    """A string or a list of them; IAM takes a boolean or a number for its text."""
    listed = value if isinstance(value, list) else [value]
    _require(bool(listed), f"{where} must not be empty")
    texts = []
    for each in listed:
        if isinstance(each, (bool, int, float)):
            texts.append(json.dumps(each))
        else:
            _require(isinstance(each, str), f"{where} must be a string or a list of strings")
            texts.append(each)
    return tuple(texts)


def _only(value: dict[str, Any], names: set[str], where: str) -> None:
    unknown = sorted(set(value) - names)
    _require(not unknown, f"{where} has no member {', '.join(unknown)[:128]}")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise MalformedPolicyDocument(f"The policy is malformed: {what}.")
