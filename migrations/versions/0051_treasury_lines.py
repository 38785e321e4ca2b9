"""Treasury's lines, the life of an alert, the history of balances."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    run_sql(op, "0051_treasury_lines.sql")


def downgrade() -> None:
    run_sql(op, "0051_treasury_lines_down.sql")
