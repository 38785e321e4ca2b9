"""Stored routing plans."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql(op, "0013_routing.sql")


def downgrade() -> None:
    run_sql(op, "0013_routing_down.sql")
