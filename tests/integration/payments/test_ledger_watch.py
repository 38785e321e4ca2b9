"""What finance and an operator see of the ledger's depth: seals, the fold's lag and who causes it, heads, the command line."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs

from kernel import commands, db, log, roles
from kernel.ids import uuid7
from payments.balances import service as balances
from payments.chart import move
from payments.seals import service as seals
from rivermouth import ledger_tools, registry
from tests.ledger_books import Books

D = Decimal


@pytest.fixture
def account(books):
    return books.customer()


def test_a_lagging_fold_raises_an_alarm_that_names_who_holds_it(books, account, monkeypatch):
    monkeypatch.setattr(balances, "_log", log.get("ledger"))  # another test may have bound it for good
    with psycopg.connect(roles.conninfo(books.database.app), application_name="slow-writer") as writer:
        writer.execute("SELECT set_config('app.tenant', %s, true)", (str(books.tenant),))
        writer.execute("SELECT pg_current_xact_id()")
        books.credit(account, "1")
        assert books.fold()[0] == 0
        db.configure(books.database.engine)
        with capture_logs() as logs:
            lag = balances.watch_lag(alarm_s=0)
        assert lag.entries == 2
        alarm = next(entry for entry in logs if entry["event"] == "fold_lags")
        assert alarm["log_level"] == "error"
        assert (alarm["held_by"]["application"], alarm["held_by"]["role"]) == ("slow-writer", roles.APP)
        with capture_logs() as logs:
            balances.watch_lag(alarm_s=3600)
        assert logs == []
    balances.fold()
    assert balances.watch_lag(alarm_s=0).entries == 0


def test_the_head_is_published_once_and_a_rewritten_chain_is_found(books, account, tmp_path):
    db.configure(books.database.engine)
    assert seals.publish_head(tmp_path / "seals") is None
    db.configure(books.database.app)
    books.credit(account, "1")
    books.fold()
    db.configure(books.database.engine)
    head = seals.publish_head(tmp_path / "seals")
    assert seals.publish_head(tmp_path / "seals") == head
    assert seals.published(tmp_path / "seals") == [head]
    assert seals.verify(heads=seals.published(tmp_path / "seals")) == []
    with books.superuser() as superuser:  # somebody changes a row and then everything that could give it away
        superuser.execute("UPDATE payments.entries SET amount = amount * 2")
        superuser.execute("UPDATE payments.balances SET posted = posted * 2")
        superuser.execute(
            """UPDATE payments.seal_leaves SET leaves = (SELECT string_agg(r.leaf, ''::bytea ORDER BY r.place)
                 FROM payments.seals s, payments.row_leaves(s.epoch, s.xid_from, s.xid_to) r)"""
        )
        superuser.execute(
            "UPDATE payments.seals s SET hash = sha256(prev || leaves), sums = payments.seal_sums(epoch, xid_from, xid_to)"
            " FROM payments.seal_leaves l WHERE l.seal_no = s.seal_no"
        )
    assert seals.verify() == []
    assert [(b.seal_no, b.fault) for b in seals.verify(heads=seals.published(tmp_path / "seals"))] == [
        (1, "differs_from_published_head")
    ]


def test_verification_goes_through_the_chain_in_steps(books, account, monkeypatch):
    monkeypatch.setattr(seals, "_SEALS_AT_ONCE", 2)
    for _ in range(5):
        books.credit(account, "1")
        books.fold()
    db.configure(books.database.engine)
    seen = []
    assert seals.verify(progress=lambda done, last: seen.append((done, last))) == []
    assert seen == [(2, 5), (4, 5), (5, 5)]
    with books.superuser() as superuser:
        superuser.execute("DELETE FROM payments.seals WHERE seal_no = 3")
    assert {(b.seal_no, b.fault) for b in seals.verify()} >= {(4, "chain_broken")}


def _ledger(books, data, *arguments):
    environment = os.environ | {
        "RIVERMOUTH_DATABASE_URL": books.database.engine,
        "RIVERMOUTH_REDIS_URL": "redis://127.0.0.1:1",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    return subprocess.run(
        [sys.executable, "-m", "rivermouth", "ledger", *arguments, "--data", str(data)],
        check=False, capture_output=True, text=True, env=environment,
    )  # fmt: skip


def test_the_command_line_names_the_seal_and_the_row(books, account, tmp_path):
    journals = [books.post(*move(books.outside(), account, D(n))) for n in (1, 2, 3)]
    books.fold()
    with books.superuser() as superuser:
        superuser.execute(
            "UPDATE payments.entries SET amount = amount + 1 WHERE journal_id = %s AND line = 2", (journals[1],)
        )
    broken = _ledger(books, tmp_path, "verify")
    assert broken.returncode == 1, broken.stderr
    assert f"row_changed: seal 1, journal {journals[1]}, line 2" in broken.stdout


def test_what_the_commands_do_and_say(books, account, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RIVERMOUTH_DATABASE_URL", books.database.engine)
    monkeypatch.setattr(
        "kernel.log.configure", lambda *_: None
    )  # it would bind the loggers to this test's screen for good
    books.credit(account, "1")
    books.fold()
    ledger_tools.snapshot(tmp_path / "seals")
    assert json.loads((tmp_path / "seals" / "heads.ndjson").read_text())["seal_no"] == 1
    assert ledger_tools.verify(tmp_path / "seals", tmp_path)
    with books.superuser() as superuser:
        superuser.execute("UPDATE payments.balances SET posted = posted + 1 WHERE account_id = %s", (account,))
    ledger_tools.rebuild()
    month = f"{datetime.now(UTC):%Y-%m}"
    assert not ledger_tools.partitions(ahead=2, archive=month, into=tmp_path)
    assert not ledger_tools.partitions(ahead=2, archive="2026-13", into=tmp_path)
    assert ledger_tools.partitions(ahead=3, archive=None, into=tmp_path)
    said = capsys.readouterr().out
    for sentence in (
        "no day to close",
        "intact",
        "1 balances were wrong",
        "not archived: too_young",
        "2026-13 is not a month",
        f"months: {month}",
    ):
        assert sentence in said


def test_forgotten_answers_are_deleted_however_many_there_are(books, monkeypatch):
    monkeypatch.setattr(registry, "_AT_ONCE", 3)
    with books.tx() as tx:
        for n in range(8):
            commands._claim(tx, principal=uuid7(), key=f"k{n}", route="r", digest=b"")
        tx.execute("UPDATE kernel.http_idempotency SET expires_at = now() - interval '1 second' WHERE key <> 'k0'")
    db.configure(books.database.engine)
    registry._tidy_up(datetime.now(UTC))
    assert books.engine.execute("SELECT array_agg(key) FROM kernel.http_idempotency").fetchone()[0] == ["k0"]


# over HTTP


@pytest.fixture(scope="module")
def house_books(house):
    """The first house's books and somebody else's, beside the API that already runs on them."""
    made = Books(house.database)
    made.tenant = house.first
    yield made
    made.close()


def test_finance_sees_the_chain_and_only_its_own_turnover(house, house_books):
    account = house_books.customer()
    for amount in ("1", "2", "3"):
        house_books.credit(account, amount)
        house_books.fold()
    house_books.tenant = house.second
    house_books.credit(house_books.customer(), "50")
    house_books.fold()
    house_books.tenant = house.first
    first = house.client.get("/v1/ledger/seals?limit=2", headers=house.auth("finance")).json()
    rest = house.client.get(
        f"/v1/ledger/seals?limit=2&cursor={first['next_cursor']}", headers=house.auth("finance")
    ).json()
    chain = [*first["items"], *rest["items"]]
    assert [s["sums"] for s in chain] == [None, {"USDT": "3"}, {"USDT": "2"}, {"USDT": "1"}]
    assert [s["prev"] for s in chain[:-1]] == [s["hash"] for s in chain[1:]]
    assert all(s["entries"] == 2 and s["xid_from"].isdigit() for s in chain)
    forged = house.client.get("/v1/ledger/seals?cursor=nonsense", headers=house.auth("finance"))
    assert (forged.status_code, forged.json()["code"]) == (400, "invalid_cursor")
    last = house.client.get("/v1/ledger/seals?limit=200", headers=house.auth("auditor")).json()
    assert last["next_cursor"] is None


def test_finance_sees_how_far_the_fold_is_behind(house, house_books):
    house_books.fold()
    before = house.client.get("/v1/ledger/fold", headers=house.auth("finance")).json()
    assert (before["lag_entries"], before["lag_ms"]) == (0, 0)
    house_books.credit(house_books.customer(), "1")
    waiting = house.client.get("/v1/ledger/fold", headers=house.auth("finance")).json()
    assert waiting["lag_entries"] == 2
    assert waiting["lag_ms"] >= 0
    assert (waiting["epoch"], waiting["seal_no"]) == (before["epoch"], before["seal_no"])
    house_books.fold()
