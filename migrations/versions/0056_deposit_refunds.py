"""Held deposits that go back to whoever sent them."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    run_sql(op, "0056_deposit_refunds.sql")


def downgrade() -> None:
    run_sql(op, "0056_deposit_refunds_down.sql")
