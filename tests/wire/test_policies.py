"""Resource policies at the door: what an unsigned request says of itself is what the conditions see."""

import asyncio
import json

import pytest

from tests.wire.door import JSON, MONITOR, Door, FakeMonitor, Memory, ask, batch, encoded, policy, served

UNSIGNED = "MissingAuthenticationTokenException"
DENIED = "AccessDeniedException"
ALIAS = {"StringEquals": {"rum:alias": "shop"}}


def when(condition, effect="Allow"):
    return {"Effect": effect, "Condition": condition}


CASES = {
    "for everyone": ([{}], batch(), {}, None),
    "for everyone, by account": ([{"Principal": {"AWS": "*"}}], batch(), {}, None),
    "by wildcards": ([{"Action": "rum:Put*", "Resource": "arn:aws:rum:*:*:appmonitor/*"}], batch(), {}, None),
    "for somebody else": ([{"Principal": {"AWS": "arn:aws:iam::000000000000:root"}}], batch(), {}, UNSIGNED),
    "for another monitor": ([{"Resource": FakeMonitor().arn + "s"}], batch(), {}, UNSIGNED),
    "for another action": ([{"Action": "rum:GetAppMonitor"}], batch(), {}, UNSIGNED),
    "not denied is not allowed": ([when(ALIAS, "Deny")], batch(), {}, UNSIGNED),
    "the alias": ([when(ALIAS)], batch(Alias="shop"), {}, None),
    "another alias": ([when(ALIAS)], batch(Alias="Shop"), {}, UNSIGNED),
    "no alias": ([when(ALIAS)], batch(), {}, UNSIGNED),
    "alias null": ([when(ALIAS)], batch(Alias=None), {}, UNSIGNED),
    "no alias needed": ([when({"StringEqualsIfExists": {"rum:alias": "shop"}})], batch(), {}, None),
    "address": ([when({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})], batch(), {}, None),
    "another address": ([when({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "::1"]}})], batch(), {}, UNSIGNED),
    "denied address": ([{}, when({"IpAddress": {"aws:SourceIp": "127.0.0.1"}}, "Deny")], batch(), {}, DENIED),
    "referer": ([when({"StringLike": {"aws:Referer": "https://shop.example/*"}})], batch(), {"Referer": "https://shop.example/a"}, None),
    "no referer": ([when({"StringLike": {"aws:Referer": "https://shop.example/*"}})], batch(), {}, UNSIGNED),
    "denied agent": ([{}, when({"StringLike": {"aws:UserAgent": "*bot*"}}, "Deny")], batch(), {"User-Agent": "a bot/1"}, DENIED),
    "another agent": ([{}, when({"StringLike": {"aws:UserAgent": "*bot*"}}, "Deny")], batch(), {"User-Agent": "Mozilla"}, None),
}  # fmt: skip


@pytest.fixture(scope="module")
def caller():
    with served(Door()) as caller:
        yield caller


@pytest.mark.parametrize(("statements", "sent", "headers", "refused"), CASES.values(), ids=CASES)
def test_an_unsigned_batch_needs_a_statement_that_allows_it(caller, statements, sent, headers, refused):
    door = Door(monitors=Memory(FakeMonitor(policy=policy(*statements))))
    caller.app = door.app
    answer = caller.send(body=encoded(sent), headers={**JSON, **headers})
    assert answer.error[:2] == ((403, refused) if refused else (200, None))
    assert len(door.journal.payloads) == (0 if refused else 1)
    assert door.refused == ({(MONITOR, "access denied"): 1} if refused else {})


@pytest.mark.parametrize("aliases", [("shop", "evil"), ("evil", "shop")])
def test_the_policy_and_the_journal_cannot_see_two_aliases(caller, aliases):
    door = Door(monitors=Memory(FakeMonitor(policy=policy(when(ALIAS)))))
    caller.app = door.app
    body = encoded(batch())[:-1] + "".join(f',"Alias":{json.dumps(alias)}' for alias in aliases).encode() + b"}"
    assert caller.send(body=body, headers=JSON).error[:2] == (400, "SerializationException")


def test_an_ipv4_client_of_an_ipv6_socket_has_its_own_address():
    door = Door(monitors=Memory(FakeMonitor(policy=policy(when({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})))))

    async def send():
        return await ask(
            door.app, "POST", f"/appmonitors/{MONITOR}".encode(), body=encoded(batch()), client="::ffff:192.0.2.9"
        )

    assert asyncio.run(send()).status == 200
