"""/api/v1/monitors/{name}/metrics: the metric definitions of a monitor, which the control room checks, keeps and gives back.

They are those of the destination CloudWatch, which is made with the first of them.
"""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from openrum.control import shapes
from openrum.control.metric_service import MetricService
from openrum.control.monitors import Monitors
from openrum.errors import ResourceNotFound, ValidationError
from openrum.serve.answers import json_answer
from openrum.serve.api import Api
from openrum.serve.changes import Changes
from openrum.serve.monitor_forms import MetricForm, MetricTold, asked_for, in_our_words

_FORM = msgspec.json.Decoder(MetricForm)
_DESTINATION = "CloudWatch"
_PAGE = 100


class MetricsApi:
    """The three endpoints."""

    def __init__(self, api: Api, metrics: MetricService, monitors: Monitors, changes: Changes) -> None:
        self._api = api
        self._metrics = metrics
        self._monitors = monitors
        self._changes = changes

    async def definitions(self, request: Request) -> Response:
        """GET /api/v1/monitors/{name}/metrics: all definitions, in the order they were made."""
        found = await asyncio.to_thread(self._all, request.path_params["name"])
        return json_answer({"definitions": [msgspec.to_builtins(each) for each in found]})

    async def define(self, request: Request) -> Response:
        """POST /api/v1/monitors/{name}/metrics: a new definition, 201."""
        name = request.path_params["name"]
        form = await self._api.form(request, _FORM)
        definition = {
            "Name": form.name,
            "ValueKey": form.value_key,
            "UnitLabel": form.unit,
            "DimensionKeys": form.dimensions or None,
            "EventPattern": form.pattern,
            "Namespace": form.namespace,
        }
        members = {key: value for key, value in definition.items() if value is not None}
        asked = asked_for(members, shapes.MetricDefinitionRequest)
        made = await self._changes.make(
            request, "BatchCreateRumMetricDefinitions", name, lambda: self._define(name, asked)
        )
        return json_answer(msgspec.to_builtins(made), 201)

    async def drop(self, request: Request) -> Response:
        """DELETE /api/v1/monitors/{name}/metrics/{id}: one definition, gone."""
        name, definition = request.path_params["name"], request.path_params["id"]
        asked = shapes.BatchDeleteRumMetricDefinitionsRequest(
            AppMonitorName=name, Destination="CloudWatch", MetricDefinitionIds=[definition]
        )

        def drop() -> None:
            if self._metrics.batch_delete(asked).Errors:
                raise ResourceNotFound(
                    f"There is no metric definition {definition}.",
                    resource_name=definition,
                    resource_type="MetricDefinition",
                )

        await self._changes.make(request, "BatchDeleteRumMetricDefinitions", name, drop)
        return json_answer({})

    def _all(self, name: str) -> list[MetricTold]:
        """Off the loop. None where there is no destination yet."""
        self._monitors.get(name)
        found: list[MetricTold] = []
        token = None
        while True:
            asked = shapes.BatchGetRumMetricDefinitionsRequest(
                AppMonitorName=name, Destination="CloudWatch", MaxResults=_PAGE, NextToken=token
            )
            try:
                page = self._metrics.batch_get(asked)
            except ResourceNotFound:
                return found
            found += map(_told, page.MetricDefinitions)
            token = page.NextToken
            if token is None:
                return found

    def _define(self, name: str, definition: shapes.MetricDefinitionRequest) -> MetricTold:
        """Off the loop."""
        asked = shapes.ListRumMetricsDestinationsRequest(name)
        if _DESTINATION not in [each.Destination for each in self._metrics.list_destinations(asked).Destinations]:
            self._metrics.put_destination(
                shapes.PutRumMetricsDestinationRequest(AppMonitorName=name, Destination="CloudWatch")
            )
        made = self._metrics.batch_create(
            shapes.BatchCreateRumMetricDefinitionsRequest(
                AppMonitorName=name, Destination="CloudWatch", MetricDefinitions=[definition]
            )
        )
        if made.Errors:
            raise in_our_words(ValidationError(made.Errors[0].ErrorMessage))
        [definition_made] = made.MetricDefinitions
        return _told(definition_made)


def _told(made: shapes.MetricDefinition) -> MetricTold:
    return MetricTold(
        id=made.MetricDefinitionId,
        name=made.Name,
        namespace=made.Namespace,
        value_key=made.ValueKey,
        unit=made.UnitLabel,
        dimensions=made.DimensionKeys or {},
        pattern=made.EventPattern,
    )
