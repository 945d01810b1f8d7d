"""Batches as real clients sent them, byte by byte, in the very form they signed. `record.py` made the recordings."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.wire.door import PUBLIC, SECRET, Door, FakeKey, FakeMonitor, Memory, served

RECORDED = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("recorded/*.json")
}
SIGNED = [
    name
    for name, recording in RECORDED.items()
    if "authorization" in recording["headers"] or "X-Amz-Signature=" in recording["target"]
]
KEY = FakeKey("AKIARECORDED", "ingest")


@pytest.fixture(scope="module")
def caller():
    with served(Door()) as caller:
        yield caller


def replay(caller, recording, **behind):
    """Send it again, to a door whose clock shows the time of the recording. Answers what came back, and the door."""
    door = Door(now_ms=lambda: recording["at_ms"], **behind)
    caller.app = door.app
    body = recording["body"].encode("latin-1")
    return caller.send(path=recording["target"], body=body, headers=recording["headers"]), door


def unpacked(recording):
    body = recording["body"].encode("latin-1")
    return gzip.decompress(body) if recording["headers"].get("content-encoding") == "gzip" else body


@pytest.mark.parametrize("name", RECORDED)
def test_what_a_real_client_sent_is_taken_whole(caller, name):
    recording = RECORDED[name]
    monitor = FakeMonitor() if name in SIGNED else PUBLIC
    answer, door = replay(caller, recording, monitors=Memory(monitor), keys=Memory(KEY))
    assert (answer.status, answer.body) == (200, b"")
    [received] = door.journal.received
    assert received.body == unpacked(recording)
    assert received.events == len(json.loads(unpacked(recording))["RumEvents"]) > 0


@pytest.mark.parametrize("name", SIGNED)
def test_what_a_real_client_signed_with_another_secret_is_not(caller, name):
    key = replace(KEY, secret=SECRET[::-1])
    answer, door = replay(caller, RECORDED[name], monitors=Memory(FakeMonitor()), keys=Memory(key))
    assert answer.error[:2] == (403, "InvalidSignatureException")
    assert not door.journal.payloads


def test_every_client_is_there_by_every_road():
    clients = {name.partition("-")[0] for name in RECORDED}
    assert clients == {"rum1", "rum2", "rum3", "boto3", "cli"}
    assert len(SIGNED) * 2 == len(RECORDED)
