"""Fixed-income products: templates in versions, and what is sold of them on one day."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    run_sql(op, "0040_earn.sql")


def downgrade() -> None:
    run_sql(op, "0040_earn_down.sql")
