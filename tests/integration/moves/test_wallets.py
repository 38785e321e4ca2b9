"""Between the custodian's wallet and a venue: a real custodian on a real node, a simulated venue, and everything that can go wrong."""

import secrets
from decimal import Decimal

import pytest

from tests.rails_desk import ETH, WALLET
from wallet_bridge.moves import addresses, errors, service
from wallet_bridge.moves.addresses import NewAddress

D = Decimal


@pytest.fixture
def desk(rails):
    return rails


def house(desk):
    """What the house owns of it, wherever it is."""
    return desk.in_wallet() - desk.sum_of("venue.binance:ETH") + desk.transit("ETH")


def test_from_the_wallet_to_a_venue(desk):
    transfer = desk.agreed(WALLET, "binance", amount="2", **ETH)
    before, there = house(desk), desk.has(desk.transfer(transfer).address)
    assert (desk.state(transfer), desk.transfer(transfer).fee, desk.transit("ETH")) == ("reserved", 0, 0)
    desk.custodian(desk.wallet.answered)
    desk.until(transfer, "in_transit")
    row = desk.transfer(transfer)
    assert (row.left_amount, row.left_fee, desk.transit("ETH")) == (2, 0, 2)
    assert desk.has(row.address) == there + 2
    desk.credits("binance", transfer)
    desk.read_arrivals("binance", desk.at_state(transfer, "closed"))
    desk.custodian(desk.wallet.mine, 4)
    assert (desk.transit("ETH"), desk.sum_of("venue.binance:ETH")) == (0, -52)
    cost = -desk.sum_of("expense.network_fees:ETH")
    assert cost > 0
    assert house(desk) == before - cost
    assert desk.on_chain() == desk.in_wallet() + desk.carried()
    assert desk.told(transfer) == ["closed"]


def test_a_custodian_that_says_nothing_is_asked_again_and_pays_once(desk):
    """Its process is gone when it is asked; the money stays reserved, and another one waits."""
    transfer = desk.agreed(WALLET, "binance", amount="2", **ETH)
    before = desk.has(desk.transfer(transfer).address)
    desk.wallet.custodian.stop()
    desk.custodian(desk.wallet.ask, desk.at_state(transfer, "unknown"))
    with pytest.raises(errors.TreasuryTransferBusy):
        desk.ask(WALLET, "binance", amount="1", **ETH)
    desk.wallet.custodian.start()
    desk.custodian(desk.wallet.answered)
    desk.until(transfer, "in_transit")
    desk.custodian(desk.wallet.mine, 4)
    assert desk.has(desk.transfer(transfer).address) == before + 2
    desk.credits("binance", transfer)
    desk.read_arrivals("binance", desk.at_state(transfer, "closed"))
    assert desk.transit("ETH") == 0


@pytest.mark.parametrize("first", ["the venue tells", "the chain is final"])
def test_from_a_venue_to_the_wallet(desk, monkeypatch, first):
    """Whichever is heard first: it is no customer's deposit, and nobody's in suspense."""
    before = house(desk)
    transfer = desk.agreed("binance", WALLET, amount="3", **ETH)
    address = desk.transfer(transfer).address
    assert address == desk.house_address()
    txid = desk.custodian(desk.wallet.give, address, "3")
    monkeypatch.setattr("venues.simulator.moves._txid", lambda *_: txid)
    steps = [
        lambda: desk.run_lane("binance", desk.at_state(transfer, "in_transit")),
        lambda: desk.custodian(desk.wallet.mine, 5),
    ]
    for step in steps if first == "the venue tells" else reversed(steps):
        step()
    desk.work_off()
    row = desk.transfer(transfer)
    assert (row.state, row.left_amount, row.arrived_amount) == ("closed", 3, 3)
    assert (desk.transit("ETH"), house(desk)) == (0, before - row.left_fee)
    assert desk.in_wallet() == 103
    assert desk.engine.execute("SELECT count(*) FROM wallet_bridge.deposits").fetchone() == (0,)


def test_what_no_transfer_waits_for_is_a_deposit_whose_owner_nobody_knows(desk):
    desk.custodian(desk.wallet.give, desk.house_address(), "1")
    desk.custodian(desk.wallet.mine, 5)
    rows = desk.engine.execute("SELECT status, reason, amount FROM wallet_bridge.deposits").fetchall()
    assert rows == [("suspense", "owner_unknown", 1)]
    assert (desk.transit("ETH"), desk.in_wallet()) == (0, 101)


def test_what_is_proposed_is_taken_and_what_cannot_be_is_refused(desk):
    with pytest.raises(errors.TreasuryFundsShort):
        desk.ask(WALLET, "binance", amount="100.5", **ETH)
    with pytest.raises(errors.TreasuryRouteUnknown):
        desk.ask("wallet:tron", "binance", amount="1", **ETH)
    # A wallet below its line is filled by a venue, and the other way round.
    desk.line_at(WALLET, "110")
    (one,) = desk.propose()
    assert (one.source, one.destination, one.network, one.usable, one.line) == ("binance", WALLET, "ethereum", 100, 110)
    assert 0 < one.amount < 50
    desk.line_at(WALLET, "10")
    desk.line_at("venue:binance", "60")
    (one,) = desk.propose()
    assert (one.source, one.destination, one.amount, one.usable) == (WALLET, "binance", 70, 50)
    transfer = desk.ask(WALLET, "binance", amount="70", proposal_id=one.id, **ETH)
    assert desk.transfer(transfer).proposal_id == one.id
    # It is taken back until it is sent: the custodian never hears of it.
    desk.agree(desk.approval_of(transfer))
    service.cancel(tenant=desk.tenant, actor=desk.maker, transfer_id=transfer, key=None)
    assert desk.state(transfer) == "cancelled"
    desk.custodian(desk.wallet.answered)
    assert desk.wallet.custodian.ask("GET", f"/v1/transfers?client_ref=t/{desk.tenant}/{transfer}").status_code == 404
    # An address is the custodian's, or none.
    (row,) = [one for one in addresses.listed(desk.tenant) if one.venue == WALLET]
    addresses.remove(tenant=desk.tenant, actor=desk.maker, address_id=row.id, key=None)
    wish = NewAddress(venue=WALLET, address="0x" + secrets.token_hex(20), memo=None, key_name=None, **ETH)
    with pytest.raises(errors.TreasuryAddressDiffers):
        addresses.ask(tenant=desk.tenant, actor=desk.maker, wish=wish, key=None)
    with pytest.raises(errors.TreasuryAddressMissing):
        desk.ask("binance", WALLET, amount="1", **ETH)
