"""The choice for the maturity, how much of a subscription goes on, and when its customer is told."""

from datetime import date
from decimal import Decimal as D

import pytest

from earn.renewals import rules
from earn.renewals.errors import RenewalNotOffered
from earn.subscriptions.states import SUBSCRIPTION
from earn.subscriptions.states import SubscriptionStatus as S
from earn.templates.states import Renewal
from kernel.errors import InvalidTransition

OFFERED = (Renewal.RENEW_ALL, Renewal.PAY_OUT)


def test_the_first_of_the_offer_counts_unless_something_is_chosen():
    assert rules.chosen(None, OFFERED) is Renewal.RENEW_ALL
    assert rules.chosen(Renewal.PAY_OUT, OFFERED) is Renewal.PAY_OUT
    with pytest.raises(RenewalNotOffered):
        rules.chosen(Renewal.MOVE, OFFERED)


@pytest.mark.parametrize(
    ("before", "offered", "after"),
    [
        (Renewal.RENEW_ALL, (Renewal.PAY_OUT, Renewal.RENEW_ALL), Renewal.RENEW_ALL),
        (Renewal.RENEW_PRINCIPAL, OFFERED, Renewal.RENEW_ALL),
        (Renewal.MOVE, (Renewal.PAY_OUT, Renewal.MOVE), Renewal.PAY_OUT),
    ],
)
def test_a_choice_goes_on_where_the_new_offer_has_it_and_a_move_has_arrived(before, offered, after):
    assert rules.carried_on(before, offered) is after


@pytest.mark.parametrize(
    ("renewal", "step", "expected"),
    [
        (Renewal.RENEW_PRINCIPAL, "10", "1000"),
        (Renewal.MOVE, "10", "1000"),
        (Renewal.RENEW_ALL, "10", "1010"),
        (Renewal.RENEW_ALL, "0.01", "1012.34"),
        (Renewal.RENEW_ALL, "300", "900"),
        (Renewal.RENEW_ALL, "2000", "0"),
    ],
)
def test_what_goes_on_is_cut_to_whole_steps(renewal, step, expected):
    assert rules.going_on(renewal, principal=D(1000), interest=D("12.345678"), step=D(step)) == D(expected)


@pytest.mark.parametrize(
    ("maturity", "after", "holidays", "expected"),
    [
        (date(2031, 3, 6), date(2031, 1, 1), (), date(2031, 3, 3)),  # Thursday: Wednesday, Tuesday, Monday
        (date(2031, 3, 4), date(2031, 1, 1), (), date(2031, 2, 27)),  # Tuesday, over a weekend
        (date(2031, 3, 9), date(2031, 1, 1), (), date(2031, 3, 5)),  # Sunday
        (date(2031, 3, 6), date(2031, 1, 1), (date(2031, 3, 4),), date(2031, 2, 28)),
        (date(2031, 3, 6), date(2031, 3, 2), (), date(2031, 3, 3)),
        (date(2031, 3, 6), date(2031, 3, 3), (), None),
        (date(2031, 3, 6), date(2031, 3, 5), (), None),
    ],
)
def test_three_business_days_before_unless_it_has_only_begun(maturity, after, holidays, expected):
    assert rules.remind_on(maturity, after=after, holidays=holidays) == expected


def test_what_has_ended_stays_as_it_ended():
    for end in (S.PAID_OUT, S.RENEWED, S.REDEEMED_EARLY):
        SUBSCRIPTION.check(S.ACTIVE, end)
        for other in S:
            with pytest.raises(InvalidTransition):
                SUBSCRIPTION.check(end, other)
