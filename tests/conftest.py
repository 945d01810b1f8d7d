"""What all tests share: how the property tests run, what begins processes, and a browser."""

import shutil
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, settings

from tests import server
from tests.forked import Forker
from tests.postgresql import running_cluster, server_programs

# A machine that stalls for a moment is no fault of the code under test.
settings.register_profile("openrum", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("openrum")

CHROMIUM_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


def pytest_configure():
    server.forker = Forker()


def pytest_unconfigure():
    server.forker.close()


@contextmanager
def running_chromium(*options):
    """Debian's Chromium; without it these tests are skipped, visibly."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on this machine (as root: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*CHROMIUM_OPTIONS, *options])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium():
    """Not for the whole session: Playwright leaves an event loop running in the worker's thread while it is open,
    and the tests that call `asyncio.run` there after it would all fail.
    """
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def forker():
    """What begins our processes."""
    return server.forker


@pytest.fixture(scope="session")
def postgresql():
    """Debian's PostgreSQL; without it these tests are skipped, visibly."""
    with running_cluster(_programs_or_skip()) as cluster:
        yield cluster


@pytest.fixture
def own_postgresql():
    """One that the test may stop."""
    with running_cluster(_programs_or_skip()) as cluster:
        yield cluster


def _programs_or_skip():
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine (as root: apt-get install postgresql)")
    return programs
