"""User-Agents as people's browsers, robots and tools write them today, and what is to be read from each."""

MOZ, KHTML = "Mozilla/5.0", "(KHTML, like Gecko)"
BLINK, WEBKIT = f"AppleWebKit/537.36 {KHTML}", f"AppleWebKit/605.1.15 {KHTML}"
WIN, MAC, X11 = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"
CROS, UBUNTU = "X11; CrOS x86_64 14541.0.0", "X11; Ubuntu; Linux x86_64"
IPHONE = "iPhone; CPU iPhone OS 17_5 like Mac OS X"
IPAD = "iPad; CPU OS 17_5 like Mac OS X"
PHONE, TABLET = "Linux; Android 10; K", "Linux; Android 14; SM-X910"
WV = "Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv"


def _chrome(system, behind="", version="126.0.0.0", mobile=""):
    return f"{MOZ} ({system}) {BLINK} Chrome/{version} {mobile}Safari/537.36{behind}"


def _mobile(system, behind="", between=""):
    return f"{MOZ} ({system}) {BLINK} {between}Chrome/126.0.0.0 Mobile Safari/537.36{behind}"


def _ios(token, system=IPHONE, tail=" Safari/604.1"):
    return f"{MOZ} ({system}) {WEBKIT} {token} Mobile/15E148{tail}"


def _in_app(behind, system=IPHONE):
    return f"{MOZ} ({system}) {WEBKIT} Mobile/15E148 {behind}"


def _webview(behind):
    return _mobile(WV, behind, "Version/4.0 ")


def _gecko(system, version="130.0", behind=""):
    return f"{MOZ} ({system}; rv:{version}) Gecko/20100101 Firefox/{version}{behind}"


PEOPLE: dict[str, tuple[str, str, str]] = {
    # desktop
    _chrome(WIN): ("Chrome", "Windows", "desktop"),
    _chrome(MAC): ("Chrome", "macOS", "desktop"),
    _chrome(X11): ("Chrome", "Linux", "desktop"),
    _chrome(CROS): ("Chrome", "ChromeOS", "desktop"),
    _chrome("Windows NT 6.1; WOW64", version="109.0.0.0"): ("Chrome", "Windows", "desktop"),
    _chrome(WIN, " Edg/126.0.0.0"): ("Edge", "Windows", "desktop"),
    _chrome(MAC, " Edg/126.0.0.0"): ("Edge", "macOS", "desktop"),
    _chrome(X11, " Edg/126.0.0.0"): ("Edge", "Linux", "desktop"),
    _chrome(WIN, " Edge/18.19045", "64.0.3282.140"): ("Edge", "Windows", "desktop"),
    _chrome(WIN, " OPR/112.0.0.0"): ("Opera", "Windows", "desktop"),
    _chrome(MAC, " OPR/112.0.0.0"): ("Opera", "macOS", "desktop"),
    _chrome(WIN, " OPR/112.0.0.0 (Edition GX)"): ("Opera", "Windows", "desktop"),
    _chrome(WIN, " Vivaldi/6.8.3381.46"): ("Vivaldi", "Windows", "desktop"),
    _chrome(X11, " Vivaldi/6.8.3381.46"): ("Vivaldi", "Linux", "desktop"),
    f"{MOZ} ({WIN}) {BLINK} Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36": ("Yandex Browser", "Windows", "desktop"),
    f"{MOZ} ({MAC}) {BLINK} Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36": ("Yandex Browser", "macOS", "desktop"),
    f"{MOZ} ({WIN}) {BLINK} Whale/3.26.244.21 Chrome/124.0.0.0 Safari/537.36": ("Whale", "Windows", "desktop"),
    f"{MOZ} ({WIN}) {BLINK} coc_coc_browser/126.0.0 Chrome/120.0.0.0 Safari/537.36": ("Coc Coc", "Windows", "desktop"),
    f"{MOZ} ({WIN}) {BLINK} Chrome/94.0.4606.71 Safari/537.36 SE 2.X MetaSr 1.0": ("Sogou", "Windows", "desktop"),
    _chrome(WIN, " QQBrowser/12.6.5699.400"): ("QQ Browser", "Windows", "desktop"),
    _chrome(WIN, " SLBrowser/9.0.3.5211"): ("Smart Lenovo Browser", "Windows", "desktop"),
    _chrome(WIN, " Avast/126.0.0.0"): ("Avast Secure Browser", "Windows", "desktop"),
    _chrome(WIN, " AVG/126.0.0.0"): ("AVG Secure Browser", "Windows", "desktop"),
    _chrome(WIN, " CCleaner/126.0.0.0"): ("CCleaner Browser", "Windows", "desktop"),
    _chrome(WIN, " Norton/126.0.0.0"): ("Norton Secure Browser", "Windows", "desktop"),
    f"{MOZ} ({UBUNTU}) {BLINK} Ubuntu Chromium/80.0.3987.149 Chrome/80.0.3987.149 Safari/537.36": (
        "Chromium", "Linux", "desktop"
    ),
    f"{MOZ} ({MAC}) {BLINK} Slack/4.39.90 Chrome/126.0.0.0 Electron/31.0.1 Safari/537.36": (
        "Electron", "macOS", "desktop"
    ),
    f"{MOZ} ({WIN}) {BLINK} Code/1.91.0 Chrome/122.0.0.0 Electron/29.4.0 Safari/537.36": (
        "Electron", "Windows", "desktop"
    ),
    _gecko(WIN): ("Firefox", "Windows", "desktop"),
    _gecko("Macintosh; Intel Mac OS X 10.15"): ("Firefox", "macOS", "desktop"),
    _gecko(X11): ("Firefox", "Linux", "desktop"),
    _gecko(UBUNTU): ("Firefox", "Linux", "desktop"),
    _gecko("X11; Fedora; Linux x86_64"): ("Firefox", "Linux", "desktop"),
    _gecko("X11; FreeBSD amd64"): ("Firefox", "FreeBSD", "desktop"),
    _gecko("X11; OpenBSD amd64"): ("Firefox", "OpenBSD", "desktop"),
    _gecko(WIN, "128.0", " LibreWolf/128.0"): ("LibreWolf", "Windows", "desktop"),
    _gecko(WIN, "102.0", " PaleMoon/33.2.0"): ("Pale Moon", "Windows", "desktop"),
    _gecko(WIN, "115.0", " Waterfox/G6.0.16"): ("Waterfox", "Windows", "desktop"),
    _gecko(X11, "91.0", " SeaMonkey/2.53.18"): ("SeaMonkey", "Linux", "desktop"),
    f"{MOZ} ({MAC}) {WEBKIT} Version/17.5 Safari/605.1.15": ("Safari", "macOS", "desktop"),
    f"{MOZ} ({MAC}) {WEBKIT} Version/18.0 Safari/605.1.15 Ddg/18.0": ("DuckDuckGo", "macOS", "desktop"),
    f"{MOZ} ({X11}) {WEBKIT} Version/17.0 Safari/605.1.15 Epiphany/605.1.15": ("Epiphany", "Linux", "desktop"),
    f"{MOZ} (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko": ("Internet Explorer", "Windows", "desktop"),
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; .NET CLR 2.0.50727; Tablet PC 2.0)": (
        "Internet Explorer", "Windows", "desktop"
    ),
    f"{MOZ} (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)": ("Internet Explorer", "Windows", "desktop"),
    f"{MOZ} (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 {KHTML}": ("Konqueror", "Linux", "desktop"),
    # phones
    _ios("Version/17.5"): ("Safari", "iOS", "mobile"),
    _ios("CriOS/126.0.6478.35"): ("Chrome", "iOS", "mobile"),
    _ios("FxiOS/127.0", tail=" Safari/605.1.15"): ("Firefox", "iOS", "mobile"),
    _ios("Version/17.0 EdgiOS/126.0.2592.56"): ("Edge", "iOS", "mobile"),
    _ios("OPiOS/16.0.15.124050", tail=" Safari/9537.53"): ("Opera Mini", "iOS", "mobile"),
    _ios("Version/17.5", tail=" Safari/604.1 OPT/5.0.5"): ("Opera", "iOS", "mobile"),
    _ios("Version/17.5 YaBrowser/24.6.5.309.10 SA/3"): ("Yandex Browser", "iOS", "mobile"),
    _ios("Version/17.5", tail=" DuckDuckGo/7 Safari/605.1.15"): ("DuckDuckGo", "iOS", "mobile"),
    _ios("Version/17.5", tail=" Safari/604.1 Ddg/17.5"): ("DuckDuckGo", "iOS", "mobile"),
    _ios("GSA/323.0.647062479"): ("Google App", "iOS", "mobile"),
    _ios("Focus/127.0", tail=" Safari/605.1.15"): ("Firefox Focus", "iOS", "mobile"),
    _mobile(PHONE): ("Chrome", "Android", "mobile"),
    _mobile("Linux; Android 14; Pixel 8"): ("Chrome", "Android", "mobile"),
    _mobile("Linux; Android 11; CUBOT KING KONG 5 Pro"): ("Chrome", "Android", "mobile"),
    _mobile("Linux; Android 9; CUBOT_X18_Plus Build/O11019"): ("Chrome", "Android", "mobile"),
    _mobile("Linux; Android 12; Cubot P50"): ("Chrome", "Android", "mobile"),
    _mobile("Linux; Android 8.1.0; CUBOT"): ("Chrome", "Android", "mobile"),
    _mobile(PHONE, " EdgA/126.0.0.0"): ("Edge", "Android", "mobile"),
    _mobile(PHONE, " OPR/83.0.0.0"): ("Opera", "Android", "mobile"),
    _mobile("Linux; Android 14; SM-S918B", between="SamsungBrowser/25.0 "): ("Samsung Internet", "Android", "mobile"),
    _mobile("Linux; arm_64; Android 14; SM-S918B", between="YaBrowser/24.6.4.90.00 SA/3 "): (
        "Yandex Browser", "Android", "mobile"
    ),
    _mobile("Linux; U; Android 13; en-us; 2201117TY Build/TKQ1", " XiaoMi/MiuiBrowser/14.8.0-gn", "Version/4.0 "): (
        "MIUI Browser", "Android", "mobile"
    ),
    _mobile("Linux; Android 10; ELE-L29; HMSCore 6.13", between="HuaweiBrowser/14.0.5.303 "): (
        "Huawei Browser", "Android", "mobile"
    ),
    _mobile("Linux; Android 13; V2145; wv", " VivoBrowser/12.6.0.0", "Version/4.0 "): (
        "Vivo Browser", "Android", "mobile"
    ),
    _mobile("Linux; U; Android 13; pt-br; CPH2477 Build/SP1A", " HeyTapBrowser/45.10", "Version/4.0 "): (
        "HeyTap Browser", "Android", "mobile"
    ),
    f"{MOZ} (Linux; U; Android 12; en-US; RMX3085 Build/SP1A) {BLINK} Version/4.0 UCBrowser/13.4.0.1306 Mobile Safari/537.36": (
        "UC Browser", "Android", "mobile"
    ),
    f"{MOZ} (Linux; U; Android 13; zh-cn; V2145 Build/TP1A) {BLINK} Version/4.0 MQQBrowser/15.2 Mobile Safari/537.36": (
        "QQ Browser", "Android", "mobile"
    ),
    "Opera/9.80 (Android; Opera Mini/77.0.2254/191.303; U; en) Presto/2.12.423 Version/12.16": (
        "Opera Mini", "Android", "mobile"
    ),
    f"{MOZ} (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0": ("Firefox", "Android", "mobile"),
    f"{MOZ} (Phone; OpenHarmony 5.0) {BLINK} Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300": (
        "Huawei Browser", "HarmonyOS", "mobile"
    ),
    _mobile("Linux; Android 10; HarmonyOS; NOH-AN00; HMSCore 6.13", between="HuaweiBrowser/14.0.5.303 "): (
        "Huawei Browser", "HarmonyOS", "mobile"
    ),
    f"{MOZ} (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1": ("Firefox", "KaiOS", "mobile"),
    f"{MOZ} (Linux; U; Android 4.0.3; de-de; GT-I9100 Build/IML74K) AppleWebKit/534.30 {KHTML} Version/4.0 Mobile Safari/534.30": (
        "Android Browser", "Android", "mobile"
    ),
    # tablets
    _ios("Version/17.5", IPAD): ("Safari", "iOS", "tablet"),
    _ios("CriOS/126.0.6478.35", IPAD): ("Chrome", "iOS", "tablet"),
    _chrome(TABLET): ("Chrome", "Android", "tablet"),
    f"{MOZ} ({TABLET}) {BLINK} SamsungBrowser/25.0 Chrome/121.0.0.0 Safari/537.36": (
        "Samsung Internet", "Android", "tablet"
    ),
    f"{MOZ} (Android 14; Tablet; rv:130.0) Gecko/130.0 Firefox/130.0": ("Firefox", "Android", "tablet"),
    f"{MOZ} (Linux; Android 11; KFTRWI) {BLINK} Silk/126.2.5 like Chrome/126.0.6478.72 Safari/537.36": (
        "Amazon Silk", "Android", "tablet"
    ),
    # apps with a browser inside
    _in_app("[FBAN/FBIOS;FBAV/468.0.0.37.72;FBBV/609600000;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5]"): (
        "Facebook", "iOS", "mobile"
    ),
    _webview(" [FB_IAB/FB4A;FBAV/468.0.0.63.80;]"): ("Facebook", "Android", "mobile"),
    _webview(" [FB_IAB/Orca-Android;FBAV/465.0.0.41.107;]"): ("Facebook Messenger", "Android", "mobile"),
    _in_app("Instagram 334.0.3.30.103 (iPhone14,5; iOS 17_5; en_US; en; scale=3.00; 1170x2532; 606000000)"): (
        "Instagram", "iOS", "mobile"
    ),
    _webview(" Instagram 336.0.0.35.90 Android (34/14; 450dpi; 1080x2125; samsung; SM-S918B; dm3q; qcom; en_GB)"): (
        "Instagram", "Android", "mobile"
    ),
    _ios("Version/17.5", tail=" Safari/604.1 Line/14.9.0"): ("LINE", "iOS", "mobile"),
    _webview(" Line/14.9.0/IAB"): ("LINE", "Android", "mobile"),
    _in_app("MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/en"): ("WeChat", "iOS", "mobile"),
    _webview(" XWEB/1220053 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133) WeChat/arm64 Weixin NetType/WIFI"): (
        "WeChat", "Android", "mobile"
    ),
    _in_app("musical_ly_35.0.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/en BytedanceWebview/d8a21c6"): (
        "TikTok", "iOS", "mobile"
    ),
    _webview(" trill_350003 BytedanceWebview/d8a21c6"): ("TikTok", "Android", "mobile"),
    _in_app("[LinkedInApp]/9.29.7400"): ("LinkedIn", "iOS", "mobile"),
    _webview(" [LinkedInApp]"): ("LinkedIn", "Android", "mobile"),
    _in_app("Snapchat/12.95.0.42 (like Safari/8618.2.12.10.9, panda)"): ("Snapchat", "iOS", "mobile"),
    _in_app("Twitter for iPhone/10.49"): ("X", "iOS", "mobile"),
    _webview(" TwitterAndroid"): ("X", "Android", "mobile"),
    _in_app("[Pinterest/iOS]"): ("Pinterest", "iOS", "mobile"),
    _webview(" [Pinterest/Android]"): ("Pinterest", "Android", "mobile"),
    _in_app("KAKAOTALK 10.8.5 (INAPP)"): ("KakaoTalk", "iOS", "mobile"),
    _webview(" NAVER(inapp; search; 1000; 12.7.2)"): ("NAVER", "Android", "mobile"),
    _webview(" Telegram-Android/11.0.0 (Samsung SM-S918B; Android 14; SDK 34; HIGH)"): ("Telegram", "Android", "mobile"),
    _webview(" GSA/15.26.36.28.arm64"): ("Google App", "Android", "mobile"),
    _webview(" AlipayClient/10.6.0.8000 Language/zh-Hans"): ("Alipay", "Android", "mobile"),
    _webview(""): ("Chrome WebView", "Android", "mobile"),
    f"{MOZ} ({IPHONE}) {WEBKIT} Mobile/15E148": ("Safari WebView", "iOS", "mobile"),
    # televisions, consoles, cars, headsets
    f"{MOZ} (SMART-TV; Linux; Tizen 7.0) {BLINK} SamsungBrowser/4.0 Chrome/94.0.4606.31 TV Safari/537.36": (
        "Samsung Internet", "Tizen", "embedded"
    ),
    f"{MOZ} (Web0S; Linux/SmartTV) {BLINK} Chrome/94.0.4606.128 Safari/537.36 WebAppManager": (
        "Chrome", "webOS", "embedded"
    ),
    f"{MOZ} (Linux; Android 9; AFTKA) {BLINK} Silk/110.6.7 like Chrome/110.0.5481.212 Safari/537.36": (
        "Amazon Silk", "Android", "embedded"
    ),
    _chrome("Linux; Android 12; BRAVIA 4K VH2 Build/STT2.230203.001"): ("Chrome", "Android", "embedded"),
    f"{MOZ} (PlayStation; PlayStation 5/8.00) {WEBKIT} Version/15.4 Safari/605.1.15": (
        "Safari", "PlayStation", "embedded"
    ),
    _chrome(f"{WIN}; Xbox; Xbox One", " Edg/126.0.0.0"): ("Edge", "Windows", "embedded"),
    f"{MOZ} (X11; Linux x86_64; Quest 3) {BLINK} OculusBrowser/33.0.0.x Chrome/126.0.6478.122 VR Safari/537.36": (
        "Meta Quest Browser", "Android", "embedded"
    ),
    f"{MOZ} (X11; GNU/Linux) {BLINK} Chromium/109.0.5414.119 Chrome/109.0.5414.119 Safari/537.36 Tesla/2024.20.1": (
        "Tesla", "Linux", "embedded"
    ),
}  # fmt: skip


def _bot(name, where="http://example.com/bot.html"):
    return f"{MOZ} (compatible; {name}; +{where})"


ROBOTS: dict[str, str] = {
    # search
    _bot("Googlebot/2.1"): "crawler: Googlebot",
    f"{MOZ} AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/126.0.0.0 Safari/537.36": "crawler: Googlebot",
    f"{_mobile('Linux; Android 6.0.1; Nexus 5X Build/MMB29P')} (compatible; GoogleOther)": "crawler: GoogleOther",
    f"{_mobile(PHONE)} (compatible; Google-InspectionTool/1.0;)": "crawler: Google-InspectionTool",
    f"{_mobile(PHONE)} (compatible; AdsBot-Google-Mobile; +http://www.google.com/mobile/adsbot.html)": "crawler: AdsBot-Google",
    f"{_mobile('Linux; Android 8.0; Pixel 2 Build/OPD3; Storebot-Google/1.0')}": "crawler: Storebot-Google",
    "Mediapartners-Google": "crawler: Mediapartners-Google",
    f"{MOZ} AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/126.0.0.0 Safari/537.36": "crawler: bingbot",
    f"{_chrome(WIN)} BingPreview/1.0b": "crawler: BingPreview",
    f"{MOZ} ({MAC}) {WEBKIT} Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)": "crawler: Applebot",
    _bot("DuckDuckBot/1.1"): "crawler: DuckDuckBot",
    _bot("YandexBot/3.0"): "crawler: YandexBot",
    _bot("YandexRenderResourcesBot/1.0"): "crawler: YandexRenderResourcesBot",
    _bot("Baiduspider/2.0"): "crawler: Baiduspider",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)": "crawler: Sogou web spider",
    f"{_mobile('Linux; Android 7.0;')} (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)": "crawler: PetalBot",
    _bot("SeznamBot/4.0"): "crawler: SeznamBot",
    _bot("MojeekBot/0.11"): "crawler: MojeekBot",
    _bot("archive.org_bot", "http://archive.org/details/archive.org_bot"): "crawler: archive.org_bot",
    # language models
    f"{MOZ} {BLINK[:-1]}; compatible; GPTBot/1.2; +https://openai.com/gptbot)": "crawler: GPTBot",
    f"{MOZ} {BLINK}; compatible; ChatGPT-User/1.0; +https://openai.com/bot": "crawler: ChatGPT-User",
    _bot("OAI-SearchBot/1.0"): "crawler: OAI-SearchBot",
    f"{MOZ} {BLINK[:-1]}; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)": "crawler: ClaudeBot",
    _bot("Claude-User/1.0"): "crawler: Claude-User",
    f"{MOZ} {BLINK[:-1]}; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)": "crawler: PerplexityBot",
    _bot("Perplexity-User/1.0"): "crawler: Perplexity-User",
    "CCBot/2.0 (https://commoncrawl.org/faq/)": "crawler: CCBot",
    f"{_mobile('Linux; Android 5.0')} (compatible; Bytespider; spider-feedback@bytedance.com)": "crawler: Bytespider",
    f"{MOZ} {BLINK[:-1]}; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)": "crawler: Amazonbot",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)": "crawler: meta-externalagent",
    _bot("Diffbot/0.1"): "crawler: Diffbot",
    _bot("AI2Bot"): "crawler: AI2Bot",
    _bot("ImagesiftBot"): "crawler: ImagesiftBot",
    # previews of links
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)": "crawler: facebookexternalhit",
    "Twitterbot/1.0": "crawler: Twitterbot",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)": "crawler: LinkedInBot",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)": "crawler: Slackbot-LinkExpanding",
    _bot("Discordbot/2.0", "https://discordapp.com"): "crawler: Discordbot",
    "TelegramBot (like TwitterBot)": "crawler: TelegramBot",
    "WhatsApp/2.23.20.0 A": "crawler: WhatsApp",
    f"{_chrome(WIN)} SkypeUriPreview Preview/0.5": "crawler: SkypeUriPreview",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)": "crawler: Iframely",
    # search-engine optimisation, scanners
    _bot("AhrefsBot/7.0"): "crawler: AhrefsBot",
    _bot("SemrushBot/7~bl"): "crawler: SemrushBot",
    _bot("MJ12bot/v1.4.8"): "crawler: MJ12bot",
    _bot("DotBot/1.2"): "crawler: DotBot",
    _bot("BLEXBot/1.0"): "crawler: BLEXBot",
    _bot("DataForSeoBot/1.0"): "crawler: DataForSeoBot",
    "Screaming Frog SEO Spider/20.2": "crawler: Screaming Frog SEO Spider",
    "Barkrowler/0.9 (+https://babbar.tech/crawler)": "crawler: Barkrowler",
    _bot("CensysInspect/1.1", "https://about.censys.io/"): "crawler: CensysInspect",
    "W3C_Validator/1.3": "crawler: W3C_Validator",
    # nobody's list: it says so itself
    _bot("ShopPriceBot/3.1"): "crawler: ShopPriceBot",
    "some-new-crawler/0.1": "crawler: some-new-crawler",
    f"{_chrome(WIN)} moatbot": "crawler: moatbot",
    _bot("Page2RSS/0.7", "http://page2rss.com/"): "crawler: Page2RSS",
    f"{_gecko(WIN)} (+https://prices.example/about-us)": "crawler: gives a contact",
    # monitors
    f"{MOZ}+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)": "monitor: UptimeRobot",
    f"{_chrome(X11)} CloudWatchSynthetics/arn:aws:synthetics:us-east-1:123456789012:canary:shop": "monitor: CloudWatchSynthetics",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)": "monitor: Pingdom",
    f"{MOZ} (Unknown; Linux x86_64) AppleWebKit/534.34 {KHTML} PingdomTMS/0.8.5 Safari/534.34": "monitor: PingdomTMS",
    f"{MOZ} ({X11}) {BLINK} HeadlessChrome/126.0.0.0 Safari/537.36 DatadogSynthetics": "monitor: DatadogSynthetics",
    f"{_mobile('Linux; Android 11; moto g power (2022)')} Chrome-Lighthouse": "monitor: Chrome-Lighthouse",
    f"{_chrome(MAC)} PTST/240601.120000": "monitor: PTST",
    f"{_chrome(X11)} RuxitSynthetic/1.0 v5175570107 t1346822245722093473": "monitor: RuxitSynthetic",
    f"{_chrome(X11)} (Checkly, https://www.checklyhq.com)": "monitor: Checkly",
    "NewRelicPinger/1.0 (1025794)": "monitor: NewRelicPinger",
    f"{MOZ} (compatible; Site24x7)": "monitor: Site24x7",
    f"{_chrome(WIN)} (StatusCake)": "monitor: StatusCake",
    "ELB-HealthChecker/2.0": "monitor: ELB-HealthChecker",
    # headless browsers
    f"{MOZ} ({X11}) {BLINK} HeadlessChrome/126.0.0.0 Safari/537.36": "headless: HeadlessChrome",
    f"{MOZ} ({WIN}) {BLINK} HeadlessEdg/126.0.0.0 Safari/537.36": "headless: HeadlessEdg",
    f"{MOZ} ({MAC}) AppleWebKit/538.1 {KHTML} PhantomJS/2.1.1 Safari/538.1": "headless: PhantomJS",
    f"{MOZ} (linux) {BLINK} jsdom/24.1.0": "headless: jsdom",
    f"{_chrome(X11)} Playwright/1.45": "headless: Playwright",
    f"{_chrome(X11)} puppeteer": "headless: Puppeteer",
    f"{_gecko(X11)} Selenium/4.21": "headless: Selenium",
    f"{_chrome(X11)} Cypress/13.12.0 Electron/27.1.3": "headless: Cypress",
    "HeadlessChrome": "headless: HeadlessChrome",  # a brand, as the 3.x client hands it on
    "Chrome Headless": "headless: HeadlessChrome",  # ua-parser-js's name, as the 1.x client does
    "Headless Chrome": "headless: HeadlessChrome",  # ours
}

TOOLS = (
    "Boto3/1.44.0 md/Botocore#1.44.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.2 md/pyimpl#CPython",
    "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.8 cfg/retry-mode#standard",
    "aws-sdk-js/3.1086.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.14.0 api/rum#3.1086.0",
    "aws-sdk-java/2.26.12 Linux/6.1 OpenJDK_64-Bit_Server_VM/21.0.3 Java/21.0.3 vendor/Eclipse_Adoptium",
    "aws-sdk-go-v2/1.30.0 os/linux lang/go#1.22.4 md/GOOS#linux api/rum#1.19.0",
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.0 (+https://www.terraform.io) terraform-provider-aws/5.56.1",
    "python-requests/2.32.3",
    "python-httpx/0.27.0",
    "Python/3.11 aiohttp/3.9.5",
    "Python-urllib/3.11",
    "curl/8.8.0",
    "Wget/1.24.5",
    "okhttp/4.12.0",
    "Go-http-client/2.0",
    "Java/21.0.3",
    "Apache-HttpClient/5.3.1 (Java/21.0.3)",
    "Google-HTTP-Java-Client/1.44.2 (gzip)",
    "axios/1.7.2",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "undici",
    "GuzzleHttp/7",
    "PostmanRuntime/7.39.0",
    "libwww-perl/6.77",
    "Ruby",
    "Dart/3.4 (dart:io)",
    "Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B Build/UP1A.231005.007)",
    "WordPress/6.5.5; https://blog.example",
    "shop-backend/3.2 (+https://shop.example)",
    "MyShop/5.1 CFNetwork/1496.0.7 Darwin/23.5.0",
)
