"""API keys that may move money out, from addresses they name."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    run_sql(op, "0035_withdraw_scope.sql")


def downgrade() -> None:
    run_sql(op, "0035_withdraw_scope_down.sql")
