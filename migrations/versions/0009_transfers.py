"""Transfers and their second person."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql(op, "0009_transfers.sql")


def downgrade() -> None:
    run_sql(op, "0009_transfers_down.sql")
