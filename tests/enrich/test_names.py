"""Three vocabularies end in one: no brand has two names, whichever client or rule spoke of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich import names
from openrum.enrich.names import BROWSERS, DEVICES, SYSTEMS, browser, device, major, system

# What the rules of uap-core, ua-parser-js (in the 1.x client) and Chromium (userAgentData, in the 3.x client) call one brand.
ONE_BROWSER = {
    "Chrome": ["Chrome", "Chrome Mobile", "Chrome Mobile iOS", "Google Chrome", "CHROME"],
    "Chrome WebView": ["Chrome Mobile WebView", "Chrome WebView", "Android WebView"],
    "Headless Chrome": ["HeadlessChrome", "Chrome Headless"],
    "Edge": ["Edge", "Edge Mobile", "Microsoft Edge"],
    "Edge WebView": ["Microsoft Edge WebView2"],
    "Firefox": [
        "Firefox",
        "Firefox Mobile",
        "Firefox iOS",
        "Firefox Beta",
        "Firefox Alpha",
        "Mozilla Firefox",
        "Fennec",
    ],
    "Firefox Focus": ["Firefox Focus", "Klar"],
    "Safari": ["Safari", "Mobile Safari"],
    "Safari WebView": ["Mobile Safari UI/WKWebView", "WebKit"],
    "Samsung Internet": ["Samsung Internet", "Samsung Browser", "SamsungBrowser"],
    "Opera": ["Opera", "Opera Mobile", "Opera Mobi", "Opera Touch", "Opera Tablet", "Opera Coast"],
    "Internet Explorer": ["IE", "IE Mobile", "IEMobile", "IE Large Screen"],
    "Amazon Silk": ["Amazon Silk", "Silk"],
    "Android Browser": ["Android", "Android Browser"],
    "Google App": ["Google", "GSA"],
    "Yandex Browser": ["Yandex Browser", "Yandex", "YaBrowser"],
    "UC Browser": ["UC Browser", "UCBrowser"],
    "QQ Browser": ["QQ Browser", "QQ Browser Mobile", "QQBrowser", "QQBrowserLite"],
    "Baidu": ["Baidu Browser", "Baidu Explorer", "Baidu"],
    "MIUI Browser": ["MiuiBrowser", "MIUI Browser"],
    "Huawei Browser": ["Huawei Browser", "HuaweiBrowser"],
    "HeyTap Browser": ["HeyTap Browser", "Heytap"],
    "Vivo Browser": ["VivoBrowser", "Vivo Browser"],
    "Meta Quest Browser": ["Oculus Browser", "Meta Quest Browser"],
    "DuckDuckGo": ["DuckDuckGo Mobile", "DuckDuckGo"],
    "Ecosia": ["Ecosia Android", "Ecosia iOS"],
    "WeChat": ["WeChat Browser", "WeChat", "MicroMessenger"],
    "LINE": ["LINE", "Line"],
    "KakaoTalk": ["KakaoTalk", "KAKAOTALK"],
    "X": ["Twitter", "X"],
    "Whale": ["Whale", "Whale Browser"],
    "Pale Moon": ["Pale Moon", "PaleMoon"],
    "Sogou": ["Sogou Explorer", "Sogou Mobile"],
    "Coc Coc": ["Coc Coc", "coc_coc_browser"],
    "Avast Secure Browser": ["Avast Secure Browser", "Avast"],
    "AVG Secure Browser": ["AVG", "AVG Secure Browser"],
    "360 Browser": ["360 Secure Browser", "360", "360 Browser"],
    "Brave": ["Brave"],
    "Facebook": ["Facebook"],
    "Instagram": ["Instagram"],
}
ONE_SYSTEM = {
    "macOS": ["Mac OS X", "Mac OS", "macOS", "MacIntel"],
    "Windows": ["Windows", "windows"],
    "iOS": ["iOS", "iPadOS", "iPhone OS"],
    "Android": ["Android", "Android-x86"],
    "ChromeOS": ["Chrome OS", "Chromium OS", "ChromeOS"],
    "Linux": [
        "Linux", "Ubuntu", "Debian", "Fedora", "Red Hat", "RedHat", "CentOS", "Gentoo", "Arch", "Mint", "Manjaro", "SUSE",
        "Raspbian", "Mageia", "Slackware", "elementary OS", "GNU",
    ],
    "HarmonyOS": ["HarmonyOS", "OpenHarmony"],
    "webOS": ["webOS", "Web0S", "WebOS"],
    "watchOS": ["WatchOS", "watchOS"],
    "tvOS": ["tvOS", "ATV OS X"],
    "BlackBerry": ["BlackBerry OS", "BlackBerry", "BlackBerry Tablet OS", "RIM Tablet OS"],
    "Windows Phone": ["Windows Phone", "Windows Mobile"],
    "Symbian": ["Symbian OS", "Symbian^3", "Symbian^3 Anna", "Symbian"],
    "Tizen": ["Tizen"],
    "PlayStation": ["PlayStation"],
    "Chromecast": ["Chromecast Android", "Chromecast Linux"],
}  # fmt: skip

# The names that ua-parser-js's own page lists.
JS_BROWSERS = """115 Browser, 2345Explorer, 360 Browser, Alipay, Amaya, Android Browser, Arora, Avant, Avast, AVG, Baidu,
Basilisk, Blazer, Bolt, Brave, Bowser, Camino, Chimera, Chrome Headless, Chrome WebView, Chrome, Chromium, Cobalt,
Comodo Dragon, Daum, Dillo, Dolphin, Doris, DuckDuckGo, Edge, Electron, Epiphany, Facebook, Falkon, Fennec, Firebird,
Firefox, Firefox Focus, Firefox Reality, Flock, Flow, GSA, GoBrowser, Helio, Heytap, Huawei Browser, iCab, ICE Browser, IE,
IEMobile, IceApe, IceCat, IceDragon, Iceweasel, Instagram, Iridium, Iron, Jasmine, KakaoTalk, KakaoStory, K-Meleon, Kindle,
Klar, Klarna, Konqueror, Ladybird, LBBROWSER, LibreWolf, Line, LinkedIn, Links, Lunascape, Lynx, MIUI Browser, Maemo, Maxthon,
Midori, Minimo, Mobile Safari, Mosaic, Mozilla, NetFront, NetSurf, Netscape, NokiaBrowser, Obigo, Oculus Browser, OmniWeb,
Opera Coast, Opera GX, Opera Mini, Opera Mobi, Opera Tablet, PaleMoon, PhantomJS, Phoenix, Pico Browser, Polaris, Puffin, QQ,
QQBrowser, QQBrowserLite, Quark, QupZilla, RockMelt, Safari, Sailfish Browser, Samsung Internet, SeaMonkey, Silk, Skyfire,
Sleipnir, SlimBrowser, SlimBoat, Slimjet, Smart Lenovo Browser, Snapchat, Sogou Explorer, Sogou Mobile, Swiftfox, Tesla,
TikTok, Tizen Browser, Twitter, UCBrowser, UP.Browser, Vivaldi, Vivo Browser, w3m, Waterfox, WeChat, Weibo, Whale Browser,
Wolvic, Yandex"""
JS_SYSTEMS = """AIX, Amiga OS, Android, Android-x86, Arch, Bada, BeOS, BlackBerry, CentOS, Chromium OS, Contiki, Fedora,
Firefox OS, FreeBSD, Debian, Deepin, DragonFly, elementary OS, Fuchsia, Gentoo, GhostBSD, GNU, Haiku, HarmonyOS, HP-UX, Hurd,
iOS, Joli, KaiOS, Linpus, Linspire, Linux, Mac OS, Maemo, Mageia, Mandriva, Manjaro, MeeGo, Minix, Mint, Morph OS, NetBSD,
NetRange, NetTV, Nintendo, OpenBSD, OpenHarmony, OpenVMS, OS/2, Palm, PC-BSD, PCLinuxOS, Plan9, PlayStation, QNX, Raspbian,
RedHat, RIM Tablet OS, RISC OS, Sabayon, Sailfish, SerenityOS, Series40, Slackware, Solaris, SUSE, Symbian, Tizen, Ubuntu,
Ubuntu Touch, Unix, VectorLinux, Viera, watchOS, WebOS, Windows, Windows Phone, Windows Mobile, Windows IoT, Xbox, Zenwalk"""
CHROMIUM_BRANDS = """Google Chrome, Microsoft Edge, Microsoft Edge WebView2, Opera, Opera GX, Opera Air, Opera One, Brave, Brave Browser,
Vivaldi, YaBrowser, Yandex, Yowser, Samsung Internet, HeadlessChrome, HeadlessEdg, Android WebView, Chromium, DuckDuckGo, Whale,
Avast Secure Browser, AVG Secure Browser, Norton Private Browser, CCleaner Browser, Oculus Browser, Ecosia, Arc, Comet,
Huawei Browser, Electron"""
MADE_UP_BRANDS = [
    "Not A;Brand",
    " Not A;Brand",
    "Not/A)Brand",
    "Not=A?Brand",
    "Not_A Brand",
    "(Not(A:Brand",
    ";Not A Brand",
    "Not)A;Brand",
]


def listed(text):
    return [name.strip() for name in text.replace("\n", " ").split(",")]


@pytest.mark.parametrize("ours", ONE_BROWSER)
def test_a_browser_has_one_name_whoever_speaks_of_it(ours):
    assert {browser(name) for name in ONE_BROWSER[ours]} == {ours}


@pytest.mark.parametrize("ours", ONE_SYSTEM)
def test_a_system_has_one_name_whoever_speaks_of_it(ours):
    assert {system(name) for name in ONE_SYSTEM[ours]} == {ours}


@pytest.mark.parametrize("name", listed(JS_BROWSERS) + listed(CHROMIUM_BRANDS))
def test_every_browser_of_the_other_vocabularies_is_in_ours(name):
    assert browser(name) in BROWSERS


@pytest.mark.parametrize("name", listed(JS_SYSTEMS))
def test_every_system_of_the_other_vocabularies_is_in_ours(name):
    assert system(name) in SYSTEMS


def test_our_own_names_stay_what_they_are_in_any_case():
    for vocabulary, name_of in ((BROWSERS, browser), (SYSTEMS, system), (DEVICES, device)):
        for name in vocabulary:
            assert name_of(name) == name_of(name.upper()) == name_of(name.lower()) == name_of(f" {name} ") == name


@pytest.mark.parametrize("name", [None, "", " ", "unknown", "Unknown", "Other", *MADE_UP_BRANDS])
def test_what_says_nothing_is_none(name):
    assert browser(name) is system(name) is None


def test_a_name_that_nobody_knows_stays():
    assert (browser("Shop App"), system("Shop OS")) == ("Shop App", "Shop OS")
    assert browser("x" * 100_000) == "x" * 100_000


def test_the_classes_of_ua_parser_js_are_in_ours():
    kinds = ["console", "smarttv", "wearable", "embedded", "xr", "mobile", "tablet", "desktop"]
    assert [device(kind) for kind in kinds] == ["embedded"] * 5 + ["mobile", "tablet", "desktop"]
    assert sorted(DEVICES) == ["bot", "desktop", "embedded", "mobile", "tablet"]
    assert device("Kiosk") == "kiosk"
    assert device("unknown") is device("") is device(None) is None


def test_the_major_version_is_what_stands_before_the_first_point():
    assert [major(text) for text in ("120.0.6099.71", "17", "unknown", "", None)] == ["120", "17", None, None, None]


@given(st.text(max_size=80))
def test_to_name_a_name_changes_nothing(text):
    for name_of in (browser, system, device):
        assert name_of(name_of(text)) == name_of(text)


def test_no_name_of_one_table_is_two_brands():
    with pytest.raises(AssertionError, match="cannot be two brands"):
        names._by_any_name({"One": "same", "Two": "same"})
