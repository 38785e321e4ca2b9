"""What people decide about venue orders that nobody can resolve."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql(op, "0021_decisions.sql")


def downgrade() -> None:
    run_sql(op, "0021_decisions_down.sql")
