"""The addresses that customers send to, and what arrived there."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    run_sql(op, "0049_deposits.sql")


def downgrade() -> None:
    run_sql(op, "0049_deposits_down.sql")
