"""A loan knows when its running term begins."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run_sql(op, "0037_loan_life.sql")


def downgrade() -> None:
    run_sql(op, "0037_loan_life_down.sql")
