"""Houses decide whether they lend; a loan no longer keeps since when its price is missing, which `lending.freezes` does per asset."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run_sql(op, "0038_rates.sql")


def downgrade() -> None:
    run_sql(op, "0038_rates_down.sql")
