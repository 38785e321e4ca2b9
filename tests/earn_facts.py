"""One fact of each kind about the maturity of a subscription, for who tells of them."""

from datetime import date
from decimal import Decimal as D

from earn.renewals.events import MaturesSoon, RenewalRefused, Renewed
from kernel.ids import uuid7


def renewals(customer, one):
    """One fact of each kind."""
    return [
        MaturesSoon(one, customer, "USDT", D(1000), date(2027, 4, 5), "renew_principal"),
        Renewed(one, customer, uuid7(), "USDT", D(1000), D("4.1"), D("0.055"), date(2027, 7, 5)),
        RenewalRefused(one, customer, "USDT", D(1000), "sold_out"),
    ]
