"""What the owner of a monitor decided beyond CloudWatch RUM's settings, and the routes that were learned for it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("monitors", sa.Column("owner_rules", sa.JSON))
    op.add_column("monitors", sa.Column("learned_routes", sa.JSON))
