"""Instruments: grids and the settings of each market."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(op, "0004_markets.sql")


def downgrade() -> None:
    run_sql(op, "0004_markets_down.sql")
