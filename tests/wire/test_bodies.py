"""Sizes that lie, clients that go away, and no memory to read them: as raw bytes on the socket."""

import socket
import threading
from dataclasses import replace

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from openrum.aws.bodies import InflightBytes
from openrum.limits import Limits
from tests.wire.door import MONITOR, PATIENCE_S, PUBLIC, Door, Memory, batch, encoded, served

BOUND = 64 * 1024
LIMITS = replace(Limits(), body_wire_bytes=BOUND)
SOUND = encoded(batch())


@pytest.fixture(scope="module")
def running():
    door = Door(monitors=Memory(PUBLIC), limits=LIMITS, inflight=InflightBytes(LIMITS.inflight_bytes))
    with served(door) as caller:
        yield door, caller


@pytest.fixture
def wire(running):
    with socket.create_connection(("127.0.0.1", running[1].connection.port), timeout=PATIENCE_S) as connection:
        yield connection


def head(*lines):
    return "\r\n".join([f"POST /appmonitors/{MONITOR} HTTP/1.1", "Host: rum", *lines, "", ""]).encode()


def status(connection):
    line = connection.makefile("rb").readline()
    return int(line.split()[1]) if line else None


def test_a_claim_over_the_bound_is_refused_before_anything_is_read(wire):
    wire.sendall(head(f"Content-Length: {BOUND + 1}"))
    assert status(wire) == 413


def test_a_claim_that_no_machine_holds_is_refused(wire):
    wire.sendall(head(f"Content-Length: {'9' * 30}"))
    assert status(wire) in (400, 413)


def test_a_head_over_the_bound_is_answered_431(wire):
    wire.sendall(head(f"X-Long: {'a' * LIMITS.header_bytes}"))
    assert status(wire) == 431


def test_a_request_that_cannot_be_read_for_want_of_memory_is_answered_503(running, wire, monkeypatch):
    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr(HttpToolsProtocol, "on_header", no_memory)
    wire.sendall(head(f"Content-Length: {len(SOUND)}") + SOUND)
    answer = wire.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 503 "), "by a 400 the client would give up what it sent"
    assert b"retry-after: 1\r\n" in answer


def test_a_body_without_a_claim_is_cut_off_at_the_bound(running, wire):
    wire.sendall(head("Transfer-Encoding: chunked"))
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    sent = 0
    try:
        for _ in range(1_000_000):
            wire.sendall(chunk)
            sent += 4096
    except OSError:
        pass  # cut off, as it should be
    assert sent < BOUND + 8 * 1024 * 1024  # what the sockets' own buffers take
    assert running[0].refused[MONITOR, "too large"] >= 1


def test_a_body_at_the_bound_is_read(running):
    assert running[1].send(body=SOUND + b" " * (BOUND - len(SOUND))).status == 200
    assert running[1].send(body=SOUND + b" " * (BOUND - len(SOUND) + 1)).status == 413


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(running):
    """The door waits for the rest of the body when the client hangs up."""
    door, caller = running
    app, began, ended = caller.app, threading.Event(), threading.Event()

    async def watched(scope, receive, send):
        began.set()
        await app(scope, receive, send)
        ended.set()

    free, counted, kept = door.inflight.left, dict(door.refused), len(door.journal.payloads)
    caller.app = watched
    with socket.create_connection(("127.0.0.1", caller.connection.port), timeout=PATIENCE_S) as wire:
        wire.sendall(head(f"Content-Length: {len(SOUND)}") + SOUND[:-1])
        assert began.wait(PATIENCE_S)
    assert ended.wait(PATIENCE_S)
    caller.app = app
    assert (door.inflight.left, dict(door.refused), len(door.journal.payloads)) == (free, counted, kept)
    assert caller.send(body=SOUND).status == 200


def test_memory_in_flight_is_given_back_whatever_happens(running):
    door, caller = running
    free = door.inflight.left
    for body in (SOUND, b"{", b" " * (BOUND + 1), b""):
        caller.connection.close()
        caller.send(body=body)
    assert door.inflight.left == free


def test_many_at_once_are_each_answered(running):
    answers = []

    def send():
        with socket.create_connection(("127.0.0.1", running[1].connection.port), timeout=PATIENCE_S) as wire:
            wire.sendall(head(f"Content-Length: {len(SOUND)}") + SOUND)
            answers.append(status(wire))

    threads = [threading.Thread(target=send) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert answers == [200] * 32


@pytest.mark.parametrize(
    "request_bytes",
    [
        head("Content-Length: 2", "Content-Length: 3") + b"{}x",
        head("Content-Length: 2", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        head("Content-Length: -1"),
        head("Content-Length: 2", "Origin: a\x7fb") + b"{}",
        head("Content-Length : 2") + b"{}",
        head("Transfer-Encoding: xchunked") + b"{}",
    ],
    ids=["two lengths", "length and chunked", "negative", "DEL in a value", "space in a name", "unknown coding"],
)
def test_ambiguous_requests_end_the_connection_with_one_answer_at_most(wire, request_bytes):
    wire.sendall(request_bytes + head("Content-Length: 0"))
    answers = b""
    while piece := wire.recv(65536):
        answers += piece
    assert answers.count(b"HTTP/1.1 ") == 1
    assert answers.startswith(b"HTTP/1.1 400 ")
