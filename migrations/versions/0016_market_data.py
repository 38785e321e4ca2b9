"""Public trades, candles, price alerts."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql(op, "0016_market_data.sql")


def downgrade() -> None:
    run_sql(op, "0016_market_data_down.sql")
