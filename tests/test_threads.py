"""Nothing of the server starts a thread while it answers: where memory is short that thread would end unheard, and all wait."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from openrum.threads import ready_pool
from tests.crash.load import Witness, public_monitor
from tests.server import Server

AT_ONCE = 24
QUESTION = {"monitor": "shop", "measures": ["events"], "from": "-1h"}


def test_a_pool_has_all_its_threads_before_it_is_given_work():
    with ready_pool(5, "ready") as pool:
        there = threads_named("ready")
        assert len(there) == 5
        all_at_once = threading.Barrier(5)
        for each in [pool.submit(all_at_once.wait, 10) for _ in range(5)]:
            each.result()
        assert threads_named("ready") == there


def test_a_server_that_is_ready_starts_no_thread_whatever_it_is_asked(tmp_path):
    with Server(tmp_path / "data") as server, ThreadPoolExecutor(AT_ONCE) as many:
        monitor = public_monitor(server, "shop")
        ready = threads_of(server)
        assert Witness(monitor, seed=3).send_some(server, 5) == [200] * 5
        server.wait_until_drained()
        questions = [
            many.submit(server.api, "POST", "/api/v1/query", {**QUESTION, "limit": n + 1}) for n in range(AT_ONCE)
        ]
        others = [many.submit(server.api, "GET", path) for path in ("/api/v1/users", "/api/v1/monitors") * 6]
        text = [
            many.submit(server.api, "POST", "/api/v1/sql", {"sql": f"SELECT {n}, count(*) FROM events"})
            for n in range(6)
        ]
        assert all(each.result() for each in [*questions, *others, *text])
        dates = server.api("GET", "/api/v1/export?monitor=shop")
        for date, _ in dates["rows"]:
            status, part = server.request("GET", f"/api/v1/export?monitor=shop&date={date}", b"", server.as_admin())
            assert (status, part[:4]) == (200, b"PAR1")
        assert threads_of(server) == ready


def threads_named(pool: str) -> set[threading.Thread]:
    """Of one pool alone: what other tests began in this process may end meanwhile."""
    return {each for each in threading.enumerate() if each.name.startswith(f"{pool}_")}


def threads_of(server: Server) -> int:
    """Of the whole process, the engine's included."""
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))
