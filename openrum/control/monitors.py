"""App monitors and their policies as rows. Names are unique among the living; an id is never used twice."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from openrum.aws.policy import Policy, parse
from openrum.control import shapes
from openrum.control.database import Database, monitors
from openrum.errors import Conflict, MalformedPolicyDocument, ResourceNotFound

_log = structlog.get_logger()
_LIVING = monitors.c.deleted_ms.is_(None)


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor as the doors and the drain need it."""

    id: str
    name: str
    arn: str
    domains: tuple[str, ...]
    policy: Policy | None
    custom_events: bool
    requests_per_second: float | None
    active: bool


class Monitors:
    """The monitors of one account."""

    def __init__(
        self,
        database: Database,
        now_ms: Callable[[], int],
        *,
        region: str,
        account_id: str,
        requests_per_second: float | None = None,
    ) -> None:
        self._database = database
        self._now_ms = now_ms
        self._arn_prefix = f"arn:aws:rum:{region}:{account_id}:appmonitor/"
        self._requests_per_second = requests_per_second

    def arn(self, name: str) -> str:
        """The resource that policies and tags name."""
        return self._arn_prefix + name

    def create(self, values: dict[str, Any]) -> str:
        """A new monitor; its id. Conflict where the name is taken."""
        now_ms = self._now_ms()
        monitor_id = str(uuid.uuid4())
        row = {**values, "id": monitor_id, "state": "CREATED", "created_ms": now_ms, "modified_ms": now_ms}
        try:
            with self._database.write() as connection:
                connection.execute(sa.insert(monitors).values(row))
        except sa.exc.IntegrityError:
            name = values["name"]
            raise Conflict(f"There is an app monitor {name} already.", resource_name=name) from None
        return monitor_id

    def get(self, name: str) -> sa.Row[Any]:
        """The row of a living monitor. ResourceNotFound."""
        with self._database.read() as connection:
            return _named(connection, name)

    def page(self, after: str, size: int) -> list[sa.Row[Any]]:
        """Up to `size` rows behind a name, in the order of names."""
        query = sa.select(monitors).where(_LIVING, monitors.c.name > after).order_by(monitors.c.name).limit(size)
        with self._database.read() as connection:
            return list(connection.execute(query))

    def delete(self, name: str) -> None:
        """Gone for clients at once; the row stays, marked."""
        with self._database.write() as connection:
            monitor_id = _named(connection, name).id
            gone = sa.update(monitors).where(monitors.c.id == monitor_id).values(deleted_ms=self._now_ms())
            connection.execute(gone)

    def change_policy(self, name: str, change: Callable[[sa.Row[Any]], dict[str, Any]]) -> None:
        """In one transaction: `change` sees the row, may raise, and says what is new."""
        with self._database.write() as connection:
            row = _named(connection, name)
            new = {**change(row), "modified_ms": self._now_ms()}
            connection.execute(sa.update(monitors).where(monitors.c.id == row.id).values(new))

    def activate(self, ids: set[str]) -> None:
        """The first event has come: CREATED becomes ACTIVE."""
        created = (monitors.c.state == "CREATED") & monitors.c.id.in_(ids)
        with self._database.write() as connection:
            connection.execute(sa.update(monitors).where(created).values(state="ACTIVE"))

    def living(self, connection: sa.Connection) -> dict[str, Monitor]:
        """All living monitors by id, as the doors need them."""
        return {row.id: self._for_the_doors(row) for row in connection.execute(sa.select(monitors).where(_LIVING))}

    def _for_the_doors(self, row: sa.Row[Any]) -> Monitor:
        return Monitor(
            id=row.id,
            name=row.name,
            arn=self.arn(row.name),
            domains=tuple(row.domain_list or [row.domain]),
            policy=_parsed(row),
            custom_events=row.custom_events == "ENABLED",
            requests_per_second=self._requests_per_second,
            active=row.state == "ACTIVE",
        )


def full_form(row: sa.Row[Any]) -> shapes.FullAppMonitor:
    """A row as GetAppMonitor shows it."""
    group = f"/aws/vendedlogs/RUMService_{row.name}{row.id[:8]}" if row.cw_log_enabled else None
    return shapes.FullAppMonitor(
        Name=row.name,
        Id=row.id,
        Created=_form(row.created_ms),
        LastModified=_form(row.modified_ms),
        Tags=row.tags,
        State=row.state,
        AppMonitorConfiguration=msgspec.convert(row.configuration, shapes.Configuration),
        DataStorage=shapes.Storage(shapes.CwLogStorage(row.cw_log_enabled, group)),
        CustomEvents=shapes.CustomEventsSwitch(row.custom_events),
        DeobfuscationConfiguration=msgspec.convert(row.deobfuscation, shapes.Deobfuscation),
        Platform=row.platform,
        Domain=row.domain,
        DomainList=row.domain_list,
    )


def summary(row: sa.Row[Any]) -> shapes.AppMonitorSummary:
    """A row as ListAppMonitors shows it."""
    return shapes.AppMonitorSummary(
        row.name, row.id, _form(row.created_ms), _form(row.modified_ms), row.state, row.platform
    )


def _named(connection: sa.Connection, name: str) -> sa.Row[Any]:
    row = connection.execute(sa.select(monitors).where(_LIVING, monitors.c.name == name)).first()
    if row is None:
        raise ResourceNotFound(f"There is no app monitor {name}.", resource_name=name)
    return row


def _parsed(row: sa.Row[Any]) -> Policy | None:
    if row.policy is None:
        return None
    try:
        return parse(row.policy)
    except MalformedPolicyDocument as error:
        _log.error("a stored policy cannot be read; it allows nothing", monitor=row.name, error=error.message)
        return None


def _form(epoch_ms: int) -> str:
    """'2026-01-02T03:04:05': exactly 19 characters."""
    return datetime.fromtimestamp(epoch_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
