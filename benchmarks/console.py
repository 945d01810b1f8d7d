"""The claims of the console, measured by OpenRUM's own client on OpenRUM's own console, p50 over twenty loads and more.

The stock web client runs in the console's page in Debian's Chromium and reports to a monitor of the same server; what is printed is what
that monitor answers. It comes in once the overview is complete, for the console has no client of its own: what a load costs is the
console's, and what came before the client the browser has kept for it. In the clicks its work is included. Beside its web vitals there
are two custom events (console.js):

* `console_load`: from the start of the navigation to the frame that shows every panel of the overview answered and drawn;
* `console_filter`: from a click on a value in a table to the frame that shows every panel answered under that filter. The console asks
  ahead once a pointer rests on a value, so the clicks are a person's: they rest on it for a fifth of a second and press for 80 ms, which is
  quick. `console_filter_at_once` is the same without a pointer: nothing told that it was to come.

Each says, too, when that was so of what is in sight: a screen shows about a third of the overview.

What is warm: the browser (its process, and but for the cold loads its HTTP and code caches), the server's process, and the engine's
memory, by two loads that do not count. What is not: every load ends its range at another minute and every click is on another value
or in another range, so that no kept answer serves, be it the browser's or the server's. The server also receives what the client
sends, browser and server share the two cores, and the whole range is asked, as many days as there are.

`python -m benchmarks console` takes ten million events over ten days (ten minutes, 5 GB of disk); `python -m benchmarks.console FOLDER`
asks a data directory that is there already, of its monitor with most events, and leaves a monitor more in it.
"""

import json
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.questions import DAYS, EVENTS, filled
from benchmarks.quiet import wait_until_quiet
from benchmarks.report import Report
from openrum.days import DAY_MS
from tests.conftest import CHROMIUM_OPTIONS
from tests.crash.load import make_batch
from tests.server import Server

LOADS = 20
CLICKS = 4  # of every load: half of them a person's, half of them at once
_RESTS_MS, _PRESSES_MS = 200, 80
_KINDS = ("console_filter", "console_filter_at_once")
WATCHER = "console-itself"
PANELS = ("pages", "places", "browsers", "devices", "releases", "referrers", "slow")
"""Where values are clicked, in turn."""
_DISPATCH_MS = 200
_MINUTE_MS = 60_000
_PATIENCE_MS = 60_000
_POLLING_MS = 50  # not at every frame: that would be work of the page's
_WIDE = {"width": 1440, "height": 900}
_WATCH = Path(__file__).with_name("console.js")
_FILTER = "button[aria-label^='Filter:']"
_CUSTOM = """
  SELECT "release", count(*),
    quantile_cont(CAST(json_extract(details, '$.duration') AS DOUBLE), 0.5),
    quantile_cont(CAST(json_extract(details, '$.inSight') AS DOUBLE), 0.5),
    max(CAST(json_extract(details, '$.scriptsBeforePaint') AS DOUBLE)),
    max(CAST(json_extract(details, '$.scripts') AS DOUBLE))
  FROM events WHERE monitor = '{monitor}' AND type = '{type}' GROUP BY ALL
"""
_SHIFT = "SELECT \"release\", max(value) FROM web_vitals WHERE monitor = '{monitor}' AND vital = 'CLS' GROUP BY ALL"


@dataclass
class Watched:
    """The console over one monitor, and the monitor that watches it. `run` tells this run's loads from earlier ones'."""

    server: Server
    name: str
    from_ms: int
    to_ms: int
    watcher: str
    run: int
    loads: int = 0

    def address(self) -> str:
        """The overview of the whole range, of which nobody asked with this border before."""
        self.loads += 1
        borders = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1_000)) for ms in (self.from_ms, self.to_ms)]
        self.to_ms -= _MINUTE_MS
        return f"{self.server.url}/console/{self.name}/overview?range={'..'.join(borders)}&traffic=all"

    def release(self, phase: str) -> str:
        """What the client gives as the release: by it the phases are told apart in the answers."""
        return f"{phase}-{self.run}"

    def sql(self, text: str, **values: str) -> dict[str, list[Any]]:
        """Rows of the watching monitor by release."""
        sql = text.format(monitor=self.watcher, **values)
        return {row[0]: row[1:] for row in self.server.api("POST", "/api/v1/sql", {"sql": sql})["rows"]}


def main(events: int = EVENTS, folder: Path | None = None) -> Report:
    """Load the events, then the console."""
    report = Report("Console" if folder else f"Console, {events:,} events")
    report.begin()
    if folder is not None:
        _measure(report, folder)
        return report
    with filled(events, DAYS, "shop") as (data, _):
        _measure(report, data)
    return report


def _measure(report: Report, data: Path) -> None:
    options = ("--auth", "off")
    with Server(data, options, {"OPENRUM_LOG_LEVEL": "warning"}) as server, tempfile.TemporaryDirectory() as profile:
        watched = _watched(report, server)
        wait_until_quiet(server)
        with sync_playwright() as playwright:
            # A profile on the disk, as people have it: without one nothing of a script is kept but its text.
            browser = playwright.chromium.launch_persistent_context(
                profile,
                executable_path=shutil.which("chromium"),
                args=CHROMIUM_OPTIONS,
                viewport=_WIDE,
                timezone_id="UTC",
            )
            _visit(browser, watched, "first", loads=2)
            _visit(browser, watched, "cold", loads=LOADS)
            _visit(browser, watched, "warm", loads=LOADS, clicks=CLICKS)
            browser.close()
        server.wait_until_drained()
        _tell(report, watched)


def _watched(report: Report, server: Server) -> Watched:
    """The monitor with most events and all its days; and a monitor that watches, made where there is none."""
    to_ms = (int(time.time() * 1_000) // DAY_MS + 1) * DAY_MS
    span = {"from": to_ms - DAYS * DAY_MS, "to": to_ms}
    known = {each["name"]: each["id"] for each in server.api("GET", "/api/v1/monitors")["monitors"]}
    watcher = known.pop(WATCHER, None)
    if watcher is None:
        made = server.command("monitors", "create", WATCHER, "--domain", "127.0.0.1", "--public", "--json")
        watcher = json.loads(made.stdout)["Id"]
    counts = {
        name: server.api("POST", "/api/v1/query", {"monitor": name, **span, "measures": ["events"]})["rows"][0][0]
        for name in known
    }
    name = max(counts, key=lambda each: counts[each])
    report.figure("events in the range", counts[name], "")
    # The rows were not made by this server: to it the monitor is new, until an event comes in by the door.
    batch = make_batch(known[name], random.Random())
    status, _ = server.request("POST", f"/appmonitors/{known[name]}", batch.body, {"content-type": "application/json"})
    assert status == 200, status
    server.wait_until_drained()
    return Watched(server, name, span["from"], to_ms, watcher, int(time.time()))


def _visit(browser: BrowserContext, watched: Watched, phase: str, *, loads: int, clicks: int = 0) -> None:
    """Open the overview so often, each time in a tab of its own that is closed again."""
    script = _script(watched.watcher, watched.release(phase))
    for number in range(loads):
        page = browser.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.add_init_script(script)
        if phase == "cold":
            browser.new_cdp_session(page).send("Network.clearBrowserCache")
        page.goto(watched.address())
        page.wait_for_function("() => told.loads === 1", polling=_POLLING_MS)
        for click in range(clicks):
            _click(page, number * clicks + click, click + 1, _KINDS[click % 2])
        page.evaluate("told.leave()")
        page.wait_for_timeout(3 * _DISPATCH_MS)  # a tab that is closed takes along what the client has not sent
        page.close()


def _click(page: Page, number: int, told: int, kind: str) -> None:
    """Filter by a value of one of the tables, and clear the filter again."""
    # Each click of a load is on a value of another table: what was asked for the one serves no other.
    number = number // len(_KINDS) + len(PANELS) // 2 * _KINDS.index(kind)
    page.mouse.move(0, 0)
    page.evaluate("kind => told.kind = kind", kind)
    tables = [page.locator(f"section[data-panel={panel}] {_FILTER}") for panel in PANELS]
    there = [table for table in tables if table.count() > 0]
    values = there[number % len(there)]
    value = values.nth(number // len(there) % values.count())
    if kind == "console_filter":
        value.hover()
        page.wait_for_timeout(_RESTS_MS)
        page.mouse.down()
        page.wait_for_timeout(_PRESSES_MS)
        page.mouse.up()
    else:
        value.evaluate("value => value.click()")
    page.wait_for_function("wanted => told.clicks === wanted", arg=told, polling=_POLLING_MS)
    page.keyboard.press("Escape")
    page.wait_for_function(
        "() => !location.search.includes('f=') && !document.querySelector('main .stale')", polling=_POLLING_MS
    )


def _script(monitor: str, release: str) -> str:
    words = f"monitor: {json.dumps(monitor)}, release: {json.dumps(release)}, intervalMs: {_DISPATCH_MS}"
    return f"({_WATCH.read_text(encoding='utf-8')})({{ {words} }});"


def _tell(report: Report, watched: Watched) -> None:
    names = ["fcp_p50", "fcp_count", "lcp_p50", "ttfb_p50", "inp_p50"]
    question = {"monitor": WATCHER, "from": "-3h", "to": "now", "measures": names, "by": ["release"], "limit": 1_000}
    answer = watched.server.api("POST", "/api/v1/query", question)
    vitals = {row[0]: dict(zip(answer["columns"][1:], row[1:], strict=True)) for row in answer["rows"]}
    loads, filters, at_once = (watched.sql(_CUSTOM, type=kind) for kind in ("console_load", *_KINDS))
    shifts = watched.sql(_SHIFT)
    cold, warm = watched.release("cold"), watched.release("warm")
    for release in (cold, warm):
        assert vitals[release]["fcp_count"] == loads[release][0] == LOADS, (vitals[release], loads[release])
    assert filters[warm][0] == at_once[warm][0] == LOADS * CLICKS / 2, (filters, at_once)
    report.figure("shell painted (FCP), warm HTTP cache: p50", vitals[warm]["fcp_p50"], "ms", at_most=200)
    report.figure("… cold: p50", vitals[cold]["fcp_p50"], "ms")
    report.figure("… of which to the first byte, warm: p50", vitals[warm]["ttfb_p50"], "ms")
    report.figure("largest paint (LCP), warm: p50", vitals[warm]["lcp_p50"], "ms")
    report.figure("overview complete, warm: p50", loads[warm][1], "ms", at_most=1_000)
    report.figure("… cold: p50", loads[cold][1], "ms")
    report.figure("… what is in sight of it, warm: p50", loads[warm][2], "ms")
    report.figure("filter click answered: p50", filters[warm][1], "ms", at_most=300)
    report.figure("… what is in sight: p50", filters[warm][2], "ms")
    report.figure("… at once, without a pointer that rested on it: p50", at_once[warm][1], "ms")
    report.figure("interaction to next paint (INP) of those clicks: p50", vitals[warm]["inp_p50"], "ms")
    report.figure(
        "layout shift (CLS) of the worst load, clicks included", max(shifts[warm][0], shifts[cold][0]), "", at_most=0.02
    )
    report.figure("scripts before the first paint, packed", loads[cold][3] / 1_000, "kB", at_most=250)
    report.figure("… of the whole load, charts and map included", loads[cold][4] / 1_000, "kB")


if __name__ == "__main__":
    sys.exit(main(folder=Path(sys.argv[1])).failed if len(sys.argv) > 1 else main().failed)
