"""The check of the seals stays linear when the chain is long."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql(op, "0022_seal_checks.sql")


def downgrade() -> None:
    run_sql(op, "0022_seal_checks_down.sql")
