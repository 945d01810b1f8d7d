"""Keys that end by themselves, and deleted monitors whose events are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("access_keys", sa.Column("expires_ms", sa.BigInteger))
    op.add_column("monitors", sa.Column("purged_ms", sa.BigInteger))
