"""Controls: kill switches, windows, limits, markouts."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_sql(op, "0020_controls.sql")


def downgrade() -> None:
    run_sql(op, "0020_controls_down.sql")
