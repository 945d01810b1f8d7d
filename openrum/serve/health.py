"""How OpenRUM itself is: /healthz for who restarts it, /readyz for who sends to it, /metrics for who watches it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from starlette.requests import Request
from starlette.responses import Response

_NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether events can be made durable, and how far the answers are behind."""

    durable: bool
    pending_events: int
    problems: Sequence[str]  # what is degraded, in words


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of /metrics."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its samples. Names follow Prometheus: unit last, counters end in _total."""

    name: str
    kind: str  # counter or gauge
    help: str
    samples: Sequence[Sample]


class Health:
    """The three endpoints."""

    def __init__(self, readiness: Callable[[], Readiness], metrics: Callable[[], Sequence[Metric]]) -> None:
        self._readiness = readiness
        self._metrics = metrics

    async def healthz(self, _request: Request) -> Response:
        """200 while the process lives."""
        return Response("ok\n", media_type="text/plain", headers=_NO_STORE)

    async def readyz(self, _request: Request) -> Response:
        """503 when events cannot be made durable."""
        found = self._readiness()
        content = {
            "status": "ready" if found.durable and not found.problems else "degraded",
            "pending_events": found.pending_events,
            "problems": list(found.problems),
        }
        status = 200 if found.durable else 503
        return Response(msgspec.json.encode(content), status, media_type="application/json", headers=_NO_STORE)

    async def metrics(self, _request: Request) -> Response:
        """Prometheus text."""
        lines: list[str] = []
        for metric in await asyncio.to_thread(self._metrics):
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [f"{metric.name}{_labels(sample.labels)} {sample.value:.10g}" for sample in metric.samples]
        text = "\n".join(lines) + "\n"
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8", headers=_NO_STORE)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
