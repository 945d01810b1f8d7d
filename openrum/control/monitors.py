"""App monitors and their policies as rows. Names are unique among the living; an id is never used twice."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from openrum.aws.policy import Policy, parse
from openrum.control import shapes
from openrum.control.database import Database, metric_definitions, metrics_destinations, monitors
from openrum.control.dates import iso
from openrum.errors import Conflict, MalformedPolicyDocument, ResourceNotFound, ServiceQuotaExceeded

_log = structlog.get_logger()
_LIVING = monitors.c.deleted_ms.is_(None)
_RESTORABLE = monitors.c.deleted_ms.is_not(None) & monitors.c.purged_ms.is_(None)


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor as the doors and the drain need it."""

    id: str
    name: str
    arn: str
    domains: tuple[str, ...]
    policy: Policy | None
    requests_per_second: float | None
    active: bool
    identity_pool_id: str | None = None
    guest_role_arn: str | None = None
    session_sample_rate: float = 1.0


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
        monitors_max: int = 1_000,
    ) -> None:
        self._database = database
        self._now_ms = now_ms
        self._arn_prefix = f"arn:aws:rum:{region}:{account_id}:appmonitor/"
        self._requests_per_second = requests_per_second
        self._monitors_max = monitors_max

    def arn(self, name: str) -> str:
        """The resource that policies and tags name."""
        return self._arn_prefix + name

    def create(self, values: dict[str, Any]) -> str:
        """A new monitor; its id. Conflict where the name is taken, ServiceQuotaExceeded where there are too many."""
        now_ms = self._now_ms()
        monitor_id = str(uuid.uuid4())
        row = {**values, "id": monitor_id, "state": "CREATED", "created_ms": now_ms, "modified_ms": now_ms}
        with _one_of_a_name(values["name"]), self._database.write() as connection:
            living = connection.execute(sa.select(sa.func.count()).select_from(monitors).where(_LIVING)).scalar_one()
            if living >= self._monitors_max:
                raise ServiceQuotaExceeded(
                    f"there are {living} app monitors; OPENRUM_MONITORS_MAX lets there be {self._monitors_max}"
                )
            connection.execute(sa.insert(monitors).values(row))
        return monitor_id

    def get(self, name: str) -> sa.Row[Any]:
        """The row of a living monitor. ResourceNotFound."""
        with self._database.read() as connection:
            return living_row(connection, name)

    def page(self, after: str, size: int) -> list[sa.Row[Any]]:
        """Up to `size` rows behind a name, in the order of names."""
        query = sa.select(monitors).where(_LIVING, monitors.c.name > after).order_by(monitors.c.name).limit(size)
        with self._database.read() as connection:
            return list(connection.execute(query))

    def delete(self, name: str) -> None:
        """Gone for clients at once; `restore` brings it back until it is purged."""
        with self._database.write() as connection:
            monitor_id = living_row(connection, name).id
            gone = sa.update(monitors).where(monitors.c.id == monitor_id).values(deleted_ms=self._now_ms())
            connection.execute(gone)

    def deleted(self) -> Sequence[sa.Row[Any]]:
        """Those that can be restored, the latest deleted first."""
        query = sa.select(monitors).where(_RESTORABLE).order_by(monitors.c.deleted_ms.desc())
        with self._database.read() as connection:
            return connection.execute(query).all()

    def restore(self, name_or_id: str) -> str:
        """Bring a deleted one back, the latest of its name; its name. ResourceNotFound, Conflict."""
        wanted = (monitors.c.name == name_or_id) | (monitors.c.id == name_or_id)
        query = sa.select(monitors).where(_RESTORABLE, wanted).order_by(monitors.c.deleted_ms.desc())
        with _one_of_a_name(name_or_id), self._database.write() as connection:
            row = connection.execute(query).first()
            if row is None:
                raise ResourceNotFound(
                    f"There is no deleted app monitor {name_or_id} that can be restored.", resource_name=name_or_id
                )
            connection.execute(sa.update(monitors).where(monitors.c.id == row.id).values(deleted_ms=None))
        return str(row.name)

    def purge(self, before_ms: int) -> int:
        """Those deleted before cannot be restored any more, and their metrics are gone. Returns how many."""
        due = _RESTORABLE & (monitors.c.deleted_ms < before_ms)
        with self._database.read() as connection:
            if connection.execute(sa.select(monitors.c.id).where(due)).first() is None:
                return 0
        with self._database.write() as connection:
            ids = sa.select(monitors.c.id).where(due)
            for table in (metric_definitions, metrics_destinations):
                connection.execute(sa.delete(table).where(table.c.monitor_id.in_(ids)))
            return connection.execute(sa.update(monitors).where(due).values(purged_ms=self._now_ms())).rowcount

    def change(self, name: str, change: Callable[[sa.Row[Any]], dict[str, Any]], *, modified: bool = True) -> None:
        """In one transaction: `change` sees the row, may raise, and says what is new.

        `modified` False leaves LastModified as it is: tags are about the monitor, not of it.
        """
        with self._database.write() as connection:
            row = living_row(connection, name)
            new = change(row)
            if modified:
                new["modified_ms"] = self._now_ms()
            connection.execute(sa.update(monitors).where(monitors.c.id == row.id).values(new))

    def activate(self, ids: set[str]) -> None:
        """The first event has come: CREATED becomes ACTIVE."""
        created = (monitors.c.state == "CREATED") & monitors.c.id.in_(ids)
        with self._database.write() as connection:
            connection.execute(sa.update(monitors).where(created).values(state="ACTIVE"))

    def living(self, connection: sa.Connection) -> dict[str, Monitor]:
        """All living monitors by id, as the doors need them."""
        return {row.id: self._for_the_doors(row) for row in connection.execute(sa.select(monitors).where(_LIVING))}

    def with_custom_events(self, connection: sa.Connection) -> frozenset[str]:
        """Ids of those that take custom events: of the deleted too, which may be restored as they were."""
        enabled = (monitors.c.custom_events == "ENABLED") & monitors.c.purged_ms.is_(None)
        return frozenset(connection.execute(sa.select(monitors.c.id).where(enabled)).scalars())

    def purged(self, connection: sa.Connection) -> frozenset[str]:
        """Ids of those whose events are gone, and are not to come back by a rebuild."""
        return frozenset(
            connection.execute(sa.select(monitors.c.id).where(monitors.c.purged_ms.is_not(None))).scalars()
        )

    def _for_the_doors(self, row: sa.Row[Any]) -> Monitor:
        return Monitor(
            id=row.id,
            name=row.name,
            arn=self.arn(row.name),
            domains=tuple(row.domain_list or [row.domain]),
            policy=_parsed(row),
            requests_per_second=self._requests_per_second,
            active=row.state == "ACTIVE",
            identity_pool_id=row.configuration.get("IdentityPoolId"),
            guest_role_arn=row.configuration.get("GuestRoleArn"),
            session_sample_rate=row.configuration.get("SessionSampleRate", 1.0),
        )


@contextmanager
def _one_of_a_name(name: str) -> Iterator[None]:
    """The database itself holds that the living have one name each."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise Conflict(f"There is an app monitor {name} already.", resource_name=name) from None


def full_form(row: sa.Row[Any]) -> shapes.FullAppMonitor:
    """A row as GetAppMonitor shows it."""
    group = f"/aws/vendedlogs/RUMService_{row.name}{row.id[:8]}" if row.cw_log_enabled else None
    return shapes.FullAppMonitor(
        Name=row.name,
        Id=row.id,
        Created=iso(row.created_ms),
        LastModified=iso(row.modified_ms),
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
        row.name, row.id, iso(row.created_ms), iso(row.modified_ms), row.state, row.platform
    )


def living_row(connection: sa.Connection, name: str) -> sa.Row[Any]:
    """The row of a living monitor. ResourceNotFound."""
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
