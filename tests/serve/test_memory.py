"""A query that holds more than the engine can bound fails alone: events are taken, others are answered, the server lives."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.crash.load import Witness, public_monitor
from tests.server import Server

pytestmark = pytest.mark.slow

TEXT = "SELECT 'xxxxxxxx' AS s"
for _ in range(22):
    TEXT = f"SELECT s || s AS s FROM ({TEXT})"
BOMB = f"SELECT len(string_split(s, '')) FROM ({TEXT})"  # 32 MiB, each letter a text
SMALL = {
    "OPENRUM_LIMIT_QUERY_MEMORY_BYTES": "256MB",
    "OPENRUM_LIMIT_MEMORY_BYTES": "900MB",
    "OPENRUM_LIMIT_QUERY_S": "60",  # so that memory is what ends it
}


BOMBS = 6
"""More than one: what an earlier one had must be there again for others."""


def test_a_text_that_grows_beyond_the_memory_of_the_server_fails_alone_however_often_it_comes(tmp_path):
    with Server(tmp_path / "data", environment=SMALL, anew=True) as server, ThreadPoolExecutor(1) as beside:
        witness = Witness(public_monitor(server, "shop"), seed=9)
        body = json.dumps({"sql": BOMB}).encode()
        for _ in range(BOMBS):
            eating = beside.submit(server.request, "POST", "/api/v1/sql", body, server.as_admin())
            rounds = 0
            while not eating.done() or rounds < 2:
                rounds += 1
                events_are_taken_and_answered(server, witness)
            status, answer = eating.result()
            assert (status, json.loads(answer)["error"]["type"]) == (400, "query_failed"), answer
            assert "memory" in json.loads(answer)["error"]["message"]
        assert json.loads(server.request("GET", "/readyz")[1])["status"] == "ready"
        witness.verify(server)


def events_are_taken_and_answered(server, witness):
    assert witness.send_some(server, 1) == [200]
    server.wait_until_drained()
    question = {"monitor": "shop", "measures": ["events"], "from": "-1h"}
    assert server.api("POST", "/api/v1/query", question)["rows"] == [[sum(len(b.events) for b in witness.batches)]]
