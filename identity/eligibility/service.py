"""May this customer do this? One question for every product, asked in the transaction of the deed, by one statement.

Lending, earn and the wallet ask the same way: `require(tx, customer, Product.LENDING, Action.BEGIN)`.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from identity.audit import service as audit
from identity.eligibility import queries, rules
from identity.eligibility.errors import NotEligible
from identity.eligibility.rules import RIGHTS, Decision, Standing
from identity.eligibility.states import Action, Level, Product, Ruling, Screening
from kernel.db import Tx

__all__ = ["Action", "Decision", "Level", "Product", "Ruling", "Standing"]


def eligibility(tx: Tx, customer: UUID, product: Product, action: Action) -> Decision:
    """What is allowed at this moment, and why not."""
    asked = queries.ask(tx, customer, product, action)
    given = RIGHTS.get((product, action), ()) if asked.rights is None else asked.rights
    return rules.decide(asked.standing, given, asked.countries, action=action)


def require(tx: Tx, customer: UUID, product: Product, action: Action = Action.BEGIN) -> Decision:
    """The decision, where it is a yes.

    Raises:
        NotEligible: it is a no, or a person has to look first.
    """
    decision = eligibility(tx, customer, product, action)
    if not decision.allowed:
        raise NotEligible(
            verdict=decision.verdict.value,
            reasons=[reason.value for reason in decision.told],
            level=None if decision.level is None else int(decision.level),
        )
    return decision


def open_standing(tx: Tx, customer: UUID, *, level: Level, country: str | None = None) -> None:
    """Everybody begins somewhere: with the account. Step of whoever makes it."""
    queries.insert(tx, customer, Standing(level, country, Screening.VOUCHED))


def standing(tx: Tx, customer: UUID) -> Standing | None:
    return queries.standing(tx, customer)


def raise_level(tx: Tx, customer: UUID, *, level: Level, country: str) -> None:
    """A person has decided that the customer is this well known. Never down: taking away is another decision."""
    before = queries.standing(tx, customer, lock=True)
    assert before is not None, "a customer has a standing from the first moment"
    _change(tx, customer, before, replace(before, level=max(before.level, level), country=country))


def mark(tx: Tx, customer: UUID, screening: Screening) -> None:
    """What the lists say now."""
    before = queries.standing(tx, customer, lock=True)
    assert before is not None, "a customer has a standing from the first moment"
    if before.screening is not screening:
        _change(tx, customer, before, replace(before, screening=screening))


def _change(tx: Tx, customer: UUID, before: Standing, after: Standing) -> None:
    queries.update(tx, customer, after)
    audit.record(
        tx, "standing.changed", kind="principal", resource=customer, before=_plain(before), after=_plain(after),
        level=int(after.level), screening=after.screening.value,
    )  # fmt: skip


def _plain(standing: Standing) -> dict[str, object]:
    return {"level": int(standing.level), "country": standing.country, "screening": standing.screening.value}
