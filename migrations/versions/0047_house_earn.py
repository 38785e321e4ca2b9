"""Whether a house sells earn, and the highest rate it may promise."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    run_sql(op, "0047_house_earn.sql")


def downgrade() -> None:
    run_sql(op, "0047_house_earn_down.sql")
