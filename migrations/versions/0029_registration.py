"""People come by themselves and lose their passwords: registrations, links in mails, changes of an e-mail, accounts that are shut."""

from alembic import op

from migrations.sqlfile import run_sql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_sql(op, "0029_registration.sql")


def downgrade() -> None:
    run_sql(op, "0029_registration_down.sql")
