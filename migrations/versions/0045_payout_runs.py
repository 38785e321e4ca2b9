"""Runs of the payout that can be watched, and the rows that the ledger would not pay."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    run_sql(op, "0045_payout_runs.sql")


def downgrade() -> None:
    run_sql(op, "0045_payout_runs_down.sql")
