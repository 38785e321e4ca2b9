"""Nonces of signed requests, and keys that expire."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_sql(op, "0024_signed_requests.sql")


def downgrade() -> None:
    run_sql(op, "0024_signed_requests_down.sql")
