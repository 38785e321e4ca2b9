"""What live streams keep."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_sql(op, "0017_stream.sql")


def downgrade() -> None:
    run_sql(op, "0017_stream_down.sql")
