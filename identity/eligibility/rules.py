"""Pure: from how well somebody is known, and what is in force, to a yes, a no, or a look by a person.

Whatever is not known counts against: no standing is a no, a right that nobody wrote down is a no, and a customer whose country is unknown
falls under every rule that any country has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from identity.eligibility.states import Action, Level, Obstacle, Product, Ruling, Screening

EVERYWHERE = "*"
_KEPT_FROM_THE_CUSTOMER = frozenset({Obstacle.SCREENING_REVIEW, Obstacle.SCREENING_CONFIRMED})
_STRICTNESS = (Ruling.ALLOW, Ruling.REVIEW, Ruling.DENY)


@dataclass(frozen=True, slots=True)
class Standing:
    level: Level
    country: str | None
    screening: Screening


@dataclass(frozen=True, slots=True)
class Right:
    """From this level on; `per_day` in the reporting currency, None for as much as they like."""

    level: Level
    per_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CountryRule:
    country: str
    verdict: Ruling


@dataclass(frozen=True, slots=True)
class Decision:
    """`level`: the one it takes, where the level is what is missing. `per_day`: how much of it, where it is allowed."""

    verdict: Ruling
    reasons: tuple[Obstacle, ...] = ()
    level: Level | None = None
    per_day: Decimal | None = None

    @property
    def allowed(self) -> bool:
        return self.verdict is Ruling.ALLOW

    @property
    def told(self) -> tuple[Obstacle, ...]:
        """What the customer may know of the reasons: never that a list of names is one."""
        return tuple(reason for reason in self.reasons if reason not in _KEPT_FROM_THE_CUSTOMER)


RIGHTS: dict[tuple[Product, Action], tuple[Right, ...]] = {
    (Product.TRADING, Action.BEGIN): (Right(Level.IDENTIFIED, Decimal(10_000)), Right(Level.VERIFIED)),
    (Product.TRANSFERS, Action.BEGIN): (Right(Level.IDENTIFIED),),
    (Product.DEPOSITS, Action.BEGIN): (Right(Level.IDENTIFIED),),
    (Product.WITHDRAWALS, Action.BEGIN): (Right(Level.IDENTIFIED, Decimal(2_000)), Right(Level.VERIFIED)),
    (Product.LENDING, Action.BEGIN): (Right(Level.VERIFIED),),
    (Product.EARN, Action.BEGIN): (Right(Level.VERIFIED),),
    **{(product, Action.END): (Right(Level.REGISTERED),) for product in Product},
}
"""What each level may, where a house has written nothing else."""


def decide(
    standing: Standing | None, rights: Sequence[Right], countries: Iterable[CountryRule], *, action: Action
) -> Decision:
    """The strictest of what the level, the lists of names and the country say."""
    if standing is None:
        return Decision(Ruling.DENY, (Obstacle.UNKNOWN_CUSTOMER,))
    if not rights:
        return Decision(Ruling.DENY, (Obstacle.NOT_OFFERED,))
    said = [*_by_lists(standing.screening, action), *_by_country(standing.country, list(countries), action)]
    held = [right for right in rights if right.level <= standing.level]
    if not held:
        said.insert(0, (Ruling.DENY, Obstacle.LEVEL_TOO_LOW))
    verdict = max((word for word, _ in said), key=_STRICTNESS.index, default=Ruling.ALLOW)
    return Decision(
        verdict,
        tuple(reason for _, reason in said),
        level=None if held else min(right.level for right in rights),
        per_day=max(held, key=lambda right: right.level).per_day if verdict is Ruling.ALLOW else None,
    )


def _by_lists(screening: Screening, action: Action) -> list[tuple[Ruling, Obstacle]]:
    """Who may be on a list begins nothing; who is on one does nothing at all, not even take money out."""
    if screening is Screening.CONFIRMED:
        return [(Ruling.DENY, Obstacle.SCREENING_CONFIRMED)]
    if screening is Screening.REVIEW and action is Action.BEGIN:
        return [(Ruling.REVIEW, Obstacle.SCREENING_REVIEW)]
    return []


def _by_country(country: str | None, countries: Sequence[CountryRule], action: Action) -> list[tuple[Ruling, Obstacle]]:
    """The rule that came into force last counts (they come in that order): of this country, else of everywhere."""
    own = [rule for rule in countries if rule.country == country]
    counting = (own or [rule for rule in countries if rule.country == EVERYWHERE])[:1]
    if counting and counting[0].verdict is not Ruling.ALLOW:
        verdict = counting[0].verdict
        return [(verdict, Obstacle.COUNTRY_DENIED if verdict is Ruling.DENY else Obstacle.COUNTRY_REVIEW)]
    strict = any(rule.verdict is not Ruling.ALLOW for rule in countries)
    if country is None and strict and action is Action.BEGIN:
        return [(Ruling.REVIEW, Obstacle.COUNTRY_UNKNOWN)]
    return []
