"""Knowing the customer: standings, cases and their sealed documents, lists of names, rules of countries."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run_sql(op, "0031_kyc.sql")


def downgrade() -> None:
    run_sql(op, "0031_kyc_down.sql")
