"""Processes that make rows where much comes, so that the doors keep the interpreter to themselves.

They are started at the first group that is not small and end by themselves when nothing came for a while: at rest there is
none. One that dies costs nothing but time: its group is made here. What goes to and fro is MessagePack with its length in front.
"""

import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec
import structlog
from msgspec import Struct

from openrum.enrich.rules import Rulebook
from openrum.journal import PackedBlock
from openrum.limits import Limits
from openrum.make_rows import Made, Maker
from openrum.outcomes import Reason
from openrum.store import LedgerKey
from openrum.threads import ready_pool

_log = structlog.get_logger()
_LENGTH_BYTES = 8
_PIECE_EVENTS = 8_000
IDLE_S = 30.0
AWAY = 500
"""Events from which on a group goes to a worker: made here, it would hold the interpreter that acknowledgements wait for. Of fewer the
way there and back costs more than it saves.
"""

SHARE = 5_000
"""Events that are worth a worker of their own."""


class Task(Struct, array_like=True):
    """What a worker is asked."""

    blocks: list[PackedBlock]
    book: Rulebook | None  # None: the same as before
    to: str  # the file that the rows are added to


class Reply(Struct, array_like=True):
    """What it answers: the members of `Made`, but for the rows."""

    replays: bytes
    counted: list[tuple[str, int, str, Reason, int]]
    monitors: list[str]


_ENCODER = msgspec.msgpack.Encoder()
_REPLY = msgspec.msgpack.Decoder(Reply)
_TASK = msgspec.msgpack.Decoder(Task)


class RowWorkers:
    """Makes small groups here, and others in processes beside this one; large ones are shared out among them."""

    def __init__(self, limits: Limits, processes: int, folder: Path, *, idle_s: float = IDLE_S) -> None:
        """`folder` is where processes leave rows for the store; `idle_s` is how long one without work stays."""
        self._folder = folder
        self._here = Maker(limits)
        self._making_here = threading.Lock()
        self._workers = [_Worker(limits, folder, idle_s) for _ in range(processes)]
        self._asking = ready_pool(max(1, processes), "row worker")

    def make(self, blocks: list[PackedBlock], book: Rulebook) -> Made:
        """The rows of these blocks. All processes work on one group, so that groups come in their order."""
        events = sum(block.events for block in blocks)
        if not self._workers or events < AWAY:
            return self._make_here(blocks, book)
        return self._make_there(blocks, book, min(len(self._workers), max(1, events // SHARE)))

    def close(self) -> None:
        """End the processes. What is in the making is made first."""
        self._asking.shutdown()
        for worker in self._workers:
            worker.close()

    def _make_here(self, blocks: Sequence[PackedBlock], book: Rulebook) -> Made:
        with self._making_here:
            return self._here.make(blocks, book)

    def _make_there(self, blocks: Sequence[PackedBlock], book: Rulebook, processes: int) -> Made:
        shares = _shares(blocks, processes)
        parts = [
            self._asking.submit(self._ask, worker, share, book)
            for worker, share in zip(self._workers, shares, strict=False)
        ]
        whole, *others = [part.result() for part in parts]
        for other in others:
            whole.add(other)
        return whole

    def _ask(self, worker: "_Worker", blocks: Sequence[PackedBlock], book: Rulebook) -> Made:
        try:
            return worker.make(blocks, book)
        except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
            _log.warning("a row worker ended; its part is made here", error=repr(error))
            worker.close()
            made = self._make_here(blocks, book)
            rows = self._folder / f"{uuid.uuid4()}.ndjson"  # as the other parts: they have one order
            rows.write_bytes(made.lines)
            return replace(made, lines=bytearray(), files=[rows])


def _shares(blocks: Sequence[PackedBlock], number: int) -> list[list[PackedBlock]]:
    """The blocks in their order, as up to `number` parts of about as many events."""
    fair = sum(block.events for block in blocks) / number
    shares: list[list[PackedBlock]] = [[]]
    events = 0
    for block in blocks:
        if shares[-1] and len(shares) < number and events >= fair * len(shares):
            shares.append([])
        shares[-1].append(block)
        events += block.events
    return shares


def _pieces(blocks: Sequence[PackedBlock]) -> Iterator[list[PackedBlock]]:
    """The blocks in their order, some at a time."""
    piece: list[PackedBlock] = []
    events = 0
    for block in blocks:
        piece.append(block)
        events += block.events
        if events >= _PIECE_EVENTS:
            yield piece
            piece, events = [], 0
    if piece:
        yield piece


class _Worker:
    """One process, started when it is needed. Asked by one thread at a time."""

    def __init__(self, limits: Limits, folder: Path, idle_s: float) -> None:
        self._limits = limits
        self._folder = folder
        self._idle_s = idle_s
        self._process: subprocess.Popen[bytes] | None = None
        self._book: Rulebook | None = None
        self._asking = threading.Lock()

    def make(self, blocks: Sequence[PackedBlock], book: Rulebook) -> Made:
        """Ask piece by piece, and wait for the answers: neither side holds all of a large share twice."""
        rows = self._folder / f"{uuid.uuid4()}.ndjson"
        rows.touch(mode=0o600)
        try:
            return self._make(blocks, book, rows)
        except BaseException:
            rows.unlink(missing_ok=True)
            raise

    def _make(self, blocks: Sequence[PackedBlock], book: Rulebook, rows: Path) -> Made:
        made = Made(files=[rows])
        with self._asking:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            for piece in _pieces(blocks):
                known = book is self._book
                send(process.stdin, _ENCODER.encode(Task(piece, None if known else book, str(rows))))
                self._book = book
                reply = _REPLY.decode(receive(process.stdout))
                made.replays += reply.replays
                made.monitors.update(reply.monitors)
                for monitor, hour, outcome, reason, count in reply.counted:
                    made.counted[monitor, hour, outcome, reason] += count
        return made

    def close(self) -> None:
        """End it. Whatever it was making is made here."""
        with self._asking:
            process, self._process, self._book = self._process, None, None
            if process is not None:
                process.kill()
                process.wait()
                _close_pipes(process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None:
            if self._process.poll() is None:
                return self._process
            _close_pipes(self._process)
        self._book = None
        limits = msgspec.json.encode(self._limits).decode()
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-m", "openrum.row_worker", limits, str(self._idle_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self._process


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    """Let go of an ended process; what it did not read is nobody's any more."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def answer(maker: Maker, book: Rulebook, task: Task) -> bytes:
    """In the worker: the reply to a task. The rows go to their file."""
    made = maker.make(task.blocks, book)
    with Path(task.to).open("ab", buffering=0) as file:
        file.write(made.lines)
    counted = [_flat(key, count) for key, count in made.counted.items()]
    return _ENCODER.encode(Reply(bytes(made.replays), counted, list(made.monitors)))


def read_task(data: bytes) -> Task:
    """In the worker: what is asked."""
    return _TASK.decode(data)


def send(pipe: IO[bytes], data: bytes) -> None:
    """The length, then the bytes."""
    pipe.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """The bytes that were sent. EOFError where the other side is gone."""
    head = pipe.read(_LENGTH_BYTES)
    if len(head) < _LENGTH_BYTES:
        raise EOFError("the other side ended")
    length = int.from_bytes(head, "big")
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError("the other side ended in the middle")
    return data


def _flat(key: LedgerKey, count: int) -> tuple[str, int, str, Reason, int]:
    monitor, hour, outcome, reason = key
    return monitor, hour, str(outcome), reason, count
