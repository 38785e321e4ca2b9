"""Products, inventory and payment orders."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql(op, "0010_payment_orders.sql")


def downgrade() -> None:
    run_sql(op, "0010_payment_orders_down.sql")
