"""Venues: the sequence of client order numbers."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(op, "0005_venues.sql")


def downgrade() -> None:
    run_sql(op, "0005_venues_down.sql")
