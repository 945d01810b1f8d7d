"""receive/quota.py: the token bucket, on a clock that the test turns."""

from dataclasses import dataclass

import pytest

from openrum.errors import Throttled
from openrum.receive.quota import Quota


@dataclass
class Limited:
    """A monitor, as far as a quota looks at it."""

    requests_per_second: float | None
    id: str = "shop"


class Clock:
    def __init__(self):
        self.ms = 1_000_000

    def __call__(self):
        return self.ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def quota(clock):
    return Quota(clock)


def passed(quota, rate, tries, monitor="shop"):
    count = 0
    for _ in range(tries):
        try:
            quota.take(Limited(rate, monitor))
            count += 1
        except Throttled:
            pass
    return count


def test_a_monitor_without_a_rate_has_no_quota(quota):
    assert passed(quota, None, 1_000) == 1_000


def test_a_burst_of_one_second_passes_and_no_more(quota):
    assert passed(quota, 50, 200) == 50


def test_it_fills_at_its_rate(quota, clock):
    passed(quota, 50, 200)
    clock.ms += 100
    assert passed(quota, 50, 200) == 5


def test_it_never_holds_more_than_one_second(quota, clock):
    passed(quota, 50, 200)
    clock.ms += 3_600_000
    assert passed(quota, 50, 200) == 50


def test_monitors_do_not_share(quota):
    passed(quota, 1, 5, "shop")
    assert passed(quota, 1, 5, "blog") == 1


def test_a_slow_rate_says_how_long_to_wait(quota, clock):
    quota.take(Limited(0.1))
    with pytest.raises(Throttled, match=r"^this app monitor takes 0\.1 requests a second$") as raised:
        quota.take(Limited(0.1))
    assert raised.value.retry_after_s == 10
    clock.ms += 10_000
    quota.take(Limited(0.1))


def test_waiting_in_small_steps_adds_up(quota, clock):
    passed(quota, 10, 20)
    for _ in range(100):
        clock.ms += 1
        passed(quota, 10, 1)
    clock.ms += 900
    assert passed(quota, 10, 20) >= 9


def test_a_clock_that_jumps_back_neither_fills_nor_blocks(quota, clock):
    passed(quota, 5, 10)
    clock.ms -= 3_600_000
    assert passed(quota, 5, 10) == 0
    clock.ms += 1_000
    assert passed(quota, 5, 10) == 5
