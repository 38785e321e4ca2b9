"""Fee tiers, volumes, exposure reports."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_sql(op, "0019_fees.sql")


def downgrade() -> None:
    run_sql(op, "0019_fees_down.sql")
