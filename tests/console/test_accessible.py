"""axe finds nothing serious on any page that is there, in either theme; what it does not see, the other tests hold by keys."""

from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

AXE = Path(__file__).parents[2] / "console/node_modules/axe-core/axe.min.js"
PLACES = [
    "demo/overview?range=7d&compare=previous",
    "demo/overview?range=7d&f=country.is.NG&metric=inp",
    "demo/overview?range=7d&f=country.is.DE&f=page_group.is./nowhere",
    "demo/overview?range=7d&open=pages",
    "demo/overview?range=7d&open=trend.data",
    "demo/performance?range=7d&lines=all",
    "demo/performance//products/%3Aslug?range=7d&vital=inp&compare=previous",
    "demo/performance?range=7d&tab=resources",
    "demo/performance?range=7d&tab=locations",
    "monitors?range=7d",
    "demo/errors?range=7d&compare=previous",
    "demo/errors/0123456789abcdef?range=24h",
    "demo/http?range=7d",
    "demo/http/GET/api.shop.example/v1/recommendations?range=14d&show=slowest",
    "monitors?open=new",
    "demo/configuration",
    "demo/configuration?tab=access",
    "demo/configuration?tab=pages",
    "demo/configuration?tab=privacy",
    "demo/configuration?tab=users",
    "demo/configuration?tab=danger&open=delete",
    "demo/sessions?range=7d&only=errors",
    "demo/journey?range=7d&at=2:page:/categories/vases",
    "demo/journey?range=7d&open=paths",
    "demo/journey?range=7d&tab=funnel&funnel=page_group.is./cart;page_group.is./checkout",
    "demo/journey?range=7d&tab=returning",
    "demo/browsers?range=14d&of=Chrome&compare=week",
    "demo/releases?range=14d",
    "demo/releases?range=7d&by=periods&f=country.is.ZZ",
    "demo/sql?q=SELECT browser, count(*) AS n FROM sessions GROUP BY browser&tab=columns",
    "demo/sql?q=SELECT browser, count(*) AS n FROM sessions GROUP BY browser&tab=saved&as=chart",
    "demo/sql?q=SELECT * FROM errors LIMIT 3&open=row.1",
    "demo/ingest?range=7d",
    "demo/ingest?range=7d&open=stored",
    "demo/events?range=7d&live=1&f=type.is.js_error_event",
]


_WORN = """async () => {
  const drawn = () => new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)));
  await drawn();
  const moving = () => document.getAnimations().filter(each => each.playState !== 'finished');
  for (let some; (some = moving()).length > 0; await drawn())
    await Promise.allSettled(some.map(each => each.finished));
}"""
"""Returns once the other theme is on, and colours have changed. What has ended is listed as long as it shows, such as the press of
a pointer in a replay.
"""


_RUN = "only => axe.run(document, {resultTypes: ['violations'], preload: false, ...only})"
"""Nothing is fetched once more: no rule that is on looks into sheets of other origins, or media."""


def serious(page, **only):
    """What axe finds, as lines of rule, element and reason."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(_RUN, only)
    return [
        f"{rule['id']}: {node['html'][:160]} ({' '.join(node['failureSummary'].split())[:240]})"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def serious_in_either_theme(page):
    """All rules in the light, and in the dark those that colours matter to."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(_WORN)
    found = serious(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate(_WORN)
    return found + serious(page, runOnly=["color-contrast"])


@pytest.fixture(autouse=True)
def _axe():
    if not AXE.is_file():
        pytest.skip("no axe-core here (make console)")


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_serious_in_either_theme(console, place):
    console.page.emulate_media(reduced_motion="reduce")
    console.open(place)
    assert serious_in_either_theme(console.page) == []


@pytest.mark.parametrize("keys", ["?", "/", "c", "Control+k"])
def test_axe_finds_nothing_serious_in_what_opens_over_a_view(console, keys):
    console.page.emulate_media(reduced_motion="reduce")
    console.open("demo/overview?range=7d")
    console.keys(keys)
    console.page.wait_for_selector("dialog[open], :popover-open")
    assert serious(console.page) == []


def test_axe_finds_nothing_serious_in_a_session_and_an_event_of_it(console):
    console.page.emulate_media(reduced_motion="reduce")
    console.open("demo/sessions?range=7d&only=errors")
    console.panel("sessions").locator("tbody a").first.click()
    console.panel("timeline").locator("button.line").first.wait_for()
    console.settled()
    assert serious_in_either_theme(console.page) == []
    console.keys("j")
    console.page.get_by_role("region", name="Raw JSON of the event").wait_for()
    assert serious_in_either_theme(console.page) == []


def test_axe_finds_nothing_serious_in_a_group_of_errors_and_a_request(console):
    console.page.emulate_media(reduced_motion="reduce")
    console.open("demo/errors?range=14d")
    console.panel("groups").locator("a.title").first.click()
    for tab in ("Stack", "What came before", "Raw JSON"):
        console.panel("sample").get_by_role("radio", name=tab).click()
        console.settled()
        assert serious_in_either_theme(console.page) == [], tab
    console.open("demo/http/GET/api.shop.example/v1/recommendations?range=14d")
    console.panel("requests").locator("tbody time").first.click()
    console.page.get_by_role("region", name="The event as it was sent").wait_for()
    assert serious_in_either_theme(console.page) == []


def test_axe_finds_nothing_serious_on_a_phone(phone):
    phone.page.emulate_media(reduced_motion="reduce")
    phone.open("demo/overview?range=7d")
    assert serious(phone.page) == []
    phone.button("Open the navigation").click()
    assert serious(phone.page) == []
