"""kill -9 while a day is replaced: what is found afterwards is the old day or the new one, whole, and nothing beside it."""

import os
import random
import signal
import subprocess
from functools import partial

import pytest

from tests.server import PATIENCE_S

pytestmark = pytest.mark.slow

PROGRAM = """
import os, signal
from pathlib import Path
from openrum.store import Leaving, day_files, duckdb as duckdb_module
from tests.drained import Drained, TODAY
kill_at, calls = {kill_at}, 0

def counting(function):
    def counted(*arguments, **named):
        global calls
        calls += 1
        if calls == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return counted

rooms = Drained(Path({folder!r}))
for module, name in ((day_files, "put_in_place"), (day_files, "_remove"), (day_files, "sync_directory"),
                     (duckdb_module, "rewrite"), (duckdb_module, "load"), (day_files.DayFiles, "detach"),
                     (day_files.DayFiles, "create"), (day_files.DayFiles, "put_in_place"), (day_files.DayFiles, "remove")):
    setattr(module, name, counting(getattr(module, name)))
keeper = rooms.keeper()
print("ready", flush=True)
for turn in range({turns}):
    rooms.store.rewrite(TODAY - 2, settled=True)
    keeper._renew(TODAY - 1)
    rooms.store.rewrite(TODAY)
print("done", calls, flush=True)
"""


class Replacing:
    """The program in a process of its own."""

    def __init__(self, forker, rooms, *, kill_at=0, turns=1):
        program = PROGRAM.format(folder=str(rooms.folder), kill_at=kill_at, turns=turns)
        said, says = os.pipe()
        self.process = forker.start(["-c", program], stdout=says, stderr=2)
        os.close(says)
        self.said = open(said)  # noqa: PTH123, SIM115 - closed by what waits

    def ended(self):
        """What it said, and how it ended."""
        with self.said:
            return self.said.read(), self.process.wait(PATIENCE_S)


@pytest.fixture
def replaced(forker, three_days):
    return partial(Replacing, forker, three_days)


def test_a_kill_at_each_step_of_replacing_a_day_leaves_the_old_or_the_new_one_whole(three_days, replaced):
    before = three_days.everything()
    three_days.store.close()
    calls = int(replaced().ended()[0].split()[-1])
    assert calls > 20
    for kill_at in range(1, calls + 1, 2):
        assert replaced(kill_at=kill_at).ended()[1] == -signal.SIGKILL
        three_days.reopen()
        assert three_days.everything() == before, kill_at
        assert three_days.findings() == []
        assert len(list(three_days.day_file().parent.glob("*.duckdb"))) == 3
        three_days.store.close()


def test_a_kill_at_any_moment_of_replacing_days_leaves_the_old_or_the_new_one_whole(three_days, replaced):
    before, rng = three_days.everything(), random.Random(20261125)
    three_days.store.close()
    for _ in range(12):
        replacing = replaced(turns=1_000)
        assert replacing.said.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            replacing.process.wait(rng.uniform(0, 0.25))
        replacing.process.kill()
        assert replacing.ended() == ("", -signal.SIGKILL)
        three_days.reopen()
        assert three_days.everything() == before
        assert three_days.findings() == []
        three_days.store.close()
