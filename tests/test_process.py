"""What the server asks for its own process: in a process of its own, for it holds for the whole of it."""

import subprocess
import sys

import pytest

_KEPT = """
import gc
from openrum import process
there = [[] for _ in range(1000)]
process.keep_what_is_there()
assert gc.get_freeze_count() > 1000
assert gc.get_threshold()[0] > 10_000 and gc.isenabled()
rubbish = []
rubbish.append(rubbish)
del rubbish
assert gc.collect() >= 1
"""
_BOUND = """
from openrum import process
process.bound_memory(400 << 20)
try:
    bytearray(600 << 20)
except MemoryError:
    print("refused")
bytearray(50 << 20)
"""
_OF_THE_ENGINE = """
import ctypes
import openrum.store
from duckdb import _duckdb
allocator = ctypes.CDLL(_duckdb.__file__)
retains, size = ctypes.c_bool(True), ctypes.c_size_t(1)
assert allocator.duckdb_je_mallctl(b"opt.retain", ctypes.byref(retains), ctypes.byref(size), None, 0) == 0
print("retains" if retains else "gives back")
"""


def _run(program):
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_what_is_there_is_kept_and_what_comes_later_is_still_collected():
    _run(_KEPT)


@pytest.mark.skipif(sys.platform != "linux", reason="the bound is Linux's")
def test_who_asks_for_more_memory_than_the_bound_is_told_no_and_the_process_goes_on():
    assert _run(_BOUND) == "refused\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the bound is Linux's")
def test_the_engine_gives_back_the_address_space_that_a_question_had():
    assert _run(_OF_THE_ENGINE) == "gives back\n", "the bound counts it, and nothing would be left for others"
