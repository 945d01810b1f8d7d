"""Metrics destinations of a monitor, and the definitions of what is sent there."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "metrics_destinations",
        sa.Column("monitor_id", sa.String(36), primary_key=True),
        sa.Column("destination", sa.String(16), primary_key=True),
        sa.Column("destination_arn", sa.String(2048)),
        sa.Column("iam_role_arn", sa.Text),
    )
    op.create_table(
        "metric_definitions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("monitor_id", sa.String(36), nullable=False, index=True),
        sa.Column("destination", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("value_key", sa.String(280)),
        sa.Column("unit_label", sa.String(256)),
        sa.Column("dimension_keys", sa.JSON, nullable=False),
        sa.Column("event_pattern", sa.Text),
        sa.Column("namespace", sa.String(237)),
    )
