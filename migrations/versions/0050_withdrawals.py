"""Addresses that customers may send to, and their withdrawals."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    run_sql(op, "0050_withdrawals.sql")


def downgrade() -> None:
    run_sql(op, "0050_withdrawals_down.sql")
