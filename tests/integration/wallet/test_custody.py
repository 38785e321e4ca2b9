"""The bridge asks a real custodian by its lane, and reads the events of one: each once, in order, whatever is killed in between."""

from __future__ import annotations

import asyncio
import dataclasses
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kernel import db, failpoints
from kernel.calls.outcomes import Refused, Unknown
from kernel.clock import wall
from kernel.ids import uuid7
from rivermouth.prove.kills import WALLET_FAILPOINTS
from tests.notice_board import run_lane
from tests.wallet_desk import COIN, NETWORK, transfer
from wallet_bridge.custody import calls, listeners, service
from wallet_bridge.custody.client import CustodianRefuses
from wallet_bridge.custody.refs import Owner, Ref, RefKind, read, read_owner
from wallet_bridge.wire.schemas import EventOut
from wallet_bridge.wire.states import EventType


class Heard:
    """Listens to everything, and may be told to fail."""

    def __init__(self):
        self.addresses, self.transfers, self.deposits, self.floats, self.fails = [], [], [], [], 0

    def made(self, tx, ref, address):
        self.addresses.append((ref, address))

    def seen(self, tx, first, second, *, seq=None):
        if self.fails:
            self.fails -= 1
            raise RuntimeError("a fault of ours")
        (self.transfers if isinstance(first, Ref) else self.deposits).append((first, second))

    def refused(self, tx, ref, code, text):
        self.transfers.append((ref, code))

    def unanswered(self, tx, ref, *, manual=False):
        self.transfers.append((ref, "manual" if manual else None))

    def expired(self, tx, ref, reason):
        self.transfers.append((ref, "expired"))

    def not_cancelled(self, tx, ref, code):
        self.transfers.append((ref, code))

    def crossed(self, tx, event, data):
        self.floats.append((event, data))


@pytest.fixture
def heard(monkeypatch):
    one = Heard()
    monkeypatch.setattr(listeners, "_transfers", dict.fromkeys(RefKind, one))
    for kind in ("addresses", "deposits", "floats"):
        monkeypatch.setattr(listeners, f"_{kind}", [one])
    return one


def ask(wallet, wish):
    with db.transaction(tenant=wallet.tenant) as tx:
        service.ask_transfer(tx, wish)


def test_an_address_is_asked_for_and_what_it_receives_is_told(wallet, heard):
    owner, ref = Owner(wallet.tenant, uuid7()), Ref(RefKind.ADDRESS, wallet.tenant, uuid7())
    with db.transaction(tenant=wallet.tenant) as tx:
        service.ask_address(tx, ref=ref, owner=owner, asset=COIN, network=NETWORK)
    wallet.answered()
    [(told, address)] = heard.addresses
    assert (told, address.owner_ref) == (ref, str(owner))
    wallet.give(address.address, "1.5")
    wallet.mine(6)
    kinds = [event for event, _ in heard.deposits]
    assert kinds[0] is EventType.DEPOSIT_SEEN and kinds[-1] is EventType.DEPOSIT_FINAL
    assert {(one.amount, one.owner_ref) for _, one in heard.deposits} == {(Decimal("1.5"), str(owner))}


def test_a_payment_is_asked_for_once_and_its_cost_is_booked_once(wallet, heard):
    wallet.fund_hot()
    ref = Ref(RefKind.WITHDRAWAL, wallet.tenant, uuid7())
    ask(wallet, transfer(ref, wallet.stranger()))
    wallet.answered()
    wallet.hear_until(lambda: any(getattr(one, "state", None) == "final" for _, one in heard.transfers), mining=True)
    final = heard.transfers[-1][1]
    spent = wallet.booked("expense.network_fees")
    with db.transaction(tenant=wallet.tenant) as tx:
        carried = tx.scalar("SELECT carried FROM wallet_bridge.residues WHERE asset = 'ETH'")
    assert final.fee > 0
    assert -spent - carried == final.fee  # debit-normal; to the last wei, with what the books cannot hold carried on
    assert wallet.booked("wallet.ethereum") == -spent
    with db.transaction(tenant=wallet.tenant) as tx:
        service.book_fee(tx, final)
    assert wallet.booked("expense.network_fees") == spent


def test_a_custodian_that_was_away_has_what_it_was_asked_once_it_is_back(wallet, heard):
    wallet.fund_hot()
    wallet.custodian.stop()
    ref = Ref(RefKind.WITHDRAWAL, wallet.tenant, uuid7())
    ask(wallet, transfer(ref, wallet.stranger()))
    wallet.ask(lambda: (ref, None) in heard.transfers)
    wallet.custodian.start()
    wallet.answered()
    assert heard.transfers[-1][1].state == "accepted"


def test_what_the_custodian_refuses_is_refused_with_its_reason(wallet, heard):
    ref = Ref(RefKind.WITHDRAWAL, wallet.tenant, uuid7())
    ask(wallet, transfer(ref, "0x" + "1" * 39))
    wallet.answered()
    assert heard.transfers == [(ref, "address_invalid")]


def test_a_payment_is_cancelled_until_it_is_signed(wallet, heard):
    ref = Ref(RefKind.WITHDRAWAL, wallet.tenant, uuid7())
    ask(wallet, transfer(ref, wallet.stranger(), amount="5"))  # the hot wallet is empty: it waits
    wallet.answered()
    with db.transaction(tenant=wallet.tenant) as tx:
        assert not service.take_back(tx, ref)
        service.ask_cancel(tx, ref)
    wallet.answered()
    assert heard.transfers[-1][1].state == "cancelled"


def test_an_intent_is_taken_back_before_it_is_sent(wallet, heard):
    ref = Ref(RefKind.WITHDRAWAL, wallet.tenant, uuid7())
    ask(wallet, transfer(ref, wallet.stranger()))
    with db.transaction(tenant=wallet.tenant) as tx:
        assert service.take_back(tx, ref)
    wallet.answered()
    assert wallet.custodian.ask("GET", f"/v1/transfers?client_ref={ref}").status_code == 404


def test_an_empty_wallet_holds_nothing_and_says_so(wallet):
    told = wallet.custodian.ask("GET", "/v1/balances").json()["items"]
    assert {one["confirmed"] for one in told} == {"0"}


# Events, by hand ----------------------------------------------------------------------------------------------------------------


def deposit(seq, owner=None, amount="1"):
    data = {
        "network": NETWORK, "txid": f"0x{seq:064x}", "output": 0, "asset": COIN, "amount": amount, "address": "0x1", "memo": None,
        "owner_ref": owner, "height": 1, "block": "0x2", "confirmations": 1, "final_at": 4,
    }  # fmt: skip
    return EventOut(seq=seq, id=uuid7(), type=EventType.DEPOSIT_SEEN, at=wall(), data=data)


@pytest.fixture
def books(database, monkeypatch):
    db.configure(database.engine, pool_size=4)
    yield
    db.dispose()


def test_each_event_is_applied_once_and_none_is_left_out(books, heard):
    assert service.apply(deposit(1))
    assert not service.apply(deposit(1))
    assert not service.apply(deposit(3))
    assert service.place() == 1
    assert service.apply(deposit(2))
    assert len(heard.deposits) == 2


def test_an_event_belongs_to_the_tenant_of_its_owner(books, heard):
    seen = []
    tenant = uuid7()
    heard.seen = lambda tx, *_, **__: seen.append(tx.tenant_id)
    service.apply(deposit(1, owner=str(Owner(tenant, uuid7()))))
    assert seen == [tenant]


def test_an_event_that_cannot_be_applied_keeps_no_other_waiting_and_is_tried_again(books, heard):
    heard.fails = 2
    assert service.apply(deposit(1))
    assert service.apply(deposit(2))
    assert service.apply(deposit(3))
    assert [one.txid[-1] for _, one in heard.deposits] == ["3"]
    assert service.try_again(after_s=0) == 2
    assert service.try_again(after_s=0) == 0
    assert sorted(one.txid[-1] for _, one in heard.deposits) == ["1", "2", "3"]


def test_an_event_that_the_database_does_not_take_keeps_no_other_waiting(books, heard):
    """What it says is at fault, not the database: read again it would be refused again, for ever."""

    def written(tx, _event, told, **_):
        tx.scalar("SELECT CAST(:output AS bigint)", output=told.output)
        tx.scalar("SELECT CAST(:memo AS text)", memo=told.memo)
        heard.deposits.append(told.memo)

    heard.seen = written
    large, odd = deposit(1), deposit(2)
    large.data["output"], odd.data["memo"] = 10**30, "\0"
    assert all(service.apply(one) for one in (large, odd, deposit(3)))
    assert (service.place(), heard.deposits) == (3, [None])
    assert service.try_again(after_s=0) == 1
    assert heard.deposits == [None, "\ufffd"]


def test_one_that_fails_again_stays_aside(books, heard):
    heard.fails = 2
    service.apply(deposit(1))
    assert service.try_again(after_s=0) == 0
    assert service.try_again(after_s=3600) == 0
    assert service.try_again(after_s=0) == 1


class Killed(BaseException):
    """As a kill: nothing of ours runs any more."""


@pytest.mark.parametrize("place", WALLET_FAILPOINTS)
def test_a_reader_that_is_killed_applies_each_event_once(books, heard, monkeypatch, place):
    def die(name):
        if name == place:
            raise Killed

    def half_a_unit(tx, *_, **__):
        assert service.carry(tx, network=NETWORK, asset=COIN, change=Decimal("0.25")) == Decimal("0.25")
        heard.floats.append(1)

    heard.seen = half_a_unit
    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "hit", die)
        with pytest.raises(Killed):
            service.apply(deposit(1))
    applied = service.place()
    assert applied == (1 if place.endswith("after_commit") else 0)
    assert service.apply(deposit(1)) is (applied == 0)
    assert service.place() == 1
    with db.transaction() as tx:
        assert tx.scalar("SELECT count(*) FROM wallet_bridge.residues") == 1


def test_a_failing_listener_leaves_nothing_behind(books, heard):
    def half(tx, *_, **__):
        service.carry(tx, network=NETWORK, asset=COIN, change=Decimal("0.5"))
        raise RuntimeError("in the middle")

    heard.seen = half
    service.apply(deposit(1))
    with db.transaction() as tx:
        assert tx.scalar("SELECT count(*) FROM wallet_bridge.residues") == 0


@hypothesis_settings(deadline=None, max_examples=40)
@given(st.lists(st.decimals(min_value="-0.001", max_value="0.001", places=18), max_size=12))
def test_what_the_books_cannot_hold_is_carried_to_the_last_digit(module_books, changes):
    with db.transaction(tenant=uuid7()) as tx:  # a house of its own
        whole = [service.carry(tx, network=NETWORK, asset=COIN, change=change) for change in changes]
        carried = tx.scalar(
            "SELECT coalesce(sum(carried), 0) FROM wallet_bridge.residues WHERE tenant_id = :t", t=tx.tenant_id
        )
    assert sum(whole, Decimal(0)) + carried == sum(changes, Decimal(0))
    assert abs(carried) < Decimal("0.00000001")
    assert all(one == one.quantize(Decimal("0.00000001")) for one in whole)


@pytest.fixture(scope="module")
def module_books(cluster):
    made = cluster.create("rivermouth_template")
    db.configure(made.engine, pool_size=2)
    yield
    db.dispose()
    cluster.drop(made)


@pytest.mark.parametrize("text", ["", "w", "w/", "x/a/b", "w/1/2", "house/sweep/1", "w//", None])
def test_a_reference_that_is_not_ours_names_nothing_of_ours(text):
    assert read(text or "") is None
    assert read_owner(text) is None


def test_a_reference_says_what_it_was_made_of():
    ref, owner = Ref(RefKind.TREASURY, uuid7(), uuid7()), Owner(uuid7(), uuid7())
    assert read(str(ref)) == ref
    assert read_owner(str(owner)) == owner
    assert len(str(ref)) <= 80


class Known:
    """What people who decide are told."""

    def __init__(self):
        self.heard = []

    def found(self, _tx, _ref, transfer):
        self.heard.append(("found", transfer.state.value))

    def absent(self, _tx, _ref):
        self.heard.append("absent")

    def silent(self, _tx, _ref):
        self.heard.append("silent")


def test_what_is_asked_about_for_too_long_is_told_and_what_it_never_had_it_never_pays(wallet, heard, monkeypatch):
    """The request is lost, and comes when two people have decided that it never will be paid."""
    known, ref, decision = (
        Known(),
        Ref(RefKind.WITHDRAWAL, wallet.tenant, uuid7()),
        Ref(RefKind.DECISION, wallet.tenant, uuid7()),
    )
    monkeypatch.setattr(listeners, "_lookups", [known])
    wanted = transfer(ref, wallet.stranger())
    wallet.custodian.stop()
    with db.transaction(tenant=wallet.tenant) as tx:
        service.ask_transfer(tx, wanted)

    def state():
        with db.transaction() as tx:
            return tx.scalar("SELECT state FROM kernel.calls WHERE ref = :ref", ref=str(ref))

    impatient = dataclasses.replace(calls.RESOLVING.scaled(0.05), manual_after_s=0)
    kinds = dict.fromkeys(service.KINDS, calls.CustodyCalls(wallet.client()))
    run_lane(service.LANE, kinds, lambda: state() == "manual", resolving=impatient)
    assert heard.transfers[-1] == (ref, "manual")
    with db.transaction(tenant=wallet.tenant) as tx:
        assert service.ask_what_is_known(tx, wanted, decision=decision)
    assert state() == "not_placed"
    wallet.custodian.start()
    wallet.answered()
    assert known.heard == ["absent"]
    late = wallet.custodian.ask("POST", "/v1/transfers", wanted.model_dump(mode="json"))
    assert (late.status_code, late.json()["code"]) == (409, "client_ref_conflict")


class Custodian:
    """Answers one thing to everything."""

    def __init__(self, code):
        self.code = code

    async def post(self, path, body):
        raise CustodianRefuses(self.code, "no")


@pytest.mark.parametrize(
    ("code", "again"), [("address_invalid", Refused), ("not_found", Unknown), ("invalid_request", Unknown)]
)
def test_only_a_no_to_the_transfer_itself_ends_what_may_have_been_taken(code, again):
    """Asked again, a door that is not there or a request that it does not understand says nothing of what was sent before."""
    lane = calls.CustodyCalls(Custodian(code))
    call = SimpleNamespace(kind=service.TRANSFER, payload={})
    assert isinstance(asyncio.run(lane.ask(call)), again)
    assert isinstance(asyncio.run(lane.send(call)), Refused)
