"""Funding lines say only what the code can read; what a venue says that we have taken there."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    run_sql(op, "0039_funding_lines.sql")


def downgrade() -> None:
    run_sql(op, "0039_funding_lines_down.sql")
