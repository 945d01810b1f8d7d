"""Metrics destinations and definitions as rows. They belong to a monitor by its id, and go with it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from openrum.control import shapes
from openrum.control.database import Database, metric_definitions, metrics_destinations
from openrum.control.monitors import living_row
from openrum.errors import ResourceNotFound, ServiceQuotaExceeded

DEFINITIONS_MAX = 2_000
"""Definitions of one destination."""

_COLUMNS = {
    "Name": "name",
    "ValueKey": "value_key",
    "UnitLabel": "unit_label",
    "DimensionKeys": "dimension_keys",
    "EventPattern": "event_pattern",
    "Namespace": "namespace",
}


class Metrics:
    """The metrics destinations of all monitors, and what is sent there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_destination(self, name: str, destination: str, values: dict[str, Any]) -> None:
        """Add the destination, or replace what is known of it."""
        with self._database.write() as connection:
            row = living_row(connection, name)
            here = _of(metrics_destinations, row.id, destination)
            if connection.execute(sa.update(metrics_destinations).where(here).values(values)).rowcount == 0:
                new = {"monitor_id": row.id, "destination": destination, **values}
                connection.execute(sa.insert(metrics_destinations).values(new))

    def destinations(self, name: str, after: str, size: int) -> Sequence[sa.Row[Any]]:
        """Up to `size` destinations behind one, by name."""
        table = metrics_destinations
        with self._database.read() as connection:
            row = living_row(connection, name)
            behind = (table.c.monitor_id == row.id) & (table.c.destination > after)
            return connection.execute(sa.select(table).where(behind).order_by(table.c.destination).limit(size)).all()

    def delete_destination(self, name: str, destination: str, arn: str | None) -> None:
        """With all its definitions."""
        with self._database.write() as connection:
            monitor_id = _destination(connection, name, destination, arn)
            for table in (metric_definitions, metrics_destinations):
                connection.execute(sa.delete(table).where(_of(table, monitor_id, destination)))

    def add(
        self, name: str, destination: str, arn: str | None, definitions: Sequence[shapes.MetricDefinitionRequest]
    ) -> list[shapes.MetricDefinition]:
        """All of them or, over the quota, none: ServiceQuotaExceeded."""
        with self._database.write() as connection:
            monitor_id = _destination(connection, name, destination, arn)
            here = _of(metric_definitions, monitor_id, destination)
            count = connection.execute(
                sa.select(sa.func.count()).select_from(metric_definitions).where(here)
            ).scalar_one()
            if count + len(definitions) > DEFINITIONS_MAX:
                raise ServiceQuotaExceeded(
                    f"a destination holds at most {DEFINITIONS_MAX} metric definitions; there are {count} already"
                )
            last = connection.execute(sa.select(sa.func.max(metric_definitions.c.number)).where(here)).scalar() or 0
            rows = [
                {
                    "id": str(uuid.uuid4()),
                    "monitor_id": monitor_id,
                    "destination": destination,
                    "number": last + index,
                    **_values(definition),
                }
                for index, definition in enumerate(definitions, 1)
            ]
            if rows:
                connection.execute(sa.insert(metric_definitions), rows)
        return [_shape(row) for row in rows]

    def page(
        self, name: str, destination: str, arn: str | None, after: int, size: int
    ) -> list[tuple[int, shapes.MetricDefinition]]:
        """Up to `size` definitions behind a number, in the order they were made, with their numbers."""
        table = metric_definitions
        with self._database.read() as connection:
            monitor_id = _destination(connection, name, destination, arn)
            behind = _of(table, monitor_id, destination) & (table.c.number > after)
            rows = connection.execute(sa.select(table).where(behind).order_by(table.c.number).limit(size))
            return [(row["number"], _shape(row)) for row in rows.mappings()]

    def delete(self, name: str, destination: str, arn: str | None, ids: Iterable[str]) -> set[str]:
        """Those of the ids that were there."""
        with self._database.write() as connection:
            monitor_id = _destination(connection, name, destination, arn)
            wanted = _of(metric_definitions, monitor_id, destination) & metric_definitions.c.id.in_([*ids])
            found = set(connection.execute(sa.select(metric_definitions.c.id).where(wanted)).scalars())
            connection.execute(sa.delete(metric_definitions).where(wanted))
        return found

    def replace(
        self, name: str, destination: str, arn: str | None, definition_id: str, new: shapes.MetricDefinitionRequest
    ) -> None:
        """Everything but the id. ResourceNotFound."""
        with self._database.write() as connection:
            monitor_id = _destination(connection, name, destination, arn)
            here = _of(metric_definitions, monitor_id, destination) & (metric_definitions.c.id == definition_id)
            if connection.execute(sa.update(metric_definitions).where(here).values(_values(new))).rowcount == 0:
                raise ResourceNotFound(
                    f"There is no metric definition {definition_id}.",
                    resource_name=definition_id,
                    resource_type="MetricDefinition",
                )


def _of(table: sa.Table, monitor_id: str, destination: str) -> sa.ColumnElement[bool]:
    return (table.c.monitor_id == monitor_id) & (table.c.destination == destination)


def _destination(connection: sa.Connection, name: str, destination: str, arn: str | None) -> str:
    """The id of the monitor that has the destination. ResourceNotFound."""
    row = living_row(connection, name)
    found = connection.execute(
        sa.select(metrics_destinations.c.destination_arn).where(_of(metrics_destinations, row.id, destination))
    ).first()
    if found is None or (arn is not None and found.destination_arn != arn):
        raise ResourceNotFound(
            f"The app monitor {name} has no metrics destination {destination}; put it with PutRumMetricsDestination.",
            resource_name=destination,
            resource_type="MetricsDestination",
        )
    return str(row.id)


def _values(definition: shapes.MetricDefinitionRequest) -> dict[str, Any]:
    values = {column: getattr(definition, member) for member, column in _COLUMNS.items()}
    return {**values, "dimension_keys": values["dimension_keys"] or {}}


def _shape(row: Mapping[str, Any] | sa.RowMapping) -> shapes.MetricDefinition:
    members: dict[str, Any] = {member: row[column] or None for member, column in _COLUMNS.items()}
    return shapes.MetricDefinition(MetricDefinitionId=row["id"], **members)
