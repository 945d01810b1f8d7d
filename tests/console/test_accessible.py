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
    "monitors?range=7d",
]


def serious(page):
    """What axe finds, as lines of rule, element and reason."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:160]} ({' '.join(node['failureSummary'].split())[:240]})"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.fixture(autouse=True)
def _axe():
    if not AXE.is_file():
        pytest.skip("no axe-core here (make console)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_serious(console, place, scheme):
    console.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    console.open(place)
    assert serious(console.page) == []


@pytest.mark.parametrize("keys", ["?", "/", "c", "Control+k"])
def test_axe_finds_nothing_serious_in_what_opens_over_a_view(console, keys):
    console.page.emulate_media(reduced_motion="reduce")
    console.open("demo/overview?range=7d")
    console.keys(keys)
    console.page.wait_for_selector("dialog[open], :popover-open")
    assert serious(console.page) == []


def test_axe_finds_nothing_serious_on_a_phone(phone):
    phone.page.emulate_media(reduced_motion="reduce")
    phone.open("demo/overview?range=7d")
    assert serious(phone.page) == []
    phone.button("Open the navigation").click()
    assert serious(phone.page) == []
