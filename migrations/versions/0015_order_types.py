"""Stops, algos, firm quotes: what order types need."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql(op, "0015_order_types.sql")


def downgrade() -> None:
    run_sql(op, "0015_order_types_down.sql")
