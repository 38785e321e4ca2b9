"""What customers are owed beside their own accounts: money that stands in an account of the house, such as the principal of a subscription.

The packages above know whose it is. They say so in SQL, which is read in the snapshot's own transaction, and name the house's accounts, by
which the sum is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """`sql`: rows of customer_id, asset and amount of the tenant `:tenant`. `prefix`: of the paths of the accounts where it all stands."""

    sql: str
    prefix: str


_claims: dict[str, Claim] = {}


def register(name: str, claim: Claim) -> None:
    _claims[name] = claim


def registered() -> Sequence[Claim]:
    return [_claims[name] for name in sorted(_claims)]
