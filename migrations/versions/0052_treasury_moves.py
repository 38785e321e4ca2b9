"""The addresses that customers send to, and what arrived there."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    run_sql(op, "0052_treasury_moves.sql")


def downgrade() -> None:
    run_sql(op, "0052_treasury_moves_down.sql")
