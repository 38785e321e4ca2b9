"""What leaves the cold wallet, and what its holders sign."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    run_sql(op, "0055_cold_spends.sql")


def downgrade() -> None:
    run_sql(op, "0055_cold_spends_down.sql")
