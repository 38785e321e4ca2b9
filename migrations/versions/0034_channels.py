"""Chat channels of staff: rooms, alerts, and the messages that hold them."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    run_sql(op, "0034_channels.sql")


def downgrade() -> None:
    run_sql(op, "0034_channels_down.sql")
