"""Pools whose threads are all there from the start. Knows of nothing else.

A thread that begins where the system has no memory left for it ends before it says that it began, and whoever started it
waits for ever (seen in CPython 3.11): the loop as well, for an executor starts its threads as they are needed. Within a bound on
memory nothing of the server may start one while it answers.
"""

import threading
from concurrent.futures import ThreadPoolExecutor  # noqa: TID251

DEFAULT_THREADS = 8
"""For what the loop hands out: short statements of the control database, a hash, a file. Questions have a pool of their own."""


def ready_pool(threads: int, name: str) -> ThreadPoolExecutor:
    """A pool of so many threads, all of which wait for work."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    all_there = threading.Barrier(threads)  # each holds its thread until the last one is there
    for waiting in [pool.submit(all_there.wait) for _ in range(threads)]:
        waiting.result()
    return pool
