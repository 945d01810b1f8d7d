"""docs/measures.md and docs/dimensions.md, made of the tables that answer, so that neither can tell what is not so.

Pure: tables → text. `python -m openrum.query.documentation docs` writes both; tests/test_docs.py fails while they differ.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from openrum.limits import DEFAULTS
from openrum.query.catalogue import SPECIAL
from openrum.query.dimensions import DIMENSIONS, DOCUMENTED
from openrum.query.hints import BEYOND
from openrum.query.measures import MEASURES, PERCENTILES, From, Measure
from openrum.query.question import OTHER_LIMIT, VALUES_MAX, QuestionForm
from openrum.query.scope import Operator
from openrum.query.special import ScopeForm
from openrum.query.times import BUCKETS_MAX

_MADE = "<!-- Made of the tables in openrum/query by `make docs`; change those. -->"
_DEFINED_BY = {From.OPENRUM: "OpenRUM", From.CLOUDWATCH: "CloudWatch RUM", From.WEB_DEV: "web.dev"}

# ── The form of a question ────────────────────────────────────────────────────────────────────────────────────────

_MEMBERS = {
    "monitor": "name or id of a monitor",
    "measures": "names of [measures](#counts), at least one; each is a column",
    "from": "beginning of the range: RFC 3339, epoch milliseconds, or relative (`-15m`, `-24h`, `-7d`, `now`)",
    "to": "its end, which is left out",
    "by": "names of [dimensions](dimensions.md); a row for each combination of their values. `time` makes buckets of a width that"
    f" suits the range, `time:5m` of that width; at most {BUCKETS_MAX:,}",
    "where": f"filters, all of which must hold, of at most {VALUES_MAX:,} values each; see [filters](#filters)",
    "order": 'list of `{"by": column, "desc": true}`. Without it the first measure descends, or time ascends where it is'
    " asked for. Null stands last in either direction, and ties are in the order of the labels",
    "limit": f"rows, at most {DEFAULTS.query_rows:,}; `truncated` tells whether there were more",
    "compare": "a second scope beside the first, see [comparison](#comparison)",
    "totals": "whether to add the measures over all rows",
    "other": f"whether to add the measures over the groups behind the limit, where that is at most {OTHER_LIMIT:,}. Needs"
    " dimensions of which an event has one value",
    "timezone": "name of the tz database. Buckets begin at its round hours and midnights; a day of 23 or 25 hours is one bucket",
    "weighted": "whether counts stand for all sessions, where the monitor has some recorded; see Sampling",
}  # fmt: skip
_OPERATORS = {
    "is": "the value is one of these",
    "is_not": "it is none of these; events without a value are kept",
    "contains": "one of these texts is in it, case as written",
    "not_contains": "none of them is; events without a value are kept",
    "matches": "one of these patterns holds for the whole value; `*` is any text, everything else is itself",
    "gt": "it is a number above one of these",
    "lt": "it is a number below one of these",
    "is_null": "there is no value; takes none",
    "is_not_null": "there is one; takes none",
}
_QUESTION = """\
    POST /api/v1/query
    {"monitor": "shop", "from": "-24h", "to": "now", "measures": ["page_views", "lcp_p75"], "by": ["page"],
     "where": [{"dimension": "country", "op": "is", "values": ["DE"]}], "limit": 100, "compare": "previous"}

`openrum query` takes the same. The answer has `columns`, `rows` in their order, and the `sql` that made it. Times are epoch milliseconds, of the
event and not of its receipt. Where nothing is, a count is 0 and everything else null; a bucket of time without events is there all the same."""
_COMPARISON = """\
Beside each measure a column `<measure>_previous` has its value in another scope: `"previous"` is the range of the same length just before,
`"last_week"` the same days and hours of the week before the range, by the clock of `timezone`, `{"from": …, "to": …}` a range of your own, `{"release": "1.0.0"}` the same range of that
release in place of the filtered one. Rows are matched by their labels, and buckets of time one for one."""
_SAMPLING = (
    'A monitor whose `SessionSampleRate` is below 1 has its clients record that share of sessions. With `"weighted": true` counts are'
    "\ndivided by the rate, so that they stand for all sessions; `weight` in the answer says by how much they were multiplied. Shares,"
    "\nmeans and percentiles are as they are, for the sample is a fair one, and so is `users`, which grows slower than sessions do. It is the"
    "\nrate that the monitor has now; a page that sets another one in its own snippet is counted by the monitor's all the same."
)
_SAMPLES = f"""\
`samples` tells for each row what is behind each measure: the number of values of a statistic, null for what is a count itself. A percentile
with fewer than {BEYOND} samples beyond it (fewer than {BEYOND * 4} for a p75, {BEYOND * 100:,} for a p99) has a line in `hints`: row, measure,
samples, and how many it needs. Percentiles are exact, linear between ranks."""


def measures_page() -> str:
    """docs/measures.md: the form of a question, every measure, and the questions beyond one table."""
    form = msgspec.structs.fields(QuestionForm)
    members = [[f"`{each.encode_name}`", _MEMBERS[each.encode_name], _default(each)] for each in form]
    operators = [[f"`{op}`", _OPERATORS[op]] for op in Operator.__args__]  # type: ignore[attr-defined]
    chapters = [
        f"# Measures\n\n{_MADE}\n\n{_QUESTION}",
        _table(("Member", "Meaning", "Without it"), members),
        '## Filters\n\n`{"dimension": …, "op": …, "values": […]}`; `op` is `is` unless said. A value is read as the dimension has it: country'
        " codes and ids in any case, types with and without `com.amazon.rum.`.\n\n" + _table(("Operator", "Holds where"), operators),
        f"## Comparison\n\n{_COMPARISON}",
        f"## Samples and hints\n\n{_SAMPLES}",
        f"## Sampling\n\n{_SAMPLING}",
        *_measures(),
        f"## Beyond one table\n\n{_specials()}",
        "What events look like in SQL is told in [SQL](sql.md).",
    ]  # fmt: skip
    return "\n\n".join(chapters) + "\n"


def dimensions_page() -> str:
    """docs/dimensions.md: every dimension."""
    rows = []
    for name, meaning in DOCUMENTED:
        kind = DIMENSIONS[name].kind if name in DIMENSIONS else "text"
        rows.append([f"`{name}`", {"uuid": "UUID"}.get(kind, kind) if name != "time" else "epoch ms", meaning])
    intro = (
        "What the rows of an answer are by, and what [filters](measures.md#filters) are about. An event without the value stands in a row whose"
        " label is null. `first_party` and `bot` compare with `true` and `false`, numbers with numbers."
    )
    return f"# Dimensions\n\n{_MADE}\n\n{intro}\n\n{_table(('Name', 'Kind', 'Meaning'), rows)}\n"


def write(folder: Path) -> None:
    """Write both pages into a folder."""
    (folder / "measures.md").write_text(measures_page(), encoding="utf-8")
    (folder / "dimensions.md").write_text(dimensions_page(), encoding="utf-8")


# ── Measures, group by group ──────────────────────────────────────────────────────────────────────────────────────


def _stem(measure: Measure) -> str:
    return measure.name.rpartition("_")[0]


def _group(measure: Measure) -> str:
    """The title of the chapter where a measure stands."""
    if measure.defined_by == From.WEB_DEV:
        return "Ratings"
    if f"{_stem(measure)}_p{PERCENTILES[0]}" in MEASURES:
        return "Statistics"
    return "Counts" if measure.empty == 0 else "Shares, ratios and scores"


def _lines(measures: Sequence[Measure]) -> str:
    rows = [[f"`{each.name}`", each.unit, each.meaning, _DEFINED_BY[each.defined_by]] for each in measures]
    return _table(("Name", "Unit", "Meaning", "Defined by"), rows)


def _families(measures: Sequence[Measure]) -> str:
    """A line a stem: its statistics differ in nothing but their name."""
    rows = []
    for stem in dict.fromkeys(_stem(each) for each in measures):
        family = [each for each in measures if _stem(each) == stem]
        names, first = " ".join(f"`{each.name}`" for each in family), family[0]
        rows.append([names, first.unit, first.meaning.partition(": ")[0], _DEFINED_BY[first.defined_by]])
    return _table(("Names", "Unit", "Of what", "Defined by"), rows)


_GROUPS: dict[str, str] = {
    "Counts": "Robots are in, unless `bot` is filtered.",
    "Shares, ratios and scores": "A share is 0 to 1. Null where there is nothing to divide by.",
    "Statistics": "Of each there are percentiles, the mean, and the number of samples. 0 is a value like any other.",
    "Ratings": "Shares of the samples, by web.dev's thresholds; a value at a border counts to the better side.",
}


def _measures() -> list[str]:
    """A chapter a group."""
    chapters = []
    for title, text in _GROUPS.items():
        measures = [each for each in MEASURES.values() if _group(each) == title]
        table = _families(measures) if title == "Statistics" else _lines(measures)
        chapters.append(f"## {title}\n\n{text}\n\n{table}")
    return chapters


# ── The questions beyond one table ────────────────────────────────────────────────────────────────────────────────


def _specials() -> str:
    own = {name: _own_members(special.form) for name, special in SPECIAL.items()}
    rows = [
        [f"`POST /api/v1/{name}`", SPECIAL[name].meaning, ", ".join(members)] for name, members in sorted(own.items())
    ]
    text = (
        "Each takes `monitor`, `from`, `to` and `where` as above, and members of its own; in brackets what holds without them."
        " The answer is a table again."
    )
    return f"{text}\n\n{_table(('Door', 'What it tells', 'Members'), rows)}"


def _own_members(form: type[ScopeForm]) -> list[str]:
    shared = {each.name for each in msgspec.structs.fields(ScopeForm)}
    members = (each for each in msgspec.structs.fields(form) if each.name not in shared)
    return [f"`{each.encode_name}`" + (f" ({_default(each)})" if not each.required else "") for each in members]


def _default(member: msgspec.structs.FieldInfo) -> str:
    """What stands in the place of a member that is left out."""
    if member.required:
        return "refused"
    value: Any = member.default
    if value is msgspec.NODEFAULT:
        value = member.default_factory()
    return "nothing" if value in (None, [], {}, "") else f"`{msgspec.json.encode(value).decode()}`"


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
