"""Notices to people and machines: the inbox, what each person wants to be told where, mails."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_sql(op, "0028_notices.sql")


def downgrade() -> None:
    run_sql(op, "0028_notices_down.sql")
