"""What a User-Agent says in our vocabulary, and when it is asked at all.

uap-core's own test files are held against it too. No package of npm or PyPI carries them; Debian's `uap-core` does.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import timeit
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich.bots import declared
from openrum.enrich.names import BROWSERS, DEVICES, SYSTEMS
from openrum.enrich.pipeline import enrich
from openrum.enrich.row import to_row
from openrum.enrich.rules import Rules
from openrum.enrich.user_agent import NOBODY, read_agent
from openrum.events import Position, Received
from openrum.limits import DEFAULTS
from tests.drained import MONITOR, NOW_MS
from tests.end_to_end.browsing import CACHE, kept_in_cache
from tests.enrich.agents import PEOPLE

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


@pytest.mark.parametrize("text", PEOPLE)
def test_the_browsers_that_people_use_today_are_known(text):
    agent = read_agent(text)
    assert (agent.browser, agent.os, agent.device) == PEOPLE[text]
    assert agent.browser in BROWSERS
    assert agent.os in SYSTEMS
    assert agent.device in DEVICES


def test_who_says_nothing_is_nobody():
    assert read_agent(None) == read_agent("") == NOBODY


@given(st.text(alphabet=st.characters(), max_size=3_000))
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
    rules = Rules(DEFAULTS, 90 * 86_400_000)
    [event] = enrich(received, Position(1, 1, 0), rules)
    found = to_row(event, rules)
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


def test_a_text_that_was_read_before_costs_next_to_nothing():
    read_agent(CHROME)
    assert (
        min(timeit.repeat(lambda: read_agent(CHROME), number=20_000, repeat=5)) / 20_000 < 2e-6
    )  # 0.15 µs when at rest


LOCK = Path(__file__).parent / "uap" / "debian-lock.txt"
COMMONEST = 200
NO_BROWSERS = {
    "QGIS",
    "Python-urllib",
    "Google-HTTP-Java-Client",
    "WIRE",
}  # among uap-core's cases: programmes that say no more than their name
# What those browsers are called here: the closed list.
VOCABULARY = set(
    """1Password, Adobe AIR, Adobe Creative Cloud, Amazon Silk, Android Browser, AOL, Apple Mail, Baidu, BlackBerry
Browser, BOLT, BoxNotes, Brave, Chrome, Chrome WebView, Chromium, Coc Coc, Comodo Dragon, Conkeror, Crosswalk,
Dolphin, Edge, Electron, Espial, Facebook, Facebook Messenger, Falkon, Firefox, FireWeb, Flipboard, Google App,
HbbTV, HipChat, i-mode Browser, IceCat, Internet Explorer, Iron, Kindle, KMail, Konqueror, Lightning, LINE,
Lotus Notes, LuaKit, Mail.ru Browser, Maxthon, mDolphin, Midori, Minimo, Mint Browser, MIUI Browser, MobileIron,
Mozilla, NAVER, NetFront, Netscape, Nextcloud, Nokia Browser, Obigo, Opera, Opera Mini, Otter, Outlook, Ovi
Browser, Pale Moon, Pandora, Phantom Browser, Pinterest, Planetweb, PlayStation Browser, Polaris, Postbox,
Puffin, QQ Browser, qutebrowser, Rekonq, RockMelt, Safari, Safari WebView, Sailfish Browser, Samsung Internet,
Seznam, Skyfire, Slack, Sleipnir, Snowshoe, Spotify, Teleca, Tesla, Thunderbird, ThunderBrowse, TopBuzz, UC
Browser, Vivaldi, WebKit Nightly, webOS Browser, WeChat, WeTab, Whale, X, Yandex Browser""".replace("\n", " ").split(
        ", "
    )
)


def fetch_uap_core(made):
    """The test files of uap-core, out of Debian's package, held to the lock's hash. No right to install is needed."""
    package, digest = re.fullmatch(r"(\S+) --hash=sha256:(\w{64})\n", LOCK.read_text(encoding="utf-8")).groups()
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        folder = Path(name)
        lists = ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
        for folder_in_it in ("lists/partial", "cache/archives/partial"):
            (folder / folder_in_it).mkdir(parents=True)

        def apt(*arguments):
            subprocess.run(["apt-get", "-qq", *arguments], cwd=folder, check=False, capture_output=True)

        apt("download", package)
        if not list(folder.glob("*.deb")):  # this machine has no lists of packages, or old ones
            apt(*lists, "update")
            apt(*lists, "download", package)
        found = list(folder.glob("*.deb"))
        if not found:
            pytest.skip("Debian's package uap-core, which carries uap-core's test files, cannot be fetched here")
        assert hashlib.sha256(found[0].read_bytes()).hexdigest() == digest
        subprocess.run(["dpkg-deb", "--extract", found[0], folder / "out"], check=True)
        for path in folder.glob("out/usr/share/uap-core/tests/test_*.yaml"):
            shutil.copyfile(path, made / path.name)


@pytest.fixture(scope="module")
def uap_texts():
    """Every User-Agent of test_ua.yaml, test_os.yaml and test_device.yaml, once."""
    yaml = pytest.importorskip("yaml")
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        pytest.skip("uap-core's test files come in a package of Debian, and this machine has no apt-get")
    folder = kept_in_cache(LOCK, "uap-core", fetch_uap_core)
    texts = {}
    for name in ("test_ua.yaml", "test_os.yaml", "test_device.yaml"):
        cases = yaml.load((folder / name).read_text(encoding="utf-8"), yaml.CSafeLoader)["test_cases"]
        texts |= dict.fromkeys(case["user_agent_string"] for case in cases)
    return list(texts)


@pytest.mark.slow
def test_the_200_commonest_browsers_of_uap_cores_test_files_are_known(uap_texts):
    """A browser here is a name on a system ("Chrome" on "Android"), and common is what most cases are about. Browsers
    begin their texts with Mozilla or Opera; robots, and cases without a browser's name in them, are nobody's browser.
    What people use today is mostly newer than these cases: the list of `agents.py` has it.
    """
    cases = defaultdict(list)
    for text in uap_texts:
        if text.startswith(("Mozilla/", "Opera/")) and not declared(text):
            agent = read_agent(text)
            if agent.browser is not None and agent.browser not in NO_BROWSERS:
                cases[agent.browser, agent.os].append(agent)
    commonest = Counter({browser: len(agents) for browser, agents in cases.items()}).most_common(COMMONEST)
    assert len(commonest) == COMMONEST
    assert sum(count for _, count in commonest) > 10_000
    agents = {agent for browser, _ in commonest for agent in cases[browser]}
    assert not [agent for agent in agents if agent.browser is None or agent.os is None or agent.device is None]
    assert {agent.device for agent in agents} <= DEVICES - {"bot"}
    assert {agent.os for agent in agents} <= SYSTEMS
    assert {agent.browser for agent in agents} == VOCABULARY


@pytest.mark.slow
def test_hardly_any_browser_of_uap_cores_test_files_is_not_known(uap_texts):
    texts = [text for text in uap_texts if text.startswith(("Mozilla/", "Opera/")) and not declared(text)]
    unknown = [text for text in texts if None in read_agent(text)[::2]]
    assert len(unknown) / len(texts) < 0.005, unknown


@pytest.mark.slow
def test_no_phone_of_uap_cores_test_files_is_a_robot(uap_texts):
    told = [text for text in uap_texts if "Android" in text and "Mozilla" in text and declared(text)]
    assert not [
        text for text in told if not re.search("bot|spider|crawl|google|yahoo|ptst|ichiro", text, re.IGNORECASE)
    ]
