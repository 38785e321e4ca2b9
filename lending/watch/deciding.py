"""What one look at a loan means, exactly; and what is written about those whose level it changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from uuid import UUID

from kernel import outbox
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import MAX_SCALE, canonical, ceil_fraction, half_even_fraction
from lending.loans.record import Loan, RateStep, debt, position, tested
from lending.loans.rules import Position, repayment_needed
from lending.loans.states import Level
from lending.loans.watching import Look, Watch, look
from lending.prices import Observed, amounts
from lending.products.states import Line, Rebase
from lending.products.terms import ProductVersion
from lending.watch import queries
from lending.watch.events import LevelChanged
from lending.watch.queries import Entry, Evidence
from payments.assets import service as assets

Seen = Mapping[str, str]
"""Per asset when the price was made that a loan was last looked at with."""


_NOTHING_TO_SELL = Look(Watch(Level.MARGIN_CALL), Level.MARGIN_CALL, Line.DISPLAYED)
"""A debt that nothing secures any more: no price makes it worse, so its due days decide, and not a line."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One loan at one tick. `position` is what its lines were tested on, at these prices."""

    loan: Loan
    product: ProductVersion
    observed: Mapping[str, Observed]
    position: Position
    owed: Fraction
    look: Look

    @property
    def sells(self) -> bool:
        return self.look.decided is Level.LIQUIDATING

    @property
    def changes_level(self) -> bool:
        return self.look.watch.level is not self.loan.level

    def held_up(self) -> Verdict:
        """The same while a sale that was decided cannot be begun: the loan goes on waiting."""
        return replace(self, look=replace(self.look, watch=replace(self.look.watch, level=Level.PENDING_LIQUIDATION)))


def judge(
    loan: Loan, product: ProductVersion, steps: Sequence[RateStep], observed: Mapping[str, Observed], *, at: datetime
) -> Verdict:
    """Decide at these prices and this business time; the debt is that of the day. What is not pledged is no matter."""
    pledged = {*loan.collateral, *(loan.origination["collateral"] if product.terms.rebase is Rebase.FROZEN else ())}
    observed = {asset: each for asset, each in observed.items() if asset in pledged}
    owed = debt(loan, product, at.astimezone(UTC).date(), steps)
    marked = tested(loan, product, amounts(observed), owed)
    if owed > 0 and not any(loan.collateral.values()):
        return Verdict(loan, product, observed, marked, owed, _NOTHING_TO_SELL)
    seen = {asset: each.seen for asset, each in observed.items()}
    return Verdict(
        loan, product, observed, marked, owed, look(loan.watch, marked, seen, at=at, guard=product.terms.guard)
    )


def seen_at(verdict: Verdict) -> Seen:
    needed = [pledge.asset for pledge in verdict.position.pledges if pledge.quantity > 0]
    return {asset: str(verdict.observed[asset].evidence["as_of"]) for asset in needed}


def is_news(verdict: Verdict, before: Seen | None) -> bool:
    """Whether this look counts. While a sale waits to be confirmed, one price is one observation, however often it is read.

    `before` is None for whoever has just taken over: the other may have counted this very price.
    """
    waits = verdict.loan.level is Level.PENDING_LIQUIDATION and verdict.look.line is Line.ACTUAL
    if not waits:
        return True
    now = seen_at(verdict)
    return before is not None and all(before.get(asset) != made for asset, made in now.items())


def write(tx: Tx, verdicts: Sequence[Verdict], *, at: datetime) -> None:
    """Store what is remembered of these loans now, with evidence, timeline and event for each changed level. Their rows are locked."""
    queries.write_watches(tx, {verdict.loan.id: verdict.look.watch for verdict in verdicts})
    record(tx, [verdict for verdict in verdicts if verdict.changes_level], at=at)


def record(tx: Tx, changed: Sequence[Verdict], *, at: datetime) -> list[UUID]:
    """Evidence, timeline and event of changed levels; the row itself is the caller's. Answers the ids of the evidence."""
    if not changed:
        return []
    evidence = [_evidence(verdict) for verdict in changed]
    pairs = list(zip(changed, evidence, strict=True))
    queries.insert_evidence(tx, evidence, at=at)
    queries.insert_events(tx, [entry for verdict, seen in pairs for entry in _entries(verdict, seen)], at=at)
    outbox.publish_all(tx, [(_fact(verdict, seen, at), str(verdict.loan.id)) for verdict, seen in pairs])
    return [one.id for one in evidence]


def _evidence(verdict: Verdict) -> Evidence:
    prices = {asset: dict(each.evidence) for asset, each in sorted(verdict.observed.items())}
    line = verdict.look.line
    return Evidence(
        id=uuid7(),
        loan_id=verdict.loan.id,
        from_level=verdict.loan.level,
        to_level=verdict.look.watch.level,
        line=None if line is None else line.value,
        debt=half_even_fraction(Fraction(verdict.position.debt), MAX_SCALE),
        prices=json.dumps(prices),
    )


def _entries(verdict: Verdict, evidence: Evidence) -> list[Entry]:
    """For the customer what customers are told; for staff what it really was, where that is something else."""
    real = {"from": evidence.from_level.value, "to": evidence.to_level.value}
    told = {"from": _told(evidence.from_level), "to": _told(evidence.to_level)}
    prices = {asset: canonical(each.seen.price) for asset, each in sorted(verdict.observed.items())}
    entries = []
    if told["from"] != told["to"]:
        entries.append(Entry(verdict.loan.id, "level_changed", True, {**told, "prices": prices}))
    if real != told:
        known = {"line": evidence.line, "evidence_id": str(evidence.id), "prices": prices}
        entries.append(Entry(verdict.loan.id, "level_decided", False, {**real, **known}))
    return entries


def _fact(verdict: Verdict, evidence: Evidence, at: datetime) -> LevelChanged:
    scale = assets.scale(verdict.loan.asset)
    live = position(verdict.loan, verdict.product, amounts(verdict.observed), verdict.owed)
    return LevelChanged(
        loan_id=verdict.loan.id,
        customer_id=verdict.loan.customer_id,
        asset=verdict.loan.asset,
        from_level=evidence.from_level.value,
        to_level=evidence.to_level.value,
        told_from=_told(evidence.from_level),
        told_to=_told(evidence.to_level),
        prices={asset: each.seen.price for asset, each in sorted(verdict.observed.items())},
        debt=ceil_fraction(verdict.owed, scale),
        repay=repayment_needed(live, scale=scale),
        evidence_id=evidence.id,
        changed_at=at,
    )


def _told(level: Level) -> str:
    return level.told_to_customers().value
