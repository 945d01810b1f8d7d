"""Prometheus's text: metrics of this process, and answers to questions as gauges of that moment. Pure.

Of the text format 0.0.4, which every version of Prometheus reads. A name is `openrum_` and the name of the measure; labels are the
monitor and the dimensions of the question. What has no value has no sample.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openrum.query.measures import MEASURES
from openrum.query.run import Answer

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""The media type."""
_NOT_OF_A_NAME = re.compile(r"[^a-zA-Z0-9_]")


@dataclass(frozen=True, slots=True)
class Sample:
    """One line."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its samples. Names follow Prometheus: unit last, counters end in _total."""

    name: str
    kind: str  # counter or gauge
    help: str
    samples: Sequence[Sample]


def gauges(answer: Answer, measures: Sequence[str], by: Sequence[str], monitor: str) -> list[Metric]:
    """Each measure of an answer as a metric: a sample for each row that has a value of it."""
    names = label_names(by)
    labels = [{"monitor": monitor, **dict(zip(names, map(_text, row), strict=False))} for row in answer.rows]
    return [
        Metric(
            f"openrum_{name}",
            "gauge",
            f"{MEASURES[name].meaning}{f' ({unit})' if (unit := MEASURES[name].unit) else ''}",
            [Sample(row[at], of) for row, of in zip(answer.rows, labels, strict=True) if row[at] is not None],
        )
        for at, name in enumerate(measures, len(by))
    ]


def label_names(by: Sequence[str]) -> list[str]:
    """Dimensions as names of labels: `attribute:plan` is `attribute_plan`. Those that come out alike are numbered."""
    names: list[str] = []
    for name in by:
        plain = _NOT_OF_A_NAME.sub("_", name)
        number = sum(each == plain or each.startswith(f"{plain}__") for each in names)
        names.append(plain if number == 0 else f"{plain}__{number + 1}")
    return names


def text_of(metrics: Iterable[Metric]) -> bytes:
    """All of them."""
    lines: list[str] = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {_escaped(metric.help)}", f"# TYPE {metric.name} {metric.kind}"]
        lines += [f"{metric.name}{_labels(sample.labels)} {sample.value:.10g}" for sample in metric.samples]
    return ("\n".join(lines) + "\n").encode()


def _text(value: Any) -> str:
    """As a label has it; without a value there is no label."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_quoted(value)}"' for name, value in labels.items()) + "}"


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', '\\"')


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")
