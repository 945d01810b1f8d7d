"""What each operation on metrics does. One method an operation: a request shape in, a response shape (or nothing) out.

Definitions are kept and given back here; the metrics themselves are made elsewhere. Runs off the loop.
"""

from openrum.control import shapes
from openrum.control.metric_rules import first_broken_rule
from openrum.control.metrics import Metrics
from openrum.control.tokens import Tokens
from openrum.errors import ValidationError

_EVIDENTLY = "Evidently"


class MetricService:
    """The operations on metrics destinations and definitions."""

    def __init__(self, metrics: Metrics, tokens: Tokens) -> None:
        self._metrics = metrics
        self._tokens = tokens

    def put_destination(self, request: shapes.PutRumMetricsDestinationRequest) -> None:
        """Evidently needs both ARNs, CloudWatch takes neither."""
        for member in ("DestinationArn", "IamRoleArn"):
            given = getattr(request, member) is not None
            if given != (request.Destination == _EVIDENTLY):
                rule = "belongs to Evidently alone" if given else "is required for Evidently"
                raise ValidationError(f"{member}: {rule}")
        values = {"destination_arn": request.DestinationArn, "iam_role_arn": request.IamRoleArn}
        self._metrics.put_destination(request.AppMonitorName, request.Destination, values)

    def list_destinations(
        self, request: shapes.ListRumMetricsDestinationsRequest
    ) -> shapes.ListRumMetricsDestinationsResponse:
        """By name, a page at a time."""
        question = ("ListRumMetricsDestinations", request.AppMonitorName)
        after = self._tokens.read(request.NextToken, *question) if request.NextToken else ""
        rows = self._metrics.destinations(request.AppMonitorName, after, request.MaxResults + 1)
        shown = rows[: request.MaxResults]
        token = self._tokens.make(shown[-1].destination, *question) if len(rows) > len(shown) else None
        found = [
            shapes.MetricDestinationSummary(row.destination, row.destination_arn, row.iam_role_arn) for row in shown
        ]
        return shapes.ListRumMetricsDestinationsResponse(found, token)

    def delete_destination(self, request: shapes.DeleteRumMetricsDestinationRequest) -> None:
        """With all its definitions."""
        self._metrics.delete_destination(request.AppMonitorName, request.Destination, request.DestinationArn)

    def batch_create(
        self, request: shapes.BatchCreateRumMetricDefinitionsRequest
    ) -> shapes.BatchCreateRumMetricDefinitionsResponse:
        """Good definitions are made, and each bad one is answered with its reason."""
        good, errors = [], []
        for definition in request.MetricDefinitions:
            broken = first_broken_rule(definition)
            if broken is None:
                good.append(definition)
            else:
                errors.append(shapes.DefinitionError(definition, "ValidationException", broken))
        made = self._metrics.add(request.AppMonitorName, request.Destination, request.DestinationArn, good)
        return shapes.BatchCreateRumMetricDefinitionsResponse(errors, made)

    def batch_get(
        self, request: shapes.BatchGetRumMetricDefinitionsRequest
    ) -> shapes.BatchGetRumMetricDefinitionsResponse:
        """In the order they were made, a page at a time."""
        name, destination, arn = request.AppMonitorName, request.Destination, request.DestinationArn
        question = ("BatchGetRumMetricDefinitions", name, destination, arn)
        after = self._tokens.read(request.NextToken, *question) if request.NextToken else 0
        found = self._metrics.page(name, destination, arn, after, request.MaxResults + 1)
        shown = found[: request.MaxResults]
        token = self._tokens.make(shown[-1][0], *question) if len(found) > len(shown) else None
        return shapes.BatchGetRumMetricDefinitionsResponse([definition for _, definition in shown], token)

    def batch_delete(
        self, request: shapes.BatchDeleteRumMetricDefinitionsRequest
    ) -> shapes.BatchDeleteRumMetricDefinitionsResponse:
        """Those that are there are deleted, and each other id is answered with its reason."""
        ids = list(dict.fromkeys(request.MetricDefinitionIds))
        gone = self._metrics.delete(request.AppMonitorName, request.Destination, request.DestinationArn, ids)
        errors = [
            shapes.DeletionError(each, "ResourceNotFoundException", "There is no such metric definition.")
            for each in ids
            if each not in gone
        ]
        return shapes.BatchDeleteRumMetricDefinitionsResponse(errors, [each for each in ids if each in gone])

    def update(self, request: shapes.UpdateRumMetricDefinitionRequest) -> None:
        """Replace the whole definition."""
        broken = first_broken_rule(request.MetricDefinition)
        if broken is not None:
            raise ValidationError(f"MetricDefinition.{broken}")
        self._metrics.replace(
            request.AppMonitorName,
            request.Destination,
            request.DestinationArn,
            request.MetricDefinitionId,
            request.MetricDefinition,
        )
