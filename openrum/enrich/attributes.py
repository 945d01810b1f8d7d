"""The step that takes custom attributes out of the metadata, by the service's rules.

    before   metadata {"pageId": "/", "plan": "pro", "bad key": 1, "aws:other": 2}
    after    metadata {"pageId": "/"}, attributes {"plan": "pro"}, flag ATTRIBUTES_REMOVED

An attribute is kept when its name fits, is not reserved, and its value is a text of at most 256 characters, a number or
a boolean; the first ten of them. The others vanish, the event stays. The journal keeps everything.
"""

import math
import re
from collections.abc import Iterable
from typing import Any

from openrum.enrich.rules import Rules
from openrum.events import Event, Flag
from openrum.limits import Limits

RESERVED = frozenset(
    (
        *("version", "domain", "browserLanguage", "browserName", "browserVersion", "osName", "osVersion", "deviceType"),
        *(
            "platformType",
            "pageUrl",
            "url",
            "pageId",
            "parentPageId",
            "interaction",
            "referrerUrl",
            "pageTitle",
            "title",
        ),
        *("countryCode", "subdivisionCode", "localityName", "pageTags"),
        *("aws:releaseId", "aws:client", "aws:clientVersion", "aws:userAgent"),
    )
)
_NAME = re.compile(r"(?!pageTags)(?!aws:)[a-zA-Z0-9_:]{1,128}")


def keep_custom_attributes(event: Event, rules: Rules) -> None:
    """Split the metadata into what the client's schema names, and what the site's own code added."""
    custom = [(name, value) for name, value in event.metadata.items() if name not in RESERVED]
    if not custom:
        return
    kept = names_kept(custom, rules.limits)
    if len(kept) < len(custom):
        event.flags |= Flag.ATTRIBUTES_REMOVED
    for name, value in custom:
        del event.metadata[name]
        if name not in kept:
            continue
        if isinstance(value, float) and not math.isfinite(value):
            event.flags |= Flag.FIELD_NULLED
        else:
            event.attributes[name] = value


def names_kept(custom: Iterable[tuple[str, Any]], limits: Limits) -> set[str]:
    """The names of the attributes that stay, of those that are not reserved, in their order."""
    kept: set[str] = set()
    for name, value in custom:
        if len(kept) < limits.custom_attributes and _NAME.fullmatch(name) and _fits(value, limits):
            kept.add(name)
    return kept


def _fits(value: Any, limits: Limits) -> bool:
    if isinstance(value, str):
        return len(value) <= limits.custom_attribute_chars
    return isinstance(value, (bool, int, float))
