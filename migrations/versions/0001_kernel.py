"""The ground: amounts, clocks, leases, schedules, keys, outbox and calls."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(op, "0001_kernel.sql")


def downgrade() -> None:
    run_sql(op, "0001_kernel_down.sql")
