"""Passkeys and their challenges."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_sql(op, "0025_passkeys.sql")


def downgrade() -> None:
    run_sql(op, "0025_passkeys_down.sql")
