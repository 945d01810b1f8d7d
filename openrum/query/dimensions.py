"""The dimensions. Formulas are ours, over one row; an event without the value stands in a row whose label is null.

docs/dimensions.md is made of this table. Meanings: CloudWatch RUM's metadata, and definitions.md where that is silent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from openrum.events import BUILT_IN_TYPE_PREFIX

TIME = "time"
ATTRIBUTE = "attribute:"
_ATTRIBUTE_CHARS_MAX = 128


def _as_said(value: str) -> str:
    return value


def _short_type(value: str) -> str:
    """The full name of a type is understood where the short one is shown."""
    return value.removeprefix(BUILT_IN_TYPE_PREFIX)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension. `reads` turns a value of a filter into the form that the formula gives.

    `$argument` in the formula is bound to `argument`. Where a row has many values the formula is their list, and `rows`
    says what stands in a row for each of them. Of a `uuid` the formula is its text; the column has the dimension's name.
    """

    name: str
    meaning: str
    formula: str
    reads: Callable[[str], str] = _as_said
    kind: Literal["text", "number", "boolean", "uuid"] = "text"
    argument: str | None = None
    rows: str | None = None

    @property
    def of_many(self) -> bool:
        """Whether a row may have more than one value."""
        return self.rows is not None


def _of(event_type: str, column: str) -> str:
    """A column that means this only on events of one type."""
    return f"CASE WHEN \"type\" = '{BUILT_IN_TYPE_PREFIX}{event_type}_event' THEN {column} END"


DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension(TIME, "when the event happened, in buckets: `time`, or `time:5m`", '"time"'),
        Dimension(
            "type",
            "type of event, short (`page_view_event`); custom types as sent; filters understand the full name",
            f"CASE WHEN starts_with(\"type\", '{BUILT_IN_TYPE_PREFIX}')"
            f' THEN substr("type", {len(BUILT_IN_TYPE_PREFIX) + 1}) ELSE "type" END',
            _short_type,
        ),
        # ── Where it happened ────────────────────────────────────────────────────────────────────────────────────
        Dimension("page", "the page's id, as the client gives it (`pageId`)", "page"),
        Dimension(
            "page_group",
            "the page's route: ids, hashes, dates and numbers replaced by placeholders, or a rule of the monitor's own",
            "page_group",
        ),
        Dimension(
            "page_tag",
            "one of the page's `pageTags`: a page with two tags stands in both rows",
            "CASE WHEN len(page_tags) > 0 THEN page_tags END",
            rows="unnest(CASE WHEN len(page_tags) > 0 THEN page_tags ELSE [CAST(NULL AS VARCHAR)] END)",
        ),
        Dimension("title", "the page's title", "title"),
        Dimension("domain", "host of the page", "domain"),
        Dimension("referrer_domain", "host that a page view came from", "nullif(referrer_domain, '')"),
        Dimension("parent_page", "the page before, as a page view tells it", "parent_page"),
        Dimension("navigation_type", "navigate, reload, back_forward or prerender", "navigation_type"),
        # ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────
        Dimension("session", "session id", 'CAST("session" AS VARCHAR)', str.lower, kind="uuid"),
        Dimension("user", "user id", 'CAST("user" AS VARCHAR)', str.lower, kind="uuid"),
        Dimension("release", "`aws:releaseId`, else the version of the app monitor details", '"release"'),
        Dimension("browser", "browser, one name per brand", "browser"),
        Dimension("browser_version", "major version of the browser", "browser_version"),
        Dimension("os", "operating system, one name per brand", "os"),
        Dimension("os_version", "version of the operating system", "os_version"),
        Dimension("device", "desktop, mobile, tablet, embedded or bot", "device"),
        Dimension("language", "the browser's language", "language"),
        Dimension("client_version", "version of the web client that sent the event", "client_version"),
        Dimension("country", "country, ISO 3166-1", "country", str.upper),
        Dimension("subdivision", "part of the country, ISO 3166-2 without the country", "subdivision", str.upper),
        Dimension("bot", "whether a crawler, a headless browser or a machine's behaviour sent it", "(bot IS NOT NULL)", kind="boolean"),
        # ── Errors ───────────────────────────────────────────────────────────────────────────────────────────────
        Dimension("error", "group of a JavaScript error: same type, message and place, ids and numbers aside", _of("js_error", "error")),
        Dimension("error_title", "title of that group", _of("js_error", "error_title")),
        Dimension("error_type", "type of an error, or of the failure of a request (`TypeError`)", "error_type"),
        # ── Requests and resources ───────────────────────────────────────────────────────────────────────────────
        Dimension("http_url", "route of a request's URL, without host and query", _of("http", "url")),
        Dimension("http_host", "host of a request", _of("http", "url_host")),
        Dimension("http_method", "method of a request", "http_method"),
        Dimension("http_status", "status of a request's answer; null where there was none", "http_status", kind="number"),
        Dimension("resource_url", "route of a resource's URL, without host and query", _of("performance_resource", "url")),
        Dimension("resource_host", "host of a resource", _of("performance_resource", "url_host")),
        Dimension("resource_type", "document, script, stylesheet, image, font or other", "file_type"),
        Dimension("first_party", "whether a request's or resource's host is the site's own", "first_party", kind="boolean"),
        # ── Web Vitals ───────────────────────────────────────────────────────────────────────────────────────────
        Dimension("lcp_element", "the element that was the Largest Contentful Paint", _of("largest_contentful_paint", "target")),
        Dimension("inp_target", "the element of the Interaction to Next Paint", _of("interaction_to_next_paint", "target")),
        Dimension("inp_type", "pointer or keyboard, of the Interaction to Next Paint", _of("interaction_to_next_paint", "interaction_type")),
        Dimension("cls_target", "the element of the largest layout shift", _of("cumulative_layout_shift", "target")),
        Dimension("load_state", "of the page, when a vital was taken", "load_state"),
        Dimension("dom_event", "name of a DOM event", "dom_event"),
    )
}  # fmt: skip

_ATTRIBUTE_MEANING = (
    "a custom attribute: `attribute:plan`; everything after the first colon is the name. Numbers and booleans are texts"
)
ATTRIBUTE_FORMULA = "json_extract_string(attributes, $argument)"

DOCUMENTED: tuple[tuple[str, str], ...] = (
    *((each.name, each.meaning) for each in DIMENSIONS.values()),
    (f"{ATTRIBUTE}<name>", _ATTRIBUTE_MEANING),
)
"""Name and meaning of each, for the docs."""


def dimension_named(name: str) -> Dimension:
    """The dimension of a name, of an attribute too. KeyError."""
    if name.startswith(ATTRIBUTE):
        key = name.removeprefix(ATTRIBUTE)
        if not 0 < len(key) <= _ATTRIBUTE_CHARS_MAX or '"' in key or "\\" in key:
            raise KeyError(name)
        return Dimension(name, _ATTRIBUTE_MEANING, ATTRIBUTE_FORMULA, argument=f'$."{key}"')
    return DIMENSIONS[name]
