"""What becomes of a subscription at its maturity."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    run_sql(op, "0043_renewals.sql")


def downgrade() -> None:
    run_sql(op, "0043_renewals_down.sql")
