"""Resource policies mean what they mean in IAM; one that cannot mean anything is refused when it is put."""

import fnmatch
import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.aws.policy import Decision, Request, parse, public_policy, wildcard
from openrum.errors import MalformedPolicyDocument

ARN = "arn:aws:rum:us-east-1:000000000000:appmonitor/shop"
ACTION = "rum:PutRumEvents"


def document(*statements):
    base = {"Effect": "Allow", "Principal": "*", "Action": ACTION, "Resource": ARN}
    full = [{key: value for key, value in {**base, **each}.items() if value is not None} for each in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": full})


def decide(*statements, principal=None, action=ACTION, resource=ARN, **context):
    keys = {"alias": "rum:alias", "ip": "aws:sourceip", "referer": "aws:referer", "agent": "aws:useragent"}
    said = {keys[key]: (value,) if isinstance(value, str) else value for key, value in context.items()}
    return parse(document(*statements)).decide(Request(principal, action, resource, said))


ALLOW, DENY, NO = Decision.ALLOW, Decision.DENY, Decision.NO_MATCH


def when(operator, key, *values):
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    ("statement", "asked", "decision"),
    [
        ({}, {}, ALLOW),
        ({"Action": "rum:*"}, {}, ALLOW),
        ({"Action": "RUM:putrumevents"}, {}, ALLOW),
        ({"Action": ["s3:GetObject", "rum:Put*"]}, {}, ALLOW),
        ({"Action": "rum:GetAppMonitor"}, {}, NO),
        ({"Action": None, "NotAction": "rum:GetAppMonitor"}, {}, ALLOW),
        ({"Resource": "*"}, {}, ALLOW),
        ({"Resource": "arn:aws:rum:*:*:appmonitor/sh?p"}, {}, ALLOW),
        ({"Resource": ARN + "x"}, {}, NO),
        ({"Resource": None, "NotResource": ARN}, {}, NO),
        ({"Principal": {"AWS": "*"}}, {}, ALLOW),
        ({"Principal": {"AWS": "AKIA1"}}, {}, NO),
        ({"Principal": {"AWS": ["AKIA1"]}}, {"principal": "AKIA1"}, ALLOW),
        ({"Principal": {"Service": "*"}}, {}, NO),
        ({"Principal": None, "NotPrincipal": {"AWS": "AKIA1"}}, {}, ALLOW),
        (when("StringEquals", "rum:alias", "a", "b"), {"alias": "b"}, ALLOW),
        (when("StringEquals", "RUM:Alias", "a"), {"alias": "a"}, ALLOW),
        (when("StringEquals", "rum:alias", "a"), {"alias": "A"}, NO),
        (when("StringEquals", "rum:alias", "a"), {}, NO),
        (when("StringEqualsIfExists", "rum:alias", "a"), {}, ALLOW),
        (when("StringEqualsIfExists", "rum:alias", "a"), {"alias": "b"}, NO),
        (when("StringNotEquals", "rum:alias", "a"), {}, ALLOW),
        (when("StringNotEquals", "rum:alias", "a", "b"), {"alias": "b"}, NO),
        (when("StringEqualsIgnoreCase", "rum:alias", "a"), {"alias": "A"}, ALLOW),
        (when("StringLike", "aws:referer", "https://*.example.com/*"), {"referer": "https://a.example.com/x"}, ALLOW),
        (when("StringLike", "aws:UserAgent", "Mozilla/?.*"), {"agent": "Mozilla/5.0"}, ALLOW),
        (when("StringNotLike", "aws:UserAgent", "*bot*"), {"agent": "a bot here"}, NO),
        (when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), {"ip": "10.1.2.3"}, ALLOW),
        (when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), {"ip": "11.1.2.3"}, NO),
        (when("IpAddress", "aws:SourceIp", "2001:db8::/32"), {"ip": "2001:db8::1"}, ALLOW),
        (when("IpAddress", "aws:SourceIp", "2001:db8::/32"), {"ip": "10.1.2.3"}, NO),
        (when("IpAddress", "aws:SourceIp", "10.0.0.1"), {}, NO),
        (when("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), {"ip": "10.1.2.3"}, NO),
        (when("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), {"ip": "8.8.8.8"}, ALLOW),
        (when("ForAnyValue:StringEquals", "rum:alias", "a"), {"alias": ("x", "a")}, ALLOW),
        (when("ForAnyValue:StringEquals", "rum:alias", "a"), {}, NO),
        (when("ForAllValues:StringEquals", "rum:alias", "a"), {"alias": ("x", "a")}, NO),
        (when("ForAllValues:StringEquals", "rum:alias", "a"), {}, ALLOW),
        (when("Null", "rum:alias", "true"), {}, ALLOW),
        (when("Null", "rum:alias", "true"), {"alias": "a"}, NO),
        (when("Null", "rum:alias", "false"), {"alias": "a"}, ALLOW),
    ],
)
def test_a_statement_means_what_it_means_in_iam(statement, asked, decision):
    assert decide(statement, **asked) is decision


def test_an_explicit_deny_wins_and_all_conditions_must_hold():
    assert decide({}, {"Effect": "Deny"}) is DENY
    assert decide({"Effect": "Deny", **when("StringEquals", "rum:alias", "a")}, {}, alias="b") is ALLOW
    both = {"Condition": {"StringEquals": {"rum:alias": "a"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    assert decide(both, alias="a", ip="10.0.0.1") is ALLOW
    assert decide(both, alias="a", ip="8.8.8.8") is NO


def test_a_public_policy_is_decided_without_looking_at_the_request():
    policy = parse(public_policy(ARN))
    assert policy.decide_for(None, ACTION, ARN) is ALLOW
    assert policy.decide_for(None, ACTION, ARN + "x") is NO
    assert parse(document(when("StringEquals", "rum:alias", "a"))).decide_for(None, ACTION, ARN) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[]", "must be an object"),
        ('{"Statement": []}', "Statement is required"),
        ('{"Statement": 1}', "Statement\\[0\\] must be an object"),
        ('{"Version": "2020-01-01", "Statement": {}}', "Version must be"),
        ('{"Statement": {}, "Statement": {}}', "stands twice"),
        (document({"Effect": "Perhaps"}), "Effect must be"),
        (document({"Principal": None}), "needs Principal or NotPrincipal"),
        (document({"NotAction": "x"}), "and not both"),
        (document({"Principal": "me"}), "Principal must be"),
        (document({"Principal": {"Aws": "*"}}), "has no member Aws"),
        (document({"Action": []}), "must not be empty"),
        (document({"Action": [{}]}), "must be a string"),
        (document({"Extra": 1}), "has no member Extra"),
        (document(when("StringMatches", "rum:alias", "a")), "not an operator that is known"),
        (document(when("ForSome:StringEquals", "rum:alias", "a")), "not a set operator"),
        (document(when("IpAddress", "aws:SourceIp", "10.0.0.0/99")), "not an address"),
        (document({"Condition": {"StringEquals": "a"}}), "must be an object of condition keys"),
        (document(when("Null", "rum:alias", "perhaps")), "must be true or false"),
        (document({"Sid": "a"}, {"Sid": "a"}), "a Sid stands twice"),
    ],
)
def test_what_cannot_mean_anything_is_refused_with_its_place(text, says):
    with pytest.raises(MalformedPolicyDocument, match=says) as refusal:
        parse(text)
    assert refusal.value.status == 400


@given(pattern=st.text("ab*?", max_size=8), text=st.text("ab", max_size=10))
def test_wildcards_agree_with_an_oracle(pattern, text):
    assert wildcard(pattern, text) == bool(re.fullmatch(fnmatch.translate(pattern), text))


def test_a_wildcard_made_to_be_slow_is_not():
    begin = time.perf_counter()
    assert not wildcard("*a" * 30 + "b", "a" * 4_000)
    assert time.perf_counter() - begin < 2
