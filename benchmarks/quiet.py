"""Waiting until nothing else would be measured along: what a server does once it is there, and what the system has yet to write."""

import os
import time
from pathlib import Path

from tests.server import Server

_LOOK_S = 1.0
_QUIET = 0.02  # of a core
_PATIENCE_S = 120.0


def wait_until_quiet(running: Server) -> None:
    """Until all that was written is on the disk, and the server has done nothing for a second.

    A server over days that are there gathers them first, for some seconds of a core; and behind gigabytes of a folder that was just filled,
    or copied, every acknowledgement would wait for half a second.
    """
    os.sync()
    deadline = time.monotonic() + _PATIENCE_S
    spent = _processor_s(running.process.pid)
    while True:
        time.sleep(_LOOK_S)
        before, spent = spent, _processor_s(running.process.pid)
        if spent - before < _QUIET * _LOOK_S:
            return
        assert time.monotonic() < deadline, "the server finds no rest"


def _processor_s(pid: int) -> float:
    """What a process has had of processors until now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    user, system = (int(fields[at]) for at in (11, 12))
    return (user + system) / os.sysconf("SC_CLK_TCK")
