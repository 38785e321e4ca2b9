"""The networks a house offers, and how far the custodian's events have been read."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    run_sql(op, "0048_wallet_base.sql")


def downgrade() -> None:
    run_sql(op, "0048_wallet_base_down.sql")
