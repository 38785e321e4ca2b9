"""Who did what, from where, in a hash chain with signed checkpoints."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_sql(op, "0027_audit.sql")


def downgrade() -> None:
    run_sql(op, "0027_audit_down.sql")
