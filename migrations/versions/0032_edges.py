"""Secrets can be sealed anew under another master key; calls of long ago can be forgotten."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run_sql(op, "0032_edges.sql")


def downgrade() -> None:
    run_sql(op, "0032_edges_down.sql")
