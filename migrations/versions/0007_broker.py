"""Customer orders, venue orders and fills."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(op, "0007_broker.sql")


def downgrade() -> None:
    run_sql(op, "0007_broker_down.sql")
