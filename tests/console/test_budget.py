"""What a browser loads before the first paint of the console: little enough, and no charts."""

import gzip
import re
from pathlib import Path

import pytest

import openrum

BUILT = Path(openrum.__file__).parent / "console"
INITIAL_BYTES_MAX = 250_000
_ECHARTS = "__ec_"  # what it calls its own members by
_NAMED = re.compile(r"""(?:src|href)="/console/(assets/[^"]+\.js)\"""")
_IMPORTED = re.compile(r"""(?:from|import)\s*["'`]\./([^"'`]+\.js)["'`]""")


@pytest.fixture(scope="module")
def initial() -> dict[str, str]:
    """Name → text of every script that index.html names, and of those that they cannot run without."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("the console was not built: make console")
    waiting = _NAMED.findall((BUILT / "index.html").read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = (BUILT / name).read_text(encoding="utf-8")
            waiting += [f"assets/{each}" for each in _IMPORTED.findall(found[name])]
    return found


def test_the_initial_script_is_at_most_250_kb_packed(initial):
    assert len(initial) >= 3  # the theme, the entry, what is shared
    assert sum(len(gzip.compress(text.encode())) for text in initial.values()) <= INITIAL_BYTES_MAX


def test_the_initial_script_has_no_charts_in_it(initial):
    [painter] = (BUILT / "assets").glob("painter-*.js")
    assert _ECHARTS in painter.read_text(encoding="utf-8")
    assert not [name for name, text in initial.items() if _ECHARTS in text]


def test_charts_are_a_plain_script_so_that_browsers_keep_what_they_compiled_of_it():
    [painter] = (BUILT / "assets").glob("painter-*.js")
    text = painter.read_text(encoding="utf-8")
    assert text.startswith("//# allFunctionsCalledOnLoad\nvar openrum_painter")
    assert not re.search(r"(?:^|[;}])(?:import|export)\b", text)


@pytest.mark.browser
@pytest.mark.slow
def test_no_script_but_that_one_can_be_named_by_the_page(console):
    console.open("demo/overview")
    tries = console.page.evaluate(_TRIES)
    assert tries == {
        "a script by its address": "TypeError",
        "a policy of one's own": "TypeError",
        "the painter's policy once more": "TypeError",
    }
    assert console.page.evaluate("() => window.breaches.length") == len(tries)
    console.page.evaluate("() => { window.breaches = []; }")
    console.expected += ["'TrustedScriptURL'", "a TrustedTypePolicy named"]


_TRIES = """() => {
  const name = (work) => { try { work(); return 'done'; } catch (error) { return error.name; } };
  return {
    'a script by its address': name(() => { document.createElement('script').src = '/console/assets/other.js'; }),
    "a policy of one's own": name(() => trustedTypes.createPolicy('mine', { createScriptURL: (url) => url })),
    "the painter's policy once more":
      name(() => trustedTypes.createPolicy('openrum_painter', { createScriptURL: (url) => url })),
  };
}"""


@pytest.mark.browser
@pytest.mark.slow
def test_charts_are_loaded_where_there_are_some(console):
    assert _charts_loaded(console.open("monitors")) == 0
    assert _charts_loaded(console.open("demo/overview")) == 1


def _charts_loaded(console) -> int:
    names = console.page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    return sum("/assets/painter-" in name for name in names)
