"""App monitors, access keys, and the revision that tells of a change."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    # "If not exists": data directories older than the first migration have these three as they are here.
    op.create_table(
        "monitors",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("domain", sa.String(253)),
        sa.Column("domain_list", sa.JSON),
        sa.Column("configuration", sa.JSON, nullable=False),
        sa.Column("custom_events", sa.String(16), nullable=False),
        sa.Column("deobfuscation", sa.JSON, nullable=False),
        sa.Column("cw_log_enabled", sa.Boolean, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("modified_ms", sa.BigInteger, nullable=False),
        sa.Column("deleted_ms", sa.BigInteger),
        sa.Column("policy", sa.Text),
        sa.Column("policy_revision", sa.String(255)),
        if_not_exists=True,
    )
    living = sa.text("deleted_ms IS NULL")
    op.create_index(
        "one_living_monitor_a_name",
        "monitors",
        ["name"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
        if_not_exists=True,
    )
    op.create_table(
        "access_keys",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger),
        if_not_exists=True,
    )
    op.create_table("revision", sa.Column("number", sa.BigInteger, nullable=False), if_not_exists=True)
    table = sa.table("revision", sa.column("number"))
    first = sa.select(sa.literal(1)).where(~sa.exists(sa.select(table.c.number)))
    op.execute(sa.insert(table).from_select(["number"], first))
