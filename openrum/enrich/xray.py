"""The details of an X-Ray trace event: a segment document, whose names are X-Ray's own (snake case).

Types only, no work, under the rules of `event_types.py`. Times are epoch seconds, with fractions.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that a column can hold."""


class XrayHttpRequest(Struct, gc=False):
    """What was asked."""

    method: str | None = None
    url: str | None = None
    client_ip: str | None = None
    x_forwarded_for: bool | None = None
    traced: bool | None = None


class XrayHttpResponse(Struct, gc=False):
    """What was answered."""

    status: Int64 | None = None
    content_length: float | None = None


class XrayHttp(Struct, gc=False):
    """A request and its answer."""

    request: XrayHttpRequest | None = None
    response: XrayHttpResponse | None = None


class XrayStackFrame(Struct, gc=False):
    """One line of a stack."""

    class_name: str | None = None
    file_name: str | None = None
    line: Int64 | None = None
    method_name: str | None = None


class XrayException(Struct, gc=False):
    """What was thrown; `cause` is the id of the exception behind it."""

    id: str | None = None
    message: str | None = None
    type: str | None = None
    remote: bool | None = None
    truncated: Int64 | None = None
    cause: str | None = None
    stack: list[XrayStackFrame] | None = None


class XrayCause(Struct, gc=False):
    """Why a segment failed."""

    exceptions: list[XrayException] | None = None


class XraySubsegment(Struct, gc=False):
    """A part of a segment: here, a request to one host, which `name` is."""

    id: str | None = None
    name: str | None = None
    start_time: float | None = None
    end_time: float | None = None
    origin: str | None = None
    in_progress: bool | None = None
    trace_id: str | None = None
    parent_id: str | None = None
    type: str | None = None
    http: XrayHttp | None = None
    namespace: str | None = None  # remote | aws
    error: bool | None = None
    throttle: bool | None = None
    fault: bool | None = None
    cause: XrayCause | None = None
    annotations: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    subsegments: list[XraySubsegment] | None = None


class XrayTrace(Struct, gc=False):
    """A segment, the page's side of a trace."""

    version: str | None = None
    name: str | None = None
    id: str | None = None
    start_time: float | None = None
    trace_id: str | None = None
    end_time: float | None = None
    origin: str | None = None
    in_progress: bool | None = None
    user: str | None = None
    parent_id: str | None = None
    http: XrayHttp | None = None
    error: bool | None = None
    throttle: bool | None = None
    fault: bool | None = None
    cause: XrayCause | None = None
    annotations: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    subsegments: list[XraySubsegment] | None = None
