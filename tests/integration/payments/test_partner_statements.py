"""A partner's statement, line by line against our journal; the command that compares; the migration."""

import io
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from payments.chart import move
from payments.errors import AccountNotFound
from payments.partner_statements import service as statements
from payments.reconciliation import sources
from payments.reconciliation.errors import (
    StatementInvalid,
)
from payments.reconciliation.states import BreakState, Level
from tests.reconciliation_desk import FIRST, breaks, house_books, limits, owned, run

__all__ = ["house_books"]

D = Decimal


# Statements of partners ----------------------------------------------------------------------------------------------------------


def upload(books, text, partner="acme"):
    return statements.upload(
        tenant=books.tenant, principal=FIRST, partner=partner, account="place:USDT", open_file=lambda: io.BytesIO(text.encode())
    ).id  # fmt: skip


def csv(books, *rows):
    with db.read_only(tenant=books.tenant) as tx:
        now = tx.now - timedelta(minutes=1)
    lines = [f"{ref},{(now + timedelta(seconds=i)).isoformat()},{amount}" for i, (ref, amount) in enumerate(rows)]
    return "\n".join(["reference,booked_at,amount", *lines, ""])


def booked(books, reference, amount):
    """A journal of the account: plus is more for us there."""
    return books.post(*move(books.custody, books.outside(), D(amount)), kind="transfer", meta={"reference": reference})


def test_a_statement_finds_all_kinds_of_breaks(house_books):
    limits(house_books, dust=D("0.001"), daily_cap=D("0.01"))
    for reference, amount in (("A", "10"), ("B", "20"), ("C", "30.0005"), ("E", "50")):
        booked(house_books, reference, amount)
    house_books.post(
        *move(house_books.custody, house_books.outside(), D("60")), kind="transfer"
    )  # no reference: by amount
    text = csv(
        house_books,
        ("opening", "1000"),
        ("A", "10"),
        ("A", "10"),
        ("B", "21"),
        ("C", "30"),
        ("D", "40"),
        ("F", "60.00"),
    )
    statement_id = upload(house_books, text)
    assert upload(house_books, text) == statement_id, "the same file is kept once"
    done = run(house_books, "statement", scope=str(statement_id))
    found = {(b.raw["reference"], b.kind): b for b in breaks(house_books, *BreakState)}
    assert {key: (b.state, b.difference, b.suspended) for key, b in found.items()} == {
        ("A", "duplicate"): ("ticketed", D(10), False),
        ("B", "wrong_amount"): ("ticketed", D(1), True),
        ("C", "dust"): ("levelled", D("-0.0005"), False),
        ("D", "missing_ours"): ("ticketed", D(40), True),
        ("E", "in_transit"): ("open", D(-50), False),
    }
    assert done.ticketed == 3
    assert found["B", "wrong_amount"].theirs_text == "21"
    assert owned(house_books) == 1000 + 10 + 21 + 30 + 40 + 50 + 60
    again = run(house_books, "statement", scope=str(statement_id))
    assert (again.levelled, again.breaks) == (0, 2), "what was settled is not settled again; the rest is known"
    assert owned(house_books) == 1000 + 10 + 21 + 30 + 40 + 50 + 60

    # The next statement shows what was in transit, and a line again that the first one had.
    late = csv(house_books, ("E", "50"), ("G", "5")) + text.splitlines()[2] + "\n"
    booked(house_books, "G", "5")
    run(house_books, "statement", scope=str(upload(house_books, late)))
    assert [b.raw["reference"] for b in breaks(house_books, BreakState.CLEARED)] == ["E"]
    assert len(breaks(house_books)) == 3
    report = statements.get(house_books.tenant, statement_id)
    assert (report.lines, report.matched, report.total) == (7, 5, D(1171))


def test_a_statement_is_taken_whole_or_not_at_all(house_books):
    text = csv(house_books, ("A", "1"), ("B", "0.1234567"))
    with pytest.raises(StatementInvalid, match="line 2"):
        upload(house_books, text)
    assert house_books.engine.execute("SELECT count(*) FROM payments.recon_statements").fetchone()[0] == 0


def test_a_statement_needs_an_account_of_the_tenant(house_books):
    with pytest.raises(AccountNotFound):
        statements.upload(
            tenant=uuid7(), principal=FIRST, partner="acme", account="place:USDT", open_file=lambda: io.BytesIO(b"")
        )


# The command line and the migration ----------------------------------------------------------------------------------------------


def test_the_command_says_what_is_left_for_people(house_books, capsys, tmp_path):
    from rivermouth import reconcile

    def command(level=Level.DAY, source=None, statement=None):
        code = reconcile.run(house_books.tenant, level=level, day=None, source=source, scope=None, statement=statement)
        return code, capsys.readouterr().out

    house_books.place.reports = {"USDT": "1000"}
    code, said = command()
    assert code == 0
    assert sum(line.startswith("done") for line in said.splitlines()) == len(sources.names())
    house_books.place.reports = {"USDT": "1010"}
    code, said = command(source="place")
    assert code == 1
    assert "unknown        place:USDT  10 USDT" in said
    file = tmp_path / "statement.csv"
    file.write_text(csv(house_books, ("opening", "1000")))
    code, said = command(Level.BATCH, statement=reconcile.Statement(file, "bank", "place:USDT"))
    assert (code, "done    statement" in said) == (0, True)


def test_the_migration_goes_down_and_up_again(database):
    from alembic import command
    from sqlalchemy import create_engine

    from rivermouth import migrate

    def objects():
        with psycopg.connect(roles.conninfo(database.owner)) as connection:
            return connection.execute(
                """SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname IN ('payments', 'broker', 'wallet_bridge')
                   UNION ALL SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname = 'payments' ORDER BY 1, 2"""
            ).fetchall()

    whole = objects()
    engine = create_engine(db.normalise(database.owner))
    with engine.connect() as connection:
        command.downgrade(migrate.configuration(connection), "0010")
        connection.commit()
    gone = {name for _, name in whole} - {name for _, name in objects()}
    assert gone >= {"recon_runs", "recon_items", "venue_trades", "wallet_reports", "balance_rebuild"}
    migrate.upgrade(database.owner)
    assert objects() == whole
    engine.dispose()
