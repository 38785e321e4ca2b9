"""What customers and their programs hear of addresses and withdrawals."""

from decimal import Decimal

import pytest

from kernel import clock
from kernel.events import topic_of_kind
from kernel.ids import uuid7
from notices import tasks, texts
from notices.states import PARAMS, SECURITY, Channel, Kind, Language, wanted_by_default
from wallet_bridge.address_book.events import AddressAdded
from wallet_bridge.withdrawals.events import WithdrawalCompleted, WithdrawalEnded, WithdrawalRequested, WithdrawalSent

CUSTOMER, ONE = uuid7(), uuid7()
MONEY = ("USDT", "ethereum", Decimal("30.50"))
FACTS = {
    Kind.ADDRESS_ADDED: AddressAdded(ONE, CUSTOMER, "ethereum", "0xabc", "Mine", clock.wall(), clock.wall()),
    Kind.WITHDRAWAL_REQUESTED: WithdrawalRequested(
        ONE, CUSTOMER, *MONEY, Decimal(1), "0xabc", "Mine", False, clock.wall()
    ),
    Kind.WITHDRAWAL_COMPLETED: WithdrawalCompleted(ONE, CUSTOMER, *MONEY, Decimal(1), "0xabc", "0xtx"),
    Kind.WITHDRAWAL_ENDED: WithdrawalEnded(ONE, CUSTOMER, *MONEY, "0xabc", "rejected", "Call us."),
}


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_each_is_told_to_its_customer_once_whole_and_in_both_languages(kind):
    wish = tasks._WISHES[type(FACTS[kind])](FACTS[kind])
    assert (wish.principal, wish.kind, wish.once, set(wish.params)) == (CUSTOMER, kind, str(ONE), PARAMS[kind])
    assert topic_of_kind(type(FACTS[kind])) in tasks.TOPICS
    for language in Language:
        text = texts.render(kind, language, wish.params)
        assert "0xabc" in text.body and "{" not in text.title + text.body
    assert wanted_by_default(kind, Channel.MAIL), "whoever did not do this reads it while it can be stopped"


def test_what_a_thief_would_do_is_always_told():
    assert {Kind.ADDRESS_ADDED, Kind.WITHDRAWAL_REQUESTED} <= SECURITY


def test_an_end_is_told_in_words():
    wish = tasks._WISHES[WithdrawalEnded](FACTS[Kind.WITHDRAWAL_ENDED])
    assert "was rejected by us: Call us." in texts.render(Kind.WITHDRAWAL_ENDED, Language.EN, wish.params).body
    assert "已被拒绝：Call us." in texts.render(Kind.WITHDRAWAL_ENDED, Language.ZH, wish.params).body


def test_programs_hear_all_five():
    sent = WithdrawalSent(ONE, CUSTOMER, *MONEY, "0xabc", "0xtx")
    for fact in (*FACTS.values(), sent):
        [news] = tasks._NEWS[type(fact)](uuid7(), fact)
        assert news.principal == CUSTOMER
        assert topic_of_kind(type(fact)) in tasks.MACHINE_TOPICS
