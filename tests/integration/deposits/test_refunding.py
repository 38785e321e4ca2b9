"""A held deposit goes back: two people agree to all of it, it is paid once, nobody is credited, and the books are right whatever the chain does."""

from datetime import timedelta
from decimal import Decimal

import pytest

from identity.approvals import service as approvals
from identity.approvals.events import ApprovalGranted
from kernel import clock
from kernel.ids import uuid7
from kernel.money import canonical
from tests.wallet_desk import offer
from wallet_bridge.address_book.errors import AddressInvalid, MemoNotTaken
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.deposits import errors, refunding, releasing
from wallet_bridge.deposits.states import DepositStatus, Place
from wallet_bridge.networks import service as networks
from wallet_bridge.refunds import listening, service
from wallet_bridge.refunds.errors import RefundToOwnAddress
from wallet_bridge.refunds.listening import Refunds
from wallet_bridge.refunds.service import Wish
from wallet_bridge.wire.schemas import TransferOut
from wallet_bridge.withdrawals.errors import FeeExceedsAmount, WithdrawalsClosed

D = Decimal
S = DepositStatus
SENDER = "0x" + "5e" * 20
TXID = "0x" + "ab" * 32
LOST = "deposits.receivable.refunds:ETH"


class Desk:
    """Two people of staff, one held deposit of 2 ETH (the fee is 0.002), and what the custodian says of its way back."""

    def __init__(self, deposits):
        self.books = deposits
        self.maker, self.checker = deposits.staff(), deposits.staff(role="compliance")
        self.customer, self.address = deposits.payer(level=0)
        self.feed = deposits.feed(self.customer, self.address, "2").at().deeper(3).all()
        self._said = 0

    @property
    def row(self):
        return self.books.deposit(self.feed)

    def ask(self, address=SENDER, *, memo=None, deposit_id=None):
        wish = Wish(address=address, memo=memo, reason="the sender is listed")
        return service.ask(
            tenant=self.books.tenant, actor=self.maker, deposit_id=deposit_id or self.row.id, wish=wish, key=None
        )

    def agree(self, approval_id):
        """The second person says yes, and the consumer of events hears it twice."""
        asked = self.look(approval_id)
        approvals.approve(
            tenant=self.books.tenant, by=self.checker, approval_id=approval_id, digest=asked.digest, key=None
        )
        fact = ApprovalGranted(approval_id, asked.kind, asked.resource_id, asked.digest, self.maker, self.checker)
        for handler in (service.granted, releasing.granted) * 2:
            with self.books.tx() as tx:
                handler(tx, fact)
        return self.look(approval_id)

    def look(self, approval_id):
        return approvals.read(tenant=self.books.tenant, reader=self.checker, approval_id=approval_id)

    def begun(self):
        assert self.agree(self.ask()).state == "carried_out"
        return self

    @property
    def ref(self):
        return Ref(RefKind.REFUND, self.books.tenant, self.row.refund_id)

    def calls(self, kind="custody.transfer"):
        rows = self.books.engine.execute("SELECT ref, payload FROM kernel.calls WHERE kind = %s", (kind,))
        return [payload for ref, payload in rows.fetchall() if ref.startswith("r/")]

    def sent(self):
        self.books.engine.execute("UPDATE kernel.calls SET state = 'sent'")
        return self

    def said(self, state, ref=None, **other):
        """The custodian says it of the newest one, and we hear it twice."""
        self._said += 1
        at, ref = clock.wall() + timedelta(seconds=self._said), ref or self.ref
        told = {
            "id": uuid7(), "client_ref": str(ref), "state": state, "source": "hot", "network": "ethereum", "asset": "ETH",
            "amount": "1.998", "destination": {"type": "address", "address": SENDER}, "address": SENDER, "memo": None, "fee_cap": "0.01",
            "fee": None, "txid": TXID if state in {"signed", "broadcast", "confirming", "final"} else None, "confirmations": 0,
            "reason": None, "attempts": [], "created_at": at, "updated_at": at,
        }  # fmt: skip
        for _ in range(2):
            with self.books.tx() as tx:
                Refunds().seen(tx, ref, TransferOut.model_validate(told | other))
        return self

    def paid(self):
        return self.said("accepted").said("confirming").said("final")

    def books_are(self, *, wallet, held, lost="0", fee="0"):
        has = {
            "wallet": self.books.wallet(), "held": self.books.on("deposits.held:ETH"), "lost": -self.books.on(LOST),
            "fee": self.books.on("revenue.withdrawal_fee:ETH"), "customer": self.books.has(self.customer),
        }  # fmt: skip
        assert has == {"wallet": D(wallet), "held": D(held), "lost": D(lost), "fee": D(fee), "customer": 0}
        assert self.books.broken() == {}


@pytest.fixture
def desk(deposits):
    refunding.on_taken_back(listening.stop)
    return Desk(deposits)


def test_two_people_send_a_held_deposit_back_and_it_is_booked_when_it_is_final(desk):
    approval_id = desk.ask()
    shown = desk.look(approval_id)
    assert (shown.kind, shown.summary["sent"], shown.summary["address"]) == ("wallet.deposit_refund", "1.998", SENDER)
    assert desk.agree(approval_id).state == "carried_out"
    assert (desk.row.status, desk.row.place) == (S.REFUNDING, Place.HELD)
    [asked] = desk.calls()
    assert (asked["amount"], asked["destination"]["address"], len(asked["approvals"])) == ("1.998", SENDER, 2)
    desk.books_are(wallet=2, held=2)
    desk.paid()
    assert (desk.row.status, desk.row.refund_txid) == (S.REFUNDED, TXID)
    desk.books_are(wallet="0.002", held=0, fee="0.002")
    [told] = desk.books.told("wallet.deposit_refunded.v1")
    assert (told["amount"], told["fee"], told["txid"]) == ("1.998", "0.002", TXID)
    with pytest.raises(errors.DepositNotHeld):
        desk.ask()


def test_it_goes_nowhere_but_to_an_address_of_its_network_that_is_not_ours(desk):
    for wrong in ("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", "0x12", "0x" + "0" * 40):
        with pytest.raises(AddressInvalid):
            desk.ask(wrong)
    with pytest.raises(MemoNotTaken):
        desk.ask(memo="7")
    ours = "0x" + "ab" * 20
    desk.books.address(desk.books.known_customer(), ours.upper().replace("0X", "0x"))
    with pytest.raises(RefundToOwnAddress):
        desk.ask(ours)
    with pytest.raises(errors.DepositNotFound):
        desk.ask(deposit_id=uuid7())


def test_what_would_not_be_worth_its_fee_is_not_sent(desk):
    with desk.books.tx() as tx:
        networks.put(tx, offer(withdrawal_fee=D(2)))
    with pytest.raises(FeeExceedsAmount):
        desk.ask()
    with desk.books.tx() as tx:
        networks.put(tx, offer(withdrawals=False))
    with pytest.raises(WithdrawalsClosed):
        desk.ask()


def test_a_fee_that_has_changed_is_another_thing_than_what_was_agreed_to(desk):
    approval_id = desk.ask()
    with desk.books.tx() as tx:
        networks.put(tx, offer(withdrawal_fee=D("0.5")))
    assert desk.agree(approval_id).state == "void"
    assert (desk.row.status, desk.calls()) == (S.HELD, [])
    approval_id = desk.ask()
    with desk.books.tx() as tx:
        networks.put(tx, offer(withdrawal_fee=D("0.5"), withdrawals=False))
    assert desk.agree(approval_id).reason == "withdrawals_closed"
    assert (desk.row.status, desk.calls()) == (S.HELD, [])


def test_what_is_sent_back_cannot_be_let_go_as_well(desk):
    released = releasing.ask(tenant=desk.books.tenant, actor=desk.maker, deposit_id=desk.row.id, key=None)
    desk.begun()
    assert desk.look(released).state == "void"
    with pytest.raises(errors.DepositNotHeld):
        releasing.ask(tenant=desk.books.tenant, actor=desk.maker, deposit_id=desk.row.id, key=None)


def test_what_the_custodian_refuses_is_held_again_and_people_decide_again(desk):
    first = desk.begun().ref
    with desk.books.tx() as tx:
        Refunds().refused(tx, first, "address_invalid", "its checksum is wrong")
    assert (desk.row.status, desk.row.reason, desk.row.refund_refused) == (S.HELD, "level_too_low", "address_invalid")
    desk.books_are(wallet=2, held=2)
    [told] = desk.books.told("wallet.deposit_refund_halted.v1")
    assert (told["why"], told["reason"]) == ("not_paid", "address_invalid")
    desk.begun()
    assert desk.ref != first
    desk.paid()
    desk.books_are(wallet="0.002", held=0, fee="0.002")


def test_what_nobody_knows_of_is_not_failed(desk):
    ref = desk.begun().ref
    for manual in (False, True, True):
        with desk.books.tx() as tx:
            Refunds().unanswered(tx, ref, manual=manual)
    assert desk.row.status is S.REFUNDING
    [told] = desk.books.told("wallet.deposit_refund_halted.v1")
    assert told["why"] == "manual"
    desk.paid()
    assert desk.row.status is S.REFUNDED


def test_another_payment_than_the_one_that_was_asked_for_books_nothing(desk):
    desk.begun().said("final", amount="1.5")
    assert desk.row.status is S.REFUNDING
    desk.books.engine.execute("UPDATE wallet_bridge.deposit_refunds SET contradiction = NULL")
    desk.books_are(wallet=2, held=2)


def test_what_the_chain_takes_back_before_it_was_sent_is_not_sent(desk):
    ref = desk.begun().ref
    desk.feed.lost().all()
    assert (desk.row.status, desk.row.refund_id) == (S.REVERSED, None)
    desk.books_are(wallet=0, held=0)
    assert (
        desk.books.engine.execute("SELECT state FROM kernel.calls WHERE ref = %s", (str(ref),)).fetchone()[0]
        == "expired"
    )
    desk.feed.at().deeper(3).all()
    assert desk.row.status is S.HELD
    desk.books_are(wallet=2, held=2)


def test_what_the_chain_takes_back_and_the_custodian_has_is_cancelled_while_it_can_be(desk):
    ref = desk.begun().sent().ref
    desk.feed.lost().all()
    assert (desk.row.status, len(desk.calls("custody.cancel"))) == (S.REVERSED, 1)
    desk.feed.at().deeper(3).all()
    assert desk.row.status is S.REFUNDING, "nobody gets what may be paid"
    desk.books_are(wallet=2, held=2)
    desk.feed.lost().all()
    desk.said("cancelled", ref)
    assert (desk.row.status, desk.row.refund_id, len(desk.calls("custody.cancel"))) == (S.REVERSED, None, 1)
    desk.books_are(wallet=0, held=0)


@pytest.mark.parametrize("before", [True, False], ids=["before it was final", "after it was paid"])
def test_what_was_sent_back_of_a_deposit_that_the_chain_took_back_is_the_houses_loss(desk, before):
    desk.begun().sent()
    for deed in (desk.feed.lost().all, desk.paid) if before else (desk.paid, desk.feed.lost().all):
        deed()
    assert desk.row.status is S.REVERSED
    desk.books_are(wallet="-1.998", held=0, lost=2, fee="0.002")
    assert desk.books.told("wallet.deposit_refund_halted.v1")[-1]["why"] == "taken_back"
    desk.feed.at().deeper(3).all()
    assert (desk.row.status, desk.row.place) == (S.REFUNDED, Place.REFUNDED)
    desk.books_are(wallet="0.002", held=0, fee="0.002")
    desk.feed.lost().all()
    desk.books_are(wallet="-1.998", held=0, lost=2, fee="0.002")
    assert canonical(desk.row.shortage) == "0"
