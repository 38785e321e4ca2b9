"""Coupons: campaigns, what each subscription took of their budget, and the bonus of each row."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    run_sql(op, "0044_coupons.sql")


def downgrade() -> None:
    run_sql(op, "0044_coupons_down.sql")
