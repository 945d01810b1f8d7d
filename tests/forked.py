"""Processes that cost no second of imports each: forked from one that has imported OpenRUM, and has run nothing of it.

They are real processes: with arguments, environment, output, exit code and a process group of their own; they can be killed.
The tests start theirs so, a few hundred of them; benchmarks, and tests of a start itself, start an interpreter anew.

`python -m tests.forked DESCRIPTOR` is the process that forks, one for each worker of pytest. It has one thread, opens no
engine, and ends with the worker.
"""

import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
_ORDER_BYTES = 1 << 17
_DESCRIPTORS = 4  # standard input, output and error, and where the exit code is told


class ForkedProcess:
    """As much of `subprocess.Popen` as the tests ask for."""

    def __init__(self, pid, ended):
        self.pid = pid
        self.returncode = None
        self._ended = ended  # a socket

    def poll(self):
        """The exit code, or None while it runs."""
        return self._look(0)

    def wait(self, timeout=None):
        """The exit code. Raises subprocess.TimeoutExpired."""
        if self._look(timeout) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
        return self.returncode

    def kill(self):
        """SIGKILL, unless it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def _look(self, timeout):
        if self.returncode is None:
            self._ended.settimeout(timeout)
            try:
                told = self._ended.recv(16)
            except (TimeoutError, BlockingIOError):
                return None
            self._ended.close()
            self.returncode = int(told) if told else -signal.SIGKILL  # who would have told it was killed
        return self.returncode

    def __del__(self):
        self._ended.close()


class Forker:
    """The near end of the process that forks; it starts at the first use."""

    def __init__(self):
        self._socket = None
        self._process = None
        self._lock = threading.Lock()

    def start(self, arguments, *, stdout, stderr, stdin=subprocess.DEVNULL, env=None, start_new_session=False):
        """Begin `python ARGUMENTS`, which are `-m openrum …` or `-c PROGRAM …`. → ForkedProcess

        Streams are open files, descriptors, or subprocess.DEVNULL.
        """
        order = json.dumps(
            [list(arguments), dict(os.environ if env is None else env), str(Path.cwd()), start_new_session]
        )
        ours, theirs = socket.socketpair()
        with theirs, open(os.devnull, "r+b", buffering=0) as nothing:  # noqa: PTH123
            streams = [nothing if each is subprocess.DEVNULL else each for each in (stdin, stdout, stderr)]
            descriptors = [each if isinstance(each, int) else each.fileno() for each in streams]
            with self._lock:
                if self._socket is None:
                    self._begin()
                socket.send_fds(self._socket, [order.encode()], [*descriptors, theirs.fileno()])
                pid = int(self._socket.recv(16))
        return ForkedProcess(pid, ours)

    def run(self, arguments, *, text_in=None, env=None, check=False, timeout=300):
        """Run `python ARGUMENTS` to its end, as `subprocess.run` with text and captured output does."""
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            source.write((text_in or "").encode())
            source.seek(0)
            process = self.start(arguments, stdin=source, stdout=out, stderr=err, env=env)
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            texts = [_all_of(stream) for stream in (out, err)]
        ended = subprocess.CompletedProcess(arguments, code, *texts)
        if check:
            ended.check_returncode()
        return ended

    def close(self):
        """End the process that forks; what it forked goes on."""
        if self._socket is not None:
            self._socket.close()
            self._process.wait()
            self._socket = None

    def _begin(self):
        self._socket, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
            )
        atexit.register(self.close)


def _all_of(stream):
    stream.seek(0)
    return stream.read().decode().replace("\r\n", "\n")


# ── The process that forks ────────────────────────────────────────────────────────────────────────────────────────


def _fork_on_orders(orders):
    """Fork for each order that comes in. Returns True in what was forked, False at the end of the orders."""
    tellers = {}  # by pid
    with selectors.DefaultSelector() as watched:
        watched.register(orders, selectors.EVENT_READ)
        while True:
            for key, _ in watched.select():
                if key.fileobj is not orders:
                    watched.unregister(key.fileobj)
                    os.close(key.fd)
                    _tell(key.data, tellers.pop(key.data))
                    continue
                order, descriptors, _, _ = socket.recv_fds(orders, _ORDER_BYTES, _DESCRIPTORS)
                if not order:
                    return False
                pid = os.fork()
                if pid == 0:
                    _become(json.loads(order), descriptors, orders, tellers.values())
                    return True
                for each in descriptors[:3]:
                    os.close(each)
                tellers[pid] = descriptors[3]
                watched.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)


def _tell(pid, teller):
    """Tell the exit code of a process that has ended."""
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):  # nobody waits for it
        os.write(teller, str(code).encode())
    os.close(teller)


def _become(order, descriptors, orders, tellers):
    """Be as an interpreter that was started so."""
    arguments, environment, folder, new_session = order
    if new_session:
        os.setsid()
    orders.send(str(os.getpid()).encode())
    orders.close()
    for each in tellers:
        os.close(each)
    for stream in range(3):
        os.dup2(descriptors[stream], stream)
    for each in descriptors:
        os.close(each)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = arguments


def _run():
    """Do as the arguments say, and end as an interpreter does, but for taking every module apart, which costs most."""
    code = 0
    try:
        how, what = sys.argv[0], sys.argv.pop(1)
        if how == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - as the interpreter itself
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import_all():
    """What `openrum` imports at its start, and while it reads its arguments."""
    import alembic.command
    import alembic.config  # noqa: F401
    from typer.testing import CliRunner

    from openrum.cli import cli

    assert CliRunner().invoke(cli, ["users", "list", "--help"]).exit_code == 0
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _import_all()
    with socket.socket(fileno=int(sys.argv[1])) as ours:
        forked = _fork_on_orders(ours)
    if forked:
        _run()
    os._exit(0)
