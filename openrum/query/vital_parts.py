"""What a vital is made of: LCP's four parts by element, INP's three phases by target or kind, the elements that shift most.

Events without an element stand in a row whose label is null, as everywhere.
"""

from collections.abc import Sequence
from typing import Any, Literal

from openrum.query.hints import too_few
from openrum.query.measures import TIMINGS
from openrum.query.scope import Scope
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template


class PartsForm(ScopeForm, kw_only=True):
    """How many elements."""

    limit: int = 20


class InpPartsForm(PartsForm, kw_only=True):
    """How many rows, and of what: target elements, or `pointer` and `keyboard`."""

    by: Literal["target", "type"] = "target"


_LCP = ("time_to_first_byte", "resource_load_delay", "resource_load_time", "element_render_delay")
_INP = ("input_delay", "processing_duration", "presentation_delay")
_BY = {"target": "target", "type": "interaction_type"}


def _means(vital: str, label: str, parts: Sequence[str]) -> str:
    """A label, how many samples, the vital's p75 and the mean of each part, the most samples first."""
    return f"""
SELECT {label} AS label, count(*) AS samples, quantile_cont(value, 0.75) AS p75,
       {", ".join(f"avg({part}) AS {part}_avg" for part in parts)}
FROM scope WHERE {TIMINGS[vital].is_its} AND value IS NOT NULL
GROUP BY {label} ORDER BY samples DESC, label NULLS LAST LIMIT $limit
"""


def _parts(
    vital: str, parts: Sequence[str], form: PartsForm, scope: Scope, asking: Asking, by: str = "target"
) -> Table:
    label = "element" if vital == "lcp" else by
    columns = [label, "samples", f"{vital}_p75", *parts, *(f"{part}_share" for part in parts)]
    limit = check_limit(form.limit, asking.limits)
    built = from_template(_means(vital, _BY[by], parts), scope, Parameters(), limit=limit)
    rows = [[*row, *_shares(row[-len(parts) :])] for row in asking.rows(built)]
    return asking.table(columns, rows, hints=too_few(columns, rows))


def _shares(parts: Sequence[float | None]) -> list[Any]:
    """Of the means of parts, each one's share of their sum; null where it is not known, or all are nothing."""
    whole = sum(part for part in parts if part is not None)
    return [part / whole if whole and part is not None else None for part in parts]


def _lcp_parts(form: PartsForm, scope: Scope, asking: Asking) -> Table:
    return _parts("lcp", _LCP, form, scope, asking)


def _inp_parts(form: InpPartsForm, scope: Scope, asking: Asking) -> Table:
    return _parts("inp", _INP, form, scope, asking, form.by)


_CLS = f"""
SELECT element, samples, p75, largest_shift, shift / nullif(sum(shift) OVER (), 0) AS share
FROM (SELECT target AS element, count(*) AS samples, quantile_cont(value, 0.75) AS p75,
             avg(largest_shift_value) AS largest_shift, sum(value) AS shift
      FROM scope WHERE {TIMINGS["cls"].is_its} AND value IS NOT NULL GROUP BY target) AS t
ORDER BY share DESC NULLS LAST, samples DESC, element NULLS LAST LIMIT $limit
"""
_CLS_COLUMNS = ["element", "samples", "cls_p75", "largest_shift", "share"]


def _cls_targets(form: PartsForm, scope: Scope, asking: Asking) -> Table:
    built = from_template(_CLS, scope, Parameters(), limit=check_limit(form.limit, asking.limits))
    rows = asking.rows(built)
    return asking.table(_CLS_COLUMNS, rows, hints=too_few(_CLS_COLUMNS, rows))


LCP_PARTS = Special(
    "lcp-parts",
    "elements that were the Largest Contentful Paint, the most frequent first: the mean of LCP's four parts, and each"
    " part's share of their sum",
    PartsForm,
    _lcp_parts,
)
INP_PARTS = Special(
    "inp-parts",
    "targets of the Interaction to Next Paint, or its types, the most frequent first: the mean of INP's three phases, and"
    " each phase's share of their sum",
    InpPartsForm,
    _inp_parts,
)
CLS_TARGETS = Special(
    "cls-targets",
    "elements of the largest layout shift, those first that stand for most: the mean of that shift, and the share of all"
    " CLS that pages had where it was theirs",
    PartsForm,
    _cls_targets,
)
