"""Funds at venues and treasury's alerts."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql(op, "0006_wallet_bridge.sql")


def downgrade() -> None:
    run_sql(op, "0006_wallet_bridge_down.sql")
