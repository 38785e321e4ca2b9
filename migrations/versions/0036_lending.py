"""Loans against collateral: funding lines, product versions, quotes, loans, what happened to them, sales of collateral and their ends."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run_sql(op, "0036_lending.sql")


def downgrade() -> None:
    run_sql(op, "0036_lending_down.sql")
