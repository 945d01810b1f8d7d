"""What a User-Agent says in our vocabulary, and when it is asked at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich.pipeline import enrich
from openrum.enrich.row import to_row
from openrum.enrich.rules import Rules
from openrum.enrich.user_agent import NOBODY, read_agent
from openrum.events import Position, Received
from openrum.limits import DEFAULTS
from tests.drained import MONITOR, NOW_MS

WEBKIT, GECKO = "AppleWebKit/605.1.15 (KHTML, like Gecko)", "Gecko/20100101"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.4.1 Safari/605.1.15"
FIREFOX = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) {GECKO} Firefox/130.0"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {WEBKIT} Version/16.6 Mobile/15E148 Safari/604.1"
CHROME = f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} Chrome/130.0.0.0 Safari/537.36"
AGENTS = {
    SAFARI: ("Safari", "17.4.1", "macOS", "desktop"),
    FIREFOX: ("Firefox", "130.0", "Windows", "desktop"),
    IPAD: ("Safari", "16.6", "iOS", "tablet"),
    CHROME: ("Chrome", "130.0.0", "Linux", "desktop"),
    f"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:131.0) {GECKO} Firefox/131.0": ("Firefox", "131.0", "Linux", "desktop"),
    "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0": ("Firefox", "130.0", "Android", "mobile"),
    "Mozilla/5.0 (Android 14; Tablet; rv:130.0) Gecko/130.0 Firefox/130.0": ("Firefox", "130.0", "Android", "tablet"),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1": (
        "Safari", "17.5", "iOS", "mobile"
    ),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1": (
        "Chrome", "126.0.6478", "iOS", "mobile"
    ),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} FxiOS/127.0 Mobile/15E148 Safari/605.1.15": (
        "Firefox", "127.0", "iOS", "mobile"
    ),
    f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/128.0.0.0 Mobile Safari/537.36": (
        "Chrome", "128.0.0", "Android", "mobile"
    ),
    f"Mozilla/5.0 (Linux; Android 13; SM-X906C) {BLINK} Chrome/120.0.0.0 Safari/537.36": (
        "Chrome", "120.0.0", "Android", "tablet"
    ),
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B) {BLINK} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36": (
        "Samsung Internet", "25.0", "Android", "mobile"
    ),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87": (
        "Edge", "126.0.2592", "Windows", "desktop"
    ),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/126.0.0.0 Safari/537.36 OPR/112.0.0.0": (
        "Opera", "112.0.0", "Windows", "desktop"
    ),
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/126.0.0.0 Safari/537.36": (
        "Chrome", "126.0.0", "ChromeOS", "desktop"
    ),
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko": (
        "Internet Explorer", "11.0", "Windows", "desktop"
    ),
    f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) {BLINK} SamsungBrowser/4.0 Chrome/76.0.3809.146 TV Safari/537.36": (
        "Samsung Internet", "4.0", "Tizen", "embedded"
    ),
    f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} HeadlessChrome/156.0.0.0 Safari/537.36": (
        "Headless Chrome", "156.0.0", "Linux", "desktop"
    ),
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": ("Googlebot", "2.1", None, "bot"),
    "nonsense": (None, None, None, None),
}  # fmt: skip


@pytest.mark.parametrize("text", AGENTS)
def test_the_common_browsers_have_one_name_each(text):
    agent = read_agent(text)
    assert (agent.browser, agent.browser_version, agent.os, agent.device) == AGENTS[text]


def test_who_says_nothing_is_nobody():
    assert read_agent(None) == read_agent("") == NOBODY


@given(st.text(max_size=3_000))
def test_no_text_is_too_strange(text):
    read_agent(text)


def row(metadata=None, session=None, header=None):
    event = {"id": MONITOR, "timestamp": NOW_MS // 1000, "type": "com.amazon.rum.x_event", "details": "{}"}
    body = {
        "BatchId": MONITOR,
        "AppMonitorDetails": {},
        "UserDetails": {},
        "RumEvents": [{**event, "metadata": json.dumps(metadata)} if metadata is not None else event],
        **({"SessionMetadata": json.dumps(session)} if session is not None else {}),
    }
    received = Received(MONITOR, NOW_MS, 1, None, None, header, json.dumps(body).encode())
    [event] = enrich(received, Position(1, 1, 0), Rules(DEFAULTS, 90 * 86_400_000))
    found = to_row(event)
    return found.browser, found.browser_version, found.os, found.device


SAID = {"browserName": "Google Chrome", "browserVersion": "120.0.1", "osName": "Mac OS X", "deviceType": "mobile"}


def test_what_the_client_says_counts_whatever_the_header_says():
    assert row(SAID, header=FIREFOX) == ("Chrome", "120", "macOS", "mobile")


def test_where_the_client_hands_on_its_user_agent_that_is_read_and_decides_the_device():
    own = {"aws:userAgent": IPAD, "deviceType": "desktop"}
    assert row(own, header=CHROME) == row(None, own, CHROME) == ("Safari", "16", "iOS", "tablet")
    assert row({**SAID, "aws:userAgent": IPAD}) == ("Chrome", "120", "macOS", "tablet")


def test_the_header_is_asked_last_and_for_what_is_missing():
    assert row(header=SAFARI) == ("Safari", "17", "macOS", "desktop")
    assert row({"browserName": "unknown", "osName": "unknown", "deviceType": "embedded"}, header=SAFARI) == (
        "Safari",
        "17",
        "macOS",
        "embedded",
    )
    assert row({"osName": "Fuchsia"}, header=SAFARI) == ("Safari", "17", "Fuchsia", "desktop")


def test_a_version_belongs_to_its_name():
    assert row({"browserName": "Chrome", "osName": "Linux", "deviceType": "desktop"}, header=FIREFOX)[:2] == (
        "Chrome",
        None,
    )
    assert row({"browserVersion": "9"}, header=FIREFOX)[:2] == ("Firefox", "130")


@pytest.mark.parametrize("strange", [7, None, [], {}, "", "x" * 5_000])
def test_a_user_agent_of_the_wrong_kind_is_as_none(strange):
    assert row({"aws:userAgent": strange}, header=None) == (None, None, None, None)
