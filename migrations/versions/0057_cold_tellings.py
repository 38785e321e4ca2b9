"""Which telling of a cold draft is the newest."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0057"
down_revision = "0055"


def upgrade() -> None:
    run_sql(op, "0057_cold_tellings.sql")


def downgrade() -> None:
    run_sql(op, "0057_cold_tellings_down.sql")
