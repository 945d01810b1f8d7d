"""kill -9 under load, at random moments: nothing acknowledged is lost, doubled or altered, whatever follows."""

import random
import time

import pytest

from tests.crash.load import Witness, public_monitor
from tests.server import Server

SEED = 20261123


def run_kills(data_dir, kills, seed):
    """Kill `kills` times; verify after every tenth and at the end; then resend, restart and rebuild, verifying each."""
    rng = random.Random(seed)
    server = Server(data_dir).start()
    witness = Witness(public_monitor(server), seed)
    for kill in range(1, kills + 1):
        witness.send_until(server, time.monotonic() + rng.uniform(0, 0.3))
        server.start()
        if kill % 10 == 0:
            witness.verify(server)
    witness.verify(server)

    witness.resend_everything(server)
    witness.verify(server)

    assert server.stop() == 0
    server.command("rebuild")
    findings = server.command("check", check=False)
    assert findings.returncode == 0, findings.stdout + findings.stderr
    with server:
        witness.verify(server)
    return witness


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 2])
def test_nothing_acknowledged_is_lost_by_a_kill_at_any_moment(tmp_path, part):
    witness = run_kills(tmp_path / "data", kills=16, seed=SEED + part)
    assert sum(batch.acknowledged for batch in witness.batches) > 100


@pytest.mark.chaos
@pytest.mark.parametrize("part", range(25))
def test_nothing_acknowledged_is_lost_by_a_thousand_kills(tmp_path, part):
    run_kills(tmp_path / "data", kills=40, seed=SEED + 100 + part)
