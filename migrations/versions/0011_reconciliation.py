"""Reconciliation: runs, items and tickets."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql(op, "0011_reconciliation.sql")


def downgrade() -> None:
    run_sql(op, "0011_reconciliation_down.sql")
