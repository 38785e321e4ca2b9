"""What a tenant decides about itself, and its policy, which loosens only by two people and after a delay."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run_sql(op, "0033_tenants.sql")


def downgrade() -> None:
    run_sql(op, "0033_tenants_down.sql")
