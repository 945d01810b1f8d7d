"""The dimensions. Formulas are ours, over one row; an event without the value stands in a row whose label is null."""

from collections.abc import Callable
from dataclasses import dataclass

from openrum.events import BUILT_IN_TYPE_PREFIX


def _as_said(value: str) -> str:
    return value


def _short_type(value: str) -> str:
    """The full name of a type is understood where the short one is shown."""
    return value.removeprefix(BUILT_IN_TYPE_PREFIX)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension. `reads` turns a value of a filter into the form that the formula gives."""

    name: str
    meaning: str
    formula: str
    reads: Callable[[str], str] = _as_said


TIME = "time"

DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension(TIME, "when the event happened, in buckets: `time`, or `time:5m`", '"time"'),
        Dimension(
            "type",
            "type of event, short (page_view_event); custom types as sent",
            f"CASE WHEN starts_with(\"type\", '{BUILT_IN_TYPE_PREFIX}')"
            f' THEN substr("type", {len(BUILT_IN_TYPE_PREFIX) + 1}) ELSE "type" END',
            _short_type,
        ),
        Dimension("page", "the page's id, as the client gives it", "page"),
        Dimension("session", "session id", 'CAST("session" AS VARCHAR)', str.lower),
        Dimension("user", "user id", 'CAST("user" AS VARCHAR)', str.lower),
        Dimension("release", "aws:releaseId, or the version of the app monitor details", '"release"'),
        Dimension("browser", "browser, one name per brand", "browser"),
        Dimension("browser_version", "major version of the browser", "browser_version"),
        Dimension("os", "operating system, one name per brand", "os"),
        Dimension("device", "desktop, mobile, tablet or embedded", "device"),
        Dimension("country", "country, ISO 3166-1", "country", str.upper),
        Dimension("subdivision", "part of the country, ISO 3166-2", "subdivision"),
        Dimension("domain", "host of the page", "domain"),
    )
}
