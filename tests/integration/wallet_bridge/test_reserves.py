"""Proof of reserves on a real ledger: the roots are what the journals owe customers, every proof verifies offline, nothing bad is published."""

import json
import subprocess
import sys

import pytest

from kernel import db, signing
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.settings import Settings, settings
from payments.accounts import service as accounts
from payments.chart import move
from tests.audit_trail import KEYS
from tests.earn_books import utc
from tests.ledger_books import as_engine
from tests.reserve_desk import (
    D,
    broken,
    custody,
    incidents,
    liabilities_by_the_journals,
    pledge,
    proof,
    published,
    snapshot,
    state,
)
from tests.reserve_trees import SCRIPT, script
from wallet_bridge.reserves import building, claims, rules, service
from wallet_bridge.reserves.claims import Claim
from wallet_bridge.reserves.errors import ProofForgotten, SnapshotUnderWay
from wallet_bridge.reserves.states import Refusal, SnapshotState

verifier = script()
pytestmark = pytest.mark.usefixtures("signing_key")


def owed(entry):
    return {each["asset"]: D(each["liabilities"]) for each in entry["assets"]}


def a_house(books):
    """Customers with money to spend, money that is held, collateral, and a running subscription."""
    books.at(utc(2031, 1, 30, 9))
    first = books.saver("1000", BTC="2")
    second = books.saver("0.000001")
    third = books.saver("250.5", ETH="0.00000001")
    books.hold(books.customer("USDT", owner=first), "300")
    pledge(books, first, "1.5")
    template = books.template(apr="0.365", payout="monthly", tenor="3M", minimum="10", step="10", daily_quota="100000")
    books.subscribe(first, books.day(template, utc(2031, 1, 30).date()), "400")
    custody(books, "venue.binance", "900")
    custody(books, "wallet.ethereum", "500")
    custody(books, "house.cash", "7")
    return first, second, third


def test_the_roots_are_what_the_journals_owe_customers(books):
    first, second, third = a_house(books)
    for folded in (False, True):
        if folded:
            books.fold()
        assert snapshot(books).state is SnapshotState.PUBLISHED
        entry = published(books)[0]
        assert owed(entry) == liabilities_by_the_journals(books) == {
            "USDT": D("1250.500001"), "BTC": D(2), "ETH": D("0.00000001"),
        }  # fmt: skip
        assert broken(books) == set()
        own = {item["asset"]: item["amount"] for item in proof(books, first)["items"]}
        assert own == {"USDT": "1000", "BTC": "2"}  # spendable, held and with earn; spendable and pledged
        for customer in (first, second, third):
            assert verifier.verify(proof(books, customer), published(books))


def test_what_stands_against_it_is_told_apart(books):
    a_house(books)
    snapshot(books)
    usdt = next(each for each in published(books)[0]["assets"] if each["asset"] == "USDT")
    assert (usdt["venues"], usdt["wallets"], usdt["cash"], usdt["in_transit"], usdt["loans"]) == (
        "900",
        "500",
        "7",
        "0",
        "0",
    )
    assert (usdt["assets"], usdt["ratio"], usdt["customers"]) == ("1407", "1.125149", 3)
    assert set(incidents(books)) == {"reserves_short"}  # there is no BTC and no ETH at all
    assert "2 BTC" in incidents(books)["reserves_short"]
    custody(books, "venue.binance", "5", "BTC")
    custody(books, "venue.binance", "5", "ETH")
    snapshot(books)
    assert incidents(books) == {}


def run(tmp_path, own, entries, *more):
    for name, content in (("proof.json", own), ("reserves.json", entries)):
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), "proof.json", "reserves.json", *more],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_customer_checks_offline_with_a_script(books, signing_key):
    everybody = a_house(books)
    snapshot(books)
    public = {"items": published(books)}
    key = KEYS["k1"].hex()
    for customer in everybody:
        code, said = run(signing_key, proof(books, customer), public, "--key", key)
        assert (code, str(customer) in said) == (0, True), said
    roots = (signing_key / "reserves" / building.ROOTS).read_text()
    assert run(signing_key, proof(books, everybody[0]), roots)[0] == 0
    nobody = proof(books, uuid7())
    assert nobody["items"] == []
    code, said = run(signing_key, nobody, public)
    assert (code, "you were owed nothing" in said) == (0, True)
    assert run(signing_key, proof(books, everybody[0]), public, "--key", "11" * 32)[0] == 1
    bad = proof(books, everybody[0])
    bad["items"][0]["units"] = "-5"
    code, said = run(signing_key, bad, public)
    assert code == 1 and said.startswith("WRONG")
    assert run(signing_key, "{", public)[0] == 1


def test_no_byte_of_a_proof_can_be_changed_unseen(books):
    customer = a_house(books)[0]
    snapshot(books)
    entries = published(books)
    good = json.dumps(proof(books, customer), separators=(",", ":"))
    for at, was in enumerate(good):
        changed = good[:at] + ("1" if was != "1" else "2") + good[at + 1 :]
        with pytest.raises(Exception):  # noqa: B017  whatever it is, it is not right
            verifier.verify(json.loads(changed), entries)


def test_a_proof_against_a_root_of_somebody_else_is_refused(books):
    customer = a_house(books)[0]
    snapshot(books)
    own = proof(books, customer)
    books.credit(books.customer("USDT", owner=customer), "1")
    snapshot(books)
    later = published(books)[0]
    with pytest.raises(verifier.Wrong, match="not among the published"):
        verifier.verify(own, [later])
    with pytest.raises(verifier.Wrong):
        verifier.verify(own | {name: later[name] for name in ("statement", "signature")}, [later])


def test_the_statement_is_signed_and_published_once(books, signing_key):
    a_house(books)
    snapshot(books)
    entry = published(books)[0]
    with as_engine(books.database):
        building.publish_roots(books.tenant, signing_key / "reserves")
    lines = (signing_key / "reserves" / building.ROOTS).read_text().splitlines()
    assert [json.loads(line)["statement"] for line in lines] == [entry["statement"]]
    signed = {"key_id": "k1", "message": entry["statement"].encode(), "signature": bytes.fromhex(entry["signature"])}
    assert signing.verifies(KEYS, **signed)
    assert not signing.verifies(KEYS, **(signed | {"message": signed["message"] + b" "}))


def test_neighbours_learn_nothing_from_one_snapshot_for_the_next(books):
    customer = a_house(books)[0]
    snapshot(books)
    before = proof(books, customer)["items"][0]
    snapshot(books)
    after = proof(books, customer)["items"][0]
    assert before["units"] == after["units"]
    assert before["nonce"] != after["nonce"]


def test_a_balance_below_zero_is_refused_and_finance_is_told(books):
    first, _, _ = a_house(books)
    account, outside = books.customer("BTC", owner=first), books.outside("BTC")
    with books.tx() as tx:
        accounts.set_floor(tx, account, floor=D(-10))
    books.post(*move(account, outside, D(1)))
    refused = snapshot(books)  # 1.5 BTC of collateral would hide it in a sum
    assert (refused.state, refused.reason) == (SnapshotState.REFUSED, Refusal.NEGATIVE_BALANCE)
    assert published(books) == []
    assert "BTC: 1" in incidents(books)["reserves_refused"]
    with pytest.raises(NotFound):
        proof(books, first)
    assert books.engine.execute("SELECT count(*) FROM wallet_bridge.reserve_leaves").fetchone()[0] == 0
    books.post(*move(outside, account, D(1)))
    assert snapshot(books).state is SnapshotState.PUBLISHED
    assert "reserves_refused" not in incidents(books)


def test_leaves_that_are_not_the_ledger_are_refused(books, monkeypatch):
    a_house(books)
    sql = "SELECT customer_id, asset, principal + 1 AS amount FROM earn.subscriptions WHERE tenant_id = :tenant"
    monkeypatch.setitem(claims._claims, "earn", Claim(sql, "earn.principal."))
    refused = snapshot(books)
    assert (refused.state, refused.reason) == (SnapshotState.REFUSED, Refusal.LEDGER_DIFFERS)
    assert "USDT" in incidents(books)["reserves_refused"]
    assert published(books) == []


def test_without_a_key_nothing_is_published(books, monkeypatch):
    a_house(books)
    monkeypatch.delenv("RIVERMOUTH_AUDIT_KEYS")
    settings.cache_clear()
    assert not Settings().sandbox
    assert snapshot(books).reason is Refusal.NO_KEY


def test_one_at_a_time_and_a_crash_is_carried_on(books, monkeypatch):
    customer = a_house(books)[0]
    asked = service.ask(tenant=books.tenant, by=uuid7(), key="k").id
    with pytest.raises(SnapshotUnderWay):
        service.ask(tenant=books.tenant, by=uuid7(), key=None)
    with monkeypatch.context() as patch, as_engine(books.database):
        patch.setattr(building, "publish", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            building.work_off()
    assert state(books, asked) is SnapshotState.TAKEN
    books.credit(books.customer("USDT", owner=customer), "1")  # is of no matter for what was taken
    with as_engine(books.database):
        assert building.work_off() == 1
        assert building.work_off() == 0
    assert state(books, asked) is SnapshotState.PUBLISHED
    assert owed(published(books)[0])["USDT"] == D("1250.500001")
    assert verifier.verify(proof(books, customer), published(books))


def test_every_day_every_house_gets_one(books):
    a_house(books)
    books.known_customer(tenant=uuid7())
    with as_engine(books.database):
        building.start_all()
        building.start_all()
        assert building.work_off() == 2
    assert len(published(books)) == 1


def test_old_leaves_go_and_roots_stay(books, monkeypatch):
    customer = a_house(books)[0]
    monkeypatch.setattr(building, "KEPT", 1)
    old, new = snapshot(books), snapshot(books)
    assert [entry["proofs"] for entry in published(books)] == [True, False]
    assert published(books)[1]["assets"][0]["root"]
    with pytest.raises(ProofForgotten):
        proof(books, customer, old.id)
    assert proof(books, customer, new.id)["snapshot_id"] == str(new.id)
    assert broken(books) == set()


def test_invariants_see_what_was_changed_afterwards(books):
    a_house(books)
    snapshot(books)
    with books.superuser() as superuser:
        superuser.execute(
            "UPDATE wallet_bridge.reserve_leaves SET amount = amount + 1 WHERE position = 0 AND asset = 'BTC'"
        )
    assert broken(books) == {"reserves_are_their_leaves"}
    with books.superuser() as superuser:
        superuser.execute(
            "UPDATE wallet_bridge.reserve_leaves SET amount = amount - 1 WHERE position = 0 AND asset = 'BTC'"
        )
        superuser.execute("UPDATE wallet_bridge.reserve_trees SET ledger = ledger + 1 WHERE asset = 'BTC'")
    assert broken(books) == {"reserves_are_the_liabilities"}
    with books.superuser() as superuser:
        superuser.execute("DELETE FROM wallet_bridge.reserve_leaves WHERE asset = 'USDT' AND position = 1")
    assert "reserves_are_their_leaves" in broken(books)


def test_houses_do_not_see_each_other(books):
    customer = a_house(books)[0]
    one = snapshot(books)
    other = uuid7()
    assert service.page(other, states=service.PUBLIC, before=None, limit=10) == []
    with pytest.raises(NotFound):
        service.proof(other, customer=customer, snapshot_id=one.id)
    with db.read_only(tenant=other) as tx:
        assert tx.scalar("SELECT count(*) FROM wallet_bridge.reserve_leaves") == 0


def test_many_customers_span_several_pieces(books):
    customers = [uuid7() for _ in range(rules.TILE + 20)]
    with books.tx() as tx:
        made = [accounts.customer(tx, customer_id=who, asset="USDT") for who in customers]
    outside = books.outside("USDT")
    lines = [line for n, account in enumerate(made, 1) for line in move(outside, account, D(n))]
    for first in range(0, len(lines), 200):
        books.post(*lines[first : first + 200])
    snapshot(books)
    entries = published(books)
    for n, customer in enumerate(customers, 1):
        if n % 25 == 0 or n in {1, len(customers)}:
            assert verifier.verify(proof(books, customer), entries) == {"USDT": D(n)}
