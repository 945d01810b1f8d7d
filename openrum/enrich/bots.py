"""Whether a robot sent it, and how that is known. A robot's events are kept and labelled, never deleted.

before   User-Agent "… (compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/126.0.0.0 Safari/537.36"
after    "crawler: Googlebot"; the other reasons begin with "headless: ", "monitor: " and "pace: "

A visitor taken for a robot is missing from every figure, and a robot taken for a visitor is one more among many: so a name
must be a known one, or the text must say in so many words that it is a robot's. Programmes that speak HTTP without a
browser (curl, boto3, a backend's own client) are no robots: they are how a site's own servers send events. Pure, and the few
texts that most visitors share are judged once.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, pairwise
from statistics import median

from openrum.enrich import names
from openrum.enrich.user_agent import CHARS_MAX, read_agent

_AGENTS_KEPT = 8_192
_NAME_CHARS_MAX = 40
_ROBOT_WORDS_MAX = 4  # a text of nothing but "bot" is not to be read to its end

# Known by name, as they write themselves. The first kind that is found wins: a monitor that drives a headless browser is a
# monitor. What ends in "bot", "crawler" or "spider" is here only where no address or version follows it.
_NAMES = {
    "monitor": (
        "UptimeRobot|Pingdom|PingdomPageSpeed|PingdomTMS|StatusCake|Site24x7|CloudWatchSynthetics|DatadogSynthetics|"
        "Datadog Synthetic|Datadog/Synthetics|NewRelicPinger|NewRelicPingerBot|NewRelicSynthetics|NewRelic Synthetics|"
        "RuxitSynthetic|DynatraceSynthetic|Catchpoint|GomezAgent|ThousandEyes|Checkly|GTmetrix|PTST|WebPageTest|"
        "Chrome-Lighthouse|Google Page Speed Insights|Google PageSpeed Insights|SpeedCurve|DebugBear|DareBoost|YLT Chrome|"
        "Better Uptime Bot|BetterStack|Better Stack|Freshping|HetrixTools|Uptime-Kuma|updown.io|NodePing|Cronitor|"
        "OhDear|Montastic|montastic-monitor|Monitis|YottaaMonitor|WormlyBot|Wormly|AlertSite|DejaClick|Apica|"
        "Elastic/Synthetics|Elastic-Heartbeat|SplunkSynthetics|Splunk Synthetics|Grafana Synthetic Monitoring|"
        "Amazon-Route53-Health-Check-Service|ELB-HealthChecker|GoogleHC|GoogleStackdriverMonitoring|kube-probe|"
        "Cloudflare-Healthchecks|Cloudflare-Traffic-Manager|check_http|Blackbox Exporter|PRTG Network Monitor|Zabbix|"
        "SentryUptimeBot|Honeybadger Uptime Check|HostTracker|internetVista|LogicMonitor|Panopta|Uptrends|Uptimia|"
        "uptimedoctor|websitepulse|WatchMouse|TestLocally|Sansec Security Monitor|MxToolbox|AppInsights|Dotcom-Monitor|Ghost Inspector|GotSiteMonitor.com|Rigor|Sucuri|Nitro-Optimizer-Agent"
    ),
    "crawler": (
        # search
        "Googlebot|GoogleOther|Google-InspectionTool|AdsBot-Google|Mediapartners-Google|FeedFetcher-Google|APIs-Google|"
        "Storebot-Google|PlayStore-Google|Google-Read-Aloud|Google-Safety|Google-Site-Verification|Google Web Preview|"
        "Google Favicon|Google-CloudVertexBot|DuplexWeb-Google|Google-Structured-Data-Testing-Tool|Google-PageRenderer|"
        "bingbot|BingPreview|MicrosoftPreview|msnbot|adidxbot|Applebot|DuckDuckBot|DuckAssistBot|YandexBot|YandexRenderResourcesBot|"
        "YandexImages|YandexMobileBot|YandexMetrika|Baiduspider|Sogou web spider|360Spider|YisouSpider|PetalBot|Daumoa|"
        "SeznamBot|Qwantify|Yahoo! Slurp|Slurp|Exabot|MojeekBot|Kagibot|CocCocBot|coccocbot-web|ia_archiver|archive.org_bot|"
        "heritrix|IAHarvester|proximic|HubSpot Crawler|Google-Ads-Creatives-Assistant|Google-Ads-Conversions|GoogleImageProxy|Google-Agent|GeedoProductSearch|"
        # language models and their assistants
        "GPTBot|ChatGPT-User|OAI-SearchBot|OAI-AdsBot|ClaudeBot|Claude-User|Claude-SearchBot|Claude-Web|anthropic-ai|"
        "PerplexityBot|Perplexity-User|CCBot|Bytespider|TikTokSpider|Amazonbot|Amzn-SearchBot|Amzn-User|NovaAct|Diffbot|YouBot|"
        "meta-externalagent|meta-externalfetcher|meta-externalads|meta-webindexer|FacebookBot|MistralAI-User|cohere-ai|"
        "cohere-training-data-crawler|AI2Bot|Timpibot|omgili|omgilibot|Webzio|ImagesiftBot|PanguBot|DeepSeekBot|Andibot|"
        "ICC-Crawler|FirecrawlAgent|Crawl4AI|Google-NotebookLM|GoogleAgent-Mariner|Manus-User|img2dataset|iaskspider|"
        # previews of links
        "facebookexternalhit|facebookcatalog|Meta-ExternalHit|Twitterbot|LinkedInBot|Slackbot|Slackbot-LinkExpanding|"
        "Slack-ImgProxy|Discordbot|TelegramBot|SkypeUriPreview|Pinterestbot|redditbot|vkShare|Iframely|Embedly|"
        "Snap URL Preview Service|SnapURLPreview|Yahoo Link Preview|FlipboardProxy|GmailImageProxy|YahooMailProxy|"
        # search-engine optimisation, archives, validators, scanners
        "AhrefsBot|AhrefsSiteAudit|SemrushBot|SiteAuditBot|MJ12bot|DotBot|rogerbot|BLEXBot|DataForSeoBot|serpstatbot|Barkrowler|"
        "Screaming Frog SEO Spider|SISTRIX|Sitebulb|deepcrawl|OnCrawl|Botify|Siteimprove|Siteimprove.com|seobility|"
        "SEOkicks|ZoominfoBot|MegaIndex.ru|Linkdex|LinkTiger|BrandVerity|MarketGoo|SeoSiteCheckup|W3C_Validator|W3C-checklink|"
        "W3C-mobileOK|Validator.nu|OpenVAS|Nessus|Nikto|sqlmap|Nuclei|Netsparker|Acunetix|Detectify|Qualys|zgrab|masscan|"
        "CensysInspect|Expanse, a Palo Alto|InternetMeasurement|NetcraftSurveyAgent|l9explore|Nmap Scripting Engine|CookieHubScan|watchTowr|"
        "HTTrack|Wappalyzer|WebThumb|Rival IQ|SiteCon|BuiltWith|SecurityHeaders|Hardenize|Criticalcss.com|Sindup|Scope3|GeedoShopProductFinder|Google-PhysicalWeb|ltx71|PrintFriendly.com"
    ),
    "headless": (
        "HeadlessChrome|Headless Chrome|HeadlessEdg|HeadlessEdge|Headless Edge|HeadlessShell|Chrome Headless|PhantomJS|"
        "SlimerJS|CasperJS|jsdom|HappyDOM|Zombie.js|HtmlUnit|Playwright|Puppeteer|puppeteer-extra|Selenium|WebDriver|ChromeDriver|"
        "GeckoDriver|Cypress|TestCafe|NightmareJS|Lightpanda|splash Version|Browserless|Browserbase"
    ),
}
_SPELLING = {name.lower(): name for known in _NAMES.values() for name in known.split("|")} | dict.fromkeys(
    ("headless chrome", "chrome headless"), "HeadlessChrome"
)
_KINDS = {
    kind: re.compile(
        rf"(?<![a-z0-9])(?:{'|'.join(re.escape(name) for name in sorted(known.split('|'), key=len, reverse=True))})(?![a-z0-9])",
        re.IGNORECASE | re.ASCII,  # else a long s is an s, and no spelling is known of it
    )
    for kind, known in _NAMES.items()
}
_WORD = re.compile(r"[a-z0-9]+")
_IN_EVERY_BROWSER = ("chrome", "google", "headless", "version")
# Trying some hundred names on a text takes a tenth of a millisecond; the words of most texts are in none of them.
_TELLING_WORDS = frozenset(
    max([word for word in _WORD.findall(name) if word not in _IN_EVERY_BROWSER] or ["headless"], key=len)
    for name in _SPELLING
)

_ROBOT_WORDS = ("bot", "crawler", "spider", "scraper")
_ROBOT_WORD = re.compile(rf"(?:{'|'.join(_ROBOT_WORDS)})(?![a-z])", re.IGNORECASE | re.ASCII)
_END_OF_NAME = re.compile(r"[\w.!-]{1,40}$")
_CONTACT = re.compile(r"\+ ?https?:")  # "+http://…/bot.html" is how robots say where to complain
_COMPATIBLE = re.compile(r"compatible; ?([\w.!-]{1,40})")
_TOOL = re.compile(  # they come first in what they write
    r"boto|aws-|aws_|s3fs|rclone|curl|wget|libcurl|python|pycurl|aiohttp|httpx|okhttp|java|apache-|go-|go/|axios|node|undici|got|"
    r"guzzle|php|ruby|faraday|http\.rb|dart|reqwest|ureq|hyper|postman|insomnia|libwww|lwp|restsharp|\.net|dalvik|k6/|vert|"
    r"akka|jetty|jersey|reactornetty|unirest|scalaj|lua-",
    re.IGNORECASE,
)
_TOOL_INSIDE = re.compile(r"urllib|WinHTTP|HTTP-Java-Client|WordPress|JNLP|PHP/")  # uap-core's "Spider" is a wide word
_PHONES = ("cubot",)  # a maker of phones whose name ends as a robot's

# Pace. A page that a person looked at stands for a second at least: a simple reaction takes a fifth of one, reading and
# deciding more. What makes people's page views quick is no looking: a guard of a single-page application that sends them
# on, a sign-in that comes back by four addresses, a key held down in a gallery (30 a second, and its one interaction is
# told only when the page is left). So views that follow within 50 ms count as the one before; of the others it takes
# eight, two more than the longest sign-in, and most of them within 300 ms of each other, and not one interaction.
_VIEWS_MIN = 8
_SAME_VIEW_MS = 50
_LOOKED_AT_MS = 300


def declared(user_agent: str | None) -> str | None:
    """Why a User-Agent, or a browser's name, is a robot's ("crawler: Googlebot"); None for people and for tools."""
    return _declared(user_agent[:CHARS_MAX]) if user_agent else None


def too_fast(views_ms: Sequence[float], interactions: int) -> str | None:
    """Whether the page views of one batch (times in ms, in any order) came too fast for a person, who would also have
    touched something: `interactions` is the number of inp, fid and dom events among them.
    """
    if interactions or len(views_ms) < _VIEWS_MIN:
        return None
    gaps = [gap for gap in (later - earlier for earlier, later in pairwise(sorted(views_ms))) if gap >= _SAME_VIEW_MS]
    if len(gaps) < _VIEWS_MIN - 1 or median(gaps) >= _LOOKED_AT_MS:
        return None
    return "pace: page views without interaction"


@lru_cache(_AGENTS_KEPT)
def _declared(text: str) -> str | None:
    lower = text.lower()
    if not _TELLING_WORDS.isdisjoint(_WORD.findall(lower)):
        for kind, known in _KINDS.items():
            if found := known.search(text):
                return f"{kind}: {_SPELLING[found[0].lower()]}"
    if _TOOL.match(text):
        return None
    name = (
        _preview(text)
        or (_robot_word(text) if any(word in lower for word in _ROBOT_WORDS) else None)
        or _contact(text)
        or _of_the_rules(text)
    )
    return f"crawler: {name[:_NAME_CHARS_MAX]}" if name else None


def _preview(text: str) -> str | None:
    """WhatsApp looks at links itself; pages that its users open are opened by their browser."""
    return "WhatsApp" if text.startswith("WhatsApp/") else None


def _robot_word(text: str) -> str | None:
    """A name that ends as robots' names do, where a version or an address for complaints follows: devices have neither."""
    for found in islice(_ROBOT_WORD.finditer(text), _ROBOT_WORDS_MAX):
        name = _END_OF_NAME.search(text[max(0, found.start() - _NAME_CHARS_MAX) : found.end()])
        if name is None or name[0].lower().startswith(_PHONES):
            continue
        if (
            text[found.end() : found.end() + 1] == "/"
            or "http" in text
            or "@" in text
            or text.startswith(name[0])
            or found.end() == len(text)
        ):
            return name[0]
    return None


def _contact(text: str) -> str | None:
    if not (text.startswith("Mozilla/") and _CONTACT.search(text)):
        return None  # a backend may well give its site's address
    name = _COMPATIBLE.search(text)
    return name[1] if name else "gives a contact"


def _of_the_rules(text: str) -> str | None:
    """uap-core's word, but not of a bare name: its rules are made for whole texts."""
    if "/" not in text or names.browser(text) in names.BROWSERS:
        return None
    agent = read_agent(text)
    return (agent.browser or "Spider") if agent.device == "bot" and not _TOOL_INSIDE.search(text) else None
