"""Allocations of venue orders to customers' orders."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql(op, "0014_execution.sql")


def downgrade() -> None:
    run_sql(op, "0014_execution_down.sql")
