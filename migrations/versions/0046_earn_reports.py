"""What the ladder reads stands in its index, early ends count as costs of their day, and other packages export."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    run_sql(op, "0046_earn_reports.sql")


def downgrade() -> None:
    run_sql(op, "0046_earn_reports_down.sql")
