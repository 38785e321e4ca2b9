"""Programs that act for customers: OAuth clients, connections, codes, devices, partners' assertions, logins of staff elsewhere."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run_sql(op, "0030_oauth.sql")


def downgrade() -> None:
    run_sql(op, "0030_oauth_down.sql")
