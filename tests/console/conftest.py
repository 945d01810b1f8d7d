"""The console in Chromium, over the real server and the demo's fourteen days: once for this folder, read by every test.

`console` opens places, waits until everything is answered, and at the end finds any error, any breach of the policy and any
request that left the origin.
"""

import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error as Failed
from playwright.sync_api import TimeoutError as Late

from tests.demo_data import OPTIONS, demo_data
from tests.server import Server

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 30_000  # of a machine that many tests share
_WATCH = """
  window.breaches = [];
  document.addEventListener('securitypolicyviolation', event => window.breaches.push(event.violatedDirective + ' ' + event.sample));
"""


_WIDE = """width => {
  const scrolls = element => element !== null && element !== document.body
    && (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement));
  return [document.scrollingElement.scrollWidth, ...[...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > width + 1 && !scrolls(each.offsetParent))
    .map(each => [each.tagName, each.getAttribute('class'), each.closest('[data-panel]')?.dataset.panel,
      each.getBoundingClientRect().right].join(' '))]
}"""
"""The width of the page, and what reaches beyond it and is in nothing that scrolls."""
_BUSY = """() => [...document.querySelectorAll('main [aria-busy=true], main .stale')].map(
  element => element.dataset.panel ?? element.ariaLabel ?? element.className)"""


@dataclass
class Console:
    """One tab."""

    page: object
    url: str
    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # what a test lets happen, by a part of its words
    unanswered: list[str] = field(default_factory=list)  # requests under way
    refusals: list[object] = field(default_factory=list)  # answers of 400 and above

    def open(self, place: str, *, settled: bool = True) -> "Console":
        """Go to a place under /console/ by its address, as from a link."""
        self.page.goto(f"{self.url}/console/{place}")
        if settled:
            self.settled()
        return self

    def settled(self) -> None:
        """Return once every panel has its answer, and something is there."""
        self.page.wait_for_selector("main section[data-panel], main table, main form, main p")
        try:
            self.page.wait_for_function("() => !document.querySelector('main [aria-busy=true], main .stale')")
        except Late as error:
            raise AssertionError(f"still busy: {self.page.evaluate(_BUSY)}; unanswered: {self.unanswered}") from error

    def panel(self, name: str):
        return self.page.locator(f"section[data-panel={name}]")

    def button(self, name: str):
        return self.page.get_by_role("button", name=name)

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path.removeprefix("/console/")

    @property
    def state(self) -> dict[str, list[str]]:
        """What the address says, by name."""
        return parse_qs(urlsplit(self.page.url).query)

    def wait_for_state(self, **wanted: str | None) -> None:
        """Return once the address says this; None is that it says nothing."""
        self.page.wait_for_function(
            """wanted => Object.entries(wanted).every(([name, value]) =>
                 new URLSearchParams(location.search).getAll(name).join(' ') === (value ?? ''))""",
            arg=wanted,
        )

    def wait_for_path(self, path: str) -> None:
        self.page.wait_for_function("path => location.pathname === path", arg=f"/console/{path}")

    def fits(self) -> None:
        """Return once nothing is wider than a phone's screen: what is still to come may be, for a moment."""
        try:
            self.page.wait_for_function(f"() => document.scrollingElement.scrollWidth <= {PHONE['width']}")
        except Late as error:
            raise AssertionError(f"wider than the screen: {self.page.evaluate(_WIDE, PHONE['width'])}") from error

    def chips(self) -> list[str]:
        names = self.page.get_by_role("button", name=re.compile("^Edit filter: ")).all()
        return [chip.get_attribute("aria-label").removeprefix("Edit filter: ") for chip in names]

    @contextmanager
    def held(self, wanted):
        """While it lasts, calls of the API that `wanted` says yes to are not answered; then they are."""
        waiting, holding = [], True

        def arrive(route):
            if holding and wanted(route.request):
                waiting.append(route)
            else:
                route.continue_()

        self.page.route("**/api/v1/**", arrive)
        yield waiting
        holding = False
        for route in waiting:
            route.continue_()

    def breaches(self) -> list[str]:
        return self.page.evaluate("() => window.breaches ?? []")


def _told(said) -> str:
    """What an error of the tab says; of a request that failed, also which."""
    return f"{said.text} {said.location.get('url', '')}".strip()


def watch(page, url: str) -> Console:
    """A console whose every trouble is noted."""
    console = Console(page, url)
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(_WATCH)
    page.on("console", lambda said: console.problems.append(_told(said)) if said.type == "error" else None)
    page.on("request", lambda request: console.unanswered.append(request.url))
    for ended in ("requestfinished", "requestfailed"):
        page.on(ended, lambda request: request.url in console.unanswered and console.unanswered.remove(request.url))
    page.on("response", lambda answer: console.refusals.append(answer) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: console.problems.append(str(error)))

    def leaves(request):
        if not request.url.startswith((url, "data:", "blob:")):
            console.problems.append(f"left the origin: {request.url}")

    page.on("request", leaves)
    return console


def _words(answer) -> str:
    """What an answer said, as far as the browser has it still."""
    with suppress(Failed):
        return f"{answer.url}: {answer.text()}"
    return answer.url


@contextmanager
def tab(browser, url: str, **options):
    """A tab of its own cookies and memory, and nothing wrong with it at the end."""
    context = browser.new_context(**{"viewport": WIDE, "locale": "en-GB", "timezone_id": "Europe/Berlin", **options})
    console = watch(context.new_page(), url)
    yield console
    breaches = console.breaches()
    problems = [each for each in console.problems if not any(part in each for part in console.expected)]
    said = [_words(answer) for answer in console.refusals] if problems else []
    context.close()
    assert breaches == []
    assert problems == [], said


@pytest.fixture(scope="package")
def demo(tmp_path_factory):
    """The server with the demo filled and drained; nobody need sign in."""
    with Server(demo_data(tmp_path_factory), OPTIONS) as server:
        yield server


@pytest.fixture(scope="package")
def bare(tmp_path_factory):
    """A server without the demo, for tests that make monitors of their own."""
    with Server(tmp_path_factory.mktemp("bare") / "data", ("--auth", "off")) as server:
        yield server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that asks who is there, with a monitor, and the password of its first user."""
    with Server(tmp_path_factory.mktemp("guarded") / "data") as server:
        server.password = re.search(r"^\s+password\s+(\S+)$", server.log.read_text(), re.MULTILINE)[1]
        server.command("monitors", "create", "shop", "--domain", "shop.example", "--public")
        yield server


@pytest.fixture
def console(demo, chromium):
    with tab(chromium, demo.url) as console:
        yield console


@pytest.fixture
def phone(demo, chromium):
    with tab(chromium, demo.url, viewport=PHONE, has_touch=True, is_mobile=True) as console:
        yield console
