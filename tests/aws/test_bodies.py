"""A body is read within its bounds: on the wire, unpacked, and together with all others."""

import asyncio
import gzip
import tracemalloc
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.aws.bodies import Allowance, Disconnected, InflightBytes, read_body
from openrum.errors import PayloadTooLarge, SerializationError, Throttled, UnsupportedMediaType
from openrum.limits import DEFAULTS, MIB

LIMITS = replace(DEFAULTS, body_wire_bytes=10_000, body_unpacked_bytes=100_000, replay_part_bytes=50_000, event_part_bytes=50_000, custom_details_bytes=1_000)  # fmt: skip


def read(*chunks, headers=(), limits=LIMITS, inflight=None, disconnect=False):
    """The body, and how many chunks were taken."""
    taken = 0

    async def receive():
        nonlocal taken
        if disconnect and taken == len(chunks):
            return {"type": "http.disconnect"}
        taken += 1
        more = disconnect or taken < len(chunks)
        return {"type": "http.request", "body": chunks[taken - 1], "more_body": more}

    async def run():
        with Allowance(inflight or InflightBytes(DEFAULTS.inflight_bytes)) as held:
            return await read_body(receive, list(headers), limits, held)

    try:
        return asyncio.run(run())
    finally:
        read.taken = taken


GZIP = [(b"content-encoding", b"gzip")]


def test_a_plain_body_is_as_it_was_sent():
    assert read(b"abc") == (b"abc", b"abc")
    assert read(b"a", b"", b"bc").unpacked == b"abc"


@given(st.binary(max_size=5_000), st.integers(1, 50))
def test_a_packed_body_is_unpacked_and_kept_as_sent_for_signatures(content, size):
    packed = gzip.compress(content)
    chunks = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert read(*chunks, headers=GZIP) == (packed, content)


def test_all_members_of_a_stream_are_read():
    assert read(gzip.compress(b"one") + gzip.compress(b"two"), headers=GZIP).unpacked == b"onetwo"


@pytest.mark.parametrize("coding", [b"br", b"zstd", b"deflate", b"gzip, gzip", b"x-gzip", b"gzip;q=1"])
def test_no_other_coding_is_read(coding):
    with pytest.raises(UnsupportedMediaType, match="Content-Encoding"):
        read(b"", headers=[(b"content-encoding", coding)])
    with pytest.raises(UnsupportedMediaType):
        read(b"", headers=[*GZIP, *GZIP])


WHOLE = gzip.compress(b"content" * 100)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"plain",
        WHOLE[:-1],
        WHOLE[:20],
        WHOLE + b"junk",
        WHOLE[:-8] + b"\0\0\0\0" + WHOLE[-4:],
        zlib.compress(b"x"),
    ],
    ids=["empty", "plain", "cut", "cut early", "junk behind", "bad checksum", "zlib"],
)
def test_what_is_not_whole_gzip_is_refused(broken):
    with pytest.raises(SerializationError, match="not gzip"):
        read(broken, headers=GZIP)


def test_a_body_over_its_bound_is_not_read_to_its_end():
    with pytest.raises(PayloadTooLarge, match="over 10000 bytes as sent"):
        read(*[b"x" * 4_000] * 100)
    assert read.taken == 3
    with pytest.raises(PayloadTooLarge):
        read(b"x", headers=[(b"content-length", b"10001")])
    assert read.taken == 0


def test_a_bomb_is_noticed_at_its_bound():
    bomb = gzip.compress(bytes(500 * MIB), compresslevel=9)
    limits = replace(DEFAULTS, body_wire_bytes=2 * MIB)
    tracemalloc.start()
    with pytest.raises(PayloadTooLarge, match="unpacked"):
        read(bomb, headers=GZIP, limits=limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * limits.body_unpacked_bytes


def test_memory_in_flight_is_bounded_and_given_back():
    inflight = InflightBytes(5_000)
    read(b"x" * 4_000, inflight=inflight)
    assert inflight.left == 5_000
    with pytest.raises(Throttled) as refusal:
        read(b"x" * 4_000, b"x" * 4_000, inflight=inflight)
    assert (refusal.value.status, refusal.value.retry_after_s) == (429, 1)
    assert inflight.left == 5_000


def test_a_client_that_goes_away_is_no_error_of_anyone():
    with pytest.raises(Disconnected):
        read(b"half", disconnect=True)
