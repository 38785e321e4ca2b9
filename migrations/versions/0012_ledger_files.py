"""Exports and imports of the ledger."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql(op, "0012_ledger_files.sql")


def downgrade() -> None:
    run_sql(op, "0012_ledger_files_down.sql")
