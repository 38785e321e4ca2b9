"""API keys."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_sql(op, "0018_api_keys.sql")


def downgrade() -> None:
    run_sql(op, "0018_api_keys_down.sql")
