"""Eight thousand requests that are wrong somewhere, or nearly right: the documented answer each, never a 500."""

import asyncio
import copy
import json
import random
import time
from contextlib import closing
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.contract.model import MODEL, OPERATIONS, SAMPLES
from tests.control.conftest import World
from tests.wire.door import ask
from tests.wire.suites import json_cases, naughty_strings

PARTS, REQUESTS = 4, 2_000
STATUSES = {200, 400, 402, 403, 404, 405, 409, 413, 415}
URL = "http://rum.example"
CHARACTERS = [
    "\0",
    "\n",
    "é",
    "\ud800",
    "😀",
    "/",
    "%",
    "%2F",
    "..",
    "#",
    "?",
    "&",
    "=",
    "'",
    '"',
    "{",
    "}",
    " ",
    "$",
    "\\",
]
VALUES = [None, True, False, 0, -1, 1.5, 1e308, 10**30, "", "x", [], {}, [None], [[]], {"x": 1}, "x" * 300, "ENABLED"]


class Wreck:
    """Makes a sound request unsound, in one to three places."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.texts = [*CHARACTERS, *naughty_strings()]
        self.bodies = list(json_cases().values()) or [b"{", b"\xff", b"[]"]

    def request(self):
        """(method, path, query, body) of bytes and text."""
        rng = self.rng
        operation = MODEL.operation_model(rng.choice([name for name in OPERATIONS if name != "PutRumEvents"]))
        members = json.loads(json.dumps(rng.choice(SAMPLES[operation.name])))
        for _ in range(rng.randint(0, 3)):
            self.damage(members)
        path, _, _ = operation.http["requestUri"].partition("?")
        query, body = [], {}
        for name, value in members.items():
            shape = operation.input_shape.members.get(name)
            where = shape.serialization.get("location") if shape is not None else None
            if where == "uri":
                path = path.replace("{" + name + "}", quote(self.text(value), safe=""))
            elif where == "querystring":
                values = value if isinstance(value, list) else [value]
                query += [f"{shape.serialization['name']}={quote(self.text(each), safe='')}" for each in values]
            else:
                body[name] = value
        method, raw = operation.http["method"], json.dumps(body).encode()
        if rng.random() < 0.1:
            method = rng.choice(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
        if rng.random() < 0.1:
            raw = rng.choice([rng.choice(self.bodies), raw[: rng.randrange(len(raw))], raw * 2, b"", rng.randbytes(30)])
        if rng.random() < 0.1:
            path = rng.choice([path + "/", path[:-1], path + "%", path + "/x", "/", path.replace("/", "//")])
        return method, path, "&".join(query), raw

    def damage(self, node):
        """Another value, name or text somewhere in it."""
        rng = self.rng
        while isinstance(node, dict | list) and node:
            step = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
            if isinstance(node[step], dict | list) and node[step] and rng.random() < 0.7:
                node = node[step]
                continue
            match rng.randrange(4):
                case 0:
                    node[step] = copy.deepcopy(rng.choice(VALUES))  # damage done to it must not outlive it
                case 1 if isinstance(node, dict):
                    node[rng.choice(self.texts)] = node.pop(step)
                case 2:
                    del node[step]
                case _:
                    node[step] = self.spoilt(node[step])
            return

    def spoilt(self, value):
        text = self.text(value)
        at = self.rng.randrange(len(text) + 1)
        return text[:at] + self.rng.choice(self.texts) + text[at:]

    @staticmethod
    def text(value):
        text = value if isinstance(value, str) else json.dumps(value)
        return text.encode("utf-8", "replace").decode()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_request_is_answered_with_a_500(tmp_path, request, part):
    url = request.getfixturevalue("postgresql").new_database() if part % 2 else ""
    world = World(tmp_path, lambda: time.time_ns() // 1_000_000, url)
    key = world.keys.create("fuzz", "admin")
    world.snapshot.load()
    door, wreck = world.door(), Wreck(part)
    signer = SigV4Auth(Credentials(key.id, key.secret), "rum", "us-east-1")

    async def put(method, path, query, body):
        fields = {"host": "rum.example"}
        if wreck.rng.random() < 0.98:
            fields["content-type"] = "application/json"
        signed = AWSRequest(method, f"{URL}{path}" + (f"?{query}" if query else ""), fields, body)
        signer.add_auth(signed)
        headers = [(name.encode(), value.encode()) for name, value in signed.headers.items()]
        return await ask(door, method, path.encode(), query.encode(), headers, body)

    async def all_of_them():
        statuses = []
        for _ in range(REQUESTS):
            sent = wreck.request()
            answer = await put(*sent)
            assert answer.status in STATUSES, (sent, answer)
            assert answer.status == 200 or json.loads(answer.body)["message"], (sent, answer)
            statuses.append(answer.status)
        return statuses

    with closing(world.database):
        statuses = asyncio.run(all_of_them())
    assert statuses.count(200) > REQUESTS / 50, "it must get past the first check"
    assert statuses.count(400) > REQUESTS / 10
    assert statuses.count(403) < REQUESTS / 4
