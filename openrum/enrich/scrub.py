"""Personal data and credentials are taken out of texts before rows are written. (First version; being refined.)"""

import re
from typing import Literal

from msgspec import Struct


class ScrubRules(Struct, frozen=True, forbid_unknown_fields=True):
    """What a monitor's owner wants taken out of texts. The defaults are on."""

    query: Literal["remove", "names", "keep"] = "remove"
    keep_parameters: tuple[str, ...] = ()
    emails: bool = True
    card_numbers: bool = True
    tokens: bool = True
    texts: tuple[str, ...] = ()


class BadScrubRules(ValueError):
    """A rule that cannot be used; the message says which and why."""


_EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]++(?:@|%40)[\w-]++(?:\.[\w-]++)*?\.[^\W\d_]{2,}(?:\.[\w-]++)*+")
_QUERY = re.compile(r"(://[^\s?#\"'<>]*+)(?:\?[^\s#\"'<>)]*?((?::\d{1,7}){0,2})(?=[\s#\"'<>)]|$))?")


class Scrubber:
    """Takes out of texts what a monitor's rules name. Results of short texts are remembered."""

    def __init__(self, rules: ScrubRules = ScrubRules()) -> None:  # noqa: B008 - frozen
        self._rules = rules

    def url(self, url: str) -> str:
        """The URL without its query, userinfo, and what is personal in it."""
        before, hash_, fragment = url.partition("#")
        if self._rules.query == "remove":
            before = before.partition("?")[0]
        return self.text(before + hash_ + fragment)

    def text(self, text: str) -> str:
        """The text without what is personal."""
        if "?" in text and self._rules.query == "remove":
            text = _QUERY.sub(lambda m: m[1] + (m[2] or ""), text)
        return _EMAIL.sub("[email]", text) if self._rules.emails and ("@" in text or "%40" in text) else text
