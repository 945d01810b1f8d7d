"""What a User-Agent says: browser, system and class of device, for events whose client did not say it itself.

before   metadata {"aws:userAgent": "… Version/17.4 Safari/605.1.15", "deviceType": "desktop"}, as Safari and Firefox send
after    browser "Safari", browser_version "17", os "macOS", device "desktop"

The rules are uap-core's, by the library that the whole field uses; the names become ours in `names.py`. Pure: the same text
has the same answer, and the few texts that most visitors share are read once.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from ua_parser import Domain, PartialResult, Resolver
from ua_parser.loaders import load_lazy_builtins

from openrum.enrich import names

_CHARS_MAX = 1_024  # the longest of real browsers have some 400; rules are not to be tried on what strangers make up
_AGENTS_KEPT = 8_192
_EMBEDDED = re.compile(
    r"\bTV\b|SmartTV|SMART-TV|GoogleTV|HbbTV|BRAVIA|Roku|CrKey|PlayStation|Xbox|Nintendo|Web0S|AppleTV|Watch"
)
_TABLET = re.compile(r"iPad|Tablet|Kindle|PlayBook|Silk/(?!.*Mobile)|Android(?!.*Mobile)")
_MOBILE = re.compile(r"Mobi|iPhone|iPod|Windows Phone|BlackBerry|Opera Mini")


class Agent(NamedTuple):
    """What was read; None where the text does not say. Names are those of the vocabulary, versions as written."""

    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None  # desktop, mobile, tablet, embedded, bot


NOBODY = Agent()


def read_agent(text: str | None) -> Agent:
    """The agent of a text; `NOBODY` where there is none."""
    return _read(text[:_CHARS_MAX]) if text else NOBODY


@lru_cache(_AGENTS_KEPT)
def _read(text: str) -> Agent:
    found = _resolver()(text, Domain.ALL)
    browser, system = found.user_agent, found.os
    return Agent(
        browser=names.browser(browser.family) if browser else None,
        browser_version=_version(browser.major, browser.minor, browser.patch) if browser else None,
        os=names.system(system.family) if system else None,
        os_version=_version(system.major, system.minor, system.patch) if system else None,
        device=_device(text, found),
    )


@lru_cache(1)
def _resolver() -> Resolver:
    """Made at the first need: the rules take a tenth of a second and 30 MB."""
    from ua_parser.regex import Resolver as RegexResolver  # noqa: PLC0415

    return RegexResolver(load_lazy_builtins())


def _version(*parts: str | None) -> str | None:
    return ".".join(part for part in parts if part) or None


def _device(text: str, found: PartialResult) -> str | None:
    if found.device is not None and found.device.family == "Spider":
        return "bot"
    for device, tells in (("embedded", _EMBEDDED), ("tablet", _TABLET), ("mobile", _MOBILE)):
        if tells.search(text):
            return device
    return "desktop" if found.user_agent is not None and found.os is not None else None
