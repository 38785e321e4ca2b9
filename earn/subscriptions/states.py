"""Where a subscription stands."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class SubscriptionStatus(StrEnum):
    ACTIVE = "active"
    PAID_OUT = "paid_out"  # it reached its maturity
    RENEWED = "renewed"  # it reached its maturity and goes on as another one
    REDEEMED_EARLY = "redeemed_early"


SUBSCRIPTION = States(
    "subscription",
    SubscriptionStatus,
    initial={SubscriptionStatus.ACTIVE},
    moves={
        SubscriptionStatus.ACTIVE: {
            SubscriptionStatus.PAID_OUT,
            SubscriptionStatus.RENEWED,
            SubscriptionStatus.REDEEMED_EARLY,
        },
        SubscriptionStatus.PAID_OUT: set(),
        SubscriptionStatus.RENEWED: set(),
        SubscriptionStatus.REDEEMED_EARLY: set(),
    },
)
