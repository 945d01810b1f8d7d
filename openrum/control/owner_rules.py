"""What the owner of a monitor decided beyond CloudWatch RUM's settings: page rules, scrubbing, retention.

Kept as JSON beside the monitor. This room stores and hands them out; what a rule means is the enrichment's business, and
a check of that is handed in.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from msgspec import Meta, Struct

from openrum.control.database import Database, monitors
from openrum.control.monitors import living_row
from openrum.control.shapes import read_request
from openrum.errors import ValidationError

_Days = Annotated[int, Meta(ge=0, le=3_650)]
_Rules = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=1_024)], ...], Meta(max_length=200)]


class OwnerRules(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One monitor's rules. `learned_…` are OpenRUM's own and cannot be set."""

    pages: _Rules = ()  # of page groups: /products/*/reviews
    urls: _Rules = ()  # of the routes of requests and resources
    scrub: dict[str, Any] = {}  # members of the enrichment's ScrubRules
    retention_days: _Days = 0  # of events; 0 is that of all
    replay_retention_days: _Days = 0  # of session replays; 0 is that of events
    learned_pages: tuple[str, ...] = ()
    learned_urls: tuple[str, ...] = ()


class OwnerRulesOf:
    """The rules of the monitors, as rows."""

    def __init__(self, database: Database, check: Callable[[OwnerRules], None], retention_days: int) -> None:
        """`check` raises ValidationError for rules that cannot be gone by; `retention_days` is that of all monitors."""
        self._database = database
        self._check = check
        self._retention_days = retention_days

    def get(self, name: str) -> OwnerRules:
        """Of a living monitor. ResourceNotFound."""
        with self._database.read() as connection:
            return rules_of(living_row(connection, name)) or OwnerRules()

    def put(self, name: str, members: Mapping[str, Any]) -> OwnerRules:
        """Replace them. ResourceNotFound, ValidationError, SerializationError."""
        rules = read_request(dict(members), OwnerRules)
        if rules.learned_pages or rules.learned_urls:
            raise ValidationError(
                "rules: learned_pages and learned_urls are OpenRUM's own; write pages or urls instead"
            )
        for member in ("retention_days", "replay_retention_days"):
            if getattr(rules, member) > self._retention_days:
                raise ValidationError(
                    f"{member}: no monitor is kept longer than OPENRUM_RETENTION_DAYS, which is {self._retention_days}"
                )
        self._check(rules)
        kept = msgspec.to_builtins(rules)
        with self._database.write() as connection:
            row = living_row(connection, name)
            connection.execute(sa.update(monitors).where(monitors.c.id == row.id).values(owner_rules=kept))
        return rules

    def learn(self, monitor_id: str, pages: tuple[str, ...], urls: tuple[str, ...]) -> None:
        """Keep what was learned, in the place of what was known before."""
        learned = {"learned_pages": list(pages), "learned_urls": list(urls)}
        with self._database.write() as connection:
            connection.execute(sa.update(monitors).where(monitors.c.id == monitor_id).values(learned_routes=learned))


def all_rules(connection: sa.Connection) -> dict[str, OwnerRules]:
    """Id → rules, of every monitor that has some."""
    some = monitors.c.owner_rules.is_not(None) | monitors.c.learned_routes.is_not(None)
    found = ((row.id, rules_of(row)) for row in connection.execute(sa.select(monitors).where(some)))
    return {monitor: rules for monitor, rules in found if rules is not None}


def rules_of(row: sa.Row[Any]) -> OwnerRules | None:
    """Of a row of the table; None where it has none."""
    members = {**(row.owner_rules or {}), **(row.learned_routes or {})}
    return msgspec.convert(members, OwnerRules) if members else None
