"""Approvals by a second person, and which accounts belong to one person."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_sql(op, "0026_approvals.sql")


def downgrade() -> None:
    run_sql(op, "0026_approvals_down.sql")
