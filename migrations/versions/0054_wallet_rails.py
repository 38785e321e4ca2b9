"""Treasury between wallets and venues, and what people decide."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    run_sql(op, "0054_wallet_rails.sql")


def downgrade() -> None:
    run_sql(op, "0054_wallet_rails_down.sql")
