"""Epochs, partitions, days and seals of the ledger."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql(op, "0008_ledger_depth.sql")


def downgrade() -> None:
    run_sql(op, "0008_ledger_depth_down.sql")
