"""The pictures of the README, and of every view of the console: `make screenshots`.

Starts a server with the demo on a directory of its own and visits it in Debian's Chromium. Every view in light and dark, wide
and at a phone's width, goes to screenshots/, to be looked at; those of the README go to docs/images/.
"""

import select
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import CHROMIUM_OPTIONS
from tests.server import Server

IMAGES = Path(__file__).parent / "images"
ALL = Path(__file__).parents[1] / "screenshots"
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
QUERY = """SELECT page_group, device, count(*) AS samples, round(quantile_cont(value, 0.75)) AS lcp_p75
FROM web_vitals
WHERE vital = 'LCP'
GROUP BY ALL
ORDER BY lcp_p75 DESC
"""
PLACES = {
    "monitors": "monitors?range=7d",
    "overview": "demo/overview?range=7d",
    "performance": "demo/performance?range=7d",
    "page": "demo/performance?range=7d",
    "resources": "demo/performance?range=7d&tab=resources",
    "locations": "demo/performance?range=7d&tab=locations",
    "errors": "demo/errors?range=7d",
    "error": "demo/errors?range=7d",
    "http": "demo/http?range=7d",
    "route": "demo/http?range=7d",
    "sessions": "demo/sessions?range=7d",
    "session": "demo/sessions?range=7d",
    "replay": "demo/errors?range=14d",
    "journey": "demo/journey?range=7d",
    "funnel": "demo/journey?range=7d&tab=funnel&funnel=page_group.is./;page_group.is./cart;page_group.is./thanks",
    "browsers": "demo/browsers?range=7d",
    "releases": "demo/releases?range=14d",
    "events": "demo/events?range=24h",
    "sql": f"demo/sql?q={quote(QUERY)}",
    "ingest": "demo/ingest?range=24h",
    "configuration": "demo/configuration",
    "new": "monitors?open=new",
}
"""Name → place under /console/."""
INSIDE = {
    "page": "main a[href*='/performance/']",
    "error": "main a[href*='/errors/']",
    "route": "main a[href*='/http/']",
    "session": "main a[href*='/sessions/']",
}
REPLAY = "replay"
"""The way to it: an error whose session was recorded."""
"""What is opened there by its first link."""
BEST = {"overview": "light", "performance": "dark", "replay": "light", "journey": "light"}
"""Those of the README, wide."""
_FILL_S_MAX = 180


def main() -> None:
    """Take them all; about two minutes."""
    IMAGES.mkdir(exist_ok=True)
    ALL.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "data", ("--demo", "--auth", "off")) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_OPTIONS)
        _filled(server)
        for theme in THEMES:
            for size in SIZES:
                _console(browser, server.url, theme, size)
        _shop(browser, server.url)
        browser.close()


def _filled(server: Server) -> None:
    deadline = time.monotonic() + _FILL_S_MAX
    while "the demo is filled" not in server.log.read_text(errors="replace"):
        if time.monotonic() > deadline:
            raise TimeoutError("the demo is not filled")
        select.select([], [], [], 0.1)
    server.wait_until_drained()


def _console(browser: Browser, url: str, theme: str, size: str) -> None:
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme, locale="en-GB", timezone_id="Europe/Berlin")
    page = context.new_page()
    for name, place in PLACES.items():
        page.goto(f"{url}/console/{place}")
        _settled(page)
        if name == REPLAY:
            _watched(page)
        elif name in INSIDE:
            page.goto(page.locator(INSIDE[name]).first.evaluate("link => link.href"))
            _settled(page)
        page.screenshot(path=ALL / f"{name}-{theme}-{size}.png")
        if size == "1440" and BEST.get(name) == theme:
            page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=70)
    context.close()


def _watched(page: Page) -> None:
    """From groups of errors to the first one with a replay, right before it happened."""
    groups = page.locator("main a[href*='/errors/']").evaluate_all(
        "links => [...new Set(links.map(link => link.href))]"
    )
    for group in groups:
        page.goto(group)
        _settled(page)
        link = page.get_by_role("link", name="Watch it")
        if link.count():
            link.first.click()
            page.wait_for_function("() => document.querySelector('iframe')?.contentDocument?.querySelector('main')")
            page.keyboard.press("p")
            page.wait_for_function("() => document.querySelector('.pointer')")
            page.keyboard.press("p")
            return


def _settled(page: Page) -> None:
    page.wait_for_selector("main section[data-panel], main table, main form, main p")
    page.wait_for_function("() => !document.querySelector('main [aria-busy=true], main .stale')")
    # What draws a chart may come after its answer.
    page.wait_for_function("() => [...document.querySelectorAll('main .canvas')].every(each => each.firstChild)")
    page.mouse.move(0, 0)


def _shop(browser: Browser, url: str) -> None:
    """The shop, after a visitor met what goes wrong in it."""
    page = browser.new_page(viewport={"width": 1200, "height": 750})
    page.goto(f"{url}/demo/")
    for action in ("slow", "error", "broken", "missing", "event"):
        page.click(f"[data-do={action}]")
    page.wait_for_function("() => document.querySelectorAll('#live tbody tr').length > 6")
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / "demo-shop.jpg", type="jpeg", quality=78)


if __name__ == "__main__":
    main()
