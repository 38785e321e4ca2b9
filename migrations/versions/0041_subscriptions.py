"""What customers have with a template: subscriptions, their plans and caps, what interest costs, and runs of the payout."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    run_sql(op, "0041_subscriptions.sql")


def downgrade() -> None:
    run_sql(op, "0041_subscriptions_down.sql")
