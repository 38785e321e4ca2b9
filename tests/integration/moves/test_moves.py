"""A transfer of treasury from the asking to the closing, on the real lanes and the simulated venues."""

import pytest

from identity.approvals import service as approvals
from identity.approvals.errors import ApprovalOwnRequest
from kernel import failpoints
from kernel.calls.outcomes import Unknown
from rivermouth.engine import treasury
from rivermouth.prove.kills import TREASURY_FAILPOINTS
from tests.moves_desk import D
from tests.notice_board import advance
from venues.gateway import VenueUnreachable
from wallet_bridge.funds import service as funds
from wallet_bridge.moves import addresses, errors, service, tasks
from wallet_bridge.moves.addresses import NewAddress

VENUES = ("binance", "bitfinex", "kraken", "okx")


def count_left(desk, venue):
    return len(desk.left(venue))


@pytest.mark.parametrize("source", VENUES)
def test_money_leaves_one_venue_and_is_closed_at_the_other(desk, source):
    destination = "okx" if source != "okx" else "kraken"
    desk.ready(source, destination)
    before, sent_before = desk.total(), count_left(desk, source)
    transfer = desk.agreed(source, destination)
    fee = desk.transfer(transfer).fee
    assert (desk.state(transfer), desk.reserved(source, "USDT")) == ("reserved", 1000 + fee)
    assert desk.broken() == {}, "what a transfer reserves is nobody's mistake"
    desk.run_lane(source, desk.at_state(transfer, "in_transit"))
    assert (desk.transit(), desk.reserved(source, "USDT")) == (1000, 0)
    assert desk.total() == before - fee
    desk.read_arrivals(destination, desk.at_state(transfer, "closed"))
    row = desk.transfer(transfer)
    assert (row.left_amount, row.left_fee, row.arrived_amount) == (1000, fee, 1000)
    assert row.txid
    assert (desk.transit(), desk.total()) == (0, before - fee)
    assert desk.venue_gained(source, "USDT") == -1000 - fee
    assert desk.venue_gained(destination, "USDT") == 1000
    assert count_left(desk, source) == sent_before + 1
    assert desk.told(transfer) == ["closed"]


@pytest.mark.parametrize("source", VENUES)
def test_a_lost_reply_is_found_in_the_history_and_never_sent_twice(desk, source):
    destination = "okx" if source != "okx" else "kraken"
    desk.ready(source, destination)
    before = count_left(desk, source)
    transfer = desk.agreed(source, destination)
    fault = desk.simulator.fault(source, "drop_after_accept", operation="withdraw")
    desk.run_lane(source, desk.at_state(transfer, "in_transit"))
    assert desk.simulator.hits(fault) == 1
    assert count_left(desk, source) == before + 1
    desk.read_arrivals(destination, desk.at_state(transfer, "closed"))
    assert desk.transit() == 0


def test_a_history_that_is_late_keeps_the_reservation_until_it_tells(desk):
    desk.ready("binance", "okx")
    before = count_left(desk, "binance")
    transfer = desk.agreed()
    desk.simulator.fault("binance", "drop_after_accept", operation="withdraw")
    desk.simulator.fault("binance", "late_history", operation="withdraw", delay_ms=600)
    desk.run_lane("binance", desk.at_state(transfer, "unknown", "in_transit"))
    if desk.state(transfer) == "unknown":  # the machine was fast enough to look before the history told
        assert desk.reserved("binance", "USDT") == 1001
        assert desk.transit() == 0
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    assert count_left(desk, "binance") == before + 1


def test_a_request_that_never_arrived_ends_as_not_placed_and_frees_the_money(desk):
    desk.ready("binance", "okx")
    before = count_left(desk, "binance")
    transfer = desk.agreed()
    desk.simulator.fault("binance", "drop_before_accept", operation="withdraw")
    desk.run_lane("binance", desk.at_state(transfer, "not_placed"))
    assert desk.reserved("binance", "USDT") == 0
    assert count_left(desk, "binance") == before
    assert desk.told(transfer) == ["ended"]


def test_a_refusal_frees_the_money(desk):
    desk.ready("binance", "okx")
    transfer = desk.agreed()
    desk.simulator.fault("binance", "withdraw_refused", operation="withdraw")
    desk.run_lane("binance", desk.at_state(transfer, "failed"))
    assert (desk.transfer(transfer).reason, desk.reserved("binance", "USDT"), desk.transit()) == ("-4026", 0, 0)


def test_what_the_venue_sends_back_is_booked_back(desk):
    desk.ready("binance", "okx")
    desk.simulator.control("POST", "/control/moves", {"delay_ms": 60_000})
    before = desk.total()
    transfer = desk.agreed()
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    (sent,) = [one for one in desk.simulator.cores["binance"].moves.every_withdrawal() if one.client_id == transfer.hex]
    sent.state = "failed"
    desk.run_lane("binance", desk.at_state(transfer, "failed"))
    assert (desk.total(), desk.transit(), desk.transfer(transfer).reason) == (before, 0, "sent_back")


def test_less_than_what_left_stays_open_in_transit(desk):
    desk.ready("binance", "okx")
    transfer = desk.agreed()
    desk.simulator.fault("binance", "short_arrival", operation="withdraw")
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    desk.read_arrivals("okx", desk.at_state(transfer, "arrived"))
    assert (desk.transit(), desk.venue_gained("okx", "USDT")) == (1, 999)
    assert desk.told(transfer) == ["differs"]


def test_one_deposit_ends_one_transfer(desk):
    """Two of the same amount to the same address, and the second is still on its way when the first has come."""
    desk.ready("binance", "okx")
    first = desk.agreed()
    desk.run_lane("binance", desk.at_state(first, "in_transit"))
    second = desk.agreed()
    desk.simulator.fault("binance", "slow_arrival", operation="withdraw", delay_ms=60_000)
    desk.run_lane("binance", desk.at_state(second, "in_transit"))
    desk.read_arrivals("okx", desk.at_state(first, "closed"))
    desk.read_arrivals("okx")
    assert (desk.state(first), desk.state(second), desk.transit()) == ("closed", "in_transit", 1000)


# Four eyes -----------------------------------------------------------------------------------------------------------------------


def test_the_same_person_does_not_agree_to_the_own_transfer(desk):
    desk.ready("binance", "okx")
    transfer = desk.ask()
    with pytest.raises(ApprovalOwnRequest):
        desk.agree(desk.approval_of(transfer), by=desk.maker)
    assert (desk.state(transfer), desk.reserved("binance", "USDT")) == ("draft", 0)


def test_a_rejected_transfer_is_over(desk):
    desk.ready("binance", "okx")
    transfer = desk.ask()
    approvals.reject(
        tenant=desk.tenant, by=desk.checker, approval_id=desk.approval_of(transfer), reason="not now", key=None
    )
    desk.decided()
    assert (desk.state(transfer), desk.transfer(transfer).reason) == ("rejected", "rejected")
    assert desk.ask() != transfer


def test_an_address_that_was_removed_after_the_asking_is_not_paid_to(desk):
    desk.ready("binance", "okx")
    transfer = desk.ask()
    (address,) = [
        row for row in addresses.listed(desk.tenant) if (row.venue, row.asset, row.network) == ("okx", "USDT", "tron")
    ]
    addresses.remove(tenant=desk.tenant, actor=desk.maker, address_id=address.id, key=None)
    desk.agree(desk.approval_of(transfer))
    assert (desk.state(transfer), desk.transfer(transfer).reason) == ("failed", "treasury_address_missing")
    assert desk.reserved("binance", "USDT") == 0


def test_a_row_that_was_changed_behind_the_approval_is_not_sent(desk):
    desk.ready("binance", "okx")
    transfer = desk.ask()
    desk.engine.execute("UPDATE wallet_bridge.treasury_transfers SET address = 'TEVIL' WHERE id = %s", [transfer])
    desk.agree(desk.approval_of(transfer))
    assert desk.state(transfer) in {"draft", "rejected"}
    assert desk.reserved("binance", "USDT") == 0


def test_money_that_was_spent_between_asking_and_agreeing_is_not_sent(desk):
    desk.ready("binance", "okx")
    transfer = desk.ask(amount="900000")
    funds.report(desk.tenant, "binance", {"USDT": (D(500_000), D(500_000))})
    desk.agree(desk.approval_of(transfer))
    assert (desk.state(transfer), desk.transfer(transfer).reason) == ("failed", "treasury_funds_short")


def test_only_the_address_that_the_venue_names_can_be_approved(desk):
    desk.read_rails("okx")
    for address, memo in (("0xEVIL", None), (None, "memo")):
        with desk.tx() as tx:
            from wallet_bridge.moves import queries

            rail = queries.rail(tx, venue="okx", asset="USDT", network="tron")
        wish = NewAddress(
            venue="okx", asset="USDT", network="tron", address=address or rail.address, memo=memo, key_name=None
        )
        with pytest.raises(errors.TreasuryAddressDiffers):
            addresses.ask(tenant=desk.tenant, actor=desk.maker, wish=wish, key=None)


# Taking back ---------------------------------------------------------------------------------------------------------------------


def test_an_address_that_could_not_be_read_is_asked_for_soon_and_then_less_and_less_often(desk):
    async def read(venue):
        honest = venue.address

        async def address(asset, network):
            if network == "tron":
                raise VenueUnreachable("busy")
            return await honest(asset, network)

        venue.address = address
        return await treasury.read_rails(venue, tenant=desk.tenant, venue="okx")

    told = desk.engine_does(read, "okx")
    assert told is treasury.Read.ADDRESS_MISSING
    rails = {(row.asset, row.network): row.address for row in addresses.offered(desk.tenant) if row.venue == "okx"}
    assert rails["USDT", "tron"] is None
    assert rails["USDT", "ethereum"] is not None
    pauses = [treasury.pause_s(told, missed=missed) for missed in (1, 2, 3, 6, 7, 10_000)]
    assert pauses == [15, 30, 60, 480, 600, 600]
    assert treasury.pause_s(treasury.Read.WHOLE, missed=0) == 600
    desk.read_rails("okx")


def test_a_demo_has_its_addresses_from_the_start_and_what_was_removed_stays_removed(desk):
    desk.read_rails("okx")
    [taken] = [r for r in addresses.offered(desk.tenant) if (r.venue, r.asset, r.network) == ("okx", "USDT", "tron")]
    said = {row["network"]: row for row in desk.simulator.control("GET", "/control/addresses/okx")["items"]}
    one = NewAddress(venue="okx", memo=None, key_name="treasury", **said["tron"])
    assert one.address == taken.address
    with desk.as_engine():
        for _ in range(2):
            with desk.tx() as tx:
                addresses.default(tx, one, asked_by=desk.maker, agreed_by=desk.checker)
    [row] = addresses.listed(desk.tenant)
    assert (row.state, row.created_by, row.approved_by) == ("active", desk.maker, desk.checker)
    addresses.remove(tenant=desk.tenant, actor=desk.maker, address_id=row.id, key=None)
    with desk.as_engine(), desk.tx() as tx:
        addresses.default(tx, one, asked_by=desk.maker, agreed_by=desk.checker)
    assert addresses.listed(desk.tenant) == []


def test_a_transfer_is_taken_back_until_it_is_sent(desk):
    desk.ready("binance", "okx")
    before = count_left(desk, "binance")
    for ask in (desk.ask, desk.agreed):
        transfer = ask()
        service.cancel(tenant=desk.tenant, actor=desk.maker, transfer_id=transfer, key=None)
        assert (desk.state(transfer), desk.reserved("binance", "USDT")) == ("cancelled", 0)
    sent = desk.agreed()
    desk.run_lane("binance", desk.at_state(sent, "in_transit"))
    with pytest.raises(errors.TreasuryTransferSent):
        service.cancel(tenant=desk.tenant, actor=desk.maker, transfer_id=sent, key=None)
    assert count_left(desk, "binance") == before + 1


# What is refused -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"destination": "binance"}, errors.TreasuryRouteUnknown),
        ({"destination": "nowhere"}, errors.TreasuryRouteUnknown),
        ({"network": "moon"}, errors.TreasuryRouteUnknown),
        ({"amount": "0"}, errors.TreasuryAmountUnfit),
        ({"amount": "-5"}, errors.TreasuryAmountUnfit),
        ({"amount": "1"}, errors.TreasuryAmountUnfit),
        ({"amount": "1000.00000000001"}, errors.TreasuryAmountUnfit),
        ({"amount": "1000000"}, errors.TreasuryFundsShort),
        ({"proposal_id": "018f0000-0000-7000-8000-000000000000"}, errors.TreasuryProposalGone),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(desk, wish, error):
    desk.ready("binance", "okx")
    with pytest.raises(error):
        desk.ask(**wish)
    assert desk.states() == []
    assert desk.reserved("binance", "USDT") == 0


def test_a_network_that_one_side_closed_is_refused(desk):
    desk.ready("binance", "okx")
    desk.simulator.control("POST", "/control/moves", {"venue": "okx", "closed": [["deposit", "USDT", "tron"]]})
    desk.read_rails("okx")
    with pytest.raises(errors.TreasuryNetworkClosed):
        desk.ask()


def test_one_transfer_of_an_asset_leaves_a_venue_at_a_time(desk):
    desk.ready("binance", "okx", "kraken")
    desk.ask()
    with pytest.raises(errors.TreasuryTransferBusy):
        desk.ask(destination="kraken", amount="20")
    assert desk.ask(asset="BTC", network="bitcoin", amount="1")


def test_a_business_clock_that_is_ahead_hides_no_arrival(desk):
    """A sandbox's clock goes on by months; venues live in wall time."""
    desk.ready("binance", "okx")
    with desk.as_engine():
        advance("90 days")
    transfer = desk.agreed("binance", "okx")
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    desk.read_arrivals("okx", desk.at_state(transfer, "closed"), seconds=20)
    assert (desk.state(transfer), desk.transit()) == ("closed", 0)


# Late ----------------------------------------------------------------------------------------------------------------------------


def test_a_transfer_that_takes_three_times_its_time_is_told_once(desk):

    desk.ready("binance", "okx")
    desk.simulator.control("POST", "/control/moves", {"delay_ms": 3_600_000})
    transfer = desk.agreed()
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    minutes = desk.transfer(transfer).minutes
    with desk.as_engine():
        tasks.look_for_late(None)
        assert desk.told(transfer) == []
        advance(f"{3 * minutes + 1} minutes")
        tasks.look_for_late(None)
        tasks.look_for_late(None)
    assert desk.told(transfer) == ["late"]
    assert desk.state(transfer) == "in_transit"


# Proposals -----------------------------------------------------------------------------------------------------------------------


def test_a_venue_below_its_line_is_proposed_the_cheapest_way_and_the_proposal_is_taken(desk):
    desk.ready(*VENUES)
    for venue in VENUES:
        desk.line(venue, "USDT", "100000")
    assert desk.propose() == []
    funds.report(desk.tenant, "kraken", {"USDT": (D(50_000), D(50_000))})
    (one,) = desk.propose()
    assert (one.source, one.destination, one.asset, one.network) == ("binance", "kraken", "USDT", "tron")
    assert (one.amount, one.fee, one.usable) == (150_000, 1, 50_000), "up to twice its line"
    (same,) = desk.propose()
    assert same.id == one.id
    transfer = desk.ask("binance", "kraken", amount=str(one.amount), proposal_id=one.id)
    with pytest.raises(errors.TreasuryProposalGone):
        desk.ask("binance", "kraken", amount=str(one.amount), proposal_id=one.id)
    assert desk.transfer(transfer).proposal_id == one.id
    assert desk.propose() == [], "what is on its way counts"


def test_nobody_is_drained_below_twice_the_own_line(desk):
    desk.ready("binance", "okx")
    desk.line("okx", "USDT", "2000000")
    desk.line("binance", "USDT", "500000")
    assert desk.propose() == []
    desk.line("binance", "USDT", "499000")
    (one,) = desk.propose()
    assert one.amount == 1999, "what lies above twice the own line, less the fee"


# Lanes and lies ------------------------------------------------------------------------------------------------------------------


def test_an_answer_that_is_lost_again_and_again_is_asked_again_and_sent_once(desk):
    """Twenty transfers, each with its reply lost: twenty withdrawals."""
    desk.ready("okx", "binance")
    before = count_left(desk, "okx")
    for number in range(20):
        transfer = desk.agreed("okx", "binance", amount=str(100 + number))
        desk.simulator.fault("okx", "drop_after_accept", operation="withdraw")
        desk.run_lane("okx", desk.at_state(transfer, "in_transit"))
    assert count_left(desk, "okx") == before + 20
    assert len({one["client_id"] for one in desk.left("okx")[before:]}) == 20


def test_an_engine_that_dies_after_sending_asks_and_does_not_send_again(desk):
    """As after a kill between the sending and the outcome: the next owner finds the call sent."""
    desk.ready("binance", "okx")
    before = count_left(desk, "binance")
    transfer = desk.agreed()

    class Dies:
        def __init__(self, kind):
            self.kind = kind

        def __getattr__(self, name):
            return getattr(self.kind, name)

        async def send(self, call):
            await self.kind.send(call)
            raise RuntimeError("the process is gone")

        async def ask(self, _call):
            return Unknown("nobody asks any more")

    with pytest.raises(AssertionError):
        desk.run_lane("binance", lambda: False, seconds=1.0, wrap=Dies)
    assert (desk.state(transfer), desk.reserved("binance", "USDT")) == ("reserved", 1001)
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    assert count_left(desk, "binance") == before + 1


class Killed(BaseException):
    """As a kill: nothing of ours runs any more."""


@pytest.mark.parametrize("place", TREASURY_FAILPOINTS)
def test_a_watch_that_is_killed_books_an_arrival_once(desk, monkeypatch, place):
    desk.ready("binance", "okx")
    transfer = desk.agreed()
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))

    def die(name):
        if name == place:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "hit", die)
        with pytest.raises(Killed):
            desk.read_arrivals("okx", seconds=5)
    assert desk.state(transfer) == ("closed" if place.endswith("after_commit") else "in_transit")
    desk.read_arrivals("okx", desk.at_state(transfer, "closed"))
    assert (desk.venue_gained("okx", "USDT"), desk.transit()) == (1000, 0)
