"""Proof of reserves: snapshots, their trees and leaves."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    run_sql(op, "0053_reserves.sql")


def downgrade() -> None:
    run_sql(op, "0053_reserves_down.sql")
