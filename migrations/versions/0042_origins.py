"""Which house named which origin."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    run_sql(op, "0042_origins.sql")


def downgrade() -> None:
    run_sql(op, "0042_origins_down.sql")
