"""Tenants, customers and staff, passwords, sessions and the two look-ups that know no tenant."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(op, "0002_identity.sql")


def downgrade() -> None:
    run_sql(op, "0002_identity_down.sql")
