"""Custom attributes are taken out of the metadata, by the service's rules.

    before   metadata {"pageId": "/", "plan": "pro", "bad key": 1, "aws:other": 2}
    after    metadata {"pageId": "/"}, attributes {"plan": "pro"}, flag ATTRIBUTES_REMOVED

An attribute is kept when its name fits, is not reserved, and its value is a text of at most 256 characters, a number or
a boolean; the first ten of them. The others vanish, the event stays. The journal keeps everything.
"""

import re
import sys
from typing import Any

from openrum.events import Flag
from openrum.limits import Limits

# The metadata schema of the web client, and what the service adds.
RESERVED = frozenset({
    "version", "domain", "browserLanguage", "browserName", "browserVersion", "osName", "osVersion", "deviceType",
    "platformType", "pageUrl", "url", "pageId", "parentPageId", "interaction", "referrerUrl", "pageTitle", "title",
    "pageTags", "countryCode", "subdivisionCode", "localityName",
    "aws:releaseId", "aws:client", "aws:clientVersion", "aws:userAgent",
})  # fmt: skip
_LARGEST = sys.float_info.max  # a number beyond it, which no column can hold, is null
_NUMBER = (bool, int, float)
_NAME = re.compile(r"(?!pageTags)(?!aws:)[a-zA-Z0-9_:]{1,128}")


def split_attributes(
    metadata: dict[str, Any], limits: Limits
) -> tuple[dict[str, Any], dict[str, str | int | float | bool], Flag]:
    """What the client's schema names, what the site's own code added and may stay, and what is odd about it."""
    if metadata.keys() <= RESERVED:
        return metadata, {}, Flag(0)
    flags = Flag(0)
    custom = {name: metadata.pop(name) for name in [*metadata] if name not in RESERVED}
    attributes = accepted(custom, limits)
    if len(attributes) < len(custom):
        flags |= Flag.ATTRIBUTES_REMOVED
    for name, value in [*attributes.items()]:
        if not isinstance(value, str) and abs(value) > _LARGEST:
            del attributes[name]
            flags |= Flag.FIELD_NULLED
    return metadata, attributes, flags


def accepted(custom: dict[str, Any], limits: Limits) -> dict[str, str | int | float | bool]:
    """The attributes that stay, of those that are not reserved, in their order."""
    kept: dict[str, str | int | float | bool] = {}
    for name, value in custom.items():
        if len(kept) == limits.custom_attributes:
            break
        fits = len(value) <= limits.custom_attribute_chars if isinstance(value, str) else isinstance(value, _NUMBER)
        if fits and _NAME.fullmatch(name):
            kept[name] = value
    return kept
