"""The demo's fourteen days, filled and drained once for all workers of a run, for each who wants them as a copy."""

import fcntl
import os
import select
import shutil
import time
from pathlib import Path

from tests.server import Server

OPTIONS = ("--demo", "--auth", "off")
FILL_S_MAX = 180  # on a machine that has other things to do


def demo_data(tmp_path_factory) -> Path:
    """A data directory with the demo in it, for `serve --demo`. Whoever is first fills it; the others wait for that."""
    shared = _shared(tmp_path_factory) / "demo"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "filled").exists():
            shutil.rmtree(shared / "data", ignore_errors=True)
            _fill(shared / "data")
            (shared / "filled").touch()
    copy = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(shared / "data", copy)
    return copy


def _shared(tmp_path_factory) -> Path:
    """What the workers of this run have together."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _fill(data_dir: Path) -> None:
    with Server(data_dir, OPTIONS) as server:
        deadline = time.monotonic() + FILL_S_MAX
        while "the demo is filled" not in server.log.read_text(errors="replace"):
            assert time.monotonic() < deadline, "the demo is not filled"
            select.select([], [], [], 0.05)
        server.wait_until_drained()
