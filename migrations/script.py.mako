"""${message}"""

from alembic import op

from migrations.sqlfile import run_sql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql(op, f"{revision}.sql")


def downgrade() -> None:
    raise NotImplementedError("the journal only goes forward; restore a backup instead")
