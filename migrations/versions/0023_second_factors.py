"""Tokens that follow each other, what a session was opened from, second factors and recovery codes."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_sql(op, "0023_second_factors.sql")


def downgrade() -> None:
    run_sql(op, "0023_second_factors_down.sql")
