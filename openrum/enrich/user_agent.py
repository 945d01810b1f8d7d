"""What a User-Agent says: browser, system and class of device, for events whose client did not say it itself.

before   metadata {"aws:userAgent": "… Version/17.4 Safari/605.1.15", "deviceType": "desktop"}, as Safari and Firefox send
after    browser "Safari", browser_version "17", os "macOS", device "desktop"

The rules are uap-core's, by the library that the whole field uses; the names become ours in `names.py`. Added here is what
these rules leave out and ua-parser-js, in the 1.x client, tells: apps with a browser inside, consoles, HarmonyOS. Pure: the
same text has the same answer, and the few texts that most visitors share are read once.

An iPad that asks for desktop sites says "Macintosh", letter by letter as a Mac does: it is a Mac here.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from ua_parser import Domain, PartialResult, Resolver
from ua_parser.loaders import load_lazy_builtins

from openrum.enrich import names

CHARS_MAX = 1_024  # the longest of real browsers have some 400; rules are not to be tried on what strangers make up
_AGENTS_KEPT = 8_192

# Apps and browsers that uap-core takes for what they are built on, or for nothing: their name and where the version is.
_WINDOWS = frozenset(
    ("Safari WebView", "Chrome WebView", "Android Browser", "Safari", "Chrome", "Chromium", "Firefox", "Facebook", None)
)
_APPS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("LinkedIn", r"\[?LinkedInApp\]?(?:/([\d.]+))?"),
        ("WeChat", r"MicroMessenger/([\d.]+)"),
        ("TikTok", r"(?:BytedanceWebview|musical_ly|\btrill_)[/_]?([\d.]+)?"),
        ("Threads", r"Barcelona ([\d.]+)"),
        ("Snapchat", r"Snapchat/([\d.]+)"),
        ("KakaoTalk", r"KAKAOTALK[ /]([\d.]+)?"),
        ("NAVER", r"NAVER\(inapp; search; \d+; ([\d.]+)"),
        ("LINE", r"\bLine/([\d.]+)"),
        ("Telegram", r"Telegram-Android/([\d.]+)"),
        ("Alipay", r"AlipayClient/([\d.]+)"),
        ("Weibo", r"Weibo \(.{0,80}?__weibo__([\d.]+)"),
        ("Pinterest", r"\[?Pinterest/(?:iOS|Android)\]?"),
        ("X", r"Twitter(?:Android| for iPhone(?:/([\d.]+))?)"),
        ("Firefox Focus", r"\b(?:Focus|Klar)/([\d.]+)"),
        ("Brave", r"\bBrave/([\d.]+)?"),
        ("Aloha", r"AlohaBrowser/([\d.]+)"),
        ("Opera GX", r"\bOPX/([\d.]+)"),
        ("Facebook Messenger", r"FB_IAB/Orca-Android|FBAN/MessengerForiOS"),
        ("Yandex Browser", r"\bYaBrowser/([\d.]+)"),
        ("HeyTap Browser", r"\bHeyTapBrowser/([\d.]+)"),
        ("LibreWolf", r"\bLibreWolf/([\d.]+)"),
        ("Waterfox", r"\bWaterfox/G?([\d.]+)"),
        ("Tesla", r"\bTesla/([\d.]+)"),
        ("Vivaldi", r"\bVivaldi/([\d.]+)"),
        ("Ovi Browser", r"S40OviBrowser/([\d.]+)?"),
        ("NetFront", r"NetFront(?:LifeBrowser)?/?([\d.]+)"),
        ("Inettv", r"InettvBrowser/([\d.]+)"),
        ("BlackBerry Browser", r"\(BB10;"),
        ("PlayStation Browser", r"\(PlayStation (?:\d|Vita)"),
        ("i-mode Browser", r"\bFOMA;"),
        ("Ladybird", r"LibWeb"),
    )
)
# Systems that the rules do not know. The first two count even where the rules found another: HarmonyOS says that it is
# Android besides, and televisions of Samsung that they are Linux.
_SYSTEMS = (
    ("HarmonyOS", re.compile(r"(?:Open)?Harmony(?:OS)?[ /]?([\d.]+)?")),
    ("Tizen", re.compile(r"Tizen[ /]([\d.]+)")),
    ("KaiOS", re.compile(r"KAIOS/([\d.]+)")),
    ("PlayStation", re.compile(r"PlayStation|PLAYSTATION|\bPSP\b")),
    ("Nintendo", re.compile(r"Nintendo")),
    ("webOS", re.compile(r"Web0S|webOS|hpwOS")),
    ("Symbian", re.compile(r"Symbian|Series ?60|SymbOS")),
    ("Nokia Series", re.compile(r"Series ?[34]0|N[Oo][Kk][Ii][Aa]")),
    ("Brew", re.compile(r"B[Rr][Ee][Ww][ /-]")),
    ("Palm OS", re.compile(r"Palm ?(?:OS|Source)")),
    (
        "Java ME",
        re.compile(r"MIDP|J2ME|\(Java; U;|FOMA|DoCoMo|SonyEricsson|Obigo|Teleca|Phantom|NetFront|WILLCOM|MAUI"),
    ),
    ("OS/2", re.compile(r"OS/2")),
    ("Dreamcast", re.compile(r"Dreamcast")),
    ("macOS", re.compile(r"\(Macintosh")),
    ("Windows", re.compile(r"ms-office")),
    ("Windows Phone", re.compile(r"SGH-i\d|HTC Victor")),
    ("Philips", re.compile(r"Philips")),
    ("Android", re.compile(r"\bBuild/")),
    ("Linux", re.compile(r"Linux|X11|\bDTV\b|HbbTV|Opera TV")),
)
_ABOVE_THE_RULES = 2

_EMBEDDED = re.compile(
    r"\bTV\b|SmartTV|SMART-TV|GoogleTV|Google TV|AndroidTV|HbbTV|\bDTV\b|InettvBrowser|NetCast|Viera|VIERA|AQUOS|PhilipsTV|"
    r"BRAVIA|Roku|CrKey|\bAFT[A-Z]|MiBOX|MiTV|PlayStation|PLAYSTATION|\bPSP\b|Xbox|Nintendo|Web0S|AppleTV|\bWatch[ \d,;]|watchOS|WebTV|"
    r"OculusBrowser|Mobile VR|PicoBrowser|Quest \d|Vision Pro|QtCarBrowser|Tesla/|Large Screen|Espial|Dreamcast|OpenTV"
)
_TABLET = re.compile(
    r"iPad|Tablet(?! PC)|Kindle|PlayBook|TouchPad|Silk/(?!.*Mobile)|\(Linux; (?:\w+; )?Android(?!.*(?:Mobi|Mini|UCBr))"
)
_MOBILE = re.compile(
    r"Mobi|iPhone|iPod|\(Phone;|Windows Phone|Windows CE|BlackBerry|BB10|Opera Mini|UCBrowser|Android|Symb|Series ?[346]0|Nokia|"
    r"MIDP|J2ME|\(Java;|B[Rr][Ee][Ww]|Palm|FOMA|DoCoMo|SonyEricsson|MeeGo|Maemo|Bada|webOS/|KAIOS|[ /]Browser/[A-Z]|Tizen|Dolfin|NetFront|"
    r"UP\.Browser|Polaris|Obigo|Teleca|POLARIS"
)


class Agent(NamedTuple):
    """What was read; None where the text does not say. Names are those of the vocabulary, versions as written."""

    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None  # desktop, mobile, tablet, embedded, bot


NOBODY = Agent()


def read_agent(text: str | None) -> Agent:
    """The agent of a text; `NOBODY` where there is none."""
    return _read(text[:CHARS_MAX]) if text else NOBODY


@lru_cache(_AGENTS_KEPT)
def _read(text: str) -> Agent:
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # the rules are Rust's, which knows no lone surrogates
    found = _resolver()(text, Domain.ALL)
    browser, browser_version = _browser(text, found)
    system, system_version = _system(text, found)
    return Agent(browser, browser_version, system, system_version, _device(text, found, browser, system))


@lru_cache(1)
def _resolver() -> Resolver:
    """Made at the first need: the rules take a tenth of a second and 30 MB."""
    from ua_parser.regex import Resolver as RegexResolver  # noqa: PLC0415

    return RegexResolver(load_lazy_builtins())


def _browser(text: str, found: PartialResult) -> tuple[str | None, str | None]:
    told = found.user_agent
    name = names.browser(told.family) if told else None
    if name in _WINDOWS:
        for app, tells in _APPS:
            if match := tells.search(text):
                return app, match[1] if tells.groups else None
    return name, _version(told.major, told.minor, told.patch) if told and name else None


def _system(text: str, found: PartialResult) -> tuple[str | None, str | None]:
    told = found.os
    name = names.system(told.family) if told else None
    for system, tells in _SYSTEMS[: _ABOVE_THE_RULES if name else None]:
        if match := tells.search(text):
            return system, match[1] if tells.groups else None
    return name, _version(told.major, told.minor, told.patch) if told and name else None


def _version(*parts: str | None) -> str | None:
    return ".".join(part for part in parts if part) or None


def _device(text: str, found: PartialResult, browser: str | None, system: str | None) -> str | None:
    if found.device is not None and found.device.family == "Spider":
        return "bot"
    for device, tells in (("embedded", _EMBEDDED), ("tablet", _TABLET), ("mobile", _MOBILE)):
        if tells.search(text):
            return device
    return "desktop" if browser is not None and system is not None else None
