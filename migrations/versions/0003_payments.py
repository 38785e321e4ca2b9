"""The ledger: accounts, balances, journals, holds, the fold and its seals."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(op, "0003_payments.sql")


def downgrade() -> None:
    run_sql(op, "0003_payments_down.sql")
