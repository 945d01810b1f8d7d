"""The console's users, and who of them is signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "console_users",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("password_ms", sa.BigInteger, nullable=False),
        sa.Column("signed_in_ms", sa.BigInteger),
    )
    op.create_table(
        "console_sessions",
        sa.Column("token_sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column(
            "user_name",
            sa.String(64),
            sa.ForeignKey("console_users.name", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
    )
