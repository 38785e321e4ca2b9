"""Which telling of a cold draft is the newest, and what people say of transfers that nobody can tell."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    run_sql(op, "0057_told_and_decided.sql")


def downgrade() -> None:
    run_sql(op, "0057_told_and_decided_down.sql")
