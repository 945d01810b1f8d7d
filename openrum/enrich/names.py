"""One name per brand: clients of different versions and browsers call the same thing differently. Pure tables.

before   "Google Chrome" (3.x, userAgentData), "Chrome Mobile iOS" (uap-core), "chrome" (1.x, ua-parser-js)
after    "Chrome"

Three vocabularies meet here: the families of uap-core, the names of ua-parser-js, the brands of Chromium. A brand is what
a visitor would call it: Chrome on a phone is Chrome; a WebView is not, as it is another programme's window; an app with a
browser inside has the app's name. Distributions of Linux are Linux. iPadOS is iOS: nobody but Apple tells them apart, and a
User-Agent does not. Case does not matter, and a name that is in no table stays as it was sent.
"""

_NOT_KNOWN = "unknown"  # the 1.x client's word for it
_ALSO_NOT_KNOWN = (
    _NOT_KNOWN,
    "other",
    "none",
    "null",
    "undefined",
    "generic",
    "n/a",
)  # "other" is uap-core's word for it
_CHARS_MAX = 64  # longer than any name; what is not a name is not looked up

# Our name: what else it is called, in lower case. Our own name is understood without being repeated.
_BROWSERS = {
    "115 Browser": "115 | 115browser",
    "1Password": "",
    "2345 Explorer": "2345 | 2345explorer | 2345browser | 2345chrome",
    "360 Browser": "360 | 360se | 360ee | 360 secure browser | 360 safe browser | qihoo 360 | qihoobrowser",
    "Adobe AIR": "adobeair",
    "Adobe Creative Cloud": "adobe creativecloud",
    "Alipay": "alipayclient",
    "Aloha": "aloha browser",
    "Amaya": "",
    "Amazon Silk": "silk",
    "Android Browser": "android",
    "AOL": "aol shield browser | aol desktop gold browser | aol shield",
    "Apple Mail": "",
    "Arc": "arc browser",
    "Arora": "",
    "Atom": "atom browser",
    "Avant": "",
    "Avast Secure Browser": "avast",
    "AVG Secure Browser": "avg",
    "Avira Secure Browser": "avira",
    "Baidu": "baidu browser | baidu explorer | baidubrowser | baiduboxapp | baidu box app | bidubrowser",
    "Basilisk": "",
    "BlackBerry Browser": "blackberry | blackberry webkit",
    "BOLT": "bolt browser",
    "Bowser": "",
    "BoxNotes": "box notes",
    "Brave": "brave browser",
    "Camino": "",
    "CCleaner Browser": "ccleaner | ccleaner secure browser",
    "Chimera": "",
    "Chrome": "google chrome | chrome mobile | chrome mobile ios | chrome frame | chrome desktop | chrome ios",
    "Chrome WebView": "chrome mobile webview | android webview | webview | system webview",
    "Chromium": "ungoogled chromium | chromium gost browser",
    "Cobalt": "",
    "Coc Coc": "coccoc | coc_coc_browser | coc coc browser",
    "Comet": "perplexity comet",
    "Comodo Dragon": "dragon | comodo_dragon",
    "Conkeror": "",
    "Crosswalk": "",
    "Daum": "daumapps",
    "Dillo": "",
    "Dolphin": "dolfin | dolphin browser",
    "Doris": "",
    "DuckDuckGo": "duckduckgo mobile | ddg | duckduckgo browser",
    "Ecosia": "ecosia android | ecosia ios | ecosia browser",
    "Edge": "microsoft edge | edge mobile | edge ios | edge android | edgehtml | msedge | edge chromium",
    "Edge WebView": "microsoft edge webview2 | edge webview2 | webview2",
    "Electron": "",
    "Epiphany": "gnome web",
    "Espial": "",
    "Facebook": "facebook app",
    "Facebook Messenger": "messenger",
    "Falkon": "qupzilla",
    "Firefox": (
        "mozilla firefox | firefox mobile | firefox ios | firefox beta | firefox alpha | firefox nightly | fennec | "
        "firefox (shiretoko) | firefox (minefield) | firefox (namoroka) | firefox desktop | bon echo | firebird"
    ),
    "Firefox Focus": "klar | firefox klar | firefox focus ios",
    "Firefox Reality": "",
    "FireWeb": "",
    "Flipboard": "flipboard-briefing",
    "Flock": "",
    "Flow": "",
    "GoBrowser": "go browser",
    "Google App": "google | gsa | google search app",
    "HbbTV": "",
    "Headless Chrome": "headlesschrome | chrome headless | chrome headless shell | headless chromium",
    "Headless Edge": "headlessedg | headlessedge | edge headless",
    "Helio": "",
    "HeyTap Browser": "heytap | oppobrowser | oppo browser | heytapbrowser",
    "HiBrowser": "hi browser",
    "HipChat": "hipchat desktop client",
    "Hola Browser": "hola",
    "Honor Browser": "honorbrowser",
    "Huawei Browser": "huawei | huaweibrowser",
    "i-mode Browser": "i-mode",
    "iCab": "",
    "ICE Browser": "icebrowser",
    "IceApe": "",
    "IceCat": "icecat browser | gnu icecat",
    "IceDragon": "",
    "Iceweasel": "",
    "Inettv": "inettvbrowser",
    "Instagram": "instagram app",
    "Internet Explorer": "ie | ie mobile | iemobile | ie large screen | msie | microsoft internet explorer",
    "Iridium": "",
    "Iron": "srware iron",
    "Jasmine": "",
    "K-Meleon": "kmeleon",
    "KakaoStory": "",
    "KakaoTalk": "kakao | kakao talk",
    "Kindle": "kindle browser",
    "Kiwi": "kiwi browser",
    "Klarna": "",
    "KMail": "kmail2",
    "Konqueror": "",
    "Ladybird": "serenityos browser",
    "LibreWolf": "",
    "LIEBAO": "lbbrowser | liebao browser | liebaofast",
    "Lightning": "",
    "LINE": "line app",
    "LinkedIn": "linkedinapp | linkedin app",
    "Links": "",
    "Lotus Notes": "",
    "LuaKit": "",
    "Lunascape": "",
    "Lynx": "",
    "Maemo Browser": "maemo | microb",
    "Mail.ru Browser": "mail.ru chromium browser | atom mail.ru",
    "Maxthon": "mxbrowser | mxios | maxthon browser",
    "mDolphin": "",
    "Meta Quest Browser": "oculus browser | oculusbrowser",
    "Microsoft Teams": "teams",
    "Midori": "",
    "Minimo": "",
    "Mint Browser": "mintbrowser",
    "MIUI Browser": "miuibrowser | miui | xiaomi browser",
    "MobileIron": "",
    "Mosaic": "ncsa mosaic",
    "Mozilla": "mozilladeveloperpreview",
    "Mypal": "mypal browser",
    "NAVER": "naver inapp | naver app",
    "NetCast": "netcast smart tv | netcast browser",
    "NetFront": "netfront nx | netfront mobile content viewer | netfrontlifebrowser",
    "Netscape": "netscape navigator | navigator",
    "NetSurf": "",
    "Nextcloud": "owncloud",
    "Nokia Browser": "nokiabrowser | nokia oss browser | nokia | nokia services (wap) browser",
    "Norton Secure Browser": "norton | norton private browser",
    "Obigo": "",
    "OktaMobile": "okta mobile",
    "OmniWeb": "",
    "Onefootball": "",
    "Opera": (
        "opera mobile | opera mobi | opera touch | opera tablet | opera coast | opera neon | opera one | opera air | "
        "opera browser | operamobile"
    ),
    "Opera GX": "",
    "Opera Mini": "",
    "Otter": "otter browser",
    "Outlook": "outlook-ios-android | outlook-ios | macoutlook | microsoft outlook",
    "Ovi Browser": "ovi | ovibrowser",
    "Pale Moon": "palemoon",
    "Palm Blazer": "blazer",
    "Pandora": "",
    "Phantom Browser": "phantom",
    "PhantomJS": "",
    "Phoenix Browser": "phoenix | phoenixbrowser",
    "Pico Browser": "picobrowser",
    "Pinterest": "pinterest app",
    "Planetweb": "",
    "PlayStation Browser": "playstation",
    "Polaris": "",
    "Postbox": "",
    "Puffin": "puffin browser",
    "QGIS": "",
    "QQ": "",
    "QQ Browser": "qqbrowser | qqbrowserlite | qq browser mobile | qq browser mini | mqqbrowser | qq browser lite",
    "Qt WebEngine": "qt web engine | qtwebengine",
    "Quark": "quark pc | quarkpc | quark browser",
    "qutebrowser": "",
    "Rekonq": "",
    "Roblox": "roblox app",
    "RockMelt": "",
    "Roku": "",
    "Safari": "mobile safari | safari mobile | apple safari",
    "Safari WebView": "mobile safari ui/wkwebview | mobile safari/wkwebview | wkwebview | ios webview | webkit",
    "Sailfish Browser": "sailfish | sailfishbrowser",
    "Samsung Internet": "samsung browser | samsungbrowser | samsung internet browser | samsung",
    "Sber Browser": "",
    "SeaMonkey": "",
    "Seznam": "seznam prohlížeč | seznam browser | seznam.cz",
    "Skyfire": "",
    "Slack": "slack desktop client | slack app",
    "Sleipnir": "",
    "SlimBoat": "",
    "SlimBrowser": "",
    "Slimjet": "",
    "Smart Lenovo Browser": "slbrowser",
    "SmartTV WebBrowser": "smarttv browser",
    "Snapchat": "snapchat app",
    "Snowshoe": "",
    "Sogou": "sogou explorer | sogou mobile | sogoumobilebrowser | sogou browser",
    "Sparrow": "sparrow browser",
    "Spotify": "",
    "Steam": "steam client | steam gameoverlay | steam deck | valve steam gameoverlay",
    "Swiftfox": "",
    "Symphony": "",
    "Teleca": "teleca browser",
    "Telegram": "telegram app | telegram-android",
    "Tenta": "tenta browser",
    "Tesla": "qtcarbrowser | tesla browser",
    "Threads": "barcelona",
    "Thunderbird": "mozilla thunderbird",
    "ThunderBrowse": "",
    "TikTok": "musical_ly | bytedancewebview | trill",
    "Tizen Browser": "tizenbrowser",
    "TopBuzz": "",
    "Tor Browser": "tor",
    "UC Browser": "ucbrowser | uc | ucweb | uc browser mini",
    "UP.Browser": "openwave | open wave | up browser",
    "Vewd": "vewd browser",
    "Viber": "",
    "Vivaldi": "vivaldi browser",
    "Vivo Browser": "vivobrowser | vivo",
    "w3m": "",
    "Waterfox": "",
    "WebKit Nightly": "",
    "webOS Browser": "palm pre | webosbrowser",
    "WeChat": "wechat browser | micromessenger | wechat(win) desktop | wechat(win) desktop browser | weixin",
    "Weibo": "sina weibo",
    "WeTab": "",
    "Whale": "whale browser | naver whale",
    "Windows Live Mail": "",
    "Wolvic": "wolvic browser",
    "X": "twitter | twitter app",
    "Yandex Browser": "yandex | yabrowser | yandex search | yasearchbrowser | yandexbrowser | yowser | yaapp_android",
    "Zen": "zen browser",
}
_SYSTEMS = {
    "AIX": "",
    "AmigaOS": "amiga os",
    "Android": "android-x86 | android os",
    "Bada": "",
    "BlackBerry": "blackberry os | blackberry tablet os | rim tablet os | blackberryos",
    "Brew": "brew mp | brew",
    "BSD": "unix bsd",
    "Chromecast": "chromecast android | chromecast fuchsia | chromecast linux | chromecast smartspeaker",
    "ChromeOS": "chrome os | chromium os | chromiumos | cros",
    "Contiki": "",
    "DragonFly": "dragonflybsd",
    "Dreamcast": "sega dreamcast",
    "Fire OS": "fireos | kindle | firehbbtv | fire tv",
    "Firefox OS": "firefoxos | boot2gecko",
    "FreeBSD": "ghostbsd | pc-bsd | midnightbsd",
    "Fuchsia": "",
    "GoogleTV": "google tv | android tv",
    "Haiku": "beos",
    "HarmonyOS": "openharmony | harmony os | harmony",
    "HP-UX": "",
    "Hurd": "",
    "iOS": "ios | ipados | iphone os | iphone | ipad",
    "Java ME": "j2me | java me",
    "KaiOS": "kai os",
    "LG": "netcast",
    "Linux": (
        "gnu | gnu/linux | ubuntu | kubuntu | lubuntu | xubuntu | debian | raspbian | raspberry pi os | fedora | red hat | "
        "redhat | red hat enterprise linux | centos | rocky linux | almalinux | oracle linux | gentoo | sabayon | arch | "
        "arch linux | manjaro | endeavouros | linux mint | mint | elementary os | pop!_os | pop os | zorin | zorin os | "
        "kali | kali linux | deepin | suse | opensuse | slackware | mandriva | mageia | pclinuxos | puppy | puppy linux | "
        "vectorlinux | zenwalk | linpus | linspire | joli | alpine | alpine linux | nixos | solus | void | void linux | "
        "clear linux | amazon linux | steamos | wetab | linux x86_64 | linux armv7l | linux armv8l | linux aarch64 | "
        "ubuntu touch | vre"
    ),
    "macOS": "mac os | mac os x | mac | os x | mac osx | macosx | macintel | mac_powerpc | darwin",
    "Maemo": "meego | maemo linux",
    "Minix": "",
    "MorphOS": "morph os",
    "NetBSD": "",
    "NetRange": "",
    "NetTV": "",
    "Nintendo": "nintendo switch | nintendo wii | wii | wii u | nintendo 3ds | nintendo ds",
    "Nokia Series": "nokia series 30 plus | nokia series 40 | series40 | series 40 | series30 | series30+",
    "OpenBSD": "",
    "OpenVMS": "",
    "OS/2": "os/2 warp",
    "Palm OS": "palm | palmos",
    "Panasonic": "viera",
    "Philips": "",
    "Plan 9": "plan9",
    "PlayStation": "playstation 3 | playstation 4 | playstation 5 | playstation vita | playstation portable | orbis os",
    "QNX": "",
    "RISC OS": "",
    "Roku": "roku os",
    "SailfishOS": "sailfish | sailfish os",
    "Samsung": "samsung tv | orsay",
    "SerenityOS": "serenity",
    "Solaris": "sunos",
    "Sony": "",
    "Symbian": "symbian os | symbianos | symbian^3 | symbian^3 anna | symbian^3 belle | series60 | series 60",
    "Tizen": "tizen os",
    "tvOS": "atv os x | apple tv | appletvos",
    "Unix": "",
    "visionOS": "xros | vision os",
    "watchOS": "watch os | apple watch",
    "webOS": "web0s | webos tv | webostv | hpwos | palm webos",
    "WebTV": "",
    "Windows": (
        "microsoft windows | win32 | win64 | windows nt | windows iot | windows 11 | windows 10 | windows 8.1 | windows 8 | "
        "windows 7 | windows vista | windows xp | windows 2000 | windows me | windows 98 | windows 95 | windows rt | xbox | "
        "xbox os"
    ),
    "Windows Phone": "windows mobile | windows phone os | windows ce",
}
_DEVICES = {
    "desktop": "pc | laptop | computer | notebook",
    "mobile": "phone | smartphone | mobile phone | feature phone",
    "tablet": "pad | phablet",
    "embedded": "console | smarttv | smart tv | tv | television | wearable | watch | xr | vr | car | settop",
    "bot": "spider | crawler | robot",
}

BROWSERS = frozenset(_BROWSERS)  # the vocabulary: what is known comes out as one of these
SYSTEMS = frozenset(_SYSTEMS)
DEVICES = frozenset(_DEVICES)


def _by_any_name(table: dict[str, str]) -> dict[str, str | None]:
    names: dict[str, str | None] = dict.fromkeys(_ALSO_NOT_KNOWN)
    for ours, others in table.items():
        for name in (ours.lower(), *(other.strip() for other in others.split("|"))):
            if name:
                assert names.setdefault(name, ours) == ours, f"{name} cannot be two brands"
    return names


_BROWSER_BY_NAME = _by_any_name(_BROWSERS)
_SYSTEM_BY_NAME = _by_any_name(_SYSTEMS)
_DEVICE_BY_NAME = _by_any_name(_DEVICES)


def browser(name: str | None) -> str | None:
    """'Google Chrome' → 'Chrome'; a name that is not in the table stays; 'unknown' and 'Not A;Brand' are None."""
    return _ours(name, _BROWSER_BY_NAME)


def system(name: str | None) -> str | None:
    """'Mac OS X' → 'macOS', 'Ubuntu' → 'Linux'; a name that is not in the table stays; 'unknown' is None."""
    return _ours(name, _SYSTEM_BY_NAME)


def device(name: str | None) -> str | None:
    """Device classes are in lower case: desktop, mobile, tablet, embedded, bot. ua-parser-js's 'smarttv' is embedded."""
    found = _ours(name, _DEVICE_BY_NAME)
    return found and found.lower()


def major(version: str | None) -> str | None:
    """'120.0.6099.71' → '120'."""
    return None if not version or version.lower() == _NOT_KNOWN else version.partition(".")[0]


def _ours(name: str | None, table: dict[str, str | None]) -> str | None:
    if not name or len(name) > _CHARS_MAX:
        return name or None
    lower = name.lower()
    if lower in table:
        return table[lower]
    return _untidy(name, lower, table)


def _untidy(name: str, lower: str, table: dict[str, str | None]) -> str | None:
    """A name that is not in the table: it may have spaces around it, or be one of Chromium's made-up brands."""
    tidy = lower.strip()
    if tidy in table:
        return table[tidy]
    if not tidy or ("not" in tidy and "brand" in tidy):  # "Not/A)Brand": there so that nobody takes brands for granted
        return None
    return name
