"""A kill at every write, sync, rename and unlink of one full cycle: first start, monitor, batches, drain, orderly end.

strace tells which calls a cycle makes on which file; then the cycle is run once for each of them, with the process killed
as it enters that call. Whatever was acknowledged by then must be there after the next start, exactly once.
"""

import re
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from openrum.aws.policy import public_policy
from tests.crash.load import Witness
from tests.server import Server, ServerDied

CALLS = "write,pwrite64,pwritev,pwritev2,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"
LINE = re.compile(r"^(?P<thread>\d+) +(?P<call>\w+)\((?:\d+<|\")(?P<path>/[^>\"]+)")
SAMPLE = 10
PARTS = 8


def traced(data_dir, *options) -> Server:
    if shutil.which("strace") is None:
        pytest.skip("no strace on this machine (as root: apt-get install strace)")
    strace = ("strace", "-f", "-qq", "-y", "-e", f"trace={CALLS}", "-e", "signal=none", *options)
    return Server(data_dir, prefix=strace)


def cycle(server: Server, witness: Witness) -> None:
    """From nothing to an orderly end, unless the process is killed on the way."""
    with suppress(ServerDied, OSError, BotoCoreError, ClientError):
        server.start()
        rum = server.rum(retries={"total_max_attempts": 1})
        witness.monitor = rum.create_app_monitor(Name="crash", Domain="localhost")["Id"]
        arn = f"arn:aws:rum:us-east-1:{'0' * 12}:appmonitor/crash"
        rum.put_resource_policy(Name="crash", PolicyDocument=public_policy(arn))
        for _ in range(3):
            witness.send_some(server, 2)
            server.wait_until_drained()
        server.stop()
    server.process.wait()


def points_of(data_dir) -> list[tuple[str, str, int]]:
    """(call, path, how many times) for each call that a cycle makes on a file of the data directory."""
    log = data_dir.with_suffix(".strace")
    server = traced(data_dir, "-o", str(log))
    cycle(server, Witness("", seed=1))
    assert server.process.returncode == 0, server.last_words()
    made: Counter[tuple[str, str, str]] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        found = LINE.match(line)
        if found and Path(found["path"]).is_relative_to(data_dir):
            made[found["thread"], found["call"], str(Path(found["path"]).relative_to(data_dir))] += 1
    most: Counter[tuple[str, str]] = Counter()
    for (_, call, path), count in made.items():
        most[call, path] = max(most[call, path], count)
    # strace counts for each thread of its own; one thread writes a file, but for the few that two do.
    return [(call, path, n) for (call, path), count in sorted(most.items()) for n in range(1, count + 1)]


def kill_at(data_dir, call, path, number) -> bool:
    """Run a cycle that is killed there, then hold what is left to account. Whether the kill came."""
    server = traced(
        data_dir, "-o", "/dev/null", "-P", str(data_dir / path), "-e", f"inject={call}:signal=KILL:when={number}"
    )
    witness = Witness("", seed=number)
    cycle(server, witness)
    killed = server.process.returncode != 0

    with Server(data_dir) as again:
        if witness.monitor:
            witness.verify(again)
            again.command("monitors", "show", "crash")
            if any(batch.acknowledged for batch in witness.batches):
                witness.resend_everything(again)
                witness.verify(again)
        assert again.stop() == 0
        found = again.command("check", check=False)
        assert found.returncode == 0, found.stdout
    return killed


def kill_at_each(tmp_path, choose):
    points = choose(points_of(tmp_path / "whole"))
    killed, failures = 0, []
    for index, (call, path, number) in enumerate(points):
        data_dir = tmp_path / f"data-{index}"
        try:
            killed += kill_at(data_dir, call, path, number)
        except (AssertionError, ServerDied) as error:
            failures.append(f"killed at {call} number {number} of {path}: {error}")
        shutil.rmtree(data_dir)
    assert not failures, "\n".join(failures)
    assert killed > len(points) / 2, "the kills do not come where they should"


@pytest.mark.slow
def test_a_kill_at_some_calls_of_a_cycle_loses_nothing(tmp_path):
    kill_at_each(tmp_path, lambda points: points[:: max(1, len(points) // SAMPLE)])


@pytest.mark.chaos
@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_every_call_of_a_cycle_loses_nothing(tmp_path, part):
    kill_at_each(tmp_path, lambda points: points[part::PARTS])
